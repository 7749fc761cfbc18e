"""Runs: how fresh each source's datasets are, what they usually bring, and what failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from connectors import CONNECTORS
from hub.config import Settings
from hub.connector import Connector
from hub.store.regularity import Regularity, regularities
from hub.store.runs import Run, get_run, last_runs, list_runs
from hub.store.source_reads import get_batch
from hub.store.visible import visible_sources
from hub.web.asked import Number
from hub.web.console import shown
from hub.web.console.desk.flaws import told_failure
from hub.web.console.desk.labels import STATES, dataset_title, lasting, number
from hub.web.console.desk.places import desk_page
from hub.web.console.navigation import DESK_HOME
from hub.web.console.pages import words
from hub.web.console.visiting import Reading
from hub.web.console.words import Words
from hub.web.routes import router

routes = router("console")
PATH = f"{DESK_HOME}/runs"
#: The newest readings that are listed.
NEWEST = 20
#: Without an agreed time a dataset is late after so many of its usual ones, and not within a day.
_PATIENCE, _DAY = 3, 86_400.0
#: A snapshot is unusual that brings less than one half of what is usual, or more than twice that.
_FEW, _TWICE = 20, 2.0


@routes.get(PATH, operation_id="show_runs", include_in_schema=False)
def runs(request: Request, access: Reading) -> Response:
    """Show how the sources are, and when they were read lately."""
    t, view, settings = words(request), visible_sources(access.caller), access.hub.settings
    seen = {name: one for name, one in CONNECTORS.items() if view.includes(name)}
    datasets = [(name, each.name) for name, one in seen.items() for each in one.datasets]
    with access.transaction() as connection:
        regular = regularities(connection, datasets)
        last = last_runs(connection, view, list(seen))
        newest = list_runs(connection, view, limit=NEWEST)
    sources = [
        _source(t, settings, one, last.get(name), regular)
        for name, one in seen.items()
        if one.has_system or _has_come(one, regular)
    ]
    told = [told_run(t, settings, run) for run in newest]
    return desk_page(request, "desk/runs.html", sources=sources, newest=told)


def _has_come(connector: Connector, regular: Mapping[tuple[str, str], Regularity]) -> bool:
    return any(regular[connector.name, one.name].batch_id for one in connector.datasets)


def _source(
    t: Words,
    settings: Settings,
    connector: Connector,
    last: Run | None,
    regular: Mapping[tuple[str, str], Regularity],
) -> dict[str, Any]:
    said = connector.settings_from(settings.sources.get(connector.name, {}))
    agreed = said.expected_hours * 3_600 if said and said.expected_hours else None
    return {
        "name": connector.name,
        "title": t.title(connector.title),
        "connected": said is not None,
        "has_system": connector.has_system,
        "run": told_run(t, settings, last) if last else None,
        "datasets": [
            told_dataset(
                t,
                t.title(one.title),
                agreed,
                regular[connector.name, one.name],
                comes=connector.has_system,
            )
            for one in connector.datasets
            # What people might enter one day is no news.
            if connector.has_system or regular[connector.name, one.name].batch_id
        ],
    }


def told_dataset(
    t: Words, title: str, agreed: float | None, one: Regularity, *, comes: bool
) -> dict[str, Any]:
    """Return a dataset's last batch beside what is usual; what people enter has no interval."""
    expected = agreed or one.usual_gap if comes else None
    return {
        "name": one.dataset,
        "title": title,
        "batch_id": one.batch_id,
        "at": shown.moment(one.received_at),
        "age": lasting(t, one.age_seconds),
        "late": comes and is_late(one, agreed),
        "expected": lasting(t, expected),
        "agreed": agreed is not None,
        "received": number(one.received),
        "usual": number(one.usual_rows),
        "unusual": is_unusual(one),
        "seconds": lasting(t, one.usual_seconds),
        "held": one.held,
    }


def is_late(one: Regularity, agreed: float | None) -> bool:
    """Tell whether a dataset should have come again: by agreement, or else by what is usual."""
    if one.age_seconds is None:
        return False
    usual = max(_PATIENCE * one.usual_gap, _DAY) if one.usual_gap else None
    within = agreed or usual
    return within is not None and one.age_seconds > within


def is_unusual(one: Regularity) -> bool:
    """Tell whether a whole snapshot brought much less, or much more, than is usual."""
    if not one.snapshot or one.received is None or not one.usual_rows or one.usual_rows < _FEW:
        return False
    return not 1 / _TWICE <= one.received / one.usual_rows <= _TWICE


def _dag_address(settings: Settings, source: str) -> str | None:
    return f"{settings.airflow_address}/dags/sync_{source}" if settings.airflow_address else None


def told_run(t: Words, settings: Settings, run: Run) -> dict[str, Any]:
    """Return one reading of a source as pages show it."""
    dag = _dag_address(settings, run.source)
    if dag and run.airflow_run:
        dag = f"{dag}/runs/{quote(run.airflow_run, safe='')}"
    return {
        "run_id": run.run_id,
        "source": shown.source_title(t, run.source),
        "began": shown.moment(run.began_at),
        "seconds": lasting(t, run.seconds),
        "state": run.state,
        "kind": {"failed": "bad", "done": "good"}.get(run.state, "plain"),
        "why": told_failure(t, run.failure),
        "failure": run.failure,
        "batch_ids": run.batch_ids,
        "airflow": dag,
    }


@routes.get(f"{PATH}/{{run_id}}", operation_id="show_run", include_in_schema=False)
def run(request: Request, run_id: Number, access: Reading) -> Response:
    """Show one reading of a source: what it brought, and why it failed if it did."""
    t, view = words(request), visible_sources(access.caller)
    with access.transaction() as connection:
        found = get_run(connection, view, run_id)
        brought = [get_batch(connection, view, batch_id) for batch_id in found.batch_ids]
    told = told_run(t, access.hub.settings, found)
    return desk_page(
        request, "desk/run.html", run=told, batches=[told_batch(t, one) for one in brought]
    )


def told_batch(t: Words, batch: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line of the ledger as pages show it."""
    return {
        **batch,
        "source_title": shown.source_title(t, batch["source"]),
        "dataset_title": dataset_title(t, batch["source"], batch["dataset"]),
        "kind": STATES[batch["state"]],
        "at": shown.moment(batch["received_at"]),
        "lasted": lasting(t, batch["seconds"]),
    }
