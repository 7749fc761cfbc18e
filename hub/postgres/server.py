"""Using the embedded server: started when it is asked for, ended with its last user."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection

import hub
from hub.errors import DatabaseUnavailable
from hub.postgres import locks
from hub.postgres.place import ROLE, Place

# Bringing back a large database after a crash takes minutes, not seconds.
START_WITHIN = 600.0
STOP_WITHIN = 90.0
# What the server says of itself while it is on its way up or down.
PASSING = ("starting up", "shutting down", "in recovery mode", "not yet accepting")
GRAVE = ("FATAL", "PANIC", "error:", "could not")

_uses: dict[tuple[int, Path], _Use] = {}
_guard = threading.Lock()


@dataclass
class _Use:
    """This process's use of one server: the lock, and the keeper where it started one."""

    place: Place
    lock: int
    keeper: int | None = None
    databases: set[str] = field(default_factory=set)


def embedded_url(home: Path, database: str = "hub", *, anew: bool = False) -> str:
    """Return the address of a database of the embedded server, both there from now on.

    The server runs at least for as long as this process lives or until it calls `release`.
    ``anew`` says that it was seen not to answer, and has to be looked after.
    """
    # A forked child shares its parent's lock; it needs one of its own to outlive it.
    key = (os.getpid(), home.absolute())
    with _guard:
        if key not in _uses:
            _uses[key] = _begin(Place(home.absolute() / "postgres"))
        use = _uses[key]
        if anew or database not in use.databases:
            _ensure(use, database)
    return f"postgresql+psycopg2://{ROLE}@/{database}?host={quote(str(use.place.socket))}"


def release(home: Path) -> None:
    """Give up this process's use; return when the server has ended, if that was the last one."""
    with _guard:
        use = _uses.pop((os.getpid(), home.absolute()), None)
        if use is not None:
            _end(use)


@atexit.register
def _release_all() -> None:
    for pid, home in list(_uses):
        if pid == os.getpid():
            release(home)


def _begin(place: Place) -> _Use:
    place.take_up()
    with _alone(place):
        # The folders are chosen, and made, once.
        place.socket  # noqa: B018
    lock = locks.opened(place.folder / locks.USERS)
    # While a keeper ends its server nobody can become a user.
    if not locks.taken_within(lock, STOP_WITHIN, shared=True):
        os.close(lock)
        raise DatabaseUnavailable(f"the embedded PostgreSQL of {place.folder} does not end")
    return _Use(place, lock)


def _end(use: _Use) -> None:
    """Let go of the server; where nobody else uses it, see it end."""
    try:
        if locks.taken(use.lock):
            # Nobody can begin to use it before the lock is closed again.
            _keeper_ended(use.place)
    finally:
        os.close(use.lock)
        if use.keeper is not None:
            _has_ended(use.keeper)


def _ensure(use: _Use, database: str) -> None:
    """Start the server where it does not answer, and make the database where it is missing."""
    with _alone(use.place):
        _start(use)
        _make_database(use.place, database)
    use.databases.add(database)


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Be the only one to look after the server's start."""
    lock = locks.opened(place.folder / locks.START)
    try:
        if not locks.taken_within(lock, START_WITHIN):
            raise DatabaseUnavailable(f"the PostgreSQL of {place.folder} does not start")
        yield
    finally:
        os.close(lock)


def _start(use: _Use) -> None:
    """Wait until the server answers; give it a keeper where it has none."""
    deadline = time.monotonic() + START_WITHIN
    spawned = False
    while not _answers(use.place):
        if use.keeper is not None and _has_ended(use.keeper):
            use.keeper = None
        if use.keeper is None and _is_kept_by_nobody(use.place):
            if spawned:
                raise DatabaseUnavailable(f"PostgreSQL did not start: {_reason(use.place)}")
            use.keeper, spawned = _spawned(use.place), True
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(f"PostgreSQL does not start; see {use.place.log}")
        time.sleep(0.02)


def _spawned(place: Place) -> int:
    """Start a keeper in a session of its own, out of reach of ctrl-c."""
    package = str(Path(hub.__file__).parent.parent)
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    log = (os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "hub.postgres.keeper", str(place.folder.parent)],
        os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(place.log), *log),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def _is_kept_by_nobody(place: Place) -> bool:
    lock = locks.opened(place.folder / locks.KEEPER)
    try:
        return locks.taken(lock)
    finally:
        os.close(lock)


def _keeper_ended(place: Place) -> None:
    """Tell the keeper to end its server, and wait for both."""
    lock = locks.opened(place.folder / locks.KEEPER)
    try:
        if not locks.taken(lock):
            os.kill(int((place.folder / locks.KEEPER).read_text()), signal.SIGTERM)
            locks.taken_within(lock, STOP_WITHIN)
    except (ValueError, ProcessLookupError):
        # It was just being started, or just ending; it sees by itself that nobody is left.
        locks.taken_within(lock, STOP_WITHIN)
    finally:
        os.close(lock)


def _has_ended(child: int) -> bool:
    try:
        return os.waitpid(child, os.WNOHANG)[0] == child
    except ChildProcessError:
        return True


def _answers(place: Place) -> bool:
    """Tell whether the server lets in, or refuses for a reason that waiting does not mend."""
    try:
        _connected(place).close()
    except psycopg2.OperationalError as error:
        said = str(error)
        return "FATAL" in said and not any(word in said for word in PASSING)
    return True


def _connected(place: Place) -> connection:
    return psycopg2.connect(dbname="postgres", user=ROLE, host=str(place.socket))


def _make_database(place: Place, name: str) -> None:
    try:
        with closing(_connected(place)) as server, server.cursor() as cursor:
            server.autocommit = True
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
            if cursor.rowcount == 0:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg2.Error as error:
        raise DatabaseUnavailable(f"the embedded PostgreSQL refuses: {error}") from error


def _reason(place: Place) -> str:
    """Return the last complaint in the log."""
    try:
        lines = place.log.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    grave = [line for line in lines if any(word in line for word in GRAVE)]
    grave = [line for line in grave if not any(word in line for word in PASSING)]
    return grave[-1] if grave else f"see {place.log}"
