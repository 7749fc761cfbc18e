"""Code tables, the register of divisions, communities."""

import csv
import re
from pathlib import Path

import pandas as pd
import pytest

from schemas import MODELS, codes, fields
from schemas.codes import (
    CodeTable,
    code_table,
    communities,
    current_division,
    division,
    find_divisions,
    is_known_division,
    table_names,
)
from schemas.kinds import Coded, ListOf

TABLES = [code_table(name) for name in table_names()]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_is_told_in_both_languages(table: CodeTable) -> None:
    assert table.title_zh
    assert table.title_en
    assert table.standard
    assert table.labels.keys() == table.labels_en.keys()
    assert all(table.labels.values())
    assert all(table.labels_en.values())
    assert len(set(table.labels.values())) == len(table.labels)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_code_label_and_short_form_stands_for_one_code(table: CodeTable) -> None:
    assert set(table.codes.values()) == set(table.labels)
    for code, label in table.labels.items():
        assert table.get(code) == code
        assert table.get(f" {label} ") == code


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_word_is_written_behind_two_codes(table: CodeTable) -> None:
    file = _folder() / _files()[table.name]
    words: dict[str, str] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            for word in filter(None, [row["code"], row["label_zh"], *row["aliases"].split("|")]):
                assert words.setdefault(word.upper(), row["code"]) == row["code"], word


def _folder() -> Path:
    return Path(codes.__file__).parent


def _files() -> dict[str, str]:
    with (_folder() / "tables.csv").open(encoding="utf-8", newline="") as lines:
        return {row["name"]: row["file"] for row in csv.DictReader(lines)}


def test_every_table_is_used_by_a_field_and_every_field_has_its_table() -> None:
    kinds = [spec.kind for model in MODELS.values() for spec in fields(model)]
    kinds = [kind.item if isinstance(kind, ListOf) else kind for kind in kinds]
    assert {kind.table for kind in kinds if isinstance(kind, Coded)} == set(table_names())


def test_a_table_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        code_table("GB/T 0")


@pytest.mark.parametrize(
    ("name", "complete"),
    [
        ("GB/T 3304", [f"{number:02d}" for number in range(1, 57)] + ["97", "98"]),
        ("GB/T 4762", [f"{number:02d}" for number in range(1, 14)]),
        ("GB/T 2261.1", ["0", "1", "2", "9"]),
        ("GB/T 2261.2", ["10", "20", "21", "22", "23", "30", "40", "90"]),
        ("HUB-DISABILITY-LEVEL", ["1", "2", "3", "4"]),
        ("FWJG", ["01", "02", "03", "04", "05", "06"]),
    ],
)
def test_tables_are_complete(name: str, complete: list[str]) -> None:
    assert sorted(code_table(name).labels) == sorted(complete)


#: The words that the source agreement names, with the codes they stand for.
AGREED = {
    "GB/T 4762": "党员 01 预备党员 02 团员 03 群众 13",
    "GB/T 4658": "研究生 10 本科 20 大专 30 中专 40 高中 60 初中 70 小学 80",
    "GB/T 2261.2": "未婚 10 已婚 20 丧偶 30 离异 40 离婚 40",
    "GB/T 2261.4": "公务员 11 专业技术人员 13 职员 17 工人 24 务农 27 农民 27 学生 31 自由职业 51 "
    "个体 54 失业 70 无业 70 退休 80 其他 90",
    "HUB-POP-CATEGORY": "户籍 1 人户分离 2 流动 3 港澳台 4 外国人 5",
    "GB/T 4761": "户主 02 配偶 10 夫 11 妻 12 子 20 女 30 孙子 41 孙女 42 父亲 51 母亲 52 "
    "祖父母 60 兄弟姐妹 70 其他亲属 97 非亲属 99",
    "HUB-DISABILITY": "视力 1 听力 2 言语 3 肢体 4 智力 5 精神 6 多重 7",
    "HUB-DISABILITY-LEVEL": "一级 1 二级 2 三级 3 四级 4",
    "HUB-HOUSE-USE": "住宅 01 商住 02 商业 03 商铺 03 办公 04 工业仓储 05 教育 06 医疗 07 养老 08 "
    "车库 09 其他 99",
    "HUB-OCCUPANCY": "自住 1 出租 2 借住 3 空置 4 经营 6",
    "HUB-HAZARD": "消防通道堵塞 01 燃气隐患 02 电线老化 03 房屋结构 04 群租 05 电动车充电 06 "
    "高空坠物 99 其他 99",
    "HUB-GRID-TYPE": "社区网格 1 专属网格 2 微网格 3",
    "HUB-CMP-STATUS": "完好 1 破损 2 丢失 3 废弃 4 移除 5",
    "FWJG": "钢 01 钢混 02 钢筋混凝土 03 混合 04 砖木 05 其他 06",
}


@pytest.mark.parametrize("name", AGREED)
def test_the_words_of_the_agreement_are_known(name: str) -> None:
    parts = AGREED[name].split()
    for word, code in zip(parts[::2], parts[1::2], strict=True):
        assert code_table(name).get(word) == code, word


@pytest.mark.parametrize(("name", "word"), [("GB/T 2261.4", "在业"), ("GB/T 4658", "文盲")])
def test_words_that_say_too_little_stand_for_nothing(name: str, word: str) -> None:
    assert code_table(name).get(word) is None


def test_current_and_abolished_divisions_are_known() -> None:
    assert division("630102") is not None
    assert division("630102").full_name == "青海省西宁市城东区"
    assert is_known_division("630122")
    assert not is_known_division("990101")
    assert not is_known_division("")


@pytest.mark.parametrize(
    ("code", "current"),
    [
        ("630102", "630102"),
        ("630122", "630106"),
        ("632123", "630202"),
        ("110103", "110101"),
        ("330103", "330105"),
        ("350681", "350604"),
        ("512429", "510525"),
        ("990101", None),
        ("630101", None),
    ],
)
def test_an_abolished_code_leads_to_the_current_one(code: str, current: str | None) -> None:
    assert current_division(code) == current


def test_every_successor_is_current_and_that_of_a_county_is_a_county() -> None:
    file = _folder() / "divisions.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = {row["code"]: row for row in csv.DictReader(lines)}
    assert all(re.fullmatch("[1-8][0-9]{5}", code) for code in rows)
    assert sum(row["current"] == "1" for row in rows.values()) > 3200
    for row in rows.values():
        if row["successor"]:
            assert rows[row["successor"]]["current"] == "1"
            assert row["level"] != "county" or rows[row["successor"]]["level"] == "county"


@pytest.mark.parametrize(
    ("address", "code", "rest"),
    [
        ("青海省西宁市城东区八一路3号", "630102", "八一路3号"),
        ("青海省 西宁市 城东区 八一路", "630102", "八一路"),
        ("青海西宁城东区八一路", "630102", "八一路"),
        ("西宁市城东区八一路", "630102", "八一路"),
        ("城东区八一路", "630102", "八一路"),
        ("青海省海北藏族自治州门源回族自治县浩门镇", "632221", "浩门镇"),
        ("青海省海北州门源县浩门镇", "632221", "浩门镇"),
        ("青海省民和县川口镇", "630222", "川口镇"),
        ("大通县桥头镇", "630121", "桥头镇"),
        ("湟中县多巴镇", "630122", "多巴镇"),
        ("浙江省杭州市下城区石桥街道", "330103", "石桥街道"),
        ("北京市东城区景山前街4号", "110101", "景山前街4号"),
        ("内蒙古呼和浩特市新城区", "150102", ""),
        ("新疆乌鲁木齐市天山区", "650102", ""),
        ("湖北省仙桃市沙嘴街道", "429004", "沙嘴街道"),
        ("广东省东莞市南城街道", "441900", "南城街道"),
        ("西宁市昆仑路1号", None, "昆仑路1号"),
        ("北京路5号", None, "北京路5号"),
        ("青海路12号", None, "青海路12号"),
        ("康乐小区3号楼", None, "康乐小区3号楼"),
        ("", None, ""),
    ],
)
def test_the_county_is_found_at_the_front_of_an_address(
    address: str, code: str | None, rest: str
) -> None:
    found, behind = find_divisions(pd.Series([address, None], dtype="str"), home="630102")
    assert (found[0] if code else None) == code
    assert bool(code) == bool(found.notna()[0])
    assert behind[0] == rest
    assert behind.isna()[1]


def test_a_county_alone_is_found_only_near_home() -> None:
    address = pd.Series(["城东区八一路"], dtype="str")
    assert find_divisions(address)[0].isna().all()
    assert find_divisions(address, home="330105")[0].isna().all()


def test_no_addresses_give_no_divisions() -> None:
    for addresses in (pd.Series([], dtype="str"), pd.Series([None], dtype="str")):
        found, rest = find_divisions(addresses, home="630102")
        assert found.isna().all()
        assert len(found) == len(rest) == len(addresses)


@pytest.mark.parametrize(
    "name",
    [
        "北关社区居民委员会",
        "北关社区居委会",
        "北关社区",
        "北关",
        "东关大街街道北关社区",
        " 北关 社区",
    ],
)
def test_a_community_is_found_by_any_usual_form_of_its_name(name: str) -> None:
    assert communities().find(name, within="630102") == "630102001001"


def test_a_name_that_two_communities_share_finds_none() -> None:
    known = communities()
    shared = [name for name in known.names.values() if list(known.names.values()).count(name) > 1]
    assert shared
    assert known.find(shared[0]) is None


def test_every_community_with_a_name_of_its_own_in_its_street_is_found() -> None:
    known = communities()
    for code, name in known.names.items():
        twins = [each for each in known.names if each[:9] == code[:9] and known.names[each] == name]
        if len(twins) == 1:
            assert known.find(name, within=code[:9]) == code


def test_a_district_brings_its_own_communities(tmp_path: Path) -> None:
    file = tmp_path / "communities.csv"
    file.write_text(
        "street_code,street,village_code,village\n990101001,甲街道,990101001001,乙社区居民委员会\n",
        encoding="utf-8-sig",
    )
    known = communities(file)
    assert known.find("乙社区", within="990101") == "990101001001"
    assert "990101001" in known
    assert "630102001001" not in known
