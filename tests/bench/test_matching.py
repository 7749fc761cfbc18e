"""The matching benchmark, run small: every way in a process of its own, scored on all data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bench import matching, scoring
from tests.bench.matchers import WAYS

DATA = ("as is", "no ids", "other errors")


@pytest.mark.long
def test_every_way_is_measured_on_all_data_and_printed(tmp_path: Path) -> None:
    told: list[object] = []
    said = matching.measure(tmp_path, people=600, watch=told.append, seeds=1)
    assert {(run["data"], run["way"]) for run in said["runs"]} == {
        (data, way) for data in DATA for way in WAYS
    }
    for run in said["runs"]:
        assert run["seconds"] >= run["untrained_seconds"] >= 0
        # Of what other processes use too it has its share only.
        assert run["peak_mb"] > 20
        assert set(run["classes"]) == set(scoring.CLASSES)
    hub, alone = (found(said, "as is", way) for way in ("hub", "exact"))
    assert hub["f1"] > alone["f1"]
    assert hub["precision"] == alone["precision"] == 1.0
    lost = hub["blocking_recall"], sum(hub["missed"].values())
    assert lost[0] <= 1
    assert lost[1] > 0
    assert found(said, "no ids", "exact")["recall"] == 0
    assert len(matching.tables(said)) == 4
    assert len(told) == 1 + len(DATA) * len(WAYS)


def found(said: dict[str, Any], data: str, way: str) -> dict[str, Any]:
    (run,) = [one for one in said["runs"] if (one["data"], one["way"]) == (data, way)]
    return dict(run)
