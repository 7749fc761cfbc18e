"""What the police hold: the tables zk_rkxx (see register), zk_dzxx and zk_spsb."""

from __future__ import annotations

import numpy as np

from hub.demo import shift, spelling
from hub.demo.chance import Flags, Ints, Text, digits
from hub.demo.things import owner_company
from hub.demo.views.register import SOURCE, STAMP, residents
from hub.demo.views.seen import address_codes, full_addresses
from hub.demo.views.view import Stains, View, at, column, either, table, true_ids
from hub.demo.world import World


def view(world: World) -> View:
    """Write the police's tables."""
    made = View(SOURCE)
    residents(world, made)
    _addresses(world, made)
    _cameras(world, made)
    return made


def _addresses(world: World, made: View) -> None:
    hid, bid = np.arange(len(world.houses)), np.flatnonzero(world.buildings["no"] != "")
    first = world.houses.groupby("bid").head(1).index.to_numpy()[bid]
    all_hid = np.concatenate([hid, first])
    room = np.arange(len(all_hid)) < len(hid)
    code = address_codes(world, all_hid)
    code = np.where(room, code, [one[:12] + "B" + one[12:] for one in code]).astype(object)
    numbers = np.concatenate([hid, 50_000_000 + bid])
    stains = Stains(world.chance, numbers, code)
    frame = table(_address_rows(world, all_hid, room, numbers, code, stains))
    made.rows["addresses"] = frame
    made.stains.append(stains)
    made.tell("addresses", code, "address", true_ids("address", numbers))


def _address_rows(
    world: World, hid: Ints, room: Flags, numbers: Ints, code: Text, stains: Stains
) -> dict[str, Text]:
    flats, estates = world.houses, world.compounds
    kid = flats["kid"].to_numpy()[hid]
    cid = estates["cid"].to_numpy()[kid]
    whole = full_addresses(world, hid)
    whole[~room] = [word[: word.rindex("号楼") + 2] for word in whole[~room]]
    gone = stains.hit("police.address_withdrawn") | flats["gone"].to_numpy()[hid]
    return {
        "dzbm": code,
        "dzqc": whole,
        "xzqh": either(stains.hit("police.division_unknown"), "630199", "630102"),
        "jddm": at(world.communities, "street_code", cid),
        "sqdm": at(world.communities, "code", cid),
        **_doors(world, hid, room, numbers),
        **_points(world, flats["bid"].to_numpy()[hid], numbers, stains),
        "jwqdm": at(world.grids, "police", estates["gid"].to_numpy()[kid]),
        "dzzt": either(gone, "4", "1"),
        "gxsj": spelling.times(flats[f"seen.{SOURCE}"].to_numpy()[hid], STAMP),
        "czlx": world.chance.pick("police.address.written", numbers, ["I", "U"]),
    }


def _doors(world: World, hid: Ints, room: Flags, numbers: Ints) -> dict[str, Text]:
    """Write the parts from road to room, some with the words that belong to them."""
    flats = world.houses
    kid, bid = flats["kid"].to_numpy()[hid], flats["bid"].to_numpy()[hid]
    door, no = at(flats, "door", hid), at(world.buildings, "no", bid)
    unit = either(room, at(flats, "unit", hid), "")
    flat = either(room, at(flats, "room", hid), "")
    floor = flats["floor"].to_numpy()[hid].astype(str).astype(object)
    long = world.chance.hit("police.address.suffixed", numbers, 0.2)
    return {
        "jlxmc": at(world.compounds, "road", kid),
        "mlph": either(long, spelling.said(door, "号"), door),
        "xqmc": at(world.compounds, "name", kid),
        "ldh": either(long, spelling.said(no, "号楼"), no),
        "dyh": either(long, spelling.said(unit, "单元"), unit),
        "szlc": either(room, floor, ""),
        "sh": either(long, spelling.said(flat, "室"), flat),
    }


def _points(world: World, bid: Ints, numbers: Ints, stains: Stains) -> dict[str, Text]:
    lon = world.buildings["lon"].to_numpy()[bid]
    lat = world.buildings["lat"].to_numpy()[bid]
    missing = stains.hit("police.point_missing")
    shifted = stains.hit("police.point_shifted", ~missing)
    frame = world.chance.pick("police.frame", numbers, ["GCJ02", "BD09", "WGS84"])
    frame = np.where(shifted, frame, np.where(numbers % 2 == 0, "CGCS2000", "")).astype(object)
    for name, move in (("GCJ02", shift.gcj02), ("BD09", shift.bd09)):
        x, y = move(lon, lat)
        lon, lat = np.where(frame == name, x, lon), np.where(frame == name, y, lat)
    swapped = stains.hit("police.point_swapped", ~missing)
    x, y = np.where(swapped, lat, lon), np.where(swapped, lon, lat)
    words = [either(missing, "", np.char.mod("%.7f", one).astype(object)) for one in (x, y)]
    return {"zbx": words[0], "zby": words[1], "zbxt": either(missing, "", frame)}


def _cameras(world: World, made: View) -> None:
    seen, chance = world.cameras, world.chance
    vid, code = np.arange(len(seen)), column(seen, "code")
    stains = Stains(chance, vid, code)
    spot = chance.pick("camera.place", vid, ["东门", "西门", "路口", "广场", "停车场"])
    rows = {
        "sbbm": code,
        "sbmc": at(world.grids, "name", seen["gid"].to_numpy()) + spot + digits(vid % 97 + 1, 2),
        "sblx": column(seen, "type"),
        "gldwdm": _camera_units(world, vid, stains),
        "jd": np.char.mod("%.7f", seen["lon"]).astype(object),
        "wd": np.char.mod("%.7f", seen["lat"]).astype(object),
        "fwj": seen["azimuth"].astype(str).to_numpy(dtype=object),
        "sjj": seen["view"].astype(str).to_numpy(dtype=object),
        "sbzt": column(seen, "state"),
        "ccts": seen["days"].astype(str).to_numpy(dtype=object),
        "babh": np.asarray("宁东公视备〔2025〕" + digits(vid + 1, 4) + "号"),
        "splj": _streams(vid, code, stains),
        "gxsj": spelling.times(seen["seen"].to_numpy(), STAMP),
        "czlx": chance.pick("camera.written", vid, ["I", "U"]),
    }
    made.rows["cameras"] = table(rows)
    made.stains.append(stains)
    made.tell("cameras", code, "camera", true_ids("camera", vid))


def _camera_units(world: World, vid: Ints, stains: Stains) -> Text:
    firm = owner_company(world.chance, world.companies, "police", "camera.unit", vid)
    unit = column(world.companies, "code")[firm]
    invalid = stains.hit("police.camera_unit_invalid")
    unit[invalid] = [word[:-1] + ("2" if word[-1] != "2" else "3") for word in unit[invalid]]
    return unit


def _streams(vid: Ints, code: Text, stains: Stains) -> Text:
    login = either(stains.hit("police.camera_credentials"), "admin:hik12345@", "")
    host = "10.63.1." + (vid % 250 + 1).astype(str).astype(object)
    return np.asarray("rtsp://" + login + host + "/" + code)
