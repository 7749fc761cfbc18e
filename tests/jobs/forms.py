"""A form of two hundred rows and thirty columns in the styles of three departments."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

#: Upper and lower header of each column, and the field that it is about (None: nobody's).
COLUMNS: Sequence[tuple[str, str, str | None]] = (
    ("序号", "", None),
    # As the street office writes.
    ("基本信息", "姓名*", "person_name"),
    ("基本信息", "公民身份号码（必填）", "citizen_id_no"),
    ("基本信息", "性别", "sex_code"),
    ("基本信息", "出生日期", "birth_date"),
    ("基本信息", "学历", "education_level_code"),
    ("基本信息", "婚姻状况", "marital_status_code"),
    ("联系方式", "手机", "contact_phone"),
    ("联系方式", "现住址", "standard_address"),
    ("紧急联系人", "姓名", "emergency_contact_name"),
    ("紧急联系人", "电话", "emergency_contact_phone"),
    ("户主", "姓名", None),
    ("是否独居老人", "", "care_categories"),
    # As the police name their columns.
    ("公安", "mz", "ethnic_group_code"),
    ("xb", "", "sex_code"),
    ("csrq", "", "birth_date"),
    ("zzmm", "", "political_status_code"),
    ("whcd", "", "education_level_code"),
    ("rkfl", "", "population_category"),
    ("hjxzqh", "", "household_register_division_code"),
    ("hjdz", "", "household_register_address"),
    ("hh", "", "household_no"),
    ("yhzgx", "", "relationship_to_head_code"),
    # By codes and titles of the public fields.
    ("POP-014", "", "contact_phone"),
    ("POP-013", "", "employment_status_code"),
    ("Marital status", "", "marital_status_code"),
    ("网格编码", "", "grid_code"),
    ("GEO-005", "", "community_code"),
    ("Date of last visit", "", "last_visit_date"),
    ("备注说明", "", None),
)
FIRST = 5
FIELDS = {name for _, _, name in COLUMNS if name}


def workbook(rows: Sequence[Mapping[str, Any]]) -> openpyxl.Workbook:
    """Make the form; rows give by column (from 1) what stands in it already."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "登记表"
    sheet["A1"] = "居民基本情况登记表"
    sheet["A1"].font = Font(name="SimHei", size=18, bold=True)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(COLUMNS))
    sheet["A2"] = "填报单位："
    _headers(sheet)
    for number, said in enumerate(rows):
        _row(sheet, FIRST + number, number + 1, said)
    sheet.freeze_panes = "C5"
    choice = DataValidation("list", formula1='"男,女"')
    choice.add(f"D{FIRST}:D{FIRST + len(rows)}")
    sheet.add_data_validation(choice)
    sheet["B3"].comment = Comment("按身份证填写", "制表人")
    other = book.create_sheet("代码表")
    other["A1"], other["B1"] = "代码", "=COUNTA(登记表!B5:B204)"
    other.column_dimensions["A"].width = 41
    return book


def _headers(sheet: Worksheet) -> None:
    for place, (upper, lower, _) in enumerate(COLUMNS, 1):
        before = COLUMNS[place - 2][0] if place > 1 else ""
        if upper != before:
            sheet.cell(3, place, upper)
        if lower:
            sheet.cell(4, place, lower)
        else:
            sheet.merge_cells(start_row=3, start_column=place, end_row=4, end_column=place)
        sheet.column_dimensions[get_column_letter(place)].width = 8 + place / 2
    for upper in dict.fromkeys(upper for upper, lower, _ in COLUMNS if lower):
        places = [n for n, (one, _, _) in enumerate(COLUMNS, 1) if one == upper]
        if len(places) > 1:
            sheet.merge_cells(start_row=3, start_column=places[0], end_row=3, end_column=places[-1])
    for row in sheet.iter_rows(3, 4):
        for cell in row:
            cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True)
            cell.fill = PatternFill("solid", fgColor="DDEBF7")


def _row(sheet: Worksheet, row: int, number: int, said: Mapping[str, Any]) -> None:
    line = Side("thin")
    sheet.row_dimensions[row].height = 21
    for place in range(1, len(COLUMNS) + 1):
        cell = sheet.cell(row, place)
        cell.border, cell.font = Border(line, line, line, line), Font(name="FangSong", size=11)
    sheet.cell(row, 1, number)
    sheet.cell(row, 5).number_format = "yyyy/m/d"
    sheet.cell(row, 3).number_format = sheet.cell(row, 8).number_format = "@"
    sheet.cell(row, len(COLUMNS), f"=B{row}&D{row}")
    for place, value in said.items():
        sheet.cell(row, int(place), value)


def content_of(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def layout(content: bytes) -> dict[str, Any]:
    """Return everything of a workbook that filling must not change, by sheet."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: _layout(sheet) for sheet in book.worksheets}


def _layout(sheet: Worksheet) -> dict[str, Any]:
    cells = {cell.coordinate: cell for row in sheet.iter_rows() for cell in row}
    return {
        "widths": {name: one.width for name, one in sheet.column_dimensions.items()},
        "heights": {name: one.height for name, one in sheet.row_dimensions.items()},
        "merged": sorted(map(str, sheet.merged_cells.ranges)),
        "frozen": sheet.freeze_panes,
        "choices": [str(one.sqref) for one in sheet.data_validations.dataValidation],
        "comments": {name: one.comment.text for name, one in cells.items() if one.comment},
        "looks": {
            name: (
                *(one.style_id, one.font.name, one.font.sz, one.font.b, one.fill.fgColor.rgb),
                *(one.border.left.style, one.alignment.wrap_text, one.number_format),
            )
            for name, one in cells.items()
        },
        "formulas": {name: one.value for name, one in cells.items() if one.data_type == "f"},
    }
