"""The weights: how much each level of agreement says, in a table people can read.

A table is trained (`hub.matching.train`), shipped with the project as ``weights.json`` and only
read here. With it go the frequencies of names, so that a score never depends on which records
happen to be there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from math import log2
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from hub.matching.compare import COMPARISONS
from hub.matching.features import Features
from hub.matching.level import Comparison, Level

SHIPPED = Path(__file__).with_name("weights.json")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Frequencies:
    """How common names are: shares of all people; names not listed have the smallest shares."""

    surnames: dict[str, float]
    givens: dict[str, float]
    #: Whole names more common than their parts would make them.
    names: dict[str, float]
    least_surname: float
    #: The share of a name of which any part is not listed, and the least of any name: many peoples'
    #: names are put together from few words, so that an unheard-of name need not be a rare one.
    least_name: float

    def of(self, column: str, features: Features) -> Floats:
        """Return the share of people who bear each record's name or surname; NaN where it is none.

        A name's share is the product of its parts', or its own where that is known to be larger.
        """
        surnames = _mapped(features, "surname", self.surnames)
        if column == "surname":
            share = np.where(np.isnan(surnames), self.least_surname, surnames)
        else:
            product = surnames * _mapped(features, "given", self.givens)
            share = np.fmax(product, _mapped(features, "name", self.names))
            share = np.fmax(share, self.least_name)
        return np.where(features.known(column), share, np.nan)


def _mapped(features: Features, column: str, shares: dict[str, float]) -> Floats:
    codes, words = features.numbered(column)
    # A missing word has code -1 and so takes the nothing at the end.
    table = [*(shares.get(word, np.nan) for word in words), np.nan]
    return np.array(table, dtype=np.float64)[codes]


@dataclass(frozen=True)
class Weights:
    """A trained model: chances of each level for one person (m) and for two people (u)."""

    version: str
    #: The chance that two records taken at random speak of one person.
    prior: float
    #: From so many bits on a pair is linked, and from so many on a steward is asked.
    link: float
    review: float
    #: comparison → level → (m, u)
    levels: dict[str, dict[str, tuple[float, float]]]
    frequencies: Frequencies
    #: What it was trained on, for people to read.
    trained: dict[str, Any] = field(default_factory=dict)

    @property
    def start(self) -> float:
        """Return the weight in bits with which every pair begins."""
        return log2(self.prior / (1 - self.prior))

    def bits(self, comparison: Comparison) -> Floats:
        """Return the weight of each level of a comparison."""
        known = self.levels[comparison.name]
        return np.array([_bits(level, known) for level in comparison.levels])

    def common(self, comparison: Comparison, level: Level) -> float:
        """Return the chance by which two people's rarity columns agree at all."""
        return self.levels[comparison.name][exact_level(comparison, level).name][1]

    @cached_property
    def tables(self) -> list[Floats]:
        """Return the weights of all comparisons."""
        return [self.bits(comparison) for comparison in COMPARISONS]

    def dump(self) -> str:
        """Write the table as JSON, with the weights in bits for people to read."""
        levels = {
            comparison.name: {
                level.name: _line(level, self.levels[comparison.name])
                for level in comparison.levels
                if not level.silent
            }
            for comparison in COMPARISONS
        }
        said = {
            "version": self.version,
            "trained": self.trained,
            "prior": self.prior,
            "link": self.link,
            "review": self.review,
            "comparisons": levels,
            "frequencies": vars(self.frequencies),
        }
        return json.dumps(said, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a table that `dump` wrote."""
        said = json.loads(text)
        levels = {
            name: {level: (line["m"], line["u"]) for level, line in lines.items()}
            for name, lines in said.pop("comparisons").items()
        }
        frequencies = Frequencies(**said.pop("frequencies"))
        return cls(levels=levels, frequencies=frequencies, **said)


@cache
def shipped_weights() -> Weights:
    """Return the weights that the project ships."""
    return Weights.read(SHIPPED.read_text(encoding="utf-8"))


def exact_level(comparison: Comparison, level: Level) -> Level:
    """Find the level at which a level's rarity column agrees, on which its rarity is measured."""
    exact = f"{level.rarity}_l = {level.rarity}_r"
    return next(one for one in comparison.levels if one.sql == exact)


def _bits(level: Level, known: dict[str, tuple[float, float]]) -> float:
    if level.silent:
        return 0.0
    m, u = known[level.name]
    return log2(m / u)


def _line(level: Level, known: dict[str, tuple[float, float]]) -> dict[str, float]:
    m, u = known[level.name]
    return {"bits": round(_bits(level, known), 2), "m": m, "u": u}
