"""The one table of dirt: what departments get wrong, how often, and what it looks like.

A rate counts over the rows named under `of`. Rates are assumptions taken from what such
systems are known for, not measurements; every figure about matching should be read beside them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dirt:
    """One kind of fault in one dataset."""

    name: str
    source: str
    dataset: str
    rate: float
    of: str
    does: str


@dataclass(frozen=True)
class Lag:
    """How far behind life a department's rows are: days, on average, exponentially spread."""

    source: str
    days: float


LAGS = (
    Lag("public_security", 120.0),
    Lag("street_office", 75.0),
    Lag("property", 330.0),
    Lag("urban_management", 200.0),
)


def _dirts(source: str, dataset: str, *lines: tuple[str, float, str, str]) -> tuple[Dirt, ...]:
    return tuple(Dirt(name, source, dataset, rate, of, does) for name, rate, of, does in lines)


PUBLIC_SECURITY = _dirts(
    "public_security",
    "residents",
    ("police.id_fifteen", 0.03, "ids of people born before 1985", "old number of 15 digits"),
    ("police.id_lower_x", 0.30, "ids ending in X", "lower-case x"),
    ("police.id_full_width", 0.005, "ids", "full-width digits"),
    ("police.id_wrong_check", 0.004, "ids", "last sign wrong"),
    ("police.id_placeholder", 0.0015, "ids", "111111111111111111"),
    ("police.id_masked", 0.001, "ids", "eight digits as asterisks"),
    ("police.id_missing", 0.006, "ids", "empty"),
    ("police.id_unknown_date", 0.001, "ids", "impossible date inside, check recomputed"),
    ("police.birth_19900000", 0.003, "rows", "csrq 19900000"),
    ("police.birth_contradicts", 0.002, "rows", "csrq is another day than the id's"),
    ("police.birth_future", 0.0005, "rows", "csrq after today"),
    ("police.birth_ancient", 0.0005, "rows", "csrq before 1880"),
    ("police.birth_missing", 0.004, "rows", "csrq empty beside an id"),
    ("police.sex_word", 0.10, "rows", "男/女 where a digit is usual"),
    ("police.sex_contradicts", 0.002, "rows", "the other sex"),
    ("police.group_name", 0.12, "rows", "回 or 回族 where a code is usual"),
    ("police.code_unknown", 0.001, "rows", "mz 77, a code of no table"),
    ("police.rare_sign", 0.60, "names with a rare character", "? or private-use character"),
    ("police.name_typo", 0.003, "rows", "one character like another"),
    ("police.name_placeholder", 0.0008, "rows", "无名氏"),
    ("police.birth_typo", 0.04, "rows without id number", "a valid, wrong date"),
    ("police.phone_typo", 0.005, "rows with a phone", "one digit wrong, still a number"),
    ("police.phone_unreadable", 0.003, "rows with a phone", "a digit short"),
    ("police.phones_several", 0.08, "rows with a phone", "two numbers in dh"),
    ("police.twice", 0.02, "floating people", "registered under a second rybh"),
    (
        "police.registered_as_residence",
        0.06,
        "people registered elsewhere",
        "that address as residence",
    ),
    ("police.no_address_code", 0.15, "rows", "jzdzbm empty"),
    ("police.withdrawn", 0.012, "rows", "czlx D, still present"),
) + (
    _dirts(
        "public_security",
        "addresses",
        ("police.point_swapped", 0.005, "addresses with a point", "zbx and zby swapped"),
        ("police.point_missing", 0.03, "addresses", "no coordinates"),
        (
            "police.point_shifted",
            0.12,
            "addresses with a point",
            "GCJ02, BD09 or WGS84, and says so",
        ),
        ("police.division_unknown", 0.002, "addresses", "xzqh of no table (630199)"),
        ("police.address_withdrawn", 0.003, "addresses", "czlx D"),
    )
    + _dirts(
        "public_security",
        "cameras",
        ("police.camera_credentials", 0.15, "cameras", "splj with user and password in it"),
        ("police.camera_unit_invalid", 0.05, "cameras", "gldwdm with a wrong check"),
    )
)

STREET_OFFICE = _dirts(
    "street_office",
    "residents",
    ("office.no_key", 0.0008, "rows", "人员编号 empty"),
    ("office.id_excel_power", 0.005, "ids", "9.90102E+17"),
    ("office.id_excel_zeros", 0.005, "ids", "last three digits 000, sometimes a number cell"),
    ("office.id_wrong_digit", 0.008, "ids", "one digit wrong"),
    ("office.id_masked", 0.004, "ids", "eight digits as asterisks"),
    ("office.id_missing", 0.05, "ids", "empty"),
    ("office.id_lower_x", 0.30, "ids ending in X", "lower-case x"),
    ("office.id_other_document", 0.90, "people with passport or permit", "its number in 身份证号"),
    ("office.name_spaced", 0.03, "names of two signs", "李　四"),
    ("office.name_dot", 0.50, "names with a middle dot", "another dot: ．• or ・"),
    ("office.name_typo", 0.010, "rows", "one character like another"),
    ("office.name_placeholder", 0.0006, "rows", "测试"),
    ("office.name_missing", 0.0006, "rows", "no name at all"),
    ("office.phone_in_name", 0.005, "rows with a phone", "the phone behind the name"),
    ("office.said_dead", 0.60, "people who died", "(已故) behind the name"),
    ("office.said_moved", 0.50, "people who moved away", "（搬走） behind the name"),
    ("office.birth_month", 0.02, "rows", "1956年8月, day unknown"),
    ("office.birth_typo", 0.005, "rows", "a valid, wrong date"),
    ("office.birth_missing", 0.03, "rows", "empty"),
    ("office.birth_unreadable", 0.002, "rows", "不清楚"),
    ("office.sex_contradicts", 0.003, "rows", "the other sex"),
    ("office.phone_typo", 0.010, "rows with a phone", "one digit wrong, still a number"),
    ("office.phone_unreadable", 0.006, "rows with a phone", "two digits short"),
    ("office.phones_several", 0.05, "rows with a phone", "two numbers in the cell"),
    ("office.phone_missing", 0.10, "rows with a phone", "empty"),
    ("office.two_sheets", 0.008, "rows", "the same person once more in another sheet, other key"),
    ("office.key_repeated", 0.002, "rows", "the same row, older, once more under the same key"),
    ("office.same_above", 0.15, "households of several rows", "同上 in 户籍地址 and 现住址"),
    ("office.merged", 0.25, "households of several rows", "户籍地址, 现住址 merged over the rows"),
    ("office.address_missing", 0.02, "rows", "现住址 empty, nothing said"),
    ("office.grid_missing", 0.06, "rows", "网格编号 empty"),
    ("office.second_home", 0.60, "people with two homes", "the other home than the police's"),
    ("office.disability_bare", 0.20, "disabled people", "是否残疾 yes, no category"),
    ("office.word_unknown", 0.010, "rows", "在业, 文盲: says too little"),
) + (
    _dirts(
        "street_office",
        "sheets",
        ("office.sheet_two_headers", 0.35, "sheets", "a second header row repeats or refines"),
        ("office.sheet_platform", 0.15, "sheets", "综治平台导出: 0 male, 1 female"),
        ("office.sheet_renamed", 0.25, "sheets", "known aliases as headers"),
        ("office.sheet_broken_headers", 0.25, "sheets", "line breaks and spaces in headers"),
        ("office.sheet_forbidden", 0.20, "sheets", "columns that the law keeps out"),
        ("office.sheet_unknown", 0.15, "sheets", "a column outside the agreement"),
        ("office.sheet_reordered", 0.40, "sheets", "headers in another order"),
    )
    + _dirts(
        "street_office",
        "houses",
        ("office.building_spelled", 0.70, "houses in buildings", "3栋, 三幢, 3# for 3号楼"),
        ("office.compound_alias", 0.12, "houses of compounds with a popular name", "that name"),
        ("office.house_twice", 0.004, "houses", "once more under another key"),
        ("office.count_stale", 0.08, "houses", "实住人数 is not the number of people"),
    )
)

URBAN_MANAGEMENT = (
    _dirts(
        "urban_management",
        "components",
        ("urban.padded", 0.03, "components", "blanks around values"),
        ("urban.point_zero", 0.008, "components", "PointX and PointY 0"),
        ("urban.date_1900", 0.010, "components", "ORDate 1900-01-01"),
        ("urban.deleted", 0.010, "components", "Deleted 1, state 0"),
        ("urban.twice", 0.015, "manholes", "the same cover listed again by telecom"),
        ("urban.outside_grid", 0.010, "components", "the point lies outside the BGID named"),
        ("urban.department_short", 0.20, "components", "DeptCode1 a short local code"),
        ("urban.state_word", 0.15, "components", "完好 for 1"),
        ("urban.degrees", 0.05, "components", "degrees where metres are usual"),
    )
    + _dirts(
        "urban_management",
        "places",
        ("urban.crs_unknown", 0.10, "compounds", "no CRS, coordinates off by up to 800 m"),
        ("urban.crs_shifted", 0.15, "compounds", "BD09 or GCJ02, and says so"),
        ("urban.compound_twice", 0.30, "compounds with a popular name", "listed again under it"),
        ("urban.place_community_missing", 0.10, "places", "SZSQDM empty"),
    )
    + _dirts(
        "urban_management",
        "buildings",
        ("urban.storeys_zero", 0.03, "buildings", "FloorsDown empty and Height 0"),
        ("urban.structure_word", 0.5, "buildings", "钢混 for a code"),
    )
    + _dirts(
        "urban_management",
        "reporters",
        ("urban.name_only_title", 0.25, "callers", "王女士"),
        ("urban.address_vague", 0.40, "callers", "the compound only"),
        ("urban.caller_twice", 0.05, "callers", "once more under another key and phone"),
        ("urban.name_homophone", 0.04, "callers", "another character of the same sound"),
    )
)

PROPERTY = _dirts(
    "property",
    "rooms",
    ("property.room_in_full", 0.05, "rooms", "3-1-0501 for 501"),
    ("property.room_twice", 0.008, "rooms", "once more under another key"),
    ("property.area_unit", 0.08, "rooms", "89.50㎡"),
    ("property.area_unreadable", 0.002, "rooms", "约90"),
    ("property.company_wrong_check", 0.004, "rooms", "company_uscc with a wrong check"),
    ("property.iso_time", 0.30, "rooms", "update_time in ISO 8601"),
    ("property.room_withdrawn", 0.004, "rooms", "status_cd 1"),
    ("property.room_alias", 0.10, "rooms of compounds with a popular name", "that name"),
) + _dirts(
    "property",
    "owners",
    ("property.owners_in_one_cell", 0.60, "jointly owned rooms", "张三、李四 in one cell"),
    ("property.developer_owns", 0.04, "rooms", "the developer stands as owner"),
    ("property.agent_phone", 0.06, "let rooms", "an agent's phone, the same on many"),
    ("property.id_missing", 0.15, "people", "id_card empty"),
    ("property.id_masked", 0.03, "people", "eight digits as asterisks"),
    ("property.id_wrong_digit", 0.006, "people", "one digit wrong"),
    ("property.id_other_document", 0.90, "people with passport or permit", "its number in id_card"),
    ("property.name_typo", 0.008, "people", "one character like another"),
    ("property.phone_typo", 0.008, "people", "one digit wrong, still a number"),
    ("property.name_spaced", 0.02, "names of two signs", "李 四"),
    ("property.owner_withdrawn", 0.010, "rows", "status_cd 1, still sent"),
)

DIRTS = {
    dirt.name: dirt for dirt in (*PUBLIC_SECURITY, *STREET_OFFICE, *URBAN_MANAGEMENT, *PROPERTY)
}

#: Whole deliveries that are spoilt; made on demand, since each of them holds its dataset.
SPOILS = {
    "not_a_workbook": "人口信息.xlsx is an HTML page with that name",
    "zero_bytes": "人口信息.xlsx has no content",
    "headers_only": "人口信息.xlsx holds titles and headers and no row",
    "column_missing": "one sheet lacks 身份证号",
    "column_renamed": "one sheet says 证件编号2, no known alias, for 身份证号",
    "half_the_rows": "人口信息.xlsx has lost every second row",
    "no_success": "_SUCCESS is absent: the delivery is not complete",
}
