"""Households and the people in them: kinship, ages, names, documents, registration.

Numbers of rows are positions: `pid` a person's, `hh` a household's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hub.demo.chance import Chance, Flags, Ints, Text, digits, number
from hub.demo.identity import citizen_ids, mobiles
from hub.demo.names import GROUPS, full_names

DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Form:
    """A form of household: how common, the age of its head, who belongs to it."""

    weight: float
    ages: tuple[int, int]
    roles: tuple[str, ...]


FORMS = (
    Form(0.100, (20, 59), ("head",)),
    Form(0.055, (62, 92), ("head",)),
    Form(0.120, (24, 59), ("head", "spouse")),
    Form(0.085, (60, 86), ("head", "spouse")),
    Form(0.270, (27, 55), ("head", "spouse", "child")),
    Form(0.110, (30, 52), ("head", "spouse", "child", "child")),
    Form(0.008, (27, 45), ("head", "spouse", "twin", "twin")),
    Form(0.100, (30, 50), ("head", "spouse", "child", "mother")),
    Form(0.045, (30, 50), ("head", "spouse", "child", "father", "mother")),
    Form(0.042, (28, 52), ("head", "child")),
    Form(0.040, (19, 40), ("head", "lodger")),
    Form(0.025, (19, 40), ("head", "lodger", "lodger")),
)
# Real counties that people come from; the addresses in them are invented.
COUNTIES = {
    "630103": "青海省西宁市城中区",
    "630104": "青海省西宁市城西区",
    "630105": "青海省西宁市城北区",
    "630106": "青海省西宁市湟中区",
    "630121": "青海省西宁市大通回族土族自治县",
    "630123": "青海省西宁市湟源县",
    "630202": "青海省海东市乐都区",
    "630203": "青海省海东市平安区",
    "630222": "青海省海东市民和回族土族自治县",
    "630223": "青海省海东市互助土族自治县",
    "630224": "青海省海东市化隆回族自治县",
    "630225": "青海省海东市循化撒拉族自治县",
    "632221": "青海省海北藏族自治州门源回族自治县",
    "632521": "青海省海南藏族自治州共和县",
    "622921": "甘肃省临夏回族自治州临夏县",
    "622923": "甘肃省临夏回族自治州永靖县",
    "620102": "甘肃省兰州市城关区",
    "620921": "甘肃省酒泉市金塔县",
    "510104": "四川省成都市锦江区",
    "410102": "河南省郑州市中原区",
}


def households(chance: Chance, people: int) -> pd.DataFrame:
    """Draw as many households as hold so many people; the last is cut where they are full."""
    weights = [form.weight for form in FORMS]
    guess = np.arange(people)
    form = chance.index("household.form", guess, weights)
    size = np.array([len(one.roles) for one in FORMS])[form]
    last = int(np.searchsorted(np.cumsum(size), people)) + 1
    hh = np.arange(last)
    frame = pd.DataFrame({"form": form[:last], "size": size[:last]})
    too_many = int(frame["size"].sum()) - people
    frame["size"] = np.where(hh == last - 1, frame["size"] - too_many, frame["size"])
    low = np.array([one.ages[0] for one in FORMS])[frame["form"]]
    high = np.array([one.ages[1] for one in FORMS])[frame["form"]]
    frame["age"] = chance.whole("household.age", hh, low, high)
    frame["group"] = chance.pick("household.group", hh, list(GROUPS), list(GROUPS.values()))
    shared = np.array(["lodger" in one.roles for one in FORMS])[frame["form"]]
    frame["floating"] = shared | chance.hit("household.floating", hh, 0.21)
    frame["abroad"] = ~frame["floating"] & chance.hit("household.abroad", hh, 0.004)
    frame["border"] = (
        ~frame["abroad"] & ~frame["floating"] & chance.hit("household.border", hh, 0.003)
    )
    frame["no"] = "H6301" + digits(number(hh, 99_999_989, 48_271_939), 8)
    return frame


def persons(chance: Chance, homes: pd.DataFrame, now: np.datetime64) -> pd.DataFrame:
    """People the households; kin get fitting ages, names and relations to the head."""
    hh = np.repeat(np.arange(len(homes)), homes["size"])
    frame = pd.DataFrame({"hh": hh})
    frame["nth"] = frame.groupby("hh").cumcount()
    home = homes.iloc[hh].reset_index(drop=True)
    most = max(len(form.roles) for form in FORMS)
    table = np.array([[*form.roles, *[""] * (most - len(form.roles))] for form in FORMS], dtype="O")
    frame["role"] = table[home["form"], frame["nth"]]
    frame["male"] = _sexes(chance, frame)
    frame["birth"] = _births(chance, frame, home["age"].to_numpy(), now)
    lodger = (frame["role"] == "lodger").to_numpy()
    own = chance.pick("person.group", np.arange(len(frame)), list(GROUPS), list(GROUPS.values()))
    stranger = lodger | (frame["role"] == "spouse") & chance.hit("person.mixed", hh, 0.05)
    frame["group"] = np.where(stranger, own, home["group"].to_numpy(dtype=object))
    frame["family"] = _families(frame)
    for column in ("floating", "abroad", "border"):
        frame[column] = home[column].to_numpy()
    frame["register_no"] = home["no"].to_numpy(dtype=object)
    return named(chance, frame)


def outsiders(chance: Chance, first: int, count: int, now: np.datetime64) -> pd.DataFrame:
    """Add people who own flats here and live elsewhere."""
    pid = np.arange(first, first + count)
    frame = pd.DataFrame({"hh": np.full(count, -1), "nth": 0, "role": "outside"})
    frame["male"] = chance.hit("person.sex", pid, 0.55)
    age = chance.whole("outside.age", pid, 28, 70) * 365 + chance.whole("outside.day", pid, 0, 364)
    frame["birth"] = now.astype("M8[D]") - age * DAY
    frame["group"] = chance.pick("person.group", pid, list(GROUPS), list(GROUPS.values()))
    frame["family"] = pid * 4 + 1
    for column in ("floating", "abroad", "border"):
        frame[column] = False
    frame["register_no"] = ""
    return named(chance, frame, first)


def named(chance: Chance, frame: pd.DataFrame, first: int = 0) -> pd.DataFrame:
    """Give names, and the kinship code of each role (GB/T 4761)."""
    pid = np.arange(first, first + len(frame))
    male = frame["male"].to_numpy()
    group, family = frame["group"].to_numpy(dtype=object), frame["family"].to_numpy()
    frame["name"] = full_names(chance, pid, group, family, male, frame["abroad"].to_numpy())
    said = full_names(chance, pid + 500_000_000, group, family, male, frame["abroad"].to_numpy())
    frame["former_name"] = np.where(chance.hit("person.former_name", pid, 0.03), said, "")
    role = frame["role"].to_numpy(dtype=object)
    child = np.isin(role, ["child", "twin"])
    frame["relation"] = np.select(
        [role == "head", (role == "spouse") & male, role == "spouse", child & male, child,
         role == "father", role == "mother"],
        ["02", "11", "12", "20", "30", "51", "52"],
        "99",
    )  # fmt: skip
    return frame


def documented(chance: Chance, frame: pd.DataFrame, now: np.datetime64) -> pd.DataFrame:
    """Give documents, telephones, registration and status to all people at once."""
    pid = np.arange(len(frame))
    day = frame["birth"].dt.strftime("%Y%m%d").to_numpy(dtype=object)
    abroad, border = frame["abroad"].to_numpy(), frame["border"].to_numpy()
    foreign = abroad | border
    sex = np.where(frame["male"], 1, 2)
    frame["id"] = np.where(foreign, "", citizen_ids(chance, pid, day, sex))
    passport = chance.pick("passport", pid, list("EGKPXN")) + digits(
        number(pid, 99_999_989, 31_415_927), 8
    )
    permit = chance.pick("permit", pid, list("HM")) + digits(number(pid, 99_999_989, 27_182_819), 8)
    frame["document"] = np.select([abroad, border], [passport, permit], "")
    frame["document_type"] = np.select([abroad, border], ["414", "516"], "111")
    frame["age"] = (
        (now.astype("M8[D]") - frame["birth"].to_numpy().astype("M8[D]")) / DAY / 365.25
    ).astype(int)
    _telephones(chance, frame)
    _registration(chance, frame)
    return frame


def _sexes(chance: Chance, frame: pd.DataFrame) -> Flags:
    role = frame["role"].to_numpy(dtype=object)
    head = chance.hit("head.sex", frame["hh"].to_numpy(), 0.72)
    drawn = chance.hit("person.sex", np.arange(len(frame)), 0.51)
    fixed = [role == "head", role == "spouse", role == "father", role == "mother"]
    return np.asarray(np.select(fixed, [head, ~head, True, False], drawn))


def _births(chance: Chance, frame: pd.DataFrame, head: Ints, now: np.datetime64) -> Text:
    pid = np.arange(len(frame))
    hh, role = frame["hh"].to_numpy(), frame["role"].to_numpy(dtype=object)
    spouse = np.maximum(head + chance.whole("spouse.gap", hh, -4, 3), 20)
    younger = np.where(np.isin(frame["nth"], [2, 3]), np.minimum(head, spouse), head)
    # Twins are drawn by household, other children each for themselves.
    kin = np.where(role == "twin", hh + 700_000_000, pid)
    child = np.maximum(younger - chance.whole("child.gap", kin, 21, 37), 0)
    parent = head + chance.whole("parent.gap", hh, 21, 34)
    drawn = chance.whole("lodger.age", pid, 18, 42)
    roles = ["head", "spouse", "child", "twin", "father", "mother"]
    values = [head, spouse, child, child, parent + 2, parent]
    age = np.select([role == one for one in roles], values, drawn)
    days = age * 365.25 + chance.whole("person.day", kin, 0, 364)
    return np.asarray(now.astype("M8[D]") - days.astype(int) * DAY)


def _families(frame: pd.DataFrame) -> Ints:
    """Number blood families: children with the father, spouse and mother each with their own."""
    hh, role = frame["hh"].to_numpy(), frame["role"].to_numpy(dtype=object)
    married = np.isin(hh, hh[role == "spouse"])
    head_male = frame.groupby("hh")["male"].transform("first").to_numpy()
    of_spouse = (role == "spouse") | np.isin(role, ["child", "twin"]) & married & ~head_male
    alone = np.isin(role, ["lodger", "mother"])
    return np.asarray(
        np.select([alone, of_spouse], [np.arange(len(frame)) * 4 + 3, hh * 4 + 2], hh * 4)
    )


def _telephones(chance: Chance, frame: pd.DataFrame) -> None:
    """Give each adult a number; children and some of the old use a relative's."""
    pid = np.arange(len(frame))
    own = mobiles(chance, "phone", pid)
    before = mobiles(chance, "phone.before", pid + 20_000_000)
    first = frame.groupby("hh").cumcount().rsub(pid).to_numpy()
    leader = np.where(frame["hh"] >= 0, first, pid)
    age = frame["age"].to_numpy()
    shared = (age < 14) | (age > 68) & chance.hit("phone.shared", pid, 0.35)
    frame["phone"] = np.where(shared, own[leader], own)
    frame.loc[(age > 14) & chance.hit("phone.none", pid, 0.05), "phone"] = ""
    frame["phone_before"] = np.where(shared, before[leader], before)
    frame["phone_second"] = np.where(
        chance.hit("phone.second", pid, 0.2), mobiles(chance, "phone.second", pid + 40_000_000), ""
    )
    frame["phone_days"] = chance.wait("phone.days", leader, 1500.0).astype(int) + 1


def _registration(chance: Chance, frame: pd.DataFrame) -> None:
    pid = np.arange(len(frame))
    floating = frame["floating"].to_numpy()
    elsewhere = ~floating & chance.hit("register.elsewhere", pid, 0.05)
    frame["category"] = np.select(
        [frame["abroad"], frame["border"], floating, elsewhere], ["5", "4", "3", "2"], "1"
    )
    county = chance.pick("register.county", frame["family"].to_numpy(), list(COUNTIES))
    foreign = np.isin(frame["category"], ["4", "5"])
    frame["division"] = np.select(
        [foreign, floating, frame["hh"] < 0], ["", county, county], "630102"
    )
    frame["inflow"] = np.where(
        floating,
        chance.pick("inflow", pid, ["01", "03", "04", "06", "09", "99"], [5, 2, 2, 1, 1, 0.5]),
        "",
    )
    frame["status"] = np.select(
        [
            chance.hit("status.dead", pid, 0.025) & (frame["age"] > 55),
            chance.hit("status.moved", pid, 0.012),
        ],
        ["3", "2"],
        "1",
    )
    frame.loc[frame["hh"] < 0, "status"] = "1"
