"""`hub bench push`: one row handed over to the running API, linked and published when it answers.

A demo district is loaded through sync and resolve; then its departments push what has changed
since, row by row: alone, and with others at the same time. Beside it, in the same run: a round
trip that does nothing, and a bare transaction of one row.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import pandas as pd
import psutil
import psycopg2
import sqlalchemy as sa

from hub.cli.printing import table
from hub.config import Settings
from hub.database import engine
from hub.demo import Departments, District, changed_rows, district
from hub.postgres.place import Place
from hub.store.clients import add_client
from hub.store.migrations import migrate
from tests.bench.fresh import fresh_database
from tests.bench.sync import CHECKOUT, STAGES
from tests.bench.watched import watched

Watch = Callable[[object], None]

SERVE = [sys.executable, "-m", "hub.cli", "serve", "--port", "0", "--json"]
DATABASE = "pushed"
DATASETS = (
    ("property", "rooms"),
    ("property", "owners"),
    ("street_office", "residents"),
    ("street_office", "houses"),
    ("public_security", "residents"),
)
#: Pushes of each dataset: to warm up, to count statements, one after the other, at once.
WARM, COUNTED, ALONE, AT_ONCE = 5, 4, 40, 40
CLIENTS = 4
#: Days and share of rows after which enough has changed to push, in a district of any size.
DAYS, CHANGED = 5, 4_000


@dataclass(frozen=True)
class Push:
    """One row on its way to one dataset."""

    source: str
    dataset: str
    row: dict[str, str]


def measure(folder: Path, people: int, watch: Watch) -> dict[str, Any]:
    """Load a district, serve it, and push what changes in it, row by row."""
    # Under root the server's own account has to get in.
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    settings = fresh_database(folder, DATABASE)
    migrate(engine(settings))
    pushes = _loaded(folder, settings, people, watch)
    with engine(settings).begin() as connection:
        secret = add_client(connection, "bench", "admin")
        loaded = connection.scalar(sa.text("SELECT count(*) FROM landing"))
    engine(settings).dispose()
    with serving(settings, secret) as server:
        watch("warming up")
        _push_all(server, pushes["warm"], 1)
        watch("one after the other")
        alone = _measured(server, pushes["alone"], 1)
        watch(f"{CLIENTS} clients at once")
        at_once = _measured(server, pushes["at once"], CLIENTS)
        watch("statements")
        alone["statements"] = _statements(server, pushes["counted"])
        floors = {"round trip": _round_trips(server), "bare transaction": _bare(settings)}
    return {
        "people": people,
        "rows": loaded,
        "alone": alone,
        f"{CLIENTS} at once": at_once,
        "floors": floors,
    }


def _loaded(folder: Path, settings: Settings, people: int, watch: Watch) -> dict[str, list[Push]]:
    """Take a district in from its departments; return what they push afterwards, by purpose."""
    watch(f"a district of {people:,} people")
    shutil.rmtree(folder / "departments", ignore_errors=True)
    with Departments(folder / "departments", district(people)) as departments:
        watch("sync and resolve")
        said = settings.environment() | departments.environment()
        watched("the hub", STAGES, said, CHECKOUT)
        before = departments.state
    after = before.later(DAYS, min(0.3, max(0.01, CHANGED / (4 * people))))
    rows = [_changed(before, after, *names) for names in DATASETS]
    sizes = {"warm": WARM, "counted": COUNTED, "alone": ALONE, "at once": AT_ONCE}
    pushes: dict[str, list[Push]] = {}
    for purpose, size in sizes.items():
        parts = [[one.pop() for _ in range(min(size, len(one)))] for one in rows]
        pushes[purpose] = list(chain.from_iterable(zip(*parts, strict=False)))
    return pushes


def _changed(before: District, after: District, source: str, dataset: str) -> list[Push]:
    was, now = (_native(state, source, dataset) for state in (before, after))
    # Whole rows: a row that lacks a column would wait for a steward.
    rows = changed_rows(was, now).sample(frac=1, random_state=1).astype("str").to_dict("records")
    return [Push(source, dataset, {str(k): v for k, v in row.items()}) for row in rows]


def _native(state: District, source: str, dataset: str) -> pd.DataFrame:
    """Return rows as they are pushed: a resident's with the name of its sheet."""
    rows, view = state.rows(source, dataset), state.views[source]
    if (source, dataset) != ("street_office", "residents"):
        return rows
    assert view.layout is not None
    assert view.sheets is not None
    names = view.sheets["name"].to_numpy()[view.layout["cid"].to_numpy()]
    # What is a date in a workbook is a text in a push.
    texts = {str(name): column.str.removeprefix("@") for name, column in rows.items()}
    return pd.DataFrame(texts | {"@工作表": pd.Series(names, index=rows.index)})


@dataclass
class Server:
    """The API, running in a process of its own, and its database."""

    client: httpx.Client
    process: psutil.Process
    log: Path
    settings: Settings

    def push(self, one: Push) -> tuple[float, str]:
        """Push a row; return the seconds until the answer, and what became of the row."""
        path = f"/v1/sources/{one.source}/{one.dataset}/records"
        began = perf_counter()
        answered = self.client.post(path, json=[one.row], headers={"Idempotency-Key": uuid4().hex})
        seconds = perf_counter() - began
        assert answered.status_code == 200, answered.text
        (told,) = answered.json()["results"]
        return seconds, told["outcome"]

    def spent(self) -> np.ndarray:
        """Return the processor seconds of the API so far, and those of PostgreSQL's workers."""
        workers = [
            one
            for one in psutil.process_iter(["name", "cmdline"])
            if one.info["name"] == "postgres" and f" {DATABASE} " in " ".join(one.info["cmdline"])
        ]
        return np.array([_seconds([self.process]), _seconds(workers)])


def _seconds(processes: Sequence[psutil.Process]) -> float:
    found = 0.0
    for one in processes:
        times = one.cpu_times()
        found += times.user + times.system
    return found


@contextmanager
def serving(
    settings: Settings, secret: tuple[str, str], command: Sequence[str] = SERVE
) -> Iterator[Server]:
    """Run the API in a process of its own, and call it as this client."""
    with subprocess.Popen(
        command, cwd=CHECKOUT, env=settings.environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["address"]
        try:
            # It is bound and told before it listens.
            patient = httpx.HTTPTransport(retries=6)
            with httpx.Client(base_url=address, timeout=60, transport=patient) as client:
                form = {"grant_type": "client_credentials"}
                token = client.post("/oauth/token", data=form, auth=secret).json()["access_token"]
                client.headers["Authorization"] = f"Bearer {token}"
                log = Place(settings.home / "postgres").log
                yield Server(client, psutil.Process(process.pid), log, settings)
        finally:
            process.terminate()


def _push_all(server: Server, pushes: Sequence[Push], clients: int) -> list[tuple[float, str]]:
    with ThreadPoolExecutor(clients) as many:
        return list(many.map(server.push, pushes))


def _measured(server: Server, pushes: Sequence[Push], clients: int) -> dict[str, Any]:
    before, began = server.spent(), perf_counter()
    told = _push_all(server, pushes, clients)
    seconds, spent = perf_counter() - began, server.spent() - before
    frame = pd.DataFrame(told, columns=["seconds", "outcome"])
    frame["dataset"] = [f"{one.source} {one.dataset}" for one in pushes]
    api, database = spent / len(pushes) * 1_000
    return {
        "every": _percentiles(frame["seconds"])
        | {"api_cpu_ms": round(api, 1), "database_cpu_ms": round(database, 1)},
        "per_second": round(len(pushes) / seconds, 1),
        "outcomes": frame["outcome"].value_counts().to_dict(),
        "datasets": {
            str(name): _percentiles(part) for name, part in frame.groupby("dataset")["seconds"]
        },
    }


def _percentiles(seconds: pd.Series | Sequence[float]) -> dict[str, float]:
    marks = np.percentile(np.asarray(seconds) * 1_000, (50, 95, 99))
    return dict(zip(("p50_ms", "p95_ms", "p99_ms"), np.round(marks, 1).tolist(), strict=True))


def _statements(server: Server, pushes: Sequence[Push]) -> dict[str, float]:
    """Count the statements of pushes, dataset by dataset, as PostgreSQL logs them."""
    found: dict[str, list[int]] = {}
    with _logged(server.settings):
        for one in pushes:
            start = server.log.stat().st_size
            server.push(one)
            with server.log.open("rb") as log:
                log.seek(start)
                told = log.read().count(b"LOG:  statement:")
            found.setdefault(f"{one.source} {one.dataset}", []).append(told)
    return {name: round(float(np.mean(counts)), 1) for name, counts in found.items()}


@contextmanager
def _logged(settings: Settings) -> Iterator[None]:
    """Have PostgreSQL write down every statement for a while."""
    with engine(settings).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ALTER SYSTEM SET log_statement = 'all'"))
        connection.execute(sa.text("SELECT pg_reload_conf(), pg_sleep(0.5)"))
        try:
            yield
        finally:
            connection.execute(sa.text("ALTER SYSTEM RESET log_statement"))
            connection.execute(sa.text("SELECT pg_reload_conf()"))


def _round_trips(server: Server, count: int = 200) -> dict[str, float]:
    """Ask for what costs nothing."""

    def one() -> float:
        began = perf_counter()
        server.client.get("/healthz")
        return perf_counter() - began

    return _percentiles([one() for _ in range(count)])


def _bare(settings: Settings, count: int = 200) -> dict[str, float]:
    """Insert one row and commit, with nothing between us and PostgreSQL but its driver."""
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value().replace("+psycopg2", "")
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY, said text)")
        connection.commit()

        def one() -> float:
            began = perf_counter()
            cursor.execute("INSERT INTO bare (said) VALUES ('said') RETURNING id")
            connection.commit()
            return perf_counter() - began

        found = _percentiles([one() for _ in range(count)])
        cursor.execute("DROP TABLE bare")
        connection.commit()
    return found


def tables(said: dict[str, Any]) -> list[Any]:
    """Lay out what was measured."""
    names = ("p50_ms", "p95_ms", "p99_ms", "api_cpu_ms", "database_cpu_ms", "statements")
    lines: list[list[object]] = []
    for way in ("alone", f"{CLIENTS} at once"):
        run = said[way]
        counted = run.get("statements", {})
        parts = {"every row": run["every"], **run["datasets"]}
        lines += [
            [way, part, *({**found, "statements": counted.get(part, "")}.get(n, "") for n in names)]
            for part, found in parts.items()
        ]
    lines += [
        ["floor", part, *(found.get(name, "") for name in names)]
        for part, found in said["floors"].items()
    ]
    rates = {way: said[way]["per_second"] for way in ("alone", f"{CLIENTS} at once")}
    return [
        table(
            ("way", "rows of", *names), lines, f"{said['people']:,} people, {said['rows']:,} rows"
        ),
        f"pushes a second: {rates}",
    ]
