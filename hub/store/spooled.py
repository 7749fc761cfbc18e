"""What is told of readings on the event loop: on disk at once, in the audit a moment later.

Nobody is answered before the entry is in this process's spool (`hub.store.spool`), all who read
together by one write, while PostgreSQL reads. From there PostgreSQL takes it over into the chain,
some hundred by one commit, and writes down in the same transaction how far it has come
(`audit_take_over`): each entry is taken over once, whenever a process is killed. What a process
that is gone has left, the next one takes over, or whoever reads the audit; both by `settle`.

An entry's ``at`` is when it joined the chain, whose numbers and times agree. Where that is later
than a second after the reading, ``about`` tells when it was read.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import Connection, Engine

from hub.config import Settings
from hub.database import FAILURES, connect, execute
from hub.errors import HubError
from hub.store.audit import Entry
from hub.store.spool import FOLDER, Found, Spool, Waiting, found

#: Seconds for entries to gather before PostgreSQL is asked to take them over, and how many at most.
GATHERING, MOST = 0.1, 1_000
#: Seconds after which what failed is tried again.
AGAIN = 1.0
#: Seconds that whoever reads the audit waits for what living processes hold, and an end for all.
PATIENCE, AT_THE_END = 1.0, 5.0

_TAKE_OVER = "SELECT audit_take_over($1, $2, $3)"

_log = logging.getLogger(__name__)


class Spooled:
    """The spool of an API's process, made when somebody has read, and its way to PostgreSQL."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._spool: Spool | None = None
        self._tried = -AGAIN
        self._moving: asyncio.Task[None] | None = None
        self._connection: asyncpg.Connection | None = None
        self._come, self._ending = asyncio.Event(), asyncio.Event()

    async def ready(self) -> None:
        """Make the spool where there is none; raise OSError where that cannot be."""
        if self._spool is None:
            await self._make()

    def keep(self, entries: Sequence[Entry]) -> None:
        """Return when the entries are on disk; raise OSError where they cannot be.

        PostgreSQL is offered them by `confirm`; before that nothing else may be kept. Writing takes
        as long as handing it to a thread would.
        """
        now = datetime.now(UTC)
        said = [orjson.dumps({**entry.document(), "read_at": now}) for entry in entries]
        if any(b"\\u0000" in one for one in said):
            raise OSError("PostgreSQL keeps no text with a null")
        if self._spool is None:
            raise OSError("there is no spool")
        try:
            self._spool.append(said)
        except OSError:
            self._come.set()
            raise

    def confirm(self, withdrawn: Sequence[int] = ()) -> None:
        """Let PostgreSQL have what was kept last, but for what was not served: by its places."""
        assert self._spool is not None
        self._spool.confirm(withdrawn)
        self._come.set()

    async def close(self) -> None:
        """Have PostgreSQL take over everything, unless that takes too long; let go of the file."""
        self._ending.set()
        self._come.set()
        if self._moving is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moving, AT_THE_END)
        self._let_go()
        if self._spool is not None:
            self._spool.close()

    async def _make(self) -> None:
        if time.monotonic() < self._tried + AGAIN:
            raise OSError("there is no spool")
        self._tried = time.monotonic()
        self._spool = await asyncio.to_thread(Spool, self._settings.home / FOLDER)
        self._moving = asyncio.create_task(self._move_on(self._spool))

    async def _move_on(self, spool: Spool) -> None:
        """Have PostgreSQL take over what comes, as long as the process lives or the disk does."""
        pause, over = GATHERING, False
        while not over:
            await self._come.wait()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), pause)
            self._come.clear()
            moved = await self._moved(spool)
            if spool.waits:
                self._come.set()
            over = (spool.broken and not spool.waits) or (
                self._ending.is_set() and not (moved and spool.waits)
            )
            pause = GATHERING if moved else AGAIN
        if spool.broken and not self._ending.is_set():
            spool.close()
            self._spool = None

    async def _moved(self, spool: Spool) -> bool:
        """Have PostgreSQL take over what waits by now; tell whether it has."""
        left = spool.waits
        try:
            while left > 0:
                waiting = spool.waiting(MOST)
                await self._take_over(spool.id, waiting)
                spool.forget(len(waiting.entries))
                left -= len(waiting.entries)
        except (HubError, *FAILURES) as error:
            self._let_go()
            _log.warning("%s entries wait for the audit: %s", spool.waits, type(error).__name__)
        return left <= 0

    async def _take_over(self, whose: UUID, waiting: Waiting) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._settings, "hub api spool")
        await self._connection.execute(_TAKE_OVER, whose, waiting.first, _listed(waiting.entries))

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None


def _listed(entries: Sequence[bytes]) -> str:
    return f"[{b','.join(entries).decode()}]"


def settle(engine: Engine, home: Path, patience: float = PATIENCE) -> int:
    """Have the audit hold what was told before, as far as it is in spools of this home.

    What was left behind is taken over; of what a living process holds it is waited that it is.
    Return how many entries lie in spools still.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        living: list[Found] = []
        with closing(found(home)) as spools:
            for spool in spools:
                if spool.lives:
                    living.append(spool)
                else:
                    _adopt(connection, spool)
        until = time.monotonic() + patience
        while (left := sum(_missing(connection, spool) for spool in living)) > 0:
            if time.monotonic() > until:
                break
            time.sleep(GATHERING / 10)
    return left


def _adopt(connection: Connection, spool: Found) -> None:
    statement = "SELECT audit_take_over(:whose, :first, CAST(:entries AS jsonb))"
    for run in spool.entries:
        for begin in range(0, len(run.entries), MOST):
            entries = _listed(run.entries[begin : begin + MOST])
            execute(connection, statement, whose=spool.id, first=run.first + begin, entries=entries)


def _missing(connection: Connection, spool: Found) -> int:
    """Count the entries that were in a spool when it was looked at, and are not in the audit."""
    taken = execute(connection, "SELECT audit_taken(:whose)", whose=spool.id).scalar_one()
    return max(spool.last - int(taken), 0)
