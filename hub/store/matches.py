"""What matching stands on: records' keys, the pairs that were scored, stewards' words on them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import copy_in, copy_out, filled_from_nothing, run
from hub.store import tables

#: Columns of records: what each says.
Said = dict[str, Sequence[str | None]]

#: A record and one of its keys.
Key = tuple[int, int]

#: Columns of pairs as they are kept.
PAIR = ["left", "right", "weight", "levels", "review"]

#: What is kept of two records: weight, levels, and why a steward is asked about them, if one is.
Kept = tuple[float, str, str | None]
Pairs = Mapping[tuple[int, int], Kept]

#: A steward's word on two records.
Judged = tuple[int, int, str]

#: Beyond so many keys, indexes cost less built anew than kept up row by row.
_MANY = 100_000

#: Keys written at a time.
_AT_ONCE = 1_000_000

_PERSONS = """
SELECT {said} FROM record_person r LEFT JOIN (
    SELECT tie.record_id, min(h.address_key) AS tied_address_key FROM tie
    JOIN record_house h ON h.source = tie.source AND h.dataset = tie.to_dataset
        AND h.key = tie.to_key AND h.withdrawn_at IS NULL
    WHERE tie.to_type = 'house' AND tie.record_id {chosen}
    GROUP BY tie.record_id) t ON t.record_id = r.record_id
WHERE r.withdrawn_at IS NULL AND r.record_id {chosen}
  AND NOT EXISTS (SELECT FROM attachment a WHERE a.record_id = r.record_id)
"""
#: Numbers of records read at a time: enough for whole-column work, little enough for memory.
_PAGE = 40_000


def person_records(
    connection: Connection, columns: Sequence[str], record_ids: Iterable[int]
) -> Said:
    """Return the live ones of these records of persons as columns of text.

    ``tied_address_key`` is the folded address of the dwelling that a record is tied to.
    """
    query = _PERSONS.format(said=_said(columns), chosen="= ANY(:ids)")
    rows = run(connection, query, {"ids": [*record_ids]}).rows
    said = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return dict(zip(columns, said, strict=True))


def all_person_records(connection: Connection, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
    """Return all live records of persons, some at a time; at least one frame, be it empty."""
    table = tables.RECORD["person"]
    ends = sa.select(sa.func.min(table.c.record_id), sa.func.max(table.c.record_id))
    first, last = connection.execute(ends).one()
    query = _PERSONS.format(said=_said(columns), chosen="BETWEEN :first AND :last")
    for start in range(first or 0, (last or 0) + 1, _PAGE):
        yield copy_out(connection, query, first=start, last=start + _PAGE - 1)


def _said(columns: Sequence[str]) -> str:
    return ", ".join(f"{'t' if one.startswith('tied_') else 'r'}.{one}::text" for one in columns)


def tied_records(connection: Connection, record_type: str, record_ids: Sequence[int]) -> list[int]:
    """Return the live records of a type that are tied to one of these houses."""
    query = f"""
        SELECT DISTINCT r.record_id FROM record_house h
        JOIN tie ON tie.source = h.source AND tie.to_dataset = h.dataset AND tie.to_key = h.key
            AND tie.to_type = 'house'
        JOIN record_{record_type} r ON r.record_id = tie.record_id AND r.withdrawn_at IS NULL
        WHERE h.record_id = ANY(:ids)"""
    return list(run(connection, query, {"ids": list(record_ids)}).scalars())


def live_records(connection: Connection, record_type: str) -> int:
    """Count the live records of a type."""
    table = tables.RECORD[record_type]
    query = sa.select(sa.func.count()).where(table.c.withdrawn_at.is_(None))
    return int(connection.scalar(query.select_from(table)) or 0)


def block_keys(connection: Connection, record_ids: Sequence[int]) -> set[Key]:
    """Return the keys of records."""
    query = "SELECT record_id, key FROM block_key WHERE record_id = ANY(:ids)"
    return {(row[0], row[1]) for row in run(connection, query, {"ids": list(record_ids)})}


#: A key of a telephone is odd.
_PHONE = "key & 1 = 1"

_COUNTED = """
CROSS JOIN LATERAL (SELECT count(*) AS count FROM (
    SELECT FROM block_key WHERE block_key.key = k.key LIMIT CAST(:most AS int)) found) held
"""
_SO_FAR = f"""
SELECT k.record_id, k.key, held.count FROM (
    SELECT record_id, key FROM block_key WHERE record_id = ANY(:ids) AND {_PHONE}
    UNION ALL SELECT NULL, said.key FROM unnest(CAST(:phones AS bigint[])) AS said (key)) k
{_COUNTED}
UNION ALL SELECT record_id, key, NULL FROM block_key WHERE record_id = ANY(:ids) AND NOT {_PHONE}
"""


def keys_so_far(
    connection: Connection, record_ids: Sequence[int], phones: Iterable[int], most: int
) -> tuple[set[Key], dict[int, int]]:
    """Return the keys of records; and how many records hold these and their keys of telephones.

    None is counted beyond ``most``.
    """
    said = {"ids": list(record_ids), "phones": list(phones), "most": most}
    rows = run(connection, _SO_FAR, said).rows
    held = {(row[0], row[1]) for row in rows if row[0] is not None}
    return held, {row[1]: row[2] for row in rows if row[2] is not None}


_HOLDERS = """
SELECT held.record_id, k.key FROM unnest(CAST(:keys AS bigint[])) AS k (key)
CROSS JOIN LATERAL (
    SELECT record_id FROM block_key WHERE block_key.key = k.key LIMIT CAST(:most AS int)) held
"""


def key_holders(connection: Connection, keys: Iterable[int], most: int) -> list[Key]:
    """Return the records that hold these keys, with the key; ``most`` of each key."""
    said = {"keys": list(keys), "most": most}
    return [(row[0], row[1]) for row in run(connection, _HOLDERS, said)]


_COUNTS = f"SELECT k.key, held.count FROM unnest(CAST(:keys AS bigint[])) AS k (key) {_COUNTED}"


def key_counts(connection: Connection, keys: Iterable[int], most: int) -> dict[int, int]:
    """Return how many records hold each of these keys; none is counted beyond ``most``."""
    said = {"keys": list(keys), "most": most}
    if not said["keys"]:
        return {}
    return {row[0]: row[1] for row in run(connection, _COUNTS, said)}


_TAKE_KEYS = """
DELETE FROM block_key USING unnest(CAST(:gone_ids AS bigint[]), CAST(:gone_keys AS bigint[]))
    AS gone (record_id, key)
WHERE block_key.record_id = gone.record_id AND block_key.key = gone.key
"""
_GIVE_KEYS = """
INSERT INTO block_key (record_id, key)
SELECT * FROM unnest(CAST(:came_ids AS bigint[]), CAST(:came_keys AS bigint[]))
"""


def change_block_keys(
    connection: Connection,
    gone: Collection[Key],
    came: Collection[Key],
    keys: Iterable[int],
    most: int,
) -> list[Key]:
    """Take keys from records, and give them others; return `key_holders` of some keys then."""
    statements: list[str] = []
    said: dict[str, object] = {"keys": list(keys), "most": most}
    for name, statement, changed in (("gone", _TAKE_KEYS, gone), ("came", _GIVE_KEYS, came)):
        if changed:
            statements.append(statement)
            said[f"{name}_ids"], said[f"{name}_keys"] = map(
                list, zip(*sorted(changed), strict=True)
            )
    if len(came) > _MANY:
        statements.append("ANALYZE block_key")
    rows = run(connection, ";".join([*statements, _HOLDERS]), said)
    return [(row[0], row[1]) for row in rows]


# Two sums over all keys that do not depend on any order; nothing in them can overflow.
_SUMS = """
SELECT count(*), coalesce(bit_xor(key # (record_id << 24)), 0),
    coalesce(bit_xor(((key >> 20) & 2147483647) * (record_id & 4294967295)), 0)
FROM block_key
"""


def _sums(keys: pd.DataFrame) -> tuple[int, int, int]:
    record_ids, said = keys["record_id"].to_numpy(np.int64), keys["key"].to_numpy(np.int64)
    mixed = said ^ (record_ids << 24), (said >> 20 & 2147483647) * (record_ids & 4294967295)
    one, other = (int(np.bitwise_xor.reduce(numbers)) for numbers in mixed)
    return len(keys), one, other


def replace_block_keys(connection: Connection, keys: pd.DataFrame) -> None:
    """Let these (``record_id``, ``key``) be the keys of all records.

    Where they are so already nothing is written, and who reads keys need not wait.
    """
    if are_block_keys(connection, keys):
        return
    if len(keys) <= _MANY:
        connection.execute(sa.delete(tables.block_key))
        copy_in(connection, "block_key", list(keys.columns), keys)
        return
    with filled_from_nothing(connection, tables.block_key):
        fill_block_keys(connection, "block_key", keys)
    run(connection, "ANALYZE block_key")


def fill_block_keys(connection: Connection, table: str, keys: pd.DataFrame) -> None:
    """Write keys to a table that this transaction has made or emptied.

    A record's keys stand side by side: whoever reads them all reads one page, not sixteen.
    """
    order = np.argsort(keys["record_id"].to_numpy(), kind="stable")
    # A sorted copy of all of them at once would take as much memory as they do.
    for start in range(0, len(order), _AT_ONCE):
        part = keys.take(order[start : start + _AT_ONCE])
        copy_in(connection, table, list(keys.columns), part, frozen=True)


def are_block_keys(connection: Connection, keys: pd.DataFrame) -> bool:
    """Tell whether these (``record_id``, ``key``) are the keys of all records already."""
    return tuple(run(connection, _SUMS).one()) == _sums(keys)


_NEAR = f"""
WITH RECURSIVE near (record_id) AS (
    SELECT unnest(CAST(:ids AS bigint[]))
    UNION
    SELECT found.record_id FROM near CROSS JOIN LATERAL (
        SELECT right_id AS record_id FROM match WHERE left_id = near.record_id
        UNION ALL SELECT left_id FROM match WHERE right_id = near.record_id
        UNION ALL SELECT right_id FROM judgement
            WHERE left_id = near.record_id AND ended_at IS NULL
        UNION ALL SELECT left_id FROM judgement
            WHERE right_id = near.record_id AND ended_at IS NULL
        UNION ALL SELECT theirs.record_id FROM link mine
            JOIN link theirs ON theirs.entity_id = mine.entity_id
            WHERE mine.record_id = near.record_id) found)
SELECT near.record_id, known.* FROM near LEFT JOIN LATERAL (
    SELECT right_id, weight, levels, review, NULL AS verdict FROM match
        WHERE left_id = near.record_id
    UNION ALL SELECT right_id, NULL, NULL, NULL, verdict FROM judgement
        WHERE left_id = near.record_id AND ended_at IS NULL) known ON true
UNION ALL SELECT DISTINCT NULL::bigint, k.key, NULL::float, NULL, NULL, NULL FROM (
    SELECT mine.key FROM near CROSS JOIN LATERAL (
        SELECT key FROM block_key WHERE record_id = near.record_id AND {_PHONE} OFFSET 0) mine) k
{_COUNTED} WHERE held.count = :most
"""


@dataclass(frozen=True, slots=True)
class Near:
    """Records that hang together, with what is known of those of them that stand left."""

    record_ids: list[int]
    pairs: Pairs
    judgements: list[Judged]
    #: The keys of their telephones that too many records hold.
    crowded: set[int]


def hanging_together(connection: Connection, record_ids: Iterable[int], most: int) -> Near:
    """Return these records and all that scored pairs, judgements or links lead on to.

    More than ``most`` records that hold a telephone are too many.
    """
    rows = run(connection, _NEAR, {"ids": [*map(int, record_ids)], "most": most + 1}).rows
    ids = dict.fromkeys(row[0] for row in rows if row[0] is not None)
    pairs = {(row[0], row[1]): row[2:5] for row in rows if row[2] is not None}
    judgements = [(row[0], row[1], row[5]) for row in rows if row[5] is not None]
    return Near([*ids], pairs, judgements, {row[1] for row in rows if row[0] is None})


def judgements(connection: Connection, record_type: str) -> list[Judged]:
    """Return stewards' words that count."""
    query = """SELECT left_id, right_id, verdict FROM judgement
        WHERE record_type = :type AND ended_at IS NULL"""
    return [(row[0], row[1], row[2]) for row in run(connection, query, {"type": record_type})]


_TAKE_PAIRS = """
DELETE FROM match USING unnest(CAST(:gone_left AS bigint[]), CAST(:gone_right AS bigint[]))
    AS gone (left_id, right_id)
WHERE match.left_id = gone.left_id AND match.right_id = gone.right_id
"""


_GIVE_PAIRS = """
INSERT INTO match (left_id, right_id, record_type, weight, levels, review)
SELECT came.left_id, came.right_id, :type, came.weight, came.levels, nullif(came.review, '')
FROM unnest(CAST(:came_left AS bigint[]), CAST(:came_right AS bigint[]), CAST(:weight AS float[]),
    CAST(:levels AS text[]), CAST(:review AS text[]))
    AS came (left_id, right_id, weight, levels, review)
"""


def change_pairs(connection: Connection, record_type: str, before: Pairs, now: Pairs) -> None:
    """Let scored pairs take the place of those before; what is equal is not written."""
    statements: list[str] = []
    said: dict[str, object] = {"type": record_type}
    if gone := [pair for pair, kept in before.items() if now.get(pair) != kept]:
        statements.append(_TAKE_PAIRS)
        said["gone_left"], said["gone_right"] = map(list, zip(*gone, strict=True))
    if came := [(*pair, *kept) for pair, kept in now.items() if before.get(pair) != kept]:
        statements.append(_GIVE_PAIRS)
        left, right, weight, levels, review = map(list, zip(*came, strict=True))
        # As text, in which no number loses anything, long lists are soon written.
        said |= {"came_left": left, "came_right": right, "weight": [*map(repr, weight)]}
        said |= {"levels": levels, "review": [why or "" for why in review]}
    if statements:
        run(connection, ";".join(statements), said)


def add_pairs(connection: Connection, table: str, record_type: str, pairs: pd.DataFrame) -> None:
    """Write scored pairs (`PAIR`) to a table like that of pairs."""
    if len(pairs):
        columns = ["left_id", "right_id", *PAIR[2:]]
        frame = pairs[PAIR].set_axis(columns, axis=1)
        copy_in(connection, table, columns, frame, same={"record_type": record_type})


_DIFFERENT = """
DELETE FROM match m WHERE m.record_type = :name AND NOT EXISTS (SELECT FROM {new} n
    WHERE n.left_id = m.left_id AND n.right_id = m.right_id
      AND (n.weight, n.levels, n.review) IS NOT DISTINCT FROM (m.weight, m.levels, m.review))
"""

_MISSING = """
INSERT INTO match SELECT * FROM {new} n WHERE NOT EXISTS (SELECT FROM match m
    WHERE m.left_id = n.left_id AND m.right_id = n.right_id)
ORDER BY n.left_id, n.right_id
"""


def replace_pairs(connection: Connection, record_type: str, now: pd.DataFrame) -> None:
    """Let these be all scored pairs (`PAIR`) of a type; what is equal is not written."""
    run(connection, "DROP TABLE IF EXISTS match_new")
    run(connection, "CREATE TEMP TABLE match_new (LIKE match) ON COMMIT DROP")
    add_pairs(connection, "match_new", record_type, now)
    run(connection, "ANALYZE match_new")
    take_pairs(connection, record_type, "match_new")


def take_pairs(connection: Connection, record_type: str, table: str) -> None:
    """Let the pairs in a table be all of a type; what is equal is not written."""
    changed = 0
    for statement in (_DIFFERENT, _MISSING):
        changed += run(connection, statement.format(new=table), {"name": record_type}).rowcount
    if changed > _MANY:
        run(connection, "ANALYZE match")
