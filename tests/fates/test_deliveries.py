"""The street office's files as a whole: what is held, what fills down, what is withdrawn."""

from __future__ import annotations

import datetime as dt
from typing import Any

import openpyxl
import pytest

from tests.fates import city, police
from tests.fates.cases import Row, a_name, a_number
from tests.fates.conftest import Hub
from tests.fates.sources import a_csv, a_workbook, saved
from tests.fates.street import a_grid, a_house, a_resident

STREET = "street_office"
HERE, THERE = ("北关社区", "人口信息统计表"), ("慈幼社区", "人口信息统计表")


def people(*numbers: int, **said: str) -> list[Row]:
    return [a_resident(number) | said for number in numbers]


def without(rows: list[Row], *columns: str) -> list[Row]:
    return [{name: word for name, word in row.items() if name not in columns} for row in rows]


def renamed(rows: list[Row], **names: str) -> list[Row]:
    return [{names.get(name, name): word for name, word in row.items()} for row in rows]


def a_book(title: str, *lines: list[Any], merged: tuple[str, ...] = ()) -> bytes:
    """Write one sheet line by line, as somebody typed it."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = HERE[0]
    sheet.append([title])
    for line in lines:
        sheet.append(line)
    for span in merged:
        sheet.merge_cells(span)
    return saved(book)


def golden_names(hub: Hub) -> set[Any]:
    return {name for (name,) in hub.golden("person", "person_name")}


# A delivery that is not what it claims


@pytest.mark.parametrize(
    ("sheet", "column"), [(HERE, "姓名"), (THERE, "身份证号"), (THERE, "更新时间")], ids=str
)
def test_a_column_missing_in_any_sheet_holds_the_dataset(
    hub: Hub, sheet: tuple[str, str], column: str
) -> None:
    hub.deliver(residents=a_workbook({HERE: people(1), THERE: people(2)}), houses=[a_house(1)])
    hub.sync(STREET)
    hub.resolve()
    sheets = {HERE: people(1, 3), THERE: people(2, 4)}
    sheets[sheet] = without(sheets[sheet], column)
    hub.deliver(residents=a_workbook(sheets), houses=[a_house(1), a_house(2)])
    held, kept = hub.sync(STREET).batches
    assert (held.dataset, held.state, kept.dataset, kept.state) == (
        "residents",
        "held",
        "houses",
        "kept",
    )
    assert held.flaw is not None
    assert column in held.flaw
    assert (STREET, "residents", "column.missing", column, 2) in hub.signals()
    hub.resolve()
    assert golden_names(hub) == {a_name(1), a_name(2)}
    assert hub.live("house") == {"FW00001", "FW00002"}

    hub.deliver(residents=a_workbook({HERE: people(1, 3), THERE: people(2, 4)}))
    assert hub.sync_one(STREET).state == "kept"
    hub.resolve()
    assert golden_names(hub) == {a_name(number) for number in (1, 2, 3, 4)}
    assert hub.batch(held.batch_id).state == "replaced"


def test_a_header_nobody_knows_is_a_missing_column(hub: Hub) -> None:
    sheets = {HERE: people(1), THERE: renamed(people(2), 身份证号="证件编号2")}
    hub.deliver(residents=a_workbook(sheets))
    held = hub.sync_one(STREET)
    assert held.held
    assert hub.states(STREET, "residents") == {}
    assert a_number(2) not in hub.everything()
    assert (STREET, "residents", "column.unexpected", "证件编号2", 1) in hub.signals()


def test_other_datasets_are_held_too(hub: Hub) -> None:
    clean = {"houses": a_house(1), "grids": a_grid(1)}
    for column in ("房屋用途", "网格编号", "更新时间"):
        hub.deliver(houses=without([clean["houses"]], column))
        assert hub.sync_one(STREET).state == "held", column
    for column in ("边界", "联系电话", "网格编号"):
        hub.deliver(grids=without([clean["grids"]], column))
        assert hub.sync_one(STREET).state == "held", column
    assert hub.states(STREET, "houses") == hub.states(STREET, "grids") == {}


_HEADERS = (
    ("身份证号", "公民身份号码"), ("身份证号", "证件号码"), ("联系电话", "电话"), ("联系电话", "手机"),
    ("现住址", "居住地址"), ("现住址", "家庭住址"), ("联系电话", "联系\n电话"), ("姓名", " 姓  名 "),
    ("与户主关系", "与户主\n关系"),
)  # fmt: skip


def test_known_aliases_and_broken_headers_in_any_order_are_no_missing_column(hub: Hub) -> None:
    said = {"联系电话": "13997001234", "现住址": "某某小区1号楼", "与户主关系": "户主"}
    for number, (name, alias) in enumerate(_HEADERS):
        rows = [dict(reversed(row.items())) for row in people(number, **said)]
        hub.deliver(residents=a_workbook({HERE: renamed(rows, **{name: alias})}))
        assert hub.sync_one(STREET).state == "kept", alias
        columns = (
            "person_name, citizen_id_no, contact_phone, standard_address, relationship_to_head_code"
        )
        assert hub.ask(f"SELECT {columns} FROM record_person WHERE withdrawn_at IS NULL") == [
            (a_name(number), a_number(number), "13997001234", "某某小区1号楼", "02")
        ], alias


_HEADERS_ONLY = a_book("人口信息", list(a_resident(1)))
_BAD_FILES = {
    "no workbook": ("residents", "<html>系统登录超时</html>".encode()),
    "zero bytes": ("residents", b""),
    "headers only": ("residents", _HEADERS_ONLY),
    "no sheet with a header": ("residents", a_book("人口信息", ["甲", "乙"], ["1", "2"])),
    "half a workbook": ("residents", a_workbook({HERE: people(1)})[:2000]),
    "text of zero bytes": ("grids", b""),
    "text with a header only": ("grids", a_csv([a_grid(1)]).split(b"\r\n")[0] + b"\r\n"),
    "text in another encoding": ("grids", a_csv([a_grid(1)], "utf-16")),
    "text that no encoding has": ("grids", a_csv([a_grid(1)]) + b"\xff\xff\xff,1"),
}


def test_a_file_that_is_not_what_it_claims_is_held_and_withdraws_nothing(hub: Hub) -> None:
    good = {
        "residents": a_workbook({HERE: people(1, 2)}),
        "houses": [a_house(1)],
        "grids": [a_grid(1)],
    }
    hub.deliver(**good)  # type: ignore[arg-type]
    hub.sync(STREET)
    hub.resolve()
    before = hub.found()
    for what, (dataset, content) in _BAD_FILES.items():
        hub.deliver(**{**good, dataset: content})  # type: ignore[arg-type]
        states = {batch.dataset: batch.state for batch in hub.sync(STREET).batches}
        assert states == dict.fromkeys(good, "kept") | {dataset: "held"}, what
    hub.resolve()
    assert hub.found() == before
    assert hub.sync(STREET).batches == []


def test_text_with_a_byte_order_mark_is_utf_8(hub: Hub) -> None:
    hub.deliver(grids=a_csv([a_grid(1)], "utf-8-sig"))
    hub.sync(STREET)
    assert hub.ask("SELECT grid_name FROM record_grid") == [("第1网格",)]


# What stands in cells


def test_what_stands_above_fills_down_and_empty_cells_stay_empty(hub: Hub) -> None:
    header = list(a_resident(1))
    rows = [list((a_resident(number) | {"现住址": where, "户号": no}).values()) for number, where, no in (
        (1, "某某小区1号楼1单元101室", "630102001"), (2, "同上", ""), (3, " 同 上 ", "同上"),
        (4, "", "630102002"), (5, "某某小区2号楼1单元101室", "630102003"), (6, "", ""),
    )]  # fmt: skip
    column = openpyxl.utils.get_column_letter(header.index("现住址") + 1)
    hub.deliver(residents=a_book("人口信息", header, *rows, merged=(f"{column}7:{column}8",)))
    assert hub.sync_one(STREET).state == "kept"
    query = "SELECT standard_address, household_no FROM record_person ORDER BY key"
    assert hub.ask(query) == [
        ("某某小区1号楼1单元101室", "630102001"),
        ("某某小区1号楼1单元101室", None),
        ("某某小区1号楼1单元101室", None),
        (None, "630102002"),
        ("某某小区2号楼1单元101室", "630102003"),
        ("某某小区2号楼1单元101室", None),
    ]


def test_nothing_stands_above_the_first_row_of_a_sheet(hub: Hub) -> None:
    hub.deliver(residents=a_workbook({
        HERE: people(1, 现住址="某某小区1号楼1单元101室"), THERE: people(2, 现住址="同上"),
    }))  # fmt: skip
    assert hub.sync_one(STREET).accepted == 2
    query = "SELECT standard_address FROM record_person ORDER BY key"
    assert hub.ask(query) == [("某某小区1号楼1单元101室",), (None,)]


@pytest.mark.parametrize("kind", ["repeated", "refined", "merged title over groups"])
def test_a_second_header_row_repeats_or_refines_the_first(hub: Hub, kind: str) -> None:
    header, row = (
        list(a_resident(1)),
        a_resident(1) | {"是否残疾": "是", "残疾类别": "视力", "残疾等级": "1"},
    )
    if kind == "repeated":
        content = a_book("人口信息", header, header, list(row.values()))
    else:
        group = ("是否残疾", "残疾类别", "残疾等级")
        left = header.index(group[0]) + 1
        upper = ["残疾情况" if name in group else name for name in header]
        lower = [name if name in group else "" for name in header]
        if kind == "refined":
            upper = ["残疾" if name in group[1:] else name for name in header]
            lower = [name.removeprefix("残疾") if name in group[1:] else "" for name in header]
        first, last = (
            openpyxl.utils.get_column_letter(left + step) for step in (kind == "refined", 2)
        )
        spans = tuple(
            f"{letter}2:{letter}3" for place, name in enumerate(header, 1)
            if not lower[place - 1] for letter in [openpyxl.utils.get_column_letter(place)]
        )  # fmt: skip
        merged = (f"{first}2:{last}2", *spans)
        content = a_book("人口信息", upper, lower, list(row.values()), merged=merged)
    hub.deliver(residents=content)
    batch = hub.sync_one(STREET)
    assert (batch.state, batch.received) == ("kept", 1)
    columns = "person_name, citizen_id_no, disability_category_code, disability_level_code"
    assert hub.ask(f"SELECT {columns} FROM record_person") == [(a_name(1), a_number(1), "1", "1")]


def test_cells_that_are_numbers_and_dates_are_read_as_what_they_mean(hub: Hub) -> None:
    row: dict[str, Any] = a_resident(1) | {
        "身份证号": 630102198001011234, "出生日期": dt.datetime(1980, 1, 1), "联系电话": 13997001234,
        "走访日期": dt.date(2026, 8, 20), "残疾等级": 2, "更新时间": dt.datetime(2026, 8, 1, 9),
    }  # fmt: skip
    hub.deliver(residents=a_book("人口信息", list(row), list(row.values())))
    hub.sync(STREET)
    columns = "citizen_id_no, birth_date::text, contact_phone, last_visit_date::text, disability_level_code"
    assert hub.ask(f"SELECT {columns} FROM record_person") == [
        (None, "1980-01-01", "13997001234", "2026-08-20", "2")
    ]
    assert hub.ask("SELECT recorded_at AT TIME ZONE 'Asia/Shanghai' FROM landing") == [
        (dt.datetime(2026, 8, 1, 9),)
    ]
    assert {rule for _, _, rule in hub.open_faults()} == {"citizen_id.ruined"}


def test_a_time_that_shows_as_the_number_of_its_day_is_a_time(hub: Hub) -> None:
    row: dict[str, Any] = a_resident(1) | {"更新时间": 46235.375}
    hub.deliver(residents=a_book("人口信息", list(row), list(row.values())))
    hub.sync(STREET)
    assert hub.ask("SELECT recorded_at AT TIME ZONE 'Asia/Shanghai' FROM landing") == [
        (dt.datetime(2026, 8, 1),)
    ]


def test_a_sheet_is_named_after_its_community(hub: Hub) -> None:
    sheets = {"北关社区居民委员会": "630102001001", "北关社区": "630102001001", "北关": "630102001001",
              "慈幼社区": "630102001004"}  # fmt: skip
    book = {(sheet, "人口信息"): people(number) for number, sheet in enumerate(sheets)}
    hub.deliver(residents=a_workbook(book))
    hub.sync(STREET)
    found = hub.ask("SELECT community_code FROM record_person ORDER BY key")
    assert [code for (code,) in found] == list(sheets.values())


def test_a_sheet_of_no_known_community_is_signalled_and_its_people_are_kept(hub: Hub) -> None:
    hub.deliver(residents=a_workbook({("没有的社区", "人口信息"): people(1, 2)}))
    assert hub.sync_one(STREET).accepted == 2
    assert (STREET, "residents", "sheet.unknown", "没有的社区", 2) in hub.signals()
    assert hub.ask("SELECT community_code FROM record_person") == [(None,), (None,)]


def test_the_same_person_in_two_sheets_is_one_person(hub: Hub) -> None:
    twin = a_resident(1) | {"人员编号": "SQ002-000001"}
    hub.deliver(residents=a_workbook({HERE: people(1), THERE: [twin]}))
    assert hub.sync_one(STREET).accepted == 2
    hub.resolve()
    assert len(hub.golden("person", "entity_id")) == 1
    assert len(hub.live("person")) == 2


def test_remarks_are_not_landed(hub: Hub) -> None:
    hub.deliver(residents=a_workbook({HERE: people(1, 备注="此人欠费纠纷")}))
    hub.sync(STREET)
    assert "此人欠费纠纷" not in hub.everything()
    assert hub.signals() == set()


# Snapshots


def test_a_row_that_is_gone_is_withdrawn_and_counted_as_missing(hub: Hub) -> None:
    hub.deliver(residents=a_workbook({HERE: people(1, 2)}), houses=[a_house(1)])
    hub.sync(STREET)
    hub.resolve()
    hub.deliver(residents=a_workbook({HERE: people(1)}))
    batch = hub.sync_one(STREET)
    assert (batch.received, batch.unchanged, batch.withdrawn, batch.missing) == (1, 1, 0, 1)
    hub.resolve()
    assert golden_names(hub) == {a_name(1)}
    # A dataset without a file is not touched.
    assert hub.live("house") == {"FW00001"}


def test_a_snapshot_that_lost_half_its_rows_is_held(hub: Hub) -> None:
    hub.deliver(residents=a_workbook({HERE: people(*range(60))}))
    hub.sync(STREET)
    hub.deliver(residents=a_workbook({HERE: people(*range(0, 60, 2))}))
    assert hub.sync_one(STREET).state == "held"
    assert len(hub.live("person")) == 60


def test_a_snapshot_that_lost_half_its_telephones_is_held(hub: Hub) -> None:
    hub.deliver(residents=a_workbook({HERE: people(*range(60), 户号="1")}))
    hub.sync(STREET)
    hub.deliver(residents=a_workbook({HERE: people(*range(40)) + people(*range(40, 60), 户号="1")}))
    assert hub.sync_one(STREET).state == "held"
    assert hub.one("SELECT count(household_no) FROM record_person") == 60


def test_deliveries_are_taken_in_order_each_once_and_only_when_complete(hub: Hub) -> None:
    for name in ("甲", "乙", "丙"):
        hub.deliver(grids=[a_grid(1) | {"网格名称": name}])
    folders = sorted((hub.estate.parent / "street" / "inbox").iterdir())
    (folders[-1] / "_SUCCESS").unlink()
    assert [batch.label for batch in hub.sync(STREET).batches] == [one.name for one in folders[:2]]
    assert hub.ask("SELECT grid_name FROM record_grid") == [("乙",)]
    assert hub.sync(STREET).batches == []
    (folders[-1] / "_SUCCESS").touch()
    hub.sync(STREET)
    assert hub.ask("SELECT grid_name FROM record_grid") == [("丙",)]


def test_the_dead_and_the_moved_keep_what_the_police_say_of_them_until_these_say_otherwise(
    hub: Hub,
) -> None:
    hub.register(residents=[police.a_resident(1) | {"ryzt": "1"}, police.a_resident(2)])
    dead = [a_resident(n) | {"姓名": f"{a_name(n)}(已故)"} for n in (1, 2, 3)]
    hub.deliver(residents=a_workbook({HERE: dead}))
    hub.sync("public_security", STREET)
    hub.resolve()
    found = hub.ask(
        "SELECT person_status, marks ->> 'person_status' FROM golden_person ORDER BY citizen_id_no"
    )
    assert found == [("1", "disputed"), ("3", "provisional"), ("3", "provisional")]


# Rows that name their columns


def test_a_column_that_only_some_pages_name_is_not_missing(hub: Hub) -> None:
    rows = [city.a_component(number) for number in range(60)]
    for row in rows[50:]:
        del row["DeptName3"]
    hub.answer(components=rows)
    assert hub.sync_one("urban_management").state == "kept"
    assert "DeptName3" not in {column for _, _, _, column, _ in hub.signals()}
    for row in rows[:50]:
        del row["DeptName3"]
        row["UpdateTime"] = "2026-08-02 09:00:00"
    hub.answer(components=rows)
    assert hub.sync_one("urban_management").state == "held"
    column = ("urban_management", "components", "column.missing", "DeptName3", 60)
    assert column in hub.signals()
