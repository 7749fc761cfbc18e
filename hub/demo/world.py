"""The true district: everybody and everything as they are, before any department wrote it down.

`make` draws it from a seed; the same seed, size and day give the same world to the last byte.
Frames are joined by position: `pid` persons, `hh` households, `hid` houses, `bid` buildings,
`kid` compounds, `gid` grids, `cid` communities, `uid` unit grids, `mid` components.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry as Shape

from hub.demo import ground, lives, people, places, things
from hub.demo.chance import Chance, Ints
from hub.demo.errors import LAGS
from hub.limits import LEAST_PEOPLE, MOST_PEOPLE

#: The demo district's usual day.
TODAY = "2026-09-01T02:00:00"
#: What is not written down by several systems, each for itself.
THINGS = ("components", "cameras", "grids", "unit_grids", "compounds", "buildings", "facilities")


@dataclass(frozen=True)
class World:
    """A state of the district; `now` is its day and hour, in local time."""

    seed: int
    now: np.datetime64
    communities: pd.DataFrame
    outlines: list[Shape] = field(repr=False)
    grids: pd.DataFrame
    unit_grids: pd.DataFrame
    compounds: pd.DataFrame
    buildings: pd.DataFrame
    houses: pd.DataFrame
    households: pd.DataFrame
    persons: pd.DataFrame
    owners: pd.DataFrame
    companies: pd.DataFrame
    components: pd.DataFrame
    cameras: pd.DataFrame
    facilities: pd.DataFrame
    #: The day of the first state: what was written down before it stays as it was.
    first: np.datetime64

    @property
    def chance(self) -> Chance:
        """Give the luck of this world."""
        return Chance(self.seed)

    def evolve(self, **frames: object) -> Self:
        """Return the world with some of its frames replaced."""
        return replace(self, **frames)  # type: ignore[arg-type]


def make(size: int = 3_000, seed: int = 1, today: str = TODAY) -> World:
    """Draw a district of so many residents, beside whom a few owners live elsewhere."""
    if not LEAST_PEOPLE <= size <= MOST_PEOPLE:
        raise ValueError(f"a district has {LEAST_PEOPLE} to {MOST_PEOPLE} people")
    chance, now = Chance(seed), np.datetime64(today, "s")
    towns = ground.communities(chance, size)
    grids, outlines = ground.grids(chance, towns)
    units = ground.unit_grids(chance, towns, outlines)
    homes = people.households(chance, size)
    estates = places.compounds(chance, towns, grids, int(len(homes) * 1.17) + 5)
    blocks = places.buildings(chance, estates, grids)
    flats = places.houses(chance, estates, blocks)
    homes = lives.housed(chance, homes, flats)
    everybody = _everybody(chance, homes, now)
    owners = lives.owned(chance, flats, everybody, np.arange(size, len(everybody)))
    firms = things.companies(chance, estates, max(3, size // 4_000))
    bare = World(
        seed, now, towns, outlines, grids, units, estates, blocks, flats, homes, everybody, owners,
        firms, things.components(chance, units, max(300, size // 10)),
        things.cameras(chance, grids, towns["lived"].to_numpy(), max(40, size // 150)),
        things.facilities(chance, towns, outlines), now,
    )  # fmt: skip
    return _written_down(bare)


def _everybody(chance: Chance, homes: pd.DataFrame, now: np.datetime64) -> pd.DataFrame:
    residents = people.persons(chance, homes, now)
    away = people.outsiders(chance, len(residents), max(10, len(residents) // 25), now)
    frame = people.documented(chance, pd.concat([residents, away], ignore_index=True), now)
    lives.schooled(chance, frame)
    lives.settled(chance, frame, homes)
    lives.cared(chance, frame)
    frame["withdrawn"], frame["mended"] = False, False
    return frame


def _written_down(world: World) -> World:
    """Say when each system last wrote each row down, and when life last changed."""
    chance, now = world.chance, world.now
    for lag in LAGS:
        for name in ("persons", "houses", "owners"):
            frame = getattr(world, name)
            days = chance.wait(f"seen.{lag.source}.{name}", np.arange(len(frame)), lag.days)
            frame[f"seen.{lag.source}"] = _ago(now, days)
    for name in THINGS:
        frame = getattr(world, name)
        frame["seen"] = _ago(now, chance.wait(f"seen.{name}", np.arange(len(frame)), 200.0))
    persons = world.persons
    persons["home_since"] = now.astype("M8[D]") - persons["home_days"].to_numpy() * people.DAY
    persons["phone_since"] = now.astype("M8[D]") - persons["phone_days"].to_numpy() * people.DAY
    persons["visited"] = now.astype("M8[D]") - persons["visit_days"].to_numpy() * people.DAY
    world.owners["gone"], world.owners["buyer"] = False, -1
    world.houses["gone"] = False
    world.grids["leaders"] = 0
    return world


def _ago(now: np.datetime64, days: np.ndarray) -> np.ndarray:
    # At least a minute, so that nothing is written down after now; at most twelve years.
    seconds: Ints = np.clip(days * 86_400, 60, 12 * 365 * 86_400).astype(np.int64)
    return now - seconds.astype("m8[s]")
