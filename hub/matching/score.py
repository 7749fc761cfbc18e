"""Scoring: what the levels of agreement of pairs add up to, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.matching.coded import Column
from hub.matching.compare import COMPARISONS, compare
from hub.matching.features import Features
from hub.matching.weights import Floats, Weights

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scored:
    """Pairs with the level found in each comparison and their weight in bits.

    The two records of a pair are given by their positions in some features, or by their numbers.
    """

    left: Places
    right: Places
    #: A row a pair, a column a comparison: the position of the level found.
    levels: npt.NDArray[np.int8]
    weight: Floats

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def probability(self) -> Floats:
        """Return the chance that both records speak of one person."""
        return np.asarray(1 / (1 + np.exp2(-self.weight)))

    def only(self, where: npt.NDArray[np.bool_]) -> Scored:
        """Return some of the pairs."""
        return Scored(self.left[where], self.right[where], self.levels[where], self.weight[where])

    def worth_knowing(self, review: float) -> Scored:
        """Return the pairs of so many bits, and all with one number, whatever else they say."""
        return self.only((self.weight >= review) | (self.level("number") == "same"))

    def named(self, features: Features) -> Scored:
        """Give by their numbers the records that are given by positions."""
        ids = features.record_ids
        return replace(self, left=ids[self.left], right=ids[self.right])

    def placed(self, features: Features) -> Scored:
        """Give by their positions the records that are given by numbers."""
        left, right = features.positions(self.left), features.positions(self.right)
        return replace(self, left=left, right=right)

    def level(self, comparison: str) -> npt.NDArray[np.str_]:
        """Return the names of the levels found in one comparison."""
        place, names = _LEVELS[comparison]
        return np.asarray(names[self.levels[:, place]])

    def texts(self) -> list[str]:
        """Write the levels of each pair as they are kept: their positions joined by commas."""
        return [",".join(map(str, row)) for row in self.levels.tolist()]


#: Where a comparison stands, and the names of its levels.
_LEVELS = {
    comparison.name: (place, np.array([level.name for level in comparison.levels]))
    for place, comparison in enumerate(COMPARISONS)
}


def read_scored(
    left: npt.ArrayLike, right: npt.ArrayLike, texts: Iterable[str], weight: npt.ArrayLike
) -> Scored:
    """Read pairs of records, given by their numbers, with the levels that `Scored.texts` wrote."""
    levels = np.fromstring(",".join(texts), dtype=np.int8, sep=",")
    return Scored(
        np.asarray(left, np.int64),
        np.asarray(right, np.int64),
        levels.reshape(-1, len(COMPARISONS)),
        np.asarray(weight, np.float64),
    )


def together(*parts: Scored) -> Scored:
    """Put scored pairs one behind the other."""
    if len(parts) == 1:
        return parts[0]
    columns = ("left", "right", "levels", "weight")
    return Scored(*(np.concatenate([getattr(one, name) for one in parts]) for name in columns))


def score(
    left: npt.ArrayLike, right: npt.ArrayLike, features: Features, weights: Weights
) -> Scored:
    """Score pairs of records, given by their positions in the features."""
    lefts, rights = np.asarray(left, np.int64), np.asarray(right, np.int64)
    levels = compare(features, lefts, rights)
    # Added up column by column, so that a pair weighs the same to the last bit in any company.
    weight = np.full(len(lefts), weights.start)
    for part in _parts(lefts, rights, levels, features, weights):
        weight += part
    return Scored(lefts, rights, levels, weight)


def _parts(
    left: Places,
    right: Places,
    levels: npt.NDArray[np.int8],
    features: Features,
    weights: Weights,
) -> Iterator[Floats]:
    """Give, comparison by comparison, the bits that the levels found add, rarity included."""
    for place, (comparison, bits) in enumerate(zip(COMPARISONS, weights.tables, strict=True)):
        part = bits[levels[:, place]]
        for nth, level in enumerate(comparison.levels):
            if level.rarity and len(at := np.flatnonzero(levels[:, place] == nth)):
                shares = weights.frequencies.of(level.rarity, features)
                more = np.fmax(shares[left[at]], shares[right[at]])
                part[at] += np.log2(weights.common(comparison, level) / more)
        yield part


def explain(scored: Scored, nth: int, features: Features, weights: Weights) -> pd.DataFrame:
    """Explain one pair as a waterfall.

    One row a step, in the order of the comparisons: ``field``, ``zh``, ``left`` and ``right``
    (what either record says), ``level``, ``level_zh``, ``weight`` in bits and ``total`` so far.
    The first row is where every pair begins.
    """
    one = scored.only(np.arange(len(scored)) == nth)
    sides = [features.only(at).columns for at in (one.left, one.right)]
    parts = _parts(one.left, one.right, one.levels, features, weights)
    rows = [("prior", "起点", "", "", "prior", "任意两条记录", weights.start)]
    for comparison, place, part in zip(COMPARISONS, one.levels[0], parts, strict=True):
        level = comparison.levels[place]
        left, right = (_said(side, comparison.columns) for side in sides)
        bits = float(part[0])
        rows.append((comparison.name, comparison.zh, left, right, level.name, level.zh, bits))
    columns = ["field", "zh", "left", "right", "level", "level_zh", "weight"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(total=frame["weight"].cumsum())


def _said(side: dict[str, Column], columns: tuple[str, ...]) -> str:
    words = (side[name].said()[0] for name in columns)
    return "、".join(dict.fromkeys(str(word) for word in words if word is not None))
