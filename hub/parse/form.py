"""A form: a workbook that is to be filled, read cell by cell with the place of each in its XML.

Unlike `hub.parse.workbook`, which reads rows, this keeps what filling needs: number formats,
formulas, merged ranges, and where in the sheet's XML a cell stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from hub.parse.cells import Unreadable, cell_text
from hub.parse.header import Span
from hub.parse.package import Parts, local, relations, tree, unpacked

#: Cells of all sheets together.
MOST_CELLS = 200_000
#: Excel's own bounds.
_ROWS, _COLUMNS = 1_048_576, 16_384
_MOST_SPANS = 20_000
_PLACE = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 local days
_GENERAL = "General"

#: Row and column of a cell, counted from 0.
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FormCell:
    """A cell that stands in a sheet: what it says, how it looks, where its XML is."""

    text: str | None
    number_format: str
    formula: bool
    attributes: Mapping[str, str]
    start: int
    end: int

    @property
    def empty(self) -> bool:
        """Tell whether the cell may be filled."""
        return self.text is None and not self.formula


@dataclass(slots=True)
class RowSpot:
    """Where a row's XML is: its start, the end of its opening tag, the place to go on at."""

    start: int
    opened: int
    closing: int
    attributes: Mapping[str, str]
    columns: list[int] = field(default_factory=list)


@dataclass(slots=True)
class FormSheet:
    """A sheet of a form."""

    name: str
    part: str
    xml: bytes
    hidden: bool
    prefix: str = ""
    cells: dict[Place, FormCell] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    rows: dict[int, RowSpot] = field(default_factory=dict)
    #: Start of `sheetData`, end of its opening tag, start of its closing one.
    body: tuple[int, int, int] = (0, 0, 0)
    #: First and last column, and the style that its cells have unless they say otherwise.
    column_styles: list[tuple[int, int, str]] = field(default_factory=list)
    #: The format of numbers by style.
    formats: Mapping[str, str] = field(default_factory=dict)

    def text(self, place: Place) -> str:
        """Return what a cell says, or nothing."""
        cell = self.cells.get(place)
        return (cell.text or "") if cell else ""

    def style_of(self, place: Place) -> str | None:
        """Return the style that a cell has, whether or not it is written down."""
        row, column = place
        if place in self.cells:
            return self.cells[place].attributes.get("s")
        if row in self.rows and self.rows[row].attributes.get("customFormat") in ("1", "true"):
            return self.rows[row].attributes.get("s")
        found = (style for first, last, style in self.column_styles if first <= column <= last)
        return next(found, None)

    def format_of(self, style: str | None) -> str:
        """Return how numbers of a style are written."""
        return self.formats.get(style or "0", _GENERAL)


@dataclass(frozen=True, slots=True)
class Form:
    """A workbook that is to be filled."""

    parts: Parts
    workbook: str
    sheets: list[FormSheet]
    epoch: datetime

    def serial(self, day: date) -> int:
        """Return the number by which the workbook writes a day."""
        return (datetime(day.year, day.month, day.day) - self.epoch).days  # noqa: DTZ001


def read_form(content: bytes) -> Form:
    """Read a form; raise Unreadable where it is no workbook, is damaged, or is too large."""
    parts = unpacked(content)
    kinds = dict(relations(parts, "").values())
    workbook = kinds.get("officeDocument", "xl/workbook.xml")
    about = tree(parts, workbook)
    targets = relations(parts, workbook)
    properties = next((one for one in about if local(one.tag) == "workbookPr"), None)
    from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    epoch = _EPOCH_1904 if from_1904 else _EPOCH
    by_kind = dict(targets.values())
    reading = _Reading(_strings(parts, by_kind), _formats(parts, by_kind), epoch)
    sheets = [reading.sheet(parts, *said) for said in _listed(about, targets)]
    if not sheets:
        raise Unreadable("the workbook holds no sheet")
    return Form(parts, workbook, sheets, epoch)


def _listed(
    about: ElementTree.Element, targets: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[str, str, bool]]:
    for one in about.iter():
        if local(one.tag) != "sheet":
            continue
        of = next((said for name, said in one.attrib.items() if local(name) == "id"), "")
        kind, part = targets.get(of, ("", ""))
        if kind == "worksheet":
            yield one.get("name", ""), part, one.get("state", "visible") != "visible"


def _strings(parts: Parts, by_kind: Mapping[str, str]) -> list[str]:
    part = by_kind.get("sharedStrings")
    return [_said(one) for one in tree(parts, part)] if part in parts and part else []


def _said(item: ElementTree.Element) -> str:
    """Return a text without what tells how to pronounce it."""
    own = [one for one in item if local(one.tag) != "rPh"]
    texts = (text for one in own for text in one.iter() if local(text.tag) == "t")
    return "".join(one.text or "" for one in texts)


def _formats(parts: Parts, by_kind: Mapping[str, str]) -> dict[str, str]:
    part = by_kind.get("styles")
    if part is None or part not in parts:
        return {}
    known: dict[str, str] = {str(n): code for n, code in BUILTIN_FORMATS.items()}
    found: dict[str, str] = {}
    for one in tree(parts, part):
        if local(one.tag) == "numFmts":
            known |= {said.get("numFmtId", ""): said.get("formatCode", "") for said in one}
        elif local(one.tag) == "cellXfs":
            used = (said.get("numFmtId", "0") for said in one)
            found = {str(n): known.get(number, _GENERAL) for n, number in enumerate(used)}
    return found


@dataclass(slots=True)
class _Reading:
    """Reads the sheets of a workbook, whose cells count together."""

    strings: list[str]
    formats: Mapping[str, str]
    epoch: datetime
    cells: int = 0

    def sheet(self, parts: Parts, name: str, part: str, hidden: bool) -> FormSheet:
        if part not in parts:
            raise Unreadable("a part of the workbook is missing or broken")
        sheet = FormSheet(name, part, parts[part], hidden, formats=self.formats)
        _Scan(self, sheet).scan()
        self.cells += len(sheet.cells)
        return sheet

    def text(self, kind: str, said: str, number_format: str) -> str | None:
        """Return what a cell says as text, dates as such."""
        if kind == "s":
            return self._shared(said) or None
        if kind in ("str", "inlineStr", "e", "d"):
            return said or None
        if kind == "b":
            return {"1": "true", "0": "false"}.get(said)
        try:
            number = float(said)
            if said and is_date_format(number_format):
                moment = self.epoch + timedelta(days=number)
                return moment.date().isoformat() if not number % 1 else cell_text(moment)
            return cell_text(number)
        except (ValueError, OverflowError):
            return said or None

    def _shared(self, said: str) -> str:
        if not said.isdecimal() or int(said) >= len(self.strings):
            raise Unreadable("a part of the workbook is missing or broken")
        return self.strings[int(said)]


class _Scan:
    """One pass over a sheet's XML that notes what stands where."""

    def __init__(self, reading: _Reading, sheet: FormSheet) -> None:
        self.reading, self.sheet = reading, sheet
        self.row = -1
        self.place: Place = (-1, -1)
        self.attributes: dict[str, str] = {}
        self.start = 0
        self.formula = self.listening = False
        self.said: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._hear

    def scan(self) -> None:
        try:
            self.parser.Parse(self.sheet.xml, True)
        except expat.ExpatError:
            raise Unreadable("a part of the workbook is missing or broken") from None

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        begin: Any = getattr(self, f"_begin_{name}", None)
        if begin is not None:
            begin(tag, attributes)
        elif name in ("v", "t"):
            self.listening = True
        elif name == "rPh":
            self.listening = False
        elif name == "f":
            self.formula = True

    def _begin_sheetData(self, tag: str, _: dict[str, str]) -> None:
        self.sheet.prefix = tag.removesuffix("sheetData")
        start = self.parser.CurrentByteIndex
        self.sheet.body = (start, self._tag_end(start), 0)

    def _begin_row(self, _: str, attributes: dict[str, str]) -> None:
        said = attributes.get("r", "")
        self.row = int(said) - 1 if said.isdecimal() else -1
        if not 0 <= self.row < _ROWS or self.row in self.sheet.rows:
            raise Unreadable("the workbook has rows without a number of their own")
        start = self.parser.CurrentByteIndex
        self.sheet.rows[self.row] = RowSpot(start, self._tag_end(start), 0, attributes)

    def _begin_c(self, _: str, attributes: dict[str, str]) -> None:
        self.place = place_of(attributes.get("r", ""))
        columns = self.sheet.rows[self.row].columns if self.row in self.sheet.rows else None
        if (
            columns is None
            or self.place[0] != self.row
            or (columns and columns[-1] >= self.place[1])
        ):
            raise Unreadable("the workbook has cells without a place of their own")
        columns.append(self.place[1])
        if self.reading.cells + len(self.sheet.cells) >= MOST_CELLS:
            raise Unreadable(f"a form holds at most {MOST_CELLS} cells")
        self.attributes, self.start = attributes, self.parser.CurrentByteIndex
        self.formula, self.said = False, []

    def _begin_col(self, _: str, attributes: dict[str, str]) -> None:
        bounds = [attributes.get(name, "") for name in ("min", "max")]
        if "style" in attributes and all(map(str.isdecimal, bounds)):
            first, last = (int(one) - 1 for one in bounds)
            self.sheet.column_styles.append((first, last, attributes["style"]))

    def _begin_mergeCell(self, _: str, attributes: dict[str, str]) -> None:
        first, _colon, last = attributes.get("ref", "").partition(":")
        self.sheet.spans.append((place_of(first), place_of(last or first)))
        if len(self.sheet.spans) > _MOST_SPANS:
            raise Unreadable(f"a form has at most {_MOST_SPANS} merged ranges")

    def _hear(self, text: str) -> None:
        if self.listening:
            self.said.append(text)

    def _end(self, tag: str) -> None:
        name, at = local(tag), self.parser.CurrentByteIndex
        if name in ("v", "t"):
            self.listening = False
        elif name == "c":
            self.sheet.cells[self.place] = self._cell(at)
        elif name == "row":
            self.sheet.rows[self.row].closing = at
        elif name == "sheetData":
            self.sheet.body = (*self.sheet.body[:2], at)

    def _cell(self, at: int) -> FormCell:
        number_format = self.sheet.format_of(self.attributes.get("s"))
        kind = self.attributes.get("t", "n")
        text = self.reading.text(kind, "".join(self.said), number_format) if self.said else None
        said = text if text is None or text.strip() else None
        opened = self._tag_end(self.start)
        end = opened if whole_tag(self.sheet.xml, opened) else self._tag_end(at)
        return FormCell(said, number_format, self.formula, self.attributes, self.start, end)

    def _tag_end(self, at: int) -> int:
        # Attributes of rows and cells hold no such sign: what follows is the tag's own end.
        return self.sheet.xml.index(b">", at) + 1


def whole_tag(xml: bytes, end: int) -> bool:
    """Tell whether the tag that ends here is an element by itself, without a closing tag."""
    return xml[end - 2 : end] == b"/>"


def place_of(said: str) -> Place:
    """Return the place that a name such as B5 stands for."""
    found = _PLACE.fullmatch(said)
    if found is None:
        raise Unreadable("the workbook has cells without a place of their own")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    row = int(found[2])
    if row > _ROWS or column > _COLUMNS:
        raise Unreadable("the workbook has cells beyond a sheet's bounds")
    return row - 1, column - 1
