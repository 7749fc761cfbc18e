"""The feed over HTTP: ordered, resumable, waited for, refused when it cannot go on."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from httpx import Client
from sqlalchemy import Connection

from hub.store import tables
from hub.web.limits import Limits
from tests.web.build import Login, a_change, a_golden, a_new_version


def read(client: Client, cursor: str | None = None, **asked: Any) -> dict[str, Any]:
    said = {**asked, **({"cursor": cursor} if cursor else {})}
    answered = client.get("/v1/changes", params=said)
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def test_changes_are_cloud_events_without_values(steward: Client, writing: Connection) -> None:
    person = a_golden(writing, person_name="张三")
    a_change(writing, person, "person", fields=["person_name", "sex_code"])
    (event,) = read(steward)["items"]
    assert event == {
        "specversion": "1.0",
        "id": "1-1",
        "source": "urn:hub:630102",
        "type": "cn.gov.630102.hub.person.created.v1",
        "subject": person,
        "time": "2026-09-01T08:00:00+08:00",
        "dataschema": "/v1/catalogue/persons/schema",
        "datacontenttype": "application/json",
        "data": {
            "id": person,
            "collection": "persons",
            "version": 1,
            "change": "created",
            "fields": ["person_name", "sex_code"],
            "cause": {"kind": "batch"},
        },
    }
    batch = steward.get("/v1/changes", headers={"Accept": "application/cloudevents-batch+json"})
    assert batch.headers["Content-Type"] == "application/cloudevents-batch+json"
    assert batch.json() == [event]
    assert 'rel="next"' in batch.headers["Link"]


def test_the_feed_goes_on_from_its_cursor(steward: Client, writing: Connection) -> None:
    for number in range(5):
        a_change(writing, f"G{number:032x}", "grid", version=number + 1)
    first = read(steward, limit=2)
    rest = read(steward, first["next"], limit=10)
    versions = [event["data"]["version"] for event in first["items"] + rest["items"]]
    assert versions == [1, 2, 3, 4, 5]
    assert read(steward, rest["next"])["items"] == []
    a_change(writing, "G" + "f" * 32, "grid", version=6)
    assert [event["data"]["version"] for event in read(steward, rest["next"])["items"]] == [6]


def test_a_collection_is_followed_past_the_changes_of_others(
    steward: Client, writing: Connection
) -> None:
    a_change(writing, "P" + "0" * 32, "person")
    a_change(writing, "G" + "0" * 32, "grid")
    a_change(writing, "P" + "1" * 32, "person")
    found = read(steward, collection="grids")
    assert [event["subject"][0] for event in found["items"]] == ["G"]
    # What was passed over is not looked at again.
    assert read(steward, found["next"])["items"] == []
    assert steward.get("/v1/changes?collection=x").status_code == 422


COMMUNITY = "630102001001"


def test_changes_of_fields_are_followed_and_those_of_whole_records(
    steward: Client, writing: Connection
) -> None:
    house = "H" + "0" * 32
    a_change(writing, house, "house", fields=["floor_area_m2", "has_elevator"])
    a_change(writing, house, "house", fields=["floor_no"])
    a_change(writing, house, "house", change="withdrawn", version=3)
    a_change(writing, "G" + "0" * 32, "grid", fields=["grid_name"])
    found = read(steward, fields="has_elevator,room_no")
    told = [(event["id"], event["data"]["fields"]) for event in found["items"]]
    assert told == [("1-1", ["has_elevator"]), ("1-3", [])]
    assert read(steward, found["next"], fields="has_elevator")["items"] == []
    assert steward.get("/v1/changes?fields=nothing").status_code == 422
    assert steward.get("/v1/changes?collection=grids&fields=floor_no").status_code == 422


def test_a_field_that_is_not_granted_is_not_found_by_following_it(
    login: Login, writing: Connection
) -> None:
    house = a_golden(writing, "house", owner_name="张三")
    a_change(writing, house, "house", fields=["owner_name"])
    city = login("department", "urban_management")
    assert read(city, fields="owner_name")["items"] == []
    assert len(read(city)["items"]) == 1


def test_a_community_is_followed_and_what_leaves_it_is_told_of(
    steward: Client, writing: Connection
) -> None:
    stays = a_golden(writing, "house", community_code=COMMUNITY)
    leaves = a_golden(writing, "house", community_code=COMMUNITY)
    other = a_golden(writing, "house", community_code="630102001002")
    a_new_version(writing, "house", leaves, community_code="630102001002")
    for house in (stays, leaves, other):
        a_change(writing, house, "house", fields=["floor_no"])
    a_change(writing, leaves, "house", version=2, change="updated", fields=["community_code"])
    found = read(steward, community=COMMUNITY)["items"]
    assert [event["id"] for event in found] == ["1-1", "1-4"]
    assert steward.get("/v1/changes?community=63").status_code == 422


def test_a_reader_waits_for_the_next_change(steward: Client, writing: Connection) -> None:
    cursor = read(steward)["next"]
    asked = threading.Event()

    def wait() -> dict[str, Any]:
        asked.set()
        return read(steward, cursor, wait=20)

    with ThreadPoolExecutor(1) as reader:
        waiting = reader.submit(wait)
        asked.wait()
        a_change(writing, "G" + "0" * 32, "grid")
        found = waiting.result(timeout=15)
    assert [event["subject"] for event in found["items"]] == ["G" + "0" * 32]
    assert read(steward, found["next"], wait=0.3)["items"] == []
    assert steward.get("/v1/changes?wait=31").status_code == 422


@pytest.mark.parametrize("limits", [Limits(wait=0.3)])
def test_nobody_waits_longer_than_the_hub_lets_them(steward: Client, limits: Limits) -> None:
    began = time.monotonic()
    assert read(steward, wait=20)["items"] == []
    assert time.monotonic() - began < 15


def test_a_cursor_from_before_a_restore_is_refused(steward: Client, writing: Connection) -> None:
    a_change(writing, "G" + "0" * 32, "grid")
    cursor = read(steward)["next"]
    writing.execute(tables.feed.insert().values(epoch=2, last_seq=0, system_identifier="restored"))
    answered = steward.get("/v1/changes", params={"cursor": cursor})
    assert (answered.status_code, answered.json()["type"]) == (
        410,
        "urn:hub:problem:cursor-expired",
    )
    assert answered.json()["resync"] == "/v1/exports"
    # Who begins anew is led through both epochs.
    again = read(steward)
    assert len(again["items"]) == 1
    assert read(steward, again["next"])["items"] == []


def test_a_cursor_whose_changes_are_gone_is_refused(steward: Client, writing: Connection) -> None:
    for number in range(4):
        a_change(writing, f"G{number:032x}", "grid")
    old, last = read(steward, limit=1)["next"], read(steward)["next"]
    writing.execute(tables.change.delete().where(tables.change.c.seq <= 2))
    assert steward.get("/v1/changes", params={"cursor": old}).status_code == 410
    assert len(read(steward)["items"]) == 2
    writing.execute(tables.change.delete())
    assert read(steward, last)["items"] == []
    assert steward.get("/v1/changes", params={"cursor": last + "x"}).status_code == 410


def test_following_persons_is_told_in_the_audit(login: Login, writing: Connection, audited) -> None:  # type: ignore[no-untyped-def]
    a_change(writing, "P" + "0" * 32, "person", fields=["person_name"])
    a_change(writing, "G" + "0" * 32, "grid")
    read(login("department", "public_security", purpose=None))
    (entry,) = audited()
    assert (entry["action"], entry["entity_ids"]) == ("follow", ["P" + "0" * 32])
    assert entry["fields"] == ["person_id"]
