"""Positions and shapes as GeoJSON in CGCS2000 longitude and latitude."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import shapely

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

    def judge(self, said: pd.Series) -> Judged:
        """Judge a column; canonical points are seen at once, the rest is read as shapes."""
        if "Point" not in self.types:
            return super().judge(said)
        done = in_china(*point_numbers(said))
        judged = super().judge(said.where(~done))
        return Judged(judged.values.where(~done, said), judged.rules, judged.notes)

    def verdict(self, said: str) -> Verdict:
        """Judge one GeoJSON text."""
        return self.verdicts([said])[0]

    def verdicts(self, said: Iterable[str]) -> list[Verdict]:
        """Judge distinct GeoJSON texts, all shapes at once."""
        texts = pd.Series(list(said), dtype="str")
        shapes, mended = tidy(read_shapes(texts))
        rules, notes = self._rules(shapes), _notes(shapes, mended)
        values = shape_texts(shapes, texts.index).mask(rules.notna(), None)
        notes = notes.mask(rules.notna(), None)
        columns = [
            column.astype(object).where(column.notna(), None) for column in (values, rules, notes)
        ]
        return [Verdict(*row) for row in zip(*columns, strict=True)]

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

    def _rules(self, shapes: Shapes) -> pd.Series:
        fits = pd.Series(shapely.get_type_id(shapes)).map(TYPES).isin(self.types).to_numpy()
        lost = ~_is_placed(shapes) & (not self.anywhere)
        return marks(
            pd.RangeIndex(len(shapes)),
            ("geometry.unreadable", np.asarray(shapely.is_missing(shapes))),
            ("geometry.type", ~fits),
            ("geometry.outside", lost),
        )


def marks(index: pd.Index, *cases: tuple[str, Mask]) -> pd.Series:
    """Mark each row with the name of the first case that holds for it, or with nothing."""
    names = np.select([mask for _, mask in cases], [name for name, _ in cases], default="")
    return pd.Series(names, index=index, dtype="str").replace("", None).astype("str")


def _notes(shapes: Shapes, mended: Mask) -> pd.Series:
    index, lost = pd.RangeIndex(len(shapes)), ~_is_placed(shapes)
    return marks(index, ("geometry.mended", mended), ("geometry.unplaced", lost))


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
