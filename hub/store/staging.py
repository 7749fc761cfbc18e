"""Staging: the rows of a batch between landing and keeping, and what they are translated into.

What stands here is seen by nobody but the batch's own journey; when that ends it is cleared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import copy_in, read_columns, run
from hub.store import tables
from hub.store.rows import row_columns
from schemas import Section
from schemas.distinct import Columns, Rows, Texts, text_array


def stage_rows(connection: Connection, batch_id: int, rows: Columns) -> None:
    """Stage rows as sent: ``ordinal``, ``key``, ``recorded_at``, ``hash``, ``row``, ``outcome``.

    Rows that have to be translated are taken for accepted until that is done.
    """
    copy_in(connection, "staged_row", list(rows), rows, same={"batch_id": str(batch_id)})


def stage_landed(
    connection: Connection, batch_id: int, source: str, dataset: str, ordinals: Mapping[str, int]
) -> None:
    """Stage rows that have landed before, as if they had come at these ordinals."""
    run(
        connection,
        _STAGE_LANDED,
        {
            "batch": batch_id,
            "source": source,
            "dataset": dataset,
            "keys": list(ordinals),
            "ordinals": list(ordinals.values()),
        },
    )


_STAGE_LANDED = """
INSERT INTO staged_row (batch_id, ordinal, key, recorded_at, hash, row)
SELECT :batch, said.ordinal, l.key, l.recorded_at, l.hash, l.row
FROM unnest(CAST(:keys AS text[]), CAST(:ordinals AS int[])) AS said (key, ordinal)
JOIN landing l ON l.source = :source AND l.dataset = :dataset AND l.key = said.key
"""


def stage_row_faults(connection: Connection, batch_id: int, rows: Columns) -> None:
    """Stage why whole rows are held: ``ordinal``, ``key``, ``rule``."""
    same = {"batch_id": str(batch_id), "fate": "quarantine"}
    copy_in(connection, "staged_fault", list(rows), rows, same=same)


def settle_repeats(connection: Connection, batch_id: int) -> tuple[int, int]:
    """Keep of each staged key the newest row, and that only where it differs from what landed.

    Returns how many rows were repeated and how many are unchanged; both leave the staging.
    """
    said = {"batch": batch_id}
    # Without fresh statistics the planner takes the table just filled for an empty one.
    sample_few(connection)
    run(connection, "ANALYZE staged_row (batch_id, ordinal, key)")
    repeated = run(connection, _DROP_REPEATED, said).rowcount
    unchanged = run(connection, _DROP_UNCHANGED, said).rowcount
    if repeated or unchanged:
        run(connection, _DROP_FAULTS, said)
    return repeated, unchanged


def sample_few(connection: Connection) -> None:
    """Let the statistics of this transaction be of few rows: it looks at staging tables alone.

    Reading the usual sample of wide rows takes longer than the statement that is to be planned.
    """
    run(connection, "SET LOCAL default_statistics_target = 10")


_DROP_REPEATED = """
DELETE FROM staged_row loser USING (
    SELECT ordinal, row_number() OVER (
        PARTITION BY key ORDER BY recorded_at DESC NULLS LAST, ordinal DESC) AS place
    FROM staged_row WHERE batch_id = :batch) ranked
WHERE loser.batch_id = :batch AND loser.ordinal = ranked.ordinal AND ranked.place > 1
"""

_DROP_UNCHANGED = """
DELETE FROM staged_row USING batch, landing
WHERE staged_row.batch_id = :batch AND batch.batch_id = :batch
  AND landing.source = batch.source AND landing.dataset = batch.dataset
  AND landing.key = staged_row.key AND landing.hash = staged_row.hash
  AND landing.state <> 'missing'
"""

_DROP_FAULTS = """
DELETE FROM staged_fault f WHERE f.batch_id = :batch AND NOT EXISTS (
    SELECT FROM staged_row w WHERE w.batch_id = :batch AND w.ordinal = f.ordinal)
"""


def stage_missing(connection: Connection, batch_id: int, keys: Sequence[str]) -> None:
    """Stage the keys that a full snapshot no longer holds; their ordinals are negative."""
    columns = {
        "key": keys,
        "ordinal": [str(-1 - place) for place in range(len(keys))],
        "hash": ["0" * 32] * len(keys),
        "outcome": ["missing"] * len(keys),
    }
    stage_rows(connection, batch_id, {name: text_array(said) for name, said in columns.items()})


def staged_rows(
    connection: Connection, batch_id: int, columns: Sequence[str], size: int
) -> Iterator[tuple[npt.NDArray[np.int64], Texts, Rows]]:
    """Read back the rows of a batch in chunks: ordinals, keys, and columns as sent.

    Rows that are held already are left out.
    """
    after = -1
    while True:
        found = read_columns(
            connection, _STAGED, {"ordinal": "int64"}, batch=batch_id, after=after, size=size
        )
        ordinals = found["ordinal"]
        if not len(ordinals):
            return
        yield ordinals, found["key"], row_columns(found["row"], columns)
        if len(ordinals) < size:
            return
        after = int(ordinals[-1])


_STAGED = """
SELECT ordinal, key, row FROM staged_row
WHERE batch_id = :batch AND ordinal > :after AND outcome = 'accepted'
ORDER BY ordinal LIMIT :size
"""


def stage_records(
    connection: Connection, model: type[Section], batch_id: int, records: Columns
) -> None:
    """Stage judged records of one type: envelope columns and public fields as canonical text."""
    target, same = f"staged_{model.record_type}", {"batch_id": str(batch_id)}
    copy_in(connection, target, list(records), records, same=same)


def stage_faults(connection: Connection, batch_id: int, faults: Columns) -> None:
    """Stage the rules that rows of the batch have broken."""
    same = {"batch_id": str(batch_id)}
    copy_in(connection, "staged_fault", list(faults), faults, same=same)


def stage_ties(connection: Connection, batch_id: int, ties: Columns) -> None:
    """Stage what records of the batch say about other records of their source."""
    same = {"batch_id": str(batch_id)}
    copy_in(connection, "staged_tie", list(ties), ties, same=same)


def settle_outcomes(connection: Connection, batch_id: int, types: Sequence[str]) -> None:
    """Tell the staged rows that are withdrawn or quarantined from those that are accepted."""
    withdrawn = " UNION ALL ".join(
        f"SELECT ordinal, 'withdrawn' FROM staged_{name} WHERE batch_id = :batch AND withdrawn"
        for name in types
    )
    # Rows are wide and most are accepted: only the others are written again.
    statement = f"""
        UPDATE staged_row w SET outcome = told.outcome FROM (
            SELECT ordinal, max(outcome) AS outcome FROM ({withdrawn} UNION ALL
                SELECT ordinal, 'quarantined' FROM staged_fault
                WHERE batch_id = :batch AND fate = 'quarantine') AS every (ordinal, outcome)
            GROUP BY ordinal) told
        WHERE w.batch_id = :batch AND w.ordinal = told.ordinal AND w.outcome = 'accepted'"""
    run(connection, statement, {"batch": batch_id})


def count_staged(connection: Connection, record_type: str, batch_id: int) -> int:
    """Count the staged records of one type of a batch."""
    table = tables.STAGED[record_type]
    query = sa.select(sa.func.count()).where(table.c.batch_id == batch_id)
    return int(connection.scalar(query.select_from(table)) or 0)


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged row, what becomes of it, and the rules it breaks: (field, rule).

    Warnings, which keep nothing back, are not among them.
    """

    ordinal: int
    key: str | None
    outcome: str
    faults: tuple[tuple[str | None, str], ...]


def staged_outcomes(connection: Connection, batch_id: int) -> list[Staged]:
    """Return what becomes of each staged row, in the order in which they came."""
    found: dict[tuple[int, str, str], list[tuple[str | None, str]]] = {}
    for *row, field, rule in run(connection, _OUTCOMES, {"batch": batch_id}):
        faults = found.setdefault(tuple(row), [])
        if rule is not None:
            faults.append((field, rule))
    return [Staged(*row, tuple(faults)) for row, faults in found.items()]


_OUTCOMES = """
SELECT w.ordinal, w.key, w.outcome, f.field, f.rule FROM staged_row w LEFT JOIN staged_fault f
    ON f.batch_id = w.batch_id AND f.ordinal = w.ordinal AND f.fate <> 'warn'
WHERE w.batch_id = :batch ORDER BY w.ordinal, f.field, f.rule
"""


def analyze_staged(connection: Connection, types: Sequence[str]) -> None:
    """Tell the planner what a large batch has staged; it would plan for the empty tables before."""
    sample_few(connection)
    for table in ("row", "fault", "tie", *types):
        columns = "batch_id, key" if table == "tie" else "batch_id, ordinal, key"
        run(connection, f"ANALYZE staged_{table} ({columns})")


def discard_staged(connection: Connection, batch_id: int) -> None:
    """Clear the staging tables of a batch."""
    run(connection, f"{DISCARD} SELECT", {"batch": batch_id})


#: What clears them, ahead of a statement that may ask what rows were ``gone``.
DISCARD = (
    "WITH {} gone AS (DELETE FROM staged_row WHERE batch_id = :batch RETURNING outcome)".format(
        "".join(
            f"_{name} AS (DELETE FROM {name} WHERE batch_id = :batch), "
            for name in ("staged_fault", "staged_tie", *map("staged_{}".format, tables.STAGED))
        )
    )
)
