"""What records of each type have in common, by a table of cases."""

from __future__ import annotations

import pandas as pd
import pytest

from hub.matching import KEY_FIELDS, place_words, record_keys
from schemas import MODELS

Said = dict[str, str | None]


def keys(record_type: str, *said: Said) -> list[set[tuple[str, str]]]:
    """Return the keys (hash, use) of each record."""
    usual: Said = {"source": "s", "dataset": "d", "place": None, "same_as": None}
    usual |= dict.fromkeys(KEY_FIELDS[record_type])
    rows = [usual | {"record_id": str(n), "key": f"K{n}"} | one for n, one in enumerate(said)]
    found = record_keys(record_type, pd.DataFrame(rows).astype("str"))
    return [
        set(zip(of["key"], of["use"], strict=True))
        for of in (found[found["record_id"] == str(n)] for n in range(len(rows)))
    ]


def same(found: set[tuple[str, str]]) -> set[str]:
    return {key for key, use in found if use == "same"}


def home(found: set[tuple[str, str]]) -> set[str]:
    return {key for key, use in found if use == "home"}


@pytest.mark.parametrize(
    ("record_type", "one", "other", "linked"),
    [
        ("person", {"place": "c|a"}, {"place": "c|a"}, False),
        ("house", {"place": "c|a"}, {"place": "c|a"}, True),
        ("house", {"place": "c|a"}, {"place": "c|b"}, False),
        ("house", {"dataset": "rooms", "key": "1"}, {"same_as": "rooms|1"}, True),
        ("house", {"dataset": "rooms", "key": "1"}, {"source": "t", "same_as": "rooms|1"}, False),
        ("address", {"address_code": "1"}, {"address_code": "1"}, True),
        ("address", {"place": "c|a"}, {"place": "c|a"}, True),
        ("address", {"address_code": "1", "place": "c|a"}, {"place": "c|a"}, False),
        (
            "address",
            {"address_code": "1", "place": "c|a"},
            {"address_code": "2", "place": "c|a"},
            False,
        ),
        (
            "grid",
            {"grid_type": "1", "grid_code": "7"},
            {"grid_type": "1", "grid_code": "7"},
            True,
        ),
        (
            "grid",
            {"grid_type": "1", "grid_code": "7"},
            {"grid_type": "3", "grid_code": "7"},
            False,
        ),
        (
            "grid",
            {"grid_type": "4", "unit_grid_code": "7", "grid_code": "1"},
            {"grid_type": "4", "unit_grid_code": "7", "grid_code": "2"},
            True,
        ),
        ("grid", {"grid_code": "7"}, {"grid_code": "7"}, False),
        ("component", {"component_id": "1"}, {"component_id": "1"}, True),
        ("camera", {"device_code": "1"}, {"device_code": "2"}, False),
        ("geo_entity", {"geo_entity_id": "1"}, {"geo_entity_id": "1"}, True),
        ("building", {"model_object_id": "1"}, {"model_object_id": "1"}, True),
    ],
)
def test_what_links_two_records(record_type: str, one: Said, other: Said, linked: bool) -> None:
    first, second = keys(record_type, one, other)
    assert bool(same(first) & same(second)) is linked


def test_a_place_is_one_key_for_house_address_and_resident() -> None:
    (house,) = keys("house", {"place": "c|a"})
    (address,) = keys("address", {"place": "c|a", "address_code": "1"})
    (person,) = keys("person", {"place": "c|a"})
    assert home(person) == home(address)
    assert home(person) < same(house)


def test_a_place_without_a_community_stands_for_nothing() -> None:
    words = place_words(pd.Series([None, "c"], dtype="str"), pd.Series(["a", None], dtype="str"))
    assert words.isna().all()


@pytest.mark.parametrize("record_type", MODELS)
def test_no_records_have_no_keys(record_type: str) -> None:
    columns = ["record_id", "source", "dataset", "key", "place", "same_as"]
    nothing = pd.DataFrame(columns=[*columns, *KEY_FIELDS[record_type]], dtype="str")
    assert list(record_keys(record_type, nothing).columns) == ["record_id", "key", "use"]
    assert record_keys(record_type, nothing).empty
