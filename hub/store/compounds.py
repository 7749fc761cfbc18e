"""Compounds of homes: in which community each lies, and which records speak of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import copy_in, copy_out, run
from hub.store import tables

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
