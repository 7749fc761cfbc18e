"""Where records lie: positions put into grids and communities, compounds into communities."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection

from hub.golden import POSITION, VAGUE_FRAMES
from hub.store import golden, linking
from schemas import Section
from schemas.geojson import point_numbers, read_shapes
from schemas.positions import points_in_polygons

#: A compound lies in a community where at least this share of what records say agrees.
AGREEMENT = 0.8


class Areas:
    """The areas of grids and communities as golden records have them now."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._areas = golden.grid_areas(connection)
        self._polygons = read_shapes(self._areas["area"])

    def changed(self) -> bool:
        """Read the areas again; tell whether any differs from before."""
        now = golden.grid_areas(self._connection)
        if now.equals(self._areas):
            return False
        self._areas, self._polygons = now, read_shapes(now["area"])
        return True

    def locate(self, shapes: pd.Series) -> pd.DataFrame:
        """Return ``grid_code`` and ``community_code`` of where GeoJSON points and shapes lie.

        A shape lies where a point inside it does; the smallest precedence wins where areas overlap.
        """
        lon, lat = point_numbers(shapes)
        others = shapes.notna().to_numpy() & pd.isna(lon)
        for row in others.nonzero()[0]:
            inside = read_shapes(shapes.iloc[[row]])[0].representative_point()
            lon[row], lat[row] = inside.x, inside.y
        found = points_in_polygons(lon, lat, self._polygons)
        answer = self._areas[["grid_code", "community_code"]].reindex(found)
        code = answer["community_code"].fillna(answer["grid_code"].str[:12])
        return answer.assign(community_code=code).set_axis(shapes.index)

    def locate_records(self, connection: Connection, model: type[Section]) -> pd.Series:
        """Return the communities that affected records of a type lie in by position, by id."""
        shapes = linking.affected_positions(
            connection, model.record_type, POSITION[model.record_type], VAGUE_FRAMES
        )
        codes = self.locate(shapes["shape"])["community_code"]
        return pd.Series(codes.to_numpy(), index=shapes["record_id"], dtype="str")


def place_compounds(
    connection: Connection, touched: list[str] | None
) -> tuple[dict[str, str], list[str]]:
    """Say of each compound in which community it lies; return that, and which ones moved.

    Records vote: those that name a community themselves, and places by their position. Only the
    ``touched`` compounds are counted again, or all of them.
    """
    moved: list[str] = []
    if touched is None or touched:
        votes = linking.compound_votes(connection, touched)
        moved = linking.keep_compounds(connection, _elected(votes), touched)
    return linking.compounds_placed(connection), moved


def _elected(votes: pd.DataFrame) -> dict[str, str]:
    total = votes.groupby("compound_key")["votes"].transform("sum")
    clear = votes[votes["votes"] >= AGREEMENT * total]
    return dict(zip(clear["compound_key"], clear["community_code"], strict=True))
