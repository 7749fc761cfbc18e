"""Scoring: what the levels of agreement of pairs add up to, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.matching.coded import Column
from hub.matching.compare import COMPARISONS, compare
from hub.matching.features import Features
from hub.matching.weights import Floats, Weights
from schemas.distinct import text_array

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scored:
    """Pairs (by position) with the weight in bits of each comparison and of all together."""

    left: Places
    right: Places
    #: A row a pair, a column a comparison: the position of the level found.
    levels: npt.NDArray[np.int8]
    #: The same shape: the bits that level adds, rarity included.
    parts: Floats
    weight: Floats

    @property
    def probability(self) -> Floats:
        """Return the chance that both records speak of one person."""
        return np.asarray(1 / (1 + np.exp2(-self.weight)))

    def only(self, where: npt.NDArray[np.bool_]) -> Scored:
        """Return some of the pairs."""
        return Scored(
            self.left[where],
            self.right[where],
            self.levels[where],
            self.parts[where],
            self.weight[where],
        )

    def worth_knowing(self, review: float) -> Scored:
        """Return the pairs of so many bits, and all with one number, whatever else they say."""
        return self.only((self.weight >= review) | (self.level("number") == "same"))

    def frame(self, features: Features) -> pd.DataFrame:
        """Write pairs down to be kept: ``left``, ``right`` (record ids), ``weight``, ``levels``.

        Levels are one text, their positions joined by commas; `read_scored` reads it all again.
        """
        levels = [",".join(map(str, row)) for row in self.levels.tolist()]
        sides = {"left": self.left, "right": self.right}
        ids = {side: features.record_ids[at] for side, at in sides.items()}
        said = {"weight": self.weight, "levels": text_array(levels)}
        return pd.DataFrame({**ids, **said}, copy=False)

    def level(self, comparison: str) -> npt.NDArray[np.str_]:
        """Return the names of the levels found in one comparison."""
        place = [one.name for one in COMPARISONS].index(comparison)
        names = np.array([level.name for level in COMPARISONS[place].levels])
        return np.asarray(names[self.levels[:, place]])


def score(
    left: npt.ArrayLike, right: npt.ArrayLike, features: Features, weights: Weights
) -> Scored:
    """Score pairs of records, given by their positions in the features."""
    lefts, rights = np.asarray(left, np.int64), np.asarray(right, np.int64)
    levels = compare(features, lefts, rights)
    parts = np.empty(levels.shape, dtype=np.float64)
    # Added up column by column, so that a pair weighs the same to the last bit in any company.
    weight = np.full(len(lefts), weights.start)
    for place, (comparison, bits) in enumerate(zip(COMPARISONS, weights.tables, strict=True)):
        parts[:, place] = bits[levels[:, place]]
        for nth, level in enumerate(comparison.levels):
            if level.rarity:
                at = np.flatnonzero(levels[:, place] == nth)
                shares = weights.frequencies.of(level.rarity, features)
                more = np.fmax(shares[lefts[at]], shares[rights[at]])
                parts[at, place] += np.log2(weights.common(comparison, level) / more)
        weight += parts[:, place]
    return Scored(lefts, rights, levels, parts, weight)


def read_scored(kept: pd.DataFrame, features: Features, weights: Weights) -> Scored:
    """Read pairs that `Scored.frame` wrote, about records that the features hold."""
    levels = np.fromstring(",".join(kept["levels"]), dtype=np.int8, sep=",")
    levels = levels.reshape(len(kept), len(COMPARISONS))
    # What rarity added is no longer told apart from the rest; `score` does, for explaining.
    parts = np.stack([bits[levels[:, at]] for at, bits in enumerate(weights.tables)], axis=1)
    left, right = features.positions(kept["left"]), features.positions(kept["right"])
    return Scored(left, right, levels, parts, kept["weight"].to_numpy(dtype=np.float64))


def explain(scored: Scored, nth: int, features: Features, weights: Weights) -> pd.DataFrame:
    """Explain one pair as a waterfall.

    One row a step, in the order of the comparisons: ``field``, ``zh``, ``left`` and ``right``
    (what either record says), ``level``, ``level_zh``, ``weight`` in bits and ``total`` so far.
    The first row is where every pair begins.
    """
    sides = [features.only(at[nth : nth + 1]).columns for at in (scored.left, scored.right)]
    rows = [("prior", "起点", "", "", "prior", "任意两条记录", weights.start)]
    for place, comparison in enumerate(COMPARISONS):
        level = comparison.levels[scored.levels[nth, place]]
        left, right = (_said(side, comparison.columns) for side in sides)
        bits = float(scored.parts[nth, place])
        rows.append((comparison.name, comparison.zh, left, right, level.name, level.zh, bits))
    columns = ["field", "zh", "left", "right", "level", "level_zh", "weight"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(total=frame["weight"].cumsum())


def _said(side: dict[str, Column], columns: tuple[str, ...]) -> str:
    words = (side[name].said()[0] for name in columns)
    return "、".join(dict.fromkeys(str(word) for word in words if word is not None))
