"""Declared weights: what each level of agreement says, in bits, written by hand for people to read.

Places and houses are few kinds of evidence and no truth to train on exists, so their tables are
judgements of ours, kept in files of their own and shown with every explanation.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Levels = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Aspect:
    """One thing that is compared: its levels, best first, with bits and Chinese titles."""

    name: str
    zh: str
    levels: tuple[str, ...]
    bits: npt.NDArray[np.float64]
    levels_zh: tuple[str, ...]


@dataclass(frozen=True)
class Declared:
    """A table of weights."""

    version: str
    #: The bits with which every pair begins; from so many it is linked, from so many asked about.
    start: float
    link: float
    review: float
    aspects: tuple[Aspect, ...]

    def levels(self, found: dict[str, list[str]]) -> Levels:
        """Write the levels found, a list an aspect, as positions: a row a pair."""
        columns = [
            np.array([aspect.levels.index(level) for level in found[aspect.name]], dtype=np.int8)
            for aspect in self.aspects
        ]
        return np.stack(columns, axis=1)

    def weigh(self, levels: Levels) -> npt.NDArray[np.float64]:
        """Add up the bits of each pair."""
        weight = np.full(len(levels), self.start)
        for place, aspect in enumerate(self.aspects):
            weight += aspect.bits[levels[:, place]]
        return weight

    def kept(self, pairs: pd.DataFrame, levels: Levels) -> pd.DataFrame:
        """Return the pairs worth keeping: ``left, right, weight, levels``."""
        weight = self.weigh(levels)
        heavy = weight >= self.review
        words = [",".join(map(str, row)) for row in levels[heavy].tolist()]
        frame = pairs.loc[heavy, ["left", "right"]].assign(weight=weight[heavy])
        return frame.assign(levels=pd.Series(words, index=frame.index, dtype="str"))

    def explain(self, levels: Levels, said: dict[str, tuple[str, str]]) -> pd.DataFrame:
        """Explain one pair as a waterfall; ``said`` holds by aspect what either side says.

        One row a step: ``field, zh, left, right, level, level_zh, weight`` and ``total`` so far.
        """
        rows = [("prior", "起点", "", "", "prior", "任意两条记录", self.start)]
        for aspect, level in zip(self.aspects, levels.tolist(), strict=True):
            left, right = said[aspect.name]
            bits = float(aspect.bits[level])
            title = aspect.levels_zh[level]
            rows.append((aspect.name, aspect.zh, left, right, aspect.levels[level], title, bits))
        columns = ["field", "zh", "left", "right", "level", "level_zh", "weight"]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.assign(total=frame["weight"].cumsum())


@cache
def declared_weights(name: str) -> Declared:
    """Read the table of weights of this name that the project ships."""
    file = Path(__file__).with_name(f"{name}.json")
    said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    aspects = tuple(_aspect(name, table) for name, table in said.pop("comparisons").items())
    return Declared(aspects=aspects, **said)


def _aspect(name: str, table: dict[str, Any]) -> Aspect:
    levels: dict[str, tuple[float, str]] = table["levels"]
    bits = np.array([bits for bits, _ in levels.values()])
    return Aspect(name, table["zh"], tuple(levels), bits, tuple(zh for _, zh in levels.values()))
