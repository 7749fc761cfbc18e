"""Entering once over the API: what a worker types takes effect, causes and answers what it must."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import Client, Response
from sqlalchemy import Engine

from hub.config import Settings
from hub.jobs.batches import rebuild
from hub.jobs.resolve import CHINA, resolve
from tests.web.build import Login
from tests.web.people import a_key, judge, owner, police, push, street

PHONE = "13997001234"


@pytest.fixture
def admin(login: Login) -> Client:
    return login("admin")


@pytest.fixture
def worker(login: Login) -> Client:
    return login("worker", purpose="visit")


@pytest.fixture
def known(admin: Client) -> str:
    """One person whom the police, the street office and the property company know."""
    number = "630102198001010019"
    ids = push(
        admin,
        police("R000000000101", gmsfhm=number, cym=""),
        street("SQ001-000101", 身份证号=number, 是否空巢=""),
        owner("MB0101", id_card=number),
    )
    # The owner's row is foremost about a home.
    assert ids[0] == ids[1]
    return ids[0]


def patch(
    client: Client, person: str, said: dict[str, Any], *, tag: str | None = "*", **more: Any
) -> Response:
    headers = {**a_key(), **({"If-Match": tag} if tag else {}), **more.pop("headers", {})}
    return client.patch(f"/v1/persons/{person}", json={"fields": said, **more}, headers=headers)


def shown(client: Client, person: str, **asked: str) -> dict[str, Any]:
    answered = client.get(f"/v1/persons/{person}", params=asked)
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def test_a_field_of_the_street_office_changes_at_once_and_is_carried_to_all_who_hold_it(
    worker: Client, known: str
) -> None:
    before = worker.get(f"/v1/persons/{known}")

    answered = patch(
        worker, known, {"contact_phone": PHONE}, tag=before.headers["ETag"], reason="上门走访"
    )

    assert answered.status_code == 200, answered.text
    made = answered.json()
    assert made["fields"]["contact_phone"] == PHONE
    assert made["version"] == before.json()["version"] + 1
    assert "contact_phone" not in made["marks"]
    assert made["applied"] == ["contact_phone"]
    assert made["corrections"] == []
    assert {(one["source"], one["state"], *one["fields"]) for one in made["deliveries"]} == {
        ("public_security", "queued", "contact_phone"),
        ("street_office", "queued", "contact_phone"),
        ("property", "queued", "contact_phone"),
    }
    after = worker.get(f"/v1/persons/{known}")
    assert after.headers["ETag"] == answered.headers["ETag"]
    assert after.json()["fields"] == made["fields"]
    listed = worker.get(f"/v1/persons/{known}/deliveries").json()["items"]
    assert {one["delivery_id"] for one in listed} == {
        one["delivery_id"] for one in made["deliveries"]
    }
    assert len(shown(worker, known, include="deliveries")["deliveries"]) == 3


def test_a_care_category_goes_to_the_street_office_alone(worker: Client, known: str) -> None:
    made = patch(worker, known, {"care_categories": ["02", "08"]}).json()

    assert made["fields"]["care_categories"] == ["02", "08"]
    assert [one["source"] for one in made["deliveries"]] == ["street_office"]


def test_a_field_of_the_police_that_is_filled_is_only_asked_about(
    worker: Client, known: str
) -> None:
    before = shown(worker, known)

    made = patch(worker, known, {"person_name": "马海名"}).json()

    assert made["version"] == before["version"]
    assert made["fields"] == before["fields"]
    assert made["deliveries"] == []
    (asked,) = made["corrections"]
    assert asked["authority"] == asked["source"] == "public_security"
    assert (asked["field"], asked["value"], asked["proposed"]) == (
        "person_name",
        "马海明",
        "马海名",
    )
    assert (asked["state"], asked["key"]) == ("open", "R000000000101")


def test_a_field_of_the_police_that_is_empty_is_filled_provisionally_and_asked_about(
    worker: Client, known: str
) -> None:
    made = patch(worker, known, {"former_name": "马小明", "contact_phone": PHONE}).json()

    assert made["fields"]["former_name"] == "马小明"
    assert made["marks"]["former_name"] == "provisional"
    assert made["fields"]["contact_phone"] == PHONE
    assert [one["field"] for one in made["corrections"]] == ["former_name"]
    assert {name for one in made["deliveries"] for name in one["fields"]} == {"contact_phone"}


def test_what_breaks_a_rule_of_its_kind_is_refused_and_nothing_happens(
    worker: Client, known: str
) -> None:
    before = shown(worker, known)

    answered = patch(worker, known, {"contact_phone": "12", "last_visit_date": "2999-01-01"})

    assert answered.status_code == 422
    pointers = [one["pointer"] for one in answered.json()["errors"]]
    assert pointers == ["/fields/contact_phone", "/fields/last_visit_date"]
    assert shown(worker, known) == before


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("contact_phone", [["13997000001"]]),
        ("contact_phone", ["13997000001"]),
        ("person_name", {"name": "马明"}),
        ("care_categories", [["01"]]),
        ("care_categories", [{"code": "01"}]),
    ],
)
def test_a_value_of_another_shape_is_refused(
    worker: Client, known: str, name: str, said: object
) -> None:
    answered = patch(worker, known, {name: said})

    assert answered.status_code == 422
    (fault,) = answered.json()["errors"]
    assert fault["pointer"] == f"/fields/{name}"
    assert "shape" in fault["message"]


@pytest.mark.parametrize("name", ["person_id", "house_code", "nothing_known"])
def test_what_the_hub_derives_or_nobody_knows_cannot_be_entered(
    worker: Client, known: str, name: str
) -> None:
    assert patch(worker, known, {name: "x"}).status_code == 422


def test_taking_a_word_back_brings_the_street_offices_word_back(worker: Client, known: str) -> None:
    former = shown(worker, known)["fields"]["contact_phone"]
    patch(worker, known, {"contact_phone": PHONE})

    made = patch(worker, known, {"contact_phone": None}).json()

    assert made["fields"]["contact_phone"] == former
    entries = worker.get(f"/v1/persons/{known}/entries").json()["items"]
    assert [one["fields"] for one in entries] == [
        {"contact_phone": None},
        {"contact_phone": PHONE},
    ]
    assert all(one["said_by"].startswith("c-") for one in entries)


def test_a_word_said_again_after_the_street_office_said_otherwise_counts_again(
    worker: Client, admin: Client, known: str
) -> None:
    patch(worker, known, {"contact_phone": PHONE})
    number = "630102198001010019"
    ahead = datetime.now(CHINA) + timedelta(hours=1)
    later = {"联系电话": "13997007777", "更新时间": f"{ahead:%Y-%m-%d %H:%M:%S}"}
    push(admin, street("SQ001-000101", 身份证号=number, 是否空巢="", **later))
    assert shown(worker, known)["fields"]["contact_phone"] == "13997007777"

    # The office's clock is ahead of the hub's: what is said now is said later all the same.
    made = patch(worker, known, {"contact_phone": PHONE}).json()

    assert made["fields"]["contact_phone"] == PHONE


def test_writing_needs_the_version_that_was_read(worker: Client, known: str) -> None:
    tag = worker.get(f"/v1/persons/{known}").headers["ETag"]
    assert patch(worker, known, {"contact_phone": PHONE}, tag=None).status_code == 428
    assert patch(worker, known, {"contact_phone": PHONE}, tag=tag).status_code == 200
    stale = patch(worker, known, {"contact_phone": "13997005678"}, tag=tag)
    assert stale.status_code == 412
    assert shown(worker, known)["fields"]["contact_phone"] == PHONE


def test_of_two_workers_who_patch_one_version_exactly_one_is_told_that_it_is_stale(
    login: Login, worker: Client, known: str
) -> None:
    tag = worker.get(f"/v1/persons/{known}").headers["ETag"]
    callers = [worker, login("worker", purpose="visit")]
    phones = ["13997000011", "13997000022"]

    with ThreadPoolExecutor(2) as both:
        answers = list(
            both.map(
                lambda place: patch(
                    callers[place], known, {"contact_phone": phones[place]}, tag=tag
                ),
                range(2),
            )
        )

    assert sorted(one.status_code for one in answers) == [200, 412]
    won = next(place for place in range(2) if answers[place].status_code == 200)
    assert shown(worker, known)["fields"]["contact_phone"] == phones[won]


def test_one_key_sent_twenty_times_at_once_has_one_effect_and_one_answer(
    worker: Client, known: str, engine: Engine
) -> None:
    tag = worker.get(f"/v1/persons/{known}").headers["ETag"]
    headers = {"Idempotency-Key": "the-same"}

    def send(_: int) -> Response:
        while True:
            answered = patch(
                worker, known, {"contact_phone": PHONE}, tag=tag, headers=dict(headers)
            )
            if answered.status_code != 409:
                return answered

    with ThreadPoolExecutor(20) as many:
        answers = list(many.map(send, range(20)))

    assert {one.status_code for one in answers} == {200}
    assert all(one.json() == answers[0].json() for one in answers)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM entry")) == 1
        assert connection.scalar(sa.text("SELECT count(*) FROM delivery")) == 3


def test_the_history_tells_what_caused_a_version(worker: Client, known: str) -> None:
    made = patch(worker, known, {"contact_phone": PHONE}).json()

    newest = worker.get(f"/v1/persons/{known}/history").json()["items"][0]

    assert newest["changed"] == ["contact_phone"]
    assert newest["cause"] == {"kind": "entry", "entry_id": made["entry_id"]}


def test_somebody_nobody_knows_can_be_described_and_amended(worker: Client) -> None:
    said = {"person_name": "韩小梅", "contact_phone": PHONE, "care_categories": ["05"]}

    answered = worker.post("/v1/persons", json={"fields": said}, headers=a_key())

    assert answered.status_code == 201, answered.text
    made = answered.json()
    assert answered.headers["Location"] == f"/v1/persons/{made['id']}"
    assert made["fields"] == said | {"person_id": made["id"]}
    assert made["marks"] == {"person_name": "provisional"}
    assert made["deliveries"] == []
    assert [one["field"] for one in made["corrections"]] == ["person_name"]
    amended = patch(worker, made["id"], {"contact_phone": "13997005678"})
    assert amended.json()["fields"]["contact_phone"] == "13997005678"
    assert amended.json()["id"] == made["id"]


def test_somebody_described_who_is_known_already_is_joined_with_what_is_known(
    worker: Client, known: str
) -> None:
    said = {
        "person_name": "马海明",
        "citizen_id_no": "630102198001010019",
        "contact_phone": PHONE,
    }

    made = worker.post("/v1/persons", json={"fields": said}, headers=a_key()).json()

    assert made["id"] == known
    assert made["fields"]["contact_phone"] == PHONE
    assert made["corrections"] == []
    assert {one["source"] for one in made["deliveries"]} == {
        *("public_security", "street_office", "property")
    }


def test_somebody_described_has_to_have_a_name(worker: Client) -> None:
    body = {"fields": {"contact_phone": PHONE}}
    assert worker.post("/v1/persons", json=body, headers=a_key()).status_code == 422


@pytest.mark.parametrize("role", ["department", "auditor"])
def test_departments_and_auditors_enter_nothing(login: Login, known: str, role: str) -> None:
    source = "street_office" if role == "department" else None
    assert patch(login(role, source), known, {"contact_phone": PHONE}).status_code == 403


def test_what_was_entered_goes_where_its_entity_goes(
    login: Login, worker: Client, admin: Client
) -> None:
    first, second = (
        police("R000000000201", dh=""),
        street("SQ001-000202", 姓名="韩永福", 联系电话=""),
    )
    ids = push(admin, first, second)
    assert ids[0] != ids[1]
    patch(worker, ids[0], {"contact_phone": PHONE})
    steward = login("steward")

    said = judge(steward, "same", first[0], second[0]).json()

    answered = worker.get(f"/v1/persons/{ids[0]}", follow_redirects=True).json()
    assert answered["fields"]["contact_phone"] == PHONE
    number = said["judgement_id"]
    steward.post(f"/v1/judgements/{number}/revert", headers=a_key())
    assert shown(worker, ids[0])["fields"]["contact_phone"] == PHONE
    assert "contact_phone" not in shown(worker, ids[1])["fields"]


def test_all_resolved_or_built_anew_is_as_it_was(
    worker: Client, known: str, settings: Settings, engine: Engine
) -> None:
    patch(worker, known, {"contact_phone": PHONE, "former_name": "马小明"})
    before = shown(worker, known, include="provenance")

    resolve(settings, full=True)
    assert shown(worker, known, include="provenance") == before
    rebuild(settings)

    assert shown(worker, known, include="provenance") == before
