"""Life as a system last saw it: the home and telephone of the day it wrote its row.

Also the addresses of all houses, spelled in the ways that departments use.
"""

from __future__ import annotations

import numpy as np

from hub.demo.chance import Chance, Flags, Ints, Text, digits
from hub.demo.people import COUNTIES
from hub.demo.spelling import building_words, joined, said
from hub.demo.views.view import at, column
from hub.demo.words import VILLAGES
from hub.demo.world import World

CITY = "青海省西宁市城东区"


def home_seen(world: World, pid: Ints, source: str) -> Ints:
    """Give the flat in which a system believes people live: the one before, where it lags."""
    people = world.persons
    seen = people[f"seen.{source}"].to_numpy()[pid].astype("M8[D]")
    behind = people["home_since"].to_numpy()[pid].astype("M8[D]") > seen
    before = people["hid_before"].to_numpy()[pid]
    return np.asarray(np.where(behind & (before >= 0), before, people["hid"].to_numpy()[pid]))


def phone_seen(world: World, pid: Ints, source: str) -> Text:
    """Give the telephone that a system knows: the one before, where it lags."""
    people = world.persons
    seen = people[f"seen.{source}"].to_numpy()[pid].astype("M8[D]")
    behind = people["phone_since"].to_numpy()[pid].astype("M8[D]") > seen
    now, before = column(people, "phone")[pid], column(people, "phone_before")[pid]
    return np.asarray(np.where(behind & (now != ""), before, now), dtype=object)


def full_addresses(world: World, hid: Ints, start: str = CITY) -> Text:
    """Write standard addresses: city, street, community, road and number, compound, flat."""
    flats, estates = world.houses, world.compounds
    kid = np.where(hid >= 0, flats["kid"].to_numpy()[hid], -1)
    cid = np.where(kid >= 0, estates["cid"].to_numpy()[kid], -1)
    village = (hid >= 0) & flats["village"].to_numpy()[hid]
    town = at(world.communities, "street", cid) + at(world.communities, "short", cid)
    door = said(at(flats, "door", hid), "号")
    name = at(estates, "name", kid)
    head = np.where(village, door, at(estates, "road", kid) + door + name)
    no = at(world.buildings, "no", np.where(hid >= 0, flats["bid"].to_numpy()[hid], -1))
    tail = joined(
        said(no, "号楼"), said(at(flats, "unit", hid), "单元"), said(at(flats, "room", hid), "室")
    )
    return np.asarray(np.where(hid >= 0, start + town + head + tail, ""), dtype=object)


def short_addresses(
    chance: Chance, world: World, question: str, ids: Ints, hid: Ints, alias_rate: float = 0.1
) -> Text:
    """Write addresses as people say them: compound, building in any spelling, unit, room."""
    flats = world.houses
    kid = flats["kid"].to_numpy()[hid]
    village = flats["village"].to_numpy()[hid]
    name = compound_words(chance, world, question, ids, kid, alias_rate)
    no, unit, room = (
        at(world.buildings, "no", flats["bid"].to_numpy()[hid]),
        at(flats, "unit", hid),
        at(flats, "room", hid),
    )
    spelled = building_words(chance, question + ".building", ids, no, 0.6)
    roomy = np.where(chance.hit(question + ".room", ids, 0.5), said(room, "室"), room)
    plain = name + spelled + said(unit, "单元") + roomy
    brief = joined(name, no, said(unit, "", "-"), said(room, "", "-"))
    words = np.where(chance.hit(question + ".brief", ids, 0.12) & (unit != ""), brief, plain)
    road = at(world.compounds, "road", kid) + said(at(flats, "door", hid), "号")
    words = np.where(chance.hit(question + ".road", ids, 0.2) & ~village, road + words, words)
    return np.asarray(
        np.where(village, name + said(at(flats, "door", hid), "号"), words), dtype=object
    )


def compound_words(
    chance: Chance, world: World, question: str, ids: Ints, kid: Ints, rate: float
) -> Text:
    """Name compounds, by the rate with their popular name."""
    alias = column(world.compounds, "alias")[kid]
    popular = (alias != "") & chance.hit(question + ".alias", ids, rate)
    return np.asarray(np.where(popular, alias, column(world.compounds, "name")[kid]), dtype=object)


def registered_addresses(world: World, pid: Ints) -> Text:
    """Write where people are registered: here, or somewhere in their county."""
    people = world.persons
    hid = people["register_hid"].to_numpy()[pid]
    chance, family = world.chance, people["family"].to_numpy()[pid]
    county = np.array(
        [COUNTIES.get(code, "") for code in column(people, "division")[pid]], dtype=object
    )
    village = chance.pick("register.village", family, VILLAGES) + "村"
    number = chance.whole("register.door", family, 1, 260).astype(str).astype(object)
    away = np.where(county == "", "", county + village + number + "号")
    return np.asarray(np.where(hid >= 0, full_addresses(world, hid), away), dtype=object)


def address_codes(world: World, hid: Ints) -> Text:
    """Give the police's code of a house's address."""
    cid = world.compounds["cid"].to_numpy()[world.houses["kid"].to_numpy()[hid]]
    return np.asarray(
        column(world.communities, "code")[cid] + digits(world.houses["scatter"].to_numpy()[hid], 10)
    )


def community_of(world: World, hid: Ints) -> Ints:
    """Give the community in which houses lie."""
    return np.asarray(world.compounds["cid"].to_numpy()[world.houses["kid"].to_numpy()[hid]])


def present(world: World, question: str, rate: float, floating_rate: float) -> Flags:
    """Say which residents a system knows at all."""
    people = world.persons
    pid = np.arange(len(people))
    known = world.chance.share(question, pid) < np.where(people["floating"], floating_rate, rate)
    return np.asarray(known & (people["hh"] >= 0).to_numpy())
