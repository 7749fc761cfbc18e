"""Reading files as they come: real workbooks and text files, well-formed and not."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from hub.columns import UNREADABLE
from hub.parse import (
    Page,
    Unreadable,
    ditto_filled,
    read_csv,
    read_json,
    read_workbook,
)
from schemas.chinese import folded

KNOWN = {folded(name) for name in ("编号", "姓名", "残疾类别", "残疾等级", "联系电话", "备注")}


def a_workbook(
    path: Path, sheets: dict[str, list[list[Any]]], merged: tuple[str, ...] = ()
) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for span in merged:
            sheet.merge_cells(span)
    book.save(path)
    return path


def pages(path: Path, page_rows: int = 100) -> list[Page]:
    return list(read_workbook(path, KNOWN, page_rows))


def rows(frame: pd.DataFrame) -> list[list[str | None]]:
    return [[None if pd.isna(c) else c for c in row] for row in frame.itertuples(index=False)]


# Workbooks


def test_a_title_above_the_header_is_told_and_not_read_as_rows(tmp_path: Path) -> None:
    file = a_workbook(
        tmp_path / "a.xlsx",
        {"北关": [["人口信息（综治平台导出）"], ["编号", "姓名"], ["1", "甲"]]},
        merged=("A1:B1",),
    )

    (page,) = pages(file)

    assert (page.sheet, page.title) == ("北关", "人口信息（综治平台导出）")
    assert list(page.frame.columns) == ["编号", "姓名"]
    assert rows(page.frame) == [["1", "甲"]]


def test_a_second_header_row_refines_the_first(tmp_path: Path) -> None:
    file = a_workbook(
        tmp_path / "a.xlsx",
        {
            "s": [
                ["编号", "残疾", None, "姓名"],
                [None, "类别", "等级", None],
                ["1", "x", "y", "甲"],
            ]
        },
        merged=("A1:A2", "B1:C1", "D1:D2"),
    )

    (page,) = pages(file)

    assert list(page.frame.columns) == ["编号", "残疾类别", "残疾等级", "姓名"]
    assert rows(page.frame) == [["1", "x", "y", "甲"]]


@pytest.mark.parametrize(
    "second",
    [
        ["编号", "姓名", "联系电话"],
        ["编号", "姓名", "手机号码"],
        [" 编\n号", "姓　名", None],
        ["编号\n（必填）", "姓名*", "联系电话（本人）"],
        [None, None, "（11位）"],
    ],
)
def test_a_second_header_row_may_repeat_the_first(tmp_path: Path, second: list[Any]) -> None:
    first = ["编号", "姓名", "联系电话"]
    file = a_workbook(tmp_path / "a.xlsx", {"s": [["标题"], first, second, ["1", "甲", "2"]]})

    (page,) = pages(file)

    assert [folded(name) for name in page.frame.columns] == first
    assert rows(page.frame) == [["1", "甲", "2"]]


def test_a_second_header_row_may_hold_the_first_half_of_a_name(tmp_path: Path) -> None:
    top = [["编号", "残疾", "残疾", "姓名"], [None, "是否", "类别", None]]
    file = a_workbook(tmp_path / "a.xlsx", {"s": [*top, ["1", "是", "视力", "甲"]]})

    (page,) = read_workbook(file, {"编号", "是否残疾", "残疾类别", "姓名"})

    assert list(page.frame.columns) == ["编号", "是否残疾", "残疾类别", "姓名"]


def test_group_headers_above_full_names_are_passed_over(tmp_path: Path) -> None:
    file = a_workbook(
        tmp_path / "a.xlsx",
        {"s": [["基本信息", None, "其他"], ["编号", "姓名", "联系电话"], ["1", "甲", "2"]]},
        merged=("A1:B1",),
    )

    (page,) = pages(file)

    assert list(page.frame.columns) == ["编号", "姓名", "联系电话"]


def test_a_row_that_looks_like_a_header_word_stays_a_row(tmp_path: Path) -> None:
    file = a_workbook(
        tmp_path / "a.xlsx",
        {"s": [["编号", "姓名", "备注"], ["1", "甲", "姓名"], ["2", "乙", None]]},
    )

    (page,) = pages(file)

    assert len(page.frame) == 2


@pytest.mark.parametrize("page_rows", [1, 2, 3, 100])
def test_merged_cells_fill_down_and_empty_cells_do_not(tmp_path: Path, page_rows: int) -> None:
    data = [["1", "甲"], ["2", None], ["3", None], ["4", "乙"], ["5", None]]
    file = a_workbook(tmp_path / "a.xlsx", {"s": [["编号", "姓名"], *data]}, merged=("B2:B4",))

    frame = pd.concat([page.frame for page in pages(file, page_rows)], ignore_index=True)

    assert rows(frame) == [["1", "甲"], ["2", "甲"], ["3", "甲"], ["4", "乙"], ["5", None]]


def test_a_sheet_that_begins_in_another_corner_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for cell, value in {"C4": "编号", "D4": "姓名", "C5": "1", "D5": "甲", "C6": "2"}.items():
        sheet[cell] = value
    sheet.merge_cells("D5:D6")
    book.save(tmp_path / "a.xlsx")

    (page,) = pages(tmp_path / "a.xlsx")

    assert rows(page.frame) == [["1", "甲"], ["2", "甲"]]


def test_cells_become_text_as_a_reader_sees_them(tmp_path: Path) -> None:
    said = [
        dt.date(2021, 3, 5),
        dt.datetime(2021, 3, 5, 10, 20, 30),
        630102001001001,
        89.5,
        True,
        630102199001011234,
        " x ",
        "=1/0",
    ]
    names = ["编号", "姓名", *map(str, range(6))]
    file = a_workbook(tmp_path / "a.xlsx", {"s": [names, said]})

    (page,) = pages(file)

    assert rows(page.frame) == [
        ["2021-03-05", "2021-03-05 10:20:30", "630102001001001", "89.5", "true",
         "6.301021990010112E+17", " x ", None]
    ]  # fmt: skip


def test_blank_rows_and_blank_sheets_are_no_rows(tmp_path: Path) -> None:
    file = a_workbook(
        tmp_path / "a.xlsx", {"s": [["编号", "姓名"], [], ["1", "甲"], [None, None]], "空": []}
    )

    assert [len(page.frame) for page in pages(file)] == [1]


def test_a_sheet_without_any_known_header_gives_a_page_without_columns(tmp_path: Path) -> None:
    file = a_workbook(
        tmp_path / "a.xlsx", {"s": [["编号", "姓名"], ["1", "甲"]], "说明": [["请填写"], ["谢谢"]]}
    )

    last = pages(file)[-1]

    assert last.sheet == "说明"
    assert last.frame.empty
    assert last.frame.columns.empty


def test_a_hidden_sheet_of_word_lists_is_passed_over(tmp_path: Path) -> None:
    a_workbook(
        tmp_path / "a.xlsx", {"s": [["编号", "姓名"], ["1", "甲"]], "字典": [["男"], ["女"]]}
    )
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book["字典"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")

    assert [page.sheet for page in pages(tmp_path / "a.xlsx")] == ["s"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        ("编号,姓名\n1,甲\n".encode(), "is not an XLSX workbook"),
        (b"PK\x03\x04 and then nothing", "is not an XLSX workbook"),
    ],
)
def test_what_is_no_workbook_says_so(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "人口信息.xlsx").write_bytes(content)

    with pytest.raises(Unreadable, match=f"人口信息.xlsx {reason}"):
        pages(tmp_path / "人口信息.xlsx")


def test_a_zip_that_is_no_workbook_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("readme.txt", "hello")

    with pytest.raises(Unreadable, match="damaged workbook"):
        pages(tmp_path / "a.xlsx")


def test_a_workbook_of_headers_only_says_so(tmp_path: Path) -> None:
    file = a_workbook(tmp_path / "a.xlsx", {"s": [["编号", "姓名"]], "t": [["编号", "姓名"]]})

    with pytest.raises(Unreadable, match="holds no rows"):
        pages(file)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.parse.workbook._LARGEST", 10 * 1024**2)
    file = a_workbook(tmp_path / "a.xlsx", {"s": [["编号", "姓名"], ["1", "甲"]]})
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(11 * 1024**2))

    with pytest.raises(Unreadable, match="unpacks to more than 10 MiB"):
        pages(file)


def test_ditto_marks_take_what_stands_above_over_page_borders() -> None:
    first = pd.DataFrame({"a": ["1", "2"], "b": ["x", None]}, dtype="str")
    second = pd.DataFrame({"a": ["3", "4", "5"], "b": ["同上", "y", " 同 上 "]}, dtype="str")
    third = pd.DataFrame({"a": ["同上"], "b": ["同上"]}, dtype="str")

    filled = [rows(page) for page in ditto_filled([first, second, third])]

    assert filled == [
        [["1", "x"], ["2", None]],
        [["3", None], ["4", "y"], ["5", "y"]],
        [["5", "y"]],
    ]


def test_a_ditto_mark_with_nothing_above_says_nothing() -> None:
    page = pd.DataFrame({"a": ["同上", "2"]}, dtype="str")

    (filled,) = ditto_filled([page])

    assert rows(filled) == [[None], ["2"]]


# Delimited text


def a_file(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_rare_characters_of_gb18030_are_read(tmp_path: Path) -> None:
    file = a_file(tmp_path / "a.csv", "编号,姓名\r\n1,䶮㛃𬱖\r\n", "gb18030")

    (page,) = read_csv(file, "gb18030")

    assert rows(page) == [["1", "䶮㛃𬱖"]]


def test_a_byte_order_mark_means_utf_8_whatever_was_agreed(tmp_path: Path) -> None:
    file = a_file(tmp_path / "a.csv", "编号,姓名\n1,甲\n", "utf-8-sig")

    (page,) = read_csv(file, "gb18030")

    assert list(page.columns) == ["编号", "姓名"]


@pytest.mark.parametrize("text", ["id,name\n1,张三\n", "id,name\n1,李四四\n2,王五\n"])
def test_utf_8_is_refused_where_it_would_read_as_other_characters(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(Unreadable, match=r"a\.csv is (text in UTF-8, )?not "):
        list(read_csv(a_file(tmp_path / "a.csv", text), "gb18030"))


def test_text_that_might_be_utf_8_by_chance_is_read_as_agreed(tmp_path: Path) -> None:
    # Two bytes each that are a letter in UTF-8 too.
    file = tmp_path / "a.csv"
    file.write_bytes(b"id,name\n1,\xc4\xa3\xce\xac\n")

    (page,) = read_csv(file, "gb18030")

    assert rows(page) == [["1", b"\xc4\xa3\xce\xac".decode("gb18030")]]


def test_text_that_does_not_decode_is_refused_wherever_it_breaks(tmp_path: Path) -> None:
    good = "编号,姓名\n" + "1,甲\n" * 300_000
    (tmp_path / "a.csv").write_bytes(good.encode() + b"2,\xff\xff\n")

    with pytest.raises(Unreadable, match=r"a\.csv is not text in utf-8"):
        list(read_csv(tmp_path / "a.csv", "utf-8"))


def test_rows_that_do_not_fit_the_header_are_marked_and_forgotten(tmp_path: Path) -> None:
    text = 'a,b\n1,2\n3\n4,5,6\n\n7,"8\n9"\n"x"y,1\n0,\0\n10,11\n'
    file = a_file(tmp_path / "a.csv", text)

    (page,) = read_csv(file, "utf-8")

    marks = page[UNREADABLE]
    assert list(marks.dropna()) == ["row 3", "row 4", "row 7", "row 8"]
    assert rows(page[marks.isna()][["a", "b"]]) == [["1", "2"], ["7", "8\n9"], ["10", "11"]]
    assert page[marks.notna()][["a", "b"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("text", "bad", "good"),
    [
        ('a,b,c\n1,"x,y\n2,x,y\n3,x,y\n', ["row 2"], ["2", "3"]),
        ('a,b,c\n1,"x,y\n2,x",y\n3,x,y\n', ["row 2"], ["2", "3"]),
        ('a,b,c\n1,"x,y\n2,x,y\n3,x",y\n4,x,y', ["row 2"], ["2", "3", "4"]),
        ('a,b,c\n1,"x,y\n2,x,y\n3,"x,y\n4,x,y\n', ["row 2", "row 4"], ["2", "4"]),
        ('a,b,c\n"1,x,y\n2,x,y\n3,x,y\n', ["row 2"], ["2", "3"]),
        ('a,b,c\n1,x,"y\n\n2,x,y\n', ["row 2"], ["2"]),
        ('a,b,c\n"1\n1",x,y\n2,"x\n,x\nx",y\n', [], ["1\n1", "2"]),
    ],
)
def test_a_stray_quote_loses_its_own_line_and_no_other(
    tmp_path: Path, text: str, bad: list[str], good: list[str]
) -> None:
    (page,) = read_csv(a_file(tmp_path / "a.csv", text), "utf-8")

    marks = page.get(UNREADABLE, pd.Series([None] * len(page)))
    assert list(marks.dropna()) == bad
    assert list(page["a"].dropna()) == good


def test_values_are_never_taken_for_anything_but_text(tmp_path: Path) -> None:
    file = a_file(tmp_path / "a.csv", "a,b,c\n007,NA,1e5\n,null,TRUE\n")

    (page,) = read_csv(file, "utf-8")

    assert rows(page) == [["007", "NA", "1e5"], [None, "null", "TRUE"]]


def test_a_cell_may_hold_a_boundary_of_many_points(tmp_path: Path) -> None:
    wkt = "POLYGON ((" + ", ".join(f"101.{n} 36.{n}" for n in range(60_000)) + "))"
    file = a_file(tmp_path / "a.csv", f'a,b\n1,"{wkt}"\n')

    (page,) = read_csv(file, "utf-8")

    assert page["b"].iloc[0] == wkt


def test_a_long_file_comes_in_pages(tmp_path: Path) -> None:
    file = a_file(tmp_path / "a.csv", "a\n" + "".join(f"{n}\n" for n in range(25)))

    assert [len(page) for page in read_csv(file, "utf-8", page_rows=10)] == [10, 10, 5]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "has no header"),
        (b"a,b\n", "holds a header and no rows"),
    ],
)
def test_a_text_file_without_rows_says_so(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)

    with pytest.raises(Unreadable, match=reason):
        list(read_csv(tmp_path / "a.csv", "utf-8"))


# JSON


@pytest.mark.parametrize(
    "body", [b'[{"a": 1, "b": "x"}, {"a": 2}]', b'{"a":1,"b":"x"}\n\n{"a":2}\n']
)
def test_an_array_and_lines_give_the_same_rows(body: bytes) -> None:
    assert rows(read_json(body)) == [["1", "x"], ["2", None]]


def test_json_values_keep_the_digits_they_were_written_with() -> None:
    frame = read_json(b'[{"a": 1.50, "b": 630102199001011234, "c": true, "d": null, "e": [1]}]')

    assert rows(frame) == [["1.50", "630102199001011234", "true", None, '["1"]']]


def test_what_is_no_object_is_marked_and_the_other_rows_are_read() -> None:
    frame = read_json(b'{"a":"1"}\n{"a":\n[1]\n{"a":"4"}')

    assert list(frame[UNREADABLE].dropna()) == ["row 2", "row 3"]
    assert list(frame["a"].dropna()) == ["1", "4"]


@pytest.mark.parametrize("escape", [r"\u0000", r"\ud83d"])
def test_what_no_database_stores_is_marked(escape: str) -> None:
    frame = read_json(b'[{"a": "x%s"}, {"a": "y"}]' % escape.encode())

    assert list(frame[UNREADABLE].dropna()) == ["row 1"]
    assert list(frame["a"].dropna()) == ["y"]


@pytest.mark.parametrize(
    "body", [b"[1, 2", b'["\xff"]', b"[" * 100_000, b'[{"a": NaN}]'], ids=range(4)
)
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable, match="not JSON"):
        read_json(body)


def test_no_rows_are_rows_too() -> None:
    assert len(read_json(b"[]")) == 0
    assert len(read_json(b"")) == 0
