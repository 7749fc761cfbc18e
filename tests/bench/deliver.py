"""`hub bench deliver`: from a worker's PATCH to four departments that have it; and the feed.

A demo district is loaded; a worker changes telephones of residents whom all four departments hold,
while `hub deliver --follow` runs. Beside it: changes through outbox, numbering and API, and a bare
INSERT of the same rows.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import Any
from uuid import uuid4

import numpy as np
import sqlalchemy as sa
from sqlalchemy import Engine

from hub.cli.printing import table
from hub.config import Settings
from hub.database import engine
from hub.demo import Departments, district
from hub.jobs.resolve import resolve
from hub.jobs.sync import sync
from hub.store import feed
from hub.store.clients import add_client
from hub.store.migrations import migrate
from tests.bench.fresh import fresh_database
from tests.bench.push import Server, Watch, serving

#: What is measured unless something else is asked for.
DEFAULTS = {"people": 2_000}

DATABASE = "delivered"
CHECKOUT = Path(__file__).parents[2]
FOLLOW = [sys.executable, "-m", "hub.cli", "deliver", "--follow"]
#: Changes entered, to warm up and to measure; rows of the feed, and how many a transaction.
WARM, ENTERED, ROWS, AT_ONCE = 3, 100, 20_000, 100
PATIENCE = 300.0

_HELD_BY_ALL = """
SELECT l.entity_id FROM link l JOIN record_person r USING (record_id)
WHERE r.withdrawn_at IS NULL GROUP BY l.entity_id
HAVING count(DISTINCT r.source) = 4 AND count(r.contact_phone) = count(*)
ORDER BY l.entity_id LIMIT :most
"""
_WAITING = """
SELECT count(*) FROM delivery WHERE state IN ('queued', 'sent') AND handed_at IS NULL
"""
_LATENCIES = """
SELECT extract(epoch FROM max(d.handed_at) - min(e.at)), min(e.at), max(d.handed_at), count(*)
FROM delivery d JOIN entry e ON e.entry_id = CAST(d.cause ->> 'entry_id' AS bigint)
GROUP BY e.entry_id ORDER BY e.entry_id
"""


def measure(folder: Path, people: int, watch: Watch) -> dict[str, Any]:
    """Load a district, change it, and see the changes arrive; then fill and read the feed."""
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    settings = fresh_database(folder, DATABASE)
    migrate(engine(settings))
    shutil.rmtree(folder / "departments", ignore_errors=True)
    watch(f"a district of {people:,} people")
    with Departments(folder / "departments", district(people)) as departments:
        settings = settings.model_copy(update={"sources": _sources(departments)})
        watch("sync and resolve")
        sync(settings)
        resolve(settings)
        with engine(settings).begin() as connection:
            secret = add_client(connection, "bench", "admin")
        with serving(settings, secret) as server, _following(settings):
            watch("from PATCH to four departments")
            entered = _entered(server, engine(settings))
            watch("feed")
            followed = _fed(server, engine(settings))
    engine(settings).dispose()
    return {"people": people, "entered": entered, "feed": followed}


def _sources(departments: Departments) -> dict[str, dict[str, str]]:
    said: dict[str, dict[str, str]] = {}
    for name, value in departments.environment().items():
        _, source, setting = name.lower().split("__")
        said.setdefault(source, {})[setting] = value
    return said


@contextmanager
def _following(settings: Settings) -> Iterator[None]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(FOLLOW, cwd=CHECKOUT, env=settings.environment(), **quiet) as process:
        try:
            yield
        finally:
            process.terminate()


def _entered(server: Server, database: Engine) -> dict[str, Any]:
    """Change telephones one after the other; wait until everybody has them."""
    with database.connect() as connection:
        people = list(connection.scalars(sa.text(_HELD_BY_ALL), {"most": WARM + ENTERED}))
    seconds = []
    for number, person in enumerate(people):
        began = perf_counter()
        headers = {"Idempotency-Key": uuid4().hex, "If-Match": "*", "Hub-Purpose": "steward"}
        body = {"fields": {"contact_phone": f"1399701{number:04}"}}
        answered = server.client.patch(f"/v1/persons/{person}", json=body, headers=headers)
        answered.raise_for_status()
        seconds.append(perf_counter() - began)
        if number == WARM - 1:
            _until_all_have(database)
    _until_all_have(database)
    with database.connect() as connection:
        rows = connection.execute(sa.text(_LATENCIES)).all()[WARM:]
    span = (max(row[2] for row in rows) - min(row[1] for row in rows)).total_seconds()
    return {
        "changes": len(rows),
        "deliveries": sum(row[3] for row in rows),
        "per_second": round(len(rows) / span, 1),
        "patch_ms": _percentiles(seconds[WARM:]),
        "patch_to_all_ms": _percentiles([float(row[0]) for row in rows]),
    }


def _until_all_have(database: Engine) -> None:
    end = perf_counter() + PATIENCE
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.scalar(sa.text(_WAITING)):
            assert perf_counter() < end, "the departments have not got what was sent"
            sleep(0.05)


def _percentiles(seconds: list[float]) -> dict[str, float]:
    marks = np.percentile(np.asarray(seconds) * 1_000, (50, 95))
    return dict(zip(("p50", "p95"), np.round(marks, 1).tolist(), strict=True))


_ROW = """
INSERT INTO {into} (record_type, entity_id, version, change, fields, cause)
SELECT 'grid', 'G' || lpad(n::text, 32, '0'), 1, 'updated', '{{grid_name}}', '{{}}'
FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n
"""


def _fed(server: Server, database: Engine) -> dict[str, Any]:
    """Write changes through the outbox, read them over HTTP; write the same rows to a bare table."""
    cursor = _last_cursor(server)
    with database.begin() as connection:
        connection.execute(sa.text("CREATE TABLE bare (LIKE change)"))
        for name in ("epoch", "seq", "at"):
            connection.execute(sa.text(f"ALTER TABLE bare ALTER {name} DROP NOT NULL"))
        # As the feed has it: bare rows are found again by their number as well.
        connection.execute(sa.text("ALTER TABLE bare ADD id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY"))  # fmt: skip
    bare = _written(database, "bare", numbered=False)
    fed = _written(database, "outbox", numbered=True)
    with database.begin() as connection:
        connection.execute(sa.text("DROP TABLE bare"))
    began, read = perf_counter(), 0
    while read < ROWS:
        said = {"cursor": cursor, "limit": 1_000, "collection": "grids"}
        page = server.client.get("/v1/changes", params=said).json()
        read, cursor = read + len(page["items"]), page["next"]
    seconds = perf_counter() - began
    return {
        "rows": ROWS,
        "rows_a_transaction": AT_ONCE,
        "bare_insert_per_second": round(ROWS / bare),
        "numbered_per_second": round(ROWS / fed),
        "part_of_bare": round(bare / fed, 2),
        "read_per_second": round(ROWS / seconds),
    }


def _last_cursor(server: Server) -> str:
    cursor = None
    while True:
        said = {"limit": 1_000, **({"cursor": cursor} if cursor else {})}
        page = server.client.get("/v1/changes", params=said).json()
        cursor = str(page["next"])
        if not page["items"]:
            return cursor


def _written(database: Engine, into: str, *, numbered: bool) -> float:
    began = perf_counter()
    for first in range(1, ROWS, AT_ONCE):
        with database.begin() as connection:
            last = first + AT_ONCE - 1
            statement = sa.text(_ROW.format(into=into))
            connection.execute(statement, {"first": first, "last": last})
        if numbered:
            with database.begin() as connection:
                feed.number_changes(connection)
    return perf_counter() - began


def tables(said: dict[str, Any]) -> list[Any]:
    """Lay out what was measured."""
    entered, followed = said["entered"], said["feed"]
    lines = [
        ["the PATCH itself, ms", *entered["patch_ms"].values()],
        ["PATCH to four departments, ms", *entered["patch_to_all_ms"].values()],
    ]
    title = f"{entered['changes']} changes, {entered['deliveries']} deliveries"
    return [
        table(("way", "p50", "p95"), lines, f"{title}, {said['people']:,} people"),
        f"changes a second, from PATCH to all four: {entered['per_second']}",
        table(("feed", "figure"), followed.items()),
    ]
