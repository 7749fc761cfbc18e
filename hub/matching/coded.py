"""Columns of words as numbers: each distinct word is kept once, and each row says which.

So what is made of words is made of each distinct one, however many rows there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import chain, count
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from schemas.distinct import distinct

Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
#: Positions of rows, or for each row whether it is meant.
Rows = npt.NDArray[np.int64] | Flags
#: A column of text as Python objects, missing entries None.
Words = npt.NDArray[np.object_]
#: What is read off one word.
Part = str | None


class Column(NamedTuple):
    """What each row says: its word's place among the distinct ones, -1 where it says nothing."""

    codes: Ints
    words: list[str]

    @property
    def known(self) -> Flags:
        """Tell which rows say something."""
        return np.asarray(self.codes >= 0)

    def said(self, absent: str | None = None) -> Words:
        """Return the word of each row."""
        # A missing word has code -1 and so takes what stands at the end.
        return np.array([*self.words, absent], dtype=object)[self.codes]

    def only(self, at: Rows) -> Column:
        """Return some rows, in the order of the positions given."""
        return Column(self.codes[at], self.words)


def column_of(said: pd.Series | Sequence[str | None]) -> Column:
    """Number the words of a column."""
    if isinstance(said, pd.Series):
        words, places = distinct(said)
        return Column(np.asarray(places.fill_null(_NOWHERE), dtype=np.int32), words)
    codes, words = _numbered(said)
    return Column(codes[:-1], words)


_NOWHERE = pa.scalar(-1, pa.int32())


def nothing(size: int) -> Column:
    """Return a column of so many rows that say nothing."""
    return Column(np.full(size, -1, dtype=np.int32), [])


def column_at(rows: Rows, said: Sequence[str | None], size: int) -> Column:
    """Return a column that says something in some of its rows only."""
    found = nothing(size)
    if not len(said):
        return found
    codes, words = _numbered(said)
    found.codes[rows] = codes[:-1]
    return Column(found.codes, words)


def each_word(column: Column, read: Callable[[str], Part]) -> Column:
    """Read each distinct word."""
    return _recoded(column.codes, [read(word) for word in column.words])


def each_parts(
    column: Column, read: Callable[[str], tuple[Part, ...]], count: int
) -> tuple[Column, ...]:
    """Read each distinct word into so many columns."""
    rows = [read(word) for word in column.words]
    return tuple(_recoded(column.codes, [row[part] for row in rows]) for part in range(count))


def first_said(column: Column, otherwise: Column) -> Column:
    """Fill what is missing from another column."""
    if not otherwise.words:
        return column
    codes = np.where(column.known, column.codes, _moved(otherwise.codes, len(column.words)))
    return _recoded(codes, [*column.words, *otherwise.words])


def only_where(where: Flags, column: Column) -> Column:
    """Keep a column's words in some rows only."""
    codes = np.where(where, column.codes, np.int32(-1))
    used = np.zeros(len(column.words) + 1, dtype=np.bool_)
    used[codes] = True
    kept = np.flatnonzero(used[:-1])
    if len(kept) == len(column.words):
        return Column(codes, column.words)
    places = np.full(len(used), -1, dtype=np.int32)
    places[kept] = np.arange(len(kept))
    return Column(places[codes], [column.words[at] for at in kept.tolist()])


def behind(*columns: Column) -> Column:
    """Put columns one behind the other, equal words under one number."""
    if len(columns) == 1:
        return columns[0]
    words = [*chain.from_iterable(column.words for column in columns)]
    parts, start = [], 0
    for column in columns:
        parts.append(_moved(column.codes, start))
        start += len(column.words)
    return _recoded(np.concatenate(parts), words)


def _moved(codes: Ints, by: int) -> Ints:
    """Let codes mean words that now stand behind so many others."""
    return np.where(codes < 0, codes, codes + np.int32(by)) if by else codes


def _recoded(codes: Ints, words: Sequence[Part]) -> Column:
    """Return a column of words some of which may be equal, and those that are None nothing."""
    places, each_once = _numbered(words)
    return Column(codes if len(each_once) == len(words) else places[codes], each_once)


def _numbered(said: Sequence[str | None]) -> tuple[Ints, list[str]]:
    """Number words, of which None is nothing; behind their numbers stands that of nothing."""
    places: defaultdict[str | None, int] = defaultdict(count().__next__, {None: -1})
    codes = np.fromiter(map(places.__getitem__, [*said, None]), np.int32, len(said) + 1)
    del places[None]
    return codes, cast(list[str], [*places])
