"""Positions and shapes as GeoJSON in CGCS2000 longitude and latitude."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import shapely

from schemas.distinct import Said, Texts, arrow, is_said, text_array, where
from schemas.frames import EAST, NORTH, SOUTH, WEST, Mask, in_china
from schemas.geojson import TYPES, Shapes, point_numbers, read_shapes, shape_texts, tidy
from schemas.kinds.kind import Judged, Kind, Verdict

_DEPTH = {"Point": 0, "Polygon": 2, "MultiPolygon": 3}


@dataclass(frozen=True)
class Geometry(Kind):
    """A GeoJSON geometry of one of the types named, in CGCS2000, longitude first.

    Frames are not its business: positions are converted before (`schemas.positions`). Where
    ``anywhere``, a shape outside China is kept with a warning, because the record's frame may
    be unknown.
    """

    sql: ClassVar[str] = "jsonb"

    types: tuple[str, ...] = ("Point",)
    anywhere: bool = False

    def judge(self, said: Said) -> Judged[Said]:
        """Judge a column; canonical points are seen at once, the rest is read as shapes."""
        if "Point" not in self.types:
            return super().judge(said)
        done = in_china(*point_numbers(said))
        judged = super().judge(where(~done, said))
        return Judged(where(~done, judged.values, said), judged.rules, judged.notes)

    def verdict(self, said: str) -> Verdict:
        """Judge one GeoJSON text."""
        return self.verdicts([said])[0]

    def verdicts(self, said: Iterable[str]) -> list[Verdict]:
        """Judge distinct GeoJSON texts, all shapes at once."""
        shapes, mended = tidy(read_shapes(text_array(list(said))))
        rules = self._rules(shapes)
        sound = ~is_said(rules)
        columns = (
            where(sound, shape_texts(shapes)),
            rules,
            where(sound, _notes(shapes, mended)),
        )
        return [Verdict(*row) for row in zip(*(arrow(c).to_pylist() for c in columns), strict=True)]

    def json_schema(self) -> dict[str, Any]:
        """Describe the GeoJSON geometry object."""
        schemas = [_schema(name, self.anywhere) for name in self.types]
        return schemas[0] if len(schemas) == 1 else {"oneOf": schemas}

    def takes(self, value: object) -> bool:
        """Tell whether a JSON value is an object, or the text of one."""
        return isinstance(value, dict | str)

    def text(self, value: object) -> str:
        """Write a geometry object as JSON text."""
        return value if isinstance(value, str) else json.dumps(value)

    def native(self, text: str) -> object:
        """Read canonical text as the GeoJSON object."""
        return json.loads(text)

    def _rules(self, shapes: Shapes) -> Texts:
        fits = pd.Series(shapely.get_type_id(shapes)).map(TYPES).isin(self.types).to_numpy()
        lost = ~_is_placed(shapes) & (not self.anywhere)
        return marks(
            ("geometry.unreadable", np.asarray(shapely.is_missing(shapes))),
            ("geometry.type", ~fits),
            ("geometry.outside", lost),
        )


def marks(*cases: tuple[str, Mask]) -> Texts:
    """Mark each row with the name of the first case that holds for it, or with nothing."""
    names = [np.array(name, dtype=object) for name, _ in cases]
    return text_array(np.select([mask for _, mask in cases], names, default=np.array(None)))


def _notes(shapes: Shapes, mended: Mask) -> Texts:
    return marks(("geometry.mended", mended), ("geometry.unplaced", ~_is_placed(shapes)))


def _is_placed(shapes: Shapes) -> Mask:
    west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
    return in_china(west, south) & in_china(east, north)


def _schema(name: str, anywhere: bool) -> dict[str, Any]:
    box = ({"minimum": WEST, "maximum": EAST}, {"minimum": SOUTH, "maximum": NORTH})
    ranges = ({}, {}) if anywhere else box
    inner: dict[str, Any] = {
        "type": "array",
        "prefixItems": [{"type": "number", **limits} for limits in ranges],
        "minItems": 2,
        "maxItems": 2,
    }
    for _ in range(_DEPTH[name]):
        inner = {"type": "array", "items": inner}
    return {
        "type": "object",
        "properties": {"type": {"const": name}, "coordinates": inner},
        "required": ["type", "coordinates"],
        "additionalProperties": False,
    }
