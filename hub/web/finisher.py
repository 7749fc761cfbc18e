"""Finishes large pushes after their answers have left, one at a time, in the order they landed.

What waits is in the hub's own tables: however many there are, they cost neither threads nor
memory, and what a process that ended left undone, the next one finishes.
"""

from __future__ import annotations

import threading

from hub.database import try_advisory_lock
from hub.jobs import push
from hub.web.problems import log_failure
from hub.web.running import Hub

# What another process left undone is looked for so often.
_LOOK_EVERY = 30.0


class Finisher:
    """One thread that takes landed pushes through their remaining steps."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._landed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="hub pushes", daemon=True)

    def start(self) -> None:
        """Begin, first with what was left undone."""
        self._landed.set()
        self._thread.start()

    def wake(self) -> None:
        """Say that a push has landed."""
        self._landed.set()

    def stop(self) -> None:
        """End after the batch that is being finished; a long one is left to the next process."""
        self._hub.ending.set()
        self._landed.set()
        self._thread.join(timeout=10)

    def _work(self) -> None:
        while not self._hub.ending.is_set():
            self._landed.wait(_LOOK_EVERY)
            self._landed.clear()
            try:
                done = [self._finish(batch_id) for batch_id in push.waiting(self._hub.settings)]
                if any(done):
                    # Others may have landed meanwhile, or be too many to be listed at once.
                    self._landed.set()
            except Exception as error:
                # The database may be away for a while; the thread must outlive that.
                log_failure({"type": "push", "method": "push"}, error)

    def _finish(self, batch_id: int) -> bool:
        """Finish one batch and tell whether it is; one that fails keeps no other waiting."""
        if self._hub.ending.is_set():
            return False
        with try_advisory_lock(self._hub.engine, "push", str(batch_id)) as mine:
            if not mine:
                return False
            try:
                push.finish_landed(self._hub.settings, batch_id)
            except Exception as error:
                log_failure({"type": "push", "method": "push"}, error)
                return False
        return True
