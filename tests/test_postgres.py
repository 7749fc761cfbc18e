from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest

from hub.errors import DatabaseUnavailable
from hub.postgres import embedded_url, release

#: Uses a server, says where it is, and goes on using it until told to end.
USER = """
import sys
from pathlib import Path
import psycopg2
from hub.postgres import embedded_url
url = embedded_url(Path(sys.argv[1]))
print(url, flush=True)
if len(sys.argv) > 2:
    psycopg2.connect(url.replace("+psycopg2", "")).cursor().execute(sys.argv[2])
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """Make a cluster once: tests get copies of it, which is faster."""
    folder = Path(tempfile.mkdtemp(prefix="hub-test-"))
    folder.chmod(0o711)
    embedded_url(folder)
    release(folder)
    yield folder / "postgres" / "data"
    shutil.rmtree(folder)


@pytest.fixture
def home(cluster: Path) -> Iterator[Path]:
    """Give a home that root's server can stay in, and see that no server stays behind."""
    folder = Path(tempfile.mkdtemp(prefix="hub-test-"))
    folder.chmod(0o711)
    (folder / "postgres").mkdir(mode=0o711)
    subprocess.run(["cp", "-a", cluster, folder / "postgres"], check=True)
    yield folder
    release(folder)
    left = servers(folder)
    for process in left:
        process.kill()
    shutil.rmtree(folder)
    assert left == []


class User:
    """Another process that uses the server of a home."""

    def __init__(self, home: Path, *then: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(home), *then],
            stderr=subprocess.DEVNULL,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def url(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate(timeout=30)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)


def servers(home: Path) -> list[psutil.Process]:
    """Find the servers and keepers of a home, whoever started them."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = " ".join(process.info["cmdline"] or [])
        if str(home) in words and ("hub.postgres.keeper" in words or "/postgres -D" in words):
            found.append(process)
    return found


def one(home: Path, word: str) -> psutil.Process:
    [found] = [process for process in servers(home) if word in " ".join(process.cmdline())]
    return found


def soon(fact: Callable[[], bool], within: float = 20) -> bool:
    deadline = time.monotonic() + within
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.02)
    return fact()


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url.replace("+psycopg2", ""))) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_the_server_ends_with_its_last_user_and_its_rows_stay(home: Path) -> None:
    url = embedded_url(home)
    ask(url, "CREATE TABLE said AS SELECT 1 AS a")
    assert servers(home)
    release(home)
    assert servers(home) == []
    assert ask(embedded_url(home), "SELECT a FROM said") == [(1,)]


def test_processes_share_one_server(home: Path) -> None:
    users = [User(home) for _ in range(4)]
    assert len({user.url() for user in users}) == 1
    assert len(servers(home)) == 2
    ours = embedded_url(home)
    for user in users:
        user.leave()
    assert ask(ours, "SELECT 1") == [(1,)]


def test_a_process_that_ends_takes_its_server_with_it(home: Path) -> None:
    user = User(home)
    assert user.url()
    user.leave()
    assert servers(home) == []


def test_a_killed_user_leaves_no_server_behind(home: Path) -> None:
    user = User(home)
    assert user.url()
    user.kill()
    assert soon(lambda: servers(home) == [])


def test_a_killed_server_comes_back_with_what_was_committed(home: Path) -> None:
    url = embedded_url(home)
    ask(url, "CREATE TABLE said AS SELECT 1 AS a")
    busy = User(home, "SELECT count(*) FROM generate_series(1, 1000000000000)")
    assert busy.url() == url
    working = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%series(1, 10%'"
    assert soon(lambda: ask(url, f"{working} AND pid <> pg_backend_pid()") == [(1,)])
    # Its process is too busy to notice that the server is no more.
    one(home, "/postgres -D").kill()
    assert ask(embedded_url(home, anew=True), "SELECT a FROM said") == [(1,)]
    busy.leave()


def test_a_killed_keeper_takes_the_server_with_it_and_the_next_use_brings_both_back(
    home: Path,
) -> None:
    ask(embedded_url(home), "CREATE TABLE said AS SELECT 1 AS a")
    server = one(home, "/postgres -D")
    one(home, "hub.postgres.keeper").kill()
    server.wait(20)
    assert ask(embedded_url(home, anew=True), "SELECT a FROM said") == [(1,)]


def test_everything_killed_at_once_is_mended_by_running_again(home: Path) -> None:
    user = User(home)
    ask(user.url(), "CREATE TABLE said AS SELECT 1 AS a")
    for process in [*servers(home), psutil.Process(user.process.pid)]:
        process.kill()
    user.process.communicate(timeout=30)
    assert ask(embedded_url(home), "SELECT a FROM said") == [(1,)]


def test_a_pid_file_left_by_a_crash_does_not_stop_the_start(home: Path) -> None:
    embedded_url(home)
    release(home)
    # After a restart of the machine, that number belongs to somebody else: here, to this test.
    left = f"{os.getpid()}\n{home}/postgres/data\n1\n5432\n\n\n1 1\nready\n"
    data = home / "postgres" / "data"
    (data / "postmaster.pid").write_text(left)
    os.chown(data / "postmaster.pid", data.stat().st_uid, data.stat().st_gid)
    assert ask(embedded_url(home), "SELECT 1") == [(1,)]


def test_a_start_that_was_broken_off_is_begun_anew(home: Path) -> None:
    half = home / "postgres" / "data.new"
    (home / "postgres" / "data").rename(half)
    shutil.rmtree(half / "base")
    assert ask(embedded_url(home), "SELECT 1") == [(1,)]


def test_a_home_with_a_long_path_works(home: Path) -> None:
    deep = home / ("x" * 100) / "home"
    url = embedded_url(deep)
    try:
        assert ask(url, "SELECT 1") == [(1,)]
    finally:
        release(deep)
    assert not Path(url.split("host=")[1]).exists()


def test_folders_of_others_keep_their_permissions(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    inside = closed / "home"
    url = embedded_url(inside)
    try:
        assert ask(url, "SELECT 1") == [(1,)]
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert closed.stat().st_uid == os.geteuid()
        if os.geteuid() == 0:
            # Root's server stays elsewhere, and begins afresh with a fresh home.
            room = Path(url.split("host=")[1]).parent
            assert not room.is_relative_to(home)
    finally:
        release(inside)
    if os.geteuid() == 0:
        shutil.rmtree(room)


def test_nobody_else_gets_to_the_data(home: Path) -> None:
    url = embedded_url(home)
    for folder in (home / "postgres" / "data", Path(url.split("host=")[1])):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert ask(url, "SHOW listen_addresses") == [("",)]
    assert "trust" not in (home / "postgres" / "data" / "pg_hba.conf").read_text()


def test_what_is_accepted_is_durable(home: Path) -> None:
    url = embedded_url(home)
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert ask(url, f"SHOW {setting}") == [("on",)]


def test_the_log_holds_no_value_of_a_row(home: Path) -> None:
    url = embedded_url(home)
    ask(url, "CREATE TABLE said (a integer UNIQUE)")
    ask(url, "INSERT INTO said VALUES (4711)")
    with pytest.raises(psycopg2.Error):
        ask(url, "INSERT INTO said VALUES (4711)")
    log = (home / "postgres" / "log").read_text()
    assert "duplicate key" in log
    assert "4711" not in log


def test_a_server_that_cannot_start_says_why_in_one_line(home: Path) -> None:
    embedded_url(home)
    release(home)
    (home / "postgres" / "data" / "global" / "pg_control").unlink()
    with pytest.raises(DatabaseUnavailable, match="pg_control") as caught:
        embedded_url(home)
    assert "\n" not in str(caught.value)


def test_a_home_that_is_a_file_says_so_in_one_line(home: Path) -> None:
    (home / "file").write_text("")
    with pytest.raises(DatabaseUnavailable, match="cannot make the folder"):
        embedded_url(home / "file")


def test_ctrl_c_at_a_terminal_does_not_reach_the_server(home: Path) -> None:
    user = User(home)
    url = user.url()
    keeper = one(home, "hub.postgres.keeper")
    assert os.getsid(keeper.pid) != os.getsid(user.process.pid)
    user.process.send_signal(signal.SIGINT)
    user.process.communicate(timeout=30)
    assert url
    assert servers(home) == []
