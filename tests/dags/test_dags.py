from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors import CONNECTORS

# They share what one process of Airflow says.
pytestmark = pytest.mark.xdist_group("dags")

DAGS = Path(__file__).parents[2] / "dags"
FILES = sorted(DAGS.glob("*.py"))

#: Reads the folder twice, as Airflow does, and tells what it found and how long it took.
SYSTEMS = [name for name, one in CONNECTORS.items() if one.has_system]
READ = """
import json, sys, time
import connectors  # what the hub's own modules cost is paid by every task
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization
def read():
    began = time.perf_counter()
    bag = DagBag(sys.argv[1])
    found = {name: DagSerialization.serialize_dag(dag) for name, dag in bag.dags.items()}
    return {"dags": found, "errors": bag.import_errors, "seconds": time.perf_counter() - began}
print("\\n" + json.dumps([read(), read()], default=str))
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Read the DAGs twice, in a process of its own that can reach no database."""
    home = tmp_path_factory.mktemp("airflow")
    settings = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/none.db",
        "HUB_HOME": str(home / "hub"),
        "HUB_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "PYTHONPATH": str(DAGS.parent),
    }
    told = subprocess.run(
        [sys.executable, "-c", READ, str(DAGS)],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(told.stdout.splitlines()[-1])
    return found


def test_every_connector_has_its_dag(read: list[dict[str, Any]]) -> None:
    assert read[0]["errors"] == {}
    syncs = {name for name in read[0]["dags"] if name.startswith("sync_")}
    assert syncs == {f"sync_{source}" for source in SYSTEMS}
    assert {"resolve", "reconcile", "quality", "deliver"} <= set(read[0]["dags"])


def test_reading_twice_gives_the_same(read: list[dict[str, Any]]) -> None:
    first, second = read
    assert first["dags"] == second["dags"]


def test_reading_takes_less_than_a_second(read: list[dict[str, Any]]) -> None:
    assert max(once["seconds"] for once in read) < 1


def test_a_batch_goes_its_way_step_by_step(read: list[dict[str, Any]]) -> None:
    for source in SYSTEMS:
        tasks = read[0]["dags"][f"sync_{source}"]["tasks"]
        after = {
            task["__var"]["task_id"]: task["__var"].get("downstream_task_ids", []) for task in tasks
        }
        assert after == {
            "land": ["translate"],
            "translate": ["validate"],
            "validate": ["keep"],
            "keep": [],
        }


def test_no_two_runs_of_a_dag_meet_and_none_is_made_up_for(read: list[dict[str, Any]]) -> None:
    for whole in read[0]["dags"].values():
        assert whole["max_active_runs"] == 1
        assert whole["catchup"] is False
        assert "start_date" not in whole


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_dag_files_are_thin_and_use_airflows_public_interface(file: Path) -> None:
    source = file.read_text()
    assert len(source.splitlines()) < 100
    for node in ast.walk(ast.parse(source)):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            assert not name.startswith("airflow") or name.startswith("airflow.sdk"), name
