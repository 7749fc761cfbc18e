"""Reading where departments differ: golden fields that are marked disputed, by field and age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store import tables
from hub.store.visible import View, golden_table

#: Of more disputes in a field than these, those of records that changed lately are not listed yet:
#: to tell when each began, all records of each have to be read.
LONGEST_UNCHANGED = 500


@dataclass(frozen=True, slots=True)
class Conflict:
    """An entity of which departments say different things in one field."""

    entity_id: str
    #: When somebody first said something else than was said before.
    since: datetime
    members: Sequence[int]


def count_conflicts(connection: Connection, views: Iterable[View]) -> dict[tuple[str, str], int]:
    """Count disputed values by record type and field, of the fields that the views show."""
    found: dict[tuple[str, str], int] = {}
    for view in views:
        table = golden_table(view)
        mark = sa.func.jsonb_each_text(table.c.marks).table_valued("key", "value")
        query = (
            sa.select(mark.c.key, sa.func.count())
            .select_from(table.join(mark, sa.true()))
            .where(
                sa.text(tables.DISPUTED), mark.c.value == "disputed", view.rows(table.c.entity_id)
            )
            .group_by(mark.c.key)
        )
        counted = {row[0]: int(row[1]) for row in connection.execute(query)}
        found |= {
            (view.model.record_type, name): counted[name] for name in view.names if name in counted
        }
    return found


def list_conflicts(
    connection: Connection,
    view: View,
    name: str,
    *,
    source: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[Conflict]:
    """Return entities of which a field is disputed, also by one source if told so; oldest first."""
    golden = golden_table(view)
    unchanged = (
        sa.select(golden.c.entity_id, golden.c.members, golden.c.updated_at)
        .where(
            sa.text(tables.DISPUTED),
            golden.c.marks[name].astext == "disputed",
            view.rows(golden.c.entity_id),
            *([_differs(view, name, source)] if source else []),
        )
        .order_by(golden.c.updated_at, golden.c.entity_id)
        .limit(LONGEST_UNCHANGED)
        .subquery()
    )
    since = sa.func.coalesce(_begun(view, name, unchanged), unchanged.c.updated_at)
    query = sa.select(unchanged.c.entity_id, since.label("since"), unchanged.c.members).subquery()
    listed = sa.select(query)
    if after is not None:
        listed = listed.where(sa.tuple_(query.c.since, query.c.entity_id) > sa.tuple_(*after))
    rows = connection.execute(listed.order_by(query.c.since, query.c.entity_id).limit(limit))
    return [Conflict(*row) for row in rows]


def _begun(view: View, name: str, entity: sa.FromClause) -> sa.ColumnElement[datetime]:
    """Return when the second value appeared beside the first one."""
    record = tables.RECORD[view.model.record_type]
    said = sa.cast(record.c.since[name].astext, sa.DateTime(timezone=True))
    first = sa.func.min(sa.func.coalesce(said, record.c.first_at))
    values = (
        sa.select(first)
        .where(record.c.record_id == sa.any_(entity.c.members), record.c[name].is_not(None))
        .group_by(sa.cast(record.c[name], sa.Text))
        .order_by(first)
        .offset(1)
        .limit(1)
    )
    return values.correlate(entity).scalar_subquery()


def _differs(view: View, name: str, source: str) -> sa.ColumnElement[bool]:
    golden, record = golden_table(view), tables.RECORD[view.model.record_type]
    other = sa.cast(record.c[name], sa.Text) != sa.cast(golden.c[name], sa.Text)
    mine = (record.c.record_id == sa.any_(golden.c.members), record.c.source == source, other)
    return sa.exists().where(*mine).correlate(golden)
