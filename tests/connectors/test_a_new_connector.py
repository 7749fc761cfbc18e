"""A source is added in one file: found, and held to the suite, without touching anything else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FIFTH = '''
"""Lifts, from the inspectors' list: a made-up fifth source."""

from hub.columns import Columns
from hub.connector import Dataset
from hub.fetch import CsvFolder
from hub.model import Records, Title
from schemas import House


class Lifts(Dataset):
    """Which homes have a lift."""

    name, model, title = "lifts", House, Title("电梯", "Lifts")
    location, key, changed_at, trust = "lifts.csv", "id", "updated", 60

    def translate(self, said: Columns) -> list[Records]:
        lift = said.decode("lift", {"Y": "true", "N": "false"})
        fields = {"standard_address": said.take("address"), "has_elevator": lift}
        return [said.records(House, fields)]

    def sample(self) -> list[dict[str, str]]:
        row = {"id": "1", "address": "康乐小区3号楼", "lift": "Y", "updated": "2026-08-01"}
        return [row, row | {"id": "2", "lift": "maybe"}]


class LiftInspection(CsvFolder):
    """Reads the inspectors' list."""

    name, title, datasets = "lift_inspection", Title("电梯检验", "Lift inspection"), (Lifts(),)
'''

EXPECTED = [
    {
        "evidence": {},
        "fields": fields,
        "key": key,
        "recorded_at": "2026-08-01 00:00:00",
        "rules": rules,
        "ties": [],
        "type": "house",
        "withdrawn": False,
    }
    for key, fields, rules in (
        ("1", {"standard_address": "康乐小区3号楼", "has_elevator": "true"}, {}),
        ("2", {"standard_address": "康乐小区3号楼"}, {"has_elevator": "boolean.unreadable"}),
    )
]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(folder), "HUB_TESTS_GOLDEN": str(folder)}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "connectors").mkdir()
    (tmp_path / "connectors" / "lift_inspection.py").write_text(FIFTH, encoding="utf-8")
    text = json.dumps(EXPECTED, ensure_ascii=False)
    (tmp_path / "lift_inspection.lifts.json").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_fifth_source_in_one_file_is_found_and_passes_the_suite(folder: Path) -> None:
    suite = "tests/connectors/test_every_connector.py"
    options = ("-q", "-p", "no:cacheprovider", "-k", "lift_inspection", suite)

    ran = run(folder, "-m", "pytest", *options)

    assert ran.returncode == 0, ran.stdout
    assert " passed" in ran.stdout
    assert "failed" not in ran.stdout


LIST = "from connectors import CONNECTORS; print(list(CONNECTORS))"


def test_connectors_are_found_in_the_same_order_every_time(folder: Path) -> None:
    names = json.loads(run(folder, "-c", LIST).stdout.replace("'", '"'))

    assert names == sorted(names)
    assert {"lift_inspection", "street_office", "urban_management"} <= set(names)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("import nothing_of_this_name", "connector broken cannot be loaded: ModuleNotFoundError"),
        ("def half(:", "connector broken cannot be loaded: SyntaxError"),
        ("x = 1", "connectors.broken defines 0 connectors instead of one"),
        (FIFTH, "two connectors are named lift_inspection"),
    ],
)
def test_a_broken_module_is_one_clear_error(folder: Path, content: str, reason: str) -> None:
    (folder / "connectors" / "broken.py").write_text(content, encoding="utf-8")

    ran = run(folder, "-c", LIST)

    assert ran.returncode != 0
    assert ran.stderr.strip().splitlines()[-1].startswith(f"hub.errors.ConfigError: {reason}")
