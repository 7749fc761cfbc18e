"""Wrong and too much: each push has a clear answer, nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count

import httpx
import psutil
import pytest
import sqlalchemy as sa
from httpx import Client, Response
from pydantic import SecretStr
from sqlalchemy import Connection

from connectors import CONNECTORS
from hub.config import Settings
from hub.store import tables
from hub.web.app import create_app
from tests.web.build import Login
from tests.web.served import served

ROOMS = "/v1/sources/property/rooms/records"
MEGABYTE = 1 << 20
#: What is answered to whom may come again, and when.
LATER = {429, 503}

Push = Callable[[str, bytes], Response]


def a_room(room_id: str, **said: str) -> dict[str, str]:
    dataset = CONNECTORS["property"].dataset("rooms")
    assert dataset is not None
    return {**dataset.sample()[0], "room_id": room_id, **said}


@pytest.fixture
def company(login: Login) -> Client:
    return login("department", "property")


@pytest.fixture
def push(company: Client) -> Iterator[Push]:
    """Push a body under a key, on as many connections as there are callers."""
    limits = httpx.Limits(max_connections=None)
    with Client(
        base_url=company.base_url, headers=company.headers, timeout=300, limits=limits
    ) as client:

        def one(key: str, body: bytes) -> Response:
            headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
            return client.post(ROOMS, content=body, headers=headers)

        yield one


def landed(connection: Connection) -> Counter[str]:
    return Counter(connection.scalars(sa.select(tables.landing.c.key)))


def recorded(connection: Connection) -> Counter[str]:
    return Counter(connection.scalars(sa.select(tables.RECORD["house"].c.key)))


@contextmanager
def memory(process: psutil.Process | None = None) -> Iterator[list[int]]:
    """Watch how much more memory the API's process (else this one) comes to hold at most."""
    process, ended = process or psutil.Process(), threading.Event()
    before, most = process.memory_info().rss, [0]

    def look() -> None:
        while not ended.wait(0.02):
            most[0] = max(most[0], process.memory_info().rss - before)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield most
    finally:
        ended.set()
        looking.join()


def lines(megabytes: int) -> Iterator[bytes]:
    """Give so many megabytes of rooms as NDJSON."""
    sent = 0
    for number in count():
        line = json.dumps(a_room(f"RM{number:07}", remark="x" * 400)).encode() + b"\n"
        sent += len(line)
        yield line
        if sent >= megabytes * MEGABYTE:
            return


def push_large(company: Client, writing: Connection, megabytes: int) -> int:
    """Push a stream, see that all of it is there; return the bytes of memory that it took."""
    headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": "large"}
    rows = sum(1 for _ in lines(megabytes))
    with memory() as most:
        answered = company.post(ROOMS, content=lines(megabytes), headers=headers, timeout=900)
        assert answered.status_code == 202, answered.text
        batch = sa.select(tables.batch.c.state, tables.batch.c.received)
        state, received = writing.execute(batch).one()
        while state not in ("kept", "held"):
            writing.execute(sa.text("SELECT pg_sleep(0.2)"))
            state, received = writing.execute(batch).one()
    assert (state, received) == ("kept", rows)
    assert recorded(writing) == landed(writing) == {f"RM{n:07}": 1 for n in range(rows)}
    return most[0]


def push_at_once(push: Push, writing: Connection, pushes: int, callers: int) -> Counter[int]:
    """Push many small bodies at once, each until it is taken in; return how they were answered."""
    statuses: Counter[int] = Counter()

    def one(number: int) -> str | None:
        body = json.dumps([a_room(f"RM{number:06}", room_num=str(number))]).encode()
        answered = push(f"k-{number}", body)
        statuses[answered.status_code] += 1
        if answered.status_code in LATER:
            assert int(answered.headers["Retry-After"]) > 0
            return None
        assert answered.status_code == 200, answered.text
        (row,) = answered.json()["results"]
        assert (row["key"], row["outcome"]) == (f"RM{number:06}", "accepted")
        assert row["golden_id"]
        return str(row["key"])

    with ThreadPoolExecutor(callers) as pool:
        accepted = [key for key in pool.map(one, range(pushes)) if key]
    assert landed(writing) == recorded(writing) == Counter(accepted)
    batches = sa.select(sa.func.count()).select_from(tables.batch)
    assert writing.scalar(batches) == len(accepted)
    return statuses


def test_a_hundred_pushes_at_once_are_all_answered(push: Push, writing: Connection) -> None:
    statuses = push_at_once(push, writing, 100, 100)
    assert statuses[200] > 0


@pytest.fixture
def apart(settings: Settings) -> Iterator[tuple[str, int, psutil.Process]]:
    """Serve the API from a process of its own; give its address and the process."""
    command = [sys.executable, "-m", "hub.cli", "serve", "--port", "0", "--json"]
    outside = {name: said for name, said in os.environ.items() if not name.startswith("HUB_")}
    surroundings = outside | settings.environment()
    with subprocess.Popen(command, env=surroundings, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        place = httpx.URL(json.loads(process.stdout.readline())["address"])
        try:
            yield place.host, place.port or 80, psutil.Process(process.pid)
        finally:
            process.terminate()


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_ten_thousand_pushes_in_flight_are_all_answered(
    apart: tuple[str, int, psutil.Process], login: Login, writing: Connection
) -> None:
    host, port, process = apart
    tokens = [str(login("department", "property").headers["Authorization"]) for _ in range(5)]
    with open_files(12_000), memory(process) as most:
        answers = asyncio.run(flood(host, port, tokens, 10_000))
    assert len(answers) == 10_000
    assert set(answers.values()) <= {200, *LATER}
    accepted = [key for key, status in answers.items() if status == 200]
    assert accepted
    assert landed(writing) == recorded(writing) == Counter(accepted)
    batches = sa.select(sa.func.count()).select_from(tables.batch)
    assert writing.scalar(batches) == len(accepted)
    assert most[0] < 500 * MEGABYTE
    assert httpx.get(f"http://{host}:{port}/readyz").status_code == 200


@contextmanager
def open_files(many: int) -> Iterator[None]:
    """Let this process hold so many connections at once."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < many:
        pytest.skip(f"the system lets a process open {most} files, the test needs {many}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before, many), most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


async def flood(host: str, port: int, tokens: list[str], pushes: int) -> dict[str, int]:
    """Open all connections, then push one row on each; return the status by the row's key."""
    opening = asyncio.Semaphore(200)
    ready = asyncio.Barrier(pushes)

    async def one(number: int) -> tuple[str, int]:
        key = f"RM{number:06}"
        body = json.dumps([a_room(key, room_num=str(number))]).encode()
        async with opening:
            reading, writing = await asyncio.open_connection(host, port)
        await ready.wait()
        head = (
            f"POST {ROOMS} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
            f"Authorization: {tokens[number % len(tokens)]}\r\nIdempotency-Key: k-{number}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writing.write(head.encode() + body)
        answer = await reading.read()
        writing.close()
        status = int(answer.split(b" ", 2)[1])
        assert status == 200 or b"\nretry-after: " in answer.lower()
        return key, status

    return dict(await asyncio.gather(*map(one, range(pushes))))


def test_a_key_pushed_fifty_times_at_once_has_one_effect(push: Push, writing: Connection) -> None:
    body = json.dumps([a_room("RM1")]).encode()
    with ThreadPoolExecutor(50) as callers:
        answers = list(callers.map(lambda _: push("once", body), range(50)))
    assert {one.status_code for one in answers} <= {200, 409, *LATER}
    done = [one.json() for one in answers if one.status_code == 200]
    assert done
    assert all(one == done[0] for one in done)
    for other in answers:
        assert other.status_code == 200 or int(other.headers["Retry-After"]) > 0
    assert landed(writing) == recorded(writing) == {"RM1": 1}
    assert push("once", body).json() == done[0]


def test_one_row_pushed_fifty_times_at_once_is_one_record(push: Push, writing: Connection) -> None:
    body = json.dumps([a_room("RM1")]).encode()
    with ThreadPoolExecutor(50) as callers:
        answers = list(callers.map(lambda n: push(f"k-{n}", body), range(50)))
    assert {one.status_code for one in answers} <= {200, *LATER}
    outcomes = Counter(
        one.json()["results"][0]["outcome"] for one in answers if one.status_code == 200
    )
    assert outcomes["accepted"] == 1
    assert set(outcomes) <= {"accepted", "unchanged"}
    assert landed(writing) == recorded(writing) == {"RM1": 1}


def test_a_large_push_takes_little_memory(company: Client, writing: Connection) -> None:
    assert push_large(company, writing, 5) < 250 * MEGABYTE


@pytest.mark.long
def test_a_very_large_push_takes_little_memory(company: Client, writing: Connection) -> None:
    assert push_large(company, writing, 50) < 500 * MEGABYTE


def test_a_dead_database_is_told_with_when_to_come_again(
    settings: Settings, company: Client
) -> None:
    nowhere = SecretStr("postgresql://hub@127.0.0.1:1/hub")
    app = create_app(settings.model_copy(update={"database_url": nowhere}))
    with served(app) as address, Client(base_url=address, headers=company.headers) as client:
        body = {"json": [a_room("RM1")], "headers": {"Idempotency-Key": "k"}}
        for answered in (client.post(ROOMS, **body), client.get("/readyz")):
            assert answered.status_code == 503, answered.text
            assert int(answered.headers["Retry-After"]) > 0
            assert answered.headers["Content-Type"] == "application/problem+json"
            assert "RM1" not in answered.text
        assert client.get("/healthz").status_code == 200


def test_a_wrong_token_changes_nothing(company: Client, writing: Connection) -> None:
    token = company.headers["Authorization"]
    for wrong in (token[:-4] + "AAAA", "Bearer", "Bearer x.y.z", "Basic eDp5", ""):
        headers = {"Authorization": wrong, "Idempotency-Key": "k"}
        answered = company.post(ROOMS, json=[a_room("RM1")], headers=headers)
        assert answered.status_code == 401, wrong
        assert answered.headers["WWW-Authenticate"].startswith("Bearer")
    assert landed(writing) == {}


def test_what_is_not_json_is_refused_whole(company: Client, writing: Connection) -> None:
    room = json.dumps(a_room("RM1")).encode()
    for body in (b"[" + room, room + b"]", b"\xff\xfe", b"[" * 100_000, b"null", b'"rows"', b"1"):
        headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
        answered = company.post(ROOMS, content=body, headers=headers)
        assert answered.status_code == 400, body[:20]
        assert b"RM1" not in answered.content
    assert landed(writing) == {}
