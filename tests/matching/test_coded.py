"""Columns of numbered words say what columns of plain words would."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from hub.matching.coded import (
    Column,
    behind,
    column_at,
    column_of,
    each_parts,
    each_word,
    first_said,
    only_where,
)

Said = list[str | None]

words = st.sampled_from(["甲", "乙", "丙丁", "", None])
columns = st.lists(words, max_size=6)
beside = st.lists(st.tuples(words, words, st.booleans()), max_size=6)


def plain(column: Column) -> Said:
    """Return what the rows say; equal words have one number, each number its word."""
    assert len(column.words) == len(set(column.words))
    assert not len(column.codes) or column.codes.max() < len(column.words)
    said: Said = column.said().tolist()
    return said


def first_sign(word: str) -> str | None:
    return word[:1] or None


@given(columns)
def test_a_column_says_what_it_was_made_of(said: Said) -> None:
    assert plain(column_of(said)) == said
    assert plain(column_of(pd.Series(said, dtype="str"))) == said
    assert column_of(said).known.tolist() == [word is not None for word in said]
    rows = np.arange(len(said) - 1, -1, -1)
    assert plain(column_of(said).only(rows)) == said[::-1]
    assert plain(column_at(rows, said, len(said) + 1)) == [*said[::-1], None]


@given(columns)
def test_each_word_is_read_wherever_it_stands(said: Said) -> None:
    read = [None if word is None else first_sign(word) for word in said]
    assert plain(each_word(column_of(said), first_sign)) == read
    first, whole = each_parts(column_of(said), lambda word: (first_sign(word), word), 2)
    assert (plain(first), plain(whole)) == (read, said)


@given(beside)
def test_columns_are_filled_and_emptied_row_by_row(rows: list[tuple[str, str, bool]]) -> None:
    one, other = column_of([row[0] for row in rows]), column_of([row[1] for row in rows])
    filled = [theirs if mine is None else mine for mine, theirs, _ in rows]
    assert plain(first_said(one, other)) == filled
    where = np.array([row[2] for row in rows], dtype=np.bool_)
    kept = only_where(where, one)
    assert plain(kept) == [mine if here else None for mine, _, here in rows]
    assert set(kept.words) == set(plain(kept)) - {None}


@given(st.lists(columns, min_size=1, max_size=4))
def test_columns_behind_one_another_number_equal_words_alike(parts: list[Said]) -> None:
    together = behind(*map(column_of, parts))
    assert plain(together) == [word for part in parts for word in part]
