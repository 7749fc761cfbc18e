"""Every rule and note by name: what becomes of a value or record, and how people are told.

A rule blanks a value or holds a record back; a note is kept beside a value that stays. Messages
never contain a value. Sorted by family: values first, then whole records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: *blank*: the value is not published; *quarantine*: the record is held; *warn*: the value is
#: kept with a note; *mend*: it was put right; *derive*: it follows from another value.
Fate = Literal["blank", "quarantine", "warn", "mend", "derive"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule or note: its dotted name, its consequence, its message in Chinese and English."""

    name: str
    fate: Fate
    zh: str
    en: str


_PERSONS: tuple[Rule, ...] = (
    Rule(
        "citizen_id.birth_date",
        "blank",
        "公民身份号码中的出生日期不可能",
        "The birth date in the citizen number is impossible",
    ),
    Rule(
        "citizen_id.checksum",
        "blank",
        "公民身份号码校验码不符",
        "The check character of the citizen number is wrong",
    ),
    Rule(
        "citizen_id.masked",
        "blank",
        "公民身份号码已脱敏，仅作比对线索",
        "The citizen number is masked and serves as evidence only",
    ),
    Rule(
        "citizen_id.placeholder",
        "blank",
        "公民身份号码为占位号码",
        "The citizen number is a placeholder",
    ),
    Rule(
        "citizen_id.ruined",
        "blank",
        "公民身份号码被电子表格损坏，请重新提供",
        "A spreadsheet ruined the citizen number; ask for it again",
    ),
    Rule(
        "citizen_id.unreadable",
        "blank",
        "公民身份号码格式无法识别",
        "The citizen number cannot be read",
    ),
    Rule(
        "citizen_id.upgraded",
        "mend",
        "15位号码已升为18位",
        "The 15-digit number was upgraded to 18 characters",
    ),
    Rule(
        "document_no.masked",
        "blank",
        "证件号码已脱敏，仅作比对线索",
        "The document number is masked and serves as evidence only",
    ),
    Rule(
        "document_no.unreadable",
        "blank",
        "证件号码格式无法识别",
        "The document number cannot be read",
    ),
    Rule(
        "owner_id.unreadable",
        "blank",
        "产权人证件号码格式无法识别",
        "The owner's number cannot be read",
    ),
    Rule(
        "person_name.lost_character",
        "warn",
        "姓名中有丢失的字（？）",
        "A character of the name was lost (?)",
    ),
    Rule("person_name.placeholder", "blank", "姓名为占位姓名", "The name stands for nobody"),
    Rule(
        "person_name.private_character",
        "warn",
        "姓名含自造字（专用区编码）",
        "The name has a private-use character",
    ),
    Rule("person_name.too_long", "blank", "姓名过长", "The name is too long"),
    Rule("person_name.unreadable", "blank", "姓名中没有文字", "The name holds no letter"),
    Rule(
        "phone.masked",
        "blank",
        "电话号码已脱敏，仅作比对线索",
        "The telephone number is masked and serves as evidence only",
    ),
    Rule(
        "phone.several",
        "mend",
        "一格内有多个电话，取第一个有效号码",
        "Several telephone numbers in one cell; the first valid one is taken",
    ),
    Rule("phone.unreadable", "blank", "电话号码无法识别", "The telephone number cannot be read"),
    Rule(
        "uscc.checksum",
        "blank",
        "统一社会信用代码校验码不符",
        "The check character of the social credit code is wrong",
    ),
    Rule(
        "uscc.unreadable",
        "blank",
        "统一社会信用代码格式无法识别",
        "The social credit code cannot be read",
    ),
)

_PLACES: tuple[Rule, ...] = (
    Rule("building_no.unreadable", "blank", "楼栋号无法识别", "The building number cannot be read"),
    Rule(
        "community.unreadable",
        "blank",
        "社区（村）代码格式无法识别",
        "The community code cannot be read",
    ),
    Rule(
        "community.unusual",
        "warn",
        "社区（村）代码末三位不在常用范围",
        "The community's own number is outside the usual range",
    ),
    Rule(
        "component_class.unreadable",
        "blank",
        "部件分类代码格式无法识别",
        "The component class code cannot be read",
    ),
    Rule(
        "component_id.unreadable",
        "blank",
        "部件标识码格式无法识别",
        "The component identifier cannot be read",
    ),
    Rule(
        "device_code.unreadable",
        "blank",
        "视频设备编码格式无法识别",
        "The video device code cannot be read",
    ),
    Rule(
        "division.unknown",
        "warn",
        "行政区划代码不在现行及历史代码表中",
        "The division code is in no table, current or historic",
    ),
    Rule(
        "division.unreadable",
        "blank",
        "行政区划代码格式无法识别",
        "The division code cannot be read",
    ),
    Rule("doorplate.unreadable", "blank", "门牌号无法识别", "The doorplate number cannot be read"),
    Rule("geometry.mended", "mend", "图形已修正", "The shape was mended"),
    Rule("geometry.outside", "blank", "图形超出中国范围", "The shape lies outside China"),
    Rule(
        "geometry.swapped",
        "mend",
        "图形经纬度次序已调换",
        "Longitude and latitude of the shape were swapped back",
    ),
    Rule("geometry.type", "blank", "图形类型不符", "The shape is of another type than allowed"),
    Rule(
        "geometry.unplaced",
        "warn",
        "图形坐标系不明，未作转换",
        "The frame of the shape is unknown; it was not converted",
    ),
    Rule("geometry.unreadable", "blank", "图形无法识别", "The shape cannot be read"),
    Rule("grid_code.unreadable", "blank", "网格编码格式无法识别", "The grid code cannot be read"),
    Rule("point.outside", "blank", "坐标超出中国范围", "The position lies outside China"),
    Rule("point.swapped", "mend", "经纬度次序已调换", "Longitude and latitude were swapped back"),
    Rule(
        "point.unplaced",
        "warn",
        "坐标系不明，坐标未作转换",
        "The frame of the position is unknown; it was not converted",
    ),
    Rule("point.unreadable", "blank", "坐标无法识别", "The position cannot be read"),
    Rule("point.zero", "blank", "坐标为零", "The position is zero"),
    Rule(
        "police_organ.unreadable",
        "blank",
        "公安机关代码格式无法识别",
        "The police organ code cannot be read",
    ),
    Rule("room_no.unreadable", "blank", "户室号无法识别", "The room number cannot be read"),
    Rule(
        "subdistrict.unreadable",
        "blank",
        "街道（乡镇）代码格式无法识别",
        "The subdistrict code cannot be read",
    ),
    Rule(
        "subdistrict.unusual",
        "warn",
        "街道（乡镇）代码末三位不在常用范围",
        "The subdistrict's own number is outside the usual range",
    ),
    Rule(
        "unit_grid.legacy",
        "warn",
        "单元网格为14位旧码，原样保留",
        "The unit grid has an old 14-digit code, kept as given",
    ),
    Rule(
        "unit_grid.unreadable",
        "blank",
        "单元网格标识码格式无法识别",
        "The unit grid identifier cannot be read",
    ),
    Rule("unit_no.unreadable", "blank", "单元号无法识别", "The unit number cannot be read"),
)

_VALUES: tuple[Rule, ...] = (
    Rule("boolean.unreadable", "blank", "是否值无法识别", "The yes-or-no value cannot be read"),
    Rule("code.unknown", "blank", "代码或名称不在代码表中", "The code or word is not in its table"),
    Rule("date.before_1880", "blank", "日期早于1880年", "The date is before 1880"),
    Rule("date.future", "blank", "日期在将来", "The date is in the future"),
    Rule(
        "date.incomplete",
        "blank",
        "日期不完整，仅作比对线索",
        "The date lacks its day and serves as evidence only",
    ),
    Rule("date.placeholder", "blank", "日期为占位日期", "The date is a placeholder"),
    Rule("date.unreadable", "blank", "日期无法识别", "The date cannot be read"),
    Rule("identifier.unreadable", "blank", "标识格式无法识别", "The identifier cannot be read"),
    Rule("list.too_long", "blank", "列表项过多", "The list has too many values"),
    Rule(
        "list.value_left_out",
        "warn",
        "列表中有无法识别的项，已略去",
        "A value of the list could not be read and was left out",
    ),
    Rule("number.out_of_range", "blank", "数值超出范围", "The number is out of range"),
    Rule("number.unreadable", "blank", "数值无法识别", "The number cannot be read"),
    Rule(
        "text.private_character",
        "warn",
        "文字含自造字（专用区编码）",
        "The text has a private-use character",
    ),
    Rule("text.too_long", "blank", "文字过长", "The text is too long"),
    Rule("text.unreadable", "blank", "文字格式不符", "The text has another form than allowed"),
    Rule(
        "uri.credentials_removed",
        "mend",
        "地址中的账号口令已删除",
        "An account was cut out of the address",
    ),
    Rule("uri.unreadable", "blank", "资源地址无法识别", "The address cannot be read"),
)

_RECORDS: tuple[Rule, ...] = (
    Rule(
        "component.outside_grid",
        "warn",
        "部件位置不在其单元网格内",
        "The component lies outside its unit grid",
    ),
    Rule(
        "house.people_differ",
        "warn",
        "实住人数与人员登记不一致",
        "The number of people differs from the persons registered there",
    ),
    Rule(
        "person.derived_from_id", "derive", "由公民身份号码得出", "Derived from the citizen number"
    ),
    Rule("person.derived_from_age", "derive", "由年龄得出", "Derived from the age"),
    Rule(
        "person.id_birth_differs",
        "blank",
        "出生日期与公民身份号码不一致，以号码为准",
        "The birth date differs from the citizen number, which counts",
    ),
    Rule(
        "person.id_sex_differs",
        "blank",
        "性别与公民身份号码不一致，以号码为准",
        "The sex differs from the citizen number, which counts",
    ),
    Rule(
        "person.moved_by_remark",
        "derive",
        "由姓名后备注（搬走）得出",
        "Derived from the remark (moved away) behind the name",
    ),
    Rule(
        "person.dead_by_remark",
        "derive",
        "由姓名后备注（已故）得出",
        "Derived from the remark (dead) behind the name",
    ),
    Rule("person.no_name", "quarantine", "人员没有姓名", "The person has no name"),
    Rule(
        "person.placeholder_name",
        "quarantine",
        "人员只有占位姓名",
        "The person has only a placeholder name",
    ),
    Rule("record.no_key", "quarantine", "记录没有编号", "The record has no key"),
    Rule("record.unreadable", "quarantine", "记录无法读取", "The record cannot be read"),
)

#: Rules about what several records say together; no row breaks them by itself.
ACROSS: tuple[str, ...] = ("component.outside_grid", "house.people_differ")

#: Every rule and note by its name.
RULES: dict[str, Rule] = {rule.name: rule for rule in (*_PERSONS, *_PLACES, *_VALUES, *_RECORDS)}
