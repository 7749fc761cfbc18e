"""Columns of positions as departments say them, brought into GeoJSON in CGCS2000.

Here lie the rules on positions: what cannot be read, lies at 0,0 or outside China. Conversion
of numbers is `schemas.frames`, spelling is `schemas.geojson`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from shapely.geometry.base import BaseGeometry

from schemas.distinct import Texts, is_said, text_array, where
from schemas.frames import (
    UNPLACED,
    Mask,
    Numbers,
    are_swapped,
    frame_codes,
    in_china,
    to_cgcs2000,
)
from schemas.geojson import Shapes, point_texts, read_wkt, shape_texts, tidy
from schemas.kinds.geometry import marks
from schemas.kinds.kind import Judged, is_silent

# Further than any projection in metres reaches: such a number is no coordinate in any frame.
_FAR = 1e8
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$"


def points(x: Texts, y: Texts, frame: Texts | str, epsg: int) -> Judged[Texts]:
    """Read pairs of coordinates as GeoJSON points in CGCS2000.

    Degrees come longitude first, metres easting first, in ``frame`` (silence: CGCS2000) and
    the projection ``epsg``; the other order is mended. Frames LOCAL and UNKNOWN are kept as said.
    """
    said_x, said_y = _numbers(x), _numbers(y)
    frames = _frames(frame, len(x))
    lon, lat = to_cgcs2000(said_x, said_y, frames, epsg)
    spoken = ~(_is_silent(x) & _is_silent(y))
    kept, fits = np.isin(frames.astype(str), list(UNPLACED)), in_china(lon, lat)
    rules = marks(
        ("point.unreadable", spoken & (np.isnan(said_x) | np.isnan(said_y))),
        ("point.zero", spoken & (said_x == 0) & (said_y == 0)),
        ("point.outside", spoken & ~fits & ~(kept & _is_near(lon, lat))),
    )
    good = spoken & ~is_said(rules)
    notes = marks(
        ("point.swapped", good & ~kept & are_swapped(said_x, said_y)),
        ("point.unplaced", good & kept & ~fits),
    )
    lon[~good] = lat[~good] = np.nan
    return Judged(point_texts(lon, lat), rules, notes)


def shapes(wkt: Texts, frame: Texts | str, epsg: int) -> Judged[Texts]:
    """Read WKT points, polygons and multipolygons as GeoJSON in CGCS2000, valid and flat.

    Orders and frames as for `points`; a position outside China spoils its whole shape.
    """
    spoken = ~_is_silent(wkt)
    read, closed = read_wkt(pd.Series(wkt).where(spoken).str.strip())
    frames = _frames(frame, len(wkt))
    kept = np.isin(frames.astype(str), list(UNPLACED))
    read[~np.isin(shapely.get_type_id(read), (0, 3, 6))] = None
    placed, swapped, outside = _placed(read, frames, kept, epsg)
    tidied, mended = tidy(placed)
    rules = marks(
        ("geometry.outside", outside),
        ("geometry.unreadable", spoken & np.asarray(shapely.is_missing(tidied))),
    )
    west, south, east, north = shapely.bounds(tidied).reshape(-1, 4).T
    lost = kept & ~(in_china(west, south) & in_china(east, north))
    notes = marks(
        ("geometry.mended", mended | closed),
        ("geometry.swapped", swapped),
        ("geometry.unplaced", lost),
    )
    good = ~shapely.is_missing(tidied)
    return Judged(text_array(shape_texts(tidied)), rules, where(good, notes))


def points_in_polygons(
    lon: Numbers, lat: Numbers, polygons: Sequence[BaseGeometry] | Shapes
) -> npt.NDArray[np.int64]:
    """Find the polygon each point lies in, as its place in ``polygons``; -1 where in none.

    Borders belong to their polygons; of several polygons the first one counts, so that a
    point on a shared border always falls to the same side.
    """
    found = np.full(len(lon), -1, dtype=np.int64)
    order = np.argsort(lon, kind="stable")
    sorted_lon, sorted_lat = lon[order], lat[order]
    for place in range(len(polygons) - 1, -1, -1):
        polygon = polygons[place]
        if polygon is None or polygon.is_empty:
            continue
        west, south, east, north = polygon.bounds
        first, last = np.searchsorted(sorted_lon, (west, np.nextafter(east, np.inf)))
        rows = first + np.flatnonzero(
            (sorted_lat[first:last] >= south) & (sorted_lat[first:last] <= north)
        )
        if rows.size:
            shapely.prepare(polygon)
            inside = shapely.intersects_xy(polygon, sorted_lon[rows], sorted_lat[rows])
            found[order[rows[inside]]] = place
    return found


def _placed(read: Shapes, frames: Shapes, kept: Mask, epsg: int) -> tuple[Shapes, Mask, Mask]:
    """Convert the vertices of shapes; tell which shapes came swapped and which lie outside."""
    flat = np.asarray(shapely.force_2d(read), dtype=object)
    vertices, rows = shapely.get_coordinates(flat, return_index=True)
    x, y = vertices[:, 0], vertices[:, 1]
    lon, lat = to_cgcs2000(x, y, frames[rows], epsg)
    swapped, outside = np.zeros((2, len(flat)), dtype=np.bool_)
    swapped[rows[are_swapped(x, y) & ~kept[rows]]] = True
    fits = np.where(kept[rows], _is_near(lon, lat), in_china(lon, lat))
    outside[rows[~fits]] = True
    flat[outside] = None
    inside = ~outside[rows]
    converted = shapely.set_coordinates(flat, np.column_stack((lon[inside], lat[inside])))
    return np.asarray(converted, dtype=object), swapped, outside


def _numbers(said: Texts) -> Numbers:
    texts = pd.Series(said, dtype="str").str.normalize("NFKC").str.replace(r"[\s°]", "", regex=True)
    column = pa.array(texts, pa.string(), from_pandas=True)
    readable = pc.match_substring_regex(column, _NUMBER)
    numbers = pc.if_else(readable, column, None).cast(pa.float64())
    return np.asarray(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)


def _frames(frame: Texts | str, size: int) -> Shapes:
    said = pd.Series([frame] * size if isinstance(frame, str) else frame, dtype="str")
    return frame_codes(said).to_numpy(dtype=object)


def _is_silent(said: Texts) -> Mask:
    texts = pd.Series(said, dtype="str").str.strip()
    words = [
        word for word in texts.where(texts.str.len() <= 4).dropna().unique() if is_silent(word)
    ]
    return np.asarray(texts.isna() | texts.isin(words), dtype=np.bool_)


def _is_near(x: Numbers, y: Numbers) -> Mask:
    return np.asarray((np.abs(x) < _FAR) & (np.abs(y) < _FAR))
