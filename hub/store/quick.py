"""Golden records by id, read and told of on the event loop: the way that most readings go.

Of such a reading a thread and SQLAlchemy's connection take longer than everything else, so it has
a connection of its own, by a driver that waits on the loop. Whoever comes while it is busy waits
for the next turn, which is for all of them together: one statement for each view reads what they
ask for, one write to the disk keeps what is told of it (`hub.store.spooled`), and nobody is
answered before that.

What is read and of whom comes from `hub.store.golden_reads` and the view, as by any other way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.sql import visitors

from hub.config import Settings
from hub.database import FAILURES, connect
from hub.store.audit import Entry
from hub.store.golden_reads import SOUGHT, GoldenRecord, golden_record, live_golden
from hub.store.spooled import Spooled
from hub.store.visible import View

_DIALECT = dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call] # SQLAlchemy's
_CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(eq=False, slots=True)
class _Asked:
    """One reader, with what it asks for, and what is told of it."""

    view: View
    entity_id: str
    entry: Entry | None
    answer: asyncio.Future[GoldenRecord | None]


@dataclass(eq=False, slots=True)
class _Telling:
    """Keeps entries the first time that it is called."""

    spooled: Spooled
    entries: Sequence[Entry]
    called: bool = False
    failure: Exception | None = None

    def __call__(self) -> None:
        if self.called:
            return
        self.called = True
        try:
            self.spooled.keep(self.entries)
        except Exception as error:
            self.failure = error


class Quick:
    """The connection of one event loop, and who waits for it."""

    def __init__(self, settings: Settings, spooled: Spooled) -> None:
        self._settings, self._spooled = settings, spooled
        self._connection: asyncpg.Connection | None = None
        self._waiting: list[_Asked] = []
        self._busy = False
        self._next: asyncio.Task[None] | None = None

    async def read(self, view: View, entity_id: str, entry: Entry | None) -> GoldenRecord | None:
        """Return a golden record once the entry is on disk; None where it is not served.

        An entry tells of what is served, and of nothing else. Where it cannot be kept, OSError is
        raised.
        """
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
            await self._answer(group)
        except BaseException as error:
            for asked in _left(group):
                asked.answer.set_exception(error if isinstance(error, Exception) else OSError())
            if not isinstance(error, Exception):
                raise
        finally:
            self._busy = bool(self._waiting)
            self._next = asyncio.create_task(self._take_turn()) if self._busy else None

    async def _answer(self, group: Sequence[_Asked]) -> None:
        told = [asked for asked in group if asked.entry]
        found = await (self._read_and_tell(group, told) if told else self._read_all(group))
        for asked in _left(group):
            asked.answer.set_result(found.get((asked.view, asked.entity_id)))

    async def _read_and_tell(
        self, group: Sequence[_Asked], told: Sequence[_Asked]
    ) -> Mapping[tuple[View, str], GoldenRecord]:
        """Read while the disk takes what is told; take back what there was nothing to tell of."""
        await self._spooled.ready()
        telling = _Telling(self._spooled, [asked.entry for asked in told if asked.entry])
        # The loop comes to it when the question is on its way to PostgreSQL.
        asyncio.get_running_loop().call_soon(telling)
        found: Mapping[tuple[View, str], GoldenRecord] = {}
        try:
            found = await self._read_all(group)
        finally:
            telling()
            if telling.failure is None:
                keys = ((asked.view, asked.entity_id) for asked in told)
                self._spooled.confirm([place for place, key in enumerate(keys) if key not in found])
        if telling.failure is not None:
            raise telling.failure
        return found

    async def _read_all(self, group: Sequence[_Asked]) -> Mapping[tuple[View, str], GoldenRecord]:
        by_view: dict[View, list[str]] = {}
        for asked in group:
            by_view.setdefault(asked.view, []).append(asked.entity_id)
        found: dict[tuple[View, str], GoldenRecord] = {}
        try:
            connection = await self._opened()
            for view, ids in by_view.items():
                found |= await _read(connection, view, ids)
        except BaseException:
            self._let_go()
            raise
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
    connection: asyncpg.Connection, view: View, ids: Sequence[str]
) -> dict[tuple[View, str], GoldenRecord]:
    statement, names, values = _statement(view)
    rows = await connection.fetch(
        statement, *(ids if name == SOUGHT else values[name] for name in names)
    )
    return {(view, row["entity_id"]): _record(view, row) for row in rows}


def _record(view: View, row: Mapping[Any, Any]) -> GoldenRecord:
    """Read a row as the other driver does, which gives JSON and times as they are meant."""
    record = golden_record(view, {**row, "golden_marks": orjson.loads(row["golden_marks"])})
    return replace(record, updated_at=record.updated_at.astimezone(_CHINA))


@lru_cache(1_000)
def _statement(view: View) -> tuple[str, Sequence[str], Mapping[str, Any]]:
    """Write the statement of a view in the driver's words, with its values by name.

    What masks and areas say is written out: to hand some thirty values over each time would take
    as long as all else that a view adds.
    """
    read = cast(
        "sa.Select[Any]", visitors.replacement_traverse(live_golden(view), {}, _written_out)
    )
    said = read.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return str(said), said.positiontup or (), said.params


def _written_out(element: Any, **_: Any) -> Any:
    constant = isinstance(element, sa.BindParameter) and element.key != SOUGHT
    return element.render_literal_execute() if constant else None
