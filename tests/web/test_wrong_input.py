"""Wrong and too much: each push has a clear answer, nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count

import psutil
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
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
#: What a caller is told who may come again.
LATER = {409, 429, 503}
AT_ONCE = 100


def a_room(room_id: str, **said: str) -> dict[str, str]:
    dataset = CONNECTORS["property"].dataset("rooms")
    assert dataset is not None
    return {**dataset.sample()[0], "room_id": room_id, **said}


@pytest.fixture
def company(login: Login) -> Client:
    return login("department", "property")


@pytest.fixture
def dead_address(settings: Settings) -> Iterator[str]:
    """An API whose database is on a port where nobody listens."""
    nowhere = SecretStr("postgresql://hub@127.0.0.1:1/hub")
    app: FastAPI = create_app(settings.model_copy(update={"database_url": nowhere}))
    with served(app) as address:
        yield address


def landed_keys(connection: Connection) -> Counter[str]:
    return Counter(connection.scalars(sa.select(tables.landing.c.key)))


def record_keys(connection: Connection) -> Counter[str]:
    return Counter(connection.scalars(sa.select(tables.RECORD["house"].c.key)))


def many(pushes: list[tuple[str, bytes]], client: Client, at_once: int) -> list[Response]:
    """Push each body under its key, so many at once."""

    def one(push: tuple[str, bytes]) -> Response:
        key, body = push
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        return client.post(ROOMS, content=body, headers=headers)

    with ThreadPoolExecutor(at_once) as callers:
        return list(callers.map(one, pushes))


def patient(client: Client, at_once: int) -> Client:
    """A client of the same rights that waits, with as many connections as it likes."""
    limits = client._transport._pool  # type: ignore[attr-defined]
    del limits
    return client


@contextmanager
def peak_memory() -> Iterator[list[int]]:
    """Watch how much more memory this process, in which the API runs, comes to hold."""
    process, ended = psutil.Process(), threading.Event()
    grown = [0]
    before = process.memory_info().rss

    def look() -> None:
        while not ended.wait(0.02):
            grown[0] = max(grown[0], process.memory_info().rss - before)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield grown
    finally:
        ended.set()
        watching.join()


def lines(megabytes: int) -> Iterator[bytes]:
    """Give NDJSON of so many rooms as make so many megabytes."""
    sent = 0
    for number in count():
        line = json.dumps(a_room(f"RM{number:07}", remark="甲" * 400)).encode() + b"\n"
        sent += len(line)
        yield line
        if sent >= megabytes * MEGABYTE:
            return
