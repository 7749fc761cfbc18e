"""What many ask for at once, on the event loop, is done once for all of them, in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

Found = TypeVar("Found")


class Together(Generic[Found]):
    """Work under way, by what it is for."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[Found]] = {}

    def begin(self, of: Hashable, work: Callable[[], Found]) -> asyncio.Task[Found]:
        """Begin some work, unless it is under way; whoever waits for it should shield it."""
        doing = self._under_way.get(of)
        if doing is None:
            doing = self._under_way[of] = asyncio.create_task(run_in_threadpool(work))
            doing.add_done_callback(lambda done: self._end(of, done))
        return doing

    def _end(self, of: Hashable, done: asyncio.Task[Found]) -> None:
        del self._under_way[of]
        if not done.cancelled():
            # Whoever waits hears of what went wrong; perhaps nobody does.
            done.exception()
