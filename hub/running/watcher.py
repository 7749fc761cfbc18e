"""The parent of the hub's processes: it ends them all when its own parent is gone.

Run by `hub.running.group`, which writes one JSON line for each process to start. The end of that
pipe, however it comes about, is the order to end everything; so kill -9 is an order too.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

import psutil

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
# Airflow's scheduler waits for its tasks; what takes longer loses nothing by being killed.
PATIENCE = 8.0

_children: dict[int, tuple[str, subprocess.Popen[bytes]]] = {}
_told_to_end = False


def main() -> None:
    """Start what the pipe says, report what ends, and end all with the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end_soon)
    # What a child leaves behind becomes ours, and is found when all is ended.
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    unread = b""
    while not _told_to_end:
        if select.select([sys.stdin], [], [], 0.1)[0]:
            read = os.read(sys.stdin.fileno(), 1 << 16)
            if not read:
                break
            *lines, unread = (unread + read).split(b"\n")
            for line in lines:
                _start(json.loads(line))
        _reap()
    _end_all()


def _start(order: dict[str, Any]) -> None:
    try:
        with open(order["log"], "ab") as log:
            child = subprocess.Popen(
                order["command"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=order["environment"],
                # Should this process be killed, the kernel tells its children to end.
                preexec_fn=lambda: _prctl(PR_SET_PDEATHSIG, signal.SIGTERM),
            )
    except OSError:
        _report(order["name"], 127)
    else:
        _children[child.pid] = (order["name"], child)


def _reap() -> bool:
    """Take note of processes that have ended; tell whether there are any left."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True
        name, child = _children.pop(pid, (None, None))
        if name is not None and child is not None:
            child.returncode = os.waitstatus_to_exitcode(status)
            _report(name, child.returncode)


def _report(name: str, code: int) -> None:
    # The reader may be gone; then nobody needs to know.
    with suppress(OSError):
        os.write(sys.stdout.fileno(), json.dumps({"ended": name, "code": code}).encode() + b"\n")


def _end_all() -> None:
    """End every process below this one, also those that left its group or lost their parent."""
    deadline = time.monotonic() + PATIENCE
    told: set[int] = set()
    while _reap():
        late = time.monotonic() > deadline
        for process in psutil.Process().children(recursive=True):
            if late or process.pid not in told:
                told.add(process.pid)
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL if late else signal.SIGTERM)
        time.sleep(0.05)


def _end_soon(_signal: int, _frame: object) -> None:
    global _told_to_end
    _told_to_end = True


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


if __name__ == "__main__":
    main()
