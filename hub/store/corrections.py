"""Corrections (校核): requests to the authoritative source of a field to check its value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import Conflict, NotFound
from hub.store import tables
from hub.store.visible import SourcesView, View

#: Every state there is.
STATES = ("open", "accepted", "refused", "withdrawn")


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A correction as it is kept."""

    correction_id: int
    record_type: str
    entity_id: str
    field: str
    authority: str
    source: str | None
    dataset: str | None
    key: str | None
    value: str | None
    proposed: str
    basis: str | None
    raised_by: str
    raised_at: datetime
    due_on: date
    state: str
    reason: str | None
    answered_by: str | None
    answered_at: datetime | None
    entry_id: int | None
    delivery_id: str | None


_TABLE = tables.correction
_COLUMNS = [_TABLE.c[name] for name in CorrectionRow.__slots__]


def open_correction(connection: Connection, said: Mapping[str, Any]) -> int:
    """Ask for a value to be checked; a former request for the same field gives way to this one."""
    same = (
        _TABLE.c.record_type == said["record_type"],
        _TABLE.c.entity_id == said["entity_id"],
        _TABLE.c.field == said["field"],
        _TABLE.c.state == "open",
    )
    connection.execute(
        _TABLE.update()
        .where(*same)
        .values(state="withdrawn", reason="superseded", answered_at=sa.func.now())
    )
    insert = _TABLE.insert().values(**said, state="open")
    return int(connection.scalar(insert.returning(_TABLE.c.correction_id)) or 0)


def withdraw_corrections(
    connection: Connection, record_type: str, entity_id: str, names: Sequence[str], by: str
) -> list[int]:
    """Take back what is asked about these fields of an entity; return the numbers."""
    statement = (
        _TABLE.update()
        .where(
            _TABLE.c.record_type == record_type,
            _TABLE.c.entity_id == entity_id,
            _TABLE.c.field.in_(list(names)),
            _TABLE.c.state == "open",
        )
        .values(state="withdrawn", answered_by=by, answered_at=sa.func.now())
    )
    return list(connection.scalars(statement.returning(_TABLE.c.correction_id)))


def get_correction(connection: Connection, correction_id: int) -> CorrectionRow:
    """Return a correction; NotFound where there is none of this number."""
    query = sa.select(*_COLUMNS).where(_TABLE.c.correction_id == correction_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no correction {correction_id}")
    return CorrectionRow(**row)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which corrections are asked for; None asks nothing."""

    source: str | None = None
    state: str | None = None
    entity_id: str | None = None
    due_by: date | None = None
    correction_ids: Sequence[int] | None = None


def list_corrections(
    connection: Connection,
    view: SourcesView,
    asked: Asked,
    *,
    before: int | None,
    limit: int,
    by_due: bool = False,
) -> list[CorrectionRow]:
    """List corrections that a caller may see behind one of them: newest, or first due, first."""
    query = sa.select(*_COLUMNS).where(view.rows(_TABLE.c.source))
    for name in ("source", "state", "entity_id"):
        if (wanted := getattr(asked, name)) is not None:
            query = query.where(_TABLE.c[name] == wanted)
    if asked.due_by is not None:
        query = query.where(_TABLE.c.due_on <= asked.due_by)
    if asked.correction_ids is not None:
        query = query.where(_TABLE.c.correction_id.in_(asked.correction_ids))
    if before is not None:
        query = query.where(_behind(before, by_due))
    order = (_TABLE.c.due_on, _TABLE.c.correction_id) if by_due else _NEWEST
    rows = connection.execute(query.order_by(*order).limit(limit))
    return [CorrectionRow(**row) for row in rows.mappings()]


_NEWEST = (_TABLE.c.correction_id.desc(),)


def _behind(number: int, by_due: bool) -> sa.ColumnElement[bool]:
    if not by_due:
        return _TABLE.c.correction_id < number
    one = _TABLE.alias()
    due = sa.select(one.c.due_on).where(one.c.correction_id == number).scalar_subquery()
    return sa.tuple_(_TABLE.c.due_on, _TABLE.c.correction_id) > sa.tuple_(due, number)


@dataclass(frozen=True, slots=True)
class DueRow:
    """An open correction, and when its answer is due."""

    record_type: str
    entity_id: str
    field: str
    authority: str
    due_on: date


def _due(sources: SourcesView, views: Sequence[View], by: date) -> list[sa.ColumnElement[bool]]:
    """Return which open corrections about what the views show are due by a day."""
    seen = (
        sa.and_(_TABLE.c.record_type == view.model.record_type, view.rows(_TABLE.c.entity_id))
        for view in views
    )
    open_ones = [_TABLE.c.state == "open", _TABLE.c.due_on <= by]
    return [*open_ones, sources.rows(_TABLE.c.source), sa.or_(sa.false(), *seen)]


def first_due(
    connection: Connection, sources: SourcesView, views: Sequence[View], by: date, *, limit: int
) -> list[DueRow]:
    """Return the open corrections that are due first, by a day at the latest."""
    query = sa.select(*(_TABLE.c[name] for name in DueRow.__slots__))
    query = query.where(*_due(sources, views, by)).order_by(_TABLE.c.due_on, _TABLE.c.correction_id)
    return [DueRow(**row) for row in connection.execute(query.limit(limit)).mappings()]


def count_due(connection: Connection, sources: SourcesView, views: Sequence[View], by: date) -> int:
    """Count the open corrections that are due by a day."""
    query = sa.select(sa.func.count()).select_from(_TABLE).where(*_due(sources, views, by))
    return int(connection.scalar(query) or 0)


def answer_correction(
    connection: Connection,
    correction_id: int,
    *,
    state: str,
    reason: str | None,
    by: str,
    at: datetime,
) -> None:
    """Write down the answer to a correction; Conflict where it has one already."""
    statement = (
        _TABLE.update()
        .where(_TABLE.c.correction_id == correction_id, _TABLE.c.state == "open")
        .values(state=state, reason=reason, answered_by=by, answered_at=at)
    )
    if connection.execute(statement).rowcount == 0:
        found = get_correction(connection, correction_id)
        raise Conflict(f"correction {correction_id} is not open: it is {found.state}")


def carried_by(connection: Connection, delivery_id: str) -> list[int]:
    """Return the open corrections that a delivery carries."""
    query = sa.select(_TABLE.c.correction_id).where(
        _TABLE.c.delivery_id == delivery_id, _TABLE.c.state == "open"
    )
    return list(connection.scalars(query))


def open_counts(connection: Connection) -> dict[tuple[str, bool], int]:
    """Count the open corrections by authority, and whether they are overdue."""
    overdue = _TABLE.c.due_on < sa.func.current_date()
    query = sa.select(_TABLE.c.authority, overdue, sa.func.count()).where(_TABLE.c.state == "open")
    rows = connection.execute(query.group_by(_TABLE.c.authority, overdue))
    return {(row[0], bool(row[1])): int(row[2]) for row in rows}
