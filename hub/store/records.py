"""Keeping a translated batch: records, landing, quarantine and ties change together or not at all.

All of it is set-based: a statement per table, whatever the size of the batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import run
from hub.store import tables
from hub.store.batches import BatchRow
from schemas import MODELS, Section, fields
from schemas.rules import ACROSS

#: From so many rows on, PostgreSQL plans well only with fresh statistics.
MANY = 1_000

#: Of a table that has not grown by this share its statistics still hold.
GROWN = 0.1

#: Columns of records that statements join by: statistics of all others would only take time.
_JOINED = "record_id, source, dataset, key, row_key, compound_key, withdrawn_at"

_COPIED = ("address_key", "compound_key", "evidence", "notes", "content_hash", "recorded_at")


def golden_ids(
    connection: Connection, source: str, dataset: str, types: Sequence[str], row_keys: Sequence[str]
) -> dict[str, str]:
    """Return by row key the entity that the row's first record speaks of."""
    said = {"source": source, "dataset": dataset, "keys": list(row_keys)}
    parts = (_GOLDEN_IDS.format(type=name, place=place) for place, name in enumerate(types))
    # A row is foremost about the person it names, then about what else it speaks of.
    query = f"{' UNION ALL '.join(parts)} ORDER BY place DESC, key DESC"
    return {row[0]: row[1] for row in run(connection, query, said)}


_GOLDEN_IDS = """
SELECT r.row_key, l.entity_id, {place} AS place, r.key FROM record_{type} r
JOIN link l ON l.record_id = r.record_id
WHERE r.source = :source AND r.dataset = :dataset AND r.row_key = ANY(:keys)
  AND l.entity_id IS NOT NULL
"""


def record_key(connection: Connection, record_type: str, record_id: int) -> str | None:
    """Return the key of a live record; None where it is withdrawn."""
    table = tables.RECORD[record_type]
    query = sa.select(table.c.key).where(
        table.c.record_id == record_id, table.c.withdrawn_at.is_(None)
    )
    key: str | None = connection.scalar(query)
    return key


def keep_records(connection: Connection, batch: BatchRow, types: Sequence[str]) -> list[int]:
    """Merge the staged records of these types; return what a batch of few rows has queued.

    Unchanged records are not touched. Whatever changes is queued for linking, and what a record
    said before is kept in its history.
    """
    said = _said(batch)
    queued: list[int] = []
    written = 0
    for name in types:
        done = run(connection, _merge(MODELS[name], told=batch.received <= MANY), said)
        written += done.rowcount
        queued += done.scalars()
        _analyze(connection, f"record_{name}", f"({_JOINED})", written)
    return queued


def _analyze(connection: Connection, table: str, columns: str, written: int) -> None:
    """Tell the planner what a table holds now, where that many rows are a good part of it."""
    if written <= MANY:
        return
    query = "SELECT reltuples FROM pg_class WHERE oid = CAST(:table AS regclass)"
    if written > GROWN * float(run(connection, query, {"table": table}).scalar() or 0):
        run(connection, f"ANALYZE {table} {columns}")


def keep_rows(connection: Connection, batch: BatchRow, types: Sequence[str]) -> None:
    """Keep of staged rows what belongs to no record: themselves, their ties and their faults.

    They take the place of the rows that landed before under their keys. Quarantine entries open
    for new faults, and those that a passing row has mended are released.
    """
    said = _said(batch) | {"across": list(ACROSS)}
    statements = [*_landing(connection, batch), *_quarantine(connection, batch)]
    ties = [_Filling("tie", _TIE.format(type=name)) for name in types]
    if batch.received <= MANY:
        # Statements that are sent together make one way there and back.
        run(connection, "; ".join(one.statement for one in (*ties, *statements)), said)
        return
    for one in (*ties, *statements):
        written = run(connection, one.statement, said).rowcount
        if one.columns is not None:
            _analyze(connection, one.table, one.columns, written)


class _Filling(NamedTuple):
    """A statement that fills a table, and which of its columns others join by, if it matters."""

    table: str
    statement: str
    columns: str | None = None


def _landing(connection: Connection, batch: BatchRow) -> Iterator[_Filling]:
    if batch.snapshot:
        yield _Filling("landing", _KEEP_MISSING)
    over = "" if _is_first(connection, batch, "landing") else _LAND_OVER
    yield _Filling("landing", _KEEP_LANDING + over, "(source, dataset, key, batch_id)")


def _quarantine(connection: Connection, batch: BatchRow) -> Iterator[_Filling]:
    if _is_first(connection, batch, "quarantine", "AND released_at IS NULL"):
        yield _Filling("quarantine", _QUARANTINE, "")
        return
    few = _OF_FEW if batch.received <= MANY else ""
    yield _Filling("quarantine", _RELEASE.format(few=few))
    yield _Filling("quarantine", f"{_QUARANTINE} ON CONFLICT DO NOTHING", "")


def _is_first(connection: Connection, batch: BatchRow, table: str, open_: str = "") -> bool:
    """Tell whether a large batch meets nothing of its dataset in a table.

    Looking for it row by row takes almost as long as writing the row. Nobody else writes rows of
    the dataset while the batch is kept.
    """
    if batch.received <= MANY:
        return False
    here = f"SELECT FROM {table} WHERE source = :source AND dataset = :dataset {open_}"
    return not run(connection, f"SELECT EXISTS ({here})", _said(batch)).scalar()


def drop_overtaken(
    connection: Connection, batch: BatchRow, types: Sequence[str]
) -> tuple[int, int]:
    """Drop staged rows whose keys have landed again since, in later batches that were kept.

    Returns how many of them were rows, and how many were withdrawals for want of a row.
    """
    if not run(connection, _HAS_LATER, _said(batch)).scalar():
        return 0, 0
    dropped = run(connection, _DROP_OVERTAKEN, _said(batch)).rows
    said = {"batch": batch.batch_id, "ordinals": [ordinal for ordinal, _ in dropped]}
    for name in types:
        for statement in _DROP_RECORDS:
            run(connection, statement.format(type=name), said)
    run(connection, _DROP_RECORDS[-1].format(type="fault"), said)
    missing = sum(missing for _, missing in dropped)
    return len(dropped) - missing, missing


_HAS_LATER = """
SELECT EXISTS (SELECT FROM batch WHERE source = :source AND dataset = :dataset
    AND batch_id > :batch AND state = 'kept')
"""

_DROP_OVERTAKEN = """
DELETE FROM staged_row w USING landing l
WHERE w.batch_id = :batch AND l.source = :source AND l.dataset = :dataset AND l.key = w.key
  AND l.batch_id > :batch
RETURNING w.ordinal, w.outcome = 'missing'
"""

_DROP_RECORDS = (
    """
DELETE FROM staged_tie t USING staged_{type} s
WHERE t.batch_id = :batch AND s.batch_id = :batch AND s.ordinal = ANY(:ordinals)
  AND t.record_type = '{type}' AND t.key = s.key
""",
    "DELETE FROM staged_{type} WHERE batch_id = :batch AND ordinal = ANY(:ordinals)",
)


def _said(batch: BatchRow) -> dict[str, object]:
    return {
        "batch": batch.batch_id,
        "source": batch.source,
        "dataset": batch.dataset,
        "received": batch.received_at,
        "layout": batch.layout_id,
    }


@cache
def _merge(model: type[Section], *, told: bool) -> str:
    """Write the statement that merges staged records of one type.

    Its parts see the records as they were before it, and each changes others: those that say
    something else, those that are gone, those that are new.
    ``told``: it returns the numbers of what it queues.
    """
    names = [spec.name for spec in fields(model)]
    record, staged = f"record_{model.record_type}", f"staged_{model.record_type}"
    here = "r.source = :source AND r.dataset = :dataset"
    said = f"s.batch_id = :batch AND {here} AND r.key = s.key"
    differs = "(r.content_hash <> s.content_hash OR (r.withdrawn_at IS NULL) = s.withdrawn)"
    told_of = (*_COPIED, *names)
    # Only records from before this batch can have ties to be dropped.
    return f"""{_DROP_TIES.format(type=model.record_type)};
        WITH touched AS MATERIALIZED (SELECT r.record_id, to_jsonb(r) AS record,
                {_moved(model)} AS moved FROM {record} r JOIN {staged} s ON {said}
            WHERE {differs}),
        kept AS (INSERT INTO record_history (record_id, until, record)
            SELECT record_id, clock_timestamp(), record FROM touched),
        updated AS (UPDATE {record} AS r SET batch_id = :batch,
                since = coalesce(r.since, '{{}}') || {_since(names)},
                withdrawn_at = CASE WHEN s.withdrawn
                    THEN coalesce(r.withdrawn_at, CAST(:received AS timestamptz)) END,
                {", ".join(f"{name} = s.{name}" for name in told_of)}
            FROM {staged} s WHERE {said} AND {differs}),
        gone AS (UPDATE {record} r SET batch_id = :batch,
                withdrawn_at = CAST(:received AS timestamptz)
            FROM staged_row w WHERE w.batch_id = :batch AND {here} AND r.row_key = w.key
                AND r.withdrawn_at IS NULL AND (w.outcome = 'missing'
                    OR w.outcome IN ('accepted', 'withdrawn') AND NOT EXISTS (
                        SELECT FROM {staged} s WHERE s.batch_id = :batch AND s.key = r.key))
            RETURNING r.record_id),
        new AS ({_insert(record, staged, told_of)})
        INSERT INTO resolve_queue (record_id, record_type, moved)
        SELECT record_id, '{model.record_type}', moved FROM (
            SELECT record_id, moved FROM touched UNION ALL SELECT record_id, true FROM gone
            UNION ALL SELECT record_id, true FROM new) changed
        {"RETURNING queue_id" if told else ""}"""


#: By what houses and persons tell where a compound is, and by which names it goes.
_OF_PLACES = {
    "house": (
        *("compound_key", "community_code", "grid_code", "compound_name", "standard_address"),
        *("property_company_code", "completion_year"),
    ),
    "person": ("compound_key", "community_code", "standard_address"),
}


def _moved(model: type[Section]) -> str:
    """Write whether a record says of places what it did not say before."""
    names = _OF_PLACES.get(model.record_type)
    if names is None:
        return "true"
    was, now = (", ".join(f"{one}.{name}" for name in names) for one in ("r", "s"))
    return f"(r.withdrawn_at IS NULL) = s.withdrawn OR ({was}) IS DISTINCT FROM ({now})"


def _insert(record: str, staged: str, columns: Sequence[str]) -> str:
    return f"""INSERT INTO {record}
            (source, dataset, key, row_key, batch_id, first_at, withdrawn_at, {", ".join(columns)})
        SELECT :source, :dataset, s.key, s.row_key, :batch,
            coalesce(s.recorded_at, CAST(:received AS timestamptz)),
            CASE WHEN s.withdrawn THEN CAST(:received AS timestamptz) END,
            {", ".join(f"s.{name}" for name in columns)}
        FROM {staged} s WHERE s.batch_id = :batch AND NOT EXISTS (SELECT FROM {record} r
            WHERE r.source = :source AND r.dataset = :dataset AND r.key = s.key)
        ORDER BY s.key RETURNING record_id"""


def _since(names: Sequence[str]) -> str:
    """Write the JSON object of the fields that change, each with the time of its new value."""
    when = "coalesce(s.recorded_at, CAST(:received AS timestamptz))"
    parts = (
        f"CASE WHEN r.{name} IS DISTINCT FROM s.{name} THEN "
        f"jsonb_build_object('{name}', {when}) ELSE '{{}}' END"
        for name in names
    )
    return "(" + " || ".join(parts) + ")"


_KEEP_LANDING = """
INSERT INTO landing (source, dataset, key, hash, row, layout_id, state, batch_id, recorded_at)
SELECT :source, :dataset, key, hash, row, :layout,
    CASE outcome WHEN 'accepted' THEN 'live' ELSE outcome END, :batch, recorded_at
FROM staged_row WHERE batch_id = :batch AND outcome <> 'missing' ORDER BY key
"""

_LAND_OVER = """
ON CONFLICT (source, dataset, key) DO UPDATE SET hash = excluded.hash, row = excluded.row,
    layout_id = excluded.layout_id, state = excluded.state, recorded_at = excluded.recorded_at,
    batch_id = CASE WHEN landing.hash = excluded.hash AND landing.state <> 'missing'
        THEN landing.batch_id ELSE excluded.batch_id END
WHERE (landing.hash, landing.layout_id, landing.state)
    IS DISTINCT FROM (excluded.hash, excluded.layout_id, excluded.state)
"""

_KEEP_MISSING = """
UPDATE landing l SET state = 'missing', batch_id = :batch FROM staged_row w
WHERE w.batch_id = :batch AND w.outcome = 'missing'
  AND l.source = :source AND l.dataset = :dataset AND l.key = w.key
"""

# Every row that was judged anew answers for the entries of its key; withdrawn rows owe nothing.
_RELEASE = """
UPDATE quarantine q SET released_at = now(), released_by = :batch FROM staged_row w
WHERE w.batch_id = :batch AND q.source = :source AND q.dataset = :dataset
  AND q.key = w.key AND q.released_at IS NULL {few}
  AND (q.rule <> ALL(:across) OR w.outcome IN ('withdrawn', 'missing'))
  AND NOT EXISTS (SELECT FROM staged_fault f WHERE f.batch_id = :batch AND f.key = q.key
      AND f.rule = q.rule AND f.field IS NOT DISTINCT FROM q.field
      AND f.record_type IS NOT DISTINCT FROM q.record_type
      AND f.said IS NOT DISTINCT FROM q.said)
"""

# Few keys are looked up; the planner, left to itself, may read all entries of the dataset.
_OF_FEW = "AND q.key = ANY(ARRAY(SELECT key FROM staged_row WHERE batch_id = :batch))"

_QUARANTINE = """
INSERT INTO quarantine (source, dataset, key, record_type, field, rule, fate, said, batch_id)
SELECT DISTINCT ON (key, record_type, field, rule)
    :source, :dataset, key, record_type, field, rule, fate, said, :batch
FROM staged_fault WHERE batch_id = :batch ORDER BY key, record_type, field, rule, said
"""

# Ties of the rows judged anew are replaced whole: what a row no longer says is no longer tied.
_DROP_TIES = """
DELETE FROM tie USING record_{type} r, staged_row w
WHERE w.batch_id = :batch AND r.source = :source AND r.dataset = :dataset
  AND r.row_key = w.key AND w.outcome <> 'quarantined' AND tie.record_id = r.record_id
"""

_TIE = """
INSERT INTO tie (record_id, role, to_type, source, to_dataset, to_key)
SELECT r.record_id, t.role, t.to_type, :source, t.to_dataset, t.to_key
FROM staged_tie t JOIN record_{type} r ON r.source = :source AND r.dataset = :dataset
    AND r.key = t.key AND r.withdrawn_at IS NULL
WHERE t.batch_id = :batch AND t.record_type = '{type}' ON CONFLICT DO NOTHING
"""
