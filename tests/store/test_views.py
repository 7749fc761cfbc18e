"""Whatever is granted, and for which areas: each field of each record is shown as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from hub.errors import NotFound
from hub.store.areas import EVERYWHERE, Area
from hub.store.default_grants import DEFAULT_PURPOSES, DEFAULTS, Grant, Rights
from hub.store.feed_reads import Position, changes_after
from hub.store.golden_reads import Filter, get_golden, list_golden
from hub.store.provenance_reads import get_version, witnesses
from hub.store.visible import ROLES, Caller, Denied, visible
from schemas import MODELS, Person
from tests.web.build import a_change, a_golden

HERE, THERE = "630102001001", "630102002001"
#: Personal ones, one that is not, and one that is never masked.
NAMES = ("person_name", "contact_phone", "birth_date", "community_code")
AREAS = (
    EVERYWHERE,
    Area(communities=(HERE,)),
    Area(grids=(f"{THERE}002",)),
    Area(streets=(THERE[:9],)),
    Area(communities=("630102009001",)),
)
PLACES = {"a": (HERE, "001"), "b": (THERE, "001"), "c": (THERE, "002")}
NOW = datetime.now(UTC)
PERIODS = (
    (None, None),
    (NOW - timedelta(days=1), NOW + timedelta(days=1)),
    (NOW - timedelta(days=2), NOW - timedelta(days=1)),
    (NOW + timedelta(days=1), None),
)


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    names = draw(st.frozensets(st.sampled_from(NAMES), min_size=1))
    masked = names & draw(st.frozensets(st.sampled_from(NAMES[:2])))
    since, until = draw(st.sampled_from(PERIODS))
    purposes = draw(st.frozensets(st.sampled_from(("care", "visit"))))
    area = draw(st.sampled_from(AREAS))
    return Grant("person", names, purposes, masked, area, since, until)


@pytest.fixture
def people(engine: Engine) -> Iterator[tuple[Connection, dict[str, str]]]:
    with engine.connect() as connection, connection.begin() as work:
        made = {}
        for name, (community, grid) in PLACES.items():
            made[name] = a_golden(
                connection,
                person_name=f"张{name}",
                contact_phone="13900000001",
                birth_date="1980-01-01",
                community_code=community,
                grid_code=community + grid,
            )
            a_change(connection, made[name], "person", fields=[*NAMES])
        yield connection, made
        work.rollback()


def lies(area: Area, place: tuple[str, str]) -> bool:
    community, grid = place
    return (
        area.everywhere
        or community in area.communities
        or community + grid in area.grids
        or community[:9] in area.streets
    )


def expected(held: list[Grant], place: tuple[str, str], purpose: str) -> dict[str, str] | None:
    """Say naively what is shown of a person: each field plain or masked; None: no such person."""
    count = [one for one in held if one.holds(NOW)]
    shown = {}
    for name in NAMES:
        for_it = [one for one in count if name in one.fields]
        if name != "community_code":
            for_it = [one for one in for_it if purpose in one.purposes]
        plain = [one for one in for_it if name not in one.masked]
        # What is shown plainly anywhere is shown plainly or not at all.
        for how, ones in (("plain", plain), ("masked", [] if plain else for_it)):
            if any(lies(one.area, place) for one in ones):
                shown[name] = how
    return shown or None


def seen(fields: dict[str, object]) -> dict[str, str]:
    return {name: "masked" if "*" in str(value) else "plain" for name, value in fields.items()}


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(grants(), min_size=1, max_size=4), st.sampled_from(("care", "visit")))
@example([Grant("person", frozenset(NAMES), frozenset({"care"}))], "care")
@example(
    [
        Grant("person", frozenset(NAMES), frozenset({"care"}), area=AREAS[1]),
        Grant("person", frozenset(NAMES), frozenset({"care"}), frozenset(NAMES[:2]), AREAS[3]),
    ],
    "care",
)
@example(
    [
        Grant("person", frozenset(NAMES[:1]), frozenset({"care"}), area=AREAS[1]),
        Grant("person", frozenset(NAMES[:1]), frozenset({"care"}), frozenset(NAMES[:1]), AREAS[3]),
    ],
    "care",
)
def test_every_way_shows_what_the_grants_say_and_no_more(
    people: tuple[Connection, dict[str, str]], held: list[Grant], purpose: str
) -> None:
    connection, made = people
    caller = Caller("c-1", "department", "urban_management", rights=Rights(grants=tuple(held)))
    right = {name: expected(held, place, purpose) for name, place in PLACES.items()}
    try:
        view = visible(caller, Person, purpose=purpose)
    except Denied:
        personal = {name: set(one or ()) - {"community_code"} for name, one in right.items()}
        assert not any(personal.values())
        return
    listed = {
        one.id: seen(one.fields)
        for one in list_golden(connection, view, Filter(), after="", limit=9)
    }
    assert listed == {made[name]: one for name, one in right.items() if one}
    for name, one in right.items():
        if one is None:
            with pytest.raises(NotFound):
                get_golden(connection, view, made[name])
            continue
        record = get_golden(connection, view, made[name])
        assert seen(record.fields) == one
        assert {"masked" for how in one.values() if how == "masked"} <= set(record.marks.values())
        # Whoever does not narrow the view down is shown less, never more.
        version = get_version(connection, view, made[name])
        for witness in witnesses(connection, view, version.members).values():
            assert seen(dict(witness.fields)).items() <= one.items()
        narrowed = view.of_one(connection, made[name])
        assert seen(get_version(connection, narrowed, made[name]).fields) == one
    names_only = visible(caller, Person, values=False)
    changes, _ = changes_after(connection, {"person": names_only}, Position(0, 0), 9)
    within = {
        made[name]
        for name, place in PLACES.items()
        if any(one.holds(NOW) and lies(one.area, place) for one in held)
    }
    assert {one.entity_id for one in changes} == within


@given(st.lists(grants(), max_size=4))
def test_views_that_show_the_same_have_the_same_signature(held: list[Grant]) -> None:
    def view(order: list[Grant]) -> str:
        caller = Caller("c-1", "department", "urban_management", rights=Rights(grants=tuple(order)))
        return visible(caller, Person, values=False).signature

    assert view(held) == view([*held, *held])


def test_every_role_has_defaults_and_purposes_for_them() -> None:
    assert {role for role, _ in DEFAULTS} == set(ROLES)
    assert DEFAULTS.keys() == DEFAULT_PURPOSES.keys()


@pytest.mark.parametrize("role", ROLES)
def test_what_is_not_shared_is_nobodys_by_role_but_the_sources(role: str) -> None:
    caller = Caller("c-1", role)  # type: ignore[arg-type]
    shown = set().union(*(visible(caller, model, values=False).names for model in MODELS.values()))
    assert "stream_uri" not in shown


def test_what_one_area_masks_is_not_read_plainly_from_other_tables() -> None:
    names = frozenset({"person_name", "birth_date"})
    care = frozenset({"care"})
    held = (
        Grant("person", names, care, area=AREAS[1]),
        Grant("person", names, care, frozenset({"person_name"}), AREAS[3]),
    )
    caller = Caller("c-1", "department", "urban_management", rights=Rights(grants=held))
    view = visible(caller, Person, purpose="care")
    shown = view.project(lambda name: sa.literal_column(f"said.{name}"))
    assert [str(column.element) for column in shown][1] == "said.birth_date"
    assert "said.person_name" not in str(shown[0])
