"""The columns of 人口信息.xlsx, as community workers fill them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hub.demo import spelling
from hub.demo.chance import Flags, Ints, Text
from hub.demo.views.documents import ends_in_x, spoilt_ids
from hub.demo.views.seen import community_of, phone_seen, registered_addresses, short_addresses
from hub.demo.views.view import Stains, at, column, either
from hub.demo.world import World

SOURCE = "street_office"
GROUPS = {
    "01": "汉",
    "02": "蒙古",
    "03": "回",
    "04": "藏",
    "05": "维吾尔",
    "11": "满",
    "17": "哈萨克",
    "30": "土",
    "35": "撒拉",
}
EDUCATION = {
    "10": "研究生",
    "20": "本科",
    "30": "大专",
    "40": "中专",
    "60": "高中",
    "70": "初中",
    "80": "小学",
}
MARITAL = {"10": "未婚", "20": "已婚", "21": "已婚", "22": "已婚", "30": "丧偶", "40": "离异"}
POLITICS = {"01": "党员", "02": "预备党员", "03": "团员", "13": "群众"}
WORK = {
    "11": "公务员",
    "13": "专业技术人员",
    "17": "职员",
    "24": "工人",
    "27": "务农",
    "31": "学生",
    "51": "自由职业",
    "54": "个体",
    "70": "无业",
    "80": "退休",
}
CATEGORY = {"1": "户籍", "2": "人户分离", "3": "流动", "4": "港澳台", "5": "外国人"}
RELATION = {
    "02": "户主",
    "11": "夫",
    "12": "妻",
    "20": "子",
    "30": "女",
    "51": "父亲",
    "52": "母亲",
    "99": "非亲属",
}
DISABILITY = dict(
    zip("1234567", ["视力", "听力", "言语", "肢体", "智力", "精神", "多重"], strict=True)
)
LEVELS = dict(zip("1234", ["一级", "二级", "三级", "四级"], strict=True))
YES_NO = (("是", "否"), ("1", "0"), ("Y", "N"), ("√", ""))


def resident_rows(world: World, pid: Ints, home: Ints, stains: Stains) -> dict[str, Text]:
    """Write the rows of people who, as the office believes, live in these homes."""
    people, style = world.persons, community_of(world, home)
    return {
        "人员编号": stains.keys.copy(),
        **_who(world, pid, style, stains),
        "户籍性质": _words(column(people, "category")[pid], CATEGORY),
        "户籍地址": registered_addresses(world, pid),
        "现住址": _living(world, pid, home, stains),
        "户号": column(people, "register_no")[pid],
        "与户主关系": _relations(world, pid),
        **_cares(world, pid, style, stains),
        "紧急联系人": column(people, "emergency_name")[pid],
        "紧急联系电话": column(people, "emergency_phone")[pid],
        "走访日期": _written_dates(world, "visit", pid, people["visited"].to_numpy()[pid]),
        "居住开始日期": _written_dates(world, "since", pid, people["home_since"].to_numpy()[pid]),
        "网格编号": _grids(world, home, stains),
        "更新时间": _updated(world, pid),
        "备注": _remarks(world, pid),
    }


def _who(world: World, pid: Ints, style: Ints, stains: Stains) -> dict[str, Text]:
    people = world.persons
    names, phones = _names_and_phones(world, pid, stains)
    return {
        "姓名": names,
        "身份证号": _ids(world, pid, stains),
        "出生日期": _births(world, pid, stains),
        "性别": _sexes(world, pid, style, stains),
        "民族": _groups(world, pid),
        "政治面貌": _words(column(people, "politics")[pid], POLITICS),
        "学历": _words(column(people, "education")[pid], EDUCATION),
        "婚姻状况": _marital(world, pid),
        "从业状况": _work(world, pid, stains),
        "联系电话": phones,
    }


def _cares(world: World, pid: Ints, style: Ints, stains: Stains) -> dict[str, Text]:
    """Say yes and no to the questions of care; levels in words or digits by the sheet."""
    people = world.persons
    disabled, level = column(people, "disability")[pid], column(people, "disability_level")[pid]
    bare = stains.hit("office.disability_bare", disabled != "")
    graded = either(style % 3 == 0, level, _words(level, LEVELS))
    asked = {"alone": "是否独居老人", "nest": "是否空巢", "veteran": "是否退役军人"}
    flags = {
        header: _flag(world, name, people[name].to_numpy()[pid], pid, style)
        for name, header in asked.items()
    }
    return {
        **flags,
        "是否残疾": _flag(world, "disabled", disabled != "", pid, style),
        "残疾类别": either(bare, "", _words(disabled, DISABILITY)),
        "残疾等级": either(bare, "", graded),
        "是否低保": _flag(world, "poor", people["poor"].to_numpy()[pid], pid, style),
    }


def _words(codes: Text, table: dict[str, str]) -> Text:
    return np.asarray(pd.Series(codes).map(table).fillna("").to_numpy(dtype=object))


def _names_and_phones(world: World, pid: Ints, stains: Stains) -> tuple[Text, Text]:
    chance, people = world.chance, world.persons
    names = column(people, "name")[pid]
    phones, beside = _phones(world, pid, stains)
    typo = stains.hit("office.name_typo", spelling.can_be_misspelt(names))
    names = spelling.misspelt(chance, "office.misspelt", pid, names, typo)
    words = pd.Series(names, dtype="str")
    apart = stains.hit("office.name_spaced", (words.str.len() == 2).to_numpy())
    names[apart] = spelling.spaced(names[apart], "　")
    dotted = stains.hit("office.name_dot", words.str.contains("·", regex=False).to_numpy())
    other = chance.pick("office.dot", pid, ["．", "•", "・"])
    names[dotted] = [n.replace("·", o) for n, o in zip(names[dotted], other[dotted], strict=True)]
    crossed = stains.hit("office.phone_in_name", phones != "")
    names[crossed], phones[crossed] = names[crossed] + beside[crossed], ""
    status = column(people, "status")[pid]
    dead, moved = (
        stains.hit("office.said_dead", status == "3"),
        stains.hit("office.said_moved", status == "2"),
    )
    names[dead] = names[dead] + "(已故)"
    names[moved] = names[moved] + "（搬走）"
    free = ~(dead | moved)
    lost = stains.hit("office.name_missing", free)
    names[lost] = ""
    names[stains.hit("office.name_placeholder", free & ~lost)] = "测试"
    return names, phones


def _phones(world: World, pid: Ints, stains: Stains) -> tuple[Text, Text]:
    """Give the cell, and the one number that may slip into the name."""
    chance, one = world.chance, phone_seen(world, pid, SOURCE)
    landline = (one != "") & chance.hit("office.landline", pid, 0.06)
    one[landline] = ["9" + word[-6:] for word in one[landline]]
    full = landline & chance.hit("office.landline.full", pid, 0.4)
    one[full] = "0971-" + one[full]
    found, has = one.copy(), (one != "") & ~landline
    typo = stains.hit("office.phone_typo", has)
    found[typo] = spelling.one_digit_off(chance, "office.phone.off", pid[typo], found[typo], 4, 10)
    short = stains.hit("office.phone_unreadable", has & ~typo)
    found[short] = [word[:-2] for word in found[short]]
    gone = stains.hit("office.phone_missing", has & ~typo & ~short)
    found[gone] = ""
    several = stains.hit("office.phones_several", has & ~typo & ~short & ~gone)
    second = column(world.persons, "phone_second")[pid]
    second = np.where(second == "", column(world.persons, "phone_before")[pid], second)
    found[several] = found[several] + "、" + second[several]
    return found, one


def _ids(world: World, pid: Ints, stains: Stains) -> Text:
    clean, other = column(world.persons, "id")[pid], column(world.persons, "document")[pid]
    always = ("missing", "excel_power", "excel_zeros", "wrong_digit", "masked")
    cases = {**dict.fromkeys(always), "lower_x": ends_in_x(clean)}
    ids = spoilt_ids(stains, "office", clean, cases)
    return np.where(stains.hit("office.id_other_document", other != ""), other, ids).astype(object)


def _births(world: World, pid: Ints, stains: Stains) -> Text:
    chance, day = world.chance, world.persons["birth"].to_numpy()[pid].astype("M8[D]")
    typo = stains.hit("office.birth_typo")
    day = np.where(typo, spelling.nearby(chance, "office.birth.near", pid, day), day)
    words = _written_dates(world, "birth", pid, day)
    month = stains.hit("office.birth_month", ~typo)
    words[month] = [f"{at.year}年{at.month}月" for at in pd.DatetimeIndex(day[month])]
    missing = stains.hit("office.birth_missing", ~typo & ~month)
    words[missing] = ""
    words[stains.hit("office.birth_unreadable", ~typo & ~month & ~missing)] = "不清楚"
    return words


def _written_dates(world: World, question: str, pid: Ints, days: np.ndarray) -> Text:
    """Write dates as workers do; the fourth way is an Excel date, marked by a leading @."""
    form = world.chance.index(f"office.date.{question}", pid, [3, 2, 3, 2])
    ways = [
        spelling.loose_dates(days, "."),
        spelling.dates(days, "%Y/%m/%d"),
        spelling.dates(days, "%Y-%m-%d"),
    ]
    return np.asarray(np.choose(form, [*ways, "@" + ways[2]]), dtype=object)


def _sexes(world: World, pid: Ints, style: Ints, stains: Stains) -> Text:
    male = world.persons["male"].to_numpy()[pid] ^ stains.hit("office.sex_contradicts")
    digit = world.chance.hit("office.sex.digit", style, 0.3)
    return np.where(digit, np.where(male, "1", "2"), np.where(male, "男", "女")).astype(object)


def _groups(world: World, pid: Ints) -> Text:
    words = _words(column(world.persons, "group")[pid], GROUPS)
    long = world.chance.hit("office.group.long", pid, 0.5)
    words = np.where(long, spelling.said(words, "族"), words)
    return np.where(world.persons["abroad"].to_numpy()[pid], "", words).astype(object)


def _marital(world: World, pid: Ints) -> Text:
    words = _words(column(world.persons, "marital")[pid], MARITAL)
    said = world.chance.hit("office.marital", pid, 0.4)
    return np.where((words == "离异") & said, "离婚", words).astype(object)


def _work(world: World, pid: Ints, stains: Stains) -> Text:
    words = _words(column(world.persons, "work")[pid], WORK)
    words[(words == "务农") & world.chance.hit("office.farmer", pid, 0.5)] = "农民"
    words[stains.hit("office.word_unknown", words != "")] = "在业"
    return words


def _relations(world: World, pid: Ints) -> Text:
    words = _words(column(world.persons, "relation")[pid], RELATION)
    words[(words == "户主") & world.chance.hit("office.self", pid, 0.3)] = "本人"
    words[np.isin(words, ["夫", "妻"]) & world.chance.hit("office.spouse", pid, 0.5)] = "配偶"
    return words


def _flag(world: World, question: str, yes: Flags, pid: Ints, style: Ints) -> Text:
    """Say yes or no in the words of the sheet; half of the no's are left out."""
    form = world.chance.whole("office.yes", style, 0, len(YES_NO) - 1)
    words = np.array(YES_NO, dtype=object)
    silent = ~yes & world.chance.hit("office.silent." + question, pid, 0.5)
    return np.where(silent, "", np.where(yes, words[form, 0], words[form, 1])).astype(object)


def _living(world: World, pid: Ints, home: Ints, stains: Stains) -> Text:
    # One household's rows are written in one go: they spell the address alike.
    hh = world.persons["hh"].to_numpy()[pid]
    words = short_addresses(world.chance, world, "office.address", hh, home, 0.12)
    words[stains.hit("office.address_missing")] = ""
    return words


def _grids(world: World, home: Ints, stains: Stains) -> Text:
    gid = world.compounds["gid"].to_numpy()[world.houses["kid"].to_numpy()[home]]
    return np.where(stains.hit("office.grid_missing"), "", at(world.grids, "code", gid)).astype(
        object
    )


def _updated(world: World, pid: Ints) -> Text:
    seen = world.persons[f"seen.{SOURCE}"].to_numpy()[pid]
    exact = spelling.times(seen, "%Y-%m-%d %H:%M:%S")
    loose = spelling.loose_dates(seen, ".")
    return np.where(world.chance.hit("office.updated", pid, 0.3), loose, exact).astype(object)


def _remarks(world: World, pid: Ints) -> Text:
    words = world.chance.pick("office.remark", pid, ["已入户", "电话核实", "家中无人，下次再访"])
    return np.where(world.chance.hit("office.remarked", pid, 0.08), words, "").astype(object)
