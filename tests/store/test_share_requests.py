"""Share requests through their whole life, with the periods of Decree 809."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine

from hub.config import WorkingDays
from hub.errors import Conflict
from hub.store import share_requests as store
from hub.store.areas import area_of
from hub.store.grants import Stale, list_grants, rights_of
from hub.store.request_steps import StepBy
from hub.store.share_materials import CHINA, Clock, Impossible, Materials
from hub.store.share_requests import Asked

ASKED_ON = Clock(datetime(2026, 9, 24, 16, 30, tzinfo=ZoneInfo("Asia/Shanghai")))
COMPLETE = Materials(
    {"persons": ["person_name", "contact_phone"]},
    {"persons": ["citizen_id_no"]},
    purposes=("care",),
    basis="青海省养老服务条例 第二十一条",
    scene="独居老人巡访",
    mode="service",
    approver="民政局 局长",
    used_from=date(2026, 10, 1),
    used_until=date(2099, 12, 31),
)
OPEN = replace(COMPLETE, wanted={"places": ["geo_entity_name"]}, masked={})


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def on(year: int, month: int, day: int) -> Clock:
    return Clock(datetime(year, month, day, 9, tzinfo=CHINA))


def test_a_conditional_request_lives_through_its_periods(connection: Connection) -> None:
    asked = store.ask(connection, "c-1", COMPLETE, "c-1", ASKED_ON)
    assert (asked.state, asked.conditional) == ("asked", True)
    assert (asked.received_on, asked.due_on) == (date(2026, 9, 24), date(2026, 10, 15))
    assert not asked.overdue(date(2026, 10, 15))
    assert asked.overdue(date(2026, 10, 16))

    step = StepBy("steward", on(2026, 10, 14), "涉及三个部门", asked.version)
    extended = store.extend(connection, asked.request_id, 10, step)
    assert extended.due_on == date(2026, 10, 29)
    with pytest.raises(Conflict, match="once"):
        store.extend(connection, asked.request_id, 1, replace(step, version=None))

    approved = store.approve(connection, asked.request_id, StepBy("steward", on(2026, 10, 20)))
    assert (approved.state, approved.due_on) == ("approved", date(2026, 11, 17))
    delivered = store.deliver(connection, asked.request_id, StepBy("steward", on(2026, 10, 22)))
    assert (delivered.state, delivered.due_on) == ("delivered", None)
    assert [one.step for one in delivered.steps] == ["asked", "extended", "approved", "delivered"]

    (granted,) = list_grants(connection, request_id=asked.request_id)
    assert granted.grant.fields == {"person_name", "contact_phone", "citizen_id_no"}
    assert granted.grant.masked == {"citizen_id_no"}
    assert granted.grant.since == datetime(2026, 10, 1, tzinfo=CHINA)
    assert granted.grant.until == datetime(2100, 1, 1, tzinfo=CHINA)


def test_an_unconditional_request_is_due_on_the_next_working_day(connection: Connection) -> None:
    asked = store.ask(connection, "c-1", OPEN, "c-1", ASKED_ON)
    assert (asked.conditional, asked.due_on) == (False, date(2026, 9, 28))
    step = StepBy("steward", on(2026, 9, 28), "需要核实")
    with pytest.raises(Conflict, match="conditional"):
        store.extend(connection, asked.request_id, 5, step)


def test_what_is_missing_is_told_once_and_is_no_reason_to_refuse(connection: Connection) -> None:
    lacking = replace(COMPLETE, basis=None, approver=None)
    asked = store.ask(connection, "c-1", lacking, "c-1", ASKED_ON)
    assert (asked.state, asked.missing) == ("incomplete", ("basis", "approver"))
    assert asked.due_on is None
    with pytest.raises(Conflict, match="incomplete"):
        store.refuse(connection, asked.request_id, StepBy("steward", ASKED_ON, "缺材料"))

    later = on(2026, 10, 8)
    said = {"basis": COMPLETE.basis, "approver": COMPLETE.approver}
    whole = store.supplement(connection, asked.request_id, said, StepBy("c-1", later))
    assert (whole.state, whole.missing, whole.received_on) == ("asked", (), date(2026, 10, 8))
    assert whole.due_on == date(2026, 10, 21)
    with pytest.raises(Conflict, match="told once"):
        store.tell_missing(connection, asked.request_id, ["清单"], StepBy("steward", later))


def test_a_steward_may_be_the_one_who_tells_what_is_missing(connection: Connection) -> None:
    asked = store.ask(connection, "c-1", COMPLETE, "c-1", ASKED_ON)
    step = StepBy("steward", on(2026, 9, 28))
    told = store.tell_missing(connection, asked.request_id, ["影响评估编号"], step)
    assert (told.state, told.missing, told.due_on) == ("incomplete", ("影响评估编号",), None)
    again = store.supplement(connection, asked.request_id, {}, StepBy("c-1", on(2026, 9, 29)))
    assert (again.state, again.received_on) == ("asked", date(2026, 9, 29))


def test_a_refusal_states_its_reason_and_is_the_end(connection: Connection) -> None:
    asked = store.ask(connection, "c-1", COMPLETE, "c-1", ASKED_ON)
    with pytest.raises(Impossible, match="reason"):
        store.refuse(connection, asked.request_id, StepBy("steward", ASKED_ON))
    refused = store.refuse(connection, asked.request_id, StepBy("steward", ASKED_ON, "超出职责"))
    assert (refused.state, refused.steps[-1].reason) == ("refused", "超出职责")
    with pytest.raises(Conflict, match="refused"):
        store.approve(connection, asked.request_id, StepBy("steward", ASKED_ON))
    assert rights_of(connection, "c-1").grants == ()


def test_a_step_on_an_older_version_is_refused(connection: Connection) -> None:
    asked = store.ask(connection, "c-1", COMPLETE, "c-1", ASKED_ON)
    store.extend(connection, asked.request_id, 3, StepBy("steward", ASKED_ON, "复杂"))
    with pytest.raises(Stale):
        store.approve(connection, asked.request_id, StepBy("steward", ASKED_ON, None, 1))


def test_overdue_requests_are_listed_until_the_step_is_taken(connection: Connection) -> None:
    late = store.ask(connection, "c-1", OPEN, "c-1", ASKED_ON)
    store.ask(connection, "c-2", COMPLETE, "c-2", ASKED_ON)
    overdue = Asked(due_before=date(2026, 9, 29))
    assert [one.request_id for one in store.list_requests(connection, overdue)] == [late.request_id]
    store.approve(connection, late.request_id, StepBy("steward", on(2026, 9, 29)))
    assert store.list_requests(connection, overdue) == []
    undelivered = Asked(due_before=date(2026, 12, 1), state="approved")
    assert len(store.list_requests(connection, undelivered)) == 1


def test_a_request_whose_period_of_use_is_over_is_expired(connection: Connection) -> None:
    past = replace(COMPLETE, used_from=date(2026, 1, 1), used_until=date(2026, 2, 1))
    asked = store.ask(connection, "c-1", past, "c-1", on(2026, 1, 5))
    approved = store.approve(connection, asked.request_id, StepBy("steward", on(2026, 1, 6)))
    assert approved.state == "expired"
    assert [one.state for one in list_grants(connection)] == ["expired"]
    assert rights_of(connection, "c-1").grants == ()
    expired = store.list_requests(connection, Asked(state="expired"))
    assert [one.request_id for one in expired] == [asked.request_id]
    assert store.list_requests(connection, Asked(state="approved")) == []


def test_a_period_of_use_that_is_over_cannot_be_granted(connection: Connection) -> None:
    past = replace(COMPLETE, used_from=date(2026, 1, 1), used_until=date(2026, 2, 1))
    asked = store.ask(connection, "c-1", past, "c-1", on(2026, 1, 5))
    with pytest.raises(Conflict, match="is over"):
        store.approve(connection, asked.request_id, StepBy("steward", on(2026, 2, 2)))


def test_revoking_a_request_ends_all_its_grants(connection: Connection) -> None:
    both = replace(COMPLETE, wanted={"persons": ["person_name"], "houses": ["owner_name"]})
    asked = store.ask(connection, "c-1", both, "c-1", ASKED_ON)
    store.approve(connection, asked.request_id, StepBy("steward", ASKED_ON))
    assert len(rights_of(connection, "c-1").grants) == 2
    store.revoke_request(connection, asked.request_id, StepBy("steward", ASKED_ON, "目的已达"))
    assert rights_of(connection, "c-1").grants == ()
    assert {one.state for one in list_grants(connection)} == {"revoked"}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"wanted": {"cameras": ["stream_uri"]}}, "not shared"),
        ({"wanted": {"cameras": ["no_such_field"]}}, "no field"),
        ({"wanted": {"robots": ["name"]}}, "unknown collections"),
        ({"wanted": {}, "masked": {}}, "at least one"),
        ({"masked": {"persons": ["birth_date"]}}, "masked"),
        ({"purposes": ("curiosity",)}, "purposes are"),
        ({"used_until": date(2026, 9, 1)}, "before it begins"),
    ],
)
def test_nobody_can_ask_for_what_cannot_be(
    connection: Connection, said: dict[str, object], why: str
) -> None:
    with pytest.raises(Impossible, match=why):
        store.ask(connection, "c-1", replace(COMPLETE, **said), "c-1", ASKED_ON)  # type: ignore[arg-type]


def test_a_period_in_a_year_nobody_knows_is_marked_as_not_settled(connection: Connection) -> None:
    clock = on(2027, 1, 4)
    asked = store.ask(connection, "c-1", COMPLETE, "c-1", clock)
    assert asked.document(clock)["due_is_settled"] is False
    known = replace(clock, days=WorkingDays(off=frozenset({date(2027, 2, 8)})))
    assert asked.document(known)["due_is_settled"] is True


def test_an_area_is_named_by_codes_of_the_right_length() -> None:
    assert area_of({"streets": ["630102001"]}).streets == ("630102001",)
    assert area_of({}).everywhere
    assert area_of(None).everywhere
