"""Shifted coordinates, as map services give them: CGCS2000 to GCJ-02 and BD-09."""

from __future__ import annotations

import numpy as np

from hub.demo.chance import Floats

AXIS, ECCENTRICITY = 6378245.0, 0.00669342162296594323


def gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Shift as Chinese maps do, by some hundred metres."""
    x, y = lon - 105.0, lat - 35.0
    wave = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + wave
    north += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + wave
    east += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    angle = np.radians(lat)
    magic = 1 - ECCENTRICITY * np.sin(angle) ** 2
    north = north * 180 / (AXIS * (1 - ECCENTRICITY) / (magic * np.sqrt(magic)) * np.pi)
    east = east * 180 / (AXIS / np.sqrt(magic) * np.cos(angle) * np.pi)
    return lon + east, lat + north


def bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Shift GCJ-02 once more, as one map service does."""
    x, y = gcj02(lon, lat)
    far = np.hypot(x, y) + 0.00002 * np.sin(y * np.pi * 3000 / 180)
    turn = np.arctan2(y, x) + 0.000003 * np.cos(x * np.pi * 3000 / 180)
    return far * np.cos(turn) + 0.0065, far * np.sin(turn) + 0.006
