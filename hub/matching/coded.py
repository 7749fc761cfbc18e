"""Columns of words as numbers: each distinct word is kept once, and each row says which."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.matching.names import Words

Ints = npt.NDArray[np.int32]


class Column(NamedTuple):
    """What each row says: its word's place among the distinct ones, -1 where it says nothing."""

    codes: Ints
    words: Words

    def said(self, absent: str | None = None) -> Words:
        """Return the word of each row."""
        # A missing word has code -1 and so takes what stands at the end.
        table: Words = np.full(len(self.words) + 1, absent, dtype=object)
        table[:-1] = self.words
        return table[self.codes]

    def only(self, at: npt.NDArray[np.int64]) -> Column:
        """Return some rows, in the order of the positions given."""
        return column_of(self.said()[at])


def column_of(words: Words) -> Column:
    """Number the words of a column, of which None is nothing."""
    codes, distinct = pd.factorize(words)
    return Column(codes.astype(np.int32), distinct)


def behind(*columns: Column) -> Column:
    """Put columns one behind the other, equal words under one number."""
    if len(columns) == 1:
        return columns[0]
    places, words = pd.factorize(np.concatenate([column.words for column in columns]))
    ends = np.cumsum([len(column.words) for column in columns])
    parts = [
        # Behind the places of a column's words stands that of nothing.
        np.append(places[end - len(column.words) : end], -1)[column.codes]
        for column, end in zip(columns, ends, strict=True)
    ]
    return Column(np.concatenate(parts).astype(np.int32), words)
