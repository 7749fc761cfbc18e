"""Erasing what the hub alone holds of somebody: workers' words, what was before, who entered why.

What departments hold by their duties stays theirs to erase, and is served as long as they do: a
golden record is only what its sources say. Numbers, ids and the audit, which hold no value, stay.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store import tables
from hub.store.attachments import belonging
from hub.store.retention import blank_of
from schemas import Section, fields

#: The record type that residents' requests are about.
PERSON = "person"


class Held(NamedTuple):
    """A row of a department that speaks of somebody."""

    source: str
    dataset: str
    key: str


def present_id(connection: Connection, entity_id: str) -> str:
    """Return the id that answers for an entity now: it may have been merged since."""
    table = tables.entity
    query = sa.select(sa.func.coalesce(table.c.superseded_by, table.c.entity_id))
    found = connection.scalar(query.where(table.c.entity_id == entity_id))
    return str(found or entity_id)


def words_of(
    connection: Connection, model: type[Section], entity_id: str, source: str
) -> list[str]:
    """Return the fields that live records of a source say something of, about an entity."""
    record, of = tables.RECORD[model.record_type], belonging()
    names = [spec.name for spec in fields(model)]
    said = [sa.func.bool_or(record.c[name].is_not(None)).label(name) for name in names]
    query = (
        sa.select(*said)
        .join(of, of.c.record_id == record.c.record_id)
        .where(of.c.entity_id == entity_id, record.c.source == source)
        .where(record.c.withdrawn_at.is_(None))
    )
    row = connection.execute(query).one()._mapping
    return [name for name in names if row[name]]


def held_by(connection: Connection, record_type: str, entity_id: str, but: str) -> list[Held]:
    """Return the live rows of sources, besides one, that speak of an entity."""
    record, of = tables.RECORD[record_type], belonging()
    row = (record.c.source, record.c.dataset, record.c.row_key)
    query = (
        sa.select(*row)
        .join(of, of.c.record_id == record.c.record_id)
        .where(of.c.entity_id == entity_id, record.c.source != but)
        .where(record.c.withdrawn_at.is_(None))
        .distinct()
    )
    return [Held(*found) for found in connection.execute(query.order_by(*row))]


#: All ids that an entity has had, and the records that speak or spoke of it.
_OF = """
WITH ids AS (SELECT entity_id FROM entity WHERE entity_id = :id OR superseded_by = :id),
records AS (
    SELECT record_id FROM link WHERE entity_id IN (SELECT entity_id FROM ids)
    UNION SELECT record_id FROM attachment WHERE entity_id IN (SELECT entity_id FROM ids)
    UNION SELECT unnest(members) FROM golden_person WHERE entity_id IN (SELECT entity_id FROM ids)
    UNION SELECT CAST(jsonb_array_elements_text(golden -> 'members') AS bigint)
        FROM golden_history WHERE entity_id IN (SELECT entity_id FROM ids)
        AND jsonb_typeof(golden -> 'members') = 'array')
"""
_THEIRS = "SELECT record_id FROM records"
_IDS = "SELECT entity_id FROM ids"

#: By what they erase, in the order in which they must run; each tells how many rows it was.
_TRACES: Mapping[str, str] = {
    "entries": f"""UPDATE entry e SET reason = NULL, fields = (
            SELECT coalesce(
                jsonb_object_agg(name, CASE WHEN name = ANY(:keep) THEN value END), '{{}}')
            FROM jsonb_each(e.fields) AS said (name, value))
        WHERE e.entity_id IN ({_IDS})""",
    "corrections": f"""UPDATE correction SET basis = NULL
        WHERE entity_id IN ({_IDS}) AND basis IS NOT NULL AND state <> 'open'""",
    "answers": """DELETE FROM idempotency
        WHERE route IN (SELECT 'enter person ' || entity_id FROM ids)""",
    "record_versions": f"DELETE FROM record_history WHERE record_id IN ({_THEIRS})",
    "rows": f"""DELETE FROM landing WHERE source = 'worker' AND dataset = 'persons'
        AND state IN ('withdrawn', 'missing') AND key IN ({_IDS})""",
    "withdrawn_records": blank_of(
        "record_person", f"withdrawn_at IS NOT NULL AND record_id IN ({_THEIRS})"
    ),
    "retired_records": blank_of(
        "golden_person", f"retired_at IS NOT NULL AND entity_id IN ({_IDS})"
    ),
    "golden_versions": f"DELETE FROM golden_history WHERE entity_id IN ({_IDS})",
}


def erase_traces(connection: Connection, entity_id: str, keep: Collection[str]) -> dict[str, int]:
    """Erase what was before and what workers wrote; return how many rows of what.

    ``keep`` names fields whose words stay in the entries, as a duty wants them.
    """
    said = {"id": entity_id, "keep": list(keep)}
    return {
        name: int(connection.execute(sa.text(f"{_OF} {statement}"), said).rowcount)
        for name, statement in _TRACES.items()
    }


_LEFT_OVER = """
SELECT DISTINCT g.entity_id FROM resident_request r
JOIN entity e ON e.entity_id = r.entity_id
JOIN golden_person g ON g.entity_id = coalesce(e.superseded_by, e.entity_id)
WHERE r.kind = 'erasure' AND r.state = 'answered' AND g.retired_at IS NOT NULL
    AND (g.person_name IS NOT NULL OR EXISTS (
        SELECT FROM golden_history h WHERE h.entity_id = g.entity_id))
ORDER BY g.entity_id
"""


def left_over(connection: Connection) -> Sequence[str]:
    """Return who had asked to be erased, and whom no source speaks of any more since."""
    return list(connection.scalars(sa.text(_LEFT_OVER)))
