"""The quarantine as a steward works on it: counted, listed, and handed to departments to mend."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from hub.cli import main
from hub.errors import WrongUse
from hub.jobs.quarantine import count_quarantine, export_quarantine, read_quarantine
from hub.store.quarantine import Count
from hub.store.source_reads import Asked
from tests.fates import estate, police, street
from tests.fates.conftest import Hub
from tests.fates.sources import a_workbook

SAID, FORMULA = "@SUM(A1)", "=HYPERLINK(A1)"
HEADER = ["人员编号", "字段", "问题", "所报内容", "处理方式", "发现时间"]


@pytest.fixture
def dirty(hub: Hub) -> Iterator[Hub]:
    """A hub whose sources have something to mend."""
    hub.deliver(
        residents=a_workbook({("北关社区", "x"): [
            street.a_resident(1) | {"联系电话": SAID, "身份证号": "630102198001010018"},
            street.a_resident(2) | {"联系电话": "打不通"},
            street.a_resident(3) | {"姓名": ""},
            street.a_resident(4) | {"人员编号": ""},
        ]}),
        grids=[street.a_grid(1) | {"网格类型": "大网格"}],
    )  # fmt: skip
    hub.register(residents=[police.a_resident(1) | {"dh": FORMULA, "hjxzqh": "630199"}])
    hub.load(rooms=[estate.a_room(1) | {"built_up_area": "约90"}])
    hub.sync()
    return hub


def sheets(file: Path) -> dict[str, list[list[object]]]:
    """Read a workbook as it is shown; a cell with a formula would show as one."""
    book = openpyxl.load_workbook(file)
    assert not any(cell.data_type == "f" for sheet in book for row in sheet for cell in row)
    return {sheet.title: [list(row) for row in sheet.values] for sheet in book}


def test_a_department_gets_what_it_should_mend_in_its_own_words(dirty: Hub, tmp_path: Path) -> None:
    done = export_quarantine(dirty.settings, "street_office", tmp_path / "street.xlsx")
    assert done.entries == {"residents": 5, "houses": 0, "grids": 1}
    found = sheets(tmp_path / "street.xlsx")
    assert next(iter(found)) == "说明"
    assert set(found) == {"说明", "人口信息", "房屋信息", "网格信息"}
    header, *rows = found["人口信息"]
    assert header == HEADER
    assert sorted([str(part or "") for part in row[:5]] for row in rows) == sorted([
        ["", "整条记录", "记录没有编号", "", "整条未采用"],
        ["SQ001-000001", "公民身份号码", "公民身份号码校验码不符", "630102198001010018", "该值未采用"],
        ["SQ001-000001", "联系电话", "电话号码无法识别", SAID, "该值未采用"],
        ["SQ001-000002", "联系电话", "电话号码无法识别", "打不通", "该值未采用"],
        ["SQ001-000003", "整条记录", "人员没有姓名", "", "整条未采用"],
    ])  # fmt: skip
    assert all(datetime.strptime(str(row[5]), "%Y-%m-%d %H:%M") for row in rows)  # noqa: DTZ007
    assert [row[:4] for row in found["网格信息"][1:]] == [
        ["630102001001001", "网格类型", "代码或名称不在代码表中", "大网格"]
    ]
    assert found["房屋信息"] == [["房屋编号", *HEADER[1:]]]


def test_the_first_sheet_says_what_is_wrong_how_often(dirty: Hub, tmp_path: Path) -> None:
    export_quarantine(dirty.settings, "street_office", tmp_path / "street.xlsx")
    lines = sheets(tmp_path / "street.xlsx")["说明"]
    assert lines[0][0] == "街道办事处待整改清单"
    header = lines.index(["数据", "字段", "问题", "处理方式", "数量", "涉及编号"])
    counted = lines[header + 1 :]
    assert counted[0] == ["人口信息", "联系电话", "电话号码无法识别", "该值未采用", 2, 2]
    assert sum(int(str(line[4])) for line in counted) == 6
    assert "约90" not in str(lines)


def test_a_department_gets_nothing_of_anothers(dirty: Hub, tmp_path: Path) -> None:
    said = {"street_office": "打不通", "public_security": FORMULA, "property": "约90"}
    for source, own in said.items():
        export_quarantine(dirty.settings, source, tmp_path / "w.xlsx", warnings=True)
        shown = str(sheets(tmp_path / "w.xlsx"))
        assert [word for word in said.values() if word in shown] == [own], source


def test_what_is_only_doubted_is_listed_when_asked_for(dirty: Hub, tmp_path: Path) -> None:
    file = tmp_path / "police.xlsx"
    assert export_quarantine(dirty.settings, "public_security", file).entries["residents"] == 1
    done = export_quarantine(dirty.settings, "public_security", file, warnings=True)
    assert done.entries["residents"] == 2
    assert FORMULA in {row[3] for row in sheets(file)["实有人口"]}
    warned = [row for row in sheets(file)["实有人口"] if row[4] == "已采用，请核实"]
    assert [row[3] for row in warned] == ["630199"]


def test_reading_what_people_said_is_audited(dirty: Hub, tmp_path: Path) -> None:
    export_quarantine(dirty.settings, "property", tmp_path / "p.xlsx")
    query = "SELECT caller, action, purpose, fields, about FROM audit"
    assert dirty.ask(query) == [
        ("hub quarantine", "export", "steward", ["said"], "quarantine of property")
    ]
    with pytest.raises(WrongUse):
        export_quarantine(dirty.settings, "nobody", tmp_path / "n.xlsx")
    assert not (tmp_path / "n.xlsx").exists()


def test_entries_are_counted_and_listed_by_what_is_asked(dirty: Hub) -> None:
    def counted(*by: str) -> dict[tuple[str | None, ...], tuple[int, int]]:
        found: list[Count] = count_quarantine(dirty.settings, by)
        assert [one.entries for one in found] == sorted(
            (one.entries for one in found), reverse=True
        )
        return {one.aspects: (one.entries, one.keys) for one in found}

    assert counted("source") == {
        ("street_office",): (6, 5), ("public_security",): (2, 1), ("property",): (1, 1),
    }  # fmt: skip
    assert counted("rule")["phone.unreadable",] == (3, 3)
    assert counted("field", "fate")["contact_phone", "blank"] == (3, 3)
    for wrong in ((), ("said",)):
        with pytest.raises(WrongUse):
            count_quarantine(dirty.settings, wrong)

    def listed(**asked: str) -> set[tuple[str, str]]:
        found = read_quarantine(dirty.settings, Asked(**{"state": "open", **asked}), 100)
        assert all("said" not in one for one in found)
        return {(one["key"], one["rule"]) for one in found}

    assert listed(source="street_office", field="contact_phone") == {
        ("SQ001-000001", "phone.unreadable"), ("SQ001-000002", "phone.unreadable"),
    }  # fmt: skip
    assert listed(dataset="rooms") == {("RM00001", "number.unreadable")}
    assert listed(fate="warn") == {("R000000000001", "division.unknown")}
    assert listed(rule="code.unknown") == {("630102001001001", "code.unknown")}
    assert listed(state="released") == set()
    dirty.load(rooms=[estate.a_room(1)])
    dirty.sync("property")
    assert listed(state="released") == {("RM00001", "number.unreadable")}


def test_stewards_have_commands_for_it(
    dirty: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in dirty.settings.environment().items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> dict[str, list[dict[str, object]]]:
        with pytest.raises(SystemExit) as ended:
            main(["quarantine", *arguments, "--json"])
        assert ended.value.code == 0
        said: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
        return said

    counts = run("count", "--by", "source,fate")["counts"]
    assert counts[0].items() >= {"source": "street_office", "fate": "blank", "entries": 4}.items()
    entries = run("list", "--source", "street_office", "--fate", "quarantine")["entries"]
    assert {one["rule"] for one in entries} == {"person.no_name", "record.no_key"}
    file = tmp_path / "mend.xlsx"
    assert run("export", "street_office", "-o", str(file))["entries"] == {
        "residents": 5, "houses": 0, "grids": 1,
    }  # fmt: skip
    assert file.is_file()
