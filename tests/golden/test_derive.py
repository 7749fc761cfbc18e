"""What follows from what was said: by position, by home, by minting, by age."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hub.golden import Authorities, Golden, Surroundings, derive, merge, origin_of
from schemas import Component, GeoEntity, House, Person, Section
from schemas.distinct import text_array
from tests.build import Said, a_record, members

AUTHORITIES = Authorities(
    {"public_security|residents": 10, "street_office|residents": 20, "property|owners": 40}, {}
)
TODAY = date(2026, 8, 31)
COMMUNITY, OTHER = "630102001001", "630102001002"
GRID = "630102001001001"
POINT = '{"type": "Point", "coordinates": [101.7900000, 36.6100000]}'
STREET = {"source": "street_office", "dataset": "residents"}
HOME = {"house_code": "H-1", "address_code": "A-1", "community_code": COMMUNITY, "grid_code": GRID}


def everywhere(shapes: pd.Series) -> pd.DataFrame:
    """Locate whatever is said to be somewhere in one grid."""
    inside = shapes.notna()
    said = {"grid_code": GRID, "community_code": COMMUNITY}
    columns = {n: pd.Series(code, index=shapes.index, dtype="str") for n, code in said.items()}
    return pd.DataFrame(columns).where(inside)


def derived(
    model: type[Section],
    *records: Said,
    places: dict[int, str] | None = None,
    homes: dict[int, dict[str, str]] | None = None,
    today: date = TODAY,
) -> Golden:
    golden = merge(model, members(model, *records), AUTHORITIES)
    known = sorted((homes or {}).items())
    said = {name: text_array([home.get(name) for _, home in known]) for name in HOME}
    dwellings = {"record_id": np.array([number for number, _ in known], dtype=int), **said}
    derive(model, golden, Surroundings(everywhere, places or {}, dwellings, today))
    return golden


def value(golden: Golden, name: str) -> str | None:
    said = golden.values[name][0]
    return None if pd.isna(said) else str(said)


def rule(golden: Golden, name: str) -> tuple[int, str] | None:
    """Tell which record a value rests on, and the rule."""
    origin = origin_of(int(golden.origins[name][0]))
    return (golden.members[0][origin[0]], origin[1]) if origin else None


def test_a_position_tells_grid_and_community() -> None:
    silent = a_record(key="A", record_id=1)
    golden = derived(Component, silent, a_record(key="B", component_point=POINT, record_id=2))
    assert (value(golden, "grid_code"), value(golden, "community_code")) == (GRID, COMMUNITY)
    assert rule(golden, "grid_code") == (2, "position")


def test_what_is_said_is_not_derived() -> None:
    golden = derived(Component, a_record(component_point=POINT, community_code=OTHER, record_id=1))
    assert value(golden, "community_code") == OTHER
    assert rule(golden, "community_code") == (1, "stand_in")


@pytest.mark.parametrize(
    ("frame", "found"), [("CGCS2000", GRID), ("UNKNOWN", None), ("LOCAL", None)]
)
def test_a_position_in_a_frame_nobody_knows_decides_nothing(frame: str, found: str | None) -> None:
    golden = derived(GeoEntity, a_record(boundary_geometry=POINT, source_crs=frame))
    assert value(golden, "grid_code") == found


def test_without_a_position_nothing_is_derived() -> None:
    assert value(derived(Component, a_record()), "grid_code") is None


def test_a_person_has_the_codes_of_the_house_at_the_address_that_is_served() -> None:
    police = a_record(key="A", standard_address="甲地", record_id=1)
    street = a_record(**STREET, key="B", standard_address="乙地", record_id=2)
    golden = derived(
        Person,
        police,
        street,
        places={1: f"{COMMUNITY}|康乐|3|1|501", 2: f"{OTHER}|别处|1|1|101"},
        homes={1: HOME, 2: HOME | {"house_code": "H-2"}},
    )
    # The street office has the word on where somebody lives.
    served = rule(golden, "standard_address")
    assert served is not None
    expected = {1: "H-1", 2: "H-2"}[served[0]]
    assert value(golden, "house_code") == expected
    assert rule(golden, "house_code") == (served[0], "home")


def test_an_address_without_a_house_still_tells_the_community() -> None:
    golden = derived(
        Person, a_record(standard_address="甲地", record_id=1), places={1: f"{OTHER}|别处|1|1|101"}
    )
    assert (value(golden, "house_code"), value(golden, "community_code")) == (None, OTHER)


def test_house_and_building_codes_are_minted_from_the_place() -> None:
    golden = derived(House, a_record(record_id=1), places={1: f"{COMMUNITY}|康乐|3|1|501"})
    code, building = value(golden, "house_code"), value(golden, "building_code")
    assert re.fullmatch(rf"{COMMUNITY}-[0-9A-F]{{8}}-3-1-501", code or "")
    assert re.fullmatch(rf"{COMMUNITY}-[0-9A-F]{{8}}-3", building or "")
    assert rule(golden, "house_code") == (1, "minted")


@pytest.mark.parametrize(
    "place", ["康乐|东楼|1|501", "康乐||||", "康乐|3|1|" + "5" * 60, "康乐|3||门"]
)
def test_a_minted_code_is_one_that_its_own_kind_accepts(place: str) -> None:
    golden = derived(House, a_record(record_id=1), places={1: f"{COMMUNITY}|{place}"})
    for name in ("house_code", "building_code"):
        said = value(golden, name)
        spec = next(spec for spec in House.model_fields[name].metadata if hasattr(spec, "verdict"))
        assert said is None or spec.verdict(said).value == said


def test_two_places_never_share_a_minted_code() -> None:
    places = ["康乐|3|1|501", "康乐|3|1|502", "康乐|3||1501", "康乐南区|3|1|501", "康乐|31||501"]
    codes = {
        value(
            derived(House, a_record(record_id=1), places={1: f"{COMMUNITY}|{place}"}), "house_code"
        )
        for place in places
    }
    assert len(codes) == len(places)


def test_an_issued_code_is_not_minted_over() -> None:
    golden = derived(
        House,
        a_record(house_code="630102001001001", record_id=1),
        places={1: f"{COMMUNITY}|康乐|3|1|501"},
    )
    assert value(golden, "house_code") == "630102001001001"


def test_a_persons_id_is_the_entitys() -> None:
    assert value(derived(Person, a_record(entity_id="P1")), "person_id") == "P1"


@pytest.mark.parametrize(
    ("born", "status", "known", "care"),
    [
        ("1946-08-31", "1", None, '["03"]'),
        ("1946-09-01", "1", None, None),
        ("1946-08-31", None, '["01", "08"]', '["01", "03", "08"]'),
        ("1946-08-31", "3", '["01"]', '["01"]'),
        ("1946-08-31", "2", None, None),
        (None, "1", '["01"]', '["01"]'),
        ("1930-01-01", "1", '["03"]', '["03"]'),
        ("1930-01-01", "1", "[]", '["03"]'),
    ],
)
def test_eighty_years_make_a_care_category(
    born: str | None, status: str | None, known: str | None, care: str | None
) -> None:
    said = a_record(birth_date=born, person_status=status, care_categories=known, record_id=1)
    assert value(derived(Person, said), "care_categories") == care


def test_age_counts_through_a_leap_day() -> None:
    said = a_record(birth_date="1948-02-29")
    assert value(derived(Person, said, today=date(2028, 2, 28)), "care_categories") is None
    assert value(derived(Person, said, today=date(2028, 2, 29)), "care_categories") == '["03"]'


def test_age_rests_on_the_record_with_the_birth_date() -> None:
    silent = a_record(**STREET, key="A", record_id=1)
    golden = derived(Person, silent, a_record(key="B", birth_date="1930-01-01", record_id=2))
    assert rule(golden, "care_categories") == (2, "age")


@pytest.mark.parametrize("model", [Person, House, GeoEntity, Component])
def test_nothing_follows_from_nothing(model: type[Section]) -> None:
    assert not any(map(len, derived(model).values.values()))
