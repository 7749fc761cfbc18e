"""The fault matrix: whatever a target does, nothing is lost, nothing is done twice, order is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hub.demo.systems import Fault
from hub.jobs import deliver as jobs
from tests.delivery.town import CITY, OWNERS, POLICE, STREET, Town

PHONE, NEXT = "13997001234", "13997005678"
SOON, LATER = timedelta(minutes=1), timedelta(hours=1)


@contextmanager
def nothing_wrong(town: Town) -> Iterator[None]:
    yield


def city(*faults: Fault) -> Callable[[Town], object]:
    @contextmanager
    def wrong(town: Town) -> Iterator[None]:
        town.city.fail(*faults)
        yield

    return wrong


def webhooks(*faults: int | str) -> Callable[[Town], object]:
    @contextmanager
    def wrong(town: Town) -> Iterator[None]:
        town.webhooks.faults = [*faults]
        yield

    return wrong


@contextmanager
def no_database(town: Town) -> Iterator[None]:
    away = town.database.with_suffix(".away")
    town.database.rename(away)
    yield
    away.rename(town.database)


@contextmanager
def no_list(town: Town) -> Iterator[None]:
    """The police's table is away while they work on it."""
    with sa.create_engine(town.police.url).begin() as connection:
        connection.execute(sa.text("ALTER TABLE zk_hcfk RENAME TO zk_hcfk_old"))
    yield
    with sa.create_engine(town.police.url).begin() as connection:
        connection.execute(sa.text("ALTER TABLE zk_hcfk_old RENAME TO zk_hcfk"))


@contextmanager
def disk_full(town: Town) -> Iterator[None]:
    """The workbook's own file lies on a device that has no room."""
    name = f".回流_{town.delivery(STREET).delivery_id}.xlsx.part"
    (town.street / "outbox" / name).symlink_to("/dev/full")
    yield


@contextmanager
def no_folder(town: Town) -> Iterator[None]:
    outbox = town.street / "outbox"
    outbox.rename(town.street / "away")
    yield
    (town.street / "away").rename(outbox)


@dataclass(frozen=True)
class Case:
    """What goes wrong at which target, the state that leads to, and when it is tried again."""

    source: str
    fault: str
    wrong: Callable[[Town], object]
    state: str
    again: timedelta = SOON


CASES = [
    Case(CITY, "answers 500", city(Fault("http_500")), "sent"),
    Case(CITY, "answers code 500", city(Fault("code_500")), "sent"),
    Case(CITY, "answers 503", city(Fault("http_503")), "sent"),
    Case(CITY, "answers 429", city(Fault("too_many", retry_after=90)), "queued", 2 * SOON),
    Case(CITY, "refuses the token once", city(Fault("code_401")), "queued"),
    Case(CITY, "answers nothing", city(Fault("broken")), "sent"),
    Case(CITY, "answers no JSON", city(Fault("malformed")), "sent"),
    Case(CITY, "answers nothing after applying", city(Fault("unanswered")), "sent"),
    Case(OWNERS, "answers 500", webhooks(500), "sent"),
    Case(OWNERS, "answers 429", webhooks(429), "queued", 2 * SOON),
    Case(OWNERS, "answers nothing", webhooks("nothing"), "sent"),
    Case(OWNERS, "answers nothing after applying", webhooks("unanswered"), "sent"),
    Case(POLICE, "has no database", no_database, "queued"),
    Case(POLICE, "has no list", no_list, "sent"),
    Case(STREET, "has no room", disk_full, "queued"),
    Case(STREET, "has no folder", no_folder, "queued"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.source} {case.fault}")
def test_after_a_fault_a_delivery_arrives_once(town: Town, case: Case) -> None:
    town.enter(contact_phone=PHONE)

    with case.wrong(town):  # type: ignore[attr-defined]
        town.deliver()
    first = town.delivery(case.source)
    assert (first.state, first.attempts) == (case.state, 1)
    assert first.reason
    assert first.due_at > town.now
    town.deliver(later=timedelta(0))
    assert town.delivery(case.source).attempts == 1, "it is not tried before it is due"
    for source in {POLICE, STREET, OWNERS, CITY} - {case.source}:
        assert town.effects(source) == 1, "the others have theirs"

    town.deliver(later=case.again)
    town.answer(case.source, first.delivery_id)
    town.deliver(later=SOON)

    assert town.delivery(case.source).state == "confirmed"
    assert town.delivery(case.source).delivery_id == first.delivery_id
    assert town.effects(case.source) == 1


def test_a_retry_after_is_heeded(town: Town) -> None:
    town.city.fail(Fault("too_many", retry_after=90))
    town.enter(contact_phone=PHONE)
    town.deliver()
    town.deliver(later=timedelta(seconds=80))
    assert town.delivery(CITY).attempts == 1
    town.deliver(later=timedelta(seconds=20))
    assert town.delivery(CITY).state == "confirmed"


REFUSALS = {
    POLICE: lambda town: setattr(town.police, "refuses", 1.0),
    CITY: lambda town: setattr(town.city, "refuses", 1.0),
    OWNERS: lambda town: setattr(town.webhooks, "faults", [409]),
    STREET: lambda town: None,
}


@pytest.mark.parametrize("source", REFUSALS)
def test_what_is_refused_says_why_and_disputes_the_value_from_then_on(
    town: Town, source: str
) -> None:
    REFUSALS[source](town)
    town.enter(contact_phone=PHONE)
    assert town.phone()[:2] == (PHONE, None)

    town.deliver()
    if source == POLICE:
        town.police.answer()
    if source == STREET:
        town.receipt(town.delivery(STREET).delivery_id, "不予更新", "经核实与实际不符")
    town.deliver(later=SOON)

    refused = town.delivery(source)
    assert refused.state == "refused"
    assert refused.reason
    # Worker and office speak for one authority: within it the newer word is simply the word.
    assert town.phone()[:2] == (PHONE, None if source == STREET else "disputed")


def test_a_target_that_is_down_for_an_hour_delays_only_itself(town: Town) -> None:
    address = town.city
    address.fail(*[Fault("http_503", times=200)])
    town.enter(contact_phone=PHONE)
    for _ in range(60):
        town.deliver(later=SOON)
    assert town.delivery(CITY).state == "sent"
    assert 5 < town.delivery(CITY).attempts < jobs.TRIES, "patiently, less and less often"
    assert town.effects(STREET) == town.effects(POLICE) == town.effects(OWNERS) == 1

    address._faults.clear()
    # After the eleventh try, the most that an hour has room for, the next may be 85 minutes away.
    town.deliver(later=2 * LATER)

    assert town.delivery(CITY).state == "confirmed"
    assert town.effects(CITY) == 1


def test_what_nobody_takes_dies_with_an_owner_and_can_be_sent_again(town: Town) -> None:
    town.city.fail(Fault("http_500", times=1_000))
    town.enter(contact_phone=PHONE)
    for _ in range(jobs.TRIES + 1):
        town.deliver(later=timedelta(hours=7))
    dead = town.delivery(CITY)
    assert (dead.state, dead.attempts, dead.owner) == ("dead", jobs.TRIES, "c-1")
    assert town.phone()[1] == "disputed"

    town.city._faults.clear()
    assert jobs.replay(town.settings, None) == [dead.delivery_id]
    town.deliver(later=LATER)

    assert town.delivery(CITY).state == "confirmed"


def test_a_delivery_that_always_fails_keeps_no_other_waiting(town: Town) -> None:
    town.enter(1, contact_phone=PHONE)
    town.city.fail(Fault("http_500"))
    town.enter(2, contact_phone=NEXT)

    town.deliver()

    assert town.delivery(CITY, 1).state == "sent"
    assert town.delivery(CITY, 2).state == "confirmed"


def test_what_supersedes_a_value_that_has_not_left_goes_in_its_place(town: Town) -> None:
    town.enter(contact_phone=PHONE)
    first = town.delivery(CITY)
    town.enter(contact_phone=NEXT)

    town.deliver()

    assert town.delivery(CITY).delivery_id == first.delivery_id
    assert town.effects(CITY) == 1
    assert town.city.rows["reporters"]["RP00001"]["Phone"] == NEXT


def test_a_value_that_may_have_left_is_not_overtaken_by_the_next(town: Town) -> None:
    town.city.fail(Fault("unanswered"))
    town.enter(contact_phone=PHONE)
    town.deliver()
    first = town.delivery(CITY)
    town.enter(contact_phone=NEXT)
    town.deliver(later=timedelta(0))
    second = town.delivery(CITY)
    assert second.delivery_id != first.delivery_id
    assert (second.state, second.attempts) == ("queued", 0), "it waits for the one before it"

    town.deliver(later=SOON)
    town.deliver(later=SOON)

    assert town.city.rows["reporters"]["RP00001"]["Phone"] == NEXT
    assert town.delivery(CITY).state == "confirmed"
    assert [one["code"] for one in town.city.journal.entries] == [200, 200]


@pytest.mark.parametrize("source", [POLICE, STREET, CITY, OWNERS])
def test_what_is_taken_back_before_a_source_tells_of_it_is_carried_too(
    town: Town, source: str
) -> None:
    former, *_ = town.phone()
    town.enter(contact_phone=PHONE)
    town.deliver()
    town.answer(source, town.delivery(source).delivery_id)
    town.deliver(later=SOON)
    told = town.effects(source)
    town.enter(contact_phone=former)
    town.deliver(later=SOON)
    assert town.effects(source) == told + 1, "what was read last is older than what it was told"


@pytest.mark.parametrize("source", [POLICE, STREET])
def test_nobody_has_two_values_of_a_field_to_answer_for_who_may_take_the_older_one_last(
    town: Town, source: str
) -> None:
    town.enter(contact_phone=PHONE)
    town.deliver()
    first = town.delivery(source)
    town.enter(contact_phone="13997001111")
    town.deliver()
    second = town.delivery(source)
    assert second.delivery_id != first.delivery_id
    assert (second.state, second.attempts) == ("queued", 0), "it waits for the answer to the first"
    assert town.effects(source) == 1

    town.enter(contact_phone=NEXT)
    assert town.delivery(source).delivery_id == second.delivery_id, "and goes with what comes yet"
    town.answer(source, first.delivery_id)
    for _ in range(2):
        town.deliver(later=SOON)
    assert town.effects(source) == 2
    town.answer(source, second.delivery_id)
    town.deliver(later=SOON)

    assert town.delivery(source).state == "confirmed"
    assert town.phone()[:2] == (NEXT, None)
    if source == POLICE:
        with sa.create_engine(town.police.url).connect() as connection:
            said = connection.scalars(sa.text("SELECT dh FROM zk_rkxx ORDER BY rybh")).first()
        assert said == NEXT


def test_who_never_answers_for_a_value_keeps_the_next_one_waiting_for_some_days_only(
    town: Town,
) -> None:
    town.enter(contact_phone=PHONE)
    town.deliver()
    town.enter(contact_phone=NEXT)
    town.deliver(later=jobs.PATIENCE - LATER)
    assert town.effects(STREET) == 1
    town.deliver(later=2 * LATER)
    assert town.effects(STREET) == 2


def test_who_has_not_answered_for_one_field_is_told_of_another(town: Town) -> None:
    town.enter(contact_phone=PHONE)
    town.deliver()
    town.enter(care_categories=["01", "08"])
    town.deliver()
    assert [*town.delivery(STREET).values] == ["care_categories"]
    assert town.effects(STREET) == 2


def test_an_answer_to_what_was_overtaken_says_nothing_of_what_has_overtaken_it(
    town: Town,
) -> None:
    town.enter(contact_phone=PHONE)
    town.deliver()
    first = town.delivery(OWNERS)
    town.enter(contact_phone=NEXT)
    town.deliver()
    second = town.delivery(OWNERS)
    assert second.delivery_id != first.delivery_id

    town.answer(OWNERS, first.delivery_id)
    assert town.phone()[:2] == (NEXT, None)
    assert town.delivery(OWNERS).state == "accepted"
    town.answer(OWNERS, second.delivery_id)

    assert town.delivery(OWNERS).state == "confirmed"
    assert town.phone()[:2] == (NEXT, None)


def test_a_process_that_dies_after_sending_leaves_nothing_undone_and_nothing_done_twice(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.enter(contact_phone=PHONE)
    monkeypatch.setattr(jobs._Round, "_note", _die)
    with pytest.raises(KilledError):
        town.deliver()
    monkeypatch.undo()
    town.deliver(later=timedelta(seconds=10))
    assert {town.effects(source) for source in (POLICE, STREET, CITY, OWNERS)} == {1}

    town.deliver(later=2 * jobs.LEASE)
    for source in (POLICE, STREET, OWNERS):
        town.answer(source, town.delivery(source).delivery_id)
    town.deliver(later=SOON)

    for source in (POLICE, STREET, CITY, OWNERS):
        assert town.delivery(source).state == "confirmed", source
        assert town.effects(source) == 1, source


class KilledError(BaseException):
    """The process is no more."""


def _die(*_: object) -> None:
    raise KilledError


def test_what_the_target_has_changed_meanwhile_is_its_own_word_again(town: Town) -> None:
    town.enter(contact_phone=PHONE)
    town.deliver()
    own = town.people[0][OWNERS] | {"link": "13997009999"}
    town.push(OWNERS, own | {"update_time": f"{town.now:%Y-%m-%d %H:%M:%S}"})

    assert town.delivery(OWNERS).state == "differs"
    assert town.phone()[:2] == (PHONE, "disputed")


#: The owner's cell also says the telephone of the home's owner, which is the company's own word.
_CHANGES = "SELECT seq, change, version, fields FROM change WHERE record_type = 'person'"


def test_an_echo_is_no_news_and_no_newer(town: Town) -> None:
    town.enter(contact_phone=PHONE)
    town.deliver()
    before = town.phone()
    changes = town.ask(_CHANGES)

    for source in (POLICE, OWNERS):
        town.answer(source, town.delivery(source).delivery_id)
    town.sync(POLICE, CITY)
    street = town.people[0][STREET] | {"联系电话": PHONE, "更新时间": "2999-01-01 00:00:00"}
    town.push(STREET, street)

    assert town.phone() == before
    assert town.ask(_CHANGES) == changes
    dates = {row[0] for row in town.ask(
        "SELECT coalesce(since ->> 'contact_phone', '') FROM record_person WHERE contact_phone = :p",
        p=PHONE,
    )}  # fmt: skip
    assert len(dates) == 1, "the office's row of 2999 says nothing newer than the worker did"
    assert town.delivery(STREET).state == "confirmed"
