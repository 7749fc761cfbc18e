"""Resolving: the same in any order, piece by piece or at once; ids stay; the feed tells it all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.config import Settings
from hub.database import engine
from hub.store import linking
from tests.jobs.history import COMMUNITIES, Hub, Step, histories, reordered

#: Examples share the database, which each of them clears. Those drawn at random are for long runs.
some = hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit],
)
many = hypothesis_settings(some, max_examples=30, phases=list(Phase))


@pytest.fixture
def hub(settings: Settings) -> Iterator[Hub]:
    yield Hub(settings)
    engine(settings).dispose()


def lived(hub: Hub, *steps: Step) -> Hub:
    hub.clear()
    hub.live_through(enumerate(steps))
    return hub


def check_incremental(hub: Hub, history: list[Step], seed: int) -> None:
    piecewise = lived(hub, *history).known()
    ids = hub.ids()
    hub.resolve(full=True)
    assert hub.known() == piecewise
    assert hub.ids() == ids
    hub.clear()
    hub.live_through(reordered(history, seed))
    assert hub.known() == piecewise
    hub.clear()
    hub.live_through(reordered(history, seed + 1), resolving=False)
    hub.resolve()
    assert hub.known() == piecewise
    hub.clear()
    hub.live_through_hastily(reordered(history, seed + 2), seed)
    hub.resolve()
    assert hub.known() == piecewise


# Histories that once went wrong, or nearly.
HOUSE_MOVES = [
    Step("places", 1, 0),
    Step("grids", 0, 0),
    Step("houses", 0, 0),
    Step("residents", 0, 0),
    Step("houses", 0, 2),
]
HOUSE_GOES = [*HOUSE_MOVES[:4], Step("houses", 0, None)]
AREA_LAST = [Step("places", 1, 0), Step("places", 0, 2)]
AREA_WITHOUT_CODE = [Step("grids", 1, 1), Step("places", 0, 0), Step("components", 0, 3)]
GRID_LAST = [
    Step("components", 0, 0),
    Step("places", 1, 0),
    Step("houses", 0, 0),
    Step("residents", 0, 0),
    Step("grids", 0, 0),
]
GRID_MOVES = [*GRID_LAST, Step("grids", 0, 1), Step("grids", 0, 2), Step("grids", 0, None)]
PLACE_RENAMED = [*GRID_LAST, Step("places", 1, 1)]
TWO_HOUSES = [
    Step("grids", 0, 0),
    Step("places", 1, 0),
    Step("houses", 0, 0),
    Step("houses", 1, 4),
    Step("residents", 0, 0),
    Step("residents", 1, 4),
    Step("houses", 1, 6),
    Step("houses", 0, None),
]


@some
@given(histories(), st.integers(0, 9))
@example(HOUSE_MOVES, 0)
@example(HOUSE_GOES, 1)
@example(AREA_LAST, 0)
@example(AREA_WITHOUT_CODE, 3)
@example(GRID_LAST, 2)
@example(GRID_MOVES, 3)
@example(PLACE_RENAMED, 4)
@example(TWO_HOUSES, 5)
def test_piece_by_piece_is_all_at_once_in_any_order(
    hub: Hub, history: list[Step], seed: int
) -> None:
    check_incremental(hub, history, seed)


@pytest.mark.long
@many
@given(histories(30), st.integers(0, 99))
def test_piece_by_piece_is_all_at_once_through_long_histories(
    hub: Hub, history: list[Step], seed: int
) -> None:
    check_incremental(hub, history, seed)


def check_ids_and_feed(hub: Hub, history: list[Step]) -> None:
    hub.clear()
    ever: set[str] = set()
    for time, step in enumerate(history):
        before = hub.ids()
        hub.take(time, step)
        now, redirects = hub.ids(), hub.redirects()
        for entity, members in before.items():
            if members in now.values():
                # Who has the same members has the same id.
                assert now.get(entity) == members
        # No id is forgotten; those that live redirect nowhere, the others to one that lived.
        known = {row[0] for row in hub.ask("SELECT entity_id FROM entity")}
        assert ever <= known
        ever = known
        assert not redirects.keys() & now.keys()
        assert not set(redirects.values()) & redirects.keys()
        assert hub.versions().keys() == now.keys()
        assert hub.replayed() == hub.versions()


@some
@given(histories(20))
@example(
    [
        Step("residents", 0, 0),
        Step("residents", 1, 1),
        Step("residents", 1, 4),
        Step("residents", 1, 1),
    ]
)
@example(
    [
        Step("residents", 0, 0),
        Step("residents", 1, 0),
        Step("residents", 0, None),
        Step("residents", 1, None),
        Step("residents", 2, 0),
        Step("residents", 0, 0),
    ]
)
def test_ids_stay_and_the_feed_tells_what_is_served(hub: Hub, history: list[Step]) -> None:
    check_ids_and_feed(hub, history)


@pytest.mark.long
@many
@given(histories(40))
def test_ids_stay_through_long_histories(hub: Hub, history: list[Step]) -> None:
    check_ids_and_feed(hub, history)


def person_of(hub: Hub, number: int) -> str:
    key = f"person/SQ001-{number:06}"
    (entity,) = (entity for entity, members in hub.ids().items() if key in members)
    return entity


def changes(hub: Hub, since: int) -> list[tuple[str, str]]:
    found = hub.ask(f"SELECT change, entity_id FROM change WHERE seq > {since} ORDER BY seq")
    return [(row.change, row.entity_id) for row in found]


def test_a_merged_id_answers_for_the_winner_and_a_split_gives_it_back(hub: Hub) -> None:
    one, other = Step("residents", 0, 0), Step("residents", 1, 1)
    lived(hub, one, other)
    first, second = person_of(hub, 0), person_of(hub, 1)
    assert first != second
    hub.take(2, Step("residents", 1, 0))
    assert person_of(hub, 1) == first
    assert hub.redirects() == {second: first}
    told = changes(hub, 2)
    assert ("merged", second) in told
    assert ("withdrawn", second) not in told
    hub.take(3, other)
    assert (person_of(hub, 0), person_of(hub, 1)) == (first, second)
    assert hub.redirects() == {}
    assert {("split", first), ("updated", second)} <= set(changes(hub, len(told) + 2))


def test_merges_and_splits_are_told_with_their_members_and_the_version_they_led_to(
    hub: Hub,
) -> None:
    lived(hub, Step("residents", 0, 0), Step("residents", 1, 1), Step("residents", 1, 0))
    (merged,) = hub.ask("SELECT * FROM change WHERE change = 'merged'")
    first = person_of(hub, 0)
    assert merged.cause["into"] == first
    assert merged.cause["members"] == [merged.entity_id, first]
    ((version,),) = hub.ask(
        f"SELECT version FROM golden_person WHERE entity_id = '{merged.entity_id}'"
    )
    assert merged.version == version


def test_a_chain_of_merges_leads_to_the_last_winner_at_once_and_back_with_the_records(
    hub: Hub,
) -> None:
    lived(hub, Step("residents", 0, 0), Step("residents", 1, 1), Step("residents", 2, 2))
    a, b, c = (person_of(hub, number) for number in range(3))
    hub.take(3, Step("residents", 2, 1))
    assert hub.redirects() == {c: b}
    hub.take(4, Step("residents", 0, 1))
    assert set(hub.redirects()) == {a, c}
    assert set(hub.redirects().values()) == {b}
    # The record of c goes with a: whoever asks for c is led to where its record is.
    hub.take(5, Step("residents", 0, 0))
    assert person_of(hub, 0) == a
    assert hub.redirects() == {c: b}


def test_a_returning_record_that_now_belongs_to_another_leaves_a_redirect(hub: Hub) -> None:
    lived(hub, Step("residents", 0, 0))
    first = person_of(hub, 0)
    hub.take(1, Step("residents", 0, None))
    hub.take(2, Step("residents", 1, 0))
    second = person_of(hub, 1)
    hub.take(3, Step("residents", 0, 0))
    assert person_of(hub, 0) == person_of(hub, 1) == second
    assert hub.redirects() == {first: second}


def test_what_comes_back_is_told_with_all_it_says(hub: Hub) -> None:
    lived(hub, Step("components", 0, 0), Step("components", 0, None), Step("components", 0, 0))
    *_, last = hub.ask("SELECT * FROM change ORDER BY seq")
    assert last.change in ("created", "updated")
    assert {"component_id", "component_name", "component_point"} <= set(last.fields)


def test_a_person_has_the_community_and_code_of_the_house_they_live_in(hub: Hub) -> None:
    lived(hub, *GRID_LAST)
    person = {
        name: value
        for members, said in hub.known().items()
        if any(key.startswith("person/") for key in members)
        for name, value in said["values"].items()
    }
    assert person["community_code"] == COMMUNITIES[0]
    assert person["house_code"].startswith(COMMUNITIES[0])


def test_resolving_again_writes_nothing(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    # As with many records, of which few have changed.
    monkeypatch.setattr(linking, "FEW", 0)
    lived(hub, *GRID_MOVES[:5])
    query = """SELECT ctid::text, xmin::text FROM golden_{0}
        UNION ALL SELECT ctid::text, xmin::text FROM link
        UNION ALL SELECT ctid::text, xmin::text FROM link_key"""
    names = ("grid", "geo_entity", "house", "person", "component")
    before = [hub.ask(query.format(name)) for name in names]
    told = len(hub.ask("SELECT FROM change"))
    hub.resolve()
    hub.resolve(full=True)
    assert [hub.ask(query.format(name)) for name in names] == before
    assert len(hub.ask("SELECT FROM change")) == told
