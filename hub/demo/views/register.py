"""The police's register of residents, zk_rkxx."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hub.demo import names, spelling
from hub.demo.chance import Flags, Ints, Text, digits, number
from hub.demo.views.documents import ends_in_x, spoilt_ids
from hub.demo.views.seen import (
    address_codes,
    full_addresses,
    home_seen,
    phone_seen,
    present,
    registered_addresses,
    short_addresses,
)
from hub.demo.views.view import Stains, View, column, either, table, true_ids
from hub.demo.world import World

SOURCE = "public_security"
GROUP_NAMES = {
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
STAMP = "%Y%m%d%H%M%S"


def residents(world: World, made: View) -> None:
    """Write everybody the police know, floating people sometimes twice."""
    pid = np.flatnonzero(present(world, "police.holds", 0.985, 0.90))
    keys = np.asarray("R63" + digits(number(pid, 9_999_999_967, 48_271), 10))
    stains = Stains(world.chance, pid, keys, world.persons["mended"].to_numpy()[pid])
    rows = _resident_rows(world, pid, keys, stains)
    twice = stains.hit("police.twice", world.persons["floating"].to_numpy()[pid])
    frame = pd.concat(
        [table(rows), _registered_again(world, pid[twice], rows, twice)], ignore_index=True
    )
    everybody = np.concatenate([pid, pid[twice]])
    made.rows["residents"] = frame
    made.stains.append(stains)
    made.tell("residents", column(frame, "rybh"), "person", true_ids("person", everybody))


def _resident_rows(world: World, pid: Ints, keys: Text, stains: Stains) -> dict[str, Text]:
    seen = world.persons[f"seen.{SOURCE}"].to_numpy()[pid]
    return {
        "rybh": keys,
        **_who(world, pid, stains),
        **_registered(world, pid, stains),
        **_residing(world, pid, stains),
        "ryzt": column(world.persons, "status")[pid],
        "gxsj": spelling.times(seen, STAMP),
        "czlx": _operations(world, pid, stains),
    }


def _who(world: World, pid: Ints, stains: Stains) -> dict[str, Text]:
    people, ids = world.persons, _ids(world, pid, stains)
    citizen = column(people, "document_type")[pid] == "111"
    return {
        "gmsfhm": ids,
        "zjlx": column(people, "document_type")[pid],
        "zjhm": either(citizen, "", column(people, "document")[pid]),
        "xm": _names(world, pid, stains),
        "cym": column(people, "former_name")[pid],
        "xb": _sexes(world, pid, stains),
        "csrq": _births(world, pid, ids, stains),
        "mz": _groups(world, pid, stains),
    }


def _registered(world: World, pid: Ints, stains: Stains) -> dict[str, Text]:
    people = world.persons
    politics, marital = column(people, "politics")[pid], column(people, "marital")[pid]
    short = np.array([code.lstrip("0") for code in politics], dtype=object)
    first = np.array([code[:1] for code in marital], dtype=object)
    return {
        "whcd": column(people, "education")[pid],
        "zzmm": either(_odd(world, "zzmm", pid), short, politics),
        "hyzk": either(_odd(world, "hyzk", pid), first, marital),
        "hjxzqh": column(people, "division")[pid],
        "hjdz": registered_addresses(world, pid),
        "hh": column(people, "register_no")[pid],
        "yhzgx": column(people, "relation")[pid],
        "dh": _phones(world, pid, stains),
        "rkfl": column(people, "category")[pid],
        "jzsy": column(people, "inflow")[pid],
    }


def _residing(world: World, pid: Ints, stains: Stains) -> dict[str, Text]:
    people = world.persons
    home, away = _residence(world, pid, stains)
    since = people["home_since"].to_numpy()[pid]
    until = spelling.dates(since + _permit(world, pid), "%Y%m%d")
    coded = ~(stains.hit("police.no_address_code") | away)
    registered = registered_addresses(world, pid)
    return {
        "jzdzbm": either(coded, address_codes(world, home), ""),
        "jzdzxz": either(away, registered, _living(world, pid, home)),
        "jzrq": either(away, "", spelling.dates(since, "%Y%m%d")),
        "jzzyxq": either(people["floating"].to_numpy()[pid], until, ""),
    }


def _residence(world: World, pid: Ints, stains: Stains) -> tuple[Ints, Flags]:
    """Give each home, and who has the registered address in the residence column instead."""
    home = home_seen(world, pid, SOURCE)
    apart = column(world.persons, "register_hid")[pid] != home
    return home, stains.hit("police.registered_as_residence", apart)


def _living(world: World, pid: Ints, home: Ints) -> Text:
    chance = world.chance
    full = full_addresses(world, home)
    short = short_addresses(chance, world, "police.address", pid, home, 0.03)
    return np.asarray(
        np.where(chance.hit("police.address.short", pid, 0.15), short, full), dtype=object
    )


def _ids(world: World, pid: Ints, stains: Stains) -> Text:
    clean = column(world.persons, "id")[pid]
    old = (world.persons["birth"].dt.year < 1985).to_numpy()[pid]
    always = ("wrong_check", "unknown_date", "masked", "full_width")
    cases = {"missing": None, "placeholder": None, "fifteen": old, **dict.fromkeys(always)}
    return spoilt_ids(stains, "police", clean, {**cases, "lower_x": ends_in_x(clean)})


def _names(world: World, pid: Ints, stains: Stains) -> Text:
    chance, found = world.chance, column(world.persons, "name")[pid]
    rare = pd.Series(found).str.contains(f"[{names.RARE}]", regex=True).to_numpy()
    lost = stains.hit("police.rare_sign", rare)
    asked = chance.hit("police.rare.asked", pid, 0.5)
    signs = dict.fromkeys(names.RARE, "?")
    for where, swaps in ((lost & asked, signs), (lost & ~asked, names.PRIVATE_USE)):
        found[where] = [word.translate(str.maketrans(swaps)) for word in found[where]]
    typo = stains.hit("police.name_typo", spelling.can_be_misspelt(found) & ~lost)
    found = spelling.misspelt(chance, "police.misspelt", pid, found, typo)
    found[stains.hit("police.name_placeholder", ~typo)] = "无名氏"
    return found


def _sexes(world: World, pid: Ints, stains: Stains) -> Text:
    male = world.persons["male"].to_numpy()[pid] ^ stains.hit("police.sex_contradicts")
    word = stains.hit("police.sex_word")
    return np.where(word, np.where(male, "男", "女"), np.where(male, "1", "2")).astype(object)


def _births(world: World, pid: Ints, ids: Text, stains: Stains) -> Text:
    chance, day = world.chance, world.persons["birth"].to_numpy()[pid]
    free = np.ones(len(pid), dtype=bool)
    wrong = stains.hit("police.birth_contradicts", ids != "") | stains.hit(
        "police.birth_typo", ids == ""
    )
    day = np.where(
        wrong, spelling.nearby(chance, "police.birth.near", pid, day), day.astype("M8[D]")
    )
    words = spelling.dates(day, "%Y%m%d")
    free &= ~wrong
    for name, where, said in (
        ("police.birth_19900000", free, "19900000"),
        ("police.birth_future", free, "21050101"),
        ("police.birth_ancient", free, "18790101"),
        ("police.birth_missing", free & (ids != ""), ""),
    ):
        hit = stains.hit(name, where & free)
        words[hit] = said
        free &= ~hit
    return words


def _groups(world: World, pid: Ints, stains: Stains) -> Text:
    code = column(world.persons, "group")[pid]
    code[world.persons["abroad"].to_numpy()[pid]] = ""
    word = np.array([GROUP_NAMES.get(one, "") for one in code], dtype=object)
    word = np.where(_odd(world, "mz.long", pid), spelling.said(word, "族"), word)
    named = stains.hit("police.group_name", code != "")
    found = np.where(named, word, code)
    found[stains.hit("police.code_unknown", ~named & (code != ""))] = "77"
    return np.asarray(found, dtype=object)


def _phones(world: World, pid: Ints, stains: Stains) -> Text:
    chance, found = world.chance, phone_seen(world, pid, SOURCE)
    has = found != ""
    typo = stains.hit("police.phone_typo", has)
    short = stains.hit("police.phone_unreadable", has & ~typo)
    several = stains.hit("police.phones_several", has & ~typo & ~short)
    found[typo] = spelling.one_digit_off(chance, "police.phone.off", pid[typo], found[typo], 4, 10)
    found[short] = [word[:-1] for word in found[short]]
    second = column(world.persons, "phone_second")[pid]
    second = np.where(second == "", column(world.persons, "phone_before")[pid], second)
    sign = chance.pick("police.phone.sign", pid, ["/", "、", ";", ","])
    return np.asarray(np.where(several, found + sign + second, found), dtype=object)


def _operations(world: World, pid: Ints, stains: Stains) -> Text:
    written = np.where(world.chance.hit("police.changed", pid, 0.6), "U", "I")
    left = world.persons["withdrawn"].to_numpy()[pid]
    return np.where(stains.hit("police.withdrawn") | left, "D", written).astype(object)


def _permit(world: World, pid: Ints) -> np.ndarray:
    years = (
        world.first.astype("M8[D]") - world.persons["home_since"].to_numpy()[pid].astype("M8[D]")
    ) // np.timedelta64(365, "D")
    return np.asarray((years.clip(0) + 1) * np.timedelta64(365, "D"))


def _odd(world: World, question: str, pid: Ints) -> Flags:
    return world.chance.hit("police.odd." + question, pid, 0.3)


def _registered_again(world: World, pid: Ints, rows: dict[str, Text], twice: Flags) -> pd.DataFrame:
    """Register floating people at a second station: another number, telephone, perhaps home."""
    chance = world.chance
    again = {name: words[twice].copy() for name, words in rows.items()}
    again["rybh"] = np.asarray("R64" + digits(number(pid, 9_999_999_967, 48_271), 10))
    again["dh"] = column(world.persons, "phone_before")[pid]
    again["gmsfhm"] = np.where(chance.hit("again.id", pid, 0.3), "", again["gmsfhm"]).astype(object)
    other = world.persons["hid_before"].to_numpy()[pid]
    moved = chance.hit("again.home", pid, 0.6) & (other >= 0)
    again["jzdzxz"] = np.where(moved, full_addresses(world, other), again["jzdzxz"]).astype(object)
    again["jzdzbm"] = np.where(moved, "", again["jzdzbm"]).astype(object)
    again["hh"] = np.full(len(pid), "", dtype=object)
    return table(again)
