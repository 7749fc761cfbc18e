"""Records that are compared with others of their kind: candidates, and where a change leads to.

Compared by way of keys of use ``block`` in ``link_key``, which no other record's coming or going
makes invalid: that two records are candidates depends on these two alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection

from hub.database import copy_out, run
from hub.store import tables
from hub.store.matches import Judged, Pairs

# A key to be compared by may be one that links others: who says no unit asks for all of them.
_CANDIDATES = """
SELECT DISTINCT least(mine.record_id, theirs.record_id) AS left,
    greatest(mine.record_id, theirs.record_id) AS right
FROM affected JOIN link_key mine ON mine.record_id = affected.record_id
JOIN link_key theirs ON theirs.key = mine.key AND theirs.record_id <> mine.record_id
    AND (mine.use = 'block' AND theirs.use IN ('block', 'same')
        OR mine.use = 'same' AND theirs.use = 'block')
JOIN record_{type} r ON r.record_id = theirs.record_id AND r.withdrawn_at IS NULL
JOIN record_{type} own ON own.record_id = mine.record_id AND own.withdrawn_at IS NULL
WHERE affected.round = 0 AND mine.record_type = '{type}' AND theirs.record_type = '{type}'
"""


# Either side by an index of its own: asked for both at once, all pairs may be read.
_BEFORE = """
SELECT m.left_id, m.right_id, m.weight, m.levels, m.review
FROM affected a JOIN match m ON m.left_id = a.record_id WHERE a.round = 0
UNION SELECT m.left_id, m.right_id, m.weight, m.levels, m.review
FROM affected a JOIN match m ON m.right_id = a.record_id WHERE a.round = 0
"""


def compared(connection: Connection, record_type: str) -> tuple[Pairs, list[tuple[int, int]]]:
    """Return the pairs of those affected to begin with: the scored ones, and those to compare."""
    none = "NULL::float, NULL, NULL"
    candidates = f"SELECT c.left, c.right, {none} FROM ({_CANDIDATES}) c".format(type=record_type)
    rows = run(connection, f"{_BEFORE} UNION ALL {candidates}").rows
    before = {(row[0], row[1]): row[2:] for row in rows if row[2] is not None}
    return before, [(row[0], row[1]) for row in rows if row[2] is None]


_SPREAD = """
WITH RECURSIVE near (record_id) AS (
    (SELECT record_id FROM affected UNION SELECT unnest(CAST(:ids AS bigint[])))
    UNION
    SELECT found.record_id FROM near CROSS JOIN LATERAL (
        SELECT right_id AS record_id FROM match WHERE left_id = near.record_id {heavy}
        UNION ALL SELECT left_id FROM match WHERE right_id = near.record_id {heavy}
        UNION ALL SELECT right_id FROM judgement
            WHERE left_id = near.record_id AND ended_at IS NULL
        UNION ALL SELECT left_id FROM judgement
            WHERE right_id = near.record_id AND ended_at IS NULL
        UNION ALL SELECT theirs.record_id FROM link_key mine
            JOIN link_key theirs ON theirs.key = mine.key AND theirs.use = 'same'
            WHERE mine.record_id = near.record_id AND mine.use = 'same'
        UNION ALL SELECT theirs.record_id FROM link mine
            JOIN link theirs ON theirs.entity_id = mine.entity_id
            WHERE mine.record_id = near.record_id) found)
INSERT INTO affected SELECT record_id, 1 FROM near ON CONFLICT DO NOTHING;
"""

_WITHIN = """
SELECT m.left_id, m.right_id, m.review, m.weight, m.levels
FROM affected a JOIN match m ON m.left_id = a.record_id WHERE m.record_type = :type
UNION ALL SELECT m.left_id, m.right_id, m.review, m.weight, m.levels
FROM affected a JOIN match m ON m.right_id = a.record_id
WHERE m.record_type = :type
    AND NOT EXISTS (SELECT FROM affected b WHERE b.record_id = m.left_id)
UNION ALL SELECT j.left_id, j.right_id, j.verdict, NULL, NULL
FROM judgement j JOIN affected a ON a.record_id = j.left_id
WHERE j.ended_at IS NULL AND j.record_type = :type
UNION ALL SELECT count(*), NULL, NULL, NULL, NULL FROM affected
"""


@dataclass(frozen=True, slots=True)
class Within:
    """What is known of the affected records: how many they are, and what is said of pairs."""

    affected: int
    #: The scored pairs of which any record is affected.
    pairs: Pairs
    judgements: list[Judged]


def within(
    connection: Connection,
    record_type: str,
    *,
    spread: float | None,
    beside: Collection[int] = (),
) -> Within:
    """Return what is known of the affected records.

    Before that these, and all that pairs of weight ``spread`` or more, words, keys or links lead
    on to from any of them, are added; None leads nowhere.
    """
    said = {"type": record_type}
    if spread is None:
        rows = run(connection, _WITHIN, said).rows
    else:
        query = _SPREAD.format(heavy="AND weight >= :link") + _WITHIN
        rows = run(connection, query, {**said, "link": spread, "ids": [*beside]}).rows
    pairs = {(row[0], row[1]): (row[3], row[4], row[2]) for row in rows if row[3] is not None}
    words = [row[:3] for row in rows if row[3] is None and row[1] is not None]
    (affected,) = (row[0] for row in rows if row[1] is None)
    return Within(affected, pairs, words)


def records(
    connection: Connection,
    record_type: str,
    columns: Sequence[str],
    record_ids: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Return live records, the affected ones or those of these numbers, with their community.

    ``placed_in`` is the community in which a record was when it was last linked.
    """
    known = tables.RECORD[record_type].c
    said = ", ".join(f"r.{name}::text AS {name}" for name in columns if name in known)
    chosen = "JOIN affected a ON a.record_id = r.record_id" if record_ids is None else ""
    only = "" if record_ids is None else "AND r.record_id = ANY(:ids)"
    query = f"""SELECT {said}, l.community_code AS placed_in FROM record_{record_type} r {chosen}
        LEFT JOIN link l ON l.record_id = r.record_id WHERE r.withdrawn_at IS NULL {only}"""
    chosen_ids = {} if record_ids is None else {"ids": [*record_ids]}
    return copy_out(connection, query, {"record_id": "int64"}, **chosen_ids)
