"""`hub bench read`: one golden person by id, with grant, mask and audit, and beside it without.

A department reads residents of one street, ten fields masked, every reading in the audit before it
is answered. Beside it, taking turns in the same run: the same API with all that off
(`tests.bench.unguarded`), and PostGraphile 4 on the bare row. The callers are one and eight.
Nobody is answered before the entry is on disk: how long that takes at least is the floor, an entry
written to a file that was made before, with nothing else in between. It is written while
PostgreSQL reads, and so need not add to the time of a reading unguarded.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import psutil
import sqlalchemy as sa

from hub.cli.printing import table
from hub.config import Settings
from hub.database import engine
from hub.demo import Departments, district
from hub.jobs.resolve import resolve
from hub.jobs.sync import sync
from hub.store.areas import Area
from hub.store.clients import add_client
from hub.store.default_grants import Grant
from hub.store.grants import issue
from hub.store.masks import MASKABLE
from hub.store.migrations import migrate
from schemas import MODELS, fields
from tests.bench import graphql
from tests.bench.deliver import _sources
from tests.bench.fresh import fresh_database
from tests.bench.push import SERVE, Watch, serving

#: What is measured unless something else is asked for.
DEFAULTS = {"people": 2_000}

DATABASE = "read"
UNGUARDED = [sys.executable, "-m", "tests.bench.unguarded", *SERVE[3:]]
WAYS = ("on", "off", "postgraphile")
CLIENTS = (1, 8)
#: How often each way has its turn, with how many reads; before that, reads to warm up.
ROUNDS, READS, WARM = 6, 240, 240

_RESIDENTS = """
SELECT entity_id, left(community_code, 9) FROM golden_person
WHERE retired_at IS NULL AND left(community_code, 9) = (
    SELECT left(community_code, 9) FROM golden_person WHERE community_code IS NOT NULL
    GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)
ORDER BY entity_id LIMIT 500
"""
#: The rows alone, in a schema of their own: PostGraphile takes two tables of the hub for one.
_BARE = """
CREATE SCHEMA bare;
CREATE TABLE bare.person AS TABLE golden_person;
ALTER TABLE bare.person ADD PRIMARY KEY (entity_id);
"""


@dataclass
class Way:
    """One way to read a record: where, by which requests, and how it fared."""

    address: str
    process: psutil.Process
    requests: Sequence[bytes]
    #: By number of callers: seconds of each reading, seconds altogether, processor seconds.
    seconds: dict[int, list[float]] = field(default_factory=dict)
    spans: dict[int, float] = field(default_factory=dict)
    spent: dict[int, np.ndarray] = field(default_factory=dict)

    def read(self, clients: int, reads: int) -> None:
        """Have so many callers read at once, each on a connection of its own, and note it."""
        before, began = _spent(self.process), perf_counter()
        with ThreadPoolExecutor(clients) as many:
            shares = many.map(self._read, [reads // clients] * clients, range(clients))
            found = [seconds for share in shares for seconds in share]
        self.spans[clients] = self.spans.get(clients, 0.0) + perf_counter() - began
        self.spent[clients] = self.spent.get(clients, 0) + _spent(self.process) - before
        self.seconds.setdefault(clients, []).extend(found)

    def forget(self) -> None:
        """Count anew."""
        for noted in (self.seconds, self.spans, self.spent):
            noted.clear()

    def _read(self, reads: int, first: int) -> list[float]:
        place = urlsplit(self.address)
        assert place.hostname is not None
        assert place.port is not None
        start = first * len(self.requests) // max(CLIENTS)
        chosen = islice(cycle(self.requests), start, start + reads)
        with closing(socket.create_connection((place.hostname, place.port))) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return [_answered(line, request)[0] for request in chosen]

    def once(self, number: int) -> dict[str, Any]:
        """Return what one request is answered with."""
        place = urlsplit(self.address)
        with closing(socket.create_connection((str(place.hostname), place.port or 0))) as line:
            said: dict[str, Any] = json.loads(_answered(line, self.requests[number])[1])
        return said


def measure(folder: Path, people: int, watch: Watch) -> dict[str, Any]:
    """Load a district, serve it in three ways, and read residents by each in turn."""
    # Under root the server's own account has to get in.
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    watch("PostGraphile")
    graphql.install(folder / "postgraphile")
    settings = fresh_database(folder, DATABASE)
    migrate(engine(settings))
    _load(folder, settings, people, watch)
    secret, residents = _granted(settings)
    with ExitStack() as running:
        watch("starting")
        ways = _ways(running, folder, settings, secret, residents)
        shown = _checked(ways)
        for name, way in ways.items():
            watch(f"warming up: {name}")
            for clients in CLIENTS:
                way.read(clients, WARM)
            way.forget()
        for turn in range(ROUNDS):
            watch(f"round {turn + 1} of {ROUNDS}")
            for clients in CLIENTS:
                for way in ways.values():
                    way.read(clients, READS)
        watch("floor")
        floor = _floor(settings, folder)
    told = _told_of(settings, secret[0])
    engine(settings).dispose()
    figures = {name: _figures(way) for name, way in ways.items()}
    return {
        "people": people,
        "fields": shown,
        "reads": ROUNDS * READS * len(CLIENTS),
        "audited": told,
        "floor": floor,
        **figures,
        "ratios": _ratios(figures),
    }


def _load(folder: Path, settings: Settings, people: int, watch: Watch) -> None:
    watch(f"a district of {people:,} people")
    shutil.rmtree(folder / "departments", ignore_errors=True)
    with Departments(folder / "departments", district(people)) as departments:
        made = settings.model_copy(update={"sources": _sources(departments)})
        watch("sync and resolve")
        sync(made)
        resolve(made)
    engine(made).dispose()


def _granted(settings: Settings) -> tuple[tuple[str, str], list[str]]:
    """Let a department in and grant it the residents of one street, names and numbers masked."""
    names = frozenset(s.name for s in fields(MODELS["person"]) if s.sharing != "restricted")
    now = datetime.now(UTC)
    with engine(settings).begin() as connection:
        found = connection.execute(sa.text(_RESIDENTS)).all()
        secret = add_client(connection, "bench", "department", "urban_management")
        grant = Grant(
            "person",
            names,
            frozenset({"care"}),
            masked=names & MASKABLE,
            area=Area(streets=(found[0][1],)),
            since=now - timedelta(days=1),
            until=now + timedelta(days=1),
        )
        issue(connection, 1, secret[0], "service", [grant])
        connection.execute(sa.text(_BARE))
        connection.execute(sa.text("ANALYZE"))
    return secret, [row[0] for row in found]


def _ways(
    running: ExitStack,
    folder: Path,
    settings: Settings,
    secret: tuple[str, str],
    residents: Sequence[str],
) -> dict[str, Way]:
    """Start what is measured, each in a process of its own."""
    ways: dict[str, Way] = {}
    for name, command in (("on", SERVE), ("off", UNGUARDED)):
        server = running.enter_context(serving(settings, secret, command))
        said = {"Hub-Purpose": "care", "Authorization": server.client.headers["Authorization"]}
        requests = [_request("GET", f"/v1/persons/{one}", said) for one in residents]
        ways[name] = Way(str(server.client.base_url), server.process, requests)
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value().replace("+psycopg2", "")
    beside = running.enter_context(graphql.serving(folder / "postgraphile", url, "bare"))
    columns = " ".join(beside.columns("Person"))
    query = f"query($id: String!) {{ personByEntityId(entityId: $id) {{ {columns} }} }}"
    bodies = (json.dumps({"query": query, "variables": {"id": one}}) for one in residents)
    requests = [_request("POST", "/graphql", {}, body) for body in bodies]
    return ways | {"postgraphile": Way(beside.address, beside.process, requests)}


def _request(method: str, path: str, headers: Mapping[str, str], body: str = "") -> bytes:
    said = {"Host": "127.0.0.1", "Accept": "application/json", **headers}
    if body:
        said |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("ascii")


def _answered(line: socket.socket, request: bytes) -> tuple[float, bytes]:
    """Send a request; return the seconds until its answer was complete, and the answer."""
    began = perf_counter()
    line.sendall(request)
    with closing(http.client.HTTPResponse(line)) as answer:
        answer.begin()
        body = answer.read()
    seconds = perf_counter() - began
    assert answer.status == 200, body
    return seconds, body


def _checked(ways: Mapping[str, Way]) -> dict[str, int]:
    """See that all three show the same person, the first one masked; count what they show."""
    on, off = ways["on"].once(0), ways["off"].once(0)
    row = ways["postgraphile"].once(0)["data"]["personByEntityId"]
    assert on["id"] == off["id"] == row["entityId"]
    assert off["fields"]["person_name"] == row["personName"]
    assert on["fields"]["person_name"].endswith("*")
    assert "masked" in on["marks"].values()
    assert "masked" not in off["marks"].values()
    return {"on": len(on["fields"]), "off": len(off["fields"]), "postgraphile": len(row)}


def _floor(settings: Settings, folder: Path) -> dict[str, float]:
    """Have an entry like those of the audit on disk, with nothing between us and the file."""
    with engine(settings).connect() as connection:
        query = sa.text("SELECT to_json(audit)::text FROM audit ORDER BY at DESC LIMIT 1")
        entry = str(connection.scalar(query)).encode()
    seconds, path = [], folder / "floor"
    path.write_bytes(bytes(READS * len(entry)))
    with open(os.open(path, os.O_WRONLY | os.O_DSYNC), "wb", buffering=0) as file:
        os.fsync(file.fileno())
        for turn in range(READS):
            began = perf_counter()
            os.pwrite(file.fileno(), entry, turn * len(entry))
            seconds.append(perf_counter() - began)
    p50, p95 = np.percentile(np.asarray(seconds) * 1_000, (50, 95))
    return {"p50_ms": round(float(p50), 2), "p95_ms": round(float(p95), 2)}


def _told_of(settings: Settings, client_id: str) -> int:
    with engine(settings).connect() as connection:
        query = sa.text("SELECT count(*) FROM audit WHERE caller = :who AND action = 'read'")
        return int(connection.scalar(query, {"who": client_id}) or 0)


def _spent(process: psutil.Process) -> np.ndarray:
    """Return the processor seconds so far of a server and of PostgreSQL's workers."""
    # PostGraphile works in a child.
    servers = [process, *process.children(recursive=True)]
    return np.array([_seconds(servers), _seconds(_workers())])


def _workers() -> Iterator[psutil.Process]:
    for one in psutil.process_iter(["name", "cmdline"]):
        if one.info["name"] == "postgres" and f" {DATABASE} " in " ".join(
            one.info["cmdline"] or ()
        ):
            yield one


def _seconds(processes: Iterable[psutil.Process]) -> float:
    found = 0.0
    for one in processes:
        with suppress(psutil.NoSuchProcess):
            found += sum(one.cpu_times()[:2])
    return found


def _figures(way: Way) -> dict[str, dict[str, float]]:
    found = {}
    for clients in CLIENTS:
        seconds = np.asarray(way.seconds[clients])
        p50, p95 = np.percentile(seconds * 1_000, (50, 95))
        server, database = way.spent[clients] / len(seconds) * 1_000
        found[_named(clients)] = {
            "p50_ms": round(float(p50), 2),
            "p95_ms": round(float(p95), 2),
            "per_second": round(len(seconds) / way.spans[clients], 1),
            "server_cpu_ms": round(float(server), 2),
            "database_cpu_ms": round(float(database), 2),
        }
    return found


def _named(clients: int) -> str:
    return "1 client" if clients == 1 else f"{clients} clients"


def _ratios(figures: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Tell how much dearer reading guarded is than each other way: below 1 it is cheaper."""
    found: dict[str, dict[str, float]] = {}
    for clients in map(_named, CLIENTS):
        on = figures["on"][clients]
        for other in WAYS[1:]:
            beside = figures[other][clients]
            found[f"on / {other}, {clients}"] = {
                "p50": round(on["p50_ms"] / beside["p50_ms"], 2),
                "p95": round(on["p95_ms"] / beside["p95_ms"], 2),
                "time": round(beside["per_second"] / on["per_second"], 2),
                "cpu": round(_cpu(on) / _cpu(beside), 2),
            }
    return found


def _cpu(found: Mapping[str, float]) -> float:
    return found["server_cpu_ms"] + found["database_cpu_ms"]


def tables(said: dict[str, Any]) -> list[Any]:
    """Lay out what was measured."""
    names = ("p50_ms", "p95_ms", "per_second", "server_cpu_ms", "database_cpu_ms")
    lines = [
        [way, clients, *(said[way][clients][name] for name in names)]
        for clients in map(_named, CLIENTS)
        for way in WAYS
    ]
    lines.append(
        ["an entry on disk", "1 client", *said["floor"].values(), *[""] * (len(names) - 2)]
    )
    ratios = [[name, *found.values()] for name, found in said["ratios"].items()]
    return [
        table(("way", "callers", *names), lines, f"one person by id, {said['people']:,} people"),
        table(("ratio", "p50", "p95", "time", "cpu"), ratios, "target: on / off at most 1.5"),
    ]
