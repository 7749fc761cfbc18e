"""One golden record by id, read and told of on the event loop: the way that most readings go.

Of such a reading a thread and SQLAlchemy's connection take longer than everything else, so it has
connections of its own, by a driver that waits on the loop. What is read is the statement of
`hub.store.golden_reads`, what is told an entry like any other; only how they are sent differs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import orjson
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from hub.config import Settings
from hub.database import connect
from hub.store.audit import Entry, documents
from hub.store.golden_reads import SOUGHT, GoldenRecord, golden_record, one_golden
from hub.store.visible import View

#: What is raised where the database fails: whoever reads then reads by the usual way.
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

#: A reading takes PostgreSQL less time than the loop: more are hardly ever under way.
_CONNECTIONS = 4
_CHINA = ZoneInfo("Asia/Shanghai")
_DIALECT = dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call] # SQLAlchemy's


class Quick:
    """Connections of one event loop, and what has been read but not been told of yet."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._free: list[asyncpg.Connection] = []
        self._places = asyncio.Semaphore(_CONNECTIONS)
        self._waiting: list[tuple[Sequence[Entry], asyncio.Future[None]]] = []
        self._keeping: asyncio.Task[None] | None = None

    async def read(self, view: View, entity_id: str) -> GoldenRecord | None:
        """Return a golden record; None where it is not served, for whatever reason."""
        statement, names, values = _statement(view)
        given = [entity_id if name == SOUGHT else values[name] for name in names]
        async with self._connection() as connection:
            row = await connection.fetchrow(statement, *given)
        if row is None or row["retired_at"]:
            return None
        record = golden_record(view, row)
        return replace(record, updated_at=record.updated_at.astimezone(_CHINA))

    async def keep(self, entries: Sequence[Entry]) -> None:
        """Return when entries are durable: one commit for all that have come meanwhile."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((entries, kept))
        if self._keeping is None:
            # Not the task of a reader, who may leave while others wait.
            self._keeping = asyncio.create_task(self._keep_all())
        await kept

    async def close(self) -> None:
        """Give the connections back."""
        while self._free:
            await self._free.pop().close()

    async def _keep_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            failure: Exception | None = None
            try:
                await self._append([entry for entries, _ in group for entry in entries])
            except Exception as error:
                failure = error
            for _, kept in group:
                if kept.done():
                    continue
                kept.set_exception(failure) if failure else kept.set_result(None)
        self._keeping = None

    async def _append(self, entries: Sequence[Entry]) -> None:
        async with self._connection() as connection:
            await connection.fetchval("SELECT audit_append($1)", documents(entries))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        async with self._places:
            connection = self._free.pop() if self._free else await self._opened()
            try:
                yield connection
            except BaseException:
                # Whatever state it is in, nobody else has to find out.
                connection.terminate()
                raise
            self._free.append(connection)

    async def _opened(self) -> asyncpg.Connection:
        opened = await connect(self._settings, "hub api quick")
        await opened.set_type_codec("jsonb", encoder=str, decoder=orjson.loads, schema="pg_catalog")
        return opened


@lru_cache(1_000)
def _statement(view: View) -> tuple[str, Sequence[str], dict[str, Any]]:
    """Write the statement that reads one record in the driver's words, with its values by name."""
    said = one_golden(view).compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return str(said), said.positiontup or (), dict(said.params)
