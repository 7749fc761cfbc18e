"""Compounds under several names: what records say of it, and what was found before."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import Numbers, copy_in, copy_out, run
from hub.store import tables

#: Columns of a frame of aliases.
ALIAS = ["community_code", "compound_key", "known_as"]

# A house's own community counts, else that of its grid, of which it is the beginning, else that of
# its compound.
_TEXTS = """
SELECT r.compound_key, {community} AS community_code,
    CASE WHEN position(r.compound_name IN r.standard_address) = 0
        THEN r.standard_address END AS other, count(*) AS count
FROM record_house r LEFT JOIN compound_community c ON c.compound_key = r.compound_key
WHERE r.withdrawn_at IS NULL AND r.compound_name IS NOT NULL AND r.standard_address IS NOT NULL
    AND r.compound_key IS NOT NULL AND {community} IS NOT NULL {touched}
GROUP BY 1, 2, 3
"""
_HOUSE = "coalesce(r.community_code, left(r.grid_code, 12), c.community_code)"

_PLACES = """
SELECT DISTINCT r.compound_key, theirs.compound_key AS known_as, {community} AS community_code
FROM record_geo_entity r JOIN link l ON l.record_id = r.record_id
JOIN link m ON m.entity_id = l.entity_id
JOIN record_geo_entity theirs ON theirs.record_id = m.record_id AND theirs.withdrawn_at IS NULL
LEFT JOIN compound_community c ON c.compound_key = r.compound_key
WHERE r.withdrawn_at IS NULL AND theirs.compound_key <> r.compound_key
    AND {community} IS NOT NULL {touched}
"""
_PLACE = "coalesce(l.community_code, m.community_code, c.community_code)"


def names_in_texts(connection: Connection, compounds: Sequence[str] | None) -> pd.DataFrame:
    """Count addresses of houses in these compounds, or in any, by whether they name it.

    The columns are ``compound_key``, ``community_code``, ``other`` (an address that does not name
    the compound, else empty) and ``count``.
    """
    return _of(connection, _TEXTS, _HOUSE, compounds, {"count": "int64"})


def names_of_places(connection: Connection, compounds: Sequence[str] | None) -> pd.DataFrame:
    """Return under which other names the places of these compounds, or of all, are listed."""
    return _of(connection, _PLACES, _PLACE, compounds, {})[ALIAS]


def _of(
    connection: Connection,
    query: str,
    community: str,
    compounds: Sequence[str] | None,
    numbers: Numbers,
) -> pd.DataFrame:
    touched = "" if compounds is None else "AND r.compound_key = ANY(:compounds)"
    said = {} if compounds is None else {"compounds": list(compounds)}
    return copy_out(connection, query.format(community=community, touched=touched), numbers, **said)


def affected_names(connection: Connection) -> set[str]:
    """Return the names of the compounds that affected places are, or were."""
    query = """SELECT r.compound_key FROM affected a JOIN record_geo_entity r USING (record_id)
        UNION SELECT l.compound_key FROM affected a JOIN link l USING (record_id)"""
    return {name for name in run(connection, query).scalars() if name is not None}


def read_aliases(
    connection: Connection,
    communities: Sequence[str] | None = None,
    compounds: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the aliases found so far, all or those of these communities or compounds."""
    chosen = {"community_code": communities, "compound_key": compounds}
    some = {name: [*words] for name, words in chosen.items() if words is not None}
    only = "".join(f" AND {name} = ANY(:{name})" for name in some)
    query = f"SELECT community_code, compound_key, known_as FROM compound_alias WHERE true{only}"
    return copy_out(connection, query, **some)


def change_aliases(connection: Connection, before: pd.DataFrame, now: pd.DataFrame) -> None:
    """Let aliases take the place of those before; what is equal is not written."""
    both = before[ALIAS].merge(now[ALIAS], how="outer", indicator=True)
    gone, new = (both.loc[both["_merge"] == side, ALIAS] for side in ("left_only", "right_only"))
    if len(gone):
        statement = """DELETE FROM compound_alias a USING unnest(CAST(:communities AS text[]),
                CAST(:names AS text[]), CAST(:others AS text[])) AS g (community, name, other)
            WHERE (a.community_code, a.compound_key, a.known_as) = (g.community, g.name, g.other)"""
        said = dict(zip(("communities", "names", "others"), map(list, gone.T.values), strict=True))
        run(connection, statement, said)
    copy_in(connection, "compound_alias", ALIAS, new.astype("str"))


def records_in(connection: Connection, record_type: str, compounds: Sequence[str]) -> list[int]:
    """Return the live records of a type that name one of these compounds."""
    table = tables.RECORD[record_type]
    query = sa.select(table.c.record_id).where(
        table.c.compound_key == sa.any_(sa.literal(list(compounds), sa.ARRAY(sa.Text))),
        table.c.withdrawn_at.is_(None),
    )
    return list(connection.scalars(query))


_DETAILS = """
SELECT 'house' AS record_type, r.record_id, r.compound_key,
    coalesce(r.community_code, left(r.grid_code, 12)) AS community_code,
    r.standard_address AS address, r.source || '|' || r.dataset AS register,
    r.property_company_code AS company, r.completion_year::text AS year
FROM record_house r WHERE r.withdrawn_at IS NULL AND {chosen}
UNION ALL
SELECT 'address', r.record_id, r.compound_key, l.community_code,
    r.thoroughfare_name || r.doorplate_no || '号', NULL, NULL, NULL
FROM record_address r LEFT JOIN link l ON l.record_id = r.record_id
WHERE r.withdrawn_at IS NULL AND {chosen}
UNION ALL
SELECT 'person', r.record_id, r.compound_key, r.community_code, r.standard_address,
    NULL, NULL, NULL
FROM record_person r WHERE r.withdrawn_at IS NULL AND {chosen}
"""


def details_in(connection: Connection, compounds: Sequence[str]) -> pd.DataFrame:
    """Return what records in these compounds say of where they are beside the compound's name.

    The columns are ``record_type, record_id, compound_key, community_code, address, register,
    company, year``.
    """
    query = _DETAILS.format(chosen="r.compound_key = ANY(:compounds)")
    return copy_out(connection, query, compounds=list(compounds))


def details_of(connection: Connection, record_ids: Sequence[int]) -> pd.DataFrame:
    """Return of these records what `details_in` does."""
    query = _DETAILS.format(chosen="r.record_id = ANY(:ids)")
    return copy_out(connection, query, ids=list(record_ids))


def placed_details(connection: Connection, compounds: Sequence[str]) -> dict[str, str]:
    """Return what is known by detail of compounds of which several have one name."""
    query = """SELECT compound_key, community_code FROM compound_community
        WHERE split_part(compound_key, '|', 1) = ANY(:compounds) AND compound_key LIKE '%|%'"""
    found = run(connection, query, {"compounds": list(compounds)})
    return {row[0]: row[1] for row in found}
