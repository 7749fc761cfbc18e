"""What workers have entered: who said what of which entity, when and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.sealing import seals_of
from hub.store import tables
from hub.store.rows import row_object
from schemas import Section


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as it is kept."""

    entry_id: int
    record_type: str
    entity_id: str
    said_by: str
    reason: str | None
    at: datetime
    fields: Mapping[str, str | None]
    applied: Sequence[str]


_COLUMNS = [tables.entry.c[name] for name in EntryRow.__slots__]


def open_entry(
    connection: Connection,
    record_type: str,
    entity_id: str,
    fields: Mapping[str, str | None],
    applied: Sequence[str],
    *,
    said_by: str,
    reason: str | None,
) -> int:
    """Write an entry down; return its number."""
    insert = tables.entry.insert().values(
        record_type=record_type,
        entity_id=entity_id,
        fields=dict(fields),
        applied=list(applied),
        said_by=said_by,
        reason=reason,
    )
    return int(connection.scalar(insert.returning(tables.entry.c.entry_id)) or 0)


def name_batch(connection: Connection, entry_id: int, batch_id: int) -> None:
    """Say of an entry by which batch it took effect."""
    table = tables.entry
    connection.execute(table.update().where(table.c.entry_id == entry_id).values(batch_id=batch_id))


def list_entries(
    connection: Connection, entity_id: str, *, before: int | None, limit: int
) -> list[EntryRow]:
    """Return the entries made on an entity, newest first."""
    table = tables.entry
    query = sa.select(*_COLUMNS).where(table.c.entity_id == entity_id)
    if before is not None:
        query = query.where(table.c.entry_id < before)
    found = connection.execute(query.order_by(table.c.entry_id.desc()).limit(limit))
    return [EntryRow(**row._mapping) for row in found]


def golden_texts(
    connection: Connection, model: type[Section], entity_id: str, names: Sequence[str]
) -> dict[str, str]:
    """Return the values that an entity's golden record has of these fields, as canonical text."""
    table = tables.GOLDEN[model.record_type]
    columns = [sa.cast(table.c[name], sa.Text).label(name) for name in names]
    row = connection.execute(sa.select(*columns).where(table.c.entity_id == entity_id)).one()
    return {name: value for name, value in row._mapping.items() if value is not None}


def said_rows(
    connection: Connection, source: str, dataset: str, keys: Sequence[str]
) -> dict[str, dict[str, str | None]]:
    """Return the rows that have landed under these keys, by column."""
    table = tables.landing
    query = (
        sa.select(table.c.key, table.c.row, tables.layout.c.names)
        .join(tables.layout, tables.layout.c.layout_id == table.c.layout_id)
        .where(table.c.source == source, table.c.dataset == dataset, table.c.key.in_(keys))
    )
    seals = seals_of(connection)
    found = connection.execute(query)
    return {row.key: dict(row_object(row.row, row.names, seals)) for row in found}


def begin_entity(connection: Connection, record_type: str, entity_id: str) -> None:
    """Give out the id of an entity that a worker describes first."""
    connection.execute(tables.entity.insert().values(entity_id=entity_id, record_type=record_type))


def give_home(
    connection: Connection, record_type: str, source: str, dataset: str, key: str
) -> None:
    """Let a record that describes an entity itself lay claim to the id that it was given."""
    statement = f"""
        INSERT INTO link (record_id, record_type, home_id)
        SELECT record_id, :type, key FROM record_{record_type}
        WHERE source = :source AND dataset = :dataset AND key = :key
        ON CONFLICT DO NOTHING"""
    said = {"type": record_type, "source": source, "dataset": dataset, "key": key}
    connection.execute(sa.text(statement), said)


def date_values(
    connection: Connection,
    record_type: str,
    source: str,
    dataset: str,
    key: str,
    names: Sequence[str],
    at: datetime,
) -> None:
    """Say of values that they were said at a time, also where they were said before.

    The records are resolved again: of two values of one authority the newer one counts.
    """
    statement = f"""
        WITH dated AS (UPDATE record_{record_type} r SET since = coalesce(since, '{{}}') || (
                SELECT coalesce(jsonb_object_agg(name, CAST(:at AS timestamptz)), '{{}}')
                FROM unnest(CAST(:names AS text[])) AS said (name))
            WHERE source = :source AND dataset = :dataset AND key = :key
            RETURNING record_id)
        INSERT INTO resolve_queue (record_id, record_type) SELECT record_id, :type FROM dated"""
    said = {"source": source, "dataset": dataset, "key": key, "names": list(names), "at": at}
    connection.execute(sa.text(statement), {**said, "type": record_type})


def not_before(
    connection: Connection, record_type: str, entity_id: str, source: str, names: Sequence[str]
) -> datetime:
    """Return the present moment, or one just after a source's words on fields of an entity.

    Its clock may be ahead of the hub's; whoever speaks for it now still speaks later.
    """
    query = f"""
        SELECT greatest(now(), max(coalesce(CAST(r.since ->> said.name AS timestamptz), r.first_at))
            + interval '1 microsecond')
        FROM link l JOIN record_{record_type} r ON r.record_id = l.record_id
        CROSS JOIN unnest(CAST(:names AS text[])) AS said (name)
        WHERE l.entity_id = :entity AND r.source = :source AND r.withdrawn_at IS NULL"""
    said = {"entity": entity_id, "source": source, "names": list(names)}
    found: datetime = connection.execute(sa.text(query), said).scalar_one()
    return found


def causes_of(connection: Connection, entity_id: str) -> dict[int, Mapping[str, Any]]:
    """Return by version what caused the changes of an entity, as far as the feed reaches back."""
    found: dict[int, Mapping[str, Any]] = {}
    for table in (tables.change, tables.outbox):
        query = sa.select(table.c.version, table.c.cause).where(table.c.entity_id == entity_id)
        found |= {row.version: row.cause for row in connection.execute(query)}
    return found
