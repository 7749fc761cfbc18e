"""The desk's first page: what there is to do today, in numbers that lead to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import Request
from sqlalchemy import Connection
from starlette.responses import Response

from connectors import CONNECTORS
from hub.jobs.resolve import CHINA
from hub.store import desk_reads as store
from hub.store.runs import last_runs
from hub.store.visible import SourcesView
from hub.web.console.desk.labels import number
from hub.web.console.desk.places import DESK, desk_page, need_steward
from hub.web.console.navigation import DESK_HOME
from hub.web.console.pages import words
from hub.web.console.visiting import Reading
from hub.web.console.words import Words
from hub.web.routes import router

routes = router("console")


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of thing that waits for stewards: its name, the page of it, and how many there are."""

    name: str
    count: Callable[[Connection, date], int]
    #: Whether the number is bad in itself, or only work.
    urgent: bool = False
    #: What part of the page it is about.
    part: str = ""

    @property
    def path(self) -> str | None:
        """Return the page that it is done on, if the desk has that."""
        path = f"{DESK_HOME}/{self.name}"
        return path + self.part if path in {place.path for place in DESK} else None


def failed_sources(connection: Connection, _: date) -> int:
    """Count the sources whose last reading failed."""
    found = last_runs(connection, SourcesView(every=True, own=None), list(CONNECTORS))
    return sum(run.state == "failed" for run in found.values())


#: In the order in which they are shown; texts are `desk.todo.<name>` and `desk.todo.<name>.hint`.
TASKS = (
    Task("runs", failed_sources, urgent=True),
    Task("holds", store.held_batches, urgent=True),
    Task("deliveries", store.dead_deliveries, urgent=True),
    Task("sharing", store.shares_due, urgent=True),
    Task("requests", store.requests_due, urgent=True),
    Task("corrections", store.corrections_due, urgent=True),
    Task("signals", store.open_signals),
    Task("matches", store.matches_to_judge),
    Task("quarantine", store.open_quarantine, part="?fate=unused"),
    Task("conflicts", store.conflicting_values),
)


@routes.get(DESK_HOME, operation_id="show_desk", include_in_schema=False)
def home(request: Request, access: Reading) -> Response:
    """Show what there is to do today."""
    need_steward(access)
    today = datetime.now(CHINA).date()
    with access.transaction() as connection:
        counts = [(task, task.count(connection, today)) for task in TASKS]
    t = words(request)
    return desk_page(
        request,
        "desk/home.html",
        waiting=[_row(t, task, count) for task, count in counts if count],
        done=[_row(t, task, count) for task, count in counts if not count],
    )


def _row(t: Words, task: Task, count: int) -> tuple[str, str, str, str | None, bool]:
    """Return what the list of things to do shows of a task."""
    key = "desk.todo." + task.name
    return number(count), t(key), t(key + ".hint"), task.path, task.urgent and count > 0
