"""Read a column of text value by value, each distinct value once."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd


def read_each(said: pd.Series, read: Callable[[str], str | None]) -> pd.Series:
    """Give what a function makes of each value; missing stays missing."""
    return read_parts(said, lambda text: (read(text),), 1)[0]


def read_parts(
    said: pd.Series, read: Callable[[str], tuple[str | None, ...]], count: int
) -> tuple[pd.Series, ...]:
    """Give the parts that a function makes of each value, one column a part."""
    codes, distinct = pd.factorize(said.astype("str"))
    rows = [read(text) for text in distinct.tolist()]
    # A missing value has code -1 and so takes the None at the end.
    columns = (
        pd.Series([*(row[part] for row in rows), None], dtype="str") for part in range(count)
    )
    return tuple(column.take(codes).set_axis(said.index) for column in columns)
