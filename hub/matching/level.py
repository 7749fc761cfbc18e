"""Levels of agreement, and the conditions that many of them are made of.

Each level is written twice: as SQL, so that Splink can train the model and its Spark backend can
run it, and as a function of whole columns of pairs, by which the hub itself compares. A test
holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hub.matching.pairs import Flags, Pairs

Holds = Callable[[Pairs], Flags]


@dataclass(frozen=True)
class Level:
    """One degree of agreement; it holds where no better one does."""

    name: str
    zh: str
    sql: str
    holds: Holds
    #: The column whose rarity adds to the weight: a rare name in common says more.
    rarity: str | None = None
    #: How often two records of one person agree so, where few training records show it.
    m: float | None = None
    #: How often different people agree so, where that is too seldom to be sampled.
    u: float | None = None
    #: Nothing to compare: the level weighs nothing.
    silent: bool = False


@dataclass(frozen=True)
class Comparison:
    """One aspect of a person and its levels; the columns are those shown when explaining."""

    name: str
    zh: str
    columns: tuple[str, ...]
    levels: tuple[Level, ...]

    def compare(self, pairs: Pairs) -> npt.NDArray[np.int8]:
        """Return for each pair the position of its level."""
        found = np.full(len(pairs), len(self.levels) - 1, dtype=np.int8)
        open_ = np.arange(len(pairs))
        for place, level in enumerate(self.levels[:-1]):
            if not len(open_):
                break
            holds = level.holds(pairs)
            found[open_[holds]] = place
            open_, pairs = open_[~holds], pairs.only(~holds)
        return found


def absent(*columns: str) -> Holds:
    """Hold where one side says nothing in any of these columns."""
    return lambda pairs: ~pairs.comparable(*columns)


def same(column: str) -> Holds:
    """Hold where both sides say the same in a column."""
    return lambda pairs: pairs.same(column)


def anything(pairs: Pairs) -> Flags:
    """Hold everywhere."""
    return np.ones(len(pairs), dtype=np.bool_)


def any_sql(columns: tuple[str, ...]) -> str:
    """Write that one of several columns on one side equals one of them on the other."""
    other = ", ".join(f"{name}_r" for name in columns)
    return "(" + " or ".join(f"{name}_l in ({other})" for name in columns) + ")"


def none_sql(columns: tuple[str, ...], side: str) -> str:
    """Write that one side says nothing in any of several columns."""
    return f"coalesce({', '.join(f'{name}_{side}' for name in columns)}) is null"
