"""Grids and communities: the areas that positions are put into, and what lies in a grid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
from sqlalchemy import Connection

from hub.database import copy_out, run


def grid_areas(connection: Connection, vague: Sequence[str]) -> pd.DataFrame:
    """Return the areas that positions are put into: grids first, then communities' own areas.

    A community's area is one whose records name the community: were its code derived from its
    position, the area would decide where it lies itself.
    """
    query = """
        SELECT grid_code, community_code, grid_boundary::text AS area, grid_type AS precedence
        FROM golden_grid WHERE retired_at IS NULL AND grid_boundary IS NOT NULL
          AND grid_type IN ('1', '2', '3')
        UNION ALL
        SELECT NULL, community_code, boundary_geometry::text, '9' FROM golden_geo_entity g
        WHERE retired_at IS NULL AND geo_entity_class = '02' AND community_code IS NOT NULL
          AND boundary_geometry ->> 'type' <> 'Point'
          AND coalesce(source_crs, '') <> ALL(:vague)
          AND EXISTS (SELECT FROM record_geo_entity r WHERE r.record_id = ANY(g.members)
              AND r.community_code = g.community_code)
        ORDER BY 4, 1, 2, 3"""
    return copy_out(connection, query, vague=list(vague))


_POLICE_ORGANS = """
SELECT g.grid_code, CAST(r.evidence AS jsonb) ->> 'police_organ_code' AS police_organ_code,
    count(*) AS votes
FROM golden_address g JOIN link l ON l.entity_id = g.entity_id
JOIN record_address r ON r.record_id = l.record_id
WHERE g.retired_at IS NULL AND g.grid_code = ANY(:codes) AND r.withdrawn_at IS NULL
  AND r.evidence LIKE '%police_organ_code%'
GROUP BY 1, 2
"""


def police_organs(connection: Connection, grid_codes: Sequence[str]) -> pd.DataFrame:
    """Count in grids what their addresses say of the police area they lie in."""
    counts = copy_out(connection, _POLICE_ORGANS, codes=list(grid_codes))
    return counts.assign(votes=counts["votes"].astype("int64"))


def grids_around(connection: Connection, addresses: Iterable[str]) -> set[str]:
    """Return the grids that these addresses lie in."""
    ids = list(addresses)
    if not ids:
        return set()
    query = """SELECT DISTINCT grid.entity_id FROM golden_address a
        JOIN golden_grid grid ON grid.grid_code = a.grid_code AND grid.retired_at IS NULL
        WHERE a.entity_id = ANY(:addresses)"""
    return set(run(connection, query, {"addresses": ids}).scalars())
