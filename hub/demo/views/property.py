"""What the property companies hold: rooms of the compounds they manage, owners and tenants."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hub.demo import spelling
from hub.demo.chance import Ints, Text, digits, number
from hub.demo.things import owner_company
from hub.demo.views.seen import full_addresses
from hub.demo.views.tenure import SOURCE, managed, owners, room_ids
from hub.demo.views.view import Stains, View, at, column, either, table, true_ids
from hub.demo.world import World

USES = {"01": "住宅", "03": "商铺", "04": "办公", "09": "车库"}


def view(world: World) -> View:
    """Write the companies' rows."""
    made = View(SOURCE)
    hid = np.flatnonzero(managed(world))
    _rooms(world, made, hid)
    owners(world, made)
    return made


def _rooms(world: World, made: View, hid: Ints) -> None:
    keys = room_ids(hid)
    stains = Stains(world.chance, hid, keys)
    rows = table(_room_rows(world, hid, keys, stains))
    twice = stains.hit("property.room_twice")
    again = rows[twice].copy()
    again["room_id"] = np.asarray(
        "7599" + digits(number(hid[twice], 9_999_999_967, 387_420_489), 10)
    )
    again["location"] = ""
    again["room_num"] = spelling.joined(
        column(again, "floor_num"), spelling.said(column(again, "unit_num"), "", "-"), "-",
        column(again, "room_num"),
    )  # fmt: skip
    frame = pd.concat([rows, again], ignore_index=True)
    made.rows["rooms"] = frame
    made.stains.append(stains)
    made.tell(
        "rooms",
        column(frame, "room_id"),
        "house",
        true_ids("house", np.concatenate([hid, hid[twice]])),
    )


def _room_rows(world: World, hid: Ints, keys: Text, stains: Stains) -> dict[str, Text]:
    flats, blocks, chance = world.houses, world.buildings, world.chance
    kid, bid = flats["kid"].to_numpy()[hid], flats["bid"].to_numpy()[hid]
    withdrawn = stains.hit("property.room_withdrawn") | flats["gone"].to_numpy()[hid]
    located = chance.hit("room.location", hid, 0.7)
    return {
        "room_id": keys,
        **_numbers(world, hid, stains),
        "location": either(located, full_addresses(world, hid, "西宁市城东区"), ""),
        "built_up_area": _areas(world, hid, stains),
        "room_use": np.array([USES[one] for one in column(flats, "use")[hid]], dtype=object),
        "state": _states(world, hid),
        "lift": either(blocks["floors"].to_numpy()[bid] > 6, "1010", "2020"),
        "is_sold": either(flats["unsold"].to_numpy()[hid], "0", "1"),
        "company_uscc": _companies(world, kid, stains),
        "year": blocks["year"].to_numpy()[bid].astype(str).astype(object),
        "status_cd": either(withdrawn, "1", "0"),
        "update_time": _times(world, hid, stains),
    }


def _numbers(world: World, hid: Ints, stains: Stains) -> dict[str, Text]:
    """Write compound, building, unit, floor and room, the room sometimes in full."""
    flats, estates = world.houses, world.compounds
    kid, bid = flats["kid"].to_numpy()[hid], flats["bid"].to_numpy()[hid]
    no, unit, room = at(world.buildings, "no", bid), at(flats, "unit", hid), at(flats, "room", hid)
    popular = column(estates, "alias")[kid]
    alias = stains.hit("property.room_alias", popular != "")
    in_full = stains.hit("property.room_in_full", unit != "")
    four = np.array([word.zfill(4) for word in room], dtype=object)
    return {
        "community_name": either(alias, popular, column(estates, "name")[kid]),
        "floor_num": no,
        "unit_num": unit,
        "layer": flats["floor"].to_numpy()[hid].astype(str).astype(object),
        "room_num": either(in_full, spelling.joined(no, "-", unit, "-", four), room),
    }


def _times(world: World, hid: Ints, stains: Stains) -> Text:
    seen = world.houses[f"seen.{SOURCE}"].to_numpy()[hid]
    iso = spelling.times(seen, "%Y-%m-%dT%H:%M:%S+08:00")
    plain = spelling.times(seen, "%Y-%m-%d %H:%M:%S")
    return either(stains.hit("property.iso_time"), iso, plain)


def _areas(world: World, hid: Ints, stains: Stains) -> Text:
    words = np.char.mod("%.2f", world.houses["area"].to_numpy()[hid]).astype(object)
    unit = stains.hit("property.area_unit")
    words[unit] = words[unit] + "㎡"
    about = stains.hit("property.area_unreadable", ~unit)
    words[about] = ["约" + word.split(".")[0] for word in words[about]]
    return words


def _states(world: World, hid: Ints) -> Text:
    people = world.persons
    lived = np.zeros(len(world.houses), dtype=bool)
    lived[people.loc[(people["hh"] >= 0) & (people["status"] == "1"), "hid"].to_numpy()] = True
    words = np.select([world.houses["unsold"], lived], ["2001", "2002"], "2003").astype(object)
    return np.asarray(words[hid])


def _companies(world: World, kid: Ints, stains: Stains) -> Text:
    firm = owner_company(world.chance, world.companies, "manager", "compound.manager", kid)
    words = column(world.companies, "code")[firm]
    wrong = stains.hit("property.company_wrong_check")
    words[wrong] = [word[:-1] + ("2" if word[-1] != "2" else "3") for word in words[wrong]]
    return words
