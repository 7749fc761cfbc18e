"""A share request over the API, from asking to the end of what was granted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from httpx import Client, Response
from sqlalchemy import Connection, Engine

from hub.store.areas import Area
from hub.store.grants import set_area
from tests.web.build import Login, a_golden

_keys = count(1)
MATERIALS = {
    "wanted": {"persons": ["care_categories", "person_name"]},
    "masked": {"persons": ["contact_phone"]},
    "area": {"communities": ["630102001001"]},
    "purposes": ["care"],
    "basis": "青海省养老服务条例 第二十一条",
    "scene": "独居老人巡访",
    "mode": "service",
    "approver": "民政局 局长",
    "used_from": "2026-01-01",
    "used_until": "2099-12-31",
}
Step = Callable[..., Response]


def key() -> dict[str, str]:
    return {"Idempotency-Key": f"share-{next(_keys)}"}


@pytest.fixture
def civil(login: Login) -> Client:
    """A department that sends the hub nothing."""
    return login("department", None, purpose="care")


def ask(client: Client, **said: Any) -> Response:
    body = {name: one for name, one in {**MATERIALS, **said}.items() if one is not None}
    return client.post("/v1/share-requests", json=body, headers=key())


def step(client: Client, place: str, name: str, tag: str | None, **said: Any) -> Response:
    headers = {**key(), **({"If-Match": tag} if tag else {})}
    body = None if name == "withdraw" else said
    return client.post(f"{place}/{name}", json=body, headers=headers)


def test_a_request_is_asked_approved_delivered_and_read_by(
    civil: Client, steward: Client, writing: Connection, audited: Callable[[], list[dict[str, Any]]]
) -> None:
    person = a_golden(
        writing,
        person_name="张三",
        contact_phone="13900000001",
        birth_date="1940-01-01",
        community_code="630102001001",
    )
    path = f"/v1/persons/{person}"
    assert civil.get(path).status_code == 403
    asked = ask(civil)
    assert asked.status_code == 201, asked.text
    place, tag = asked.headers["Location"], asked.headers["ETag"]
    assert (asked.json()["state"], asked.json()["conditional"]) == ("asked", True)
    assert asked.json()["due_on"] > asked.json()["received_on"]
    assert civil.get(path).status_code == 403

    approved = step(steward, place, "approve", tag)
    assert approved.status_code == 200, approved.text
    shown = civil.get(path).json()
    assert shown["fields"] == {"person_name": "张三", "contact_phone": "139****0001"}
    assert shown["marks"] == {"contact_phone": "masked"}
    delivered = step(steward, place, "deliver", approved.headers["ETag"])
    assert (delivered.json()["state"], delivered.json()["due_on"]) == ("delivered", None)
    assert [one["step"] for one in civil.get(place).json()["steps"]] == [
        *("asked", "approved", "delivered")
    ]

    (grant,) = civil.get("/v1/grants").json()["items"]
    assert (grant["state"], grant["collection"]) == ("in force", "persons")
    rights = civil.get("/v1/rights").json()["items"]
    assert {"person_name"} <= set().union(*(one["fields"] for one in rights))
    number = f"/v1/grants/{grant['grant_id']}"
    revoked = step(steward, number, "revoke", '"1"', reason="目的已达")
    assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    assert civil.get(path).status_code == 403
    told = [entry["action"] for entry in audited()]
    for action in ("ask to share", "share request approve", "revoke grant"):
        assert action in told


def test_what_is_missing_is_told_at_once_and_can_be_added(civil: Client) -> None:
    asked = ask(civil, basis=None, approver=None)
    place = asked.headers["Location"]
    assert (asked.json()["state"], asked.json()["missing"]) == (
        "incomplete",
        ["basis", "approver"],
    )
    body = {"basis": MATERIALS["basis"], "approver": MATERIALS["approver"]}
    assert civil.patch(place, json=body).status_code == 428
    assert civil.patch(place, json=body, headers={"If-Match": '"9"'}).status_code == 412
    added = civil.patch(place, json=body, headers={"If-Match": asked.headers["ETag"]})
    assert (added.status_code, added.json()["state"]) == (200, "asked")
    assert added.json()["wanted"] == MATERIALS["wanted"]


def test_only_stewards_answer_and_nobody_answers_oneself(
    civil: Client, steward: Client, login: Login
) -> None:
    asked = ask(civil)
    place, tag = asked.headers["Location"], asked.headers["ETag"]
    assert step(civil, place, "approve", tag).status_code == 403
    assert step(login("auditor"), place, "approve", tag).status_code == 403
    own = ask(steward)
    denied = step(steward, own.headers["Location"], "approve", own.headers["ETag"])
    assert denied.status_code == 403
    assert "one's own" in denied.json()["detail"]
    assert ask(civil, client_id="c-somebody").status_code == 403


def test_requests_and_grants_of_others_are_not_seen(civil: Client, login: Login) -> None:
    place = ask(civil).headers["Location"]
    other = login("department", "property")
    assert other.get(place).status_code == 404
    assert other.get("/v1/share-requests").json()["items"] == []
    assert step(other, place, "withdraw", '"1"').status_code == 404
    assert len(login("auditor").get("/v1/share-requests").json()["items"]) == 1
    assert other.get("/v1/grants/1").status_code == 404


def test_a_step_counts_only_on_what_was_read_and_once(civil: Client, steward: Client) -> None:
    asked = ask(civil)
    place, tag = asked.headers["Location"], asked.headers["ETag"]
    assert step(steward, place, "approve", None).status_code == 428
    assert step(steward, place, "refuse", tag).status_code == 422
    headers = {**key(), "If-Match": tag}
    refused = steward.post(f"{place}/refuse", json={"reason": "超出职责"}, headers=headers)
    again = steward.post(f"{place}/refuse", json={"reason": "超出职责"}, headers=headers)
    assert (refused.status_code, again.status_code) == (200, 200)
    assert refused.json() == again.json()
    assert step(steward, place, "approve", tag).status_code == 412
    assert step(steward, place, "approve", refused.headers["ETag"]).status_code == 409


def test_more_time_and_more_materials_are_asked_for_in_writing(
    civil: Client, steward: Client
) -> None:
    asked = ask(civil)
    place = asked.headers["Location"]
    longer = step(steward, place, "extend", asked.headers["ETag"], days=5, reason="复杂")
    assert longer.json()["due_on"] > asked.json()["due_on"]
    told = step(steward, place, "return", longer.headers["ETag"], missing=["影响评估编号"])
    assert (told.json()["state"], told.json()["missing"]) == ("incomplete", ["影响评估编号"])
    gone = step(civil, place, "withdraw", told.headers["ETag"])
    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")


def test_what_is_not_shared_cannot_be_asked_for(civil: Client) -> None:
    answered = ask(civil, wanted={"cameras": ["stream_uri"]}, masked={})
    assert answered.status_code == 422
    assert "Art 14" in answered.json()["detail"]
    assert ask(civil, area={"streets": ["63"]}).status_code == 422
    assert ask(civil, area={"communities": ["9"]}).status_code == 422
    assert ask(civil, wanted={"persons": ["nonsense"]}).status_code == 422


def test_lists_are_paged_and_narrowed(civil: Client, steward: Client) -> None:
    places = [ask(civil).headers["Location"] for _ in range(3)]
    step(steward, places[0], "refuse", '"1"', reason="超出职责")
    first = civil.get("/v1/share-requests?limit=2").json()
    rest = civil.get("/v1/share-requests", params={"limit": 2, "cursor": first["next"]}).json()
    numbers = [one["request_id"] for one in (*first["items"], *rest["items"])]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 3
    (refused,) = civil.get("/v1/share-requests?state=refused").json()["items"]
    assert refused["request_id"] == min(numbers)
    assert civil.get("/v1/share-requests?overdue=true").json()["items"] == []
    open_ones = civil.get("/v1/share-requests?due_before=2099-01-01").json()["items"]
    assert len(open_ones) == 2
    assert {one["working_days_left"] for one in open_ones} == {10}
    assert "hub_share_requests_overdue 0.0" in civil.get("/metrics").text


@pytest.fixture
def compound(writing: Connection) -> dict[str, list[str]]:
    """Two buildings of the company's compound, one of another; seven and two need help."""
    from hub.store import tables
    from tests.web.build import Said

    people: dict[str, list[str]] = {}
    for number, compound, source, helped in (
        ("3", "康东小区", "property", 7),
        ("4", "康东小区", "property", 2),
        ("9", "别的小区", "street_office", 8),
    ):
        code = f"630102-{number}"
        values = {
            "house_code": f"H-{number}",
            "building_code": code,
            "building_no": number,
            "compound_name": compound,
            "community_code": "630102001001",
        }
        said = (Said(source, "rooms", f"R-{number}", values),)
        house = a_golden(writing, "house", said=said, **values)
        link = tables.link
        place = {"community_code": "630102001001", "compound_key": compound}
        writing.execute(link.update().where(link.c.entity_id == house).values(place))
        people[number] = [
            a_golden(
                writing,
                person_name="欧阳测",
                house_code=f"H-{number}",
                care_categories='["03"]' if one < helped else '["08"]',
                community_code="630102001001",
            )
            for one in range(helped + 3)
        ]
    return people


def test_a_property_company_is_told_numbers_and_no_person(
    login: Login, compound: dict[str, list[str]], audited: Callable[[], list[dict[str, Any]]]
) -> None:
    company = login("department", "property", purpose="emergency")
    answered = company.post("/v1/services/evacuation-counts")
    assert answered.status_code == 200, answered.text
    told = {one["building_no"]: one for one in answered.json()["items"]}
    assert set(told) == {"3", "4"}
    assert (told["3"]["needing_help"], told["3"]["fewer_than"]) == (7, None)
    assert (told["4"]["needing_help"], told["4"]["fewer_than"]) == (None, 5)
    for person in (*compound["3"], "欧阳测"):
        assert person not in answered.text
        assert company.get(f"/v1/persons/{person}").status_code == 403
    assert "count evacuation help" in [entry["action"] for entry in audited()]


def test_counts_are_for_emergencies_and_for_those_who_answer_them(
    login: Login, compound: dict[str, list[str]], engine: Engine
) -> None:
    path = "/v1/services/evacuation-counts"
    assert login("department", "property", purpose=None).post(path).status_code == 403
    assert login("department", "property", purpose="household").post(path).status_code == 403
    city = login("department", "urban_management", purpose="emergency")
    assert city.post(path).status_code == 403
    worker = login("worker", purpose="emergency")
    assert len(worker.post(path).json()["items"]) == 3
    elsewhere = login("worker", purpose="emergency")
    with engine.begin() as connection:
        client_id = elsewhere.headers["X-Client"]
        set_area(connection, client_id, Area(communities=("630102009001",)), "test")
    assert elsewhere.post(path).json()["items"] == []


def test_counts_are_paged_by_building(login: Login, compound: dict[str, list[str]]) -> None:
    worker = login("worker", purpose="emergency")
    path, seen = "/v1/services/evacuation-counts?limit=1", []
    while path:
        page = worker.post(path)
        seen += [one["building_no"] for one in page.json()["items"]]
        path = page.links.get("next", {}).get("url", "")
    assert sorted(seen) == ["3", "4", "9"]


def test_a_company_sees_the_rooms_of_its_own_compounds(
    login: Login, compound: dict[str, list[str]]
) -> None:
    company = login("department", "property")
    listed = company.get("/v1/houses").json()["items"]
    assert {one["fields"]["building_no"] for one in listed} == {"3", "4"}
    for one in listed:
        assert {"real_estate_unit_code", "owner_id_no"}.isdisjoint(one["fields"])
