"""One record by id, answered before the framework is asked: the same answers, all of them told."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi import FastAPI
from httpx import Client, Response
from sqlalchemy import Connection, Engine

from hub.config import Settings
from hub.database import execute
from hub.store.clients import revoke
from hub.store.spool import FOLDER
from hub.web.running import SHUT_OUT_WITHIN
from tests.store.test_spool import left_behind, said
from tests.web.build import BEGINNING, Login, a_golden
from tests.web.served import served

CONNECTION = "hub api quick"
#: On the server are others' databases too, with hubs of their own.
OURS = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = :name"
#: Waits until the backend is gone: one that is told to end is still counted for a moment.
ENDED = f"SELECT pg_terminate_backend(pid, 30000) {OURS}"
WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def told(answered: Response) -> tuple[object, ...]:
    names = ("etag", "cache-control", "vary", "content-type", "content-length")
    return answered.status_code, answered.content, [answered.headers[name] for name in names]


def test_it_answers_as_the_route_does(steward: Client, writing: Connection) -> None:
    marks = {"person_name": "provisional"}
    person = a_golden(writing, person_name="张三", care_categories='["01"]', marks=marks)
    place = '{"type": "Point", "coordinates": [101.7812345, 36.6123456]}'
    point = a_golden(writing, "component", component_point=place)
    for path in (f"/v1/persons/{person}", f"/v1/components/{point}"):
        by_route = steward.get(path, headers={"If-None-Match": '"another"'})
        quick = steward.get(path)
        assert told(quick) == told(by_route)
        assert quick.json()["id"] == by_route.json()["id"]
    assert running(writing) == 1


def test_who_is_not_known_yet_is_looked_up_once_for_all_who_come_meanwhile(
    steward: Client, writing: Connection, engine: Engine
) -> None:
    person = a_golden(writing, person_name="张三")
    with ThreadPoolExecutor(8) as many:
        with engine.begin() as connection:
            execute(connection, "LOCK TABLE client IN ACCESS EXCLUSIVE MODE")
            asked = [many.submit(steward.get, f"/v1/persons/{person}") for _ in range(8)]
            until = time.monotonic() + 30
            while not execute(writing, WAITING).scalar_one():
                assert time.monotonic() < until
            # Whoever comes in the next moments asks nothing of the database.
            until = time.monotonic() + 0.5
            while time.monotonic() < until:
                assert execute(writing, WAITING).scalar_one() == 1
        assert {one.result().status_code for one in asked} == {200}
    assert running(writing) == 1


def test_who_goes_on_reading_is_shut_out_in_time(
    steward: Client, engine: Engine, writing: Connection
) -> None:
    person = a_golden(writing, person_name="张三")
    assert steward.get(f"/v1/persons/{person}").status_code == 200
    with engine.begin() as connection:
        revoke(connection, steward.headers["X-Client"])
    until = time.monotonic() + SHUT_OUT_WITHIN + 10
    while steward.get(f"/v1/persons/{person}").status_code == 200:
        assert time.monotonic() < until
    assert steward.get(f"/v1/persons/{person}").status_code == 401


def test_what_is_not_served_is_answered_by_the_route(steward: Client, writing: Connection) -> None:
    person, former = a_golden(writing, person_name="张三"), a_golden(writing, person_name="李四")
    retired = f"UPDATE golden_person SET retired_at = '{BEGINNING}' WHERE entity_id = :id"
    execute(writing, retired, id=former)
    steward.get(f"/v1/persons/{person}")
    assert steward.get(f"/v1/persons/{former}").status_code == 410
    assert steward.get(f"/v1/persons/P{'0' * 32}").status_code == 404
    assert steward.get(f"/v1/houses/{person}").status_code == 404
    assert steward.get(f"/v1/none/{person}").status_code == 404
    tag = steward.get(f"/v1/persons/{person}").headers["ETag"]
    unchanged = steward.get(f"/v1/persons/{person}", headers={"If-None-Match": tag})
    assert unchanged.status_code == 304
    wrong = {"Hub-Purpose": "curiosity"}
    assert steward.get(f"/v1/persons/{person}", headers=wrong).status_code == 403


def test_readers_at_once_each_see_their_own_and_are_each_told_of(
    login: Login, writing: Connection, audited: Callable[[], list[dict[str, Any]]]
) -> None:
    people = [a_golden(writing, person_name=f"张{number}") for number in range(5)]
    callers = {
        "steward": login("steward"),
        "worker": login("worker", purpose="visit"),
        "police": login("department", "public_security"),
    }
    whole = {
        (name, person): caller.get(f"/v1/persons/{person}").content
        for name, caller in callers.items()
        for person in people
    }
    asked = list(whole) * 8
    with ThreadPoolExecutor(24) as many:
        answers = list(many.map(lambda one: callers[one[0]].get(f"/v1/persons/{one[1]}"), asked))
    assert [one.content for one in answers] == [whole[one] for one in asked]
    ids = {name: caller.headers["X-Client"] for name, caller in callers.items()}
    entries = Counter((one["caller"], one["entity_ids"][0]) for one in audited())
    assert entries == {(ids[name], person): 9 for name, person in whole}


def test_a_connection_that_broke_keeps_nobody_from_reading(
    steward: Client, writing: Connection, audited: Callable[[], list[dict[str, Any]]]
) -> None:
    person = a_golden(writing, person_name="张三")
    for _ in range(3):
        assert steward.get(f"/v1/persons/{person}").status_code == 200
        assert steward.get(f"/v1/persons/{person}").status_code == 200
        assert running(writing) == 1
        assert execute(writing, ENDED, name=CONNECTION).scalar_one()
    assert len(audited()) == 6


def test_who_is_not_served_is_not_told_of(
    steward: Client, writing: Connection, audited: Callable[[], list[dict[str, Any]]]
) -> None:
    person = a_golden(writing, person_name="张三")
    for _ in range(2):
        assert steward.get(f"/v1/persons/{person}").status_code == 200
        assert steward.get(f"/v1/persons/P{'0' * 32}").status_code == 404
    assert [one["entity_ids"] for one in audited()] == [[person]] * 2


def test_without_a_spool_the_route_answers_and_tells(
    steward: Client,
    settings: Settings,
    writing: Connection,
    audited: Callable[[], list[dict[str, Any]]],
) -> None:
    person = a_golden(writing, person_name="张三")
    (settings.home / FOLDER).write_text("in the way")
    for count in range(1, 4):
        assert steward.get(f"/v1/persons/{person}").status_code == 200
        assert len(audited()) == count


def test_what_a_killed_process_was_told_is_in_the_audit_when_the_next_one_runs(
    app: FastAPI, settings: Settings, writing: Connection
) -> None:
    left_behind(settings.home, said("c-1"))
    with served(app):
        until = time.monotonic() + 30
        while list((settings.home / FOLDER).iterdir()):
            assert time.monotonic() < until
    assert execute(writing, "SELECT caller FROM audit").scalars().all() == ["c-1"]


def test_metrics_name_the_route(steward: Client, anybody: Client, writing: Connection) -> None:
    person = a_golden(writing, person_name="张三")
    for _ in range(3):
        steward.get(f"/v1/persons/{person}")
    line = 'hub_http_requests_total{route="/v1/persons/{entity_id}",status="200"} 3.0'
    assert line in anybody.get("/metrics").text


def running(connection: Connection) -> int:
    return int(execute(connection, f"SELECT count(*) {OURS}", name=CONNECTION).scalar_one())
