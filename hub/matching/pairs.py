"""Pairs of records, asked as whole columns what they have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import DamerauLevenshtein

from hub.matching.features import Features

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Side = Literal["left", "right"]

_UNKNOWN = ord("?")


class Pairs:
    """Pairs by position; nothing is looked up before a comparison asks for it."""

    def __init__(self, features: Features, left: Counts, right: Counts) -> None:
        self.features, self.left, self.right = features, left, right

    def __len__(self) -> int:
        return len(self.left)

    def only(self, where: Flags) -> Pairs:
        """Return some of the pairs."""
        return self if where.all() else Pairs(self.features, self.left[where], self.right[where])

    def same(self, column: str) -> Flags:
        """Tell where both sides say the same."""
        codes = self.features.codes((column,))[0]
        left = codes[self.left]
        return np.asarray((left == codes[self.right]) & (left >= 0))

    def both(self, column: str) -> Flags:
        """Tell where both sides say something."""
        known = self.features.known(column)
        return np.asarray(known[self.left] & known[self.right])

    def either(self, column: str) -> Flags:
        """Tell where at least one side says something."""
        known = self.features.known(column)
        return np.asarray(known[self.left] | known[self.right])

    def comparable(self, *columns: str) -> Flags:
        """Tell where each side says something in any of these columns."""
        known = np.logical_or.reduce(self.features.codes(columns) >= 0)
        return np.asarray(known[self.left] & known[self.right])

    def overlap(self, columns: tuple[str, ...]) -> Flags:
        """Tell where any of these columns on one side equals any of them on the other."""
        codes = [column for column in self.features.codes(columns) if (column >= 0).any()]
        found = np.zeros(len(self), dtype=np.bool_)
        theirs = [column[self.right] for column in codes]
        for column in codes:
            mine = column[self.left]
            for other in theirs:
                found |= (mine >= 0) & (mine == other)
        return found

    @cached_property
    def digits(self) -> tuple[Counts, Counts]:
        """Count the places legible in both id numbers: those that agree, those that differ."""
        signs = self.features.signs("digits", 18)
        left, right = signs[self.left], signs[self.right]
        legible = (left != _UNKNOWN) & (right != _UNKNOWN) & (left != 0) & (right != 0)
        agree = (legible & (left == right)).sum(axis=1)
        return agree, legible.sum(axis=1) - agree

    @cached_property
    def equal_birth_parts(self) -> Counts:
        """Count which of year, month and day agree."""
        left, right = self._births
        parts = (slice(0, 4), slice(5, 7), slice(8, 10))
        equal = [(left[:, part] == right[:, part]).all(axis=1) for part in parts]
        return np.asarray(np.sum(equal, axis=0))

    @cached_property
    def birth_slip(self) -> Flags:
        """Tell where birth dates differ by one digit, two neighbours swapped, or day and month."""
        left, right = self._births
        wrong = left != right
        crossed = (left[:, :-1] == right[:, 1:]) & (left[:, 1:] == right[:, :-1])
        neighbours = (wrong[:, :-1] & wrong[:, 1:] & crossed).any(axis=1)
        year, month, day = slice(0, 4), slice(5, 7), slice(8, 10)
        turned = (left[:, month] == right[:, day]) & (left[:, day] == right[:, month])
        turned_only = turned.all(axis=1) & (left[:, year] == right[:, year]).all(axis=1)
        count = wrong.sum(axis=1)
        return np.asarray(
            self.both("birth") & ((count == 1) | ((count == 2) & neighbours) | turned_only)
        )

    @cached_property
    def same_birth_year(self) -> Flags:
        """Tell where the years of birth agree."""
        signs = self.features.signs("birth_month", 7)
        left, right = signs[self.left, :4], signs[self.right, :4]
        return np.asarray(self.both("birth_month") & (left == right).all(axis=1))

    @cached_property
    def titled_child(self) -> Flags:
        """Tell where one side has a title that the other is too young for."""
        born, grown = self.features.months("birth_month"), self.features.months("grown")
        left, right = born[self.left] > grown[self.right], born[self.right] > grown[self.left]
        return np.asarray(left | right)

    @cached_property
    def legibly_alike(self) -> Flags:
        """Tell where one name is the other as far as that can be read."""
        return self._by_words(self.either("legible"), ("name", "legible"), _legibly_alike)

    @cached_property
    def part_of_other(self) -> Flags:
        """Tell where a name, cut or without the father's, is the beginning of the other."""
        sizes = self.features.name_lengths
        left, right = sizes[self.left], sizes[self.right]
        where = (np.minimum(left, right) >= 3) & (np.abs(left - right) >= 2)
        return self._by_words(where, ("name",), _is_beginning)

    @cached_property
    def one_slip(self) -> Flags:
        """Tell where names differ by one sign, or names in Latin letters by two."""
        found = self._by_words(self.both("slips"), ("slips",), _share_a_slip)
        return found | self._by_words(self.both("latin"), ("latin",), _two_letters_apart)

    @property
    def _births(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        signs = self.features.signs("birth", 10)
        return signs[self.left], signs[self.right]

    def _by_words(
        self, where: Flags, columns: tuple[str, ...], holds: Callable[[str, str], bool]
    ) -> Flags:
        """Ask each distinct pair of words once; of several columns the first that says anything."""
        found = np.zeros(len(self), dtype=np.bool_)
        at = np.flatnonzero(where)
        if not len(at):
            return found
        numbers, words = self.features.words(columns)
        keys = numbers[self.left[at]] * len(words) + numbers[self.right[at]]
        distinct, inverse = np.unique(keys, return_inverse=True)
        answers = [holds(words[key // len(words)], words[key % len(words)]) for key in distinct]
        found[at] = np.array(answers, dtype=np.bool_)[inverse]
        return found


def _legibly_alike(left: str, right: str) -> bool:
    return len(left) == len(right) and (_fits(left, right) or _fits(right, left))


def _fits(name: str, pattern: str) -> bool:
    return all(sign in ("_", own) for own, sign in zip(name, pattern, strict=True))


def _is_beginning(left: str, right: str) -> bool:
    return left.startswith(right) or right.startswith(left)


def _share_a_slip(left: str, right: str) -> bool:
    return not set(left.split("|")).isdisjoint(right.split("|"))


def _two_letters_apart(left: str, right: str) -> bool:
    return DamerauLevenshtein.distance(left, right, score_cutoff=2) <= 2
