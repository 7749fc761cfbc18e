"""Compounds, buildings and flats: invented, on the real communities' ground.

Numbers of rows are positions: `kid` a compound's, `bid` a building's, `hid` a house's.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from hub.demo.chance import Chance, Flags, Floats, Ints, Text, digits, number
from hub.demo.ground import inside
from hub.demo.words import COMPOUND_FIRST, COMPOUND_LAST, EMPLOYERS, EMPLOYERS_HOMES, ROADS

PHASES = ("一期", "二期", "三期")
KINDS = ("old", "mid", "tower")
METRE_EAST, METRE_NORTH = 1.1189e-5, 8.983e-6


def compounds(
    chance: Chance, towns: pd.DataFrame, grids: pd.DataFrame, dwellings: int
) -> pd.DataFrame:
    """Lay out compounds (and villages) for so many dwellings, each in one grid."""
    share = (towns["weight"] / towns["weight"].sum()).to_numpy()
    rows: list[dict[str, object]] = []
    for cid in np.flatnonzero(share):
        rows += _of_community(chance, int(cid), towns.iloc[int(cid)], dwellings * float(share[cid]))
    frame = pd.DataFrame(rows)
    kid = np.arange(len(frame))
    frame["road"] = chance.pick("compound.road", kid, ROADS)
    frame["door"] = chance.whole("compound.door", kid, 1, 399).astype(str)
    village = frame["kind"].to_numpy() == "village"
    frame.loc[village, ["road", "door"]] = ""
    frame["alias"] = np.where(
        ~village & chance.hit("compound.alias", kid, 0.4), _aliases(len(kid)), ""
    )
    frame["gid"] = _grid_of(chance, frame, grids)
    at = inside(chance, "compound.at", list(grids["boundary"].iloc[frame["gid"]]), kid)
    frame["lon"], frame["lat"] = at[:, 0], at[:, 1]
    frame["year"] = _years(chance, kid, frame["kind"].to_numpy(dtype=object))
    frame["managed"] = ~village & chance.hit("compound.managed", kid, 0.82)
    return frame


def buildings(chance: Chance, estates: pd.DataFrame, grids: pd.DataFrame) -> pd.DataFrame:
    """Put as many buildings into each compound as its dwellings need."""
    kind = estates["kind"].to_numpy(dtype=object)
    kid = np.arange(len(estates))
    form = pd.DataFrame({"kid": kid, "floors": 6, "units": 3, "per": 2})
    form.loc[kind == "mid", ["floors", "units"]] = [11, 2]
    form.loc[kind == "tower", ["units", "per"]] = [1, 4]
    form.loc[kind == "village", ["floors", "units", "per"]] = [1, 1, 1]
    tall = kind == "tower"
    form.loc[tall, "floors"] = chance.whole("building.floors", kid, 18, 30)[tall]
    room = (form["floors"] * form["units"] * form["per"]).to_numpy()
    count = np.ceil(estates["target"].to_numpy() / room).astype(int).clip(1)
    frame = form.loc[np.repeat(kid, count)].reset_index(drop=True)
    frame["nth"] = frame.groupby("kid").cumcount() + 1
    village = kind[frame["kid"]] == "village"
    frame["no"] = np.where(village, "", frame["nth"].astype(str))
    bid = np.arange(len(frame))
    frame["plate"] = (frame["units"] > 1) | chance.hit("building.plate", bid, 0.5) & ~village
    frame["garages"] = np.where(frame["floors"] > 6, 4, 0)
    frame["shops"] = ~village & chance.hit("building.shops", bid, 0.25)
    frame["height"] = np.round(
        frame["floors"] * 2.9 + 1 + 2 * chance.share("building.height", bid), 2
    )
    frame["ground"] = np.round(2230 + 40 * chance.share("building.ground", bid), 2)
    frame["year"] = estates["year"].to_numpy()[frame["kid"]]
    frame["structure"] = np.where(frame["floors"] > 6, "03", np.where(village, "05", "04"))
    at = _positions(estates, grids, frame)
    frame["lon"], frame["lat"] = at[:, 0], at[:, 1]
    return frame


def houses(chance: Chance, estates: pd.DataFrame, blocks: pd.DataFrame) -> pd.DataFrame:
    """List the flats, shops and garages of every building."""
    rooms = (blocks["floors"] * blocks["units"] * blocks["per"]).to_numpy()
    frame = pd.DataFrame({"bid": np.repeat(np.arange(len(blocks)), rooms + blocks["garages"])})
    block = blocks.iloc[frame["bid"]].reset_index(drop=True)
    nth = frame.groupby("bid").cumcount().to_numpy()
    frame["kid"] = block["kid"]
    stair, rest = np.divmod(nth, (block["floors"] * block["per"]).to_numpy())
    floor, door = np.divmod(rest, block["per"].to_numpy())
    garage = nth >= rooms[frame["bid"]]
    village = block["no"].to_numpy(dtype=object) == ""
    frame["unit"] = np.where(block["plate"] & ~garage, (stair + 1).astype(str), "")
    frame["floor"] = np.where(garage, -1, floor + 1)
    plain = (floor + 1).astype(str).astype(object) + digits(door + 1, 2)
    below = "B1" + digits(nth - rooms[frame["bid"]] + 1, 2)
    frame["room"] = np.where(garage, below, np.where(village, "", plain))
    compound_door = estates["door"].to_numpy(dtype=object)[frame["kid"]]
    frame["door"] = np.where(village, block["nth"].astype(str), compound_door)
    frame["garage"], frame["village"] = garage, village
    return _furnished(chance, frame, block["shops"].to_numpy() & (floor == 0) & ~garage)


def _furnished(chance: Chance, frame: pd.DataFrame, shop: Flags) -> pd.DataFrame:
    hid = np.arange(len(frame))
    office = ~shop & ~frame["garage"].to_numpy() & chance.hit("house.office", hid, 0.006)
    dwelling = ~(shop | office | frame["garage"].to_numpy())
    frame["use"] = np.select([shop, office, frame["garage"]], ["03", "04", "09"], "01")
    sizes = np.where(
        frame["garage"], 24.0, np.clip(chance.normal("house.area", hid, 96, 26), 32, 260)
    )
    # Areas end in 0.05 m², as measured and rounded by surveyors.
    frame["area"] = np.round(np.round(sizes * 20) / 20, 2)
    frame["dwelling"] = dwelling
    frame["unsold"] = dwelling & ~frame["village"] & chance.hit("house.unsold", hid, 0.035)
    kinds = ["fire", "wires", "gas", "frame", "crowd", "falling", "bike", "other"]
    hazard = chance.pick("house.hazard", hid, kinds, [3, 3, 2, 1, 1, 1, 4, 1])
    frame["hazard"] = np.where(chance.hit("house.hazardous", hid, 0.06), hazard, "")
    # Scattered, so that no key of any system tells in which order the houses were made.
    frame["scatter"] = number(hid, 999_999_937, 387_420_489)
    return frame


def _of_community(
    chance: Chance, cid: int, town: pd.Series, dwellings: float
) -> list[dict[str, object]]:
    """Lay out a village, or as many compounds, some in phases, as the community needs."""
    base: dict[str, object] = {"cid": cid, "phase": "", "alias": ""}
    if town["village"]:
        name = str(town["short"])
        base |= {"base": name, "name": name, "kind": "village", "target": max(dwellings, 4)}
        return [base]
    count = max(1, round(dwellings / min(max(dwellings / 2, 60), 450)))
    rows: list[dict[str, object]] = []
    while len(rows) < count:
        at = np.array([cid * 10_000 + len(rows)])
        name = _free_name(cid, len(rows))
        phases = int(chance.index("compound.phases", at, [7, 2, 1])[0]) + 1
        for phase in PHASES[: min(phases, count - len(rows))] if phases > 1 else ("",):
            drawn = float(chance.share("compound.size" + phase, at)[0])
            size = dwellings / count * (0.6 + 0.8 * drawn)
            kinds = [5, 3, 3] if size >= 200 else [6, 3, 0]
            kind = KINDS[int(chance.index("compound.kind", at, kinds)[0])]
            said = {"base": name, "phase": phase, "name": name + phase}
            rows.append({**base, **said, "kind": kind, "target": size})
    return rows


def _free_name(cid: int, nth: int) -> str:
    """Name a compound; no name is met twice before the words are used up."""
    # 61 and the number of names have no common divisor.
    number = ((cid + 57 * nth) * 61 + 13) % (len(COMPOUND_FIRST) * len(COMPOUND_LAST))
    first, last = divmod(number, len(COMPOUND_LAST))
    return COMPOUND_FIRST[first] + COMPOUND_LAST[last]


def _aliases(count: int) -> Text:
    turns, units = np.divmod(np.arange(count), len(EMPLOYERS))
    tail = np.array(EMPLOYERS_HOMES, dtype=object)
    more = np.where(turns >= 4, (turns // 4 + 1).astype(str).astype(object) + "院", "")
    return np.asarray(np.array(EMPLOYERS, dtype=object)[units] + tail[turns % 4] + more)


def _grid_of(chance: Chance, frame: pd.DataFrame, grids: pd.DataFrame) -> Ints:
    common = grids[grids["type"] == "1"]
    first = common.reset_index().groupby("cid")["index"].min().to_numpy()
    count = common.groupby("cid").size().to_numpy()
    cid = frame["cid"].to_numpy()
    nth = chance.whole("compound.grid", np.arange(len(frame)), 0, count[cid] - 1)
    return np.asarray(first[cid] + nth)


def _years(chance: Chance, kid: Ints, kind: Text) -> Ints:
    first = np.select([kind == "old", kind == "mid", kind == "tower"], [1982, 2003, 2009], 1990)
    return np.asarray(first + chance.whole("compound.year", kid, 0, 13))


def _positions(estates: pd.DataFrame, grids: pd.DataFrame, frame: pd.DataFrame) -> Floats:
    """Lay the buildings of a compound out in rows of four, closer where the grid is narrow."""
    kid, nth = frame["kid"].to_numpy(), frame["nth"].to_numpy() - 1
    size = frame.groupby("kid")["nth"].transform("max").to_numpy()
    across = np.where(size > 40, np.ceil(np.sqrt(size)), 4)
    east = (nth % across - (across - 1) / 2) * np.where(size > 40, 22, 55) * METRE_EAST
    north = (nth // across - size / across / 2) * np.where(size > 40, 18, 32) * METRE_NORTH
    centre = estates[["lon", "lat"]].to_numpy()[kid]
    area = grids["boundary"].to_numpy()[estates["gid"].to_numpy()[kid]]
    found = centre + np.column_stack([east, north])
    for closer in (0.5, 0.2, 0.05):
        out = ~shapely.contains_xy(area, found[:, 0], found[:, 1])
        found[out] = (centre + closer * np.column_stack([east, north]))[out]
    return np.asarray(found)
