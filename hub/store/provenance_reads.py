"""Why a golden value is what it is: versions of golden records, origins, values that lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql as pg

from hub.errors import NotFound
from hub.store import tables
from hub.store.golden_reads import gone
from hub.store.visible import View, golden_table

#: As many rules as an origin can name beside the place of its record; see `hub.golden.rules`.
_WIDTH = 8


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a golden record as one caller sees it."""

    version: int
    updated_at: datetime
    #: When the next version took its place; None for the one that is served.
    until: datetime | None
    retired: bool
    fields: dict[str, object]
    marks: dict[str, str]
    members: Sequence[int] = ()
    #: For each field with a value: which member gave it, by which rule (as a number).
    origins: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Witness:
    """A record that speaks of the entity: where it comes from and what it says."""

    record_id: int
    source: str
    dataset: str
    key: str
    batch_id: int
    received_at: datetime | None
    first_at: str
    since: Mapping[str, str]
    fields: Mapping[str, object]

    def said_since(self, name: str) -> str:
        """Return when the source first said its present value of a field."""
        return self.since.get(name) or self.first_at


@lru_cache(1_000)
def _served(view: View) -> sa.Select[Any]:
    table = golden_table(view)
    return sa.select(
        table.c.version,
        table.c.updated_at,
        sa.literal(None, sa.DateTime(timezone=True)).label("until"),
        table.c.retired_at.is_not(None).label("retired"),
        table.c.marks.label("golden_marks"),
        table.c.members,
        table.c.origins,
        table.c.layout_id,
        *view.columns(table),
    ).where(table.c.entity_id == sa.bindparam("sought"), view.rows(table.c.entity_id))


@lru_cache(1_000)
def _former(view: View) -> sa.Select[Any]:
    table = tables.golden_history
    golden = table.c.golden

    def numbers(name: str, kind: Any) -> sa.ColumnElement[Any]:
        elements = sa.func.jsonb_array_elements_text(golden[name]).table_valued("value")
        listed = sa.select(sa.func.array_agg(sa.cast(elements.c.value, kind)))
        return listed.scalar_subquery().label(name)

    return sa.select(
        table.c.version,
        table.c.updated_at,
        table.c.until,
        (golden["retired_at"].astext.is_not(None)).label("retired"),
        golden["marks"].label("golden_marks"),
        numbers("members", sa.BigInteger),
        numbers("origins", sa.SmallInteger),
        sa.cast(golden["layout_id"].astext, sa.Integer).label("layout_id"),
        *view.project(lambda name: golden[name].astext),
    ).where(
        table.c.entity_id == sa.bindparam("sought"),
        table.c.record_type == view.model.record_type,
        view.rows(table.c.entity_id),
    )


def get_version(
    connection: Connection, view: View, entity_id: str, as_of: datetime | None = None
) -> Version:
    """Return the served version, or the one that was valid at a time; raise where there is none."""
    row = connection.execute(_served(view), {"sought": entity_id}).one_or_none()
    if as_of is None:
        if row is None or row.retired:
            raise gone(connection, view, entity_id, known=row is not None)
    elif row is None or row.updated_at > as_of:
        history = tables.golden_history.c
        query = _former(view).where(history.updated_at <= as_of, history.until > as_of)
        before = connection.execute(query, {"sought": entity_id}).first()
        if before is None and row is None:
            raise gone(connection, view, entity_id)
        row = before
    if row is None or row.retired:
        raise NotFound(f"the hub knew no such {view.model.record_type} at that time")
    return _version(connection, view, row._mapping)


def list_versions(
    connection: Connection, view: View, entity_id: str, *, before: int | None, limit: int
) -> list[Version]:
    """Return versions below a number, newest first."""
    former = _former(view).order_by(tables.golden_history.c.version.desc()).limit(limit)
    if before is not None:
        former = former.where(tables.golden_history.c.version < before)
    said = {"sought": entity_id}
    served = connection.execute(_served(view), said).one_or_none()
    if served is None:
        raise gone(connection, view, entity_id)
    rows = [served] if before is None or served.version < before else []
    rows += connection.execute(former, said).all()
    return [_version(connection, view, row._mapping) for row in rows[:limit]]


def _version(connection: Connection, view: View, row: Mapping[Any, Any]) -> Version:
    names = _layout(connection, row["layout_id"])
    origins = {
        name: divmod(code, _WIDTH)
        for name, code in zip(names, row["origins"] or (), strict=False)
        if code >= 0 and name in view.names
    }
    retired = bool(row["retired"])
    return Version(
        row["version"],
        row["updated_at"],
        row["until"],
        retired,
        {} if retired else view.read(row),
        {} if retired else view.marks(row["golden_marks"]),
        tuple(row["members"] or ()),
        origins,
    )


def _layout(connection: Connection, layout_id: int) -> Sequence[str]:
    table = tables.layout
    names = connection.scalar(sa.select(table.c.names).where(table.c.layout_id == layout_id))
    return names or ()


def witnesses(
    connection: Connection, view: View, record_ids: Sequence[int], as_of: datetime | None = None
) -> dict[int, Witness]:
    """Return what records say now, or said at a time, by their ids."""
    now = {row.record_id: row._mapping for row in _records(connection, view, record_ids)}
    if as_of is not None:
        for row in _former_records(connection, view, record_ids, as_of):
            now[row.record_id] = row._mapping
    return {number: _witness(view, row) for number, row in now.items()}


def _witness(view: View, row: Mapping[Any, Any]) -> Witness:
    said = {name: row[name] for name in Witness.__slots__ if name not in ("since", "fields")}
    return Witness(**said, since=row["since"] or {}, fields=view.read(row))


def _records(
    connection: Connection, view: View, record_ids: Sequence[int]
) -> Sequence[sa.Row[Any]]:
    table = tables.RECORD[view.model.record_type]
    query = (
        sa.select(
            table.c.record_id,
            table.c.source,
            table.c.dataset,
            table.c.key,
            table.c.batch_id,
            tables.batch.c.received_at,
            sa.func.to_jsonb(table.c.first_at).op("#>>")(sa.text("'{}'")).label("first_at"),
            table.c.since,
            *view.columns(table),
        )
        .outerjoin_from(table, tables.batch, tables.batch.c.batch_id == table.c.batch_id)
        .where(table.c.record_id == sa.any_(sa.literal(list(record_ids), pg.ARRAY(sa.BigInteger))))
    )
    return connection.execute(query).all()


def _former_records(
    connection: Connection, view: View, record_ids: Sequence[int], as_of: datetime
) -> list[Any]:
    """Return what the records that have changed since a time said then."""
    table = tables.record_history
    said = table.c.record
    batch_id = sa.cast(said["batch_id"].astext, sa.BigInteger)
    query = (
        sa.select(
            table.c.record_id,
            *(said[name].astext.label(name) for name in ("source", "dataset", "key")),
            batch_id.label("batch_id"),
            tables.batch.c.received_at,
            said["first_at"].astext.label("first_at"),
            sa.func.nullif(said["since"], sa.text("'null'::jsonb")).label("since"),
            *view.project(lambda name: said[name].astext),
        )
        .outerjoin_from(table, tables.batch, tables.batch.c.batch_id == batch_id)
        .where(
            table.c.record_id == sa.any_(sa.literal(list(record_ids), pg.ARRAY(sa.BigInteger))),
            table.c.until > as_of,
        )
        .ext(pg.distinct_on(table.c.record_id))
        .order_by(table.c.record_id, table.c.until)
    )
    return list(connection.execute(query))
