"""The quarantine as a whole: how much of what is open, and what a source should mend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store import tables
from hub.store.visible import SourcesView

#: For the hub's own commands, which see everything.
EVERY = SourcesView(every=True, own=None)

#: By what open entries can be counted.
ASPECTS = ("source", "dataset", "record_type", "field", "rule", "fate")


#: Of one of these together a key has one open entry at most: entries need no telling apart.
_ONCE = {"source", "dataset", "record_type", "field", "rule"}


class Count(NamedTuple):
    """How many open entries have the same aspects, and since when the oldest is open."""

    aspects: tuple[str | None, ...]
    entries: int
    keys: int
    since: datetime


class ToMend(NamedTuple):
    """One thing a source should mend: which row, which field of it, what is wrong, what it said."""

    dataset: str
    key: str
    record_type: str | None
    field: str | None
    rule: str
    fate: str
    said: str | None
    since: datetime


def count_open(
    connection: Connection,
    by: Sequence[str],
    source: str | None = None,
    *,
    view: SourcesView = EVERY,
    **only: object,
) -> list[Count]:
    """Count open entries by some of `ASPECTS`, the most first; of all sources or one.

    Of those that a caller may see, and of such as have these values only.
    """
    table = tables.quarantine
    said = {"source": source, **only}
    asked = [table.c[name] == one for name, one in said.items() if one is not None]
    whose = sa.and_(view.rows(table.c.source), *asked)
    aspects = [table.c[name] for name in by]
    keys: sa.ColumnElement[int] = sa.func.count()
    told = {*by, *(name for name, one in said.items() if one is not None)}
    if not told.issuperset(_ONCE):
        keys = sa.func.count(sa.distinct(sa.tuple_(table.c.source, table.c.dataset, table.c.key)))
    query = (
        sa.select(*aspects, sa.func.count(), keys, sa.func.min(table.c.opened_at))
        .where(table.c.released_at.is_(None), whose)
        .group_by(*aspects)
        .order_by(sa.func.count().desc(), *aspects)
    )
    return [Count(tuple(row[:-3]), *row[-3:]) for row in connection.execute(query)]


def to_mend(
    connection: Connection, source: str, fates: Sequence[str], view: SourcesView = EVERY
) -> Iterator[ToMend]:
    """Read what a source should mend, dataset by dataset, row by row; the rows stream.

    What was said is left out where the one who asks may not see it.
    """
    table = tables.quarantine
    columns: list[sa.ColumnElement[Any]] = [table.c[name] for name in ToMend._fields[:-2]]
    columns += [view.said(table), table.c.opened_at]
    order: list[sa.ColumnElement[Any]] = [
        table.c.dataset,
        table.c.key,
        table.c.field.nulls_first(),
        table.c.quarantine_id,
    ]
    query = (
        sa.select(*columns)
        .where(
            table.c.source == source,
            view.rows(table.c.source),
            table.c.released_at.is_(None),
            table.c.fate.in_(list(fates)),
        )
        .order_by(*order)
    )
    streamed = connection.execution_options(stream_results=True, yield_per=5_000)
    for row in streamed.execute(query):
        yield ToMend._make(row)
