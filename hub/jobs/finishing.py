"""Finishing landed batches: the large ones in processes of their own, so that all cores work.

A batch is finished by its id alone, as the DAGs do it; whoever does it, and whoever is killed
while doing it, the next run goes on from the batch's state.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Lock
from types import TracebackType
from typing import Self

from hub.config import Settings
from hub.errors import HubError
from hub.processes import KILLED, at_hand, bind, context

#: Rows from which on a batch is worth a process, and one that starts at once.
PAYS, PAYS_SOON = 20_000, 1_000

#: Takes a landed batch through its remaining steps.
Finish = Callable[[Settings, int], None]


class Finishers:
    """Finish batches, here or in processes that end with this one; threads may share it."""

    def __init__(self, settings: Settings, finish: Finish) -> None:
        self._settings = settings
        self._finish = finish
        self._pool: ProcessPoolExecutor | None = None
        self._starting = Lock()

    def __enter__(self) -> Self:
        """Start nothing yet: most runs have too little to do for a second process."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        """Wait for the processes to end; where the run is broken off, end them."""
        if self._pool is None:
            return
        if kind is not None:
            for child in multiprocessing.active_children():
                child.terminate()
        self._pool.shutdown(cancel_futures=True)

    def begin(self, batch_id: int, rows: int) -> Future[None]:
        """Begin to finish a batch of so many rows to translate."""
        soon = self._pool is not None or at_hand()
        if (os.cpu_count() or 1) > 1 and rows >= (PAYS_SOON if soon else PAYS):
            return self._started().submit(self._finish, self._settings, batch_id)
        done: Future[None] = Future()
        try:
            done.set_result(self._finish(self._settings, batch_id))
        except HubError as error:
            done.set_exception(error)
        return done

    def _started(self) -> ProcessPoolExecutor:
        with self._starting:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(os.cpu_count(), context(), initializer=bind)
            return self._pool


def finished(begun: Future[None]) -> None:
    """Wait until a batch is finished; raise what kept it from that."""
    try:
        begun.result()
    except BrokenProcessPool:
        raise HubError(KILLED) from None
