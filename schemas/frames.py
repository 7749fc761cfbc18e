"""Coordinate frames: bring positions from any frame departments use into CGCS2000.

Numbers in, numbers out, whole columns at a time; no text and no rules of fields live here
(see `schemas.positions`). GCJ-02 is the offset that public maps in China must carry, BD-09 is
Baidu's second offset on top of it; neither has a closed inverse, so both are undone by
fixed-point iteration, which contracts by a factor of a few hundred a step.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Transformer

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Offset = Callable[[Numbers, Numbers], tuple[Numbers, Numbers]]

CGCS2000, WGS84, GCJ02, BD09 = "CGCS2000", "WGS84", "GCJ02", "BD09"
LOCAL, UNKNOWN = "LOCAL", "UNKNOWN"
#: Frames whose coordinates cannot be converted: they are kept as said.
UNPLACED = frozenset({LOCAL, UNKNOWN})

# China with all its islands: longitude and latitude ranges do not overlap, so swapped
# degrees are recognised without doubt.
WEST, EAST, SOUTH, NORTH = 73.0, 136.0, 3.0, 54.0

_SPELLINGS = {
    "4490": CGCS2000, "EPSG4490": CGCS2000, "2000": CGCS2000, "国家2000": CGCS2000,
    "4326": WGS84, "EPSG4326": WGS84, "GPS": WGS84,
    "GCJ": GCJ02, "火星": GCJ02, "高德": GCJ02, "腾讯": GCJ02,
    "BD": BD09, "BD09LL": BD09, "百度": BD09,
    "LOCAL": LOCAL, "地方": LOCAL,
}  # fmt: skip

# Krasovsky 1940, on which the GCJ-02 offset is defined.
_AXIS = 6378245.0
_ECCENTRICITY = 0.00669342162296594323
_BAIDU = np.pi * 3000.0 / 180.0
_STEPS = 4

# Gauss-Krüger eastings have a false easting of 500 km; a 6° zone is at most 334 km to each side.
_EASTINGS = (100_000.0, 900_000.0)
_ZONES_6 = (13, 23)
_ZONES_3 = (25, 45)


def frame_codes(said: pd.Series, default: str = CGCS2000) -> pd.Series:
    """Name the frame of each row by its code; silence means ``default``, a strange word UNKNOWN."""
    known = {name: name for name in (CGCS2000, WGS84, GCJ02, BD09, LOCAL, UNKNOWN)} | _SPELLINGS
    folded = said.astype("str").str.normalize("NFKC").str.upper()
    folded = folded.str.replace(r"[\s_:：-]|坐标系?", "", regex=True)
    return (
        folded.where(folded != "")
        .map(known)
        .fillna(UNKNOWN)
        .where(folded.notna() & (folded != ""), default)
    )


def in_china(lon: Numbers, lat: Numbers) -> Mask:
    """Tell which positions lie in the box around China."""
    return np.asarray((lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH))


def to_cgcs2000(x: Numbers, y: Numbers, frame: npt.ArrayLike, epsg: int) -> tuple[Numbers, Numbers]:
    """Convert positions to CGCS2000 longitude and latitude.

    Values inside -180..180 are degrees, longitude first, in ``frame``; others are metres,
    easting first, in the projection ``epsg`` or in the zone that a prefixed easting names.
    Where the order said does not lie in China and the other one does, the other one counts.
    WGS 84 differs from CGCS2000 by centimetres and is taken as equal. Positions of frames LOCAL
    and UNKNOWN are given back as said. What cannot be converted is NaN.
    """
    lon, lat = np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)
    frames = np.broadcast_to(np.asarray(frame, dtype=object), lon.shape)
    placed = ~np.isin(frames.astype(str), list(UNPLACED))
    metres = placed & ((np.abs(lon) > 180) | (np.abs(lat) > 180))
    lon[metres], lat[metres] = _unprojected(lon[metres], lat[metres], epsg)
    swapped = placed & ~metres & in_china(lat, lon)
    lon[swapped], lat[swapped] = lat[swapped], lon[swapped]
    for name, offset in ((GCJ02, _gcj02), (BD09, _bd09)):
        # An offset is defined in China only; elsewhere maps carry none.
        rows = placed & ~metres & (frames == name) & in_china(lon, lat)
        lon[rows], lat[rows] = _undone(offset, lon[rows], lat[rows])
    return lon, lat


def are_swapped(x: Numbers, y: Numbers) -> Mask:
    """Tell which positions come latitude (northing) first: degrees, or metres of one zone."""
    degrees = in_china(y, x)
    metres = (np.abs(x) > 180) & ~_is_easting(x) & _is_easting(y)
    return np.asarray(degrees | metres)


def to_gcj02(lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
    """Convert CGCS2000 to GCJ-02, as public maps show it; for tests and for map tiles."""
    return _gcj02(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))


def to_bd09(lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
    """Convert CGCS2000 to BD-09, as Baidu shows it; for tests and for map tiles."""
    return _bd09(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))


def _undone(offset: Offset, lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
    # The number of steps is fixed: were it to depend on the column's worst point, splitting a
    # column could change a value. Four leave less than a millimetre.
    true_lon, true_lat = lon.copy(), lat.copy()
    for _ in range(_STEPS):
        shown_lon, shown_lat = offset(true_lon, true_lat)
        true_lon += lon - shown_lon
        true_lat += lat - shown_lat
    return true_lon, true_lat


def _gcj02(lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
    east, north = _ripple(lon - 105.0, lat - 35.0)
    parallel = np.radians(lat)
    bend = 1.0 - _ECCENTRICITY * np.sin(parallel) ** 2
    meridian_radius = _AXIS * (1.0 - _ECCENTRICITY) / (bend * np.sqrt(bend))
    parallel_radius = _AXIS / np.sqrt(bend) * np.cos(parallel)
    return lon + np.degrees(east / parallel_radius), lat + np.degrees(north / meridian_radius)


def _ripple(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
    """Give the GCJ-02 offset in metres east and north; the constants are the system's own."""
    root, pi = np.sqrt(np.abs(x)), np.pi
    common = 20.0 * np.sin(6.0 * pi * x) + 20.0 * np.sin(2.0 * pi * x)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    waves = common + 20.0 * np.sin(pi * y) + 40.0 * np.sin(pi / 3.0 * y)
    waves += 160.0 * np.sin(pi / 12.0 * y) + 320.0 * np.sin(pi / 30.0 * y)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    swell = common + 20.0 * np.sin(pi * x) + 40.0 * np.sin(pi / 3.0 * x)
    swell += 150.0 * np.sin(pi / 12.0 * x) + 300.0 * np.sin(pi / 30.0 * x)
    return east + swell * 2.0 / 3.0, north + waves * 2.0 / 3.0


def _bd09(lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
    x, y = _gcj02(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BAIDU)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BAIDU)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _unprojected(x: Numbers, y: Numbers, epsg: int) -> tuple[Numbers, Numbers]:
    swapped = ~_is_easting(x) & _is_easting(y)
    east, north = np.where(swapped, y, x), np.where(swapped, x, y)
    zone = np.where(_is_easting(east), east, 0.0).astype(np.int64) // 1_000_000
    east = east - zone * 1e6
    readable = (east >= _EASTINGS[0]) & (east <= _EASTINGS[1])
    lon, lat = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    for number in np.unique(zone[readable]).tolist():
        projection = _zone_epsg(number) if number else _plain_epsg(epsg)
        if projection is None:
            continue
        rows = readable & (zone == number)
        lon[rows], lat[rows] = _transformer(projection).transform(east[rows], north[rows])
    return np.where(np.isfinite(lon), lon, np.nan), np.where(np.isfinite(lat), lat, np.nan)


def _is_easting(value: Numbers) -> Mask:
    """Tell plain and zone-prefixed eastings; no northing in China exceeds 6,000 km."""
    plain = (value >= _EASTINGS[0]) & (value <= _EASTINGS[1])
    return np.asarray(plain | (value >= _ZONES_6[0] * 1e6) & (value < (_ZONES_3[1] + 1) * 1e6))


def _zone_epsg(zone: int) -> int | None:
    """Name the CGCS2000 projection without prefix for a zone number, 3° or 6° wide."""
    if _ZONES_3[0] <= zone <= _ZONES_3[1]:
        return 4534 + zone - _ZONES_3[0]
    if _ZONES_6[0] <= zone <= _ZONES_6[1]:
        return 4502 + zone - _ZONES_6[0]
    return None


def _plain_epsg(epsg: int) -> int:
    """Give the projection without zone prefix that belongs to a prefixed one of CGCS2000."""
    if 4491 <= epsg <= 4501:
        return epsg + 11
    return epsg + 21 if 4513 <= epsg <= 4533 else epsg


@cache
def _transformer(epsg: int) -> Transformer:
    return Transformer.from_crs(epsg, 4490, always_xy=True)
