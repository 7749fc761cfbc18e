"""What life adds to people: homes, schooling, work, care, visits, and who owns what."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hub.demo.chance import Chance, Flags, Ints, Text

EDUCATION = ["10", "20", "30", "40", "60", "70", "80"]
WORK = ["11", "13", "17", "24", "27", "51", "54", "70"]


def housed(chance: Chance, homes: pd.DataFrame, flats: pd.DataFrame) -> pd.DataFrame:
    """Give each household a flat; a few share one, some let theirs, some lived elsewhere before."""
    hh = np.arange(len(homes))
    free = np.flatnonzero(flats["dwelling"] & ~flats["unsold"])
    order = free[np.argsort(chance.share("house.order", free), kind="stable")]
    homes["hid"] = order[hh]
    joins = chance.hit("household.joins", hh, 0.03) & (hh > 0)
    host = (chance.share("household.host", hh) * hh).astype(int)
    homes.loc[joins, "hid"] = homes["hid"].to_numpy()[host[joins]]
    homes["tenant"] = joins | homes["floating"] & chance.hit("household.lets", hh, 0.9)
    homes["tenant"] |= ~homes["floating"] & chance.hit("household.rents", hh, 0.05)
    elsewhere = order[(chance.share("household.before", hh) * len(order)).astype(int)]
    homes["hid_before"] = np.where(elsewhere == homes["hid"], -1, elsewhere)
    mean = np.where(homes["floating"], 700.0, 3300.0)
    homes["home_days"] = chance.wait("household.days", hh, mean).astype(int) + 1
    second = order[(chance.share("household.second", hh) * len(order)).astype(int)]
    homes["hid_second"] = np.where(chance.hit("household.two", hh, 0.04), second, -1)
    return homes


def settled(chance: Chance, people: pd.DataFrame, homes: pd.DataFrame) -> None:
    """Carry homes over to the people, who may also be registered with their parents."""
    pid = np.arange(len(people))
    hh = people["hh"].to_numpy()
    for column in ("hid", "hid_before", "hid_second"):
        people[column] = np.where(hh >= 0, homes[column].to_numpy()[hh], -1)
    days = np.where(hh >= 0, homes["home_days"].to_numpy()[hh], 1)
    alive = ((people["age"] + 1) * 365).to_numpy()
    people["home_days"] = np.minimum(days, alive)
    people["tenant"] = (hh >= 0) & homes["tenant"].to_numpy()[hh]
    # A woman married here often stays in her parents' household register.
    wife = (people["relation"] == "12").to_numpy() & ~people["floating"].to_numpy()
    away = wife & chance.hit("wife.registered", pid, 0.18) | (people["category"] == "2").to_numpy()
    parents = (chance.share("wife.parents", pid) * len(homes)).astype(int)
    people["register_hid"] = np.where(away, homes["hid"].to_numpy()[parents], people["hid"])
    people["register_no"] = np.where(
        away,
        homes["no"].to_numpy(dtype=object)[parents],
        people["register_no"].to_numpy(dtype=object),
    )
    people.loc[people["floating"] | people["abroad"] | people["border"], "register_hid"] = -1


def schooled(chance: Chance, people: pd.DataFrame) -> None:
    """Give schooling, politics, marriage and work as fits the age."""
    pid = np.arange(len(people))
    age, role = people["age"].to_numpy(), people["role"].to_numpy(dtype=object)
    adult = chance.pick("education", pid, EDUCATION, [2, 14, 18, 10, 18, 26, 12])
    people["education"] = np.select([age < 6, age < 13, age < 16], ["", "80", "70"], adult)
    married = np.isin(role, ["spouse", "father", "mother"]) | _has_spouse(people)
    single = np.where(age < 24, "10", chance.pick("marital", pid, ["10", "30", "40"], [4, 3, 3]))
    people["marital"] = np.where(
        married, chance.pick("married", pid, ["20", "21", "22"], [8, 1, 1]), single
    )
    party = chance.pick("politics", pid, ["13", "01", "02"], [85, 13, 2])
    people["politics"] = np.select([age < 14, age < 24], ["13", "03"], party)
    work = chance.pick("work", pid, WORK, [6, 10, 16, 18, 8, 14, 14, 6])
    old = age >= np.where(people["male"], 61, 56)
    people["work"] = np.select([age < 6, age < 20, old], ["", "31", "80"], work)


def cared(chance: Chance, people: pd.DataFrame) -> None:
    """Mark who lives alone, serves or served, is disabled or poor, and whom to call."""
    pid = np.arange(len(people))
    size = people.groupby("hh")["hh"].transform("size").to_numpy()
    youngest = people.groupby("hh")["age"].transform("min").to_numpy()
    age = people["age"].to_numpy()
    people["alone"] = (size == 1) & (age >= 60) & (people["hh"] >= 0)
    people["nest"] = (size == 2) & (youngest >= 60)
    people["veteran"] = people["male"] & (age > 25) & chance.hit("veteran", pid, 0.05)
    disabled = chance.hit("disabled", pid, 0.022 + 0.03 * (age > 65).mean())
    kind = chance.pick("disability", pid, list("1234567"), [14, 18, 3, 40, 9, 8, 8])
    people["disability"] = np.where(disabled, kind, "")
    people["disability_level"] = np.where(
        disabled, chance.pick("disability.level", pid, list("1234")), ""
    )
    people["poor"] = people["hh"].isin(
        np.flatnonzero(chance.hit("poor", np.arange(len(people)), 0.03))
    )
    _contacts(chance, people)
    days = np.where(people["alone"], 30.0, 200.0)
    people["visit_days"] = chance.wait("visit", pid, days).astype(int)


def owned(chance: Chance, flats: pd.DataFrame, people: pd.DataFrame, outside: Ints) -> pd.DataFrame:
    """Say who owns each flat: who lives there, other residents, people elsewhere, companies."""
    hid = np.flatnonzero(~flats["unsold"] & (flats["use"] != "04"))
    here = people[(people["hh"] >= 0) & ~people["tenant"] & (people["age"] >= 20)]
    first = here.drop_duplicates("hid")
    living = pd.Series(first.index.to_numpy(), index=first["hid"].to_numpy())
    owner = living.reindex(hid).fillna(-1).astype(int).to_numpy()
    other = _landlords(chance, hid, people, outside)
    company = (owner < 0) & chance.hit("owner.company", hid, 0.06)
    frame = pd.DataFrame(
        {"hid": hid, "pid": np.where(owner >= 0, owner, other), "company": company}
    )
    frame.loc[company, "pid"] = -1
    couple = _spouses(people)[np.maximum(frame["pid"], 0)]
    joint = (frame["pid"] >= 0) & (couple >= 0) & chance.hit("owner.joint", hid, 0.22)
    frame["partner"] = np.where(joint, couple, -1)
    return frame


def _landlords(chance: Chance, hid: Ints, people: pd.DataFrame, outside: Ints) -> Ints:
    """Draw owners for flats whose people do not own them; some own several."""
    adults = np.flatnonzero(
        (people["hh"] >= 0) & (people["age"] >= 25) & (people["role"] == "head")
    )
    # The power makes a few people own many flats.
    share = chance.share("owner.landlord", hid) ** 1.6
    local = adults[(share * len(adults)).astype(int)]
    away = outside[(chance.share("owner.outside", hid) * len(outside)).astype(int)]
    return np.asarray(np.where(chance.hit("owner.local", hid, 0.55), local, away))


def _spouses(people: pd.DataFrame) -> Ints:
    head = people.index[people["role"] == "head"].to_numpy()
    wed = people[people["role"] == "spouse"]
    by_household = pd.Series(wed.index.to_numpy(), index=wed["hh"].to_numpy())
    found = np.full(len(people), -1)
    found[head] = (
        by_household.reindex(people["hh"].to_numpy()[head]).fillna(-1).astype(int).to_numpy()
    )
    return found


def _has_spouse(people: pd.DataFrame) -> Flags:
    wed = people.loc[people["role"] == "spouse", "hh"]
    return np.asarray((people["role"] == "head") & people["hh"].isin(wed))


def _contacts(chance: Chance, people: pd.DataFrame) -> None:
    """Name the household's head, else somebody of the same family name, as whom to call."""
    pid = np.arange(len(people))
    first = people.groupby("hh").cumcount().rsub(pid).to_numpy()
    other = np.where(first == pid, np.minimum(pid + 1, len(people) - 1), first)
    asked = chance.hit("emergency", pid, 0.35) | people["alone"].to_numpy()
    names: Text = people["name"].to_numpy(dtype=object)
    phones: Text = people["phone"].to_numpy(dtype=object)
    people["emergency_name"] = np.where(asked, names[other], "")
    people["emergency_phone"] = np.where(asked, phones[other], "")
