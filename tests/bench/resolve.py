"""`hub bench resolve`: everything linked and published anew, beside Splink 5 on the same records.

A demo district is loaded by sync and resolve. Then `hub resolve --full` is a process of its own,
and so are matching alone, by the hub and by Splink, on the person records that the hub holds. The
hub reads its records, matches them, links every other type, compares every golden record and
writes what differs; of Splink only predict and cluster count, on cleaned records and by a trained
model. At last some records change, and those alone are resolved.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
import psutil

from hub.cli.printing import table
from hub.config import Settings
from hub.database import engine
from hub.demo import Departments, district
from hub.matching.features import RECORD_COLUMNS
from hub.postgres.place import Place
from hub.store.matches import all_person_records
from hub.store.migrations import migrate
from tests.bench import matchers
from tests.bench.fresh import fresh_database
from tests.bench.matching import costs, matched
from tests.bench.sync import CHECKOUT, WHOLE, go_on
from tests.bench.watched import Watched, processor_seconds, watched

Watch = Callable[[object], None]

#: So many rows of departments change before the last run.
CHANGED = 2_000
#: What a run is allowed: seconds for what has changed, megabytes without PostgreSQL.
SECONDS, MEGABYTES = 10.0, 2_048

#: What Splink does once its model is trained and its records are clean.
PREDICT_AND_CLUSTER = ("score", "cluster")
SPENT = {"seconds": "stages", "processor_seconds": "processor_stages"}
FULL, SPLINK, ALONE = "hub resolve --full", "Splink: predict + cluster", "hub: matching alone"
CLEANED = f"{ALONE}, of cleaned records"


def measure(folder: Path, people: int, watch: Watch) -> dict[str, Any]:
    """Load a district, resolve all of it anew and then what changes, and have Splink match it."""
    # Under root the server's own account has to get in.
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    settings = fresh_database(folder, "resolved")
    migrate(engine(settings))
    shutil.rmtree(folder / "departments", ignore_errors=True)
    watch(f"a district of {people:,} people")
    with Departments(folder / "departments", district(people)) as departments:
        surroundings = settings.environment() | departments.environment()
        watch("sync and resolve")
        loaded = watched("the hub", WHOLE, surroundings, CHECKOUT).said["rows"]["received"]
        watch(FULL)
        runs = {FULL: _resolved(settings, [*WHOLE, "--full"], surroundings)}
        runs |= _alone(settings, folder / "resolved", watch)
        watch(f"{CHANGED:,} changed rows")
        go_on(departments, CHANGED / loaded)
        changed = _resolved(settings, WHOLE, surroundings)
    engine(settings).dispose()
    told = {"people": people, "rows": loaded, "runs": runs, "changed": changed}
    return told | {"ratios": _ratios(runs), "limits": _limits(runs, changed)}


def _resolved(
    settings: Settings, command: list[str], surroundings: dict[str, str]
) -> dict[str, Any]:
    """Have the hub at work; tell of its resolve, and of the whole process."""
    pid = (Place(settings.home / "postgres").data / "postmaster.pid").read_text().split()[0]
    server = psutil.Process(int(pid))
    began, before = perf_counter(), processor_seconds(server)
    ran = watched("the hub", command, surroundings, CHECKOUT, server)
    whole = perf_counter() - began
    stages = {
        stage.removeprefix("resolve "): round(seconds, 2)
        for stage, seconds in ran.said["seconds"].items()
        if stage.startswith("resolve ")
    }
    return {
        "seconds": round(sum(stages.values()), 2),
        "whole_seconds": round(whole, 2),
        "processor_seconds": round(ran.said["processor_seconds"], 2),
        "server_processor_seconds": round(processor_seconds(server) - before, 2),
        **_peaks(ran),
        "rows": ran.said["rows"]["changed"],
        "stages": stages,
        **{name: ran.said[name] for name in ("records", "entities", "changed")},
    }


def _peaks(ran: Watched) -> dict[str, int]:
    return {
        "peak_mb": round(max(ran.peaks.values())),
        "peak_mb_with_server": round(max(ran.peaks_with_server.values())),
    }


def _alone(settings: Settings, folder: Path, watch: Watch) -> dict[str, Any]:
    """Match the person records that the hub holds by the hub's matching alone, and by Splink."""
    folder.mkdir(parents=True, exist_ok=True)
    with engine(settings).connect() as connection:
        records = pd.concat(all_person_records(connection, RECORD_COLUMNS), ignore_index=True)
    records.to_parquet(folder / matchers.RECORDS, index=False)
    runs = {}
    for name, way in ((ALONE, "hub"), (SPLINK, "splink")):
        watch(name)
        ran = costs(matched(way, folder)) | {"records": len(records)}
        if way == "splink":
            ran |= {
                name: round(sum(ran[stages][stage] for stage in PREDICT_AND_CLUSTER), 2)
                for name, stages in SPENT.items()
            }
        runs[name] = ran
    return runs


def _ratios(runs: dict[str, Any]) -> dict[str, float]:
    """Compare with Splink: the whole process with what counts of Splink, and like with like."""
    hub, splink = runs[ALONE], runs[SPLINK]
    found = {
        f"{FULL} / {SPLINK}": runs[FULL]["whole_seconds"] / splink["seconds"],
        f"{CLEANED} / {SPLINK}": _of_cleaned(hub) / splink["seconds"],
        f"{ALONE} / Splink with cleaning": hub["untrained_seconds"] / splink["untrained_seconds"],
    }
    return {name: round(value, 3) for name, value in found.items()}


def _of_cleaned(hub: dict[str, Any]) -> float:
    """Return the seconds of matching records that are clean: what of Splink counts, too."""
    return float(hub["untrained_seconds"] - hub["stages"]["read"])


def _limits(runs: dict[str, Any], changed: dict[str, Any]) -> dict[str, bool]:
    """Tell which limits are kept."""
    whole, splink = runs[FULL]["whole_seconds"], runs[SPLINK]["seconds"]
    return {
        f"{CLEANED}: no slower than {SPLINK}": _of_cleaned(runs[ALONE]) <= splink,
        f"{FULL}, with all types and golden records: no slower than that": whole <= splink,
        f"{FULL}: at most {MEGABYTES:,} MB": runs[FULL]["peak_mb"] <= MEGABYTES,
        f"{CHANGED:,} changed rows: at most {SECONDS:.0f} s": changed["seconds"] <= SECONDS,
    }


def tables(said: dict[str, Any]) -> list[Any]:
    """Lay out what was measured."""
    runs = said["runs"] | {f"{said['changed']['rows']:,} changed rows": said["changed"]}
    names = (
        *("records", "seconds", "whole_seconds", "processor_seconds"),
        *("server_processor_seconds", "peak_mb", "peak_mb_with_server"),
    )
    lines = [[name, *(run.get(each, "") for each in names)] for name, run in runs.items()]
    stages = [
        [name, stage, seconds]
        for name, run in runs.items()
        for stage, seconds in run["stages"].items()
    ]
    title = f"{said['people']:,} people, {said['rows']:,} rows; peak_mb without PostgreSQL"
    kept = {True: "kept", False: "NOT kept"}
    return [
        table(("run", *names), lines, title),
        table(("run", "stage", "seconds"), stages),
        table(("ratio", "value"), said["ratios"].items()),
        table(("limit", ""), ((limit, kept[met]) for limit, met in said["limits"].items())),
    ]
