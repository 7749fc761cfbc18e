"""How much a caller may send, and how often."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.web.problems import Problem

# More callers than this are not told apart: the oldest are forgotten.
_MOST = 10_000


@dataclass(frozen=True)
class Limits:
    """Bounds of one running API."""

    #: Bytes of the body of an ordinary request; of rows as one JSON array; of rows as NDJSON.
    body: int = 1 << 20
    array: int = 32 << 20
    lines: int = 2 << 30
    #: Of a form that is to be filled, with what is sent beside it.
    form: int = 9 << 20
    calls_per_second: float = 2_000.0
    calls_at_once: int = 4_000
    #: Wrong secrets: ten at once, then one in six seconds.
    failures_per_second: float = 1 / 6
    failures_at_once: int = 10
    #: Pushes worked on at once (all wait for each other in the end: while one asks the database
    #: another computes, and more would only be in each other's way), how many more may wait, and
    #: for how many seconds.
    pushes: int = 2
    pushes_waiting: int = 1_000
    push_patience: float = 20.0
    #: Seconds that a reader of the feed is let wait for a change, whatever it asks for.
    wait: float = 30.0


@dataclass
class Meter:
    """Lets each caller do something so often, and so many times at once."""

    per_second: float
    at_once: int
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def check(self, caller: str, *, cost: int = 1) -> None:
        """Count one more time, or answer 429 where it is too often."""
        with self._guard:
            now = time.monotonic()
            left, then = self._left.get(caller, (float(self.at_once), now))
            left = min(self.at_once, left + (now - then) * self.per_second)
            if left >= 1:
                if len(self._left) >= _MOST:
                    self._left.clear()
                self._left[caller] = left - cost, now
                return
        wait = max(1, round((1 - left) / self.per_second))
        raise Problem("too-many-requests", headers={"Retry-After": str(wait)})


class Turns:
    """Lets in so many at once and some more after them; asks all others to come again.

    Who waits holds neither a thread nor a connection, so that reading goes on beside.
    """

    def __init__(self, inside: int, waiting: int, patience: float) -> None:
        self._places = asyncio.Semaphore(inside)
        self._left = inside + waiting
        self._patience = patience

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a place and keep it for a block of code, or answer 503."""
        if self._left <= 0:
            raise self._busy()
        self._left -= 1
        try:
            try:
                async with asyncio.timeout(self._patience):
                    await self._places.acquire()
            except TimeoutError:
                raise self._busy() from None
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._left += 1

    def _busy(self) -> Problem:
        wait = max(1, round(self._patience / 2))
        return Problem("unavailable", "the hub is busy", headers={"Retry-After": str(wait)})


class BodyLimit:
    """Refuses bodies that are too large, whether they say so beforehand or not."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app, self.limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting what it sends."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        most = self._most(scope["method"], scope["path"], headers.get(b"content-type", b""))
        if int(headers.get(b"content-length", b"0")) > most:
            await _too_large(most).answer()(scope, receive, send)
            return
        come = 0

        async def counted() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            if come > most:
                # Only this class passes through the framework's reading of bodies.
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)

    def _most(self, method: str, path: str, kind: bytes) -> int:
        if method == "POST" and path.startswith("/v1/sources/"):
            return self.limits.lines if b"ndjson" in kind else self.limits.array
        if method == "POST" and path in ("/v1/forms", "/console/forms"):
            return self.limits.form
        return self.limits.body


def _too_large(most: int) -> Problem:
    return Problem("too-large", f"at most {most} bytes are read")
