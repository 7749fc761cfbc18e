"""Deliveries on their way: claimed in order, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import NotFound
from hub.store import tables

UPDATE, CORRECTION = "update", "correction"

#: States from which a delivery goes on by itself.
UNDER_WAY = ("queued", "sent", "accepted")

#: Every state there is, in the order in which they are come to.
STATES = (*UNDER_WAY, "confirmed", "refused", "differs", "dead")


_TOLD = """
SELECT d.native FROM delivery d
JOIN landing l ON l.source = d.source AND l.dataset = d.dataset AND l.key = d.key
JOIN batch b ON b.batch_id = l.batch_id
WHERE d.source = :source AND d.dataset = :dataset AND d.key = :key AND d.kind = 'update'
  AND d.state IN ('sent', 'accepted', 'confirmed') AND d.handed_at > b.received_at
ORDER BY d.number
"""


def told_since(connection: Connection, source: str, dataset: str, key: str) -> dict[str, Any]:
    """Return the cells that a source was told of a row since it last said anything new of it."""
    told = {"source": source, "dataset": dataset, "key": key}
    sent = connection.scalars(sa.text(_TOLD), told)
    return {column: cell[1] for cells in sent for column, cell in (cells or {}).items()}


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as it is kept, with the values that it carries."""

    delivery_id: str
    number: int
    kind: str
    record_type: str
    entity_id: str
    source: str
    dataset: str
    key: str
    record_id: int
    cause: Mapping[str, Any]
    owner: str
    state: str
    reason: str | None
    native: Mapping[str, Any] | None
    attempts: int
    planned_at: datetime
    due_at: datetime
    handed_at: datetime | None
    at: datetime
    values: Mapping[str, str]

    @property
    def promised(self) -> bool:
        """Tell whether somebody waits for it: a worker, who was told that it is on its way."""
        return self.cause.get("kind") == "entry"

    @property
    def basis(self) -> str:
        """Return on whose word it goes out, in the words of those who receive it."""
        return "社区工作者走访核实" if self.promised else "权威来源已更新"


_COLUMNS = [tables.delivery.c[n] for n in DeliveryRow.__slots__ if n != "values"]
_VALUES = (
    sa.select(
        sa.func.jsonb_object_agg(tables.delivery_field.c.field, tables.delivery_field.c.value)
    )
    .where(tables.delivery_field.c.delivery_id == tables.delivery.c.delivery_id)
    .scalar_subquery()
    .label("values")
)


def _read(row: sa.RowMapping) -> DeliveryRow:
    return DeliveryRow(**{**row, "values": row["values"] or {}})


def get_delivery(connection: Connection, delivery_id: str) -> DeliveryRow:
    """Return a delivery; NotFound where there is none of this id."""
    table = tables.delivery
    query = sa.select(*_COLUMNS, _VALUES).where(table.c.delivery_id == delivery_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such delivery")
    return _read(row)


def list_deliveries(
    connection: Connection,
    *,
    entity_id: str | None = None,
    source: str | None = None,
    states: Sequence[str] = (),
    delivery_ids: Sequence[str] | None = None,
    kind: str | None = UPDATE,
    before: int | None = None,
    limit: int = 100,
) -> list[DeliveryRow]:
    """List deliveries, newest first."""
    table = tables.delivery
    query = sa.select(*_COLUMNS, _VALUES)
    for name, wanted in (("entity_id", entity_id), ("source", source), ("kind", kind)):
        if wanted is not None:
            query = query.where(table.c[name] == wanted)
    if states:
        query = query.where(table.c.state.in_(list(states)))
    if delivery_ids is not None:
        query = query.where(table.c.delivery_id.in_(list(delivery_ids)))
    if before is not None:
        query = query.where(table.c.number < before)
    rows = connection.execute(query.order_by(table.c.number.desc()).limit(limit))
    return [_read(row) for row in rows.mappings()]


# The oldest of each row only: who comes later waits until the target has that for certain. What
# somebody else holds or has held a moment ago is passed by. Who answers later takes what it has
# in any order it likes, and the older value of a field last: so the newer one waits for the answer.
_CLAIM = """
WITH due AS (
    SELECT d.delivery_id FROM delivery d
    WHERE d.source = :source AND d.state IN ('queued', 'sent') AND d.handed_at IS NULL
      AND d.due_at <= :now AND (d.leased_until IS NULL OR d.leased_until <= :now)
      AND NOT EXISTS (SELECT FROM delivery e WHERE e.source = d.source
          AND e.dataset = d.dataset AND e.key = d.key AND e.number < d.number
          AND e.state IN ('queued', 'sent') AND (e.handed_at IS NULL
              OR e.handed_at > :awaited AND EXISTS (SELECT FROM delivery_field mine
                  JOIN delivery_field f ON f.field = mine.field
                  WHERE mine.delivery_id = d.delivery_id AND f.delivery_id = e.delivery_id)))
    ORDER BY d.due_at, d.number LIMIT :most FOR UPDATE SKIP LOCKED)
UPDATE delivery SET leased_until = :until, attempts = attempts + 1
FROM due WHERE delivery.delivery_id = due.delivery_id
RETURNING delivery.delivery_id, delivery.number
"""


def claim(
    connection: Connection,
    source: str,
    *,
    now: datetime,
    until: datetime,
    awaited: datetime,
    most: int,
) -> list[str]:
    """Take deliveries to a source that are due, the next of each row, for a time; oldest first.

    ``awaited``: an answer to what was handed over before this is not waited for any more.
    """
    said = {"source": source, "now": now, "until": until, "awaited": awaited, "most": most}
    found = connection.execute(sa.text(_CLAIM), said).all()
    return [row.delivery_id for row in sorted(found, key=lambda row: int(row.number))]


def let_go(connection: Connection, delivery_ids: Sequence[str]) -> None:
    """Give claimed deliveries back that were not tried after all."""
    table = tables.delivery
    connection.execute(
        table.update()
        .where(table.c.delivery_id.in_(list(delivery_ids)), table.c.state.in_(UNDER_WAY))
        .values(leased_until=None, attempts=table.c.attempts - 1)
    )


def unanswered(connection: Connection, source: str, now: datetime) -> list[DeliveryRow]:
    """Return the deliveries that a source has and has not answered, or that are to be read back."""
    table = tables.delivery
    query = sa.select(*_COLUMNS, _VALUES).where(
        table.c.source == source,
        table.c.state.in_(("sent", "accepted")),
        table.c.handed_at.is_not(None),
        table.c.due_at <= now,
    )
    rows = connection.execute(query.order_by(table.c.number))
    return [_read(row) for row in rows.mappings()]


def change(connection: Connection, delivery_id: str, **said: Any) -> None:
    """Set columns of a delivery that still goes on by itself; what has ended stays as it is."""
    table = tables.delivery
    connection.execute(
        table.update()
        .where(table.c.delivery_id == delivery_id, table.c.state.in_(UNDER_WAY))
        .values(said)
    )


_SERVED = """
UPDATE delivery_field f SET value = to_jsonb(g) ->> f.field
FROM delivery d JOIN link l ON l.record_id = d.record_id
JOIN golden_{type} g ON g.entity_id = l.entity_id
WHERE d.delivery_id = :id AND f.delivery_id = :id AND to_jsonb(g) ->> f.field <> f.value
"""


def renew(connection: Connection, row: DeliveryRow) -> DeliveryRow:
    """Let a delivery that has not left carry what is served by now; return it as it is then."""
    statement = sa.text(_SERVED.format(type=row.record_type))
    if connection.execute(statement, {"id": row.delivery_id}).rowcount == 0:
        return row
    return get_delivery(connection, row.delivery_id)


def narrow(connection: Connection, delivery_id: str, names: Sequence[str]) -> None:
    """Leave out of a delivery what its source has no words for."""
    table = tables.delivery_field
    those = table.c.delivery_id == delivery_id, table.c.field.not_in(names)
    connection.execute(table.delete().where(*those))


def awaited(connection: Connection, delivery_id: str) -> dict[str, str]:
    """Return the values that a delivery's source is still to say."""
    table = tables.delivery_field
    query = sa.select(table.c.field, table.c.value).where(
        table.c.delivery_id == delivery_id, table.c.settled_at.is_(None)
    )
    return {row.field: row.value for row in connection.execute(query)}


def note_attempt(
    connection: Connection, delivery_id: str, at: datetime, outcome: str, reason: str | None
) -> None:
    """Write down how an attempt at a delivery went."""
    said = {"delivery_id": delivery_id, "at": at, "outcome": outcome, "reason": reason}
    connection.execute(tables.delivery_attempt.insert().values(said))


def forget_attempts(connection: Connection, before: datetime) -> int:
    """Drop what was written down of attempts before a time."""
    table = tables.delivery_attempt
    return connection.execute(table.delete().where(table.c.at < before)).rowcount


_UNSILENCE = """
INSERT INTO resolve_queue (record_id, record_type)
SELECT record_id, record_type FROM delivery WHERE delivery_id = :id AND kind = 'update'
"""


def look_again(connection: Connection, delivery_id: str) -> None:
    """Have the entity resolved again whose source keeps to its own value: it is disputed now."""
    connection.execute(sa.text(_UNSILENCE), {"id": delivery_id})


_REPLAY = """
UPDATE delivery SET state = 'queued', reason = NULL, attempts = 0, due_at = :now, at = :now,
    leased_until = NULL, handed_at = NULL, native = NULL
WHERE state IN ('dead', 'refused', 'differs') AND (CAST(:ids AS text[]) IS NULL
    OR delivery_id = ANY(CAST(:ids AS text[]))) AND (CAST(:source AS text) IS NULL
    OR source = :source) AND (state = 'dead' OR CAST(:ids AS text[]) IS NOT NULL)
RETURNING delivery_id
"""


def replay(
    connection: Connection,
    now: datetime,
    *,
    delivery_ids: Sequence[str] | None = None,
    source: str | None = None,
) -> list[str]:
    """Queue again what has died, or these deliveries however they ended badly."""
    ids = None if delivery_ids is None else list(delivery_ids)
    said = {"now": now, "ids": ids, "source": source}
    return list(connection.scalars(sa.text(_REPLAY), said))
