"""The street offices' files as communities really make them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from connectors.street_office import Grids, Houses, Residents, StreetOffice
from hub.config import District
from hub.model import Records
from schemas import fields
from schemas.distinct import Rows
from tests.connectors.stages import FolderStage, Row

RESIDENTS, DISTRICT = Residents(), District()


def a_resident(**said: str) -> Row:
    return RESIDENTS.sample()[0] | said


def translated(*rows: Row) -> Records:
    rows = RESIDENTS.admit(pd.DataFrame(rows, dtype="str")).rows
    return RESIDENTS.records(rows, DISTRICT).records[0]


def rows_of(frame: pd.DataFrame) -> Rows:
    return {str(name): column.array for name, column in frame.items()}


def value(name: str, **said: str) -> str | None:
    """Return what a field says, judged, of one resident."""
    records = translated(a_resident(**said))
    kind = next(spec.kind for spec in fields(records.model) if spec.name == name)
    judged = kind.judge(records.fields[name]).values[0]
    return None if pd.isna(judged) else str(judged)


def evidence(name: str, **said: str) -> str | None:
    found = translated(a_resident(**said)).evidence[name][0]
    return None if pd.isna(found) else str(found)


@pytest.fixture
def stage(tmp_path: Path) -> FolderStage:
    return FolderStage(StreetOffice(), tmp_path)


@pytest.mark.parametrize(
    ("cell", "name", "status", "phone"),
    [
        ("李四", "李四", None, "13997000001"),
        ("李　四", "李四", None, "13997000001"),
        ("李四(已故)", "李四", "3", "13997000001"),
        ("李四（搬走） ", "李四", "2", "13997000001"),
        ("李四13811112222", "李四", None, "13997000001"),
        ("李四 0971-8123456（已故）", "李四", "3", "13997000001"),
        ("李四(已故)13811112222", "李四", "3", "13997000001"),
        ("买买提·艾力", "买买提·艾力", None, "13997000001"),
        ("John Smith", "John Smith", None, "13997000001"),
    ],
)
def test_what_stands_behind_a_name_is_not_part_of_it(
    cell: str, name: str, status: str | None, phone: str
) -> None:
    assert value("person_name", 姓名=cell) == name
    assert value("person_status", 姓名=cell) == status
    assert value("contact_phone", 姓名=cell) == phone


def test_a_phone_behind_the_name_counts_where_the_phone_column_is_silent() -> None:
    assert value("contact_phone", 姓名="李四13811112222", 联系电话="") == "13811112222"
    assert evidence("other_phones", 姓名="李四13811112222") == '["13811112222"]'


@pytest.mark.parametrize(
    ("title", "word", "sex"),
    [
        (None, "男", "1"),
        (None, "2", "2"),
        (None, "1", "1"),
        ("0男1女", "0", "1"),
        ("0男1女", "1", "2"),
        ("0男1女", "女", "2"),
        ("0男1女", "2", None),
        ("0男1女", "9", None),
        ("0男1女", "女性", "2"),
    ],
)
def test_the_title_decides_how_men_are_counted(
    title: str | None, word: str, sex: str | None
) -> None:
    assert value("sex_code", **{"性别": word, "@性别代码": title or ""}) == sex


@pytest.mark.parametrize(
    ("column", "word", "field", "code"),
    [
        ("民族", "汉", "ethnic_group_code", "01"),
        ("政治面貌", "党员", "political_status_code", "01"),
        ("政治面貌", "预备党员", "political_status_code", "02"),
        ("政治面貌", "团员", "political_status_code", "03"),
        ("学历", "研究生", "education_level_code", "10"),
        ("学历", "中专", "education_level_code", "40"),
        ("学历", "文盲", "education_level_code", None),
        ("婚姻状况", "离异", "marital_status_code", "40"),
        ("从业状况", "公务员", "employment_status_code", "11"),
        ("从业状况", "务农", "employment_status_code", "27"),
        ("从业状况", "失业", "employment_status_code", "70"),
        ("从业状况", "退休", "employment_status_code", "80"),
        ("从业状况", "其他", "employment_status_code", "90"),
        ("从业状况", "在业", "employment_status_code", None),
        ("与户主关系", "户主", "relationship_to_head_code", "02"),
        ("与户主关系", "本人", "relationship_to_head_code", "02"),
        ("与户主关系", "妻", "relationship_to_head_code", "12"),
        ("与户主关系", "孙女", "relationship_to_head_code", "42"),
        ("与户主关系", "祖父母", "relationship_to_head_code", "60"),
        ("与户主关系", "兄弟姐妹", "relationship_to_head_code", "70"),
        ("与户主关系", "其他亲属", "relationship_to_head_code", "97"),
        ("与户主关系", "非亲属", "relationship_to_head_code", "99"),
        ("户籍性质", "人户分离", "population_category", "2"),
        ("户籍性质", "人户分离", "residence_match_code", "02"),
        ("户籍性质", "户籍", "residence_match_code", "01"),
        ("户籍性质", "流动", "residence_match_code", None),
        ("残疾类别", "精神", "disability_category_code", "6"),
        ("残疾等级", "四级", "disability_level_code", "4"),
        ("残疾等级", "4", "disability_level_code", "4"),
        ("是否低保", "√", "social_assistance_type", "01"),
        ("是否低保", "否", "social_assistance_type", None),
        ("出生日期", "2021.3.5", "birth_date", "2021-03-05"),
        ("出生日期", "1956年8月", "birth_date", None),
        ("紧急联系电话", "8123456", "emergency_contact_phone", "0971-8123456"),
    ],
)
def test_words_mean_what_the_agreement_says(
    column: str, word: str, field: str, code: str | None
) -> None:
    assert value(field, **{column: word}) == code


@pytest.mark.parametrize(
    ("alone", "empty_nest", "veteran", "listed"),
    [
        ("是", "1", "Y", '["01", "02", "08"]'),
        ("√", "", "", '["01"]'),
        ("否", "0", "N", "[]"),
        ("", "", "", None),
        ("", "", "否", "[]"),
        ("也许", "是", "", '["02"]'),
    ],
)
def test_flags_become_care_categories_and_silence_is_no_answer(
    alone: str, empty_nest: str, veteran: str, listed: str | None
) -> None:
    said = {"是否独居老人": alone, "是否空巢": empty_nest, "是否退役军人": veteran}

    assert value("care_categories", **said) == listed


def test_a_disability_without_a_category_is_evidence_only() -> None:
    assert value("disability_category_code", 是否残疾="是", 残疾类别="") is None
    assert evidence("is_disabled", 是否残疾="是", 残疾类别="") == "true"


def test_a_registered_address_is_taken_apart_where_its_division_is_known() -> None:
    known, unknown = "甘肃省兰州市城关区雁滩路5号", "某地某路5号"

    assert value("household_register_division_code", 户籍地址=known) == "620102"
    assert value("household_register_address", 户籍地址=known) == "雁滩路5号"
    assert value("household_register_division_code", 户籍地址=unknown) is None
    assert value("household_register_address", 户籍地址=unknown) == unknown


@pytest.mark.parametrize("name", ["北关社区", "北关", "北关社区居民委员会"])
def test_a_sheet_is_named_by_its_community(stage: FolderStage, name: str) -> None:
    stage.put(RESIDENTS, [a_resident(**{"@工作表": name})])
    stage.deliver()

    read = stage.read()["residents"]

    records = RESIDENTS.records(rows_of(read.frame), DISTRICT).records[0]
    assert list(records.fields["community_code"]) == ["630102001001"]


def test_an_unknown_sheet_name_is_signalled_and_gives_no_community() -> None:
    rows = [a_resident(**{"@工作表": "Sheet1", "人员编号": f"SQ{n}"}) for n in range(3)]
    rows = RESIDENTS.admit(pd.DataFrame(rows, dtype="str")).rows

    signals = RESIDENTS.records(rows, DISTRICT).signals

    assert [(one.kind, one.name, one.count) for one in signals] == [("sheet.unknown", "Sheet1", 3)]
    assert value("community_code", **{"@工作表": "Sheet1"}) is None


def test_a_workbook_as_a_community_makes_it_is_read_whole(stage: FolderStage) -> None:
    """Titles, groups over headers, line breaks, merged and ditto cells, sheets of other order."""
    columns = [name for name in a_resident() if not name.startswith("@")]
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet_name, order in (("北关社区", columns), ("慈幼社区", columns[::-1])):
        sheet = book.create_sheet(sheet_name)
        sheet.append(["人口信息表（综治平台导出）"])
        sheet.append(["居民" if name == "姓名" else None for name in order])
        sheet.append([name[:2] + "\n" + name[2:] for name in order])
        for number in range(3):
            row = a_resident(人员编号=f"{sheet_name}{number}", 性别="0")
            row |= {"现住址": "同上"} if number else {}
            row |= {"户号": ""} if number else {}
            sheet.append([row[name] or None for name in order])
        letter = openpyxl.utils.get_column_letter(order.index("户号") + 1)
        sheet.merge_cells(f"{letter}4:{letter}5")
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(order))
    book.save(stage.file(RESIDENTS))
    stage.deliver()

    read = stage.read()["residents"]
    records = RESIDENTS.records(rows_of(read.frame), DISTRICT).records[0]

    assert not read.held
    assert not read.signals
    assert list(records.fields["sex_code"]) == ["1"] * 6
    assert list(records.fields["standard_address"]) == ["康乐小区3号楼1单元501室"] * 6
    assert list(records.fields["household_no"].fillna("-")) == ["630102001", "630102001", "-"] * 2
    assert list(records.fields["community_code"]) == ["630102001001"] * 3 + ["630102001004"] * 3


def test_a_column_missing_in_one_sheet_holds_the_dataset(stage: FolderStage) -> None:
    columns = [name for name in a_resident() if not name.startswith("@")]
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet_name, kept in (("北关社区", columns), ("慈幼社区", columns[:-3])):
        sheet = book.create_sheet(sheet_name)
        sheet.append(kept)
        sheet.append([a_resident(人员编号=sheet_name)[name] or None for name in kept])
    book.save(stage.file(RESIDENTS))
    stage.deliver()

    assert set(stage.read()["residents"].missing) == {"网格编号", "更新时间"}


def test_a_sheet_that_is_no_list_of_residents_holds_the_dataset(stage: FolderStage) -> None:
    stage.put(RESIDENTS, [a_resident()])
    book = openpyxl.load_workbook(stage.file(RESIDENTS))
    book.create_sheet("李四 13811112222")["A1"] = "王五"
    book.save(stage.file(RESIDENTS))
    stage.deliver()

    read = stage.read()["residents"]

    assert read.held
    assert [signal.kind for signal in read.signals] == ["header.missing"]
    assert "王五" not in str(read.signals)


def test_hazards_become_codes_and_strange_ones_other() -> None:
    frame = pd.DataFrame(
        [Houses().sample()[0] | {"安全隐患": said} for said in ("电线老化、群租", "白蚁", "无", "")]
    )
    admitted = Houses().admit(frame.astype("str")).rows

    records = Houses().records(admitted, DISTRICT).records[0]

    assert list(records.fields["safety_hazards"].fillna("-")) == [
        '["03", "05"]',
        '["99"]',
        "-",
        "-",
    ]


def test_a_grid_file_in_utf_8_is_held_and_not_read_as_other_characters(stage: FolderStage) -> None:
    stage.put(Grids(), Grids().sample())
    stage.garble(Grids())
    stage.deliver()

    read = stage.read()["grids"]

    assert read.held
    assert len(read.frame) == 0 or read.missing
