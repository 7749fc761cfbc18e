"""Filling a form: cells are put into a sheet's XML, and all else stays as it was, byte for byte.

A library that loads a workbook and saves it again drops what it does not know: charts, pictures,
rich text, values that formulas had. Here only the cells that are filled change.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

from hub.parse.cells import Unreadable
from hub.parse.form import Form, FormSheet, Place, RowSpot, whole_tag
from hub.parse.package import Parts, packed, relations

#: Text, or a number.
Value = str | int | float

#: Start and end of what gives way, and what takes its place.
_Edit = tuple[int, int, str]

_LONGEST = 32_767
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEETS = re.compile(rb"</([A-Za-z0-9]+:)?sheets\s*>")
_RELATIONS = re.compile(rb"</([A-Za-z0-9]+:)?Relationships\s*>")
_TYPES = re.compile(rb"</([A-Za-z0-9]+:)?Types\s*>")


def name_of(place: Place) -> str:
    """Return a place as people name it: B5."""
    return f"{get_column_letter(place[1] + 1)}{place[0] + 1}"


def fill_form(
    form: Form,
    cells: Mapping[str, Mapping[Place, Value]],
    like: Mapping[str, int],
    notes: tuple[str, Sequence[Sequence[str]]] | None = None,
) -> bytes:
    """Return the form with cells filled, by the part of their sheet.

    ``like`` names by sheet the row that new rows below are to look like; ``notes`` are the name and
    the rows of a sheet that is put behind the others.
    """
    parts = dict(form.parts)
    for sheet in form.sheets:
        if wanted := cells.get(sheet.part):
            parts[sheet.part] = filled_sheet(sheet, wanted, like.get(sheet.part))
    if notes is not None:
        _add_sheet(form, parts, *notes)
    return packed(parts)


def filled_sheet(sheet: FormSheet, cells: Mapping[Place, Value], like: int | None) -> bytes:
    """Return a sheet's XML with these cells filled; Unreadable where one says something."""
    if any(place in sheet.cells and not sheet.cells[place].empty for place in cells):
        raise Unreadable("a cell that says something is not written over")
    by_row: dict[int, dict[int, Value]] = {}
    for (row, column), value in cells.items():
        by_row.setdefault(row, {})[column] = value
    edits: list[_Edit] = []
    fresh: list[tuple[int, str]] = []
    for row in sorted(by_row):
        if row in sheet.rows:
            edits += _row_edits(sheet, row, sheet.rows[row], by_row[row])
        else:
            fresh.append((row, _new_row(sheet, row, by_row[row], like)))
    return _spliced(sheet.xml, [*edits, *_new_rows(sheet, fresh)])


def _row_edits(sheet: FormSheet, row: int, spot: RowSpot, said: Mapping[int, Value]) -> list[_Edit]:
    inserted: dict[int, str] = {}
    edits: list[_Edit] = []
    for column in sorted(said):
        place = (row, column)
        xml = _cell(sheet, place, said[column], sheet.style_of(place))
        if place in sheet.cells:
            edits.append((sheet.cells[place].start, sheet.cells[place].end, xml))
            continue
        following = bisect_right(spot.columns, column)
        behind = following == len(spot.columns)
        at = spot.closing if behind else sheet.cells[row, spot.columns[following]].start
        inserted[at] = inserted.get(at, "") + xml
    if inserted and whole_tag(sheet.xml, spot.opened):
        return [
            (spot.opened - 2, spot.opened, f">{''.join(inserted.values())}</{sheet.prefix}row>")
        ]
    return edits + [(at, at, xml) for at, xml in inserted.items()]


def _new_row(sheet: FormSheet, row: int, said: Mapping[int, Value], like: int | None) -> str:
    """Write a row that is not there yet, in the looks of another one."""
    looks: dict[int, str | None] = {}
    height = ""
    if like is not None and like in sheet.rows:
        looks = {column: sheet.style_of((like, column)) for column in sheet.rows[like].columns}
        told = sheet.rows[like].attributes
        kept = ((name, told[name]) for name in ("ht", "customHeight") if name in told)
        height = "".join(f" {name}={quoteattr(value)}" for name, value in kept)
    cells = "".join(
        _cell(sheet, (row, column), said.get(column), looks.get(column))
        for column in sorted({*said, *looks})
    )
    return f'<{sheet.prefix}row r="{row + 1}"{height}>{cells}</{sheet.prefix}row>'


def _new_rows(sheet: FormSheet, fresh: Sequence[tuple[int, str]]) -> list[_Edit]:
    _, opened, closing = sheet.body
    if fresh and not opened:
        raise Unreadable("the sheet has no place for cells")
    if fresh and whole_tag(sheet.xml, opened):
        whole = "".join(xml for _, xml in fresh)
        return [(opened - 2, opened, f">{whole}</{sheet.prefix}sheetData>")]
    inserted: dict[int, str] = {}
    known = sorted(sheet.rows)
    for row, xml in fresh:
        following = bisect_right(known, row)
        at = closing if following == len(known) else sheet.rows[known[following]].start
        inserted[at] = inserted.get(at, "") + xml
    return [(at, at, xml) for at, xml in inserted.items()]


def _cell(sheet: FormSheet, place: Place, value: Value | None, style: str | None) -> str:
    prefix = sheet.prefix
    begin = f"<{prefix}c r={quoteattr(name_of(place))}"
    begin += f" s={quoteattr(style)}" if style is not None else ""
    if value is None:
        return f"{begin}/>"
    if isinstance(value, int | float):
        return f"{begin}><{prefix}v>{value}</{prefix}v></{prefix}c>"
    # Text by its type: what begins like a formula is text like any other.
    text = f'<{prefix}t xml:space="preserve">{_escaped(value)}</{prefix}t>'
    return f'{begin} t="inlineStr"><{prefix}is>{text}</{prefix}is></{prefix}c>'


def _escaped(text: str) -> str:
    return escape(ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST])


def _spliced(xml: bytes, edits: Iterable[_Edit]) -> bytes:
    pieces: list[bytes] = []
    at = 0
    for start, end, text in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [xml[at:start], text.encode()]
        at = end
    return b"".join([*pieces, xml[at:]])


def _add_sheet(form: Form, parts: Parts, name: str, rows: Sequence[Sequence[str]]) -> None:
    """Put a sheet of texts behind the others, under a name that none of them has."""
    taken = {sheet.name for sheet in form.sheets}
    title = next(
        one for n in range(1, 1_000) if (one := f"{name}{n if n > 1 else ''}") not in taken
    )
    number = next(n for n in range(1, 10_000) if f"xl/worksheets/hub{n}.xml" not in parts)
    known = relations(parts, form.workbook)
    relation = next(one for n in range(1, 10_000) if (one := f"rIdHub{n}") not in known)
    folder, _, file = form.workbook.rpartition("/")
    links = f"{folder}/_rels/{file}.rels".lstrip("/")
    part = f"xl/worksheets/hub{number}.xml"
    ids = [int(one) for one in re.findall(rb'sheetId="([0-9]{1,9})"', parts[form.workbook])]
    entry = f'sheet name={quoteattr(title)} sheetId="{max(ids, default=0) + 1}"'
    entry += f' xmlns:hub="{_OFFICE}" hub:id="{relation}"/>'
    link = f'Relationship Id="{relation}" Type="{_OFFICE}/worksheet" Target="/{part}"/>'
    kind = f'Override PartName="/{part}" ContentType="{_SHEET_TYPE}"/>'
    parts[form.workbook] = _appended(parts[form.workbook], _SHEETS, entry)
    parts[links] = _appended(parts[links], _RELATIONS, link)
    parts["[Content_Types].xml"] = _appended(parts["[Content_Types].xml"], _TYPES, kind)
    parts[part] = _texts(rows)


def _appended(xml: bytes, closing: re.Pattern[bytes], element: str) -> bytes:
    """Put an element before a closing tag, under the same prefix."""
    found = closing.search(xml)
    if found is None:
        raise Unreadable("a part of the workbook is missing or broken")
    prefix = found[1] or b""
    return xml[: found.start()] + b"<" + prefix + element.encode() + xml[found.start() :]


def _texts(rows: Sequence[Sequence[str]]) -> bytes:
    sheet = FormSheet("", "", b"", hidden=False)
    lines = (_new_row(sheet, row, dict(enumerate(texts)), None) for row, texts in enumerate(rows))
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate((16, 10, 24, 70), 1)
    )
    body = f"<cols>{widths}</cols><sheetData>{''.join(lines)}</sheetData>"
    whole = f'<worksheet xmlns="{_MAIN}">{body}</worksheet>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}'.encode()
