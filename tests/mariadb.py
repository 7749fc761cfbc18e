"""A MariaDB of the tests' own: Debian's `mariadb-server`, a database for each test.

Many a department's system stands on MySQL or MariaDB. Only root can install it; where it is
missing its tests skip, saying so.
"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

NEEDED = ("mariadbd", "mariadb-install-db")
#: Debian keeps the server where only root's path leads.
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
READY = "ready for connections"
#: As Debian sets it up.
LETTERS = ("--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci")
#: Nobody misses these databases after a power cut.
QUICK = ("--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M")


@contextmanager
def a_mariadb() -> Iterator[sa.URL]:
    """Run a server on 127.0.0.1 with a folder of its own; give the address of its first user."""
    found = {name: shutil.which(name, path=PLACES) for name in NEEDED}
    if missing := [name for name, path in found.items() if path is None]:
        pytest.skip(f"no {' and no '.join(missing)}: install Debian's mariadb-server")
    folder = Path(tempfile.mkdtemp(prefix="hub-mariadb-"))
    try:
        yield from _running([str(found[name]) for name in NEEDED], folder)
    finally:
        shutil.rmtree(folder)


def _running(programs: list[str], folder: Path) -> Iterator[sa.URL]:
    # It refuses to run as root unless told to.
    own = ["--no-defaults", f"--datadir={folder / 'data'}", f"--user={getpass.getuser()}"]
    install = [programs[1], *own, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(install, check=True, capture_output=True)
    port = _free_port()
    door = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder / 'socket'}"]
    command = [programs[0], *own, *door, *LETTERS, *QUICK, f"--pid-file={folder / 'pid'}"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        listening = _ready(process)
        try:
            yield sa.URL.create("mysql+pymysql", "root", host="127.0.0.1", port=port)
        finally:
            _stop(process)
            listening.join()


def _ready(process: subprocess.Popen[str]) -> threading.Thread:
    """Wait until the server is there, and go on listening to it, else it would wait for us."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if READY in line:
            break
    else:
        raise AssertionError("mariadbd did not start: " + "".join(said[-5:]))
    listening = threading.Thread(target=process.stderr.read)
    listening.start()
    return listening


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(60)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def a_database(server: sa.URL) -> Iterator[str]:
    """Make an empty database and give its address; drop it in the end."""
    name = f"test_{uuid.uuid4().hex}"
    engine = sa.create_engine(server, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name}"))
