"""Where places lie, as it is compared: in metres, whatever the frame, and as outlines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from schemas.frames import UNPLACED, in_china, to_bd09, to_gcj02
from schemas.geojson import point_numbers, read_shapes

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

#: Metres up to which two positions are said to be here, near, around, beyond, far.
_STEPS = (("here", 150.0), ("near", 400.0), ("around", 800.0), ("beyond", 1500.0), ("far", 3000.0))
#: Where a frame is not known: metres within which a position supports a match, more and less.
_VAGUE_STEPS = (("vaguely near", 300.0), ("vaguely around", 1500.0))
#: A position that may be so many metres off is as vague as one in an unknown frame.
_VAGUE_ACCURACY = 300.0
_METRES = 111_320.0
#: Outlines overlap by this share of both where they are one.
_OUTLINE = 0.8


class Spots:
    """The positions of records, by row; what a frame may hide is tried in every frame."""

    def __init__(self, shapes: pd.Series, frames: pd.Series, accuracy: pd.Series) -> None:
        lon, lat = map(np.array, point_numbers(shapes))
        areas = shapes.notna().to_numpy() & np.isnan(lon)
        self.outlines = np.full(len(shapes), None, dtype=object)
        self.outlines[areas] = read_shapes(shapes[areas])
        for row in np.flatnonzero(areas):
            inside = self.outlines[row].representative_point()
            lon[row], lat[row] = inside.x, inside.y
        off = pd.to_numeric(accuracy, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        self.vague = frames.isin(list(UNPLACED)).to_numpy() | (off >= _VAGUE_ACCURACY)
        self.unknown = frames.isin(list(UNPLACED)).to_numpy()
        # What lies nowhere in China is no position in degrees.
        lost = ~in_china(lon, lat)
        lon[lost] = lat[lost] = np.nan
        self.readings = [(lon, lat), to_gcj02(lon, lat), to_bd09(lon, lat)]

    def compare(self, left: Places, right: Places) -> list[str]:
        """Tell for pairs, by row, how near they lie; see the table of weights."""
        apart = self.apart(left, right)
        vague = self.vague[left] | self.vague[right]
        words = np.where(vague, _stepped(apart, _VAGUE_STEPS, "vaguely far"), "")
        words = np.where(vague, words, _stepped(apart, _STEPS, "elsewhere"))
        words = np.where(np.isnan(apart), "silent", words)
        words = np.where(self._same_outline(left, right, ~vague), "same outline", words)
        found: list[str] = words.tolist()
        return found

    def apart(self, left: Places, right: Places) -> Floats:
        """Return metres between positions, the least over the frames that unknown ones may mean."""
        plain = _metres(self.readings[0], left, self.readings[0], right)
        for one, other in ((left, right), (right, left)):
            # One unknown: the known position as each frame would show it. Two unknown are taken
            # to be in one frame, as they mostly are.
            only = self.unknown[one] & ~self.unknown[other]
            for reading in self.readings[1:]:
                shown = _metres(self.readings[0], one, reading, other)
                plain = np.where(only, np.fmin(plain, shown), plain)
        return plain

    def _same_outline(self, left: Places, right: Places, placed: Flags) -> Flags:
        areas = np.asarray(~shapely.is_missing(self.outlines))
        found = areas[left] & areas[right] & placed
        at = np.flatnonzero(found)
        one, other = self.outlines[left[at]], self.outlines[right[at]]
        common = shapely.area(shapely.intersection(one, other))
        found[at] = common >= _OUTLINE * np.fmax(shapely.area(one), shapely.area(other))
        return np.asarray(found)


def _metres(
    one: tuple[Floats, Floats], left: Places, other: tuple[Floats, Floats], right: Places
) -> Floats:
    (lon, lat), (to_lon, to_lat) = one, other
    east = (lon[left] - to_lon[right]) * np.cos(np.radians((lat[left] + to_lat[right]) / 2))
    return np.asarray(np.hypot(east, lat[left] - to_lat[right]) * _METRES)


def _stepped(
    apart: Floats, steps: tuple[tuple[str, float], ...], beyond: str
) -> npt.NDArray[np.str_]:
    within = [np.nan_to_num(apart, nan=np.inf) <= metres for _, metres in steps]
    return np.asarray(np.select(within, [name for name, _ in steps], beyond))
