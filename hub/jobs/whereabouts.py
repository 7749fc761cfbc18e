"""Where records lie: positions put into grids and communities, compounds into communities."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection

from hub.golden import POSITION, VAGUE_FRAMES
from hub.jobs.namesakes import elected, place_namesakes
from hub.store import grids, linking
from hub.store.compounds import compound_votes, keep_compounds
from schemas import Section
from schemas.distinct import cells
from schemas.geojson import Shapes, point_numbers, read_shapes
from schemas.positions import points_in_polygons


class Areas:
    """The areas of grids and communities as golden records have them now."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: tuple[pd.DataFrame, Shapes] | None = None

    def changed(self) -> bool:
        """Read the areas again; tell whether any differs from when they were last read."""
        before, self._known = self._known, None
        areas, _ = self.read()
        return before is not None and not areas.equals(before[0])

    def read(self) -> tuple[pd.DataFrame, Shapes]:
        """Return the areas with their shapes; they are read only where somebody asks for them."""
        if self._known is None:
            areas = grids.grid_areas(self._connection, VAGUE_FRAMES)
            self._known = areas, read_shapes(areas["area"])
        return self._known

    def locate(self, shapes: pd.Series) -> pd.DataFrame:
        """Return ``grid_code`` and ``community_code`` of where GeoJSON points and shapes lie.

        A shape lies where a point inside it does; the smallest precedence wins where areas overlap.
        """
        lon, lat = point_numbers(shapes)
        others = shapes.notna().to_numpy() & pd.isna(lon)
        for row, shape in zip(others.nonzero()[0], read_shapes(shapes[others]), strict=True):
            inside = shape.representative_point()
            lon[row], lat[row] = inside.x, inside.y
        areas, polygons = self.read()
        found = points_in_polygons(lon, lat, polygons)
        answer = areas[["grid_code", "community_code"]].reindex(found)
        code = answer["community_code"].fillna(answer["grid_code"].str[:12])
        return answer.assign(community_code=code).set_axis(shapes.index)

    def locate_records(self, connection: Connection, model: type[Section]) -> dict[str, str]:
        """Return the communities that affected records of a type lie in by position, by id."""
        shapes = linking.affected_positions(
            connection, model.record_type, POSITION[model.record_type], VAGUE_FRAMES
        )
        codes = self.locate(shapes["shape"])["community_code"]
        return dict(zip(cells(shapes["record_id"]), cells(codes), strict=True))


def place_compounds(connection: Connection, touched: list[str] | None) -> list[str]:
    """Say of each compound in which community it lies; return those that moved.

    Records vote: those that name a community themselves, and places by their position. Where two
    compounds have one name, the doors and managers that records tell say which is meant. Only the
    ``touched`` compounds are counted again, or all of them.
    """
    if touched == []:
        return []
    votes = compound_votes(connection, touched)
    placed = elected(votes)
    contested = sorted({*votes["compound_key"]} - placed.keys())
    details = place_namesakes(connection, contested)
    moved = keep_compounds(connection, placed | details, touched)
    # A detail is kept under the name that it is about.
    return sorted({key.split("|")[0] for key in moved})
