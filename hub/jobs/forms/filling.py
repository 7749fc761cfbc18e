"""Filling a form: every cell that is empty and whose value is known for sure, and no other."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from hub.jobs.forms.columns import Column, Table, recognised
from hub.jobs.forms.people import NAMING, found_of
from hub.jobs.forms.report import Pick, Report
from hub.jobs.forms.rows import covered_cells, free_rows, naming_rows, rows_with_content
from hub.jobs.forms.spelling import MOST_EXAMPLES, Spell, Speller, cell_value
from hub.parse.cells import Unreadable
from hub.parse.filled import Value, fill_form, name_of
from hub.parse.form import Form, Place
from hub.store.forms import taught_words
from hub.store.golden_reads import Filter, GoldenRecord, golden_of, list_golden
from hub.store.visible import View, need_searchable
from schemas import MODELS, FieldSpec, Section, fields
from schemas import field as field_of

#: Gives what a caller sees of some fields of a record type, as `visible` does.
ViewOf = Callable[[type[Section], Collection[str]], View]

#: Most entities of a grid that are looked at.
MOST_OF_GRID = 20_000
_PAGE = 1_000
#: What people of a grid are put in order by, and who of them is no resident any more.
_ORDER = {"person": ("standard_address", "household_no"), "house": ("standard_address",)}
_GONE = {"2", "3", "4"}
_PARTS = re.compile("([0-9]+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """How a form is to be filled."""

    #: Whose form it is; empty: nobody's in particular.
    department: str = ""
    #: The grid whose people or houses fill an empty form.
    grid: str | None = None
    record_type: str | None = None
    #: What headers mean this once: folded header → field, or None to leave it empty.
    chosen: Mapping[str, str | None] = field(default_factory=dict)
    #: How a local telephone number begins.
    area_code: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled, whom it tells of, and by which view."""

    content: bytes
    report: Report
    view: View
    ids: list[str]


def tables_of(connection: Connection, form: Form, asked: Asked) -> list[Table]:
    """Recognise the tables of a form by all words that are known and all that was taught."""
    lessons = lambda name: {  # noqa: E731
        **taught_words(connection, asked.department, name),
        **asked.chosen,
    }
    tables = recognised(form, lessons, asked.record_type)
    if not tables:
        raise Unreadable("no table is recognised: no sheet has two headers that are known")
    return tables


def fill(connection: Connection, form: Form, asked: Asked, view_of: ViewOf, pick: Pick) -> Filled:
    """Fill a form; what is left to people is told in a sheet behind the others."""
    tables = tables_of(connection, form, asked)
    filling = _Filling(connection, form, asked, view_of, tables)
    filling.fill()
    content = fill_form(form, filling.cells, filling.like, filling.report.sheet(pick))
    return Filled(content, filling.report, filling.view, sorted(filling.ids))


class _Filling:
    """One form on its way: what is to be put into which cell, and what is to be told."""

    def __init__(
        self,
        connection: Connection,
        form: Form,
        asked: Asked,
        view_of: ViewOf,
        tables: list[Table],
    ) -> None:
        self.connection, self.form, self.asked = connection, form, asked
        self.tables = tables
        self.report = Report(tables[0].record_type, tables)
        self.model = MODELS[tables[0].record_type]
        self.view = view_of(self.model, self._names())
        self.cells: dict[str, dict[Place, Value]] = {}
        #: The row whose looks new rows take over, by sheet.
        self.like: dict[str, int] = {}
        self.ids: set[str] = set()

    def _names(self) -> frozenset[str]:
        """Return the fields that are read: those of columns, and those that name somebody."""
        name = self.model.record_type
        asked = {one.meaning.field for table in self.tables for one in table.known if one.meaning}
        order = {"grid_code", "person_status", *_ORDER[name]} if self.asked.grid else set()
        known = {spec.name for spec in fields(self.model)}
        return frozenset((asked | order | set(NAMING[name])) & known)

    def fill(self) -> None:
        """Decide about every cell."""
        waiting = list(self._of_grid()) if self.asked.grid else []
        for table in self.tables:
            self._note_columns(table)
            if naming := naming_rows(table):
                verdicts = found_of(self.connection, self.view, list(naming.values()))
                told = dict(zip(naming, verdicts, strict=True))
                for row, verdict in told.items():
                    self.report.row(table, row, verdict.outcome)
                rows = {row: one.entity_id for row, one in told.items() if one.entity_id}
                known = self._read(rows.values())
                self._fill_rows(table, {row: known[of] for row, of in rows.items() if of in known})
            elif waiting:
                rows_free = list(self._places(table, len(waiting)))
                self._fill_rows(table, dict(zip(rows_free, waiting, strict=False)))
                self.report.rows["found"] += len(rows_free)
                waiting = waiting[len(rows_free) :]
        self.report.over = len(waiting)
        if waiting:
            self.report.note(self.tables[0], (0, 0), "", "", "over", str(len(waiting)))

    def _places(self, table: Table, wanted: int) -> Iterator[int]:
        """Yield the free rows that are needed; new ones look like the last that is there."""
        there = rows_with_content(table)
        for number, row in enumerate(free_rows(table)):
            if number == wanted:
                return
            if row in table.sheet.rows:
                self.like[table.sheet.part] = row
            elif there and row < there[-1] and not self._blank_below(table, row):
                return
            yield row

    def _blank_below(self, table: Table, row: int) -> bool:
        return all(cell.empty for place, cell in table.sheet.cells.items() if place[0] > row)

    def _read(self, ids: Collection[str]) -> dict[str, GoldenRecord]:
        wanted = sorted(set(ids))
        found: dict[str, GoldenRecord] = {}
        for at in range(0, len(wanted), _PAGE):
            found |= golden_of(self.connection, self.view, wanted[at : at + _PAGE])
        return found

    def _of_grid(self) -> list[GoldenRecord]:
        """Return the residents or houses of the grid, as one would walk along them."""
        need_searchable(self.view, ["grid_code"])
        wanted = Filter(grid=self.asked.grid)
        found: list[GoldenRecord] = []
        after = ""
        while len(found) < MOST_OF_GRID:
            page = list_golden(self.connection, self.view, wanted, after=after, limit=_PAGE)
            found += [one for one in page if one.fields.get("person_status") not in _GONE]
            if len(page) < _PAGE:
                break
            after = page[-1].id
        return sorted(found, key=self._order)

    def _order(self, record: GoldenRecord) -> list[object]:
        said = (str(record.fields.get(name, "")) for name in _ORDER[self.model.record_type])
        return [[*_natural(text)] for text in said] + [record.id]

    def _note_columns(self, table: Table) -> None:
        for one in table.unknown:
            place = name_of((table.first_row - 1, one.place))
            self.report.note(table, (0, one.place), place, one.header, "column")

    def _fill_rows(self, table: Table, records: Mapping[int, GoldenRecord]) -> None:
        covered = covered_cells(table.sheet, records)
        filled = self.cells.setdefault(table.sheet.part, {})
        columns = [_Filler(self, table, one) for one in table.known]
        for row, record in records.items():
            self.ids.add(record.id)
            silent: dict[str, list[str]] = {}
            for column in columns:
                place = (row, column.place)
                state, value = column.decide(place, record, covered=place in covered)
                if not state:
                    continue
                self.report.cell(state)
                if state == "filled" and value is not None:
                    filled[place] = value
                elif state == "differs":
                    known = str(value)
                    self.report.note(table, place, name_of(place), column.header, state, known)
                elif state != "agrees":
                    silent.setdefault(state, []).append(column.header)
            for state, headers in silent.items():
                self.report.note(table, (row, 0), str(row + 1), "、".join(headers), state)


class _Filler:
    """Decides about the cells of one column."""

    def __init__(self, filling: _Filling, table: Table, column: Column) -> None:
        assert column.meaning is not None
        self.filling, self.sheet = filling, table.sheet
        self.place, self.header = column.place, column.header
        self.name = column.meaning.field
        self.spec: FieldSpec = field_of(filling.model, self.name)
        examples = (self.sheet.text((row, self.place)) for row in rows_with_content(table))
        said = [text.strip() for text in examples if text.strip()][:MOST_EXAMPLES]
        self.speller = Speller(self.spec, column.meaning, said, filling.asked.area_code)
        self.spell: Spell = self.speller.spell()

    def decide(
        self, place: Place, record: GoldenRecord, *, covered: bool
    ) -> tuple[str, Value | None]:
        """Say what becomes of a cell, and what it is to say or, where it differs, what is known."""
        view, cell = self.filling.view, self.sheet.cells.get(place)
        said = (cell.text or "").strip() if cell else ""
        if cell is not None and cell.formula:
            return "", None
        if self.name in view.masked or self.name not in view.names:
            hidden = "masked" if self.name in view.masked else "denied"
            return ("" if said else hidden), None
        native = record.fields.get(self.name)
        if native is None:
            return ("" if said else "unknown"), None
        value = self.spec.kind.text(native)
        spelt = self.spell(value)
        if said:
            agrees = self.speller.agrees(said, value)
            return ("agrees", None) if agrees else ("differs", spelt or value)
        if covered:
            return "merged", None
        if spelt is None:
            return "wordless", None
        number_format = self.sheet.format_of(self.sheet.style_of(place))
        return "filled", cell_value(self.filling.form, self.spec, value, spelt, number_format)


def _natural(text: str) -> Iterator[tuple[int, str]]:
    """Yield what texts are ordered by: numbers by size."""
    for part in _PARTS.split(text):
        yield (int(part), "") if _PARTS.fullmatch(part) else (-1, part)
