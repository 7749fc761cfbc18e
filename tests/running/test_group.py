from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from hub.errors import Conflict, Unavailable
from hub.running.group import MARK, Group

#: A process with a child in a group of its own, and an orphan in a session of its own.
FAMILY = """
import os, signal, sys, time
if os.fork() == 0:
    os.setpgid(0, 0)
    signal.pause()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.pause()
    os._exit(0)
open(sys.argv[1], "w").close()
signal.pause()
"""
STUBBORN = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "w").close()
while True:
    signal.pause()
"""
FRONT = """
import signal, sys
from pathlib import Path
from hub.running.group import Group
home = Path(sys.argv[1])
# What a shell starts in the background ignores ctrl-c, and so would all it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
with Group(home) as group:
    group.start("family", [sys.executable, "-c", sys.argv[2], str(home / "ready")], {})
    signal.pause()
"""


def those_of(home: Path) -> list[psutil.Process]:
    """Find the processes of a home, the watcher among them, by the mark they carry."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(home) and process.pid != os.getpid():
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def soon(fact: Callable[[], bool], within: float = 20) -> bool:
    deadline = time.monotonic() + within
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.02)
    return fact()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    left = those_of(tmp_path)
    for process in left:
        process.kill()
    assert left == []


def front(home: Path, family: str = FAMILY) -> subprocess.Popen[bytes]:
    """Start a process that starts a family, and wait until that is complete."""
    started = subprocess.Popen([sys.executable, "-c", FRONT, str(home), family])
    assert soon((home / "ready").exists)
    return started


def test_all_descendants_end_with_the_block(home: Path) -> None:
    with Group(home) as group:
        group.start("family", [sys.executable, "-c", FAMILY, str(home / "ready")], {})
        assert soon(lambda: len(those_of(home)) == 4)
    assert those_of(home) == []


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGKILL])
def test_all_descendants_end_however_their_starter_does(home: Path, told: int) -> None:
    starter = front(home)
    # One of them may be ready before another has become what it is.
    assert soon(lambda: len(those_of(home)) == 4)
    starter.send_signal(told)
    starter.wait(30)
    assert soon(lambda: those_of(home) == [])


def test_a_killed_watcher_is_noticed_and_its_children_end(home: Path) -> None:
    with Group(home) as group:
        group.start("sleeper", ["sleep", "1000"], {})
        assert soon(lambda: len(those_of(home)) == 2)
        [watcher] = [p for p in those_of(home) if "hub.running.watcher" in p.cmdline()]
        watcher.kill()
        with pytest.raises(Unavailable, match="watcher"):
            group.until(lambda: False, 20, "nothing")
        assert soon(lambda: those_of(home) == [])


def test_what_a_crash_left_behind_ends_with_the_next_start(home: Path) -> None:
    starter = front(home, STUBBORN)
    starter.kill()
    [watcher] = [p for p in those_of(home) if "hub.running.watcher" in p.cmdline()]
    watcher.kill()
    starter.wait(30)
    assert soon(lambda: len(those_of(home)) == 1)
    [left] = those_of(home)
    with Group(home):
        assert not left.is_running()


def test_one_home_has_one_group(home: Path) -> None:
    with Group(home), pytest.raises(Conflict, match="running already"):
        Group(home).__enter__()
    with Group(home) as again:
        again.check()


def test_a_process_that_ends_by_itself_is_named_with_its_log(home: Path) -> None:
    with Group(home) as group:
        group.start("api", ["sh", "-c", "echo said; exit 7"], {})
        with pytest.raises(Unavailable, match=r"api ended with exit code 7; see .*api\.log"):
            group.until(lambda: False, 20, "nothing")
        assert group.log("api").read_text() == "said\n"


def test_a_program_that_is_not_there_is_named(home: Path) -> None:
    with Group(home) as group:
        group.start("api", [str(home / "nothing")], {})
        with pytest.raises(Unavailable, match="api ended with exit code 127"):
            group.until(lambda: False, 20, "nothing")


def test_a_process_that_is_to_end_may(home: Path) -> None:
    with Group(home) as group:
        group.begin("migrate", ["sh", "-c", 'exit "$CODE"'], {"CODE": "0"})
        group.finish("migrate")
        group.check()
        group.begin("migrate again", ["sh", "-c", 'exit "$CODE"'], {"CODE": "3"})
        with pytest.raises(Unavailable, match="migrate again ended with exit code 3"):
            group.finish("migrate again")


def test_waiting_is_bounded(home: Path) -> None:
    with Group(home) as group, pytest.raises(Unavailable, match="in vain for the API"):
        group.until(lambda: False, 0.1, "the API")


@pytest.mark.long
def test_a_process_that_does_not_want_to_end_is_killed(home: Path) -> None:
    with Group(home) as group:
        group.start("stubborn", [sys.executable, "-c", STUBBORN, str(home / "ready")], {})
        assert soon((home / "ready").exists)
    assert those_of(home) == []
