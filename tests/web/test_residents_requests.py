"""What residents ask about what is held of them: a copy, a correction, an erasure, each in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import Client
from sqlalchemy import Connection

from hub.jobs.resolve import CHINA
from hub.workdays import workday_after
from tests.web.build import Login
from tests.web.people import a_key, police, push, street

Audited = Callable[[], list[dict[str, Any]]]
PATH = "/v1/resident-requests"
SECRET = "本人说与邻居不和"


@pytest.fixture
def person(login: Login) -> str:
    """Somebody of whom the police and the street office have told, and a worker since."""
    number = "630102198001010019"
    told = push(login("admin"), police("R1", gmsfhm=number), street("S1", 身份证号=number))
    worker = login("worker", purpose="visit")
    body = {"fields": {"care_categories": ["01"], "contact_phone": "13997001234"}, "reason": SECRET}
    headers = {**a_key(), "If-Match": "*"}
    answered = worker.patch(f"/v1/persons/{told[0]}", json=body, headers=headers)
    assert answered.status_code == 200, answered.text
    return told[0]


def ask(client: Client, kind: str, person: str | None = None, **said: Any) -> dict[str, Any]:
    body = {"kind": kind, "said": "请告知或处理我的信息", "person_id": person, **said}
    answered = client.post(PATH, json=body, headers=a_key())
    assert answered.status_code == 201, answered.text
    return dict(answered.json())


def step(client: Client, request: dict[str, Any], name: str, **said: Any) -> Any:
    headers = {**a_key(), "If-Match": f'"{request["version"]}"'}
    return client.post(f"{PATH}/{request['request_id']}/{name}", json=said, headers=headers)


def verified(client: Client, kind: str, person: str, **said: Any) -> dict[str, Any]:
    answered = step(client, ask(client, kind, **said), "verify", checked="身份证", person_id=person)
    assert answered.status_code == 200, answered.text
    return dict(answered.json())


def test_a_copy_tells_what_is_held_by_whom_and_who_has_read_it(
    steward: Client, person: str, audited: Audited
) -> None:
    asked = ask(steward, "access", person)
    today = datetime.now(CHINA).date()
    assert date.fromisoformat(asked["due_on"]) == workday_after(today, 15)
    assert (asked["state"], asked["overdue"]) == ("received", False)
    early = steward.get(f"{PATH}/{asked['request_id']}/copy")
    assert early.status_code == 409
    known = step(steward, asked, "verify", checked="核对身份证原件").json()
    copied = steward.get(f"{PATH}/{asked['request_id']}/copy")
    assert copied.status_code == 200, copied.text
    copy = copied.json()
    served = {one["field"]: one for one in copy["served"]}
    assert served["citizen_id_no"]["value"] == "630102198001010019"
    assert served["citizen_id_no"]["source"] == "public_security"
    assert {one["source"] for one in copy["records"]} == {
        *("public_security", "street_office", "worker")
    }
    assert [one["reason"] for one in copy["entries"]] == [SECRET]
    purposes = {(one["recipient"], one["purpose"]) for one in copy["recipients"]}
    assert ("a worker", "visit") in purposes
    answered = step(steward, known, "answer").json()
    assert (answered["state"], answered["outcome"]) == ("answered", {"copy": "given"})
    assert [one["step"] for one in answered["steps"]] == ["received", "verified", "answered"]
    told = [one for one in audited() if one["action"] == "copy for resident"]
    assert [one["entity_ids"] for one in told] == [[person]]
    assert "citizen_id_no" in told[0]["fields"]


def test_a_correction_is_entered_and_other_authorities_are_asked(
    steward: Client, person: str
) -> None:
    proposed = {"contact_phone": "13997009999", "person_name": "马海鸣"}
    asked = verified(steward, "correction", person, proposed=proposed)
    answered = step(steward, asked, "answer")
    assert answered.status_code == 200, answered.text
    outcome = answered.json()["outcome"]
    assert "contact_phone" in outcome["changed"]
    (number,) = outcome["corrections"]
    assert steward.get(f"/v1/corrections/{number}").json()["field"] == "person_name"
    fields = steward.get(f"/v1/persons/{person}").json()["fields"]
    assert (fields["contact_phone"], fields["person_name"]) == ("13997009999", "马海明")


def test_an_erasure_takes_what_the_hub_alone_holds_and_asks_departments(
    steward: Client, person: str, writing: Connection
) -> None:
    asked = verified(steward, "erasure", person)
    answered = step(steward, asked, "answer")
    assert answered.status_code == 200, answered.text
    done = answered.json()
    assert set(done["outcome"]["words"]) == {"care_categories", "contact_phone"}
    assert done["outcome"]["asked"] == ["public_security", "street_office"]
    fields = steward.get(f"/v1/persons/{person}").json()["fields"]
    # What departments hold by their duties is served until they let go of it.
    assert fields["person_name"] == "马海明"
    assert fields.get("contact_phone") != "13997001234"
    for table in ("entry", "record_history", "golden_history", "idempotency", "record_person"):
        text = f"SELECT count(*) FROM {table} t WHERE strpos(to_jsonb(t)::text, :said) > 0"
        for said in (SECRET, "13997001234"):
            assert writing.scalar(sa.text(text), {"said": said}) == 0, (table, said)
    first, second = done["asks"]
    path = f"{PATH}/{done['request_id']}/asks"
    erased = {"state": "erased"}
    assert steward.post(f"{path}/{first['ask_id']}/answer", json=erased, headers=a_key()).is_success
    kept = {"state": "kept"}
    refused = steward.post(f"{path}/{second['ask_id']}/answer", json=kept, headers=a_key())
    assert refused.status_code == 422
    kept["reason"] = "户口登记条例 第七条"
    told = steward.post(f"{path}/{second['ask_id']}/answer", json=kept, headers=a_key()).json()
    assert {one["state"] for one in told["asks"]} == {"erased", "kept"}


def test_what_a_duty_keeps_is_not_erased_and_that_is_documented(
    steward: Client, person: str
) -> None:
    asked = verified(steward, "erasure", person)
    silent = step(steward, asked, "answer", keep=["care_categories"])
    assert silent.status_code == 422
    why = "青海省养老服务条例 第二十一条"
    done = step(steward, asked, "answer", keep=["care_categories"], reason=why).json()
    assert (done["outcome"]["kept"], done["reason"]) == (["care_categories"], why)
    fields = steward.get(f"/v1/persons/{person}").json()["fields"]
    assert fields["care_categories"] == ["01"]


def test_somebody_of_whom_only_a_worker_told_is_gone_without_a_trace(
    login: Login, steward: Client, writing: Connection
) -> None:
    worker = login("worker", purpose="visit")
    body = {"fields": {"person_name": "祁生莲", "contact_phone": "13997005678"}, "reason": SECRET}
    person = worker.post("/v1/persons", json=body, headers=a_key()).json()["id"]
    done = step(steward, verified(steward, "erasure", person), "answer")
    assert done.status_code == 200, done.text
    assert done.json()["asks"] == []
    assert steward.get(f"/v1/persons/{person}").status_code == 410
    for table in ("entry", "landing", "record_history", "golden_history", "golden_person"):
        text = f"SELECT count(*) FROM {table} t WHERE strpos(to_jsonb(t)::text, '祁生莲') > 0"
        assert writing.scalar(sa.text(text)) == 0, table


def test_a_refusal_states_its_reason_and_ends_the_request(steward: Client, person: str) -> None:
    asked = verified(steward, "erasure", person)
    assert step(steward, asked, "refuse").status_code == 422
    why = "法律规定的保存期限未届满"
    refused = step(steward, asked, "refuse", reason=why).json()
    assert (refused["state"], refused["reason"]) == ("refused", why)
    assert step(steward, refused, "answer").status_code == 409
    assert step(steward, asked, "withdraw").status_code in (409, 412, 422)


def test_overdue_requests_are_listed_for_those_whom_they_concern(
    login: Login, steward: Client, person: str, writing: Connection
) -> None:
    late, soon = ask(steward, "access", person), ask(steward, "erasure", person)
    writing.execute(
        sa.text("UPDATE resident_request SET due_on = '2026-01-05' WHERE request_id = :id"),
        {"id": late["request_id"]},
    )
    found = steward.get(f"{PATH}?overdue=true").json()["items"]
    assert [one["request_id"] for one in found] == [late["request_id"]]
    assert found[0]["working_days_left"] < 0
    every = login("auditor").get(PATH).json()["items"]
    assert [one["request_id"] for one in every] == [soon["request_id"], late["request_id"]]
    assert login("worker").get(PATH).status_code == 403
    body = {"kind": "access", "said": "?"}
    assert login("auditor").post(PATH, json=body, headers=a_key()).status_code == 403
    assert login("department", "property").get(PATH).status_code == 403
