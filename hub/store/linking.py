"""Which record belongs to which entity: what changed, what that touches, where it ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import copy_in, copy_out, indexed_afterwards, run
from hub.store import tables
from schemas import MODELS
from schemas.distinct import text_array


@dataclass(frozen=True, slots=True)
class Waiting:
    """The records that wait to be resolved, by type."""

    changed: dict[str, list[int]]
    #: Those of them that may say something else of places than when they were last resolved.
    moved: dict[str, list[int]]
    #: The entities that other records speak of by their ids.
    attached: dict[str, set[str]]


def take_queue(connection: Connection, only: Sequence[int] | None = None) -> Waiting:
    """Take what waits to be resolved off the queue, all of it or ``only`` entries of these numbers.

    Entries that others add meanwhile stay; they come back if this transaction is rolled back.
    """
    chosen, said = ("", {}) if only is None else ("WHERE queue_id = ANY(:only)", {"only": [*only]})
    changed, moved = ({name: list[int]() for name in MODELS} for _ in range(2))
    attached: dict[str, set[str]] = {name: set() for name in MODELS}
    for name, *parts in run(connection, _TAKE_QUEUE.format(chosen=chosen), said):
        changed[name], moved[name], entity_ids = (part or [] for part in parts)
        attached[name] = set(entity_ids)
    return Waiting(changed, moved, attached)


_TAKE_QUEUE = """
WITH taken AS (DELETE FROM resolve_queue {chosen} RETURNING record_type, record_id, moved)
SELECT t.record_type, array_agg(DISTINCT record_id) FILTER (WHERE entity_id IS NULL),
    array_agg(DISTINCT record_id) FILTER (WHERE entity_id IS NULL AND moved),
    array_agg(DISTINCT entity_id) FILTER (WHERE entity_id IS NOT NULL)
FROM taken t LEFT JOIN attachment USING (record_id) GROUP BY t.record_type
"""


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


def replace_keys(connection: Connection, record_type: str, *keys: pd.DataFrame) -> None:
    """Give the affected records these keys instead of those they had."""
    if sum(map(len, keys)) > FEW and run(connection, _HAVE_KEYS).scalar():
        _change_keys(connection, record_type, keys)
        return
    run(
        connection,
        "DELETE FROM link_key USING affected WHERE link_key.record_id = affected.record_id",
    )
    count, same = sum(map(len, keys)), {"record_type": record_type}
    with indexed_afterwards(connection, tables.link_key, count):
        for part in keys:
            copy_in(connection, "link_key", list(part.columns), part, same=same)
    if count > 10_000:
        run(connection, "ANALYZE link_key")


_HAVE_KEYS = """
SELECT EXISTS (SELECT FROM affected a JOIN link_key k ON k.record_id = a.record_id)
"""

_KEYS_NEW = """
CREATE TEMP TABLE IF NOT EXISTS link_key_new (LIKE link_key) ON COMMIT DELETE ROWS;
TRUNCATE link_key_new
"""

_CHANGE_KEYS = """
ANALYZE link_key_new;
DELETE FROM link_key k USING affected a WHERE a.record_id = k.record_id
  AND NOT EXISTS (SELECT FROM link_key_new n
    WHERE n.record_id = k.record_id AND n.key = k.key AND n.use = k.use);
INSERT INTO link_key SELECT * FROM link_key_new n WHERE NOT EXISTS (SELECT FROM link_key k
    WHERE k.record_id = n.record_id AND k.key = n.key AND k.use = n.use)
"""


def _change_keys(connection: Connection, record_type: str, keys: Sequence[pd.DataFrame]) -> None:
    """Write of the affected records' keys only what differs: of many, few have changed."""
    run(connection, _KEYS_NEW)
    for part in keys:
        same = {"record_type": record_type}
        copy_in(connection, "link_key_new", list(part.columns), part, same=same)
    if run(connection, _CHANGE_KEYS).rowcount > 10_000:
        run(connection, "ANALYZE link_key")


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
) -> pd.DataFrame:
    """Return the live affected records: envelope, chosen fields, link so far, ``same_as`` ties."""
    record = tables.RECORD[record_type]
    said = ", ".join(f"r.{name}::text AS {name}" for name in columns if name in record.c)
    return copy_out(
        connection,
        f"""
        SELECT r.record_id, r.source, r.dataset, r.key, r.address_key, r.compound_key,
            r.community_code AS said_community, l.entity_id, l.home_id, t.same_as
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


def affected_links(connection: Connection, record_type: str) -> pd.DataFrame:
    """Return the affected live records with their links, in the order of their numbers.

    The columns are ``record_id``, ``entity_id``, ``community_code``, ``compound_key`` and
    ``home_id`` (empty where that id is in use by records that are not affected).
    """
    query = f"""
        WITH mine AS (
            SELECT r.record_id, l.entity_id, l.community_code, l.compound_key, l.home_id
            FROM affected a JOIN record_{record_type} r ON r.record_id = a.record_id
            LEFT JOIN link l ON l.record_id = r.record_id WHERE r.withdrawn_at IS NULL),
        taken AS (
            SELECT DISTINCT o.entity_id FROM (SELECT DISTINCT home_id FROM mine) h
            JOIN link o ON o.entity_id = h.home_id
            WHERE NOT EXISTS (SELECT FROM affected x WHERE x.record_id = o.record_id))
        SELECT m.record_id, m.entity_id, m.community_code, m.compound_key,
            CASE WHEN t.entity_id IS NULL THEN m.home_id END AS home_id
        FROM mine m LEFT JOIN taken t ON t.entity_id = m.home_id ORDER BY m.record_id"""
    return copy_out(connection, query, {"record_id": "int64"})


def affected_keys(connection: Connection, record_type: str) -> pd.DataFrame:
    """Return the keys that link the affected live records: ``record_id``, ``key``.

    A record without any is there with an empty key.
    """
    query = f"""
        SELECT r.record_id, k.key FROM affected a
        JOIN record_{record_type} r ON r.record_id = a.record_id AND r.withdrawn_at IS NULL
        LEFT JOIN link_key k ON k.record_id = a.record_id AND k.use = 'same'"""
    return copy_out(connection, query, {"record_id": "int64"})


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
WHERE (link.entity_id, link.community_code, link.compound_key)
    IS DISTINCT FROM (excluded.entity_id, excluded.community_code, excluded.compound_key)
"""

_CLEAR_LINKS = """
UPDATE link SET entity_id = NULL FROM affected a
WHERE a.record_id = link.record_id AND link.entity_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM link_new n WHERE n.record_id = link.record_id)
"""


_LINK_NEW = """
CREATE TEMP TABLE IF NOT EXISTS link_new (record_id bigint, record_type text, entity_id text,
    community_code text, compound_key text) ON COMMIT DELETE ROWS;
"""


def keep_links(
    connection: Connection, record_type: str, links: pd.DataFrame, fresh: Iterable[int]
) -> None:
    """Link the affected live records (``record_id, entity_id, community_code, compound_key``).

    Affected records that are not among them are withdrawn: they keep their home, not their entity.
    ``fresh``: those that never were linked before.
    """
    new = np.isin(links["record_id"], np.fromiter(fresh, np.int64))
    columns, same = list(links.columns), {"record_type": record_type}
    empty = "DELETE FROM" if len(links) <= FEW else "TRUNCATE"
    run(connection, f"{_LINK_NEW} {empty} link_new")
    known = links[~new] if new.any() else links
    copy_in(connection, "link_new", columns, known, same=same)
    run(connection, f"ANALYZE link_new; {_CLEAR_LINKS}; {_KEEP_LINKS}")
    if new.any():
        anew = links[new].assign(home_id=links["entity_id"])
        copy_in(connection, "link", list(anew.columns), anew, same=same)
    if len(links) > 10_000:
        run(connection, "ANALYZE link (record_id, entity_id, home_id, record_type)")


def move_homes(connection: Connection, minted: Sequence[str]) -> None:
    """Make new ids the homes of the records that were split off, so that the ids can come back.

    Not where a record that is new itself has the id for its home.
    """
    statement = """
        UPDATE link SET home_id = entity_id WHERE entity_id = ANY(:minted)
          AND home_id <> entity_id AND NOT EXISTS (SELECT FROM link o
              WHERE o.entity_id = link.entity_id AND o.home_id = o.entity_id)"""
    run(connection, statement, {"minted": list(minted)})


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
    query = f"""SELECT DISTINCT l.entity_id FROM affected a
        JOIN link l ON l.record_id = a.record_id WHERE l.entity_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM record_{record_type} r
            WHERE r.record_id = a.record_id AND r.withdrawn_at IS NULL)"""
    return set(run(connection, query).scalars())


def keep_entities(
    connection: Connection,
    record_type: str,
    minted: Sequence[str],
    redirects: Mapping[str, str],
    alive: Iterable[str],
) -> None:
    """Write down new ids, redirect those that gave way, take back those that live again."""
    if minted:
        frame = pd.DataFrame({"entity_id": text_array(minted)})
        copy_in(connection, "entity", ["entity_id"], frame, same={"record_type": record_type})
    if known := set(alive).difference(minted):
        run(connection, _LIVES_AGAIN, {"alive": list(known)})
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
UPDATE entity SET superseded_by = said.winner, superseded_at = now()
FROM unnest(CAST(:losers AS text[]), CAST(:winners AS text[])) AS said (loser, winner)
WHERE entity.{column} = said.loser AND entity.superseded_by IS DISTINCT FROM said.winner
"""


def beside_affected(connection: Connection, record_type: str, use: str) -> set[str]:
    """Return entities of a type that have a key, for this use, that an affected record has."""
    return _beside(connection, "affected", record_type, use)


def beside_entities(
    connection: Connection, entity_ids: Iterable[str], record_type: str, use: str
) -> set[str]:
    """Return entities of a type that have a key, for this use, that one of these has."""
    found = "(SELECT o.record_id FROM link o WHERE o.entity_id = ANY(:ids))"
    return _beside(connection, found, record_type, use, ids=list(entity_ids))


def _beside(
    connection: Connection, records: str, record_type: str, use: str, **said: object
) -> set[str]:
    query = f"""
        SELECT DISTINCT l.entity_id FROM {records} a
        JOIN link_key mine ON mine.record_id = a.record_id
        JOIN link_key theirs ON theirs.key = mine.key AND theirs.use = :use
            AND theirs.record_type = :type
        JOIN link l ON l.record_id = theirs.record_id
        WHERE l.entity_id IS NOT NULL"""
    return set(run(connection, query, {"use": use, "type": record_type, **said}).scalars())


_VOTES = """
SELECT compound_key, community_code, count(*) AS votes FROM (
    SELECT r.compound_key, l.community_code FROM link l
        JOIN record_geo_entity r ON r.record_id = l.record_id
        WHERE r.withdrawn_at IS NULL AND r.geo_entity_class = '01' {touched}
    UNION ALL SELECT r.compound_key, l.community_code FROM link l
        JOIN record_address r ON r.record_id = l.record_id
        WHERE r.withdrawn_at IS NULL {touched}
    UNION ALL SELECT r.compound_key, coalesce(r.community_code, left(r.grid_code, 12))
        FROM record_house r
        WHERE r.withdrawn_at IS NULL {touched}
    UNION ALL SELECT r.compound_key, r.community_code FROM record_person r
        WHERE r.withdrawn_at IS NULL {touched}) said
WHERE compound_key IS NOT NULL AND community_code IS NOT NULL
GROUP BY compound_key, community_code
"""


def compound_votes(connection: Connection, compounds: Sequence[str] | None) -> pd.DataFrame:
    """Count how often records place a compound in a community; of all compounds, or of some."""
    touched = "" if compounds is None else "AND r.compound_key = ANY(:compounds)"
    said = {} if compounds is None else {"compounds": list(compounds)}
    return copy_out(connection, _VOTES.format(touched=touched), {"votes": "int64"}, **said)


def keep_compounds(
    connection: Connection, placed: Mapping[str, str], compounds: Sequence[str] | None
) -> list[str]:
    """Remember in which community compounds lie; return those whose answer has changed.

    ``placed``: communities by the name of a compound, or by its name and a detail, ``name|detail``.
    ``compounds``: the names that it is about; None is all.
    """
    some = "" if compounds is None else "WHERE split_part(compound_key, '|', 1) = ANY(:compounds)"
    said = {} if compounds is None else {"compounds": list(compounds)}
    query = f"SELECT compound_key, community_code FROM compound_community {some}"
    before = dict(run(connection, query, said).rows)
    changed = [key for key in before.keys() | placed.keys() if before.get(key) != placed.get(key)]
    if changed:
        statement = "DELETE FROM compound_community WHERE compound_key = ANY(:changed)"
        run(connection, statement, {"changed": changed})
        rows = [(key, placed[key]) for key in changed if key in placed]
        frame = pd.DataFrame(rows, columns=["compound_key", "community_code"], dtype="str")
        copy_in(connection, "compound_community", list(frame.columns), frame)
    return sorted(changed)


def compounds_placed(connection: Connection, compounds: Sequence[str]) -> dict[str, str]:
    """Return the communities of those of these compounds that have one."""
    query = """SELECT compound_key, community_code FROM compound_community
        WHERE compound_key = ANY(:compounds)"""
    return dict(run(connection, query, {"compounds": list(compounds)}).rows) if compounds else {}


def compounds_spoken_of(
    connection: Connection, record_type: str, record_ids: Sequence[int]
) -> set[str]:
    """Return the compounds that records name now, or named when they were last linked."""
    query = f"""
        SELECT compound_key FROM record_{record_type} WHERE record_id = ANY(:ids)
        UNION SELECT compound_key FROM link WHERE record_id = ANY(:ids)"""
    found = run(connection, query, {"ids": list(record_ids)}).scalars()
    return {key for key in found if key is not None}


def unplaced_records(
    connection: Connection, record_type: str, compounds: Sequence[str]
) -> list[int]:
    """Return the live records of a type in these compounds that name no community themselves."""
    table = tables.RECORD[record_type]
    query = sa.select(table.c.record_id).where(
        table.c.compound_key == sa.any_(sa.literal(list(compounds), sa.ARRAY(sa.Text))),
        table.c.community_code.is_(None),
        table.c.withdrawn_at.is_(None),
    )
    return list(connection.scalars(query))


def queued(connection: Connection) -> int:
    """Count what waits to be resolved."""
    return int(connection.scalar(sa.select(sa.func.count()).select_from(tables.resolve_queue)) or 0)


def record_count(connection: Connection) -> int:
    """Count the live records of all types."""
    counts = (
        sa.select(sa.func.count())
        .select_from(tables.RECORD[name])
        .where(tables.RECORD[name].c.withdrawn_at.is_(None))
        for name in MODELS
    )
    return sum(int(connection.scalar(query) or 0) for query in counts)
