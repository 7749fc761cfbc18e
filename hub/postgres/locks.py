"""Locks on files: let go by the kernel however their holder ends."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from pathlib import Path

#: Held shared by every process that uses the server, alone by whoever ends it.
USERS = "users.lock"
#: Held by the server's keeper for as long as it lives.
KEEPER = "keeper.lock"
#: Held by whoever looks whether the server has to be started.
START = "start.lock"


def opened(file: Path) -> int:
    """Open a lock file; what is returned is a descriptor that child processes do not inherit."""
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def taken(lock: int, *, shared: bool = False) -> bool:
    """Try to take a lock, or to change how it is held; tell whether that worked."""
    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno != errno.EWOULDBLOCK:
            raise
        return False
    return True


def taken_within(lock: int, seconds: float, *, shared: bool = False) -> bool:
    """Wait for a lock for a while; tell whether it was had."""
    deadline = time.monotonic() + seconds
    while not taken(lock, shared=shared):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
