"""What the urban-management department serves: five datasets over REST."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hub.demo import spelling
from hub.demo.chance import Flags, Ints, Text, digits
from hub.demo.ground import TO_METRES
from hub.demo.places import METRE_EAST, METRE_NORTH
from hub.demo.things import owner_company
from hub.demo.views.callers import reporters
from hub.demo.views.geography import buildings, outlines, places, spelled
from hub.demo.views.view import Stains, View, at, column, either, table, true_ids
from hub.demo.world import World

SOURCE = "urban_management"
TIME, DAY = "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"
STATES = {"1": "完好", "2": "破损", "3": "丢失", "4": "废弃", "5": "移除"}


def view(world: World) -> View:
    """Write the department's rows."""
    made = View(SOURCE)
    _components(world, made)
    _unit_grids(world, made)
    places(world, made)
    buildings(world, made)
    reporters(world, made)
    return made


def _components(world: World, made: View) -> None:
    parts = world.components
    mid = np.arange(len(parts))
    code = column(parts, "code")
    stains = Stains(world.chance, mid, code)
    rows = table(_component_rows(world, mid, stains))
    twice = stains.hit("urban.twice", parts["manhole"].to_numpy())
    frame = pd.concat([rows, _listed_by_telecom(world, rows[twice], mid[twice])], ignore_index=True)
    made.rows["components"] = frame
    made.stains.append(stains)
    everything = np.concatenate([mid, 90_000_000 + mid[twice]])
    made.tell("components", column(frame, "ObjID"), "component", true_ids("component", everything))


def _component_rows(world: World, mid: Ints, stains: Stains) -> dict[str, Text]:
    parts, chance = world.components, world.chance
    padded, gone = (
        stains.hit("urban.padded"),
        stains.hit("urban.deleted") | parts["gone"].to_numpy(),
    )
    name, unit = column(parts, "name"), at(world.unit_grids, "code", parts["uid"].to_numpy())
    x, y = _component_points(world, stains)
    cid, seen = parts["cid"].to_numpy(), parts["seen"].to_numpy()
    town = at(world.communities, "code", cid)
    return {
        "ObjID": column(parts, "code"),
        "ObjName": either(padded, " " + name + " ", name),
        "LargeClass": column(parts, "large"),
        "SmallClass": column(parts, "small"),
        **_component_departments(world, mid, stains),
        "BGID": either(padded, " " + unit, unit),
        "ObjState": _component_states(world, gone, stains),
        "ORDate": _first_dates(world, stains),
        "CHDate": spelling.dates(seen, DAY),
        "PointX": x,
        "PointY": y,
        "DataSource": chance.pick("component.source", mid, ["普查", "巡查", "移交"]),
        "SZJDDM": at(world.communities, "street_code", cid),
        "SZSQDM": either(chance.hit("component.bare", mid, 0.1), "", town),
        "UpdateTime": spelling.times(seen, TIME),
        "Deleted": either(gone, "1", "0"),
    }


def _component_departments(world: World, mid: Ints, stains: Stains) -> dict[str, Text]:
    """Name who is in charge, who owns and who keeps each component."""
    firms, owner = world.companies, _owners(world)
    keeper = owner_company(world.chance, firms, "clean", "component.keeper", mid)
    office = owner_company(world.chance, firms, "police", "component.office", mid)
    short = stains.hit("urban.department_short")
    return {
        "DeptCode1": either(short, "3333", at(firms, "code", office)),
        "DeptCode2": at(firms, "code", owner),
        "DeptName2": at(firms, "name", owner),
        "DeptCode3": at(firms, "code", keeper),
        "DeptName3": at(firms, "name", keeper),
    }


def _component_states(world: World, gone: Flags, stains: Stains) -> Text:
    state = column(world.components, "state")
    worded = stains.hit("urban.state_word", ~gone)
    return either(gone, "0", either(worded, spelled(state, STATES), state))


def _first_dates(world: World, stains: Stains) -> Text:
    days = world.components["set_days"].to_numpy().astype("m8[D]")
    words = spelling.dates(world.first.astype("M8[D]") - days, DAY)
    return either(stains.hit("urban.date_1900"), "1900-01-01", words)


def _owners(world: World) -> Ints:
    """Give the company that owns each component: the first of the kind."""
    firms = world.companies.drop_duplicates("kind")
    first = pd.Series(firms.index.to_numpy(), index=firms["kind"].to_numpy())
    return np.asarray(first.reindex(world.components["owner"]).to_numpy(), dtype=np.int64)


def _component_points(world: World, stains: Stains) -> tuple[Text, Text]:
    """Give coordinates in metres, some in degrees, some 0, some outside the unit grid named."""
    lon, lat = world.components["lon"].to_numpy(), world.components["lat"].to_numpy()
    outside = stains.hit("urban.outside_grid")
    # Two kilometres to the north-west lies in another unit grid, or outside the district.
    lon, lat = lon - outside * 2000 * METRE_EAST, lat + outside * 1500 * METRE_NORTH
    zero = stains.hit("urban.point_zero", ~outside)
    degrees = stains.hit("urban.degrees", ~zero)
    x, y = TO_METRES.transform(lon, lat)
    words = []
    for metres, degree in ((x, lon), (y, lat)):
        text = np.where(degrees, np.char.mod("%.7f", degree), np.char.mod("%.3f", metres))
        words.append(np.where(zero, "0", text).astype(object))
    return words[0], words[1]


def _listed_by_telecom(world: World, rows: pd.DataFrame, mid: Ints) -> pd.DataFrame:
    """List manholes once more, as the telecom company counted them: another key, 40 cm away."""
    again = rows.copy()
    again["ObjID"] = np.asarray("63010201" + "07" + digits(900_000 - mid, 6))
    again["SmallClass"], again["ObjName"] = "07", "通讯井盖"
    telecom = world.companies[world.companies["kind"] == "telecom"].iloc[0]
    again["DeptCode2"], again["DeptName2"] = telecom["code"], telecom["name"]
    x = pd.to_numeric(again["PointX"]).to_numpy(dtype=np.float64)
    metres, degrees = np.char.mod("%.3f", x + 0.4), np.char.mod("%.7f", x + 0.4 * METRE_EAST)
    again["PointX"] = np.select([x > 180, x > 0], [metres, degrees], "0").astype(object)
    return again.astype("str")


def _unit_grids(world: World, made: View) -> None:
    units, uid = world.unit_grids, np.arange(len(world.unit_grids))
    degrees = world.chance.hit("unit.degrees", uid, 0.1)
    wkt = outlines(column(units, "boundary"), ~degrees)
    code, cid = column(units, "code"), units["cid"].to_numpy()
    rows = {
        "BGID": code,
        "BGName": np.asarray(
            at(world.communities, "short", cid)
            + "单元"
            + np.array([c[12:] for c in code], dtype=object)
        ),
        "SZSQDM": at(world.communities, "code", cid),
        "Boundary": wkt,
        "UpdateTime": spelling.times(units["seen"].to_numpy(), TIME),
        "Deleted": np.full(len(uid), "0", dtype=object),
    }
    made.rows["unitGrids"] = table(rows)
    made.tell("unitGrids", code, "grid", true_ids("grid", 50_000_000 + uid))
