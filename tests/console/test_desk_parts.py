"""What pages of the desk are made of: reasons in words, lateness, charts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from connectors import CONNECTORS
from hub.config import Settings
from hub.store.regularity import Regularity
from hub.store.runs import Run
from hub.web.console.charts import counts_by_turn, shares_by_day
from hub.web.console.desk.flaws import told_failure, told_flaw
from hub.web.console.desk.labels import lasting, percent
from hub.web.console.desk.runs import is_late, is_unusual, told_dataset, told_run
from hub.web.console.words import Words

ZH = Words("zh")


@pytest.mark.parametrize(
    ("flaw", "sort", "told"),
    [
        ("36 of 60 rows are gone", "gone", "少了 36 行"),
        (
            "at most half as many rows as before say contact_phone, birth_date",
            "emptied",
            "联系电话",
        ),
        ("agreed columns are missing: 姓名", "columns", "姓名"),
        ("not as expected: sex_code (codes)", "unexpected", "性别未满足"),
        ("人口.xlsx is empty", "unreadable", "“人口.xlsx”是空的"),
    ],
)
def test_why_a_batch_is_held_is_said_in_words(flaw: str, sort: str, told: str) -> None:
    found = told_flaw(ZH, "street_office", "residents", flaw)
    assert found is not None
    assert found.sort == sort
    assert told in found.text


def test_why_a_source_was_not_read_is_said_in_words() -> None:
    said = "source urban_management, dataset components: no answer (ConnectError), 3 times in a row"
    assert told_failure(ZH, said) == "对方系统没有应答"
    assert told_failure(ZH, "whatever else") == "读取中断"
    assert told_failure(ZH, None) is None


def test_a_reading_leads_to_its_run_in_airflow_where_that_is_known() -> None:
    at = datetime(2026, 9, 1, tzinfo=UTC)
    run = Run(7, "property", at, at, None, [], "scheduled__2026-09-01T00:00:00+00:00")
    assert told_run(ZH, Settings(), run)["airflow"] is None
    settings = Settings(airflow_address="http://airflow.example")
    address = told_run(ZH, settings, run)["airflow"]
    assert address == (
        "http://airflow.example/dags/sync_property/runs/"
        "scheduled__2026-09-01T00%3A00%3A00%2B00%3A00"
    )
    by_hand = told_run(ZH, settings, replace(run, airflow_run=None))["airflow"]
    assert by_hand == "http://airflow.example/dags/sync_property"


def test_how_often_a_source_comes_can_be_agreed_on() -> None:
    said = CONNECTORS["street_office"].settings_from({"folder": "x", "expected_hours": "12"})
    assert said is not None
    assert said.expected_hours == 12


def came(**said: object) -> Regularity:
    usual = {"source": "s", "dataset": "d", "batch_id": 1, "state": "kept", "snapshot": True}
    usual |= {"received_at": None, "received": 100, "age_seconds": 3_600.0, "usual_gap": 900.0}
    usual |= {"usual_rows": 100.0, "held": 0, "usual_seconds": 1.0}
    return Regularity(**{**usual, **said})  # type: ignore[arg-type]


def test_a_dataset_is_late_by_agreement_or_by_what_is_usual() -> None:
    # Four times what is usual, and yet only an hour.
    assert not is_late(came(), None)
    assert is_late(came(), 1_800.0)
    assert not is_late(came(age_seconds=80_000.0, usual_gap=86_400.0), None)
    assert is_late(came(age_seconds=90_000.0), None)
    assert not is_late(came(age_seconds=None), 1.0)


def test_what_people_enter_is_never_late() -> None:
    entered = came(usual_gap=1.1, age_seconds=900_000.0)
    said = told_dataset(ZH, "x", None, entered, comes=False)
    assert (said["expected"], said["late"]) == ("", False)
    said = told_dataset(ZH, "x", None, entered, comes=True)
    assert (said["expected"], said["late"]) == ("1.1 秒", True)


def test_a_snapshot_is_unusual_that_is_half_or_double() -> None:
    assert not is_unusual(came(received=60))
    assert is_unusual(came(received=40))
    assert is_unusual(came(received=250))
    assert not is_unusual(came(received=1, snapshot=False))


def test_a_day_without_a_figure_is_a_gap_in_its_line() -> None:
    days = [date(2026, 9, day) for day in (1, 2, 3, 4, 6)]
    (line,) = shares_by_day("x", days, [("a", [0.95, 0.97, None, 1.0, None])]).lines
    assert len(line.stretches) == 1
    assert len(line.dots) == 1
    # All is at the top, and what is lower lies lower.
    assert line.dots[0][1] == 14
    first, second = (float(point.split(",")[1]) for point in line.stretches[0].split())
    assert first > second > 14


def test_bars_are_as_high_as_their_counts() -> None:
    drawn = counts_by_turn("x", [("a", 50, False), ("b", 100, True), ("c", 0, False)])
    assert [bar.height for bar in drawn.bars] == [88.0, 176.0, 0.0]
    assert [bar.marked for bar in drawn.bars] == [False, True, False]
    assert counts_by_turn("x", []).bars == []


def test_nearly_all_is_not_written_as_all() -> None:
    assert [percent(share) for share in (1.0, 0.99999, 0.5, 0.0, None)] == [
        "100%",
        "99.99%",
        "50.00%",
        "0.00%",
        "",
    ]
    assert [lasting(ZH, seconds) for seconds in (1.5, 90, 7_200, 200_000, None)] == [
        "1.5 秒",
        "90 秒",
        "2 小时",
        "2 天",
        "",
    ]
