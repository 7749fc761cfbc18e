"""Recognising a form's tables: where the header stands, what columns mean, where rows begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hub.jobs.forms.words import (
    SUBJECTS,
    Meaning,
    Vocabulary,
    choices,
    plain,
    spelt_out,
    vocabulary,
)
from hub.parse.form import Form, FormSheet
from hub.parse.header import HEADER_WITHIN, find_header
from schemas.chinese import folded

#: A form is no wider, and has no more rows that are looked at.
MOST_COLUMNS, MOST_ROWS = 300, 5_000
_FEWEST = 2

#: What was taught of headers, by record type: folded header → field, or None to leave it empty.
Lessons = Callable[[str], Mapping[str, str | None]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a form: where it is, what it is called, what it means if that is known."""

    place: int
    header: str
    meaning: Meaning | None
    #: Whether somebody has said that it is to be left empty.
    left: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """What of a sheet can be filled."""

    sheet: FormSheet
    record_type: str
    first_row: int
    columns: list[Column] = field(default_factory=list)

    @property
    def known(self) -> list[Column]:
        """Return the columns whose meaning is known."""
        return [column for column in self.columns if column.meaning is not None]

    @property
    def unknown(self) -> list[Column]:
        """Return the columns that nobody has said anything about."""
        return [one for one in self.columns if one.meaning is None and not one.left]


def recognised(form: Form, lessons: Lessons, record_type: str | None = None) -> list[Table]:
    """Return the tables of a form, all about one record type: the one with most columns known."""
    found: dict[str, list[Table]] = {}
    for name in (record_type,) if record_type else SUBJECTS:
        known = _taught(vocabulary(name), lessons(name))
        tables = (_table(sheet, name, known) for sheet in form.sheets if not sheet.hidden)
        found[name] = [table for table in tables if table is not None]
    return max(found.values(), key=lambda tables: sum(len(one.known) for one in tables))


def _taught(known: Vocabulary, lessons: Mapping[str, str | None]) -> dict[str, Meaning | None]:
    said = {w: Meaning(name, "taught") if name else None for w, name in lessons.items()}
    return {**known, **said}


def _table(sheet: FormSheet, record_type: str, known: Mapping[str, Meaning | None]) -> Table | None:
    top = _top(sheet, known)
    if not top:
        return None
    width = len(top[0])
    spans = [
        ((first_row, first), (last_row, min(last, width - 1)))
        for (first_row, first), (last_row, last) in sheet.spans
        if first_row < len(top) and first < width
    ]
    words = {word for word, meaning in known.items() if meaning is not None}
    header = find_header(top, spans, words)
    if header is None:
        return None
    repeated = {
        column
        for (first_row, first), (_, last) in spans
        if first_row == header.first_row - 1
        for column in range(first + 1, last + 1)
    }
    columns = [
        _column(place, parts, known, leave=place in repeated)
        for place, parts in enumerate(header.parts)
        if spelt_out(parts)
    ]
    table = Table(sheet, record_type, header.first_row, columns)
    return table if len(table.known) >= _FEWEST else None


def _top(sheet: FormSheet, known: Mapping[str, Meaning | None]) -> list[list[str]]:
    """Return the texts of the first rows, without the marks and hints of headers."""
    places = [place for place in sheet.cells if place[0] < HEADER_WITHIN and sheet.text(place)]
    if not places:
        return []
    width = min(max(column for _, column in places) + 1, MOST_COLUMNS)
    ends = [last for (row, _), (_, last) in sheet.spans if row < HEADER_WITHIN]
    width = min(max([width, *(end + 1 for end in ends)]), MOST_COLUMNS)
    height = min(max(row for row, _ in places) + 1, HEADER_WITHIN)
    return [
        [plain(sheet.text((row, column)), known) for column in range(width)]
        for row in range(height)
    ]


def _column(
    place: int, parts: tuple[str, ...], known: Mapping[str, Meaning | None], *, leave: bool
) -> Column:
    header = spelt_out(parts)
    if leave:
        # The second half of a header that spreads over two columns.
        return Column(place, header, None, left=True)
    for word in map(folded, choices(parts)):
        if word in known:
            meaning = known[word]
            return Column(place, header, meaning, left=meaning is None)
    return Column(place, header, None)
