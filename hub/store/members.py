"""What golden records are made of: entities' records, and the dwellings that these name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection

from hub.database import read_columns
from hub.store import attachments, superseding
from schemas import Section, fields
from schemas.distinct import Columns, cells


def live_members(
    connection: Connection, model: type[Section], entity_ids: Sequence[str]
) -> dict[str, Any]:
    """Return the live records of entities, as `hub.golden.merge` takes them."""
    members = read_columns(
        connection, _members(model, _CHOSEN), {"record_id": "int64"}, ids=list(entity_ids)
    )
    return superseding.silenced(connection, model.record_type, members, entity_ids)


def linked_members(connection: Connection, model: type[Section], links: Columns) -> dict[str, Any]:
    """Return the live ones of these records, as `live_members` does.

    ``links``: ``record_id``, ``entity_id``, ``community_code``. Unlike there, another connection
    may be asked than the one that links them.
    """
    said = {name: cells(links[name]).tolist() for name in ("entity_id", "community_code")}
    members = read_columns(
        connection,
        _members(model, _LINKED),
        {"record_id": "int64"},
        ids=links["record_id"].tolist(),
        **said,
    )
    return superseding.silenced(connection, model.record_type, members, said["entity_id"])


_LINKED = """unnest(CAST(:ids AS bigint[]), CAST(:entity_id AS text[]),
    CAST(:community_code AS text[])) AS l (record_id, entity_id, community_code)"""


@cache
def _members(model: type[Section], links: str) -> str:
    said = ", ".join(f"r.{spec.name}::text AS {spec.name}" for spec in fields(model))
    return f"""
        SELECT l.entity_id, r.record_id, r.source, r.dataset, r.key, r.address_key,
            l.community_code AS place_community,
            to_jsonb(r.first_at) #>> '{{}}' AS first_at, nullif(r.since, '{{}}')::text AS since,
            {said}
        FROM {links} JOIN record_{model.record_type} r ON r.record_id = l.record_id
        WHERE r.withdrawn_at IS NULL"""


# Entity by entity: the planner would take a few of them for a good part of all.
_CHOSEN = f"""unnest(CAST(:ids AS text[])) AS c (entity_id)
    CROSS JOIN LATERAL (SELECT b.* FROM {attachments.BELONGING} b
        WHERE b.entity_id = c.entity_id OFFSET 0) l"""


# Many records name one dwelling: what it says is looked up once for each.
_HOMES = """
WITH named AS MATERIALIZED (
    SELECT mine.record_id, mine.key FROM {named} AND mine.use = :mine),
dwelling AS MATERIALIZED (
    SELECT DISTINCT ON (k.key) k.key, {columns}
    FROM (SELECT DISTINCT key FROM named) k
    JOIN link_key theirs ON theirs.key = k.key AND theirs.use = :theirs
        AND theirs.record_type = '{type}'
    JOIN link o ON o.record_id = theirs.record_id
    JOIN golden_{type} g ON g.entity_id = o.entity_id AND g.retired_at IS NULL
    ORDER BY k.key, {columns})
SELECT DISTINCT ON (named.record_id) named.record_id, {columns}
FROM named JOIN dwelling g ON g.key = named.key
ORDER BY named.record_id, {columns}
"""

_NAMED = f"{_CHOSEN} JOIN link_key mine ON mine.record_id = l.record_id"


def homes_of(connection: Connection, record_type: str, entity_ids: Sequence[str] | None) -> Columns:
    """Return what the dwelling says that a record of these entities, or of any, names.

    A person's record names a house; a house's record the address it stands at. Rows are in the
    order of ``record_id``, a number.
    """
    type_, names, mine, theirs = {
        "house": ("address", ("address_code", "community_code", "grid_code"), "same", "home"),
        "person": (
            "house",
            ("house_code", "address_code", "community_code", "grid_code"),
            "home",
            "same",
        ),
    }[record_type]
    columns = ", ".join(f"g.{name}" for name in names)
    named, said = f"link_key mine WHERE mine.record_type = '{record_type}'", {}
    if entity_ids is not None:
        named, said = _NAMED, {"ids": list(entity_ids)}
    query = _HOMES.format(type=type_, columns=columns, named=named)
    return read_columns(connection, query, {"record_id": "int64"}, mine=mine, theirs=theirs, **said)
