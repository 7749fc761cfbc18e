"""Compounds and dwellings under several names: found, asked about, judged; in any order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.config import Settings
from hub.database import engine
from tests.build import a_grid, a_house, a_place, a_square
from tests.jobs import history
from tests.jobs.estate import DOOR, ESTATE, OFFICIAL, POPULAR
from tests.jobs.history import COMMUNITIES, Hub, Step, reordered

#: Examples share the database, which each of them clears. Those drawn at random are for long runs.
some = hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit],
)
many = hypothesis_settings(some, max_examples=30, phases=list(Phase))


@pytest.fixture
def hub(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    for dataset in ("places", "houses"):
        monkeypatch.setitem(history.ROWS, dataset, ESTATE[dataset])
    yield Hub(settings)
    engine(settings).dispose()


histories = st.lists(
    st.builds(
        Step,
        st.sampled_from(("places", "places", "houses", "houses", "grids")),
        st.integers(0, 2),
        st.one_of(st.integers(0, 7), st.integers(0, 7), st.none()),
    ),
    min_size=2,
    max_size=12,
)

ALIAS_COMES_LAST = [
    Step("grids", 0, 0),
    Step("houses", 0, 4),
    Step("houses", 1, 5),
    Step("places", 0, 0),
    Step("places", 1, 5),
    Step("places", 1, None),
]
UNIT_IS_TOLD = [
    Step("grids", 0, 0),
    *(Step("houses", n, 4) for n in range(3)),
    Step("houses", 1, 6),
]
TWO_UNITS_ARE_TOLD = [
    Step("grids", 0, 0),
    Step("houses", 0, 4),
    Step("houses", 2, 4),
    Step("houses", 1, 4),
]

ANOTHER_COMES_BACK = [
    Step("houses", 0, 7),
    Step("houses", 2, 7),
    Step("houses", 2, None),
    Step("houses", 2, 0),
]


@some
@given(histories, st.integers(0, 9))
@example(ALIAS_COMES_LAST, 0)
@example(ANOTHER_COMES_BACK, 3)
@example(UNIT_IS_TOLD, 1)
@example(TWO_UNITS_ARE_TOLD, 2)
def test_places_and_houses_one_by_one_are_as_all_at_once(
    hub: Hub, steps: list[Step], seed: int
) -> None:
    check_one_by_one(hub, steps, seed)


@pytest.mark.long
@many
@given(histories, st.integers(0, 99))
def test_places_and_houses_one_by_one_are_as_all_at_once_in_many_histories(
    hub: Hub, steps: list[Step], seed: int
) -> None:
    check_one_by_one(hub, steps, seed)


def check_one_by_one(hub: Hub, steps: list[Step], seed: int) -> None:
    hub.clear()
    hub.live_through(enumerate(steps))
    piecewise, pairs, ids = hub.known(), scored(hub), hub.ids()
    hub.resolve(full=True)
    assert (hub.known(), scored(hub), hub.ids()) == (piecewise, pairs, ids)
    hub.clear()
    hub.live_through(reordered(steps, seed))
    assert (hub.known(), scored(hub)) == (piecewise, pairs)
    hub.clear()
    hub.live_through(reordered(steps, seed + 1), resolving=False)
    hub.resolve()
    assert (hub.known(), scored(hub)) == (piecewise, pairs)


def scored(hub: Hub) -> dict[frozenset[str], tuple[float, str | None]]:
    """Return the scored pairs by the names of their records."""
    found = {}
    for name in ("geo_entity", "house"):
        query = f"""SELECT a.key, b.key, m.weight, m.review FROM match m
            JOIN record_{name} a ON a.record_id = m.left_id
            JOIN record_{name} b ON b.record_id = m.right_id"""
        found |= {frozenset((row[0], row[1])): (row[2], row[3]) for row in hub.ask(query)}
    return found


def entities(hub: Hub, record_type: str) -> set[frozenset[str]]:
    """Return the keys of the records of each entity of a type."""
    start = f"{record_type}/"
    return {
        frozenset(key.removeprefix(start) for key in keys)
        for keys in hub.ids().values()
        if any(key.startswith(start) for key in keys)
    }


def deliver(hub: Hub, monkeypatch: pytest.MonkeyPatch, dataset: str, *rows: dict[str, str]) -> None:
    """Deliver these rows, and no others, of a dataset."""
    for number, row in enumerate(rows):
        monkeypatch.setitem(history.ROWS, dataset, lambda *_, row=row: row)
        hub.take(number, Step(dataset, number, 0), resolving=False)
    hub.resolve()


GRIDS = [Step("grids", 0, 0), Step("grids", 1, 1)]
GRID = a_grid(1)["网格编号"]


def a_room(number: int, **said: str) -> dict[str, str]:
    usual = {"小区": OFFICIAL, "楼栋": "3号楼", "单元": "1单元", "房号": "501", "网格编号": GRID}
    return a_house(number, **usual | said)


def test_a_room_under_the_popular_name_is_the_room_once_places_say_whose_name_it_is(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.clear()
    rooms = [a_room(1), a_room(2, 小区=POPULAR, 楼栋="三幢", 房号="0501")]
    deliver(hub, monkeypatch, "houses", *rooms)
    assert entities(hub, "house") == {frozenset({"FW00001"}), frozenset({"FW00002"})}
    outline = {"Boundary": a_square(101.705, 36.505, 0.001), "Address": DOOR}
    where = {"SZSQDM": COMMUNITIES[0]} | outline
    places = [
        a_place(1, Name=OFFICIAL, **where),
        a_place(2, EntityID="CD-B-0002", Name=POPULAR, **where),
    ]
    deliver(hub, monkeypatch, "places", *places)
    assert entities(hub, "geo_entity") == {frozenset({"CD-C-0001", "CD-B-0002"})}
    assert entities(hub, "house") == {frozenset({"FW00001", "FW00002"})}


def test_a_popular_name_is_learned_from_records_that_write_both(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.clear()
    both = [
        a_room(n, 小区=POPULAR, 房号=f"{n}01", 房屋地址=f"{DOOR}{OFFICIAL}3号楼1单元{n}01室")
        for n in (1, 2)
    ]
    deliver(hub, monkeypatch, "houses", *both, a_room(3), a_room(4, 小区=POPULAR))
    assert frozenset({"FW00003", "FW00004"}) in entities(hub, "house")
    # One slip of a pen teaches nothing.
    hub.clear()
    deliver(hub, monkeypatch, "houses", both[0], a_room(3), a_room(4, 小区=POPULAR))
    assert frozenset({"FW00003"}) in entities(hub, "house")


def test_phases_of_one_name_stay_apart_though_an_address_mixes_them_up(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.clear()
    mixed = [
        a_room(
            n, 小区=f"{OFFICIAL}一期", 房号=f"{n}01", 房屋地址=f"{OFFICIAL}二期3号楼1单元{n}01室"
        )
        for n in (1, 2)
    ]
    others = [a_room(3, 小区=f"{OFFICIAL}一期"), a_room(4, 小区=f"{OFFICIAL}二期")]
    deliver(hub, monkeypatch, "houses", *mixed, *others)
    assert len(entities(hub, "house")) == 4


def test_namesakes_are_told_apart_by_door_where_a_record_names_no_community(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.clear()
    other = "昆仑东路30号"
    second = a_grid(2, 社区代码=COMMUNITIES[1])["网格编号"]
    grid_of = COMMUNITIES[1] + second[12:]
    rooms = [
        a_room(1, 房屋地址=f"{DOOR}{OFFICIAL}3号楼1单元501室"),
        a_room(2, 房屋地址=f"{other}{OFFICIAL}3号楼1单元501室", 网格编号=grid_of),
        a_room(3, 房屋地址=f"{DOOR}{OFFICIAL}3-1-501", 网格编号=""),
        a_room(4, 房屋地址=f"{other}{OFFICIAL}三幢1单元501", 网格编号=""),
        a_room(5, 房屋地址=f"{OFFICIAL}三幢1单元501", 网格编号=""),
    ]
    deliver(hub, monkeypatch, "houses", *rooms)
    assert entities(hub, "house") == {
        frozenset({"FW00001", "FW00003"}),
        frozenset({"FW00002", "FW00004"}),
        frozenset({"FW00005"}),
    }


def test_a_unit_left_out_is_the_only_one_and_asked_about_as_long_as_there_are_two(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.clear()
    deliver(hub, monkeypatch, "houses", a_room(1), a_room(2, 单元=""))
    assert entities(hub, "house") == {frozenset({"FW00001", "FW00002"})}
    deliver(hub, monkeypatch, "houses", a_room(1), a_room(2, 单元=""), a_room(3, 单元="2单元"))
    assert len(entities(hub, "house")) == 3
    reviews = {pair: review for pair, (_, review) in scored(hub).items()}
    assert reviews == {
        frozenset({"FW00001", "FW00002"}): "fits two",
        frozenset({"FW00002", "FW00003"}): "fits two",
    }
    hub.take(3, Step("houses", 2, None))
    assert entities(hub, "house") == {frozenset({"FW00001", "FW00002"})}


def judge(hub: Hub, left: str, right: str, verdict: str | None) -> None:
    """Write a word on two houses down, or take it back (None), and heed it."""
    hub.judge_records("house", left, right, verdict)
    hub.resolve()


def test_a_stewards_word_on_houses_outranks_keys_and_survives_a_rebuild(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.clear()
    deliver(hub, monkeypatch, "houses", a_room(1), a_room(2), a_room(3, 房号="502"))
    linked = hub.ids()
    apart = {frozenset({f"FW0000{n}"}) for n in (1, 2, 3)}
    judge(hub, "FW00001", "FW00002", "different")
    assert entities(hub, "house") == apart
    hub.resolve(full=True)
    assert entities(hub, "house") == apart
    judge(hub, "FW00001", "FW00002", None)
    assert hub.ids() == linked
    judge(hub, "FW00001", "FW00003", "same")
    assert entities(hub, "house") == {frozenset({"FW00001", "FW00002", "FW00003"})}
    judge(hub, "FW00001", "FW00003", None)
    assert hub.ids() == linked
