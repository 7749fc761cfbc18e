"""`hub bench console`: how large each page of the console is, and how long the server takes for it.

A demo district is loaded through sync and resolve and served by a process of its own; a worker and
a steward, logged in as people are, ask for every page again and again. Each page's HTML has to
stay below 100 KB, and 95 of 100 answers have to come within 200 ms.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
import numpy as np
import sqlalchemy as sa

from hub.cli.printing import table
from hub.config import Settings
from hub.database import engine
from hub.demo import Departments, district
from hub.store.bulk_reads import best_known_person
from hub.store.migrations import migrate
from hub.store.users import add_account, new_link, set_password
from tests.bench.fresh import fresh_database
from tests.bench.sync import CHECKOUT, STAGES
from tests.bench.watched import watched

Watch = Callable[[object], None]

SERVE = [sys.executable, "-m", "hub.cli", "serve", "--port", "0", "--json"]
PASSWORD = "a password for the bench"
#: Times that each page is asked for, after the first ones that do not count.
ASKED, WARM = 40, 3
MOST_BYTES, MOST_MS = 100_000, 200.0


@dataclass(frozen=True)
class Page:
    """One page: who asks for it, where it is, and the form that asks for it, if one does."""

    name: str
    role: str
    path: str
    form: dict[str, str] | None = None


def measure(folder: Path, people: int, watch: Watch) -> dict[str, Any]:
    """Load a district, serve it, and ask for every page."""
    # Under root the server's own account has to get in.
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    settings = fresh_database(folder, "shown")
    migrate(engine(settings))
    _load(folder, settings, people, watch)
    with engine(settings).begin() as connection:
        # What autovacuum does within a minute of a load; nobody measures that minute.
        connection.execute(sa.text("ANALYZE"))
        for role in ("worker", "steward"):
            account = add_account(connection, role, role)
            set_password(connection, new_link(connection, account), PASSWORD)
        pages = _pages(connection)
    engine(settings).dispose()
    with _visitors(settings) as visitors:
        said = [_measured(visitors[page.role], page, watch) for page in pages]
    return {"people": people, "pages": said, "passed": all(one["passed"] for one in said)}


def _load(folder: Path, settings: Settings, people: int, watch: Watch) -> None:
    watch(f"a district of {people:,} people")
    shutil.rmtree(folder / "departments", ignore_errors=True)
    with Departments(folder / "departments", district(people)) as departments:
        watch("sync and resolve")
        surroundings = settings.environment() | departments.environment()
        watched("the hub", STAGES, surroundings, CHECKOUT)


def _pages(connection: sa.Connection) -> list[Page]:
    """Return every sort of page, each of what the most is known of."""
    person = f"/console/persons/{best_known_person(connection)}"
    name, grid, house = connection.execute(sa.text(_EXAMPLES)).one()
    whole, desk = f"/console/map/{grid}", "/console/desk"
    pair, broken = connection.execute(sa.text(_WAITING)).one()
    return [
        Page("home, my grid today", "worker", "/console"),
        Page("home", "steward", "/console"),
        Page("search", "worker", "/console/search", {"q": name}),
        Page("person", "worker", person),
        Page("why", "worker", f"{person}/why/person_name"),
        Page("history", "worker", f"{person}/history"),
        Page("enter", "worker", f"{person}/enter"),
        Page("deliveries", "worker", f"{person}/deliveries"),
        Page("home of many", "worker", f"/console/houses/{house}"),
        Page("new person", "worker", "/console/new/person"),
        Page("map and grids", "worker", "/console/map"),
        Page("one grid", "worker", whole),
        Page("people of a grid", "worker", f"{whole}/people"),
        Page("not visited", "worker", "/console/today/unvisited"),
        Page("purpose", "worker", "/console/purpose"),
        Page("components", "steward", "/console/components"),
        Page("desk", "steward", desk),
        *(Page(f"desk: {name}", "steward", f"{desk}/{name}") for name in LISTS),
        # A district of a hundred people may have none of these.
        *([Page("desk: one match", "steward", f"{desk}/matches/{pair}")] if pair else []),
        *(
            [Page("desk: one in quarantine", "steward", f"{desk}/quarantine/{broken}")]
            if broken
            else []
        ),
    ]


#: The lists of the desk.
LISTS = (
    *("runs", "runs/batches", "holds", "quarantine", "signals", "quality", "catalogue", "matches"),
    *("judgements", "conflicts", "corrections", "sharing", "grants", "requests", "deliveries"),
)


# A pair that waits for a word, and what broke a rule last.
_WAITING = """
SELECT (SELECT left_id || '-' || right_id FROM match WHERE review IS NOT NULL
        ORDER BY weight DESC LIMIT 1),
    (SELECT max(quarantine_id) FROM quarantine)
"""
# The commonest name, the grid of the most people, the home that the most people share.
_EXAMPLES = """
SELECT mode() WITHIN GROUP (ORDER BY person_name), mode() WITHIN GROUP (ORDER BY grid_code),
    (SELECT entity_id FROM golden_house WHERE retired_at IS NULL
        ORDER BY resident_count DESC NULLS LAST, entity_id LIMIT 1)
FROM golden_person WHERE retired_at IS NULL
"""


@contextmanager
def _visitors(settings: Settings) -> Iterator[dict[str, httpx.Client]]:
    """Serve the hub, and log people in."""
    surroundings = settings.environment()
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                SERVE, cwd=CHECKOUT, env=surroundings, stdout=subprocess.PIPE, text=True
            )
        )
        stack.callback(process.terminate)
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["address"]
        visitors = {}
        for role in ("worker", "steward"):
            client = httpx.Client(
                base_url=address,
                timeout=60,
                headers={"Accept": "text/html"},
                # The address is told before the server listens.
                transport=httpx.HTTPTransport(retries=6),
            )
            visitors[role] = stack.enter_context(client)
            answered = client.post("/login", data={"name": role, "password": PASSWORD})
            assert answered.status_code == 303, answered.status_code
        yield visitors


def _measured(client: httpx.Client, page: Page, watch: Watch) -> dict[str, Any]:
    watch(page.name)
    form = page.form
    if form is not None:
        token = re.findall('name="form_token" value="([^"]+)"', client.get("/console").text)[0]
        form = {**form, "form_token": token}

    def ask() -> tuple[float, int]:
        began = perf_counter()
        answered = client.get(page.path) if form is None else client.post(page.path, data=form)
        seconds = perf_counter() - began
        assert answered.status_code == 200, (page.name, answered.status_code)
        return seconds, len(answered.content)

    asked = [ask() for _ in range(WARM + ASKED)][WARM:]
    size = max(length for _, length in asked)
    middle, late = np.percentile([seconds * 1_000 for seconds, _ in asked], (50, 95))
    return {
        "page": page.name,
        "role": page.role,
        "bytes": size,
        "p50_ms": round(float(middle), 1),
        "p95_ms": round(float(late), 1),
        "passed": bool(size <= MOST_BYTES and late <= MOST_MS),
    }


def tables(said: dict[str, Any]) -> list[Any]:
    """Lay out what was measured."""
    names = ("page", "role", "bytes", "p50_ms", "p95_ms")
    lines = [
        [*(one[name] for name in names), "yes" if one["passed"] else "NO"] for one in said["pages"]
    ]
    allowed = f"at most {MOST_BYTES // 1_000} KB and {MOST_MS:.0f} ms (p95)"
    verdict = "passed" if said["passed"] else "NOT passed"
    return [
        table((*names, "passed"), lines, f"{said['people']:,} people; {allowed}"),
        f"pages: {verdict}",
    ]
