"""Which record belongs to which entity: what a change touches, and where it ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from hub.database import copy_in, copy_out, read_columns, run
from hub.store import tables
from schemas.distinct import Columns, cells, chosen_rows, is_said, text_array


def start_affected(connection: Connection, record_ids: Iterable[int]) -> None:
    """Begin the set of records that must be linked again with these."""
    ids = list(record_ids)
    empty = "DELETE FROM" if 0 < len(ids) <= FEW else "TRUNCATE"
    # Statements that are sent together make one way there and back.
    begin = f"{_AFFECTED} {empty} affected; {_AFFECTED_FIRST}; ANALYZE affected"
    run(connection, begin, {"ids": ids})


#: Up to so many rows deleting them costs less than new files for the table.
FEW = 1_000

# A table for each connection: making and dropping one takes longer than linking a record. What is
# left in it at the end is dropped at the next beginning: by emptying its index with each commit
# PostgreSQL would forget the plans that it keeps.
_AFFECTED = """
CREATE TEMP TABLE IF NOT EXISTS affected (record_id bigint PRIMARY KEY, round int NOT NULL);
"""

# Attached records go where their entity goes: nobody asks which that is.
_AFFECTED_FIRST = """
INSERT INTO affected SELECT record_id, 0 FROM unnest(CAST(:ids AS bigint[])) AS r (record_id)
WHERE NOT EXISTS (SELECT FROM attachment a WHERE a.record_id = r.record_id)
"""


def start_affected_by_all(connection: Connection, record_type: str) -> None:
    """Begin the set with every record of a type."""
    start_affected(connection, [])
    every = f"""INSERT INTO affected SELECT record_id, 0 FROM record_{record_type} r
        WHERE NOT EXISTS (SELECT FROM attachment a WHERE a.record_id = r.record_id)"""
    run(connection, every)
    run(connection, "ANALYZE affected")


_SPREAD_KEYS = """
INSERT INTO affected SELECT DISTINCT theirs.record_id, :round + 1
FROM affected JOIN link_key mine ON mine.record_id = affected.record_id AND mine.use = 'same'
JOIN link_key theirs ON theirs.key = mine.key AND theirs.use = 'same'
WHERE affected.round = :round AND theirs.record_id <> mine.record_id ON CONFLICT DO NOTHING
"""

_SPREAD_LINKS = """
INSERT INTO affected SELECT DISTINCT theirs.record_id, :round + 1
FROM affected JOIN link mine ON mine.record_id = affected.record_id
JOIN link theirs ON theirs.entity_id = mine.entity_id
WHERE affected.round = :round AND theirs.record_id <> mine.record_id ON CONFLICT DO NOTHING
"""


def spread_affected(connection: Connection) -> None:
    """Add every record that shares a key or an entity with an affected one, until none is left."""
    round_, grown = 0, 1
    while grown:
        grown = sum(
            run(connection, statement, {"round": round_}).rowcount
            for statement in (_SPREAD_LINKS, _SPREAD_KEYS)
        )
        round_ += 1


def add_affected(connection: Connection, record_ids: Iterable[int]) -> None:
    """Add records to those that must be linked again."""
    statement = """INSERT INTO affected SELECT unnest(CAST(:ids AS bigint[])), 1
        ON CONFLICT DO NOTHING"""
    if ids := [*map(int, record_ids)]:
        run(connection, statement, {"ids": ids})


def leave_out(connection: Connection, record_ids: Iterable[int]) -> None:
    """Take records out of those that must be linked again."""
    statement = "DELETE FROM affected WHERE record_id = ANY(:ids)"
    run(connection, statement, {"ids": [*map(int, record_ids)]})


def affected_records(
    connection: Connection, record_type: str, columns: Sequence[str]
) -> dict[str, Any]:
    """Return the live affected records: envelope, chosen fields, link so far, ``same_as`` ties."""
    record = tables.RECORD[record_type]
    said = ", ".join(f"r.{name}::text AS {name}" for name in columns if name in record.c)
    return read_columns(
        connection,
        f"""
        SELECT r.record_id, r.source, r.dataset, r.key, r.address_key, r.compound_key,
            r.community_code AS said_community, l.entity_id, l.home_id,
            l.community_code AS linked_community, l.compound_key AS linked_compound, t.same_as
            {", " + said if said else ""}
        FROM affected a JOIN record_{record_type} r USING (record_id)
        LEFT JOIN link l ON l.record_id = r.record_id
        LEFT JOIN LATERAL (SELECT min(to_dataset || '|' || to_key) AS same_as FROM tie
            WHERE tie.record_id = r.record_id AND tie.role = 'same') t ON true
        WHERE r.withdrawn_at IS NULL""",
    )


def affected_count(connection: Connection) -> int:
    """Count the affected records, those that are withdrawn too."""
    return int(run(connection, "SELECT count(*) FROM affected").scalar() or 0)


def affected_live(connection: Connection, record_type: str) -> set[int]:
    """Return the numbers of the affected records that are live."""
    query = f"""SELECT record_id FROM affected JOIN record_{record_type} USING (record_id)
        WHERE withdrawn_at IS NULL"""
    return set(run(connection, query).scalars())


def affected_links(connection: Connection, record_type: str) -> tuple[set[str], bool, Columns]:
    """Return what affected records are linked to so far, as it is told in three parts.

    These are the ids of their entities, those of withdrawn records too; whether any is withdrawn;
    and of those that live, in the order of their numbers, ``record_id``, ``entity_id``,
    ``community_code``, ``compound_key`` and ``home_id`` (empty where that id is in use by records
    that are not affected).
    """
    query = f"""
        WITH mine AS (
            SELECT a.record_id, l.entity_id, l.community_code, l.compound_key, l.home_id,
                CASE WHEN r.record_id IS NOT NULL THEN 'live' END AS live
            FROM affected a LEFT JOIN link l ON l.record_id = a.record_id
            LEFT JOIN record_{record_type} r
                ON r.record_id = a.record_id AND r.withdrawn_at IS NULL),
        taken AS (
            SELECT DISTINCT o.entity_id FROM (SELECT DISTINCT home_id FROM mine) h
            JOIN link o ON o.entity_id = h.home_id
            WHERE NOT EXISTS (SELECT FROM affected x WHERE x.record_id = o.record_id))
        SELECT m.record_id, m.entity_id, m.community_code, m.compound_key,
            CASE WHEN t.entity_id IS NULL THEN m.home_id END AS home_id, m.live
        FROM mine m LEFT JOIN taken t ON t.entity_id = m.home_id ORDER BY m.record_id"""
    links = read_columns(connection, query, {"record_id": "int64"})
    live = is_said(links.pop("live"))
    before = {*cells(links["entity_id"])} - {None}
    return before, not live.all(), chosen_rows(links, live)


def affected_positions(
    connection: Connection, record_type: str, field: str, vague: Sequence[str]
) -> pd.DataFrame:
    """Return ``record_id`` and ``shape`` (GeoJSON) of affected records that say where they are."""
    frame = "r.source_crs" if "source_crs" in tables.RECORD[record_type].c else "NULL"
    query = f"""
        SELECT r.record_id, r.{field}::text AS shape FROM affected a
        JOIN record_{record_type} r ON r.record_id = a.record_id
        WHERE r.withdrawn_at IS NULL AND r.{field} IS NOT NULL
          AND coalesce({frame}, '') <> ALL(:vague)"""
    return copy_out(connection, query, vague=list(vague))


_KEEP_LINKS = """
INSERT INTO link (record_id, record_type, entity_id, home_id, community_code, compound_key)
SELECT record_id, record_type, entity_id, entity_id, community_code, compound_key
FROM link_new ORDER BY record_id
ON CONFLICT (record_id) DO UPDATE SET entity_id = excluded.entity_id,
    community_code = excluded.community_code, compound_key = excluded.compound_key
"""


_LINK_NEW = """
CREATE TEMP TABLE IF NOT EXISTS link_new (record_id bigint, record_type text, entity_id text,
    community_code text, compound_key text) ON COMMIT DELETE ROWS;
"""


def keep_links(
    connection: Connection,
    record_type: str,
    links: Columns,
    former: Columns,
    fresh: np.ndarray,
) -> None:
    """Link the affected live records (``record_id, entity_id, community_code, compound_key``).

    ``former``: what their links say so far, row by row; only what differs is written.
    ``fresh``: the records that never were linked before.
    """
    new, same = np.isin(links["record_id"], fresh), {"record_type": record_type}
    other = np.zeros(len(new), dtype=np.bool_)
    for name in ("entity_id", "community_code", "compound_key"):
        other |= cells(links[name]) != cells(former[name])
    other &= ~new
    if other.any():
        known = chosen_rows(links, other)
        empty = "DELETE FROM" if other.sum() <= FEW else "TRUNCATE"
        run(connection, f"{_LINK_NEW} {empty} link_new")
        copy_in(connection, "link_new", list(known), known, same=same)
        run(connection, f"ANALYZE link_new; {_KEEP_LINKS}")
    if new.any():
        anew = chosen_rows({**links, "home_id": links["entity_id"]}, new)
        copy_in(connection, "link", list(anew), anew, same=same)
    if (other | new).sum() > 10_000:
        run(connection, "ANALYZE link (record_id, entity_id, home_id, record_type)")


_NO_MORE = """
SELECT DISTINCT {what} FROM affected a JOIN link l ON l.record_id = a.record_id
WHERE l.entity_id IS NOT NULL AND NOT EXISTS (SELECT FROM record_{type} r
    WHERE r.record_id = a.record_id AND r.withdrawn_at IS NULL)
"""


def linked_no_more(connection: Connection, record_type: str) -> set[int]:
    """Return the affected records that are live no longer, but linked so far."""
    query = _NO_MORE.format(what="a.record_id", type=record_type)
    return set(run(connection, query).scalars())


def clear_links(connection: Connection, record_type: str, live: np.ndarray) -> None:
    """Let affected records that are withdrawn keep their home, but not their entity.

    ``live``: those that are not; who of them went since then, the next resolve tells.
    """
    if gone := linked_no_more(connection, record_type).difference(live.tolist()):
        clear = "UPDATE link SET entity_id = NULL WHERE record_id = ANY(:gone)"
        run(connection, clear, {"gone": list(gone)})


def move_homes(connection: Connection, minted: Sequence[str]) -> None:
    """Make new ids the homes of the records that were split off, so that the ids can come back.

    Not where a record that is new itself has the id for its home.
    """
    statement = """
        UPDATE link SET home_id = entity_id WHERE entity_id = ANY(:minted)
          AND home_id <> entity_id AND NOT EXISTS (SELECT FROM link o
              WHERE o.entity_id = link.entity_id AND o.home_id = o.entity_id)"""
    run(connection, statement, {"minted": list(minted)})


def give_homes(connection: Connection, homes: Mapping[int, str]) -> None:
    """Make ids the homes of records, by their numbers."""
    statement = """
        UPDATE link SET home_id = said.home FROM unnest(CAST(:ids AS bigint[]),
            CAST(:homes AS text[])) AS said (record_id, home)
        WHERE link.record_id = said.record_id"""
    if homes:
        run(connection, statement, {"ids": list(homes), "homes": list(homes.values())})


def ended(connection: Connection, entity_ids: Iterable[str]) -> dict[str, float]:
    """Return when entities gave way to others, as seconds; those that never did are not there."""
    query = """SELECT entity_id, CAST(extract(epoch FROM superseded_at) AS double precision)
        FROM entity WHERE entity_id = ANY(:ids) AND superseded_at IS NOT NULL"""
    return dict(run(connection, query, {"ids": list(entity_ids)}).rows)


def linked_before(connection: Connection) -> tuple[set[str], int]:
    """Return the ids of the entities that affected records belong to so far, and how many records.

    The number is of all affected records, those that are withdrawn too.
    """
    query = """SELECT l.entity_id, count(*) FROM affected a
        LEFT JOIN link l ON l.record_id = a.record_id GROUP BY l.entity_id"""
    found = dict(run(connection, query).rows)
    return {one for one in found if one is not None}, sum(found.values())


def bereft(connection: Connection, record_type: str) -> set[str]:
    """Return the entities that affected records belong to which are live no longer."""
    query = _NO_MORE.format(what="l.entity_id", type=record_type)
    return set(run(connection, query).scalars())


def keep_entities(
    connection: Connection,
    record_type: str,
    minted: Sequence[str],
    redirects: Mapping[str, str],
    again: Collection[str],
) -> None:
    """Write down new ids, redirect those that gave way, take back those that may live again."""
    if minted:
        ids = {"entity_id": text_array(minted)}
        copy_in(connection, "entity", list(ids), ids, same={"record_type": record_type})
    if again:
        run(connection, _LIVES_AGAIN, {"alive": list(again)})
    if redirects:
        said = {"losers": list(redirects), "winners": list(redirects.values())}
        # Chains are compressed: who once gave way to a loser now answers for its winner.
        for column in ("superseded_by", "entity_id"):
            run(connection, _REDIRECT.format(column=column), said)


_LIVES_AGAIN = """
UPDATE entity SET superseded_by = NULL, superseded_at = NULL
WHERE entity_id = ANY(:alive) AND superseded_by IS NOT NULL
"""

_REDIRECT = """
UPDATE entity SET superseded_by = said.winner,
    superseded_at = coalesce(entity.superseded_at, now())
FROM unnest(CAST(:losers AS text[]), CAST(:winners AS text[])) AS said (loser, winner)
WHERE entity.{column} = said.loser AND entity.superseded_by IS DISTINCT FROM said.winner
"""

# A chain of merges may have led an id on to whom none of its records speaks of any more.
_REDIRECT_TO_RECORDS = """
UPDATE entity SET superseded_by = found.entity_id FROM (
    SELECT DISTINCT ON (e.entity_id) e.entity_id AS loser, l.entity_id
    FROM entity e JOIN golden_{type} g ON g.entity_id = e.entity_id
    JOIN link l ON l.record_id = ANY(g.members) AND l.entity_id IS NOT NULL
    WHERE e.superseded_by = ANY(:ids)
    ORDER BY e.entity_id, l.entity_id <> e.superseded_by, l.record_id) found
WHERE entity.entity_id = found.loser AND entity.superseded_by <> found.entity_id
"""


def redirect_to_records(
    connection: Connection, record_type: str, entity_ids: Collection[str]
) -> None:
    """Let ids that gave way to these answer for who has the records last served under them."""
    said = {"ids": list(entity_ids)}
    run(connection, _REDIRECT_TO_RECORDS.format(type=record_type), said)
