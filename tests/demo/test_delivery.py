from __future__ import annotations

import csv
import zipfile
from datetime import datetime
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from hub.demo import SPOILS, District
from hub.demo.delivery import write_delivery
from hub.demo.workbook import Sheet, letters, write_workbook

AT = np.datetime64("2026-09-01T02:00:00")


@pytest.fixture(scope="module")
def delivery(village: District, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_delivery(village.views["street_office"], tmp_path_factory.mktemp("office"), AT)


def test_a_delivery_is_complete_and_named_by_its_time(delivery: Path) -> None:
    assert delivery.name == "20260901T020000"
    assert delivery.parent.name == "inbox"
    names = {path.name for path in delivery.iterdir()}
    assert names == {"人口信息.xlsx", "房屋信息.xlsx", "网格信息.csv", "_SUCCESS"}


def test_every_row_stands_in_the_sheet_of_its_community(village: District, delivery: Path) -> None:
    book = CalamineWorkbook.from_path(delivery / "人口信息.xlsx")
    view = village.views["street_office"]
    assert view.layout is not None
    assert view.sheets is not None
    lived = view.sheets.loc[sorted(set(view.layout["cid"])), "name"]
    assert book.sheet_names == list(lived)
    keys = []
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python()
        assert "人口信息统计表" in str(rows[0][0])
        keys += [str(row[0]) for row in rows if str(row[0]).startswith("SQ")]
    said = view.rows["residents"]["人员编号"]
    assert keys == list(said[said != ""])


def test_titles_and_shared_cells_are_merged(village: District, delivery: Path) -> None:
    book = openpyxl.load_workbook(delivery / "人口信息.xlsx")
    view = village.views["street_office"]
    assert view.layout is not None
    ranges = [merged for sheet in book.worksheets for merged in sheet.merged_cells.ranges]
    assert sum(merged.min_row == 1 for merged in ranges) == len(book.worksheets)
    runs = view.layout.loc[view.layout["merged"], "run"].nunique()
    assert sum(merged.min_row > 3 for merged in ranges) == 2 * runs
    assert runs > 0


def test_a_cell_filled_down_by_hand_says_so(village: District, delivery: Path) -> None:
    book = CalamineWorkbook.from_path(delivery / "人口信息.xlsx")
    cells = [
        cell
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for cell in row
    ]
    layout = village.views["street_office"].layout
    assert layout is not None
    assert cells.count("同上") == 2 * int(layout["above"].sum()) > 0


def test_some_dates_are_excel_dates_and_no_mark_is_left(delivery: Path) -> None:
    book = openpyxl.load_workbook(delivery / "人口信息.xlsx")
    dated = 0
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=4):
            dated += sum(isinstance(cell.value, datetime) for cell in row)
            assert not any(str(cell.value).startswith("@") for cell in row)
    assert dated > 100


def test_headers_differ_from_sheet_to_sheet(town: District, tmp_path: Path) -> None:
    path = write_delivery(town.views["street_office"], tmp_path, AT) / "人口信息.xlsx"
    book = CalamineWorkbook.from_path(path)
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    headers = {str(cell) for rows in sheets for row in rows[1:3] for cell in row}
    assert {"公民身份号码", "证件号码", "联系\n电话", "重点人员", "房东姓名", "残疾情况"} <= headers
    assert any("综治平台导出" in str(rows[0][0]) for rows in sheets)
    for rows in sheets:
        sexes = {str(row[rows[1].index("性别")]) for row in rows[3:]} - {""}
        assert ("0" in sexes) == ("综治平台导出" in str(rows[0][0]))


def test_the_grid_file_is_gb18030_with_polygons(village: District, delivery: Path) -> None:
    text = (delivery / "网格信息.csv").read_bytes().decode("gb18030")
    lines = list(csv.DictReader(text.splitlines()))
    assert len(lines) == len(village.world.grids)
    names = "网格编号 网格名称 网格类型 社区代码 网格长 联系电话 网格员 边界 更新时间"
    assert list(lines[0]) == names.split()
    assert all(line["边界"].startswith(("POLYGON", "MULTIPOLYGON")) for line in lines)


@pytest.mark.parametrize("spoil", list(SPOILS))
def test_a_delivery_can_be_spoilt(village: District, tmp_path: Path, spoil: str) -> None:
    whole = len(village.rows("street_office", "residents"))
    made = write_delivery(village.views["street_office"], tmp_path, AT, spoil)
    path = made / "人口信息.xlsx"
    assert (made / "_SUCCESS").exists() == (spoil != "no_success")
    if spoil in ("not_a_workbook", "zero_bytes"):
        assert not zipfile.is_zipfile(path)
        return
    book = CalamineWorkbook.from_path(path)
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    rows = sum(str(row[0]).startswith("SQ") for sheet in sheets for row in sheet)
    least, most = {"headers_only": (0, 0), "half_the_rows": (0.45, 0.55)}.get(spoil, (0.97, 1.0))
    assert least * whole <= rows <= most * whole
    named = ["身份证号", "公民身份号码", "证件号码", "身份证号 "]
    lacking = [sheet for sheet in sheets if not any(name in sheet[1] for name in named)]
    assert len(lacking) == (1 if spoil.startswith("column_") else 0)


def test_an_unknown_spoil_is_refused(village: District, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown spoil"):
        write_delivery(village.views["street_office"], tmp_path, AT, "burnt")


def test_a_workbook_keeps_text_as_text(tmp_path: Path) -> None:
    words = np.array(
        ["<a & b>", " padded ", "", "00123", "@2021-03-05", "#990102199001011000"], dtype=object
    )
    write_workbook(tmp_path / "one.xlsx", [Sheet('"一"', [["头"]], [words], [(0, 0, 0, 1)])])
    sheet = openpyxl.load_workbook(tmp_path / "one.xlsx").worksheets[0]
    values = [cell.value for cell in sheet["A"]][1:]
    assert values[:4] == ["<a & b>", " padded ", None, "00123"]
    assert str(values[4]) == "2021-03-05 00:00:00"
    assert values[5] == 990102199001011000
    assert sheet.title == '"一"'


def test_columns_are_lettered_as_in_excel() -> None:
    assert [letters(at) for at in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip
