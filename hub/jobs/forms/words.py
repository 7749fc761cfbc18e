"""The words that headers are known by: of the fields, of the connectors, of everyday use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from connectors import CONNECTORS
from hub.connector import Dataset
from hub.written import Written
from schemas import MODELS, FieldSpec, fields
from schemas.chinese import folded
from schemas.kinds import Geometry

#: Record types that a form's rows can be about.
SUBJECTS = ("person", "house")
#: Departments whose own forms are told apart.
DEPARTMENTS = tuple(name for name, one in CONNECTORS.items() if one.has_system)

#: Headers in common use that neither the fields' titles nor the departments' columns say so.
USUAL: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "person": {
        "citizen_id_no": (
            *("身份证号", "身份证号码", "身份证", "居民身份证号", "居民身份证号码", "公民身份证号"),
            *("公民身份证号码", "id_card", "ID number", "ID card number", "ID No."),
        ),
        "person_name": ("人员姓名", "居民姓名", "本人姓名", "full name"),
        "contact_phone": (
            *("手机", "手机号", "手机号码", "电话", "电话号码", "联系方式", "联系手机", "本人电话"),
            *("phone", "telephone", "mobile", "phone number"),
        ),
        "birth_date": ("生日", "出生年月日", "date of birth"),
        "ethnic_group_code": ("族别",),
        "education_level_code": ("学历", "文化水平"),
        "political_status_code": ("党派",),
        "employment_status_code": ("就业状况", "就业状态", "从业状态"),
        "marital_status_code": ("婚否", "婚姻情况"),
        "standard_address": (
            *(
                "现住址",
                "现居住地址",
                "现居住地",
                "居住地址",
                "家庭住址",
                "家庭地址",
                "住址",
                "地址",
            ),
            *("实际居住地址", "home address"),
        ),
        "household_register_address": ("户籍地址", "户口所在地", "户籍所在地", "户籍详细地址"),
        "household_no": ("户口号", "户口簿号"),
        "relationship_to_head_code": ("与户主的关系", "户主关系"),
        "grid_code": ("网格编号", "所属网格编码", "所属网格编号", "所在网格"),
        "community_code": ("社区代码", "社区编码", "所属社区代码"),
        "emergency_contact_name": ("紧急联系人",),
        "emergency_contact_phone": ("紧急联系电话", "紧急联系人联系电话", "紧急电话"),
        "last_visit_date": ("走访日期", "最近走访时间", "上次走访日期"),
    },
    "house": {
        "compound_name": ("小区", "小区名称", "所在小区", "compound"),
        "building_no": ("楼栋", "楼号", "栋号", "幢号", "building"),
        "unit_no": ("单元", "unit"),
        "floor_no": ("楼层", "层数", "所在层", "floor"),
        "room_no": ("房号", "室号", "房间号", "门牌室号", "room"),
        "standard_address": ("房屋地址", "房屋坐落", "坐落", "地址", "详细地址"),
        "floor_area_m2": ("房屋面积", "面积"),
        "owner_name": ("产权人", "产权人姓名", "房主", "房主姓名", "业主姓名"),
        "owner_phone": ("产权人电话", "房主电话", "业主电话", "产权人手机"),
        "owner_id_no": ("产权人身份证号", "房主身份证号", "产权人证件号"),
        "house_use": ("用途",),
        "resident_count": ("实住人数", "居住人数"),
        "has_elevator": ("电梯", "有无电梯"),
        "completion_year": ("建成年代", "建筑年代", "竣工年份"),
        "grid_code": ("网格编号", "所属网格编码", "所属网格编号"),
        "community_code": ("社区代码", "社区编码"),
    },
}

#: What may stand in brackets behind a header without changing its meaning.
_HINT = re.compile(
    r"[(（\[【](?:必填项?|选填|可不填|非必填|下拉选择|代码|填代码|文本格式?|18位|11位|"
    r"[YMD年月日./\-\s]+|格式[:：]?[YMD年月日0-9./\-\s]+|是/否|是或否|男/女|有/无|"
    r"㎡|平方米|m2|M2|required|optional)[)）\]】]",
    re.IGNORECASE,
)
_MARKS = " \t\r*＊★☆※:：.。"
#: Between the same said in two languages or two ways.
_BETWEEN = re.compile(r"[/／|\n\r]+|(?<=[\u3400-\u9fff])\s+(?=[A-Za-z])")
#: Groups of columns that say nothing of whose the columns are.
_NEUTRAL = re.compile(
    r"(?:.*(?:信息|情况|资料|内容|特征)|基本|登记|个人|本人|居民|人员|居住|住址|户籍|联系方式|"
    r"身份|其他|其它|房屋|住房|房产|人口|basic.*|personal.*|.*information|.*details)",
    re.IGNORECASE,
)
#: Words for somebody other than whom a row is about.
_SOMEBODY_ELSE = re.compile(
    r"户主|联系人|监护|配偶|爱人|丈夫|妻子|父|母|子女|儿子|女儿|家属|家庭成员|亲属|房东|产权|业主|"
    r"网格长|网格员|楼长|单位|紧急|担保|代理|经办|填表|走访人|负责人|审核|contact|guardian|spouse|owner",
    re.IGNORECASE,
)
_SUFFIX = re.compile("(?:基本)?(?:信息|情况|资料)$")


#: By what a header was recognised.
How = Literal["code", "title", "usual", "department", "taught"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a header means: a field, and how the department whose word it is spells its values."""

    field: str
    how: How
    column: str = ""
    written: Written | None = None


Vocabulary = Mapping[str, Meaning]


@cache
def vocabulary(record_type: str) -> Vocabulary:
    """Return all that headers of forms about a record type can say, by folded header."""
    return {**_native_words(record_type), **_own_words(record_type)}


def _own_words(record_type: str) -> dict[str, Meaning]:
    """Return the words of the fields themselves, which outweigh those of departments."""
    known: dict[str, Meaning] = {}
    for name, words in USUAL[record_type].items():
        known |= {folded(word): Meaning(name, "usual") for word in words}
    for spec in _fillable(record_type):
        titles = (spec.title_zh, spec.title_en, spec.name)
        known |= {folded(word): Meaning(spec.name, "title") for word in titles}
        known[folded(spec.code)] = Meaning(spec.name, "code")
    return known


def _native_words(record_type: str) -> dict[str, Meaning]:
    """Return the departments' own column names and header words; what they disagree on is none."""
    fillable = {spec.name for spec in _fillable(record_type)}
    found: dict[str, dict[str, Meaning]] = {}
    for word, meaning in _spoken(record_type):
        if meaning.field in fillable:
            found.setdefault(folded(word), {}).setdefault(meaning.field, meaning)
    return {word: next(iter(said.values())) for word, said in found.items() if len(said) == 1}


def _spoken(record_type: str) -> Iterator[tuple[str, Meaning]]:
    for dataset in (one for name in DEPARTMENTS for one in CONNECTORS[name].datasets):
        for (of, name), written in dataset.written.items():
            if of != record_type:
                continue
            for column in written.columns:
                meaning = Meaning(name, "department", column, written)
                yield from ((word, meaning) for word in _names_of(dataset, column))


def _names_of(dataset: Dataset, column: str) -> Iterator[str]:
    yield column
    yield from (alias for alias, name in dataset.aliases.items() if name == column)


def _fillable(record_type: str) -> list[FieldSpec]:
    specs = fields(MODELS[record_type])
    return [spec for spec in specs if not isinstance(spec.kind, Geometry)]


def plain(text: str, known: Mapping[str, object]) -> str:
    """Return a header without marks and hints, where that makes it a word that is known."""
    if folded(text) in known:
        return text
    bare = _HINT.sub("", text).strip(_MARKS)
    if folded(bare) in known:
        return bare
    parts = [part.strip(_MARKS) for part in _BETWEEN.split(bare) if part.strip(_MARKS)]
    said = {_field(known.get(folded(part))) for part in parts}
    return parts[0] if len(said) == 1 and None not in said else bare


def _field(meaning: object) -> str | None:
    return meaning.field if isinstance(meaning, Meaning) else None


def spelt_out(parts: tuple[str, ...]) -> str:
    """Return a column's header in one piece, with the group that it stands in."""
    return " ".join(dict.fromkeys(part.strip() for part in parts if part.strip()))


def choices(parts: tuple[str, ...]) -> Iterator[str]:
    """Yield what a column may be called, most exact first.

    A word alone counts only where the group above says nothing of somebody else: 姓名 under 户主
    is not the resident's.
    """
    said = [part.strip() for part in parts if part.strip()]
    said = list(dict.fromkeys(said))
    yield "".join(said)
    if len(said) < 2:
        return
    group, last = "".join(said[:-1]), said[-1]
    yield _SUFFIX.sub("", group) + last
    if _NEUTRAL.fullmatch(group) and not _SOMEBODY_ELSE.search(group):
        yield last
