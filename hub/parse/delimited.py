"""Delimited text, read strictly: what does not decode or does not fit its header is said so."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pandas as pd

from hub.parse.cells import PAGE_ROWS, Unreadable, mark_unreadable, text_frame

# A boundary of many points is one cell; the library's own limit of 128 KiB is too low for it.
_LONGEST_CELL = 64 * 1024 * 1024
_BLOCK = 1024 * 1024


def read_csv(path: Path, encoding: str, page_rows: int = PAGE_ROWS) -> Iterator[pd.DataFrame]:
    """Read a file with a header row as pages of text.

    Decoding is strict; a byte order mark means UTF-8. Rows that do not fit the header are marked.
    """
    codec, careful = _checked(path, encoding)
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=codec, newline="") as text:
        lines = csv.reader(text, strict=True)
        rows = _rows(lines)
        _, header = next(rows, (0, None))
        if not header:
            raise Unreadable(f"{path.name} has no header row")
        first = True
        while page := list(islice(rows, page_rows)):
            first = False
            yield _page(header, page, careful=careful)
        if first:
            raise Unreadable(f"{path.name} holds a header and no rows")


def _rows(lines: Iterator[list[str]]) -> Iterator[tuple[int, list[str] | None]]:
    """Yield each row with its number in the file; None is a row that breaks the quoting."""
    number = 0
    while True:
        try:
            row = next(lines)
        except StopIteration:
            return
        except csv.Error:
            number += 1
            yield number, None
            continue
        number += 1
        if row:
            yield number, row


def _page(
    header: list[str], rows: list[tuple[int, list[str] | None]], *, careful: bool
) -> pd.DataFrame:
    """Make a page of rows, marking those that do not fit the header or that nobody can store."""
    width = len(header)
    bad = [row is None or len(row) != width or (careful and _has_nul(row)) for _, row in rows]
    if not any(bad):
        return text_frame(header, zip(*(row for _, row in rows if row), strict=True))
    cells = [
        [""] * width if broken or row is None else row
        for broken, (_, row) in zip(bad, rows, strict=True)
    ]
    frame = text_frame(header, zip(*cells, strict=True))
    return mark_unreadable(frame, bad, [f"row {number}" for number, _ in rows])


def _has_nul(row: list[str]) -> bool:
    return any("\0" in cell for cell in row)


def _checked(path: Path, encoding: str) -> tuple[str, bool]:
    """Return the encoding the whole file decodes in, and whether a NUL is anywhere in it.

    Raises Unreadable if it does not decode.
    """
    careful = False
    with path.open("rb") as file:
        marked = file.read(3) == codecs.BOM_UTF8
        if not file.seek(0, 2):
            raise Unreadable(f"{path.name} is empty")
        file.seek(0)
        codec = "utf-8-sig" if marked else encoding
        decoder = codecs.getincrementaldecoder(codec)(errors="strict")
        try:
            while block := file.read(_BLOCK):
                careful |= b"\0" in block
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise Unreadable(f"{path.name} is not text in {encoding}") from None
    return codec, careful
