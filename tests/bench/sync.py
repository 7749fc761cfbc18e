"""`hub bench sync`: rows from four departments to golden records, beside COPY and dlt.

Three runs over a demo district whose systems run for real: everything for the first time, nothing
changed (the street office delivers the same again), and one row in a hundred changed (the
property companies write their files anew). dlt merges all rows, all rows again, and then those
alone that changed; it is handed ready Arrow tables, the first time also row by row. A fourth run has a tenth of the people and goes through the stages one after
the other, as the DAGs' tasks do, to tell what each takes. Time counts from when a process has
loaded its code.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from hub.cli.printing import table
from hub.config import Settings
from hub.database import engine
from hub.demo import Departments, district
from hub.demo.native import write_first_load
from hub.store.migrations import migrate
from tests.bench import beside
from tests.bench.fresh import fresh_database
from tests.bench.watched import Watched, watched

Watch = Callable[[object], None]

CHECKOUT = Path(__file__).parents[2]
STAGES = [sys.executable, "-m", "tests.bench.stages"]
WHOLE = [sys.executable, "-m", "tests.bench.whole"]
SHARE = 0.01
#: An unchanged run tells of itself, its batches and how far it has read, nothing else.
MAY_MOVE = {"batch", "cursor", "source_run"}


def measure(folder: Path, people: int, watch: Watch) -> dict[str, Any]:
    """Measure the three runs, and the same rows by COPY and by dlt."""
    # Under root the server's own account has to get in.
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    watch("dlt's environment")
    dlt = beside.Dlt(folder)
    settings = fresh_database(folder, "synced")
    migrate(engine(settings))
    watch(f"a district of {people:,} people")
    shutil.rmtree(folder / "departments", ignore_errors=True)
    with Departments(folder / "departments", district(people)) as departments:
        watch("COPY")
        copied = beside.copy(folder, beside.native(departments.state))
        runs, written = _runs(settings, departments, dlt, watch)
    runs["by stage"] = _by_stage(folder, max(people // 10, 500), watch)
    return {
        "people": people,
        "runs": runs,
        "written_unchanged": written,
        "copy": _rated(copied),
        "ratios": _ratios(runs, copied),
    }


def _runs(
    settings: Settings, departments: Departments, dlt: beside.Dlt, watch: Watch
) -> tuple[dict[str, Any], dict[str, int]]:
    surroundings = settings.environment() | departments.environment()
    first = departments.state

    def run(name: str, rows: beside.Tables) -> dict[str, Any]:
        watch(f"{name}: hub")
        hub = watched("the hub", WHOLE, surroundings, CHECKOUT)
        watch(f"{name}: dlt")
        return _told(hub) | {"dlt": _of_dlt(dlt.merge(rows))}

    every = beside.native(first)
    runs = {"first": run("first", every)}
    watch("first: dlt, row by row")
    by_rows = beside.Dlt(settings.home, "rows").merge(every)
    runs["first"]["dlt by rows"] = _of_dlt(by_rows)
    before = _written(settings)
    _deliver_again(departments)
    runs["unchanged"] = run("unchanged", every)
    written = {name: count - before[name] for name, count in _written(settings).items()}
    go_on(departments, SHARE)
    runs["changed"] = run("changed", beside.native(departments.state, first))
    engine(settings).dispose()
    return runs, {name: count for name, count in written.items() if count}


def go_on(departments: Departments, share: float) -> None:
    """Let two days pass in which this share of rows changes; companies write their files anew."""
    departments.advance(2, share)
    write_first_load(departments.state.views["property"], departments.property.folder)


def _by_stage(folder: Path, people: int, watch: Watch) -> dict[str, Any]:
    settings = fresh_database(folder, "staged")
    migrate(engine(settings))
    watch(f"by stage: {people:,} people")
    shutil.rmtree(folder / "departments", ignore_errors=True)
    with Departments(folder / "departments", district(people)) as departments:
        surroundings = settings.environment() | departments.environment()
        hub = watched("the hub", STAGES, surroundings, CHECKOUT)
    engine(settings).dispose()
    return _told(hub)


def _deliver_again(departments: Departments) -> None:
    state = departments.state
    later = state.world.now + np.timedelta64(1, "h")
    departments.street_office.deliver(state.views["street_office"], later)


def _written(settings: Settings) -> dict[str, int]:
    """Count the rows ever written to each table."""
    query = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del AS written FROM pg_stat_user_tables"
    with engine(settings).connect() as connection:
        return {row.relname: row.written for row in connection.execute(sa.text(query))}


def _told(hub: Watched) -> dict[str, Any]:
    seconds, rows = hub.said["seconds"], hub.said["rows"]
    received, changed = rows.get("received", 0), rows.get("changed", 0)
    counts = {"sync": received, "land": received}
    counts |= dict.fromkeys(("translate", "validate", "keep"), changed)
    resolving = sum(spent for stage, spent in seconds.items() if stage not in counts)
    stages = {
        stage: _rated({"seconds": spent, "rows": counts[stage]})
        if stage in counts
        else {"seconds": round(spent, 2)}
        for stage, spent in seconds.items()
    }
    for stage, peak in hub.peaks.items():
        stages.get(stage, {})["peak_mb"] = round(peak)
    stages["resolve"] = _rated({"seconds": resolving, "rows": hub.said["records"]})
    whole = {"seconds": sum(seconds.values()), "rows": received}
    return {
        "hub": _rated(whole) | {"peak_mb": round(max(hub.peaks.values()))},
        "changed_rows": changed,
        "held_batches": rows.get("held", 0),
        "stages": stages,
    }


def _of_dlt(dlt: Watched) -> dict[str, Any]:
    return _rated(dlt.said) | {"peak_mb": round(max(dlt.peaks.values()))}


def _rated(said: dict[str, Any]) -> dict[str, Any]:
    seconds, rows = said["seconds"], said["rows"]
    return {
        "seconds": round(seconds, 2),
        "rows": rows,
        "rows_per_second": round(rows / seconds) if seconds else 0,
    }


def _ratios(runs: dict[str, Any], copied: dict[str, Any]) -> dict[str, float]:
    beside = {name: run for name, run in runs.items() if "dlt" in run}
    spent = {name: run["hub"]["seconds"] for name, run in beside.items()}
    dlt = {name: run["dlt"]["seconds"] for name, run in beside.items()}
    found = {
        "unchanged / first": spent["unchanged"] / spent["first"],
        "changed / first": spent["changed"] / spent["first"],
        "first / COPY": spent["first"] / copied["seconds"],
    }
    found |= {f"{name} / dlt": spent[name] / dlt[name] for name in beside}
    found["first - dlt, seconds"] = spent["first"] - dlt["first"]
    found["first - dlt by rows, seconds"] = spent["first"] - runs["first"]["dlt by rows"]["seconds"]
    return {name: round(value, 3) for name, value in found.items()}


def tables(said: dict[str, Any]) -> list[Any]:
    """Lay out what was measured."""
    names = ("seconds", "rows", "rows_per_second", "peak_mb")
    lines: list[list[object]] = []
    for name, run in said["runs"].items():
        peers = {peer: run.get(peer) for peer in ("dlt", "dlt by rows")}
        parts = {"hub": run["hub"], **run["stages"], **peers}
        lines += [
            [name, part, *(found.get(each, "") for each in names)]
            for part, found in parts.items()
            if found
        ]
    copied = said["copy"]
    lines.append(["first", "COPY", *(copied.get(each, "") for each in names)])
    stray = {name: n for name, n in said["written_unchanged"].items() if name not in MAY_MOVE}
    return [
        table(("run", "part", *names), lines, f"{said['people']:,} people"),
        table(("ratio", "value"), said["ratios"].items()),
        f"rows written by the unchanged run besides batches and cursors: {stray or 'none'}",
    ]
