"""The urban-management platform's rows, and the real ones where they are at hand."""

from __future__ import annotations

import pandas as pd
import pytest

from connectors.urban_management import Buildings, Components, Places, Reporters, UnitGrids
from hub.config import District
from hub.connector import Dataset
from hub.model import Records
from schemas import fields
from tests.connectors.stages import Row

DISTRICT = District()


def records(dataset: Dataset, **said: str) -> Records:
    row: Row = dataset.sample()[0] | said
    rows = dataset.admit(pd.DataFrame([row], dtype="str")).rows
    return dataset.records(rows, DISTRICT).records[0]


def value(dataset: Dataset, name: str, **said: str) -> str | None:
    found = records(dataset, **said)
    kind = next(spec.kind for spec in fields(found.model) if spec.name == name)
    judged = kind.judge(found.fields[name]).values[0]
    return None if pd.isna(judged) else str(judged)


@pytest.mark.parametrize(
    ("x", "y", "rule"),
    [
        ("101.7951234", "36.6156789", None),
        (" 101.7951234 ", "36.6156789", None),
        ("36.6156789", "101.7951234", None),
        ("0", "0", "point.zero"),
        ("abc", "36.6", "point.unreadable"),
        ("101.79", "", "point.unreadable"),
        ("", "", None),
    ],
)
def test_positions_are_placed_or_say_why_not(x: str, y: str, rule: str | None) -> None:
    found = records(Components(), PointX=x, PointY=y)

    assert [one.rule for one in found.faults] == ([rule] if rule else [])
    if rule is None and x:
        point = '{"type": "Point", "coordinates": [101.7951234, 36.6156789]}'
        assert value(Components(), "component_point", PointX=x, PointY=y) == point


def test_projected_coordinates_are_read_by_the_districts_projection() -> None:
    # The central meridian of EPSG:4543 is 102° east.
    placed = value(Components(), "component_point", PointX="500000", PointY="4053110")

    assert placed is not None
    assert "[102.0000000, 36.6" in placed


def test_a_place_without_a_frame_is_kept_as_said() -> None:
    assert value(Places(), "source_crs", CRS="") == "UNKNOWN"
    assert "101.7951234, 36.6156789" in str(value(Places(), "boundary_geometry", CRS=""))


def test_a_place_in_another_frame_is_moved_and_says_from_where() -> None:
    assert value(Places(), "source_crs", CRS="BD09") == "BD09"
    assert "101.78" in str(value(Places(), "boundary_geometry", CRS="BD09"))


@pytest.mark.parametrize(
    ("large", "small", "code"),
    [("02", "01", "0201"), (" 02 ", "001", "02001"), ("02", "", None), ("", "", None)],
)
def test_a_class_is_made_of_both_its_parts(large: str, small: str, code: str | None) -> None:
    found = value(Components(), "component_class_code", LargeClass=large, SmallClass=small)

    assert found == code


def test_a_deleted_row_is_withdrawn() -> None:
    assert list(records(Components(), Deleted="1").withdrawn) == [True]
    assert list(records(Components(), Deleted="0").withdrawn) == [False]
    assert list(records(Components(), Deleted="").withdrawn) == [False]


def test_a_unit_grid_says_that_it_is_one() -> None:
    assert value(UnitGrids(), "grid_type") == "4"


@pytest.mark.parametrize(
    ("word", "code"), [("03", "03"), ("钢", "01"), ("钢混", "02"), ("混合", "04"), ("其他", "06")]
)
def test_structures_come_as_codes_or_words(word: str, code: str) -> None:
    assert value(Buildings(), "building_structure", Structure=word) == code


def test_a_caller_speaks_when_he_last_called() -> None:
    found = records(Reporters(), LastCallTime="2026-01-02 03:04:05")

    assert list(found.recorded_at) == ["2026-01-02 03:04:05"]


def test_the_platform_speaks_for_the_surveyors_on_places_and_buildings() -> None:
    assert "boundary_geometry" in Places().acts_for["surveying"]
    assert "building_height_m" in Buildings().acts_for["surveying"]
    assert "completion_year" in Buildings().acts_for["surveying"]
    assert not Components().acts_for
