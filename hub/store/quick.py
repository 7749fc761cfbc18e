"""Golden records by id, read and told of on the event loop: the way that most readings go.

Of such a reading a thread and SQLAlchemy's connection take longer than everything else, so it has
a connection of its own, by a driver that waits on the loop. Whoever comes while it is busy waits
for the next turn, which is for all of them together: one statement for each view reads what they
ask for and tells the audit of it, and nobody is answered before its commit.

What is read and of whom comes from `hub.store.golden_reads` and the view, as by any other way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import orjson
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from hub.config import Settings
from hub.database import connect
from hub.store.audit import Entry
from hub.store.golden_reads import SOUGHT, GoldenRecord, golden_record, live_golden
from hub.store.visible import View

#: What is raised where the database fails: whoever reads then reads by the usual way.
#: The driver takes what a server says that ends for something of its own that went wrong.
FAILURES = (
    *(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError),
    *(OSError, TimeoutError),
)

_DIALECT = dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call] # SQLAlchemy's
_CHINA = ZoneInfo("Asia/Shanghai")

#: Tells of what was found, and of nothing else; materialised, since nobody asks what it returns.
_TOLD = """
WITH found AS MATERIALIZED ({read}), told AS MATERIALIZED (
    SELECT audit_append(jsonb_agg(entry.said))
    FROM found JOIN unnest(${ids}::text[], ${entries}::jsonb[]) AS entry (entity_id, said)
        USING (entity_id)
    HAVING count(*) > 0)
SELECT found.* FROM found LEFT JOIN told ON true
"""


@dataclass(eq=False, slots=True)
class _Asked:
    """One reader, with what it asks for, and what is told of it."""

    view: View
    entity_id: str
    entry: Entry | None
    answer: asyncio.Future[GoldenRecord | None]


class Quick:
    """The connection of one event loop, and who waits for it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: asyncpg.Connection | None = None
        self._waiting: list[_Asked] = []
        self._busy = False
        self._next: asyncio.Task[None] | None = None

    async def read(self, view: View, entity_id: str, entry: Entry | None) -> GoldenRecord | None:
        """Return a golden record once the audit has the entry; None where it is not served."""
        asked = _Asked(view, entity_id, entry, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if not self._busy:
            self._busy = True
            await self._take_turn()
        return await asked.answer

    async def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            with suppress(*FAILURES):
                await self._connection.close(timeout=5)

    async def _take_turn(self) -> None:
        """Read for all who have come by now; see to it that whoever comes meanwhile is next."""
        group, self._waiting = self._waiting, []
        try:
            found = await self._read_all(group)
            for asked in _left(group):
                asked.answer.set_result(found.get((asked.view, asked.entity_id)))
        except BaseException as error:
            self._let_go()
            for asked in _left(group):
                asked.answer.set_exception(error if isinstance(error, Exception) else OSError())
            if not isinstance(error, Exception):
                raise
        finally:
            self._busy = bool(self._waiting)
            self._next = asyncio.create_task(self._take_turn()) if self._busy else None

    async def _read_all(self, group: Sequence[_Asked]) -> Mapping[tuple[View, str], GoldenRecord]:
        connection = await self._opened()
        by_view: dict[View, list[_Asked]] = {}
        for asked in group:
            by_view.setdefault(asked.view, []).append(asked)
        if len(by_view) == 1:
            return await _read(connection, *next(iter(by_view.items())))
        found: dict[tuple[View, str], GoldenRecord] = {}
        async with connection.transaction():
            for view, asking in by_view.items():
                found |= await _read(connection, view, asking)
        return found

    async def _opened(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._settings, "hub api quick")
        return self._connection

    def _let_go(self) -> None:
        """Leave a connection that failed, in whatever state it is."""
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None


def _left(group: Collection[_Asked]) -> Iterator[_Asked]:
    """Yield those who still wait."""
    return (asked for asked in group if not asked.answer.done())


async def _read(
    connection: asyncpg.Connection, view: View, group: Sequence[_Asked]
) -> dict[tuple[View, str], GoldenRecord]:
    statement, names, values = _statement(view)
    ids = [asked.entity_id for asked in group]
    told = [(asked.entity_id, _said(asked.entry)) for asked in group if asked.entry is not None]
    given = [ids if name == SOUGHT else values[name] for name in names]
    columns = ([entity_id for entity_id, _ in told], [said for _, said in told])
    rows = await connection.fetch(statement, *given, *columns)
    return {(view, row["entity_id"]): _record(view, row) for row in rows}


def _said(entry: Entry) -> str:
    return orjson.dumps(entry.document()).decode()


def _record(view: View, row: Mapping[Any, Any]) -> GoldenRecord:
    """Read a row as the other driver does, which gives JSON and times as they are meant."""
    record = golden_record(view, {**row, "golden_marks": orjson.loads(row["golden_marks"])})
    return replace(record, updated_at=record.updated_at.astimezone(_CHINA))


@lru_cache(1_000)
def _statement(view: View) -> tuple[str, Sequence[str], Mapping[str, Any]]:
    """Write the statement of a view in the driver's words, with its values by name."""
    read = live_golden(view).compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    names = read.positiontup or ()
    last = len(names)
    return _TOLD.format(read=read, ids=last + 1, entries=last + 2), names, read.params
