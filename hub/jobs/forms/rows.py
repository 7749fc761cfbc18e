"""The rows of a form's table: those that name somebody, and those that are free to be filled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from hub.jobs.forms.columns import MOST_ROWS, Table
from hub.jobs.forms.people import NAMING, Said, said_of
from hub.parse.form import FormSheet, Place

#: A form is filled no further down.
_LAST_ROW = 1_048_575


def rows_with_content(table: Table) -> list[int]:
    """Return the rows below the header that hold a cell, the first ones of them."""
    return sorted(row for row in table.sheet.rows if row >= table.first_row)[:MOST_ROWS]


def naming_rows(table: Table) -> dict[int, Said]:
    """Return what rows say of whom they are about, if they say anything of it."""
    above = _anchors(table.sheet)
    columns = [
        (column.place, column.meaning.field)
        for column in table.known
        if column.meaning is not None and column.meaning.field in NAMING[table.record_type]
    ]
    found: dict[int, Said] = {}
    for row in rows_with_content(table):
        texts: dict[str, str] = {}
        for place, name in columns:
            text = table.sheet.text(above.get((row, place), (row, place))).strip()
            if text:
                texts.setdefault(name, text)
        if texts:
            found[row] = said_of(table.record_type, texts)
    return found


def free_rows(table: Table) -> Iterator[int]:
    """Yield the rows that can be filled with people or houses, one after the other.

    The first row that says something ends them; where nothing stands below, they go on.
    """
    known = {column.place for column in table.known}
    by_row: dict[int, list[int]] = {}
    for row, column in table.sheet.cells:
        by_row.setdefault(row, []).append(column)
    for row in count(table.first_row):
        if row > _LAST_ROW or row - table.first_row >= MOST_ROWS:
            return
        if not all(_is_free(table.sheet, (row, one), known) for one in by_row.get(row, ())):
            return
        yield row


def covered_cells(sheet: FormSheet, rows: Iterable[int]) -> set[Place]:
    """Return the cells of rows that belong to others: parts of merged ranges, of several rows."""
    wanted = set(rows)
    covered: set[Place] = set()
    for (top, first), (bottom, last) in sheet.spans:
        own = {(top, first)} if top == bottom else set()
        inside = (row for row in range(top, min(bottom, top + MOST_ROWS) + 1) if row in wanted)
        width = min(last, first + MOST_ROWS)
        covered |= {(row, one) for row in inside for one in range(first, width + 1)} - own
    return covered


def _is_free(sheet: FormSheet, place: Place, known: set[int]) -> bool:
    cell = sheet.cells[place]
    if place[1] in known:
        return cell.empty or cell.formula
    # What may stand beside: a running number, a sum.
    return cell.empty or cell.formula or (cell.text or "").strip().isdecimal()


def _anchors(sheet: FormSheet) -> dict[Place, Place]:
    """Return for cells merged downwards the one that speaks for them."""
    found: dict[Place, Place] = {}
    for (top, first), (bottom, _) in sheet.spans:
        last = min(bottom, top + MOST_ROWS)
        found |= {(row, first): (top, first) for row in range(top + 1, last + 1)}
    return found
