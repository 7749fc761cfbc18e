"""The process that keeps an embedded server: starts it, starts it again, ends it.

Run as ``python -m hub.postgres.keeper HUB_HOME``. It ends the server when the last user has
gone, in whatever way; should it be killed itself, the kernel tells the server to end.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil

from hub.errors import DatabaseUnavailable, HubError
from hub.postgres import locks
from hub.postgres.place import ROLE, SOCKET, Place

PATIENCE = 60.0
# A server that ends sooner did not come up; when this happens twice running, it never will.
UP_AFTER = 2.0
TRIES = 2
PR_SET_PDEATHSIG = 1
WAKES = {signal.SIGTERM, signal.SIGCHLD}

#: Nothing of a statement or a row may get into the log: messages only, without their details.
CONFIGURATION = """\
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = {buffers}MB
work_mem = 64MB
maintenance_work_mem = 256MB
effective_cache_size = {cache}MB
random_page_cost = 1.1
fsync = on
synchronous_commit = on
wal_level = minimal
max_wal_senders = 0
wal_compression = off
max_wal_size = 8GB
min_wal_size = 512MB
checkpoint_timeout = 15min
jit = off
timezone = 'Asia/Shanghai'
log_timezone = 'Asia/Shanghai'
log_min_error_statement = panic
log_error_verbosity = terse
log_checkpoints = off
"""


def keep(place: Place) -> None:
    """Run the server until nobody uses it any more or this process is told to end."""
    users = locks.opened(place.folder / locks.USERS)
    with place.log.open("ab") as log, _tidied(place):
        _end_left_over(place)
        _prepare(place, log)
        failed = 0
        while failed < TRIES:
            began = time.monotonic()
            if _watched(_started(place, log), users):
                return
            # It was killed, and users are waiting for it; or it did not come up.
            failed = 0 if time.monotonic() - began > UP_AFTER else failed + 1
            _end_left_over(place)


@contextmanager
def _tidied(place: Place) -> Iterator[None]:
    """Remove the folder of the socket afterwards where it lies among other people's."""
    try:
        yield
    finally:
        if place.socket.parent != place.room:
            shutil.rmtree(place.socket)


def _watched(server: subprocess.Popen[bytes], users: int) -> bool:
    """Wait until the server ends by itself, or end it when there is no use for it."""
    while server.poll() is None:
        told = signal.sigtimedwait(WAKES, 0.2)
        if (told is not None and told.si_signo == signal.SIGTERM) or locks.taken(users):
            server.send_signal(signal.SIGINT)
            try:
                server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)
                server.wait(PATIENCE)
            return True
    return False


def _prepare(place: Place, log: IO[bytes]) -> None:
    """Make the cluster the first time, and write its configuration every time."""
    if not (place.data / "PG_VERSION").exists():
        _make_cluster(place, log)
    memory = psutil.virtual_memory().total // 2**20
    configuration = CONFIGURATION.format(
        socket=str(place.socket).replace("'", "''"),
        buffers=min(2048, max(64, memory // 8)),
        cache=max(256, memory // 4),
    )
    (place.data / "postgresql.conf").write_text(configuration)
    # The system vouches for who connects: no password, and no way in over the network.
    names = {pwd.getpwuid(os.geteuid()).pw_name, _account(place).pw_name}
    (place.data / "pg_hba.conf").write_text(f"local all {ROLE} peer map=hub\n")
    mapped = "".join(f'hub "{name}" {ROLE}\n' for name in sorted(names))
    (place.data / "pg_ident.conf").write_text(mapped)


def _make_cluster(place: Place, log: IO[bytes]) -> None:
    # Sorted by code point, which is fast and the same everywhere; but letters are told by the C
    # library's Unicode tables, since pg_trgm finds no letter in Chinese text without them.
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-messages=C"]
    locale += ["--lc-collate=C", "--lc-ctype=C.UTF-8", "--encoding=UTF8"]
    # Made aside: a cluster that is half made when the power fails is never taken for a whole one.
    aside = place.room / "data.new"
    command = [str(place.programs / "initdb"), "-D", str(aside), "-U", ROLE, *locale]
    command += ["--auth=peer", "--no-instructions"]
    shutil.rmtree(aside, ignore_errors=True)
    place.make(aside)
    made = _popen(place, command, log).wait()
    if made != 0:
        raise DatabaseUnavailable(f"initdb ended with {made}")
    aside.rename(place.data)


def _started(place: Place, log: IO[bytes]) -> subprocess.Popen[bytes]:
    # PostgreSQL believes these files as soon as any process has the number they name, as after
    # a restart of the machine some process may well have. By now nothing of this cluster runs.
    for stale in (place.data / "postmaster.pid", place.socket / f"{SOCKET}.lock"):
        stale.unlink(missing_ok=True)
    return _popen(place, [str(place.programs / "postgres"), "-D", str(place.data)], log)


def _popen(place: Place, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    account = place.account
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd="/",
        # Nothing of the hub's settings: the account need not know them.
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        umask=0o077,
        preexec_fn=_bound_to_keeper(),
    )


def _bound_to_keeper() -> Callable[[], None]:
    """Have the kernel end the child, in good order, should the keeper be killed."""
    libc = ctypes.CDLL(None)
    bind = getattr(libc, "prctl", None) if sys.platform == "linux" else None

    def bound() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WAKES)
        if bind is not None:
            bind(PR_SET_PDEATHSIG, signal.SIGINT)

    return bound


def _end_left_over(place: Place) -> None:
    """End what a killed keeper, or a killed server, has left running on this cluster.

    The server itself ends in good order. Its processes that outlived it are of no use; they keep
    a new one from starting. Only the keeper's lock makes this safe.
    """
    left = [process for process in psutil.process_iter() if _is_of(process, place)]
    try:
        first = int((place.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        first = 0
    for process in left:
        if process.pid == first:
            process.send_signal(signal.SIGINT)
            psutil.wait_procs([process], PATIENCE)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, PATIENCE)


def _is_of(process: psutil.Process, place: Place) -> bool:
    """Tell whether a process belongs to the server of this cluster: all work in its folder."""
    try:
        return process.name() == "postgres" and Path(process.cwd()) == place.data.resolve()
    except psutil.Error:
        return False


def _account(place: Place) -> pwd.struct_passwd:
    return place.account or pwd.getpwuid(os.geteuid())


def main() -> None:
    """Keep the server of the home named on the command line, unless somebody does already."""
    place = Place(Path(sys.argv[1]) / "postgres")
    signal.pthread_sigmask(signal.SIG_BLOCK, WAKES)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Held until this process ends, in whatever way.
    lock = locks.opened(place.folder / locks.KEEPER)
    if not locks.taken(lock):
        return
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    os.chdir("/")
    try:
        keep(place)
    except (HubError, OSError, subprocess.SubprocessError, psutil.Error) as error:
        sys.exit(f"FATAL:  {error}")


if __name__ == "__main__":
    main()
