"""Delimited text, read strictly: what does not decode or does not fit its header is said so."""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pandas as pd

from hub.parse.cells import PAGE_ROWS, Unreadable, mark_unreadable, text_frame

# A boundary of many points is one cell; the library's own limit of 128 KiB is too low for it.
_LONGEST_CELL = 64 * 1024 * 1024
_BLOCK = 1024 * 1024
_BEYOND_ASCII, _SHORT = re.compile("[\\x00-\\x7f]+"), re.compile("[\\x80-\\u07ff]+")


def read_csv(path: Path, encoding: str, page_rows: int = PAGE_ROWS) -> Iterator[pd.DataFrame]:
    """Read a file with a header row as pages of text.

    Decoding is strict; a byte order mark means UTF-8. Rows that do not fit the header are marked.
    """
    codec, careful = _checked(path, encoding)
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=codec, newline="") as text:
        rows = _rows(_Lines(text))
        _, header = next(rows, (0, None))
        if not header:
            raise Unreadable(f"{path.name} has no header row")
        first = True
        while page := list(islice(rows, page_rows)):
            first = False
            yield _page(header, page, careful=careful)
        if first:
            raise Unreadable(f"{path.name} holds a header and no rows")


class _Lines:
    """The lines of a file, of which some can be given back to be read again."""

    def __init__(self, text: Iterator[str]) -> None:
        self._text = text
        self._again: deque[str] = deque()
        #: Lines that the row read last is made of.
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._text)
        self.taken.append(line)
        return line

    def keep_first(self) -> None:
        """Give back all lines of the row read last but its first."""
        self._again.extendleft(reversed(self.taken[1:]))


def _rows(lines: _Lines) -> Iterator[tuple[int, list[str] | None]]:
    """Yield each row with its number in the file; None is a row that breaks the quoting.

    A quote that is opened by mistake runs on until the next one, over rows that nothing is wrong
    with: only its own line is lost, the others are read again.
    """
    reader, number, width = csv.reader(lines, strict=True), 0, 0
    while True:
        lines.taken = []
        try:
            row: list[str] | None = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = None
        number += 1
        width = width or len(row or ())
        if len(lines.taken) > 1 and (row is None or _swallows(row, lines.taken, width)):
            lines.keep_first()
            row = None
        if row is None or row:
            yield number, row


def _swallows(row: list[str], lines: list[str], width: int) -> bool:
    """Tell whether a row of several lines is several rows between two stray quotes."""
    if len(row) != width or any(map(_fits(width), lines[1:-1])):
        return True
    # A first cell that goes on in the next line leaves all the others for that line.
    begun = next((n for n, cell in enumerate(row) if "\n" in cell or "\r" in cell), 0)
    return begun > 0 and _fits(width)(lines[-1])


def _fits(width: int) -> Callable[[str], bool]:
    """Return what tells of a line whether it is a row by itself."""

    def fits(line: str) -> bool:
        try:
            return len(next(csv.reader([line], strict=True), ())) == width
        except csv.Error:
            return False

    return fits


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

    Raises Unreadable if it does not decode, or is UTF-8 although something else was agreed.
    """
    careful = False
    with path.open("rb") as file:
        marked = file.read(3) == codecs.BOM_UTF8
        if not file.seek(0, 2):
            raise Unreadable(f"{path.name} is empty")
        file.seek(0)
        codec = "utf-8-sig" if marked else encoding
        decoder = codecs.getincrementaldecoder(codec)(errors="strict")
        other = None if marked or encoding == "utf-8" else _Utf8()
        try:
            while block := file.read(_BLOCK):
                careful |= b"\0" in block
                decoder.decode(block)
                other = other and other.after(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise Unreadable(f"{path.name} is not text in {encoding}") from None
    if other is not None and other.is_meant:
        raise Unreadable(f"{path.name} is text in UTF-8, not in {encoding}")
    return codec, careful


class _Utf8:
    """Looks at a file that is to be in another encoding: might it be UTF-8 all the same?

    Most Chinese text in UTF-8 can be read as GB 18030 too, as other characters. The reverse
    gives letters of two bytes, hardly ever Chinese ones.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="strict")
        self._short = self._long = 0

    def after(self, block: bytes) -> _Utf8 | None:
        """Go on with a block; None where it is no UTF-8."""
        try:
            text = self._decoder.decode(block)
        except UnicodeDecodeError:
            return None
        if not text.isascii():
            beyond = _BEYOND_ASCII.sub("", text)
            long = len(_SHORT.sub("", beyond))
            self._long, self._short = self._long + long, self._short + len(beyond) - long
        return self

    @property
    def is_meant(self) -> bool:
        """Tell whether what is not ASCII is mostly of three bytes and more, as Chinese is."""
        return self._long > self._short
