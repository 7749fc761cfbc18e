"""XLSX workbooks as people keep them: titles, one or two header rows, merged cells, sheets.

Where the header stands is found by the headers that are known, so titles and groups above it may
have any shape. Reading is done by calamine, which parses a sheet in one go.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from hub.model import text_series
from hub.parse.cells import PAGE_ROWS, Unreadable, cell_text, filled_down, text_frame
from hub.parse.header import HEADER_WITHIN, Header, Span, find_header
from schemas.distinct import is_said

# A workbook of a million rows unpacks to about 1 GiB; what claims more is no delivery.
_LARGEST = 2 * 1024**3


@dataclass(frozen=True)
class Page:
    """Rows of a sheet under their headers, and what stands above the header row."""

    sheet: str
    title: str
    frame: pd.DataFrame


def read_workbook(
    path: Path, headers: Collection[str], page_rows: int = PAGE_ROWS
) -> Iterator[Page]:
    """Read all sheets of a workbook as pages of text; merged cells are filled down.

    ``headers`` are the folded headers by which a header row is known. A sheet without one gives
    a page without columns; hidden sheets count only if they have one. A workbook that holds no
    row raises Unreadable, and so does a file that is no workbook.
    """
    _check_file(path)
    rows = 0
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            for about in workbook.sheets_metadata:
                if about.typ != SheetTypeEnum.WorkSheet:
                    continue
                sheet = workbook.get_sheet_by_name(about.name)
                visible = about.visible == SheetVisibleEnum.Visible
                for page in _pages(sheet, headers, page_rows):
                    if visible or len(page.frame.columns):
                        rows += len(page.frame) + (not len(page.frame.columns))
                        yield page
    except CalamineError:
        raise Unreadable(f"{path.name} is a damaged workbook") from None
    if not rows:
        raise Unreadable(f"{path.name} holds no rows")


def _check_file(path: Path) -> None:
    if not path.stat().st_size:
        raise Unreadable(f"{path.name} is empty")
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError):
        raise Unreadable(f"{path.name} is not an XLSX workbook") from None
    if unpacked > _LARGEST:
        raise Unreadable(f"{path.name} unpacks to more than {_LARGEST // 1024**2} MiB")


def _pages(sheet: CalamineSheet, headers: Collection[str], page_rows: int) -> Iterator[Page]:
    if sheet.start is None:
        return
    rows = sheet.iter_rows()
    top = list(islice(rows, HEADER_WITHIN))
    spans = [_shifted(span, sheet.start[1]) for span in sheet.merged_cell_ranges or ()]
    header = find_header([[cell_text(cell) or "" for cell in row] for row in top], spans, headers)
    if header is None:
        yield Page(sheet.name, "", pd.DataFrame())
        return
    below = chain(top[header.first_row :], rows)
    frames = _data(header, below, _continued(spans, header.first_row), page_rows)
    for frame in frames:
        yield Page(sheet.name, header.title, frame)


def _shifted(span: Span, left: int) -> Span:
    """Count a span's columns from the first one that calamine gives."""
    (top, first), (bottom, last) = span
    return (top, first - left), (bottom, last - left)


def _continued(spans: Sequence[Span], first_row: int) -> dict[int, list[tuple[int, int]]]:
    """Say, by column, which rows continue the cell above them; sideways nothing is filled."""
    rows: dict[int, list[tuple[int, int]]] = {}
    for (top, column), (bottom, _) in spans:
        if first_row <= top < bottom:
            rows.setdefault(column, []).append((top + 1, bottom + 1))
    return rows


def _data(
    header: Header,
    rows: Iterable[Sequence[object]],
    continued: Mapping[int, Sequence[tuple[int, int]]],
    page_rows: int,
) -> Iterator[pd.DataFrame]:
    remaining, first = iter(rows), header.first_row
    above: dict[int, str | None] = {}
    while page := list(islice(remaining, page_rows)):
        frame = text_frame(header.names, zip(*page, strict=True))
        own = np.logical_or.reduce([is_said(column) for _, column in frame.items()])
        for place, spans in continued.items():
            same = _marks(spans, first, len(page))
            column = pd.concat([text_series([above.get(place)]), frame.iloc[:, place]])
            filled = filled_down(column, np.concatenate([[False], same]))
            frame.isetitem(place, filled.array[1:])
            last = filled.iloc[-1]
            above[place] = None if pd.isna(last) else str(last)
        first += len(page)
        yield frame if own.all() else frame[own].reset_index(drop=True)


def _marks(spans: Sequence[tuple[int, int]], first: int, size: int) -> npt.NDArray[np.bool_]:
    marks = np.zeros(size, dtype="bool")
    for start, end in spans:
        marks[max(0, start - first) : max(0, end - first)] = True
    return marks
