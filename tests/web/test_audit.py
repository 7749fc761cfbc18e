"""The audit through the API: who sees it, what it says, and that no answer is ahead of it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx import Client
from sqlalchemy import Connection, Engine

from hub.cli import main
from hub.config import Settings
from hub.database import execute
from hub.jobs import audit as jobs
from hub.store.clients import add_client
from hub.store.spool import FOLDER, Spool
from tests.store.test_spool import said
from tests.web.build import Login, a_golden

ROOT = Path(__file__).parents[2]
READERS = 200


def test_an_auditor_sees_who_looked_at_a_resident(login: Login, writing: Connection) -> None:
    person, other = a_golden(writing, person_name="张三"), a_golden(writing, person_name="李四")
    worker, auditor = login("worker", purpose="visit"), login("auditor")
    worker.get(f"/v1/persons/{person}?fields=person_name,birth_date")
    worker.get(f"/v1/persons/{other}")
    assert worker.post("/v1/persons/search", json={"name": "张三"}).json()["items"]
    found = auditor.get("/v1/audit", params={"entity": person}).json()["items"]
    assert [one["action"] for one in found] == ["search", "read"]
    assert found[1]["fields"] == ["person_name", "birth_date"]
    assert found[1]["caller_name"] == "a worker"
    assert (found[1]["purpose"], found[1]["origin"]) == ("visit", "127.0.0.1")
    # Whoever asks is seen in turn, also by those who ask for the caller.
    again = auditor.get("/v1/audit", params={"entity": person}).json()["items"]
    assert again[0]["action"] == "read audit"
    caller = found[0]["caller"]
    said = auditor.get("/v1/audit", params={"caller": caller, "action": "read"}).json()["items"]
    assert [one["entity_ids"] for one in said] == [[other], [person]]
    assert auditor.get("/v1/audit", params={"to": "2020-01-01T00:00:00Z"}).json()["items"] == []


def test_who_looked_is_told_of_former_ids_and_of_readings_of_all(
    login: Login, writing: Connection, settings: Settings, engine: Engine
) -> None:
    former, person = a_golden(writing, person_name="张三"), a_golden(writing, person_name="张三")
    login("worker").get(f"/v1/persons/{former}")
    merged = "UPDATE entity SET superseded_by = :now, superseded_at = now() WHERE entity_id = :was"
    execute(writing, merged, now=person, was=former)
    jobs.settle(settings)
    with engine.begin() as connection:
        entry = jobs.Entry("hub export", "export", "care", "person", fields=["person_name"])
        jobs.record(connection, entry)
    assert [one["action"] for one in jobs.who(settings, person, 10)] == ["export", "read"]
    assert [one["action"] for one in jobs.who(settings, person, 1)] == ["read audit"]


def test_who_asks_while_entries_lie_in_a_spool_is_asked_to_wait(
    login: Login, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    auditor = login("auditor")
    spool = Spool(settings.home / FOLDER)
    spool.append([said("c-1")])
    spool.confirm()
    # A process that lives and does not come to it.
    answered = auditor.get("/v1/audit", params={"caller": "c-1"})
    assert (answered.status_code, "Retry-After" in answered.headers) == (503, True)
    with pytest.MonkeyPatch.context() as environment:
        for name, value in settings.environment().items():
            environment.setenv(name, value)
        with pytest.raises(SystemExit):
            main(["audit", "verify"])
    assert "spools of running processes hold 1 more" in capsys.readouterr().err
    spool.close()
    found = auditor.get("/v1/audit", params={"caller": "c-1"}).json()["items"]
    assert [one["action"] for one in found] == ["read"]


def test_pages_of_the_audit_miss_nothing_while_it_grows(login: Login) -> None:
    auditor = login("auditor")
    for number in range(7):
        auditor.get("/v1/audit", params={"action": f"none {number}"})
    numbers, cursor = [], None
    while cursor or not numbers:
        page = auditor.get(
            "/v1/audit", params={"limit": 2} | ({"cursor": cursor} if cursor else {})
        )
        numbers += [one["audit_id"] for one in page.json()["items"]]
        cursor = page.json()["next"]
    assert numbers == list(range(numbers[0], 0, -1))


def test_the_audit_is_for_auditors(login: Login) -> None:
    for role in ("worker", "steward"):
        answers = [login(role).get(path) for path in ("/v1/audit", "/v1/audit/roots")]
        assert {one.status_code for one in answers} == {403}
    assert login("department", "property").get("/v1/audit").status_code == 403
    for role in ("auditor", "admin"):
        assert login(role).get("/v1/audit/roots").json() == {"items": []}


def test_readings_do_not_write_and_writings_are_told_with_what_they_write(
    login: Login, writing: Connection, steward: Client, audited: Callable[[], list[dict[str, Any]]]
) -> None:
    person = a_golden(writing, person_name="张三")
    assert steward.get(f"/v1/persons/{person}").status_code == 200
    execute(writing, "ALTER FUNCTION audit_append RENAME TO audit_away")
    # What cannot be told is not done, and not answered.
    assert steward.get(f"/v1/persons/{person}?fields=person_name").status_code == 500
    key = {"Idempotency-Key": "k"}
    asked = steward.post("/v1/exports", json={"collection": "persons"}, headers=key)
    assert asked.status_code == 500
    assert execute(writing, "SELECT count(*) FROM export").scalar_one() == 0
    execute(writing, "ALTER FUNCTION audit_away RENAME TO audit_append")
    assert steward.get(f"/v1/persons/{person}").status_code == 200
    assert [one["action"] for one in audited()] == ["read", "read"]


@pytest.mark.parametrize("kill_after", [0, 600])
def test_no_answer_was_sent_whose_entry_is_missing(
    settings: Settings, engine: Engine, writing: Connection, kill_after: int
) -> None:
    """200 readers at once, each of a resident of their own, and kill -9 in the middle of it."""
    people = [a_golden(writing, person_name="张三") for _ in range(READERS)]
    with engine.begin() as connection:
        credentials = add_client(connection, "readers", "steward")
    environment = os.environ | settings.environment()
    command = [sys.executable, "-m", "hub.cli", "serve", "--port", "0"]
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as api:
        assert api.stderr is not None
        address = api.stderr.readline().split()[-1]
        try:
            token = token_of(address, credentials)
            reading = read_until_killed(address, token, people, api.pid, kill_after)
            # A browser driven in this process by other tests has a loop in this thread.
            with ThreadPoolExecutor(1) as beside:
                answers = beside.submit(asyncio.run, reading).result()
        finally:
            api.kill()
    assert api.returncode == -signal.SIGKILL
    assert sum(answers.values()) >= kill_after
    assert jobs.settle(settings) == 0
    counted = """SELECT entity_ids[1], count(*) FROM audit WHERE action = 'read' GROUP BY 1"""
    entries: dict[str, int] = dict(map(tuple, execute(writing, counted)))
    assert {person for person in people if entries.get(person, 0) < answers[person]} == set()
    assert jobs.verify(settings) == []


def token_of(address: str, credentials: tuple[str, str]) -> str:
    # The address is said when it is taken; a moment later it is listened to.
    grant = {"grant_type": "client_credentials"}
    with Client(base_url=address, transport=httpx.HTTPTransport(retries=10)) as client:
        issued = client.post("/oauth/token", data=grant, auth=credentials, timeout=60)
    return str(issued.json()["access_token"])


async def read_until_killed(
    address: str, token: str, people: list[str], api: int, kill_after: int
) -> dict[str, int]:
    answers = dict.fromkeys(people, 0)
    limits = httpx.Limits(max_connections=READERS)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as client:
        client.headers.update({"Authorization": f"Bearer {token}", "Hub-Purpose": "care"})

        async def read(person: str) -> None:
            while True:
                try:
                    answered = await client.get(f"/v1/persons/{person}")
                except httpx.TransportError:
                    return
                assert answered.status_code == 200
                answers[person] += 1
                if sum(answers.values()) == kill_after:
                    os.kill(api, signal.SIGKILL)

        if kill_after == 0:
            # Before any answer, while all are being worked on.
            asyncio.get_running_loop().call_later(0.5, os.kill, api, signal.SIGKILL)
        await asyncio.gather(*map(read, people))
    return answers
