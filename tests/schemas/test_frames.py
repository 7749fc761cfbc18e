"""Coordinate frames: conversion into CGCS2000, recognised orders, and where points lie."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from schemas.distinct import Texts, arrow, is_said, text_array
from schemas.frames import frame_codes, in_china, to_bd09, to_cgcs2000, to_gcj02
from schemas.geojson import point_numbers, read_shapes
from schemas.kinds import Judged
from schemas.positions import points, points_in_polygons, shapes

SHARED = Path(
    os.environ.get("HUB_TEST_SHARED") or Path(__file__).parents[3] / "shared" / "data"
).resolve()
DISTRICT = SHARED / "real_district"

Numbers = npt.NDArray[np.float64]

LON, LAT = 101.78, 36.62
degrees_east = st.floats(73.5, 135.0)
degrees_north = st.floats(3.5, 53.5)


def a_column(*said: str | None) -> Texts:
    return text_array(said)


def one(value: float) -> Numbers:
    return np.array([value])


def metres(lon: Numbers, lat: Numbers, to_lon: Numbers, to_lat: Numbers) -> float:
    east = (lon - to_lon) * 111_320 * np.cos(np.radians(lat))
    return float(np.hypot(east, (lat - to_lat) * 110_574).max())


def told(judged: Judged[Texts]) -> list[tuple[str | None, str | None, str | None]]:
    columns = (judged.values, judged.rules, judged.notes)
    return list(zip(*(arrow(column).to_pylist() for column in columns), strict=True))


def a_point(lon: str, lat: str) -> str:
    return f'{{"type": "Point", "coordinates": [{lon}, {lat}]}}'


XINING = a_point("101.7800000", "36.6200000")


def test_offsets_are_those_of_the_published_systems():
    lon, lat = to_gcj02(one(116.404), one(39.915))
    assert (round(lon[0], 8), round(lat[0], 8)) == (116.41024450, 39.91640428)
    lon, lat = to_cgcs2000(one(116.404), one(39.915), "GCJ02", 4543)
    lon, lat = to_bd09(lon, lat)
    assert (round(lon[0], 8), round(lat[0], 8)) == (116.41036949, 39.92133699)


@given(degrees_east, degrees_north)
def test_gcj02_comes_back_within_a_centimetre(lon: float, lat: float):
    back = to_cgcs2000(*to_gcj02(one(lon), one(lat)), "GCJ02", 4543)
    assert metres(one(lon), one(lat), *back) < 0.01


@given(degrees_east, degrees_north)
def test_bd09_comes_back_within_thirty_centimetres(lon: float, lat: float):
    back = to_cgcs2000(*to_bd09(one(lon), one(lat)), "BD09", 4543)
    assert metres(one(lon), one(lat), *back) < 0.3


def test_offset_at_xining_is_what_surveys_report():
    gcj = metres(*to_gcj02(one(101.75), one(36.63)), one(101.75), one(36.63))
    bd = metres(*to_bd09(one(101.75), one(36.63)), one(101.75), one(36.63))
    assert 100 < gcj < 250
    assert 800 < bd < 1100


@pytest.mark.parametrize("epsg", [4543, 4522])
@pytest.mark.parametrize("prefix", [0, 34_000_000])
@pytest.mark.parametrize("swapped", [False, True])
def test_metres_are_read_in_any_order_and_with_a_zone_prefix(epsg: int, prefix: int, swapped: bool):
    east, north = Transformer.from_crs(4490, 4543, always_xy=True).transform(LON, LAT)
    pair = one(east + prefix), one(north)
    lon, lat = to_cgcs2000(*(pair[::-1] if swapped else pair), "CGCS2000", epsg)
    assert metres(lon, lat, one(LON), one(LAT)) < 0.001


def test_a_zone_prefix_decides_over_the_district():
    east, north = Transformer.from_crs(4490, 4502 + 17 - 13, always_xy=True).transform(LON, LAT)
    lon, lat = to_cgcs2000(one(east + 17e6), one(north), "CGCS2000", 4549)
    assert metres(lon, lat, one(LON), one(LAT)) < 0.001


def test_what_is_no_position_gives_nothing():
    x, y = np.array([5e7, 1000.0, np.nan, np.inf]), np.array([5e7, 1000.0, 36.0, 36.0])
    lon, lat = to_cgcs2000(x, y, "CGCS2000", 4543)
    assert not in_china(lon, lat).any()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("CGCS2000", "CGCS2000"), ("EPSG:4490", "CGCS2000"), ("wgs-84", "WGS84"),
        ("GCJ-02", "GCJ02"), (" bd09 ", "BD09"), ("百度坐标系", "BD09"), ("", "CGCS2000"),
        (None, "CGCS2000"), ("LOCAL", "LOCAL"), ("UNKNOWN", "UNKNOWN"), ("西宁独立", "UNKNOWN"),
    ],
)  # fmt: skip
def test_frames_are_known_by_their_usual_names(said: str | None, code: str):
    assert frame_codes(pd.Series(a_column(said))).tolist() == [code]


@pytest.mark.parametrize(
    ("x", "y", "frame", "verdict"),
    [
        ("101.78", "36.62", "", (XINING, None, None)),
        (" １０１.78", "36.62°", "WGS84", (XINING, None, None)),
        ("36.62", "101.78", "", (XINING, None, "point.swapped")),
        ("0", "0.0", "", (None, "point.zero", None)),
        ("1.5", "2.5", "", (None, "point.outside", None)),
        ("abc", "36.62", "", (None, "point.unreadable", None)),
        ("101.78", None, "", (None, "point.unreadable", None)),
        ("1e40", "36.62", "", (None, "point.outside", None)),
        ("1e40", "36.62", "LOCAL", (None, "point.outside", None)),
        ("1e400", "36.62", "", (None, "point.unreadable", None)),
        ("NaN", "36.62", "", (None, "point.unreadable", None)),
        (None, None, "", (None, None, None)),
        ("无", "-", "", (None, None, None)),
        ("101.78", "36.62", "UNKNOWN", (XINING, None, None)),
        ("36.62", "101.78", "UNKNOWN",
         (a_point("36.6200000", "101.7800000"), None, "point.unplaced")),
        ("5000.5", "-0.00000001", "LOCAL",
         (a_point("5000.5000000", "0.0000000"), None, "point.unplaced")),
    ],
)  # fmt: skip
def test_pairs_of_coordinates_become_points(
    x: str | None, y: str | None, frame: str, verdict: tuple[str | None, ...]
):
    assert told(points(a_column(x), a_column(y), frame, 4543)) == [verdict]


@pytest.mark.parametrize(
    ("wkt", "verdict"),
    [
        ("POINT (101.78 36.62)", (XINING, None, None)),
        ("srid=4490;POINT Z (101.78 36.62 2261)", (XINING, None, None)),
        ("POINT (36.62 101.78)", (XINING, None, "geometry.swapped")),
        ("POINT (0 0)", (None, "geometry.outside", None)),
        ("LINESTRING (101 36, 102 37)", (None, "geometry.unreadable", None)),
        ("POLYGON EMPTY", (None, "geometry.unreadable", None)),
        ("POLYGON ((101 36, 101 36, 101 36, 101 36))", (None, "geometry.unreadable", None)),
        ("围墙以内", (None, "geometry.unreadable", None)),
        ("", (None, None, None)),
    ],
)  # fmt: skip
def test_wkt_becomes_geojson(wkt: str, verdict: tuple[str | None, ...]):
    assert told(shapes(a_column(wkt), "CGCS2000", 4543)) == [verdict]


@pytest.mark.parametrize(
    ("wkt", "note"),
    [
        ("POLYGON ((101 36, 101 37, 102 37, 102 36, 101 36))", None),
        ("POLYGON Z ((101 36 1, 102 36 2, 102 37 3, 101 36 1))", None),
        ("POLYGON ((101 36, 102 36, 102 37, 101 37, 101 36),"
         " (101.2 36.2, 101.4 36.2, 101.4 36.4, 101.2 36.2))", None),
        ("MULTIPOLYGON (((101 36, 102 36, 102 37, 101 36)), ((103 36, 104 36, 104 37, 103 36)))",
         None),
        ("POLYGON ((36 101, 36 102, 37 102, 36 101))", "geometry.swapped"),
        ("POLYGON ((101 36, 102 36, 102 37))", "geometry.mended"),
        ("POLYGON ((101 36, 102 37, 102 36, 101 37, 101 36))", "geometry.mended"),
    ],
)  # fmt: skip
def test_shapes_come_out_valid_flat_and_anticlockwise(wkt: str, note: str | None):
    judged = shapes(a_column(wkt), "CGCS2000", 4543)
    shape = read_shapes(judged.values)[0]
    assert shape.is_valid
    assert not shape.has_z
    assert all(part.exterior.is_ccw for part in shapely.get_parts(shape))
    assert told(judged)[0][1:] == (None, note)


def test_a_shape_in_metres_is_placed_by_the_district():
    wkt = "POLYGON ((480320 4054363, 480420 4054363, 480420 4054463, 480320 4054363))"
    shape = read_shapes(shapes(a_column(wkt), "CGCS2000", 4543).values)[0]
    assert shape.centroid.distance(shapely.Point(LON, LAT)) < 0.002


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["101.78", "36.62", "0", "x", "480320.4", None]),
            st.sampled_from(["36.62", "101.78", "0", "4054363.36", None]),
            st.sampled_from(["CGCS2000", "GCJ02", "BD09", "UNKNOWN"]),
        ),
        max_size=6,
    ),
    st.integers(0, 6),
)
def test_splitting_a_column_changes_no_position(
    rows: list[tuple[str | None, str | None, str]], cut: int
):
    def judge(part: list[tuple[str | None, str | None, str]]) -> list[object]:
        x, y, frame = (a_column(*(row[i] for row in part)) for i in range(3))
        wkt = a_column(*(x and y and f"POINT ({x} {y})" for x, y, _ in part))
        return [*zip(told(points(x, y, frame, 4543)), told(shapes(wkt, frame, 4543)), strict=True)]

    assert judge(rows) == judge(rows[:cut]) + judge(rows[cut:])


def test_points_on_a_shared_border_belong_to_the_first_polygon():
    west, east = shapely.box(101, 36, 102, 37), shapely.box(102, 36, 103, 37)
    lon, lat = np.array([102.0, 101.5, 102.5, 104.0]), np.array([36.5, 36.5, 37.0, 36.5])
    assert points_in_polygons(lon, lat, [west, east]).tolist() == [0, 0, 1, -1]
    assert points_in_polygons(lon, lat, [east, west]).tolist() == [0, 1, 0, -1]
    assert points_in_polygons(lon[:0], lat[:0], [west]).tolist() == []


def test_points_in_polygons_agrees_with_asking_each_polygon():
    random = np.random.default_rng(7)
    centres = shapely.points(random.uniform(0, 10, (40, 2)))
    polygons = shapely.buffer(centres, random.uniform(0.1, 2, 40), quad_segs=3)
    lon, lat = random.uniform(-1, 11, (2, 500))
    answers = [
        next((i for i, polygon in enumerate(polygons) if polygon.intersects(point)), -1)
        for point in shapely.points(lon, lat)
    ]
    assert points_in_polygons(lon, lat, polygons).tolist() == answers


def test_a_hundred_thousand_points_take_a_fraction_of_a_second():
    random = np.random.default_rng(1)
    x = a_column(*(f"{value:.8f}" for value in random.uniform(101.7, 101.9, 100_000)))
    y = a_column(*(f"{value:.8f}" for value in random.uniform(36.5, 36.7, 100_000)))
    start = time.perf_counter()
    judged = points(x, y, "BD09", 4543)
    assert time.perf_counter() - start < 3
    assert is_said(judged.values).all()


@pytest.mark.skipif(not DISTRICT.is_dir(), reason="the real district's data are not here")
def test_estates_of_the_real_district_lie_in_it_only_after_conversion():
    files = sorted(DISTRICT.glob("street_office/inbox/*/网格信息.csv"))
    grids = pd.read_csv(files[0], dtype="str", encoding="gb18030", keep_default_na=False)
    boundaries = shapes(grids["边界"].array, "CGCS2000", 4549)
    assert not is_said(boundaries.rules).any()
    places = pd.DataFrame(
        json.loads((DISTRICT / "urban_management" / "places.json").read_text("utf-8")), dtype="str"
    )
    estates = places[places["CRS"] == "BD09"]

    def inside(frame: str) -> int:
        numbers = point_numbers(shapes(estates["Boundary"].array, frame, 4549).values)
        return int((points_in_polygons(*numbers, read_shapes(boundaries.values)) >= 0).sum())

    assert len(estates) == 279
    assert inside("BD09") == 277
    assert inside("CGCS2000") == 177
