"""Checks across records, which no row can pass or fail by itself.

They run over everything, after a full resolve and before the quality report. A value that such a
check doubts stays served; its warning closes by itself once the records agree.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from sqlalchemy import Connection

from hub.config import Settings
from hub.database import engine
from hub.store import cross_checks as store
from schemas.geojson import point_numbers, read_shapes
from schemas.rules import ACROSS

OUTSIDE, PEOPLE = "component.outside_grid", "house.people_differ"

#: A point this near to its unit grid, in degrees, counts as inside: coordinates are rounded.
_NEARLY = 2e-6
#: Nearer than this, in metres, two manholes are one.
_ONE_PLACE = 1.0
_METRES_A_DEGREE = 111_320.0
_MANHOLE = "井盖"


def cross_check(settings: Settings) -> None:
    """Bring the warnings that span records up to date."""
    with engine(settings).begin() as connection:
        check_records(connection)


def check_records(connection: Connection) -> None:
    """Do so within a transaction of the caller's."""
    components = store.components(connection)
    outside = components[_outside(components, store.unit_grids(connection))]
    warnings = pd.concat(
        [
            outside.assign(
                record_type="component",
                field="unit_grid_code",
                rule=OUTSIDE,
                said=outside["unit_grid_code"],
            ),
            store.houses_unlike_their_people(connection).assign(rule=PEOPLE),
        ],
        ignore_index=True,
    )
    store.keep_warnings(connection, warnings, ACROSS)
    store.keep_pairs(connection, "component.twice", "ObjID", _listed_twice(components))


def _outside(components: pd.DataFrame, grids: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which components lie outside the unit grid they name, where its area is known."""
    lon, lat = point_numbers(components["point"])
    place = pd.Index(grids["unit_grid_code"]).get_indexer(components["unit_grid_code"])
    areas = np.append(read_shapes(grids["area"]), np.array([None], dtype=object))[place]
    near = shapely.dwithin(shapely.points(lon, lat), areas, _NEARLY)
    return np.asarray((place >= 0) & ~near)


def _listed_twice(components: pd.DataFrame) -> pd.DataFrame:
    """Find components of one kind in one place; the cover of a shaft may be anybody's."""
    cover = components["name"].str.contains(_MANHOLE, regex=False).fillna(False).astype("bool")
    kind, _ = pd.factorize(components["class"].mask(cover, _MANHOLE))
    lon, lat = point_numbers(components["point"])
    # Kinds are laid so far apart that only components of one kind are near each other.
    x = lon * _METRES_A_DEGREE * np.cos(np.radians(lat)) + kind * 1e9
    points = np.asarray(shapely.points(x, lat * _METRES_A_DEGREE))
    one, other = shapely.STRtree(points).query(points, "dwithin", _ONE_PLACE)
    pairs = (one < other) & (kind[one] >= 0)
    first, second = (components.iloc[rows[pairs]].reset_index() for rows in (one, other))
    return pd.DataFrame(
        {
            "source": first["source"],
            "dataset": first["dataset"],
            "detail": first["key"] + " " + second["key"],
            "batch_id": second["batch_id"],
        }
    )
