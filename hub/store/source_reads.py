"""Reading what concerns a source: its records by their keys, batches, quarantine, signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import NotFound
from hub.sealing import Seals, seals_of
from hub.store import tables
from hub.store.attachments import belonging
from hub.store.rows import row_object
from hub.store.visible import SourcesView, View


@dataclass(frozen=True, slots=True)
class LandedRow:
    """The last row that a source sent under a key, and what has become of it."""

    state: str
    batch_id: int
    recorded_at: datetime | None
    row: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A record made of a source's row, as one caller sees it."""

    record_type: str
    key: str
    golden_id: str | None
    recorded_at: datetime | None
    first_at: datetime
    withdrawn_at: datetime | None
    fields: dict[str, object]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which batches, quarantine entries or signals are asked for; None asks nothing."""

    source: str | None = None
    dataset: str | None = None
    state: str | None = None
    rule: str | None = None
    field: str | None = None
    fate: str | None = None
    batch_id: int | None = None
    #: Of quarantine only what is not used, whatever its fate.
    unused: bool = False


def find_row(connection: Connection, source: str, dataset: str, key: str) -> LandedRow | None:
    """Return the row that landed under a key, or None."""
    table = tables.landing
    query = (
        sa.select(
            table.c.state,
            table.c.batch_id,
            table.c.recorded_at,
            table.c.row,
            tables.layout.c.names,
        )
        .join(tables.layout, tables.layout.c.layout_id == table.c.layout_id)
        .where(table.c.source == source, table.c.dataset == dataset, table.c.key == key)
    )
    found = connection.execute(query).one_or_none()
    return found and LandedRow(
        found.state,
        found.batch_id,
        found.recorded_at,
        row_object(found.row, found.names, seals_of(connection)),
    )


def find_records(
    connection: Connection, view: View, source: str, dataset: str, key: str
) -> list[SourceRecord]:
    """Return the records of a type that have a key, or whose row has it."""
    table, link = tables.RECORD[view.model.record_type], belonging()
    query = (
        sa.select(
            table.c.key.label("record_key"),
            link.c.entity_id.label("golden_id"),
            table.c.recorded_at,
            table.c.first_at,
            table.c.withdrawn_at,
            *view.columns(table),
        )
        .outerjoin_from(table, link, link.c.record_id == table.c.record_id)
        .where(
            table.c.source == source,
            table.c.dataset == dataset,
            sa.or_(table.c.key == key, table.c.row_key == key),
            sa.or_(sa.and_(link.c.entity_id.is_(None), view.unlinked), view.rows(link.c.entity_id)),
        )
        .order_by(table.c.key != key, table.c.key)
    )
    return [
        SourceRecord(
            view.model.record_type,
            row["record_key"],
            row["golden_id"],
            row["recorded_at"],
            row["first_at"],
            row["withdrawn_at"],
            view.read(row),
        )
        for row in connection.execute(query).mappings()
    ]


def open_entries(
    connection: Connection, source: str, dataset: str, key: str, *, said: bool
) -> list[Mapping[str, Any]]:
    """Return the open quarantine entries of a key, with what was said where that is to be seen."""
    query = _quarantine(tables.quarantine.c.said if said else None).where(
        tables.quarantine.c.source == source,
        tables.quarantine.c.dataset == dataset,
        tables.quarantine.c.key == key,
        tables.quarantine.c.released_at.is_(None),
    )
    seals = seals_of(connection)
    return [_opened(row, seals) for row in connection.execute(query).mappings()]


def list_batches(
    connection: Connection, view: SourcesView, asked: Asked, *, before: int | None, limit: int
) -> list[Mapping[str, Any]]:
    """Return batches with their ledgers, newest first."""
    table = tables.batch
    query = _listed(_BATCH, table, table.c.batch_id, view, asked, before, limit)
    if asked.state is not None:
        query = query.where(table.c.state == asked.state)
    return [_plain(row) for row in connection.execute(query).mappings()]


def get_batch(connection: Connection, view: SourcesView, batch_id: int) -> Mapping[str, Any]:
    """Return a batch with its ledger; NotFound where there is none to be seen."""
    table = tables.batch
    query = _BATCH.where(table.c.batch_id == batch_id, view.rows(table.c.source))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no batch of this number")
    return _plain(row)


def list_quarantine(
    connection: Connection,
    view: SourcesView,
    asked: Asked,
    *,
    said: bool,
    before: int | None,
    limit: int,
) -> list[Mapping[str, Any]]:
    """Return quarantine entries, newest first: open ones, or those in the state asked for."""
    table = tables.quarantine
    released = {"open": table.c.released_at.is_(None), "released": table.c.released_at.is_not(None)}
    select = _quarantine(view.said(table) if said else None).where(
        released.get(asked.state or "", sa.true())
    )
    for name in ("rule", "field", "fate"):
        wanted = getattr(asked, name)
        select = select if wanted is None else select.where(table.c[name] == wanted)
    if asked.unused:
        select = select.where(table.c.fate != "warn")
    query = _listed(select, table, table.c.quarantine_id, view, asked, before, limit)
    seals = seals_of(connection)
    return [_opened(row, seals) for row in connection.execute(query).mappings()]


def get_quarantined(
    connection: Connection, view: SourcesView, quarantine_id: int, *, said: bool
) -> Mapping[str, Any]:
    """Return a quarantine entry; NotFound where there is none to be seen."""
    table = tables.quarantine
    query = _quarantine(view.said(table) if said else None).where(
        table.c.quarantine_id == quarantine_id, view.rows(table.c.source)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no quarantine entry of this number")
    return _plain(row)


def list_signals(
    connection: Connection, view: SourcesView, asked: Asked, *, before: int | None, limit: int
) -> list[Mapping[str, Any]]:
    """Return the signals of sources, newest first: all, or those in the state asked for."""
    table = tables.signal
    closed = {"open": table.c.closed_at.is_(None), "closed": table.c.closed_at.is_not(None)}
    select = sa.select(table).where(closed.get(asked.state or "", sa.true()))
    query = _listed(select, table, table.c.signal_id, view, asked, before, limit)
    return [_plain(row) for row in connection.execute(query).mappings()]


def _plain(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    # The names of columns are a kind of text that not every writer of JSON takes for text.
    return {str(name): value for name, value in row.items()}


def _opened(row: Mapping[Any, Any], seals: Seals) -> Mapping[str, Any]:
    """Return a quarantine entry with what was said, if it is shown at all, opened."""
    plain = dict(_plain(row))
    return plain | {"said": seals.as_said(plain["said"])} if plain.get("said") else plain


def _listed(
    select: sa.Select[Any],
    table: sa.Table,
    number: sa.Column[Any],
    view: SourcesView,
    asked: Asked,
    before: int | None,
    limit: int,
) -> sa.Select[Any]:
    """Complete a query of what concerns sources: who sees it, what is asked for, which page."""
    conditions: list[sa.ColumnElement[bool]] = [view.rows(table.c.source)]
    conditions += [table.c.source == asked.source] if asked.source is not None else []
    conditions += [table.c.dataset == asked.dataset] if asked.dataset is not None else []
    if asked.batch_id is not None:
        conditions.append(table.c.batch_id == asked.batch_id)
    conditions += [number < before] if before is not None else []
    return select.where(*conditions).order_by(number.desc()).limit(limit)


def _quarantine(said: sa.ColumnElement[Any] | None) -> sa.Select[Any]:
    plain = [column for column in tables.quarantine.c if column.name != "said"]
    return sa.select(*plain, *(() if said is None else (said.label("said"),)))


_LEDGER = (
    "received",
    "accepted",
    "unchanged",
    "quarantined",
    "withdrawn",
    "repeated",
    "missing",
)
_BATCH = sa.select(
    *(
        tables.batch.c[name]
        for name in ("batch_id", "source", "dataset", "label", "snapshot", "state", "flaw")
    ),
    *(tables.batch.c[name] for name in _LEDGER),
    (tables.batch.c.state == "held").label("held"),
    *(tables.batch.c[name] for name in ("seconds", "received_at", "finished_at", "decided_by")),
    tables.batch.c.reason,
    tables.batch.c.quality,
)


def made_of(
    connection: Connection, source: str, dataset: str, key: str
) -> tuple[frozenset[str], str | None]:
    """Return the types of the records that have a key or whose row has it, and that row's key."""
    parts = [
        sa.select(sa.literal(name).label("record_type"), table.c.row_key).where(
            table.c.source == source,
            table.c.dataset == dataset,
            sa.or_(table.c.key == key, table.c.row_key == key),
        )
        for name, table in tables.RECORD.items()
    ]
    found = connection.execute(sa.union_all(*parts)).all()
    return frozenset(row.record_type for row in found), found[0].row_key if found else None
