"""The commands for what is kept how long, and for what residents ask about themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from hub.config import load_settings
from hub.database import engine
from tests.web.build import a_golden

Hub = Callable[..., Any]


@pytest.fixture
def person(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Somebody of whom the street office has told."""
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    settings = load_settings()
    with engine(settings).begin() as connection:
        made = a_golden(connection, person_name="祁生莲")
    yield made
    engine(settings).dispose()


@pytest.fixture
def hub(capsys: pytest.CaptureFixture[str]) -> Hub:
    def run(*arguments: str, code: int = 0) -> Any:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == code
        said = capsys.readouterr()
        return json.loads(said.out) if "--json" in arguments and not code else said

    return run


def test_a_request_is_received_checked_copied_and_answered(
    hub: Hub, person: str, tmp_path: Path
) -> None:
    made = hub("request", "receive", "access", "--said", "查阅", "--person", person, "--json")
    number = str(made["request_id"])
    assert "seen to who asks" in hub("request", "copy", number, "-o", "x.json", code=2).err
    hub("request", "verify", number, "--checked", "身份证原件")
    file = tmp_path / "copy.json"
    hub("request", "copy", number, "-o", str(file))
    copy = json.loads(file.read_text(encoding="utf-8"))
    assert [one["value"] for one in copy["served"]] == ["祁生莲"]
    assert hub("request", "answer", number, "--json")["state"] == "answered"
    shown = hub("request", "show", number, "--json")
    assert [one["step"] for one in shown["steps"]] == ["received", "verified", "answered"]
    assert hub("request", "list", "--overdue", "--json") == {"resident_requests": []}
    assert "is answered" in hub("request", "refuse", number, "--reason", "迟了", code=2).err


def test_periods_are_listed_and_a_dry_run_changes_nothing(hub: Hub, person: str) -> None:
    periods = {one["name"]: one["days"] for one in hub("retention", "list", "--json")["retention"]}
    assert periods["audit"] == periods["golden_versions"] >= 3 * 365
    dry = hub("retention", "run", "--dry-run", "--json")["disposed"]
    assert {one["name"] for one in dry} == {*periods, "grants", "erased_residents"} - {"audit"}
    assert {one["count"] for one in dry} == {0}
    assert hub("retention", "run", "--json") == {"disposed": []}
