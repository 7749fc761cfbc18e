"""Filling forms: over a demo district, right and never wrong; hostile workbooks; taught once."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from hub.config import Settings
from hub.database import engine as engine_of
from hub.demo import Departments, district
from hub.jobs.forms import Asked, Filled, fill
from hub.jobs.resolve import resolve
from hub.jobs.sync import sync
from hub.model import Title
from hub.parse import Unreadable
from hub.parse.form import read_form
from hub.store.forms import forget_header, list_headers, teach_header
from hub.store.visible import Caller, visible
from schemas import Person, field
from tests.jobs.forms import COLUMNS, FIELDS, FIRST, content_of, layout, workbook
from tests.web.build import a_golden

NAME, NUMBER, BORN, PHONE = 2, 3, 5, 8
NOTES = "填表说明"


@contextmanager
def connected(settings: Settings) -> Iterator[Connection]:
    with engine_of(settings).begin() as connection:
        yield connection


@pytest.fixture
def writing(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def filled(connection: Connection, content: bytes, role: str = "steward", **asked: Any) -> Filled:
    caller = Caller("c-1", role)  # type: ignore[arg-type]
    purpose = "visit" if role == "worker" else "steward"

    def view_of(model: Any, names: Any) -> Any:
        return visible(caller, model, names=names, purpose=purpose)

    def pick(title: Title) -> str:
        return title.zh

    return fill(connection, read_form(content), Asked(**asked), view_of, pick)


def sheet_of(content: bytes, name: str | None = None) -> Any:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return book[name] if name else book.worksheets[0]


def simple(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    return content_of(book)


@pytest.fixture
def hub(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """The hub, having read a demo district from its four systems."""
    with Departments(tmp_path / "departments", district(500, seed=3), refuses=0.0) as departments:
        sources: dict[str, dict[str, str]] = {}
        for name, value in departments.environment().items():
            _, source, setting = name.lower().split("__")
            sources.setdefault(source, {})[setting] = value
        made = settings.model_copy(update={"sources": sources})
        assert sync(made).failures == {}
        resolve(made)
        yield made
        engine_of(made).dispose()


def people(connection: Connection) -> list[Mapping[str, Any]]:
    """Return two hundred residents as they are known, in canonical text."""
    names = [sa.column(name) for name in sorted(FIELDS)]
    query = sa.select(sa.column("entity_id"), *(sa.cast(one, sa.Text) for one in names)).where(
        sa.text("retired_at IS NULL AND citizen_id_no IS NOT NULL AND person_name IS NOT NULL")
    )
    found = connection.execute(
        query.select_from(sa.table("golden_person")).order_by(sa.column("entity_id")).limit(200)
    )
    return [dict(zip(("id", *sorted(FIELDS)), row, strict=True)) for row in found]


def given(number: int, person: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row says of whom it is about: a number, or a name and something else."""
    if number % 2 == 0:
        return {str(NUMBER): person["citizen_id_no"]}
    said = {str(NAME): person["person_name"]}
    if number % 4 == 1 and person["contact_phone"]:
        return said | {str(PHONE): person["contact_phone"]}
    born = person["birth_date"]
    return said | ({str(BORN): date.fromisoformat(born)} if born else {})


def reads(name: str, place: int, value: Any) -> str | None:
    """Return what a filled cell says, read by the field's own kind."""
    if isinstance(value, datetime):
        value = f"{value:%Y-%m-%d}"
    if COLUMNS[place][0] == "是否独居老人":
        return {"是": "true", "否": "false"}[value]
    return field(Person, name).kind.judge_one(str(value)).value


def known(name: str, place: int, person: Mapping[str, Any]) -> str | None:
    value = person[name]
    if COLUMNS[place][0] == "是否独居老人" and value is not None:
        return "true" if '"01"' in value else "false"
    return None if value is None else str(value)


def test_a_form_in_three_departments_styles_is_filled_right_and_keeps_its_layout(
    hub: Settings,
) -> None:
    with connected(hub) as connection:
        residents = people(connection)
        assert len(residents) == 200
        assert len(COLUMNS) == 30
        rows = [given(n, person) for n, person in enumerate(residents)]
        before = content_of(workbook(rows))
        made = filled(connection, before)
    sheet = sheet_of(made.content)
    right = wrong = total = 0
    for number, person in enumerate(residents):
        for place, (_, _, name) in enumerate(COLUMNS):
            value = sheet.cell(FIRST + number, place + 1).value
            if name is None or str(place + 1) in rows[number]:
                continue
            want = known(name, place, person)
            total += want is not None
            if value is not None:
                fits = reads(name, place, value) == want
                right, wrong = right + fits, wrong + (not fits)
    assert wrong == 0
    assert right >= 0.95 * total > 2_000
    assert made.report.cells["filled"] == right
    assert set(made.ids) <= {person["id"] for person in residents}
    check_styles(sheet)
    check_layout(before, made.content)


def check_styles(sheet: Any) -> None:
    """Each department's columns say things as that department does."""
    looks = {"性别": "[男女].*", "xb": "[0-9]", "csrq": "[0-9]{8}", "hjxzqh": "[0-9]{6}"}
    for place, (upper, lower, _) in enumerate(COLUMNS, 1):
        if pattern := looks.get(lower or upper):
            said = [sheet.cell(row, place).value for row in range(FIRST, FIRST + 200)]
            assert any(said)
            assert all(re.fullmatch(pattern, one) for one in said if one), (upper, lower)
    born = [sheet.cell(row, BORN).value for row in range(FIRST, FIRST + 200)]
    assert {type(one) for one in born if one} == {datetime}
    assert all(sheet.cell(row, 12).value is None for row in range(FIRST, FIRST + 200))


def check_layout(before: bytes, after: bytes) -> None:
    was, now = layout(before), layout(after)
    assert {name: now[name] for name in was} == was
    assert list(now) == [*was, NOTES]
    parts, made = (
        {one.filename: book.read(one) for one in book.infolist()}
        for book in (zipfile.ZipFile(io.BytesIO(content)) for content in (before, after))
    )
    changed = {name for name in parts if parts[name] != made[name]}
    about = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"}
    assert changed == {"xl/worksheets/sheet1.xml", *about}


def somebody(writing: Connection, **said: str) -> str:
    usual = {"person_name": "马海明", "citizen_id_no": "630102198001010015", "sex_code": "1"}
    return a_golden(writing, **{**usual, **said})


def test_nobody_is_guessed(writing: Connection) -> None:
    somebody(writing, contact_phone="13997000001", birth_date="1980-01-01")
    for number in ("630102198102020017", "630102198102020033"):
        somebody(
            writing,
            citizen_id_no=number,
            person_name="韩永福",
            birth_date="1981-02-02",
            contact_phone="13997000002",
        )
    content = simple(
        ("姓名", "身份证号", "出生日期", "联系电话", "性别"),
        ("马海明", None, None, "13997000001", None),
        ("韩永福", None, "1981-02-02", None, None),
        ("马海云", "630102198001010015", None, None, None),
        ("马海明", None, "1979-01-01", "13997000001", None),
        ("马海明", None, None, None, None),
        ("马海明", "630102********0033", None, "13997000001", None),
        (None, "630102198102020017", None, None, None),
    )
    made = filled(writing, content)
    sheet = sheet_of(made.content)
    assert [row[4] for row in sheet.iter_rows(2, values_only=True)] == [
        *("男", None, None, None, None, None, "男")
    ]
    assert made.report.rows == {"found": 2, "several": 1, "against": 1, "nobody": 2, "little": 1}
    notes = "\n".join(str(row) for row in sheet_of(made.content, NOTES).values)
    assert "可能是不止一个" in notes
    assert "不相符" in notes


def test_what_stands_there_is_left_and_a_difference_is_told(writing: Connection) -> None:
    somebody(writing, contact_phone="13997000001", birth_date="1980-01-01")
    content = simple(
        ("姓名", "身份证号", "出生日期", "联系电话", "性别", "民族"),
        ("马海明", "630102198001010015", "1980年1月1日", "13888888888", "女", None),
    )
    made = filled(writing, content)
    assert [*sheet_of(made.content).values][1][2:] == ("1980年1月1日", "13888888888", "女", None)
    assert made.report.cells == {"agrees": 3, "differs": 2, "unknown": 1}
    notes = [row for row in sheet_of(made.content, NOTES).values if row[1] in ("D2", "E2", "2")]
    assert ["13997000001" in row[3] or "男" in row[3] or row[2] == "民族" for row in notes] == [
        True
    ] * 3


def test_masked_and_ungranted_values_are_not_filled_and_said_so(writing: Connection) -> None:
    somebody(writing, contact_phone="13997000001")
    person = somebody(writing, person_name="韩梅", citizen_id_no="630102198102020017")
    content = simple(("人员标识", "姓名", "身份证号", "性别"), (person, None, None, None))
    made = filled(writing, content, role="auditor")
    assert [*sheet_of(made.content).values][1] == (person, None, None, "男")
    assert made.report.cells["masked"] == 2


def test_examples_in_a_column_set_its_style(writing: Connection) -> None:
    somebody(writing, birth_date="1980-01-01", ethnic_group_code="01")
    other = {"citizen_id_no": "630102198102020017", "person_name": "韩梅", "sex_code": "2"}
    somebody(writing, **other, birth_date="1981-02-02", ethnic_group_code="03")
    content = simple(
        ("身份证号", "性别", "出生日期", "民族"),
        ("630102198001010015", "1", "1980.1.1", "汉"),
        ("630102198102020017", None, None, None),
    )
    made = filled(writing, content)
    assert [*sheet_of(made.content).values][2][1:] == ("2", "1981.2.2", "回族")


def test_an_empty_form_is_filled_with_a_grid_one_row_a_resident(writing: Connection) -> None:
    grid = "630102001001001"
    for room in (10, 9, 101):
        address = f"康乐小区3号楼1单元{room}室"
        number = f"63010219800101{room:04}"
        somebody(writing, grid_code=grid, standard_address=address, citizen_id_no=number)
    somebody(writing, grid_code=grid, person_status="3", citizen_id_no="630102198001010998")
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(("序号", "姓名", "住址"))
    sheet.append((1, None, None))
    sheet["B2"].font = openpyxl.styles.Font(name="FangSong", size=14)
    made = filled(writing, content_of(book), grid=grid)
    after = sheet_of(made.content)
    assert [row[2] for row in after.iter_rows(2, values_only=True)] == [
        f"康乐小区3号楼1单元{room}室" for room in (9, 10, 101)
    ]
    # Rows that were not there look like the one above.
    assert after["B4"].font.sz == 14
    sheet.append(("制表人：", None, None))
    made = filled(writing, content_of(book), grid=grid)
    assert (made.report.rows["found"], made.report.over) == (1, 2)
    assert sheet_of(made.content)["A3"].value == "制表人："


def test_a_header_is_taught_once_and_known_ever_after(writing: Connection) -> None:
    somebody(writing, contact_phone="13997000001")
    content = simple(("姓名", "身份证号", "手机微信同号"), (None, "630102198001010015", None))
    made = filled(writing, content)
    assert [column.header for column in made.report.tables[0].unknown] == ["手机微信同号"]
    assert sheet_of(made.content)["C2"].value is None
    teach_header(writing, "street_office", "person", "手机 微信同号", "contact_phone", "u-1")
    assert sheet_of(filled(writing, content).content)["C2"].value is None
    told = filled(writing, content, department="street_office")
    assert sheet_of(told.content)["C2"].value == "13997000001"
    teach_header(writing, "", "person", "手机微信同号", None, "u-1")
    assert filled(writing, content).report.tables[0].unknown == []
    told = filled(writing, content, department="street_office")
    assert sheet_of(told.content)["C2"].value == "13997000001"
    for one in list_headers(writing):
        forget_header(writing, one.header_id)
    assert len(filled(writing, content).report.tables[0].unknown) == 1


def test_a_hostile_value_is_text_in_the_form(writing: Connection) -> None:
    hostile = '=cmd|"/c calc"!A1<script>&'
    somebody(writing, person_name=hostile)
    made = filled(writing, simple(("姓名", "身份证号"), (None, "630102198001010015")))
    cell = sheet_of(made.content)["A2"]
    assert (cell.value, cell.data_type) == (hostile, "s")


def with_part(change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """Return a workbook of which parts are other than a workbook's are."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(simple(("姓名", "性别"), ("马海明", None)))) as source,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for one in source.infolist():
            target.writestr(one.filename, change(one.filename, source.read(one)))
        for name, content in more.items():
            target.writestr(name, content)
    return file.getvalue()


def in_sheet(old: bytes, new: bytes) -> bytes:
    return with_part(lambda name, part: part.replace(old, new) if "sheet1" in name else part)


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;">]>'
HOSTILE: Mapping[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no workbook": lambda: b"PK\3\4 and nothing more",
    "another archive": lambda: with_part(lambda name, part: b"<x/>"),
    "unpacks to much": lambda: with_part(lambda _, part: part, bomb=b"\0" * (65 << 20)),
    "entities": lambda: in_sheet(b"<worksheet", ENTITIES + b"<worksheet"),
    "another encoding": lambda: with_part(
        lambda name, part: part.decode().encode("utf-16") if "sheet1" in name else part
    ),
    "a program": lambda: with_part(lambda _, part: part, **{"xl/vbaProject.bin": b"x"}),
    "cells beyond": lambda: in_sheet(b'r="B1"', b'r="ZZZ1"'),
    "cells twice": lambda: in_sheet(b'r="B1"', b'r="A1"'),
    "rows beyond": lambda: in_sheet(b'<row r="2"', b'<row r="99999999"'),
    "cut off": lambda: in_sheet(b"</sheetData>", b""),
    "too many cells": lambda: in_sheet(
        b"</sheetData>",
        b"".join(
            b'<row r="%d">%s</row>'
            % (row, b"".join(b'<c r="%s%d"/>' % (one, row) for one in (b"A", b"B", b"C", b"D")))
            for row in range(3, 50_010)
        )
        + b"</sheetData>",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused(name: str) -> None:
    with pytest.raises(Unreadable):
        read_form(HOSTILE[name]())


def test_a_sheet_that_claims_to_be_endless_costs_nothing(writing: Connection) -> None:
    somebody(writing)
    wide = b'<mergeCells count="1"><mergeCell ref="E5:XFD1048576"/></mergeCells>'
    content = in_sheet(b"</sheetData>", b"</sheetData>" + wide)
    assert filled(writing, content).report.rows == {"little": 1}
