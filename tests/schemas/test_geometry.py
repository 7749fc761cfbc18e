"""The kind of positions and shapes: one spelling, the same as a jsonb column gives back."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Annotated, Any

import pandas as pd
import psycopg2
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.kinds import Geometry, Judged

ANY = Geometry(("Polygon", "MultiPolygon", "Point"))
POINT = Geometry(("Point",))
AREA = Geometry(("Polygon", "MultiPolygon"))

SQUARE = [[[101, 36], [102, 36], [102, 37], [101, 37], [101, 36]]]

lon_lat = st.tuples(st.floats(73, 136), st.floats(3, 54))


def judged(kind: Geometry, *said: str | None) -> Judged:
    return kind.judge(pd.Series(said, dtype="str"))


def outcome(kind: Geometry, said: str) -> tuple[object, object, object]:
    column = judged(kind, said)
    parts = (column.values, column.rules, column.notes)
    value, rule, note = (None if pd.isna(part.iloc[0]) else part.iloc[0] for part in parts)
    return value, rule, note


def written(name: str, coordinates: object) -> str:
    return json.dumps({"coordinates": coordinates, "type": name})


def test_a_point_is_written_with_seven_decimals_and_type_first():
    text = '{"type": "Point", "coordinates": [101.7800000, 36.6200000]}'
    assert outcome(POINT, written("Point", [101.78, 36.62])) == (text, None, None)
    assert outcome(POINT, text) == (text, None, None)


@pytest.mark.parametrize(
    ("kind", "said", "rule"),
    [
        (POINT, written("Point", [1, 2]), "geometry.outside"),
        (POINT, written("Point", [0, 0]), "geometry.outside"),
        (POINT, written("Point", [36.62, 101.78]), "geometry.outside"),
        (POINT, written("Polygon", SQUARE), "geometry.type"),
        (AREA, written("Point", [101.78, 36.62]), "geometry.type"),
        (ANY, written("LineString", [[101, 36], [102, 37]]), "geometry.type"),
        (ANY, written("Point", []), "geometry.unreadable"),
        (ANY, '{"type": "Point", "coordinates": [NaN, 36]}', "geometry.unreadable"),
        (ANY, '{"type": "Point"}', "geometry.unreadable"),
        (ANY, "POINT (101 36)", "geometry.unreadable"),
        (ANY, "[]", "geometry.unreadable"),
        (ANY, "{" * 5000, "geometry.unreadable"),
    ],
)
def test_what_is_no_such_shape_in_china_is_blanked(kind: Geometry, said: str, rule: str):
    assert outcome(kind, said) == (None, rule, None)


def test_a_record_of_unknown_frame_keeps_a_strange_position_with_a_warning():
    kind = Geometry(("Point",), anywhere=True)
    text = '{"type": "Point", "coordinates": [5000.5000000, -12.0000000]}'
    assert outcome(kind, written("Point", [5000.5, -12])) == (text, None, "geometry.unplaced")


def test_a_shape_that_crosses_itself_is_mended():
    value, rule, note = outcome(
        AREA, written("Polygon", [[[101, 36], [102, 37], [102, 36], [101, 37], [101, 36]]])
    )
    assert (rule, note) == (None, "geometry.mended")
    assert shapely.from_geojson(value).is_valid
    assert outcome(AREA, str(value)) == (value, None, None)


def test_nothing_said_stays_nothing():
    for column in ((), (None,), (None, "", "无")):
        answer = judged(ANY, *column)
        assert len(answer.values) == len(column)
        assert answer.values.isna().all()
        assert answer.rules.isna().all()


@given(lon_lat)
def test_judging_a_point_twice_is_judging_it_once(at: tuple[float, float]):
    first = outcome(POINT, written("Point", list(at)))
    assert first[1:] == (None, None)
    assert outcome(POINT, str(first[0])) == first


@given(st.lists(lon_lat, min_size=3, max_size=8))
def test_judging_any_polygon_twice_is_judging_it_once(ring: list[tuple[float, float]]):
    first = outcome(AREA, written("Polygon", [[*ring, ring[0]]]))
    if first[0] is None:
        assert first[1] == "geometry.unreadable"
    else:
        assert outcome(AREA, str(first[0])) == (first[0], None, None)


@given(st.lists(st.one_of(st.none(), lon_lat), max_size=6), st.integers(0, 6))
def test_splitting_a_column_changes_nothing(ats: list[tuple[float, float] | None], cut: int):
    texts = [None if at is None else written("Point", list(at)) for at in ats]
    halves = judged(ANY, *texts[:cut]).values, judged(ANY, *texts[cut:]).values
    assert judged(ANY, *texts).values.equals(pd.concat(halves, ignore_index=True).astype("str"))


def test_pydantic_judges_as_the_column_does():
    adapter: TypeAdapter[object] = TypeAdapter(Annotated[Any, POINT])
    place = {"type": "Point", "coordinates": [101.78, 36.62]}
    assert adapter.validate_python(place) == place
    with pytest.raises(ValidationError, match=r"geometry\.outside"):
        adapter.validate_python({"type": "Point", "coordinates": [1, 2]})


def test_the_schema_describes_each_allowed_type():
    names = [one["properties"]["type"]["const"] for one in ANY.json_schema()["oneOf"]]
    assert names == ["Polygon", "MultiPolygon", "Point"]
    assert POINT.json_schema()["properties"]["coordinates"]["minItems"] == 2


def test_postgresql_gives_the_canonical_text_back(empty_database_url: str):
    said = [
        written("Point", [101.78, 36.62]),
        written("Polygon", SQUARE),
        written("MultiPolygon", [SQUARE, [[[103, 36], [104, 36.5], [104, 37], [103, 36]]]]),
    ]
    texts = judged(ANY, *said).values.tolist()
    url = empty_database_url.replace("+psycopg2", "")
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        for text in texts:
            cursor.execute("SELECT %s::jsonb::text", [text])
            assert cursor.fetchone() == (text,)


@pytest.mark.parametrize("number", [-3.05e16, 1e12, 1e300])
def test_numbers_of_no_frame_are_unreadable_wherever_a_shape_may_be(number: float):
    anywhere = Geometry(("Polygon", "MultiPolygon", "Point"), anywhere=True)
    ring = [[101, 36], [102, 36], [102, number], [101, 36]]
    for said in (written("Point", [101.0, number]), written("Polygon", [ring])):
        assert anywhere.judge_one(said).rule == "geometry.unreadable"
