"""Cells of any origin as text, and columns of such cells as a frame."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hub.columns import UNREADABLE
from hub.errors import HubError
from schemas.chinese import folded
from schemas.distinct import arrow, text_array

#: Rows of a page: enough for whole-column work, few enough to be held in memory many times over.
PAGE_ROWS = 20_000

# Whole numbers beyond this have lost digits: the file holds a rounded floating-point number.
_EXACT = 2.0**53

_DITTO = "同上"


class Unreadable(HubError):
    """A file or an answer is not what it claims to be; its dataset is to be held."""

    status = 422


def cell_text(cell: object) -> str | None:
    """Write one cell as text: dates as ISO, whole numbers without a fraction."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < _EXACT
        return str(int(cell)) if whole else repr(cell).upper()
    if isinstance(cell, dt.datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False)
    return None if cell is None else str(cell)


def text_frame(headers: Sequence[str], columns: Iterable[Sequence[object]]) -> pd.DataFrame:
    """Make a frame of text from columns of cells; headers may repeat."""
    parts = [text_array(_texts(cells)) for cells in columns]
    if len({*headers}) == len(headers):
        return pd.DataFrame(dict(zip(headers, parts, strict=True)), copy=False)
    return pd.DataFrame(dict(enumerate(parts)), copy=False).set_axis(list(headers), axis=1)


def _texts(cells: Sequence[object]) -> pa.Array:
    if {*map(type, cells)} <= _TEXT_OR_NOTHING:
        texts = pa.array(cells, pa.large_string())
        return pc.if_else(pc.equal(texts, ""), None, texts)
    return pa.array(map(cell_text, cells), pa.large_string())


_TEXT_OR_NOTHING = {str, type(None)}


def mark_unreadable(
    frame: pd.DataFrame, bad: Sequence[bool], places: Sequence[str]
) -> pd.DataFrame:
    """Say where the bad rows stand; their cells have been left empty."""
    marks = pd.Series(list(places), index=frame.index, dtype="str")
    marked: pd.DataFrame = frame.assign(**{UNREADABLE: marks.where(np.asarray(bad, np.bool_))})
    return marked


def gathered(pages: Iterable[pd.DataFrame], rows: int = PAGE_ROWS) -> Iterator[pd.DataFrame]:
    """Join pages that follow each other under the same columns until they hold so many rows.

    Whole columns pay only where they are long: a workbook may have a sheet for each community.
    """
    waiting: list[pd.DataFrame] = []
    for page in pages:
        alike = waiting and list(waiting[0].columns) == list(page.columns)
        if waiting and not (alike and sum(map(len, waiting)) + len(page) <= rows):
            yield _joined(waiting)
            waiting = []
        waiting.append(page)
    if waiting:
        yield _joined(waiting)


def _joined(pages: list[pd.DataFrame]) -> pd.DataFrame:
    return pages[0] if len(pages) == 1 else pd.concat(pages, ignore_index=True)


def ditto_filled(pages: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Fill 同上 in with the cell above it, over the borders of pages; empty cells stay empty."""
    above = pd.DataFrame()
    for page in pages:
        if list(above.columns) != list(page.columns):
            above = page.iloc[:0]
        filled = page
        for place in range(page.shape[1]):
            same = _is_ditto(page.iloc[:, place])
            if same.any():
                column = pd.concat([above.iloc[:, place], page.iloc[:, place]])
                marks = np.concatenate([np.zeros(len(above), np.bool_), same])
                filled = filled.copy() if filled is page else filled
                filled.isetitem(place, filled_down(column, marks).array[len(above) :])
        above = filled.iloc[-1:] if len(filled) else above
        yield filled


def _is_ditto(column: pd.Series) -> npt.NDArray[np.bool_]:
    # Folding every cell would take longer than reading the file.
    likely = pc.match_substring(arrow(column), _DITTO[0]).fill_null(False)
    found = np.array(likely.to_numpy(zero_copy_only=False), np.bool_)
    if found.any():
        codes, distinct = pd.factorize(column[found])
        found[found] = np.array([folded(cell) == _DITTO for cell in distinct], np.bool_)[codes]
    return found


def filled_down(column: pd.Series, same: npt.NDArray[np.bool_]) -> pd.Series:
    """Give each marked cell what the nearest unmarked cell above it holds; at the top, nothing."""
    source = np.maximum.accumulate(np.where(same, -1, np.arange(len(column))))
    # Marked cells at the top have source -1 and so take nothing.
    return pd.Series(column.array.take(source, allow_fill=True))
