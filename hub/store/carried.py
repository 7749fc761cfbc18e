"""Changes that a source has caused itself, to be carried to the others who hold the value.

They are found before they are published, among the golden records that are staged beside those
that are served, and planned as deliveries in the same transaction (`hub.store.planned`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store import tables
from hub.store.planned import OWNER, new_id, queued
from schemas import Section, fields


@dataclass(frozen=True, slots=True)
class Carrier:
    """A field of a dataset whose source may be told of a change of it."""

    source: str
    dataset: str
    field: str


# Only an authority's word travels, and only if it is a new word of a record that spoke of this
# entity before: nothing that was merged, split, chosen anew or filled in from elsewhere.
_FOUND = """
WITH flipped AS MATERIALIZED (
    SELECT n.entity_id, g.members AS before, n.members, f.field, f.value,
        n.members[f.origin / 8 + 1] AS winner
    FROM golden_{type} g JOIN new_{type} n ON n.entity_id = g.entity_id
    CROSS JOIN LATERAL (VALUES {values}) AS f (field, was, value, origin)
    WHERE g.retired_at IS NULL AND g.content_hash <> n.content_hash
      AND g.members <@ n.members AND f.was <> f.value AND f.origin % 8 = 0)
SELECT f.entity_id, f.field, f.value, r.record_id, r.source, r.dataset, r.row_key AS key,
    to_jsonb(r) ->> f.field AS superseded,
    coalesce(CAST(w.since ->> f.field AS timestamptz), w.first_at) AS since
FROM flipped f
JOIN record_{type} w ON w.record_id = f.winner
JOIN record_{type} r ON r.record_id = ANY(f.members) AND r.source <> w.source
JOIN unnest(CAST(:sources AS text[]), CAST(:datasets AS text[]), CAST(:fields AS text[]))
    AS c (source, dataset, field)
    ON c.source = r.source AND c.dataset = r.dataset AND c.field = f.field
WHERE f.winner = ANY(CAST(:news AS bigint[])) AND f.winner = ANY(f.before)
  AND w.source <> :own AND r.withdrawn_at IS NULL AND to_jsonb(r) ->> f.field <> f.value
  AND NOT EXISTS (SELECT FROM delivery d JOIN delivery_field p ON p.delivery_id = d.delivery_id
      WHERE d.record_id = r.record_id AND d.kind = 'update' AND p.field = f.field
        AND d.state IN ('queued', 'sent', 'accepted', 'confirmed') AND p.settled_at IS NULL
        AND p.value = f.value)
ORDER BY r.record_id, f.field
"""


def find_carried(
    connection: Connection,
    model: type[Section],
    carriers: Sequence[Carrier],
    news: Sequence[int],
    own: str,
) -> list[dict[str, Any]]:
    """Return the values of other sources that changes about to be published supersede.

    ``news``: the records that have changed. ``own``: the source whose changes are carried already.
    """
    names = {one.field for one in carriers}
    places = [(n, spec.name) for n, spec in enumerate(fields(model), 1) if spec.name in names]
    values = ", ".join(
        f"('{name}', g.{name}::text, n.{name}::text, n.origins[{n}])" for n, name in places
    )
    said = {f"{name}s": [getattr(one, name) for one in carriers] for name in Carrier.__slots__}
    query = sa.text(_FOUND.format(type=model.record_type, values=values))
    rows = connection.execute(query, {**said, "news": list(news), "own": own})
    return [dict(row) for row in rows.mappings()]


# Once for each word: what was answered is not asked again.
_REMARKED = """
SELECT DISTINCT ON (mine.entity_id) mine.entity_id, p.record_id, p.source, p.dataset,
    p.row_key AS key, g.{field}::text AS value, r.{field}::text AS proposed,
    p.{field}::text AS superseded, r.first_at AS since
FROM record_{type} r JOIN link mine ON mine.record_id = r.record_id
JOIN golden_{type} g ON g.entity_id = mine.entity_id AND g.retired_at IS NULL
JOIN link theirs ON theirs.entity_id = mine.entity_id
JOIN record_{type} p ON p.record_id = theirs.record_id AND p.withdrawn_at IS NULL
WHERE r.record_id = ANY(CAST(:news AS bigint[])) AND r.source = :source AND r.dataset = :dataset
  AND r.withdrawn_at IS NULL AND r.{field} IS NOT NULL AND p.source = :asked
  AND p.dataset = ANY(CAST(:datasets AS text[])) AND p.{field} IS DISTINCT FROM r.{field}
  AND NOT EXISTS (SELECT FROM correction c WHERE c.record_type = '{type}'
      AND c.entity_id = mine.entity_id AND c.field = '{field}'
      AND (c.state = 'open' OR c.proposed = r.{field}::text))
ORDER BY mine.entity_id, p.dataset, p.key
"""


@dataclass(frozen=True, slots=True)
class Remark:
    """A field of an authority that another source's dataset speaks of in passing."""

    record_type: str
    field: str
    source: str
    dataset: str
    #: The source that is the authority, and the datasets in which it may be told.
    asked: str
    datasets: Sequence[str]


def find_remarked(
    connection: Connection, remark: Remark, news: Sequence[int]
) -> list[dict[str, Any]]:
    """Return what changed records remark that the authority's own records say otherwise."""
    query = sa.text(_REMARKED.format(type=remark.record_type, field=remark.field))
    names = ("source", "dataset", "asked", "datasets")
    said = {name: getattr(remark, name) for name in names}
    rows = connection.execute(query, {**said, "datasets": [*remark.datasets], "news": [*news]})
    return [dict(row) for row in rows.mappings()]


def ask_about(
    connection: Connection,
    remark: Remark,
    found: Sequence[Mapping[str, Any]],
    due_on: date,
    at: datetime,
) -> None:
    """Open a correction for each of these, carried by a delivery each."""
    deliveries, values, corrections = [], [], []
    for row in found:
        delivery_id = new_id()
        place = {name: row[name] for name in ("source", "dataset", "key")}
        about = {"record_type": remark.record_type, "entity_id": row["entity_id"], **place}
        deliveries.append(
            {**queued(at, OWNER), **about, "delivery_id": delivery_id, "kind": "correction"}
            | {"record_id": row["record_id"], "cause": {"kind": "correction"}}
        )
        field = {"delivery_id": delivery_id, "field": remark.field, "value": row["proposed"]}
        values.append({**field, "superseded": row["superseded"], "since": row["since"]})
        corrections.append(
            {**about, "field": remark.field, "authority": remark.asked, "state": "open"}
            | {"value": row["value"], "proposed": row["proposed"], "raised_by": remark.source}
            | {"raised_at": at, "due_on": due_on, "delivery_id": delivery_id, "basis": "姓名后备注"}
        )
    connection.execute(tables.delivery.insert(), deliveries)
    connection.execute(tables.delivery_field.insert(), values)
    connection.execute(tables.correction.insert(), corrections)
