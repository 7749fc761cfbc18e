"""Deliveries as they are planned: who holds a value, and what is to go to which row of a source.

What an entry changes is planned one by one, what sources have changed themselves all at once; both
join what has not left for the same row yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from hub.store import tables
from hub.store.deliveries import UPDATE
from schemas import Section

#: Who sees to it where a source's change cannot be carried.
OWNER = "stewards"


@dataclass(frozen=True, slots=True)
class Holder:
    """A live record that a source holds of an entity, and what it says of some fields."""

    record_id: int
    source: str
    dataset: str
    key: str
    row_key: str
    values: Mapping[str, str | None]


def holders(
    connection: Connection, model: type[Section], entity_id: str, names: Sequence[str]
) -> list[Holder]:
    """Return the records that are linked to an entity, in a settled order."""
    record, link = tables.RECORD[model.record_type], tables.link
    envelope = [record.c[name] for name in ("record_id", "source", "dataset", "key", "row_key")]
    # As text the way PostgreSQL writes it, which is how canonical values are spelt.
    said = [sa.cast(record.c[name], sa.Text).label(f"said_{name}") for name in names]
    query = (
        sa.select(*envelope, *said)
        .join(link, link.c.record_id == record.c.record_id)
        .where(link.c.entity_id == entity_id, record.c.withdrawn_at.is_(None))
        .order_by(record.c.source, record.c.dataset, record.c.key)
    )
    return [
        Holder(
            **{column.name: row[column.name] for column in envelope},
            values={name: row[f"said_{name}"] for name in names},
        )
        for row in connection.execute(query).mappings()
    ]


_EXPECTED = """
SELECT DISTINCT ON (d.record_id, f.field) d.record_id, f.field, f.value
FROM delivery d JOIN delivery_field f ON f.delivery_id = d.delivery_id
WHERE d.record_id = ANY(:ids) AND d.kind = 'update' AND f.settled_at IS NULL
  AND d.state IN ('queued', 'sent', 'accepted', 'confirmed')
ORDER BY d.record_id, f.field, d.number DESC
"""


def expected(connection: Connection, record_ids: Sequence[int]) -> dict[tuple[int, str], str]:
    """Return what records will say of fields once what is on its way has arrived."""
    rows = connection.execute(sa.text(_EXPECTED), {"ids": list(record_ids)})
    return {(row.record_id, row.field): row.value for row in rows}


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery to be made: to which row of which source, what it is to say, and why."""

    kind: str
    record_type: str
    entity_id: str
    holder: Holder
    values: Mapping[str, str]
    native: Mapping[str, Any]
    cause: Mapping[str, Any]
    owner: str
    at: datetime


def plan(connection: Connection, planned: Planned) -> str:
    """Queue a delivery, or put it into one to the same row that has not left yet; return its id."""
    waiting = _waiting(connection, planned)
    delivery_id = waiting or new_id()
    table, holder = tables.delivery, planned.holder
    said = {"cause": dict(planned.cause), **queued(planned.at, planned.owner)}
    if waiting:
        # The cells are spelt anew when they leave, by all fields that have come together.
        anew = {name: said[name] for name in ("cause", "owner", "due_at", "at")}
        joined = table.update().where(table.c.delivery_id == waiting)
        connection.execute(joined.values(anew | {"native": None}))
    else:
        said |= {
            "delivery_id": delivery_id,
            "kind": planned.kind,
            "record_type": planned.record_type,
            "entity_id": planned.entity_id,
            "source": holder.source,
            "dataset": holder.dataset,
            "key": holder.row_key,
            "record_id": holder.record_id,
            "native": dict(planned.native),
        }
        connection.execute(table.insert().values(said))
    rows = [
        {
            "delivery_id": delivery_id,
            "field": name,
            "value": value,
            "superseded": holder.values.get(name),
            "since": planned.at,
        }
        for name, value in planned.values.items()
    ]
    _keep_fields(connection, rows)
    if planned.kind == UPDATE:
        _overtake(connection, rows, planned.at)
    return delivery_id


def _waiting(connection: Connection, planned: Planned) -> str | None:
    """Find an update of the same row that has not left: what supersedes it goes with it.

    It is locked, so that it does not leave meanwhile.
    """
    if planned.kind != UPDATE:
        return None
    table, holder = tables.delivery, planned.holder
    query = (
        sa.select(table.c.delivery_id)
        .where(
            table.c.source == holder.source,
            table.c.dataset == holder.dataset,
            table.c.key == holder.row_key,
            table.c.record_id == holder.record_id,
            table.c.kind == UPDATE,
            table.c.state == "queued",
            table.c.attempts == 0,
            table.c.leased_until.is_(None),
        )
        .order_by(table.c.number.desc())
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found: str | None = connection.scalar(query)
    return found


_ALL_WAITING = """
SELECT delivery_id, record_id FROM delivery
WHERE record_id = ANY(:ids) AND kind = 'update' AND state = 'queued' AND attempts = 0
  AND leased_until IS NULL
ORDER BY number FOR UPDATE SKIP LOCKED
"""

# The cells are spelt anew when they leave, by all fields that have come together.
_JOIN = """
UPDATE delivery SET native = NULL, due_at = now(), at = now() WHERE delivery_id = ANY(:ids)
"""


def plan_carried(
    connection: Connection,
    record_type: str,
    found: Sequence[Mapping[str, Any]],
    cause: Mapping[str, Any],
    at: datetime,
) -> None:
    """Queue a delivery for each row, or put its values into one that has not left yet."""
    records = {row["record_id"]: row for row in found}
    waiting = connection.execute(sa.text(_ALL_WAITING), {"ids": [*records]})
    ids: dict[int, str] = {row.record_id: row.delivery_id for row in waiting}
    if ids:
        connection.execute(sa.text(_JOIN), {"ids": [*ids.values()]})
    new = [
        {
            **{name: row[name] for name in ("entity_id", "source", "dataset", "key", "record_id")},
            "delivery_id": ids.setdefault(record_id, new_id()),
            "record_type": record_type,
            "kind": UPDATE,
            "cause": dict(cause),
            **queued(at, OWNER),
        }
        for record_id, row in records.items()
        if record_id not in ids
    ]
    if new:
        connection.execute(tables.delivery.insert(), new)
    rows = [
        {
            "delivery_id": ids[row["record_id"]],
            **{name: row[name] for name in ("field", "value", "superseded", "since")},
        }
        for row in found
    ]
    _keep_fields(connection, rows)
    _overtake(connection, rows, at)


def new_id() -> str:
    """Make the id of a delivery."""
    return "D" + token_hex(16)


def queued(at: datetime, owner: str) -> dict[str, Any]:
    """Return what every delivery says of itself when it is planned."""
    times = dict.fromkeys(("planned_at", "due_at", "at"), at)
    return {"state": "queued", "owner": owner, **times}


def _keep_fields(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put fields into deliveries; a newer value takes the place of one that has not left."""
    made = insert(tables.delivery_field)
    anew = {"value": made.excluded.value, "since": made.excluded.since}
    statement = made.on_conflict_do_update(
        index_elements=["delivery_id", "field"], set_={**anew, "settled_at": None, "word": None}
    )
    connection.execute(statement, rows)


# Nobody waits any more to read back what is followed by something newer.
_OVERTAKE = """
UPDATE delivery_field f SET settled_at = :at, word = 'overtaken'
FROM unnest(CAST(:ids AS text[]), CAST(:names AS text[])) AS said (delivery_id, field)
JOIN delivery mine ON mine.delivery_id = said.delivery_id
JOIN delivery d ON d.record_id = mine.record_id AND d.kind = 'update' AND d.number < mine.number
WHERE f.delivery_id = d.delivery_id AND f.field = said.field AND f.settled_at IS NULL
"""


def _overtake(connection: Connection, rows: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Settle the fields of earlier updates that these now say anew."""
    ids, names = [row["delivery_id"] for row in rows], [row["field"] for row in rows]
    connection.execute(sa.text(_OVERTAKE), {"ids": ids, "names": names, "at": at})
