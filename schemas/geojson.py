"""GeoJSON text: write and read positions and shapes in the one canonical spelling.

Canonical is what a PostgreSQL `jsonb` column gives back as text: type before coordinates, a
space after each comma and colon, every number with seven decimals (about a centimetre).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from schemas.distinct import Texts, text_array
from schemas.frames import Mask, Numbers

Shapes = npt.NDArray[np.object_]

DECIMALS = 7
_TICKS = 10**DECIMALS
#: No frame has numbers as large; ones that are a thousand times larger could not be written.
_LARGEST = 1e9
_POINT, _POLYGON, _MULTIPOLYGON = 0, 3, 6
TYPES = {_POINT: "Point", _POLYGON: "Polygon", _MULTIPOLYGON: "MultiPolygon"}

_NUMBER = r"-?(?:0|[1-9][0-9]*)\.[0-9]{7}"
_CANONICAL_POINT = (
    rf'^\{{"type": "Point", "coordinates": \[(?P<x>{_NUMBER}), (?P<y>{_NUMBER})\]\}}$'
)


def point_texts(lon: Numbers, lat: Numbers) -> Texts:
    """Write positions as GeoJSON points; NaN becomes a missing text."""
    parts = ('{"type": "Point", "coordinates": [', _decimals(lon), ", ", _decimals(lat), "]}")
    return text_array(pc.binary_join_element_wise(*parts, "").cast(pa.large_string()))


def point_numbers(texts: pd.Series | Texts) -> tuple[Numbers, Numbers]:
    """Read canonical GeoJSON points; anything else, shapes too, gives NaN."""
    found = pc.extract_regex(pa.array(texts, pa.string(), from_pandas=True), _CANONICAL_POINT)
    lon, lat = (pc.struct_field(found, name).cast(pa.float64()) for name in ("x", "y"))
    return lon.to_numpy(zero_copy_only=False), lat.to_numpy(zero_copy_only=False)


def shape_texts(shapes: Shapes) -> Texts:
    """Write points, polygons and multipolygons as GeoJSON; None becomes a missing text."""
    kinds = shapely.get_type_id(shapes)
    texts = np.full(len(shapes), None, dtype=object)
    points = kinds == _POINT
    at = shapely.get_coordinates(shapes[points])
    texts[points] = point_texts(at[:, 0], at[:, 1]).to_numpy()
    for row in np.flatnonzero((kinds == _POLYGON) | (kinds == _MULTIPOLYGON)):
        inside = _nested(shapely.geometry.mapping(shapes[row])["coordinates"])
        texts[row] = f'{{"type": "{TYPES[kinds[row]]}", "coordinates": {inside}}}'
    return text_array(texts)


def read_shapes(texts: pd.Series | Texts) -> Shapes:
    """Read GeoJSON texts as shapely geometries; missing or unreadable ones are None."""
    return np.asarray(
        shapely.from_geojson(_nullable(texts), on_invalid="ignore"), dtype=object
    ).reshape(len(texts))


def read_wkt(texts: pd.Series) -> tuple[Shapes, Mask]:
    """Read WKT or EWKT as shapely geometries, and tell which had rings that had to be closed."""
    bare = _nullable(texts.str.replace(r"^\s*[Ss][Rr][Ii][Dd]=[0-9]+;", "", regex=True))
    shapes = np.asarray(shapely.from_wkt(bare, on_invalid="ignore"), dtype=object)
    failed = np.asarray(shapely.is_missing(shapes) & texts.notna().to_numpy())
    shapes[failed] = shapely.from_wkt(bare[failed], on_invalid="fix")
    return shapes, failed & ~shapely.is_missing(shapes)


def tidy(shapes: Shapes) -> tuple[Shapes, Mask]:
    """Bring shapes into canonical form and tell which had to be made valid.

    Flat, seven decimals, outer rings counter-clockwise (RFC 7946), valid. Empty shapes, shapes
    with impossible numbers and those that no mending makes valid become None.
    """
    flat = np.asarray(shapely.force_2d(shapes), dtype=object)
    flat[shapely.is_empty(flat) | ~_is_finite(flat)] = None
    flat = _rounded(flat)
    broken = np.asarray(~shapely.is_valid(flat) & ~shapely.is_missing(flat))
    if broken.any():
        whole = [_polygonal(shape) for shape in shapely.make_valid(flat[broken])]
        flat[broken] = _rounded(shapely.set_precision(np.array(whole, dtype=object), 1 / _TICKS))
        flat[broken & (~shapely.is_valid(flat) | shapely.is_empty(flat))] = None
    return np.asarray(shapely.orient_polygons(flat), dtype=object), broken


def _decimals(numbers: Numbers) -> pa.Array:
    missing = np.isnan(numbers)
    ticks = np.rint(np.abs(np.where(missing, 0.0, numbers)) * _TICKS).astype(np.int64)
    whole, part = np.divmod(ticks, _TICKS)
    sign = pc.if_else(pa.array((numbers < 0) & (ticks > 0)), "-", "")
    digits = pc.utf8_lpad(pa.array(part).cast(pa.string()), DECIMALS, "0")
    units = pa.array(whole, mask=missing).cast(pa.string())
    return pc.binary_join_element_wise(pc.binary_join_element_wise(sign, units, ""), digits, ".")


def _nested(part: Any) -> str:
    if isinstance(part[0], float):
        return f"[{part[0]:.7f}, {part[1]:.7f}]"
    return "[" + ", ".join([_nested(inner) for inner in part]) + "]"


def _nullable(texts: pd.Series | Texts) -> Shapes:
    said = pd.Series(texts, dtype=object)
    return said.where(said.notna(), None).to_numpy(dtype=object)


def _is_finite(shapes: Shapes) -> Mask:
    """Tell which shapes have numbers of some frame, degrees or metres; NaN is none."""
    numbers, rows = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=np.bool_)
    finite[rows[~(np.abs(numbers) < _LARGEST).all(axis=1)]] = False
    return finite


def _rounded(shapes: Shapes) -> Shapes:
    # Adding zero turns a negative zero into the plain one, which is how jsonb spells it.
    return np.asarray(
        shapely.transform(shapes, lambda numbers: np.round(numbers, DECIMALS) + 0.0), dtype=object
    )


def _polygonal(shape: Any) -> Any:
    """Keep the areas of a mended shape: mending may leave loose lines and points beside them."""
    areas = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]
    return shapely.union_all(areas) if areas else None
