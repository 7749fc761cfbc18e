"""Starting processes that end with this one, in whatever way it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType

import psutil

import hub
from hub.errors import Conflict, Unavailable
from hub.postgres import locks

#: Every process started carries this, so that what a crash left behind can be told.
MARK = "HUB_RUNNING"
END_WITHIN = 60.0


class Group:
    """The processes of one hub; leaving the block ends them all."""

    def __init__(self, home: Path) -> None:
        self._home = home.absolute()
        self._codes: dict[str, int] = {}
        self._passing: set[str] = set()

    def __enter__(self) -> Group:
        self._home.mkdir(parents=True, exist_ok=True)
        self._lock = locks.opened(self._home / "running.lock")
        if not locks.taken(self._lock):
            os.close(self._lock)
            raise Conflict(f"the hub of {self._home} is running already")
        _end_left_over(self._home)
        self._watcher = subprocess.Popen(
            [sys.executable, "-m", "hub.running.watcher"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self._environment({}),
            # Out of reach of the terminal's ctrl-c: processes are ended in order, not all at once.
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._watcher.stdin is not None
        assert self._watcher.stdout is not None
        with _undisturbed():
            with suppress(BrokenPipeError):
                self._watcher.stdin.close()
            try:
                self._watcher.wait(END_WITHIN)
            except subprocess.TimeoutExpired:
                self._watcher.kill()
                self._watcher.wait()
            self._reader.join()
            self._watcher.stdout.close()
            _end_left_over(self._home)
            os.close(self._lock)

    def start(self, name: str, command: Sequence[str], settings: Mapping[str, str]) -> None:
        """Start a process that is to stay; it writes to a log of its name."""
        log = self.log(name)
        log.parent.mkdir(exist_ok=True)
        order = {
            "name": name,
            "command": list(command),
            "environment": self._environment(settings),
            "log": str(log),
        }
        assert self._watcher.stdin is not None
        self._watcher.stdin.write(json.dumps(order).encode() + b"\n")
        self._watcher.stdin.flush()

    def begin(self, name: str, command: Sequence[str], settings: Mapping[str, str]) -> None:
        """Start a process that is to end by itself, and well; `finish` waits for it."""
        self._passing.add(name)
        self.start(name, command, settings)

    def finish(self, name: str, within: float = 600) -> None:
        """Wait until a process that was begun has ended."""
        self.until(lambda: name in self._codes, within, name)

    def log(self, name: str) -> Path:
        """Return the file a process writes to."""
        return self._home / "logs" / f"{name}.log"

    def check(self) -> None:
        """Raise Unavailable where a process has ended that should not have."""
        for name, code in list(self._codes.items()):
            if code != 0 or name not in self._passing:
                raise Unavailable(f"{name} ended with exit code {code}; see {self.log(name)}")
        if self._watcher.poll() is not None:
            raise Unavailable("the watcher of the hub's processes was killed")

    def until(self, fact: Callable[[], bool], within: float, what: str) -> None:
        """Wait until something is so; give up when a process ends, or after a while."""
        deadline = time.monotonic() + within
        while not fact():
            self.check()
            if time.monotonic() > deadline:
                raise Unavailable(f"waited {within:.0f} seconds in vain for {what}")
            time.sleep(0.1)
        self.check()

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        package = str(Path(hub.__file__).parent.parent)
        paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
        # Processes that rename themselves would overwrite the mark without the last of these.
        own = {MARK: str(self._home), "PYTHONPATH": os.pathsep.join(paths), "SPT_NOENV": "1"}
        return os.environ | own | dict(settings)

    def _read(self) -> None:
        assert self._watcher.stdout is not None
        for line in self._watcher.stdout:
            told = json.loads(line)
            self._codes[told["ended"]] = told["code"]


@contextmanager
def until_told() -> Iterator[None]:
    """Have SIGTERM and a lost terminal end the block as ctrl-c does."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let nothing keep the end from being seen through."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {each: signal.signal(each, signal.SIG_IGN) for each in ends}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _end_left_over(home: Path) -> None:
    """End what an earlier run of this home left behind; there is none but after a crash."""
    left = [process for process in psutil.process_iter() if _is_of(process, home)]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    for process in psutil.wait_procs(left, 10)[1]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, 10)


def _is_of(process: psutil.Process, home: Path) -> bool:
    try:
        # This process may itself be one of another hub's tasks, but never of its own.
        return process.pid != os.getpid() and process.environ().get(MARK) == str(home)
    except (psutil.Error, OSError):
        return False
