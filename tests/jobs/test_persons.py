"""Who is who: the same piece by piece and at once, in any order; a steward's word decides."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.config import Settings
from hub.database import copying, engine
from hub.jobs import ahead, making
from hub.jobs.persons import People, explain_pair, match_aside
from hub.jobs.resolve import resolve
from hub.matching.candidates import LARGEST
from hub.matching.features import CROWDED
from hub.matching.weights import Weights, shipped_weights
from hub.store import golden
from tests.jobs.people import Dwelling, Event, Goes, Judges, Registry, Said, Says, events

#: Examples share the database, which each of them clears.
some = hypothesis_settings(
    max_examples=2,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)
many = hypothesis_settings(some, max_examples=40, phases=list(Phase))

MAN: Said = {"person_name": "马海明", "birth_date": "1980-01-01"}
WOMAN: Said = {"person_name": "李雪梅", "birth_date": "1982-02-02"}
PHONE = "13997000001"


@pytest.fixture
def hub(settings: Settings) -> Iterator[Registry]:
    yield Registry(settings)
    engine(settings).dispose()


def found(hub: Registry) -> tuple[object, ...]:
    return hub.known(), hub.pairs(), hub.index()


def check_incremental(hub: Registry, history: list[Event], order: int) -> None:
    hub.clear()
    hub.live(history)
    piecewise, ids = found(hub), hub.ids()
    hub.resolve(full=True)
    assert found(hub) == piecewise
    assert hub.ids() == ids
    # The records come in another order, as they are at last; then the words that count.
    words = hub.judged()
    said = {event.number: event for event in history if isinstance(event, Says)}
    gone = [Goes(number) for number in said if f"K{number:04}" not in hub.alive()]
    came = list(said.values())
    random.Random(order).shuffle(came)
    homes = [event for event in history if isinstance(event, Dwelling)][-1:]
    hub.clear()
    hub.live([*came[::2], *homes, *came[1::2], *gone, *words])
    assert found(hub) == piecewise
    hub.clear()
    hub.live([*homes, *reversed(came), *words, *gone], resolving=False)
    hub.resolve()
    assert found(hub) == piecewise
    hub.clear()
    hub.live_hastily(history, order)
    hub.resolve()
    assert found(hub) == piecewise


@some
@given(st.lists(events(), min_size=4, max_size=16), st.integers(0, 9))
@example([Says(0, (0, 0, 0, 0, 0, 1)), Says(1, (0, 0, 2, 0, 0, 1)), Judges(0, 1, "different")], 0)
@example([Says(3, (0, 3, 2, 2, 2, 1)), Says(0, (0, 3, 2, 2, 0, 1)), Dwelling(0), Dwelling(1)], 0)
def test_piece_by_piece_is_all_at_once_in_any_order(
    hub: Registry, history: list[Event], order: int
) -> None:
    check_incremental(hub, history, order)


@pytest.mark.long
@many
@given(st.lists(events(12), min_size=10, max_size=50), st.integers(0, 99))
def test_piece_by_piece_is_all_at_once_through_long_histories(
    hub: Registry, history: list[Event], order: int
) -> None:
    check_incremental(hub, history, order)


def changes(hub: Registry) -> list[tuple[str, str]]:
    return [
        (row[0], row[1]) for row in hub.ask("SELECT change, entity_id FROM change ORDER BY seq")
    ]


def resolved(hub: Registry, *said: Said) -> Registry:
    hub.write_many(said)
    hub.resolve()
    return hub


def test_a_word_of_different_splits_and_taking_it_back_restores_the_ids(hub: Registry) -> None:
    hub.write(0, MAN | {"contact_phone": PHONE})
    hub.resolve()
    first = hub.person_of(0)
    hub.write(1, MAN | {"contact_phone": PHONE})
    hub.resolve()
    assert hub.people() == {frozenset({0, 1})}
    hub.judge(0, 1, "different")
    hub.resolve()
    second = hub.person_of(1)
    assert (hub.person_of(0), second != first) == (first, True)
    assert ("split", first) in changes(hub)
    hub.resolve(full=True)
    hub.write(1, MAN | {"contact_phone": PHONE, "sex_code": "1"})
    hub.resolve()
    assert hub.people() == {frozenset({0}), frozenset({1})}
    hub.judge(0, 1, None)
    hub.resolve()
    assert hub.ids().keys() == {first}
    assert hub.redirects() == {second: first}
    assert ("merged", second) in changes(hub)
    hub.judge(0, 1, "different")
    hub.resolve()
    assert (hub.person_of(0), hub.person_of(1)) == (first, second)
    assert hub.redirects() == {}
    assert hub.replayed() == hub.versions()


def test_a_word_of_same_joins_and_taking_it_back_restores_both_ids(hub: Registry) -> None:
    resolved(hub, MAN, WOMAN)
    ids = (hub.person_of(0), hub.person_of(1))
    hub.judge(0, 1, "same")
    hub.resolve()
    assert hub.people() == {frozenset({0, 1})}
    (told,) = hub.ask("SELECT * FROM change WHERE change = 'merged'")
    assert set(told.cause["members"]) == set(ids)
    hub.resolve(full=True)
    assert hub.people() == {frozenset({0, 1})}
    hub.judge(0, 1, None)
    hub.resolve()
    assert (hub.person_of(0), hub.person_of(1)) == ids
    (told,) = hub.ask("SELECT * FROM change WHERE change = 'split'")
    assert set(told.cause["members"]) == set(ids)
    assert hub.replayed() == hub.versions()


def test_a_word_holds_for_all_that_are_judged_the_same(hub: Registry) -> None:
    resolved(hub, MAN, MAN, WOMAN)
    hub.judge(0, 1, "same")
    hub.judge(1, 2, "same")
    hub.resolve()
    assert hub.people() == {frozenset({0, 1, 2})}
    hub.judge(0, 2, "different")
    hub.resolve()
    assert len(hub.people()) == 2
    assert hub.person_of(0) != hub.person_of(2)


def test_a_record_that_fits_two_people_is_a_case_for_a_steward(hub: Registry) -> None:
    home: Said = {"address_key": "康乐|3|1|501", "compound_key": "康乐", "contact_phone": PHONE}
    mother = home | {"person_name": "马秀英", "sex_code": "2", "birth_date": "1955-05-05"}
    aunt = home | {"person_name": "马秀兰", "sex_code": "2", "birth_date": "1957-07-07"}
    caller = home | {"person_name": "马女士", "sex_code": "2"}
    hub.write(0, mother | {"citizen_id_no": "990102195505050021"})
    hub.write(4, aunt | {"citizen_id_no": "990102195707070042"})
    hub.write(2, caller)
    hub.resolve()
    assert len(hub.people()) == 3
    asked = {pair: said[2] for pair, said in hub.pairs().items() if said[2]}
    assert asked.keys() == {("K0000", "K0002"), ("K0002", "K0004")}
    hub.judge(0, 2, "same")
    hub.resolve()
    assert hub.people() == {frozenset({0, 2}), frozenset({4})}
    assert hub.pairs()["K0000", "K0002"][2] is None


def test_one_holder_too_many_makes_a_key_tell_nobody_apart(hub: Registry) -> None:
    # One rare name in one compound, whatever else differs; nobody says more.
    said: Said = {"person_name": "尉迟妙音", "compound_key": "康乐"}
    resolved(hub, *([said] * LARGEST))
    before = found(hub)
    assert len(hub.pairs()) > LARGEST
    hub.write(LARGEST, said)
    hub.resolve()
    assert hub.pairs() == {}
    crowded = found(hub)
    hub.resolve(full=True)
    assert found(hub) == crowded
    hub.withdraw(LARGEST)
    hub.resolve()
    assert found(hub) == before
    hub.resolve(full=True)
    assert found(hub) == before


def test_one_holder_too_many_makes_a_telephone_a_shared_one(hub: Registry) -> None:
    others: list[Said] = [
        {"person_name": f"{sign}某", "contact_phone": PHONE}
        for sign in "赵钱孙李周吴郑王冯陈褚卫蒋沈"
    ]
    resolved(hub, MAN | {"contact_phone": PHONE}, MAN | {"contact_phone": PHONE}, *others)
    assert len(others) + 2 == CROWDED
    pair = ("K0000", "K0001")
    own, before = hub.pairs()[pair][0], found(hub)
    hub.write(CROWDED, {"person_name": "韩某", "contact_phone": PHONE})
    hub.resolve()
    assert hub.pairs()[pair][0] < own
    shared = found(hub)
    hub.resolve(full=True)
    assert found(hub) == shared
    hub.withdraw(CROWDED)
    hub.resolve()
    assert found(hub) == before
    hub.resolve(full=True)
    assert found(hub) == before


def test_who_is_tied_to_a_dwelling_moves_with_its_address(hub: Registry) -> None:
    hub.write(0, {"person_name": "马海明", "address_key": "康乐|3|1|501", "contact_phone": PHONE})
    hub.write(3, {"person_name": "马海明"})
    hub.resolve()
    assert hub.people() == {frozenset({0}), frozenset({3})}
    hub.happen(Dwelling(0))
    hub.resolve()
    weight = hub.pairs()["K0000", "K0003"][0]
    hub.happen(Dwelling(1))
    hub.resolve()
    assert hub.pairs()["K0000", "K0003"][0] < weight
    hub.happen(Dwelling(2))
    hub.resolve()
    assert hub.pairs() == {}


def test_a_withdrawn_record_leaves_its_person_and_comes_back_to_it(hub: Registry) -> None:
    resolved(hub, MAN | {"contact_phone": PHONE}, MAN | {"contact_phone": PHONE})
    person = hub.person_of(0)
    hub.withdraw(1)
    hub.resolve()
    assert hub.ids() == {person: frozenset({"person/K0000"})}
    assert hub.pairs() == {}
    hub.write(1, MAN | {"contact_phone": PHONE})
    hub.resolve()
    assert hub.ids() == {person: frozenset({"person/K0000", "person/K0001"})}


def test_what_was_entered_on_a_person_goes_along_when_its_record_comes_back_to_another(
    hub: Registry,
) -> None:
    resolved(hub, MAN | {"contact_phone": PHONE})
    first = hub.person_of(0)
    hub.enter(first, {"sex_code": "1"})
    hub.resolve()
    hub.withdraw(0)
    hub.resolve()
    hub.write(1, MAN | {"contact_phone": PHONE})
    hub.resolve()
    hub.write(0, MAN | {"contact_phone": PHONE})
    hub.resolve()
    assert hub.redirects() == {first: hub.person_of(1)}
    assert hub.known().keys() == {frozenset({"person/K0000", "person/K0001", f"person/{first}"})}


def test_who_came_back_as_another_gets_that_id_back_when_a_merge_is_undone(hub: Registry) -> None:
    resolved(hub, MAN | {"contact_phone": PHONE}, MAN | {"contact_phone": PHONE})
    first = hub.person_of(0)
    hub.withdraw(1)
    hub.resolve()
    hub.write(1, WOMAN)
    hub.resolve()
    second = hub.person_of(1)
    assert hub.person_of(0) == first != second
    hub.judge(0, 1, "same")
    hub.resolve()
    hub.judge(0, 1, None)
    hub.resolve()
    assert (hub.person_of(0), hub.person_of(1)) == (first, second)
    assert hub.redirects() == {}


def test_a_merge_undone_gives_an_id_back_whose_first_record_is_gone(hub: Registry) -> None:
    resolved(hub, {"person_name": "韩玉兰", "birth_date": "1990-03-03"}, MAN, WOMAN)
    other, first, second = (hub.person_of(number) for number in range(3))
    hub.judge(1, 2, "same")
    hub.resolve()
    hub.withdraw(1)
    hub.resolve()
    assert (hub.person_of(2), hub.redirects()) == (first, {second: first})
    hub.judge(0, 2, "same")
    hub.resolve()
    hub.judge(0, 2, None)
    hub.resolve()
    assert (hub.person_of(0), hub.person_of(2)) == (other, first)
    assert hub.redirects() == {second: first}


def test_of_two_merges_the_one_that_is_undone_first_gives_back_the_id_of_the_other(
    hub: Registry,
) -> None:
    other: Said = {"person_name": "韩玉兰", "birth_date": "1990-03-03"}
    resolved(hub, WOMAN, other, other | {"sex_code": "2"}, MAN, MAN, MAN, MAN)
    for one in (4, 5, 6):
        hub.judge(3, one, "same")
    hub.judge(1, 2, "same")
    hub.resolve()
    woman, others, man = (hub.person_of(number) for number in (0, 1, 3))
    hub.judge(0, 1, "same")
    hub.resolve()
    assert hub.redirects()[woman] == others
    hub.judge(0, 3, "same")
    hub.resolve()
    hub.judge(0, 3, None)
    hub.resolve()
    assert (hub.person_of(0), hub.person_of(1), hub.person_of(3)) == (others, others, man)
    hub.judge(0, 1, None)
    hub.resolve()
    assert (hub.person_of(0), hub.person_of(1), hub.person_of(3)) == (woman, others, man)


def test_matching_again_writes_nothing(hub: Registry) -> None:
    resolved(hub, MAN | {"contact_phone": PHONE}, MAN | {"contact_phone": PHONE}, MAN, WOMAN)
    query = """SELECT ctid::text, xmin::text FROM match UNION ALL
        SELECT ctid::text, xmin::text FROM block_key UNION ALL
        SELECT ctid::text, xmin::text FROM link UNION ALL
        SELECT ctid::text, xmin::text FROM golden_person"""
    before = hub.ask(query)
    for number in (0, 1, 2):
        hub.queue_again(number)
    hub.resolve()
    hub.resolve(full=True)
    assert hub.ask(query) == before


def test_what_was_weighed_is_explained_step_by_step(hub: Registry) -> None:
    resolved(hub, MAN | {"contact_phone": PHONE}, MAN | {"contact_phone": PHONE})
    one, other = hub.number_of(0), hub.number_of(1)
    with engine(hub.settings).connect() as connection:
        steps = explain_pair(connection, one, other, shipped_weights())
    assert abs(steps["weight"].sum() - hub.pairs()["K0000", "K0001"][0]) < 1e-9


def test_another_process_finds_the_same_people_and_writes_nothing_twice(
    hub: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved(hub, MAN | {"contact_phone": PHONE}, MAN | {"contact_phone": PHONE}, MAN, WOMAN)
    here = found(hub)
    with engine(hub.settings).begin() as connection:
        connection.execute(sa.text("TRUNCATE block_key, match"))
    monkeypatch.setattr(ahead, "MANY", 0)
    resolve(hub.settings, full=True)
    assert found(hub) == here
    query = """SELECT ctid::text, xmin::text FROM match UNION ALL
        SELECT ctid::text, xmin::text FROM block_key"""
    before = hub.ask(query)
    resolve(hub.settings, full=True)
    assert hub.ask(query) == before


def matched_and_more(settings: Settings, weights: Weights, token: str) -> People:
    """Match all, as another process does; then one record comes and one goes."""
    people = match_aside(settings, weights, token)
    hub = Registry(settings)
    hub.write(2, MAN | {"contact_phone": PHONE})
    hub.withdraw(1)
    return people


def test_who_comes_or_goes_while_all_are_compared_waits_for_the_next_resolve(
    hub: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved(hub, MAN | {"contact_phone": PHONE}, WOMAN)
    monkeypatch.setattr(ahead, "MANY", 0)
    monkeypatch.setattr(ahead.persons, "match_aside", matched_and_more)
    resolve(hub.settings, full=True)
    monkeypatch.undo()
    assert hub.people() == {frozenset({0})}
    hub.resolve()
    assert hub.people() == {frozenset({0, 2})}


def test_what_a_killed_resolve_had_set_aside_is_cleared_by_the_next(
    hub: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved(hub, MAN, WOMAN)
    hub.write(2, MAN | {"contact_phone": PHONE})
    match_aside(hub.settings, shipped_weights(), "killed")
    query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'aside%' ORDER BY 1"
    assert hub.ask(query) == [("aside_block_key_killed",), ("aside_match_killed",)]
    monkeypatch.setattr(ahead, "MANY", 0)
    resolve(hub.settings, full=True)
    assert hub.ask(query) == []
    assert hub.index()
    assert hub.people() == {frozenset({0, 2}), frozenset({1})}


def test_golden_records_made_in_another_process_are_those_made_here(
    hub: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.write_many([MAN | {"contact_phone": PHONE}, MAN | {"contact_phone": PHONE}, WOMAN])
    hub.write(3, {"person_name": "韩玉兰", "birth_date": "1990-03-03"})
    monkeypatch.setattr(making, "CHUNK", 1)
    monkeypatch.setattr(making, "PAYS", 3)
    began, beside = [], making.made_beside

    def made_beside(*about: object) -> Iterator[object]:
        began.append(about)
        return beside(*about)

    monkeypatch.setattr(making, "made_beside", made_beside)
    resolve(hub.settings)
    assert len(began) == 1
    there = found(hub)
    assert hub.people() == {frozenset({0, 1}), frozenset({2}), frozenset({3})}
    monkeypatch.undo()
    resolve(hub.settings, full=True)
    assert found(hub) == there


def test_keys_that_are_more_than_all_before_are_indexed_when_they_are_there(
    hub: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "SELECT indexdef FROM pg_indexes WHERE tablename = 'link_key' ORDER BY 1"
    before = hub.ask(query)
    monkeypatch.setattr(copying, "INDEXED_AFTERWARDS", 0)
    resolved(hub, MAN | {"contact_phone": PHONE}, MAN | {"contact_phone": PHONE}, WOMAN)
    assert hub.ask(query) == before
    assert hub.people() == {frozenset({0, 1}), frozenset({2})}


def test_a_table_filled_from_nothing_has_its_indexes_afterwards(
    hub: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "SELECT indexdef FROM pg_indexes WHERE tablename = 'golden_person' ORDER BY 1"
    before = hub.ask(query)
    monkeypatch.setattr(golden, "AT_ONCE", 1)
    resolved(hub, MAN, WOMAN)
    assert hub.ask(query) == before
    assert len(hub.people()) == 2
    # What is there already stays.
    hub.write(2, MAN | {"person_name": "韩玉兰"})
    hub.resolve()
    assert len(hub.ask("SELECT entity_id FROM golden_person")) == 3
