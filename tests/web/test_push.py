"""Rows that a source hands over: what becomes of them, told row by row, once however often sent."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import Client, Response
from sqlalchemy import Connection

from connectors import CONNECTORS
from hub.config import Settings
from hub.jobs.push import landed
from hub.parse import rows_frame
from hub.store import tables
from hub.web.app import create_app
from hub.web.described import Pushed, PushedProblem, PushedRow
from tests.web.build import Login
from tests.web.served import served

ROOMS = "/v1/sources/property/rooms/records"
LEDGER = ("received", "accepted", "unchanged", "quarantined", "withdrawn", "repeated")


def a_room(**said: str) -> dict[str, str]:
    dataset = CONNECTORS["property"].dataset("rooms")
    assert dataset is not None
    return {**dataset.sample()[0], **said}


@pytest.fixture
def company(login: Login) -> Client:
    return login("department", "property")


def push(client: Client, rows: Any, key: str = "k-1", path: str = ROOMS) -> Response:
    return client.post(path, json=rows, headers={"Idempotency-Key": key})


def test_a_pushed_row_can_be_read_when_the_answer_has_come(company: Client) -> None:
    answered = push(company, [a_room(room_id="RM0001")])
    assert answered.status_code == 200, answered.text
    told = answered.json()
    assert [told[name] for name in LEDGER] == [1, 1, 0, 0, 0, 0]
    (row,) = told["results"]
    assert (row["index"], row["key"], row["outcome"]) == (0, "RM0001", "accepted")
    house = company.get(f"/v1/houses/{row['golden_id']}").json()
    assert house["fields"]["compound_name"] == "康乐小区"
    by_key = company.get(f"{ROOMS}/RM0001").json()
    assert (by_key["golden_id"], by_key["batch_id"]) == (row["golden_id"], told["batch_id"])
    assert by_key["row"]["community_name"] == "康乐小区"
    changes = company.get("/v1/changes?collection=houses").json()["items"]
    assert [change["subject"] for change in changes] == [row["golden_id"]]
    batch = company.get(answered.headers["Content-Location"]).json()
    assert (batch["batch_id"], batch["accepted"]) == (told["batch_id"], 1)


def test_every_row_is_told_what_it_broke(company: Client) -> None:
    rows = [
        a_room(room_id="A", built_up_area="很大"),
        a_room(room_id=""),
        "no row",
        a_room(room_id="A"),
    ]
    told = push(company, rows).json()
    assert sum(told[name] for name in LEDGER[1:]) == told["received"] == 4
    outcomes = [row["outcome"] for row in told["results"]]
    assert outcomes[1:3] == ["quarantined", "quarantined"]
    assert sorted([outcomes[0], outcomes[3]]) == ["accepted", "repeated"]
    assert [row["index"] for row in told["results"]] == [0, 1, 2, 3]
    assert all(problem["message"] for row in told["results"] for problem in row["problems"])
    assert told["results"][1]["problems"]


def test_all_that_is_told_is_described(company: Client) -> None:
    told = push(company, [a_room(room_id="RM0001", built_up_area="很大")]).json()
    (row,) = told["results"]
    assert set(told) == set(Pushed.model_fields)
    assert set(row) == set(PushedRow.model_fields)
    assert {name for one in row["problems"] for name in one} == set(PushedProblem.model_fields)


def test_the_same_key_has_one_effect_and_one_answer(company: Client, writing: Connection) -> None:
    first = push(company, [a_room(room_id="RM1")], "once")
    again = push(company, [a_room(room_id="RM1")], "once")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["Content-Location"] == first.headers["Content-Location"]
    other = push(company, [a_room(room_id="RM2")], "once")
    assert (other.status_code, other.json()["type"]) == (
        422,
        "urn:hub:problem:idempotency-key-reused",
    )
    unsaid = company.post(ROOMS, json=[a_room(room_id="RM3")])
    assert unsaid.json()["type"] == "urn:hub:problem:idempotency-key-missing"
    assert unsaid.status_code == 400
    assert writing.scalar(sa.select(sa.func.count()).select_from(tables.batch)) == 1


def test_the_same_key_at_the_same_time_has_one_effect(
    login: Login, company: Client, writing: Connection
) -> None:
    with ThreadPoolExecutor(6) as callers:
        answers = list(callers.map(lambda _: push(company, [a_room(room_id="RM1")]), range(6)))
    assert {one.status_code for one in answers} <= {200, 409}
    done = [one.json() for one in answers if one.status_code == 200]
    assert done
    assert all(one == done[0] for one in done)
    assert writing.scalar(sa.select(sa.func.count()).select_from(tables.batch)) == 1


def test_a_dry_run_tells_and_changes_nothing(company: Client, writing: Connection) -> None:
    answered = company.post(f"{ROOMS}?dry_run=true", json=[a_room(room_id="RM1")])
    told = answered.json()
    assert (told["dry_run"], told["batch_id"], told["accepted"]) == (True, None, 1)
    assert told["results"][0]["outcome"] == "accepted"
    for table in (tables.batch, tables.landing, tables.RECORD["house"], tables.entity):
        assert writing.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_lines_are_read_like_an_array(company: Client) -> None:
    lines = [json.dumps(a_room(room_id=f"RM{n}"), ensure_ascii=False) for n in range(3)]
    body = "\n".join([*lines, "", "{broken", ""]).encode()

    def sent() -> Iterator[bytes]:
        yield from (body[at : at + 100] for at in range(0, len(body), 100))

    headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": "k"}
    told = company.post(ROOMS, content=sent(), headers=headers).json()
    assert [told["received"], told["accepted"], told["quarantined"]] == [4, 3, 1]


def test_many_rows_are_gone_on_with_after_they_have_landed(
    company: Client, writing: Connection
) -> None:
    rows = [a_room(room_id=f"RM{n:05}", room_num=str(n)) for n in range(1_001)]
    answered = push(company, rows)
    assert (answered.status_code, answered.json()["results"]) == (202, [])
    place = answered.headers["Location"]
    assert place == f"/v1/batches/{answered.json()['batch_id']}"
    assert push(company, rows).json() == answered.json()
    latest = time.monotonic() + 120
    while (batch := company.get(place).json())["state"] != "kept":
        assert time.monotonic() < latest, batch["state"]
    assert (batch["received"], batch["accepted"]) == (1_001, 1_001)


def test_what_another_process_landed_and_left_is_finished(
    settings: Settings, writing: Connection
) -> None:
    rows = [a_room(room_id=f"RM{n}", room_num=str(n)) for n in range(3)]
    batch_ids = []
    for row in rows:
        with landed(settings, "property", "rooms", [rows_frame([row])]) as (_, result):
            batch_ids.append(result.batch_id)
    with served(create_app(settings)) as address, Client(base_url=address) as anybody:
        assert anybody.get("/healthz").status_code == 200
        states = sa.select(tables.batch.c.state).order_by(tables.batch.c.batch_id)
        while list(writing.scalars(states)) != ["kept"] * 3:
            writing.execute(sa.text("SELECT pg_sleep(0.1)"))
        while writing.scalar(sa.select(sa.func.count()).select_from(tables.resolve_queue)):
            writing.execute(sa.text("SELECT pg_sleep(0.1)"))
    houses = sa.select(sa.func.count()).select_from(tables.GOLDEN["house"])
    assert writing.scalar(houses) == 3


def test_a_client_pushes_for_its_own_source_only(login: Login, company: Client) -> None:
    for caller in (login("department", "street_office"), login("worker"), login("steward")):
        assert push(caller, [a_room()]).status_code == 403
    assert login("auditor").post(ROOMS, json=[a_room()]).status_code == 403
    assert push(company, [a_room()], path="/v1/sources/property/nothing/records").status_code == 404
    assert push(login("admin"), [a_room()]).status_code == 200


def test_bodies_that_hold_no_rows_are_refused(company: Client) -> None:
    for body, kind, status in (
        (b"[]", "application/json", 422),
        (b"", "application/x-ndjson", 422),
        (b"{}", "application/json", 400),
        (b"[{", "application/json", 400),
        (b'[{"a": NaN}]', "application/json", 400),
        (b"a,b\n1,2", "text/csv", 415),
    ):
        headers = {"Content-Type": kind, "Idempotency-Key": "k"}
        answered = company.post(ROOMS, content=body, headers=headers)
        assert answered.status_code == status, body
        assert answered.headers["Content-Type"] == "application/problem+json"
