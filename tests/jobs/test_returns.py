"""Records that go and come back, while others take their place: who is one, their ids, the feed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.config import Settings
from hub.database import engine
from tests.jobs import history
from tests.jobs.estate import ESTATE
from tests.jobs.history import NAMED, Hub, Step, Word
from tests.jobs.people import Dwelling, Event, Goes, Judges, Registry, Says

#: Examples share the database, which each of them clears.
some = hypothesis_settings(
    max_examples=3,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)
many = hypothesis_settings(some, max_examples=60, phases=list(Phase))

#: What is resolved when something has happened: what that brought, all that waits, or nothing.
HOW = ("alone", "alone", "all", "nothing")

Happens = TypeVar("Happens")
Lives = list[tuple[Happens, str]]


class Served(NamedTuple):
    """Who is served, by the keys of their records, and how far the feed was read."""

    ids: dict[str, frozenset[str]]
    seq: int


class Witness:
    """Sees a hub after each resolve; what it served may only become what the feed then tells."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._before = Served({}, 0)
        #: Every entity that ever was, by the keys of its records while it last was.
        self._last: dict[str, frozenset[str]] = {}

    def look(self) -> None:
        """Compare what is served with what was, and with what was told since."""
        hub, before = self._hub, self._before
        news = hub.ask(f"SELECT * FROM change WHERE seq > {before.seq} ORDER BY seq")
        versions, linked = hub.versions(), hub.ids()
        now = Served({one: linked[one] for one in versions}, before.seq + len(news))
        # Who was withdrawn, and waits for that to be resolved, need not be served until then.
        for entity in linked.keys() - versions.keys():
            assert not linked[entity] & hub.live_keys()
        told = {(row.change, row.entity_id): row.cause for row in news}
        where = {key: entity for entity, keys in now.ids.items() for key in keys}
        redirects = hub.redirects()
        for entity, keys in before.ids.items():
            after = {where[key] for key in keys if key in where}
            if entity in now.ids:
                split = told.get(("split", entity), {"members": []})["members"]
                assert after - {entity} == {*split} - {entity}
            elif after:
                # An id gives way only to one that was there before.
                assert after <= before.ids.keys()
                assert redirects[entity] in after
                assert told["merged", entity]["into"] == redirects[entity]
            else:
                assert ("withdrawn", entity) in told
        for entity in now.ids.keys() - before.ids.keys():
            assert {("created", entity), ("updated", entity)} & told.keys()
        self._last |= now.ids
        self._before = now
        self._check_redirects(redirects, where)
        assert hub.replayed() == versions

    def _check_redirects(self, redirects: dict[str, str], where: dict[str, str]) -> None:
        """An id that gave way answers for one that has a record of it, if any lives."""
        assert not redirects.keys() & self._before.ids.keys()
        assert not redirects.keys() & {*redirects.values()}
        for entity, to in redirects.items():
            after = {where[key] for key in self._last[entity] if key in where}
            assert to in after or not after


def live(hub: Hub, lives: Lives[Happens], happen: Callable[[int, Happens, bool], None]) -> None:
    """Live through a history, seeing after each resolve what came of it; then resolve the rest."""
    witness = Witness(hub)
    for time, (event, how) in enumerate(lives):
        waiting = hub.waiting()
        happen(time, event, how == "alone")
        if how != "nothing":
            hub.resolve(only=sorted(hub.waiting() - waiting) if how == "alone" else None)
            witness.look()
    hub.resolve()
    witness.look()
    ids, known = hub.ids(), hub.known()
    hub.resolve(full=True)
    assert (hub.ids(), hub.known()) == (ids, known)
    witness.look()
    for record_type in ("person", "house"):
        if pair := strangers(hub, record_type):
            for verdict in ("same", None):
                hub.judge_records(record_type, *pair, verdict)
                hub.resolve()
                witness.look()
            assert (hub.ids(), hub.known()) == (ids, known)


def strangers(hub: Hub, record_type: str) -> list[str]:
    """Return two records of different entities of which no steward has said anything."""
    start = f"{record_type}/"
    found = [
        min(key.removeprefix(start) for key in keys)
        for keys in sorted(hub.ids().values(), key=sorted)
        if all(key.startswith(start) for key in keys)
    ]
    judged = {key for one, other, _ in hub.words(record_type) for key in (one, other)}
    free = [key for key in found if key not in judged]
    return [free[0], free[-1]] if len(free) > 1 else []


# Few things to say, so that who comes back often finds others at home: name, birth, number,
# telephone, room and evidence.
SAYINGS = (
    (0, 0, 0, 0, 0, 1),
    (0, 0, 2, 0, 0, 1),
    (5, 1, 1, 0, 0, 1),
    (5, 3, 2, 0, 0, 1),
    (0, 0, 2, 2, 2, 1),
)


def happenings(records: int = 4) -> st.SearchStrategy[Event]:
    """Draw something that happens to one of a few records, which often go and come back."""
    number = st.integers(0, records - 1)
    says = st.builds(Says, number, st.sampled_from(SAYINGS))
    goes = st.builds(Goes, number)
    verdict = st.sampled_from(("same", "different", None))
    judges = st.builds(Judges, number, number, verdict)
    return st.one_of(says, says, goes, judges, st.builds(Dwelling, st.integers(0, 2)))


def lives_of_people(longest: int) -> st.SearchStrategy[Lives[Event]]:
    one = st.tuples(happenings(), st.sampled_from(HOW))
    return st.lists(one, min_size=longest // 3, max_size=longest)


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    yield Registry(settings)
    engine(settings).dispose()


def check_people(hub: Registry, lives: Lives[Event], order: int) -> None:
    hub.clear()
    live(hub, lives, lambda _, event, __: hub.happen(event))
    known, pairs, words, alive = hub.known(), hub.pairs(), hub.judged(), hub.alive()
    events = [event for event, _ in lives]
    said = {event.number: event for event in events if isinstance(event, Says)}
    came = [event for number, event in said.items() if f"K{number:04}" in alive]
    random.Random(order).shuffle(came)
    homes = [event for event in events if isinstance(event, Dwelling)][-1:]
    hub.clear()
    hub.live([*came, *homes, *words])
    assert (hub.known(), hub.pairs()) == (known, pairs)


@some
@given(lives_of_people(20), st.integers(0, 9))
def test_people_whose_records_go_and_come_back_stay_who_they_are(
    registry: Registry, lives: Lives[Event], order: int
) -> None:
    check_people(registry, lives, order)


@pytest.mark.long
@many
@given(lives_of_people(40), st.integers(0, 99))
def test_people_stay_who_they_are_through_many_returns(
    registry: Registry, lives: Lives[Event], order: int
) -> None:
    check_people(registry, lives, order)


def lives_of_an_estate(longest: int) -> st.SearchStrategy[Lives[Step | Word]]:
    """Draw what becomes of places, houses and who lives there; rows often go and come back."""
    number, variant = st.integers(0, 2), st.sampled_from((0, 1, 2, 4, 5, 7))
    which = st.sampled_from(("places", "houses", "residents"))
    step = st.builds(Step, which, number, st.one_of(variant, variant, st.none()))
    grid = st.builds(Step, st.just("grids"), st.just(0), st.one_of(variant, st.none()))
    verdict = st.sampled_from(("same", "different", None))
    word = st.builds(Word, which, number, number, verdict)
    one = st.tuples(st.one_of(step, step, step, step, grid, word, word), st.sampled_from(HOW))
    return st.lists(one, min_size=longest // 3, max_size=longest)


@pytest.fixture
def hub(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    for dataset, row in ESTATE.items():
        monkeypatch.setitem(history.ROWS, dataset, row)
    yield Hub(settings)
    engine(settings).dispose()


def check_estate(hub: Hub, lives: Lives[Step | Word], order: int) -> None:
    hub.clear()
    live(hub, lives, lambda time, event, pushed: hub.happen_at(time, event, pushed=pushed))
    entities = hub.known().keys()
    words = {name: hub.words(name) for name, _ in NAMED.values()}
    steps = {
        (event.dataset, event.number): (time, event)
        for time, (event, _) in enumerate(lives)
        if isinstance(event, Step)
    }
    came = [(time, event) for time, event in steps.values() if event.variant is not None]
    random.Random(order).shuffle(came)
    hub.clear()
    hub.live_through(came)
    for record_type, said in words.items():
        for word in said:
            hub.judge_records(record_type, *word)
    hub.resolve()
    assert hub.known().keys() == entities


@some
@given(lives_of_an_estate(16), st.integers(0, 9))
def test_an_estate_whose_rows_go_and_come_back_stays_what_it_is(
    hub: Hub, lives: Lives[Step | Word], order: int
) -> None:
    check_estate(hub, lives, order)


@pytest.mark.long
@many
@given(lives_of_an_estate(40), st.integers(0, 99))
def test_an_estate_stays_what_it_is_through_many_returns(
    hub: Hub, lives: Lives[Step | Word], order: int
) -> None:
    check_estate(hub, lives, order)
