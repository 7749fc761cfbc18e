"""Records that speak of an entity by its id: what a worker entered on it.

They are compared with nothing. Where their entity goes, they go; what only they speak of is not
served.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import read_columns, run
from hub.store import tables
from hub.store import tables as rows
from schemas.distinct import Columns

#: SQL of all records with their entities and communities: linked ones, and those attached to them.
BELONGING = """(
    SELECT entity_id, record_id, community_code FROM link
    UNION ALL SELECT entity_id, record_id, NULL FROM attachment a
        WHERE EXISTS (SELECT FROM link WHERE link.entity_id = a.entity_id))"""


def belonging() -> sa.Subquery:
    """Return all records with their entities, as a table: linked ones, and attached ones."""
    linked, attached = rows.link, tables.attachment
    return sa.union_all(
        sa.select(linked.c.record_id, linked.c.entity_id),
        sa.select(attached.c.record_id, attached.c.entity_id),
    ).subquery("belonging")


def attach(
    connection: Connection, record_type: str, source: str, dataset: str, keys: Collection[str]
) -> None:
    """Attach those records of a dataset, whose keys are ids of entities, that are nowhere yet."""
    statement = f"""
        INSERT INTO attachment (record_id, record_type, home_id, entity_id)
        SELECT r.record_id, :type, e.entity_id, coalesce(e.superseded_by, e.entity_id)
        FROM record_{record_type} r JOIN entity e ON e.entity_id = r.key
        WHERE r.source = :source AND r.dataset = :dataset AND r.key = ANY(:keys)
          AND NOT EXISTS (SELECT FROM link l WHERE l.record_id = r.record_id)
        ON CONFLICT DO NOTHING"""
    said = {"type": record_type, "source": source, "dataset": dataset, "keys": list(keys)}
    run(connection, statement, said)


_FOLLOW = """
UPDATE attachment a SET entity_id = coalesce(e.superseded_by, e.entity_id) FROM entity e
WHERE a.record_type = :type AND a.entity_id = ANY(:ids) AND e.entity_id = a.home_id
  AND a.entity_id <> coalesce(e.superseded_by, e.entity_id)
"""


def follow(connection: Connection, record_type: str, entity_ids: Collection[str]) -> None:
    """Let what was attached to these entities go where their ids have gone."""
    said = {"type": record_type, "ids": list(entity_ids)}
    run(connection, _FOLLOW, said)


def attached(connection: Connection, record_type: str) -> Columns:
    """Return all attached records of a type: ``record_id``, ``entity_id``, ``community_code``."""
    query = """SELECT record_id, entity_id, NULL AS community_code FROM attachment
        WHERE record_type = :type"""
    return read_columns(connection, query, {"record_id": "int64"}, type=record_type)


def attached_keys(connection: Connection, entity_id: str) -> list[str]:
    """Return the ids under which something was entered on what is this entity now."""
    table = tables.attachment
    query = sa.select(table.c.home_id).where(table.c.entity_id == entity_id)
    return list(connection.scalars(query.order_by(table.c.home_id)))
