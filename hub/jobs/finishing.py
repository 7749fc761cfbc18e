"""Finishing landed batches: the large ones in processes of their own, so that all cores work.

A step is taken by a batch's id alone, as the DAGs do it; whoever takes it, and whoever is killed
while taking it, the next run goes on from the batch's state.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Lock
from types import TracebackType
from typing import Self

from hub.config import Settings
from hub.errors import HubError
from hub.jobs.steps import TABLE
from hub.processes import KILLED, at_hand, bind, context

#: Rows from which on a batch is worth a process, and one that starts at once.
PAYS, PAYS_SOON = 20_000, 1_000

#: Takes a batch one step further; one that is further already is left alone.
Step = Callable[[Settings, int], None]


class Finishers:
    """Finish batches, here or in processes that end with this one; threads may share it.

    One process validates for all of them: its work is the database's, and what has to be loaded for
    it takes each process that does it seconds and 120 MB.
    """

    def __init__(self, settings: Settings, translate: Step, validate: Step, keep: Step) -> None:
        self._settings = settings
        self._translate, self._validate, self._keep = translate, validate, keep
        self._pool: ProcessPoolExecutor | None = None
        #: It starts its process when it is first asked.
        self._validator = ProcessPoolExecutor(1, context(), initializer=bind)
        #: See batches through that other processes work at.
        self._seeing = ThreadPoolExecutor(thread_name_prefix="finishing")
        self._starting = Lock()

    def __enter__(self) -> Self:
        """Start nothing yet: most runs have too little to do for a second process."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        """Wait for the processes to end; where the run is broken off, end them."""
        if self._pool is not None and kind is not None:
            for child in multiprocessing.active_children():
                child.terminate()
        for pool in (self._seeing, self._pool, self._validator):
            if pool is not None:
                pool.shutdown(cancel_futures=True)

    def begin(self, batch_id: int, rows: int) -> Future[None]:
        """Begin to finish a batch of so many rows to translate."""
        soon = self._pool is not None or at_hand()
        if (os.cpu_count() or 1) > 1 and rows >= (PAYS_SOON if soon else PAYS):
            pool = self._started()
            # Fewer are validated without anything that has to be loaded.
            validator = self._validator if rows >= TABLE else pool
            return self._seeing.submit(self._finish_beside, pool, validator, batch_id)
        done: Future[None] = Future()
        try:
            self._finish(batch_id)
            done.set_result(None)
        except HubError as error:
            done.set_exception(error)
        return done

    def _finish(self, batch_id: int) -> None:
        for step in (self._translate, self._validate, self._keep):
            step(self._settings, batch_id)

    def _finish_beside(
        self, pool: ProcessPoolExecutor, validator: ProcessPoolExecutor, batch_id: int
    ) -> None:
        steps = ((pool, self._translate), (validator, self._validate), (pool, self._keep))
        for where, step in steps:
            where.submit(step, self._settings, batch_id).result()

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
