"""Places and buildings as the urban-management department serves them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from hub.demo import shift, spelling
from hub.demo.chance import Flags, Floats, Ints, Text, digits, number
from hub.demo.ground import in_metres, rounded
from hub.demo.places import METRE_EAST, METRE_NORTH
from hub.demo.views.seen import full_addresses
from hub.demo.views.view import Stains, View, at, column, either, table, true_ids
from hub.demo.world import World

TIME = "%Y-%m-%d %H:%M:%S"
STRUCTURES = {"03": "钢混", "04": "混合", "05": "砖木"}


def outlines(shapes: Text, metres: Flags) -> Text:
    """Write outlines in metres or in degrees."""
    words = rounded(shapes)
    if metres.any():
        projected = in_metres(np.asarray(shapes[metres], dtype=object))
        words[metres] = shapely.to_wkt(projected, rounding_precision=3, trim=True)
    return words


def places(world: World, made: View) -> None:
    """List communities, compounds, facilities and the footprints of buildings."""
    parts = [_areas(world), _compounds(world, made), _facilities(world), _footprints(world)]
    frame = pd.concat(parts, ignore_index=True)
    eid = frame["true"].to_numpy(dtype=np.int64)
    keys = column(frame, "EntityID")
    stains = Stains(
        world.chance, np.arange(len(frame)) * 0 + eid * 3 + frame["again"].to_numpy(), keys
    )
    bare = stains.hit("urban.place_community_missing")
    frame.loc[bare, "SZSQDM"] = ""
    made.stains.append(stains)
    made.rows["places"] = frame.drop(columns=["true", "again"]).astype("str")
    made.tell("places", keys, "geo_entity", true_ids("geo_entity", eid))


def _place_rows(
    world: World,
    keys: Text,
    name: Text,
    kind: str,
    cid: Ints,
    bounds: Text,
    seen: np.ndarray,
    true: Ints,
) -> pd.DataFrame:
    frame = pd.DataFrame({"EntityID": keys, "Name": name, "Class": kind})
    frame["SZSQDM"] = at(world.communities, "code", cid)
    frame["Address"], frame["Boundary"] = "", bounds
    frame["CRS"], frame["Accuracy"] = "CGCS2000", "0.5"
    frame["UpdateTime"], frame["Deleted"] = spelling.times(seen, TIME), "0"
    frame["true"], frame["again"] = true, 0
    return frame


def _areas(world: World) -> pd.DataFrame:
    cid = np.arange(len(world.communities))
    shapes = np.asarray(world.outlines, dtype=object)
    seen = np.full(len(cid), world.first - np.timedelta64(400, "D"))
    keys = np.asarray("SQ" + column(world.communities, "code"))
    return _place_rows(
        world,
        keys,
        column(world.communities, "short"),
        "02",
        cid,
        outlines(shapes, cid % 2 == 0),
        seen,
        10_000_000 + cid,
    )


def _compounds(world: World, made: View) -> pd.DataFrame:
    estates, kid = world.compounds, np.arange(len(world.compounds))
    keys = np.asarray("XQ630102" + digits(number(kid, 999_983, 48_271), 6))
    stains = Stains(world.chance, kid, keys)
    unknown = stains.hit("urban.crs_unknown")
    shifted = stains.hit("urban.crs_shifted", ~unknown)
    lon, lat, frame = _framed(world, kid, unknown, shifted)
    size = np.where(estates["kind"] == "village", 260.0, 90.0)
    bounds = _boxes(lon, lat, size * METRE_EAST, size * 0.7 * METRE_NORTH)
    point = unknown | world.chance.hit("compound.point", kid, 0.2)
    bounds[point] = rounded(shapely.points(lon[point], lat[point]))
    rows = _place_rows(
        world,
        keys,
        column(estates, "name"),
        "01",
        estates["cid"].to_numpy(),
        bounds,
        estates["seen"].to_numpy(),
        kid,
    )
    rows["CRS"], rows["Accuracy"] = frame, np.where(unknown, "1000", np.where(shifted, "50", "0.5"))
    rows["Address"] = at(estates, "road", kid) + spelling.said(column(estates, "door"), "号")
    twice = stains.hit("urban.compound_twice", (estates["alias"] != "").to_numpy())
    again = rows[twice].copy()
    again["EntityID"] = np.asarray("XQ630102B" + digits(kid[twice], 5))
    again["Name"], again["again"] = column(estates, "alias")[twice], 1
    made.stains.append(stains)
    return pd.concat([rows, again], ignore_index=True)


def _framed(world: World, kid: Ints, unknown: Flags, shifted: Flags) -> tuple[Floats, Floats, Text]:
    chance = world.chance
    lon, lat = world.compounds["lon"].to_numpy().copy(), world.compounds["lat"].to_numpy().copy()
    frame = np.where(chance.hit("compound.bd09", kid, 0.5), "BD09", "GCJ02")
    frame = np.where(unknown, "", np.where(shifted, frame, "CGCS2000")).astype(object)
    for name, move in (("BD09", shift.bd09), ("GCJ02", shift.gcj02)):
        x, y = move(lon, lat)
        lon, lat = np.where(frame == name, x, lon), np.where(frame == name, y, lat)
    far = (chance.share("compound.far", kid) - 0.5) * 1100
    return lon + unknown * far * METRE_EAST, lat + unknown * far * METRE_NORTH, frame


def _boxes(lon: Floats, lat: Floats, east: Floats, north: Floats) -> Text:
    return rounded(shapely.box(lon - east, lat - north, lon + east, lat + north))


def _facilities(world: World) -> pd.DataFrame:
    seen, fid = world.facilities, np.arange(len(world.facilities))
    bounds = rounded(shapely.points(seen["lon"], seen["lat"]))
    keys = np.asarray("SS630102" + digits(number(fid, 999_983, 48_271), 6))
    return _place_rows(
        world,
        keys,
        column(seen, "name"),
        "03",
        seen["cid"].to_numpy(),
        bounds,
        seen["seen"].to_numpy(),
        20_000_000 + fid,
    )


def _footprints(world: World) -> pd.DataFrame:
    blocks = world.buildings
    bid = np.flatnonzero(blocks["no"] != "")
    lon, lat = blocks["lon"].to_numpy()[bid], blocks["lat"].to_numpy()[bid]
    across = blocks["units"].to_numpy()[bid] * 8.0 + 6
    bounds = _boxes(lon, lat, across * METRE_EAST, np.full(len(bid), 7 * METRE_NORTH))
    kid = blocks["kid"].to_numpy()[bid]
    name = at(world.compounds, "name", kid) + column(blocks, "no")[bid] + "号楼"
    cid = world.compounds["cid"].to_numpy()[kid]
    return _place_rows(
        world,
        _footprint_keys(bid),
        name,
        "07",
        cid,
        bounds,
        blocks["seen"].to_numpy()[bid],
        30_000_000 + bid,
    )


def _footprint_keys(bid: Ints) -> Text:
    return np.asarray("JZ630102" + digits(number(bid, 999_983, 48_271), 6))


def buildings(world: World, made: View) -> None:
    """List the models of buildings, each with its footprint."""
    bid = np.flatnonzero(world.buildings["no"] != "")
    keys = np.asarray("LM_630102_" + digits(number(bid, 999_983, 271_828), 6))
    stains = Stains(world.chance, bid, keys)
    flat = stains.hit("urban.storeys_zero")
    cid = world.compounds["cid"].to_numpy()[world.buildings["kid"].to_numpy()[bid]]
    rows = {
        "ModelID": keys,
        "BuildingCode": np.asarray("LD630102" + digits(number(bid, 99_999_989, 48_271_939), 8)),
        "EntityID": _footprint_keys(bid),
        "Address": _building_addresses(world, bid),
        "SZSQDM": at(world.communities, "code", cid),
        **_shapes(world, bid, flat),
        "ModelURI": np.asarray("https://cim.example.gov.cn/models/" + keys + ".json"),
        "Structure": _structures(world, bid, stains),
        "Year": world.buildings["year"].to_numpy()[bid].astype(str).astype(object),
        "UpdateTime": spelling.times(world.buildings["seen"].to_numpy()[bid], TIME),
        "Deleted": np.full(len(bid), "0", dtype=object),
    }
    made.rows["buildings"] = table(rows)
    made.stains.append(stains)
    made.tell("buildings", keys, "building", true_ids("building", bid))


def _shapes(world: World, bid: Ints, flat: Flags) -> dict[str, Text]:
    """Say how high buildings are; of some the model knows no height and no basement."""
    blocks = world.buildings
    below = either(blocks["garages"].to_numpy()[bid] > 0, "1", "0")
    height = np.char.mod("%.2f", blocks["height"].to_numpy()[bid]).astype(object)
    return {
        "LOD": world.chance.pick("building.lod", bid, ["1", "2", "2.2", "1.3"]),
        "Height": either(flat, "0", height),
        "GroundElevation": np.char.mod("%.2f", blocks["ground"].to_numpy()[bid]).astype(object),
        "VerticalDatum": np.full(len(bid), "CN1985", dtype=object),
        "FloorsUp": blocks["floors"].to_numpy()[bid].astype(str).astype(object),
        "FloorsDown": either(flat, "", below),
    }


def _building_addresses(world: World, bid: Ints) -> Text:
    """Write the address of a flat down to its building."""
    first = world.houses.groupby("bid").head(1).index.to_numpy()[bid]
    words = full_addresses(world, first)
    return np.array([word[: word.rindex("号楼") + 2] for word in words], dtype=object)


def _structures(world: World, bid: Ints, stains: Stains) -> Text:
    codes = column(world.buildings, "structure")[bid]
    return either(stains.hit("urban.structure_word"), spelled(codes, STRUCTURES), codes)


def spelled(codes: Text, words: dict[str, str]) -> Text:
    """Write codes as words."""
    return np.asarray(pd.Series(codes).map(words).to_numpy(dtype=object))
