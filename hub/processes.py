"""Processes that work beside this one, so that all cores do; they end with it.

They are forked off a server that has loaded the code once: a fork of this process itself would
carry open connections and half a thread pool along.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any, TypeVar

from hub.allocation import return_freed_memory
from hub.errors import HubError

KILLED = "a process of the hub was killed; run again to go on"

Part = TypeVar("Part")

_serving = threading.Event()


def context() -> ForkServerContext:
    """Return how processes are started here."""
    return multiprocessing.get_context("forkserver")


def at_hand() -> bool:
    """Tell whether the server is there already, so that a process more starts at once."""
    return _serving.is_set()


def bind() -> None:
    """Leave ctrl-c to the process that began this one, and end when it is gone."""
    return_freed_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        # The kernel would tell of the end of the server, which is still there for its children.
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def made_beside(make: Callable[..., Iterator[Part]], *about: object) -> Generator[Part, None, None]:
    """Yield what a generator yields, made in another process: one part ahead of who takes it.

    It begins at once. A HubError is raised here as it was there. The process ends when no more is
    asked for.
    """
    return _parts(*_started(make, about))


def _parts(process: ForkServerProcess, taking: Connection) -> Generator[Any, None, None]:
    try:
        while (part := _taken(taking)) is not None:
            yield part
    finally:
        taking.close()
        process.join()


@contextmanager
def beside(make: Callable[..., Part], *about: object) -> Generator[Callable[[], Part], None, None]:
    """Have something made in another process meanwhile; what is yielded waits for it.

    A HubError is raised there as it was here. The process ends with the block.
    """
    process, taking = _started(_only, (make, *about))
    try:
        yield partial(_taken, taking)
    finally:
        taking.close()
        process.terminate()
        process.join()


def _only(make: Callable[..., Part], *about: object) -> Iterator[Part]:
    yield make(*about)


def _started(
    make: Callable[..., Iterator[object]], about: tuple[object, ...]
) -> tuple[ForkServerProcess, Connection]:
    taking, giving = context().Pipe(duplex=False)
    process = context().Process(target=_give, args=(giving, make, about), daemon=True)
    process.start()
    _serving.set()
    giving.close()
    return process, taking


def _taken(taking: Connection) -> Any:
    try:
        part = taking.recv()
    except (EOFError, OSError):
        raise HubError(KILLED) from None
    if isinstance(part, HubError):
        raise part
    return part


def _give(
    giving: Connection, make: Callable[..., Iterator[object]], about: tuple[object, ...]
) -> None:
    bind()
    try:
        try:
            for part in make(*about):
                giving.send(part)
            giving.send(None)
        except HubError as error:
            giving.send(error)
    except BrokenPipeError:
        # Nobody asks for more.
        return
