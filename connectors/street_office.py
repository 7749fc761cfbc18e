"""The street offices and their communities: workbooks and text files, a full snapshot each time."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import ClassVar

import pandas as pd

from hub.columns import Columns
from hub.connector import Dataset, column_of
from hub.fetch import FolderOfDeliveries
from hub.model import Fault, Records, Signal, Title, faults
from hub.parse import Page
from hub.written import as_end, as_flags, as_one_phone, as_said
from schemas import Grid, House, Person
from schemas.addresses import dwelling_parts
from schemas.chinese import folded
from schemas.codes import code_table, communities, find_divisions
from schemas.distinct import (
    Rows,
    Texts,
    arrow,
    filled,
    is_said,
    read_each,
    read_parts,
    read_rows,
    text_array,
    where,
)
from schemas.kinds import excel_serial, is_silent, read_times, split_phones
from schemas.positions import shapes

# What a sheet's name and title say of each of its rows, as columns that no sheet can have.
_SHEET, _SEX_CODES = "@工作表", "@性别代码"
_FROM_ZERO, _FROM_ZERO_TITLE = "0男1女", "综治平台导出"

_YES, _NO = ("是", "1", "Y", "YES", "TRUE", "√"), ("否", "0", "N", "NO", "FALSE", "×")
_FLAG = dict.fromkeys(_YES, "true") | dict.fromkeys(_NO, "false")
_FLAGS = frozenset(_FLAG.values())
_LOW_INCOME = dict.fromkeys(_YES, "01") | dict.fromkeys(_NO, None)
_SEX = code_table("GB/T 2261.1")
_SEX_FROM_ZERO = {word: code for word, code in _SEX.codes.items() if word not in _SEX.labels}
_SEX_FROM_ZERO |= {"0": "1", "1": "2"}
_RELATION = {**code_table("GB/T 4761").codes, "户主": "02", "本人": "02"}
_HAZARDS = code_table("HUB-HAZARD")
_PERSON_STATUS = code_table("HUB-PERSON-STATUS")
# Words that say too little for a code: known, so no signal; in no table, so blanked.
_EDUCATION = {**code_table("GB/T 4658").codes, "文盲": "文盲"}
_EMPLOYMENT = {**code_table("GB/T 2261.4").codes, "在业": "在业"}
_RESIDENCE_MATCH = {"1": "01", "2": "02"}
_CARE = {"是否独居老人": "01", "是否空巢": "02", "是否退役军人": "08"}

_REMARK = re.compile(
    r"\s*[(（\[【]\s*(已故|已去世|去世|病故|亡故|死亡|已搬走|搬走|搬离|迁出)\s*[)）\]】]\s*"
)
_PHONE_BEHIND = re.compile(
    r"(?P<name>\D*?[^\d\s(（:：/、,，])[\s(（:：/、,，]*(?:电话|手机|TEL)?[\s:：]*"
    r"(?P<phone>[+0-9０-９][0-9０-９\s/、,，;；—-]{6,})[)）]*\s*"
)


class OfficeDataset(Dataset):
    """What all files have in common: their times, full snapshots."""

    changed_at, snapshot, trust = "更新时间", True, 20

    def recorded_at(self, rows: Rows) -> Texts:
        """Return each row's time, also where a spreadsheet shows its number of the day."""
        return read_times(excel_serial(column_of(rows, self.changed_at)))


class Residents(OfficeDataset):
    """Residents as the communities list them, one sheet a community."""

    name, model, title = "residents", Person, Title("人口信息", "Residents")
    identity = ("身份证号",)
    location, key = "人口信息.xlsx", "人员编号"
    # Behind a name: (已故), (搬走).
    asks = frozenset({"person_status"})
    aliases: ClassVar = {
        "公民身份号码": "身份证号",
        "证件号码": "身份证号",
        "电话": "联系电话",
        "手机": "联系电话",
        "居住地址": "现住址",
        "家庭住址": "现住址",
    }

    def rows_of(self, page: Page) -> pd.DataFrame:
        codes = _FROM_ZERO if _FROM_ZERO_TITLE in folded(page.title) else None
        if page.frame.columns.empty:
            return page.frame
        told = {_SHEET: page.sheet, _SEX_CODES: codes}
        rows = len(page.frame)
        return page.frame.assign(**{name: text_array([word] * rows) for name, word in told.items()})

    def translate(self, said: Columns) -> list[Records]:
        said.ignore("备注")
        name, status, phone_behind = _name_parts(said.take("姓名"))
        phones = _joined(said.take("联系电话"), phone_behind)
        phone, other_phones = split_phones(phones, said.district.area_code)
        care, unread = _care(said)
        home, home_evidence = _home(said)
        fields = {
            "person_name": name,
            "person_status": status,
            "contact_phone": said.stands(phone, as_one_phone("联系电话")),
            "community_code": _community(said),
            "care_categories": said.stands(care, as_flags(_CARE, "是", "否")),
            "disability_category_code": said.decode("残疾类别", "HUB-DISABILITY"),
            "disability_level_code": said.decode("残疾等级", "HUB-DISABILITY-LEVEL"),
            "social_assistance_type": said.decode("是否低保", _LOW_INCOME),
            **_identity(said),
            **home,
        }
        evidence = {
            "other_phones": other_phones,
            "is_disabled": said.decode("是否残疾", _FLAG),
            **home_evidence,
        }
        return [said.records(Person, fields, evidence=evidence, faults=unread)]

    def sample(self) -> list[dict[str, str]]:
        return [_RESIDENT | other for other in _OTHER_RESIDENTS]


class Houses(OfficeDataset):
    """Dwellings as grid workers see them on their visits."""

    name, model, title = "houses", House, Title("房屋信息", "Houses")
    location, key = "房屋信息.xlsx", "房屋编号"

    def translate(self, said: Columns) -> list[Records]:
        place = (said.take(name) for name in ("楼栋", "单元", "楼层", "房号"))
        fields = {
            "compound_name": said.take("小区"),
            **dwelling_parts(*place),
            "standard_address": said.take("房屋地址"),
            "house_use": said.decode("房屋用途", "HUB-HOUSE-USE"),
            "occupancy_status": said.decode("居住状态", "HUB-OCCUPANCY"),
            "safety_hazards": read_each(said.take("安全隐患"), _hazards),
            "resident_count": said.take("实住人数"),
            "grid_code": said.take("网格编号"),
        }
        return [said.records(House, fields)]

    def sample(self) -> list[dict[str, str]]:
        return [_HOUSE | other for other in _OTHER_HOUSES]


class Grids(OfficeDataset):
    """Governance grids with the people on duty and their boundaries."""

    name, model, title = "grids", Grid, Title("网格信息", "Grids")
    location, key, encoding = "网格信息.csv", "网格编号", "gb18030"

    def translate(self, said: Columns) -> list[Records]:
        phone, other_phones = split_phones(said.take("联系电话"), said.district.area_code)
        wkt = said.take("边界")
        boundary = shapes(wkt, "CGCS2000", said.district.epsg)
        fields = {
            "grid_code": said.take("网格编号"),
            "grid_name": said.take("网格名称"),
            "grid_type": said.decode("网格类型", "HUB-GRID-TYPE"),
            "community_code": said.take("社区代码"),
            "grid_leader_name": said.take("网格长"),
            "grid_leader_phone": said.stands(phone, as_one_phone("联系电话")),
            "grid_worker_names": said.take("网格员"),
            "grid_boundary": boundary.values,
        }
        broken = faults("grid_boundary", boundary.rules, wkt)
        evidence = {"other_phones": other_phones}
        return [said.records(Grid, fields, evidence=evidence, faults=broken)]

    def sample(self) -> list[dict[str, str]]:
        return [_GRID | other for other in _OTHER_GRIDS]


class StreetOffice(FolderOfDeliveries):
    """Reads the deliveries of the street offices."""

    name, title = "street_office", Title("街道办事处", "Street office")
    datasets = (Residents(), Houses(), Grids())
    takes = "returns"


def _identity(said: Columns) -> dict[str, Texts]:
    category = said.decode("户籍性质", "HUB-POP-CATEGORY")
    return {
        "citizen_id_no": said.take("身份证号"),
        "sex_code": _sex(said),
        "birth_date": _date(said, "出生日期"),
        "ethnic_group_code": said.decode("民族", "GB/T 3304"),
        "political_status_code": said.decode("政治面貌", "GB/T 4762"),
        "education_level_code": said.decode("学历", _EDUCATION),
        "marital_status_code": said.decode("婚姻状况", "GB/T 2261.2"),
        "employment_status_code": said.decode("从业状况", _EMPLOYMENT),
        "population_category": category,
        "residence_match_code": read_each(category, _RESIDENCE_MATCH.get),
    }


def _home(said: Columns) -> tuple[dict[str, Texts], dict[str, Texts]]:
    division, rest = find_divisions(said.take("户籍地址"), said.district.division)
    phone, other_phones = split_phones(said.take("紧急联系电话"), said.district.area_code)
    fields = {
        "household_register_division_code": division,
        "household_register_address": said.stands(rest, as_end("户籍地址")),
        "standard_address": said.take("现住址"),
        "household_no": said.take("户号"),
        "relationship_to_head_code": said.decode("与户主关系", _RELATION),
        "emergency_contact_name": said.take("紧急联系人"),
        "emergency_contact_phone": said.stands(phone, as_one_phone("紧急联系电话")),
        "last_visit_date": _date(said, "走访日期"),
        "residence_start_date": _date(said, "居住开始日期"),
        "grid_code": said.take("网格编号"),
    }
    return fields, {"other_emergency_phones": other_phones}


def _date(said: Columns, name: str) -> Texts:
    return said.stands(excel_serial(said.take(name)), as_said(name, Residents.spelling.date_form))


def _sex(said: Columns) -> Texts:
    """Read the sex by the code set of the row's sheet: one export counts men as 0."""
    word, from_zero = said.take("性别"), is_said(said.optional(_SEX_CODES))
    usual = said.decoded("性别", where(~from_zero, word), "GB/T 2261.1")
    return filled(
        usual, said.decoded("性别", where(from_zero, word), _SEX_FROM_ZERO, of="GB/T 2261.1")
    )


def _community(said: Columns) -> Texts:
    """Read the community off the sheet's name; an unknown name stays, for its kind to blank."""
    sheets = said.optional(_SHEET)
    find = communities().find
    codes = read_each(sheets, lambda sheet: find(sheet, said.district.division))
    if is_said(codes).all():
        return codes
    unknown = arrow(where(~is_said(codes), sheets)).drop_null()
    for sheet, count in Counter(unknown.to_pylist()).most_common():
        said.signals.append(Signal("sheet.unknown", sheet, count))
    return filled(codes, sheets)


def _care(said: Columns) -> tuple[Texts, list[Fault]]:
    """List the care categories said with yes; nothing but no is an empty list.

    A word that is neither is a fault of the list, which keeps the other categories.
    """
    flags = [said.decode(name, _FLAG) for name in _CARE]
    values, rule, unread = read_rows(flags, _care_categories, 3)
    return values, faults("care_categories", rule, unread)


def _care_categories(*flags: str | None) -> tuple[str | None, str | None, str | None]:
    codes = [code for code, flag in zip(_CARE.values(), flags, strict=True) if flag == "true"]
    unread = next((flag for flag in flags if flag not in ("true", "false", None)), None)
    spoken = not _FLAGS.isdisjoint(flags)
    return json.dumps(codes) if spoken else None, unread and "boolean.unreadable", unread


def _name_parts(said: Texts) -> tuple[Texts, ...]:
    """Cut a remark such as (已故) and a telephone number off names: name, status, number."""
    return read_parts(said, _name_and_remarks, 3)


def _name_and_remarks(cell: str) -> tuple[str, str | None, str | None]:
    remark = _REMARK.search(cell)
    rest = _REMARK.sub("", cell)
    behind = _PHONE_BEHIND.fullmatch(rest)
    status = _PERSON_STATUS.get(remark.group(1)) if remark else None
    name, phone = (behind["name"], behind["phone"]) if behind else (rest, None)
    return name, status, phone


def _joined(cell: Texts, more: Texts) -> Texts:
    return read_rows((cell, more), lambda *said: ("、".join(filter(None, said)) or None,), 1)[0]


def _hazards(cell: str) -> str | None:
    words = [word.strip() for word in re.split("[、,，;；/]", cell)]
    codes = [_HAZARDS.get(word) or "99" for word in words if not is_silent(word)]
    return json.dumps(codes) if codes else None


# Made-up rows: the first of each kind as it should be, the others as they also come.
_RESIDENT = {
    _SHEET: "北关社区",
    "人员编号": "SQ001-000001",
    "姓名": "马海燕",
    "身份证号": "630102198001010019",
    "出生日期": "1980.1.1",
    "性别": "男",
    "民族": "回",
    "政治面貌": "群众",
    "学历": "大专",
    "婚姻状况": "已婚",
    "从业状况": "个体",
    "联系电话": "13997000001",
    "户籍性质": "户籍",
    "户籍地址": "青海省西宁市城东区北小街12号",
    "现住址": "康乐小区3号楼1单元501室",
    "户号": "630102001",
    "与户主关系": "户主",
    "是否独居老人": "否",
    "是否空巢": "",
    "是否退役军人": "是",
    "是否残疾": "否",
    "残疾类别": "",
    "残疾等级": "",
    "是否低保": "否",
    "紧急联系人": "马海花",
    "紧急联系电话": "13997000002",
    "走访日期": "2026-08-20",
    "居住开始日期": "2015/6/1",
    "网格编号": "630102001001001",
    "更新时间": "2026-08-30 10:20:30",
    "备注": "",
}
_OTHER_RESIDENTS: list[dict[str, str]] = [
    {},
    {
        "人员编号": "SQ001-000002",
        "姓名": "李　四(已故)",
        "身份证号": "630102560812002",
        "出生日期": "1956年8月",
        "学历": "文盲",
        "从业状况": "在业",
        "联系电话": "8123456、１３９９７０００００３",
        "户籍性质": "人户分离",
        "与户主关系": "本人",
        "是否独居老人": "√",
        "是否残疾": "是",
        "残疾类别": "精神",
        "残疾等级": "二级",
        "是否低保": "是",
        "更新时间": "2026/8/30",
    },
    {
        "人员编号": "SQ001-000003",
        "姓名": "王建国13997000004",
        "身份证号": "6.30102E+17",
        "性别": "女",
        "民族": "土族",
        "联系电话": "",
        "户籍性质": "流动",
        "户籍地址": "甘肃省兰州市城关区雁滩路5号",
        "是否退役军人": "",
        "是否独居老人": "",
        "是否残疾": "Y",
    },
    {
        _SHEET: "没有的社区",
        _SEX_CODES: _FROM_ZERO,
        "人员编号": "SQ002-000004",
        "姓名": "买买提•艾力（搬走）",
        "身份证号": "630102********0019",
        "性别": "0",
        "出生日期": "44260",
        "婚姻状况": "离异",
        "从业状况": "退休",
        "联系电话": "不详",
        "是否空巢": "也许",
        "户籍性质": "外星",
        "更新时间": "",
    },
]
_HOUSE = {
    "房屋编号": "FW0001",
    "小区": "康乐小区",
    "楼栋": "3号楼",
    "单元": "1单元",
    "楼层": "5",
    "房号": "501",
    "房屋地址": "西宁市城东区康乐小区3号楼1单元501室",
    "房屋用途": "住宅",
    "居住状态": "自住",
    "安全隐患": "消防通道堵塞、高空坠物",
    "实住人数": "3",
    "网格编号": "630102001001001",
    "更新时间": "2026-08-30 10:20:30",
}
_OTHER_HOUSES: list[dict[str, str]] = [
    {},
    {
        "房屋编号": "FW0002",
        "楼栋": "三幢",
        "单元": "二",
        "楼层": "负一",
        "房号": "-101",
        "房屋用途": "工业仓储",
        "居住状态": "空置",
        "安全隐患": "无",
        "实住人数": "",
        "更新时间": "2026.8.30",
    },
    {"房屋编号": "FW0003", "楼栋": "3#", "居住状态": "住着", "实住人数": "很多"},
]
_GRID = {
    "网格编号": "630102001001001",
    "网格名称": "北关社区第一网格",
    "网格类型": "社区网格",
    "社区代码": "630102001001",
    "网格长": "韩梅",
    "联系电话": "0971-8123456",
    "网格员": "赵一、钱二",
    "边界": "POLYGON ((101.79 36.61, 101.80 36.61, 101.80 36.62, 101.79 36.62, 101.79 36.61))",
    "更新时间": "2026-08-30",
}
_OTHER_GRIDS: list[dict[str, str]] = [
    {},
    {
        "网格编号": "630102001001002",
        "网格类型": "微网格",
        "联系电话": "8123456",
        "网格员": "",
        "边界": "POLYGON ((36.61 101.79, 36.61 101.80, 36.62 101.80, 36.61 101.79))",
    },
    {"网格编号": "630102001001003", "网格类型": "大网格", "边界": "POLYGON EMPTY", "更新时间": ""},
]
