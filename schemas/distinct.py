"""Read columns of text value by value, each distinct value once.

A column is told apart and put together again by Arrow itself: pushed rows come one at a time,
and there pandas takes longer to be asked than to answer. What is asked of a series comes back as
one with its index; rows on their way in are plain arrays, which cost a tenth of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionArray

TEXT = pd.StringDtype(na_value=float("nan"))

#: A column of text on its way in: no index, a missing entry where nothing is said.
Texts = ExtensionArray

#: What comes back has the shape of what was asked.
Said = TypeVar("Said", pd.Series, Texts)

#: Rows as columns of text by name, all of one length.
Rows = Mapping[str, Texts]

Parts = tuple[str | None, ...]

Column = pd.Series | ExtensionArray | np.ndarray

#: Columns of one length by name, each an array of text or of numbers: for a few rows, making a
#: frame of them takes longer than all that is done with it.
Columns = Mapping[str, Any]


def read_each(said: Said, read: Callable[[str], str | None]) -> Said:
    """Give what a function makes of each value; missing stays missing."""
    texts, codes = distinct(said)
    return spread([read(text) for text in texts], codes, said)


def read_parts(said: Said, read: Callable[[str], Parts], count: int) -> tuple[Said, ...]:
    """Give the parts that a function makes of each value, one column a part."""
    texts, codes = distinct(said)
    rows = [read(text) for text in texts]
    return tuple(spread([row[part] for row in rows], codes, said) for part in range(count))


def read_rows(said: Sequence[Said], read: Callable[..., Parts], count: int) -> tuple[Said, ...]:
    """Give the parts that a function makes of the values of each row, each distinct row once.

    Where a row's column says nothing, the function is given None.
    """
    rows = list(zip(*(arrow(column).to_pylist() for column in said), strict=True))
    places = {row: place for place, row in enumerate(dict.fromkeys(rows))}
    codes = pa.array(np.fromiter(map(places.__getitem__, rows), "int32", len(rows)))
    parts = [read(*row) for row in places]
    return tuple(spread([row[part] for row in parts], codes, said[0]) for part in range(count))


def distinct(said: Column) -> tuple[list[str], pa.Array]:
    """Return the distinct texts of a column, and for each row its text's place or nothing."""
    told = arrow(said).dictionary_encode()
    return told.dictionary.to_pylist(), told.indices


def arrow(said: Column) -> pa.Array:
    """Return a column of text as Arrow has it."""
    array = array_of(said) if said.dtype == TEXT else as_text(pd.Series(said)).array
    found = pa.array(array, pa.large_string(), from_pandas=True)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def stacked(columns: Iterable[pd.Series | Texts]) -> pa.Array:
    """Return columns of text one behind the other, to do with all of them what is done to each."""
    parts = [arrow(column) for column in columns]
    return pa.chunked_array(parts, pa.large_string()).combine_chunks()


def unstacked(said: pa.Array, count: int) -> list[pa.Array]:
    """Return the columns, so many of equal length, that stand one behind the other."""
    size = len(said) // max(count, 1)
    return [said.slice(place * size, size) for place in range(count)]


def where(chosen: np.ndarray, said: Said, other: Said | None = None) -> Said:
    """Give what one column says in the chosen rows, in the others what another says, if any."""
    beside = None if other is None else arrow(other)
    return like(said, pc.if_else(pa.array(chosen, pa.bool_()), arrow(said), beside))


def filled(said: Said, other: Said) -> Said:
    """Give what one column says, and where it says nothing what another does."""
    return like(said, pc.coalesce(arrow(said), arrow(other)))


def joined(*said: Said) -> Said:
    """Write what columns say one behind the other; where one says nothing, nothing."""
    return like(said[0], pc.binary_join_element_wise(*map(arrow, said), _NO_SIGN))


_NO_SIGN = pa.scalar("", pa.large_string())


def spread(values: Sequence[str | None], codes: pa.Array, said: Said) -> Said:
    """Give in each row of a column the value at its place; nowhere is nothing."""
    return like(said, pa.array(values, pa.large_string()).take(codes))


def like(said: Said, texts: pa.Array) -> Said:
    """Return Arrow's text in the shape of a column that is there."""
    if isinstance(said, pd.Series):
        return text_column(texts, said.index)
    return text_array(texts)


def text_column(said: pa.Array, index: pd.Index) -> pd.Series:
    """Return Arrow's text as a series."""
    return pd.Series(text_array(said), index=index, copy=False)


def nothing(size: int) -> Texts:
    """Return a column that says nothing in so many rows."""
    return text_array(pa.nulls(size, pa.large_string()))


def text_array(said: pa.Array | Sequence[str | None] | np.ndarray) -> ExtensionArray:
    """Return text, from wherever it comes, as columns hold it."""
    if not isinstance(said, pa.Array):
        said = pa.array(said, pa.large_string(), from_pandas=True)
    return pd.arrays.ArrowStringArray(said, dtype=TEXT)  # type: ignore[call-arg] # stubs lag


def cells(column: Column, absent: str | None = None) -> np.ndarray:
    """Return a column's cells as Python objects, what is missing as ``absent``."""
    array: Any = array_of(column)
    if isinstance(array, np.ndarray):
        return array.astype(object)
    if isinstance(array, pd.arrays.ArrowStringArray):
        # Arrow says None where nothing is, sooner than pandas has been told what to say there.
        told = np.asarray(array.__arrow_array__().to_numpy())
        if absent is not None:
            told[array.isna()] = absent
        return told
    return np.asarray(array.to_numpy(dtype="object", na_value=absent), dtype=object)


def array_of(column: Column) -> Any:
    """Return what a column holds, without its index; an array is that itself."""
    return column.array if isinstance(column, pd.Series) else column


def size_of(columns: Columns) -> int:
    """Return how many rows columns have."""
    return next(map(len, columns.values()), 0)


def chosen_rows(columns: Columns, which: np.ndarray) -> dict[str, Any]:
    """Return some rows of columns."""
    return {name: column[which] for name, column in columns.items()}


def is_said(said: Column) -> np.ndarray:
    """Tell in which rows a column says anything."""
    return np.asarray(~array_of(said).isna(), dtype=np.bool_)


def as_text(said: pd.Series) -> pd.Series:
    """Return a series as text, itself where it is text already."""
    return said if said.dtype == TEXT else said.astype(TEXT)


def text_columns(
    columns: Mapping[str, Texts | Sequence[str | None] | np.ndarray],
) -> dict[str, Texts]:
    """Return columns as columns of text."""
    return {
        name: said if isinstance(said, ExtensionArray) else text_array(said)
        for name, said in columns.items()
    }
