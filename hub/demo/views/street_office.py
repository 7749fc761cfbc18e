"""What the street office holds: residents in sheets by community, houses, grids."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hub.demo import spelling
from hub.demo.chance import Flags, Ints, Text, digits, number
from hub.demo.ground import rounded
from hub.demo.identity import landlines, mobiles
from hub.demo.names import full_names
from hub.demo.views.residents import SOURCE, resident_rows
from hub.demo.views.seen import community_of, full_addresses, home_seen, present, short_addresses
from hub.demo.views.sheets import laid_out, sheet_styles
from hub.demo.views.view import Stains, View, at, column, either, table, true_ids
from hub.demo.world import World

HAZARDS = {
    "fire": "消防通道堵塞",
    "wires": "电线老化",
    "gas": "燃气隐患",
    "frame": "房屋结构",
    "crowd": "群租",
    "falling": "高空坠物",
    "bike": "电动车充电",
    "other": "其他",
}
USES = {"01": "住宅", "03": "商业", "04": "办公", "09": "车库"}
MINUTES = "%Y-%m-%d %H:%M:%S"


def view(world: World) -> View:
    """Write the office's rows and how its workbook lays them out."""
    made = View(SOURCE)
    made.sheets = sheet_styles(world, made)
    _residents(world, made)
    _houses(world, made)
    _grids(world, made)
    return made


def _residents(world: World, made: View) -> None:
    """Write everybody the office knows, some twice, ordered as sheets are: by flat."""
    known = present(world, "office.holds", 0.91, 0.84)
    pid = np.flatnonzero(known & ~world.persons["withdrawn"].to_numpy())
    home = home_seen(world, pid, SOURCE)
    stains = Stains(world.chance, pid, pid.astype(object), world.persons["mended"].to_numpy()[pid])
    second = world.persons["hid_second"].to_numpy()[pid]
    home = np.where(stains.hit("office.second_home", second >= 0), second, home)
    stains.keys = _keys(pid, community_of(world, home))
    rows = table(resident_rows(world, pid, home, stains))
    two, repeated = stains.hit("office.two_sheets"), stains.hit("office.key_repeated")
    again = _in_another_sheet(world, rows[two], pid[two], home[two])
    rows.loc[stains.hit("office.no_key", ~repeated), "人员编号"] = ""
    frame = pd.concat([rows, again, _older(rows[repeated])], ignore_index=True)
    pids = np.concatenate([pid, pid[two], pid[repeated]])
    homes = np.concatenate([home, _neighbour(world, home[two]), home[repeated]])
    made.stains.append(stains)
    made.rows["residents"], made.layout, order = laid_out(world, made, frame, pids, homes)
    keys = column(made.rows["residents"], "人员编号")
    made.tell("residents", keys, "person", true_ids("person", pids[order]))


def _keys(pid: Ints, cid: Ints) -> Text:
    return np.asarray(
        "SQ" + digits(cid + 1, 3) + "-" + digits(number(pid + cid * 17, 999_983, 48_271), 6)
    )


def _neighbour(world: World, hid: Ints) -> Ints:
    """Give a flat in another inhabited community: where somebody is listed once more."""
    every = np.arange(len(world.houses))
    where, community = community_of(world, hid), community_of(world, every)
    lived = np.unique(community)
    other = lived[(np.searchsorted(lived, where) + 1) % len(lived)]
    first = pd.Series(every).groupby(community).first()
    return first.reindex(other).to_numpy().astype(int)


def _in_another_sheet(world: World, rows: pd.DataFrame, pid: Ints, home: Ints) -> pd.DataFrame:
    """List people once more where their second flat or their work is."""
    other = _neighbour(world, home)
    again = rows.copy()
    again["人员编号"] = _keys(pid, community_of(world, other))
    again["现住址"] = short_addresses(world.chance, world, "office.again", pid, other)
    again["网格编号"] = _grid_codes(world, other)
    again["户号"] = ""
    return again


def _older(rows: pd.DataFrame) -> pd.DataFrame:
    """List rows once more as they were: an older time, a call not yet made."""
    older = rows.copy()
    older["更新时间"] = "2023-01-05 09:00:00"
    older["走访日期"] = ""
    return older


def _grid_codes(world: World, hid: Ints) -> Text:
    return at(
        world.grids, "code", world.compounds["gid"].to_numpy()[world.houses["kid"].to_numpy()[hid]]
    )


def _houses(world: World, made: View) -> None:
    flats, chance = world.houses, world.chance
    known = np.where(flats["dwelling"], 0.97, np.where(flats["garage"], 0.0, 0.6))
    hid = np.flatnonzero(
        (chance.share("office.house", np.arange(len(flats))) < known) & ~flats["gone"]
    )
    keys = np.asarray("FW" + digits(number(hid, 9_999_991, 48_271), 8))
    stains = Stains(chance, hid, keys)
    rows = table(_house_rows(world, hid, keys, stains))
    twice = stains.hit("office.house_twice")
    again = rows[twice].copy()
    again["房屋编号"] = np.asarray("FX" + digits(number(hid[twice], 9_999_991, 48_271), 8))
    again["房屋地址"] = short_addresses(chance, world, "office.house.again", hid[twice], hid[twice])
    again["实住人数"] = ""
    frame = pd.concat([rows, again], ignore_index=True)
    made.rows["houses"] = frame
    made.stains.append(stains)
    made.tell(
        "houses",
        column(frame, "房屋编号"),
        "house",
        true_ids("house", np.concatenate([hid, hid[twice]])),
    )


def _house_rows(world: World, hid: Ints, keys: Text, stains: Stains) -> dict[str, Text]:
    flats, chance = world.houses, world.chance
    hazard = np.array([HAZARDS.get(one, "") for one in column(flats, "hazard")[hid]], dtype=object)
    several = (hazard != "") & chance.hit("office.hazards", hid, 0.2)
    unit, room = at(flats, "unit", hid), at(flats, "room", hid)
    bare = chance.hit("office.house.grid", hid, 0.05)
    return {
        "房屋编号": keys,
        **_buildings(world, hid, stains),
        "单元": either(chance.hit("office.unit", hid, 0.5), spelling.said(unit, "单元"), unit),
        "楼层": flats["floor"].to_numpy()[hid].astype(str).astype(object),
        "房号": either(chance.hit("office.room", hid, 0.3), spelling.said(room, "室"), room),
        "房屋地址": _house_addresses(world, hid),
        "房屋用途": np.array([USES[one] for one in column(flats, "use")[hid]], dtype=object),
        "居住状态": _occupancy(world, hid),
        "安全隐患": either(several, spelling.said(hazard, "、其他"), hazard),
        "实住人数": _counts(world, hid, stains),
        "网格编号": either(bare, "", _grid_codes(world, hid)),
        "更新时间": spelling.times(flats[f"seen.{SOURCE}"].to_numpy()[hid], MINUTES),
    }


def _buildings(world: World, hid: Ints, stains: Stains) -> dict[str, Text]:
    """Name compound and building as the worker says them."""
    estates, kid = world.compounds, world.houses["kid"].to_numpy()[hid]
    no = at(world.buildings, "no", world.houses["bid"].to_numpy()[hid])
    popular = column(estates, "alias")[kid]
    alias = stains.hit("office.compound_alias", popular != "")
    spelled = stains.hit("office.building_spelled", no != "")
    words = spelling.building_words(world.chance, "office.house.building", hid, no, 1.0)
    return {
        "小区": either(alias, popular, column(estates, "name")[kid]),
        "楼栋": either(spelled, words, spelling.said(no, "号楼")),
    }


def _house_addresses(world: World, hid: Ints) -> Text:
    full = full_addresses(world, hid, "城东区")
    short = short_addresses(world.chance, world, "office.house.address", hid, hid)
    return np.asarray(
        np.where(world.chance.hit("office.house.full", hid, 0.3), full, short), dtype=object
    )


def _occupancy(world: World, hid: Ints) -> Text:
    flats, people = world.houses, world.persons
    living = people[(people["hh"] >= 0) & (people["status"] == "1")]
    lived, let = np.zeros(len(flats), dtype=bool), np.zeros(len(flats), dtype=bool)
    lived[living["hid"].to_numpy()] = True
    let[living.loc[living["tenant"], "hid"].to_numpy()] = True
    lent = let & world.chance.hit("office.lent", np.arange(len(flats)), 0.06)
    words = np.select(
        [~flats["dwelling"], flats["unsold"], lent, let, lived],
        ["经营", "", "借住", "出租", "自住"],
        "空置",
    )
    return np.asarray(words.astype(object)[hid])


def _counts(world: World, hid: Ints, stains: Stains) -> Text:
    people = world.persons
    living = people.loc[(people["hh"] >= 0) & (people["status"] == "1"), "hid"].to_numpy()
    count = np.bincount(living, minlength=len(world.houses))[hid]
    stale = stains.hit("office.count_stale")
    return (count + stale * (1 + hid % 2)).astype(str).astype(object)


def _grids(world: World, made: View) -> None:
    grids, gid = world.grids, np.arange(len(world.grids))
    chance = world.chance
    turn = grids["leaders"].to_numpy()
    code = column(grids, "code")
    staff = [_staff(world, gid * 10 + nth + 900_000_000 + turn * 50_000) for nth in range(4)]
    workers = spelling.joined(staff[1], "、", staff[2])
    phone = np.where(
        chance.hit("grid.landline", gid, 0.4),
        landlines(gid + turn),
        mobiles(chance, "grid.phone", gid + 70_000_000 + turn),
    )
    types = {"1": "社区网格", "2": "专属网格", "3": "微网格"}
    rows = {
        "网格编号": code,
        "网格名称": column(grids, "name"),
        "网格类型": np.array([types[one] for one in grids["type"]], dtype=object),
        "社区代码": at(world.communities, "code", grids["cid"].to_numpy()),
        "网格长": staff[0],
        "联系电话": phone.astype(object),
        "网格员": np.where(
            chance.hit("grid.three", gid, 0.4), workers + "、" + staff[3], workers
        ).astype(object),
        "边界": rounded(column(grids, "boundary")),
        "更新时间": spelling.times(grids["seen"].to_numpy(), MINUTES),
    }
    made.rows["grids"] = table(rows)
    made.tell("grids", code, "grid", true_ids("grid", gid))


def _staff(world: World, ids: Ints) -> Text:
    """Name grid staff, who are nobody among the residents."""
    group = world.chance.pick("staff.group", ids, ["01", "03"])
    male: Flags = world.chance.hit("staff.sex", ids, 0.3)
    return full_names(world.chance, ids, group, ids, male, np.zeros(len(ids), dtype=bool))
