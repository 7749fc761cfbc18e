"""The commands for sharing: what is asked, what is overdue, what was granted, where callers work."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from hub.config import load_settings
from hub.database import engine
from hub.store.grants import rights_of
from hub.store.share_materials import CHINA, Clock, Materials
from hub.store.share_requests import ask

MATERIALS = Materials(
    {"persons": ["person_name"]},
    purposes=("care",),
    basis="青海省养老服务条例 第二十一条",
    scene="独居老人巡访",
    mode="service",
    approver="民政局 局长",
    used_from=date(2026, 1, 1),
    used_until=date(2099, 12, 31),
)
Hub = Callable[..., Any]


@pytest.fixture
def hub(
    tmp_path: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    """Run a command over a hub that was asked twice to share: long ago, and just now."""
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    settings = load_settings()
    long_ago = Clock(datetime(2026, 9, 24, 9, tzinfo=CHINA))
    with engine(settings).begin() as connection:
        ask(connection, "c-1", MATERIALS, "c-1", long_ago)
        ask(connection, "c-2", replace(MATERIALS, basis=None), "c-2", Clock())

    def run(*arguments: str, code: int = 0) -> Any:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == code
        said = capsys.readouterr()
        return json.loads(said.out) if "--json" in arguments and not code else said

    yield run
    engine(settings).dispose()


def test_overdue_requests_are_listed_answered_and_ended(hub: Hub) -> None:
    (late,) = hub("share", "list", "--overdue", "--json")["share_requests"]
    assert (late["client_id"], late["due_on"]) == ("c-1", "2026-10-15")
    number = str(late["request_id"])
    approved = hub("share", "approve", number, "--json")
    assert (approved["state"], approved["overdue"]) == ("approved", False)
    assert hub("share", "list", "--overdue", "--json")["share_requests"] == []
    assert hub("share", "deliver", number, "--json")["state"] == "delivered"
    shown = hub("share", "show", number, "--json")
    assert [step["step"] for step in shown["steps"]] == ["asked", "approved", "delivered"]
    (grant,) = hub("grant", "list", "--in-force", "--json")["grants"]
    assert shown["grants"] == [grant]
    why = ("--reason", "目的已达")
    ended = hub("grant", "revoke", str(grant["grant_id"]), *why, "--json")
    assert (ended["state"], ended["reason"]) == ("revoked", "目的已达")
    assert hub("grant", "list", "--in-force", "--json")["grants"] == []
    assert "revoked already" in hub("grant", "revoke", str(grant["grant_id"]), *why, code=2).err


def test_requests_are_refused_extended_and_returned(hub: Hub) -> None:
    assert "incomplete" in hub("share", "refuse", "2", "--reason", "缺", code=2).err
    longer = hub("share", "extend", "1", "--reason", "复杂", "--days", "5", "--json")
    assert longer["due_on"] == "2026-10-22"
    told = hub("share", "return", "1", "--missing", "清单", "--missing", "影响评估", "--json")
    assert (told["state"], told["missing"]) == ("incomplete", ["清单", "影响评估"])
    assert "no such" in hub("share", "show", "9", code=2).err
    assert "states are" in hub("share", "list", "--state", "lost", code=2).err
    assert "asked" not in hub("share", "list", "--state", "incomplete").err


def test_a_caller_is_given_an_area_and_relieved_of_it(hub: Hub) -> None:
    said = hub("grant", "area", "u-1", "--community", "630102001001", "--json")
    assert said["area"] == {"communities": ["630102001001"]}
    with engine(load_settings()).connect() as connection:
        assert rights_of(connection, "u-1").area.communities == ("630102001001",)
    assert hub("grant", "area", "u-1", "--json")["area"] == {}
    with engine(load_settings()).connect() as connection:
        assert rights_of(connection, "u-1").area.everywhere
    assert "digits" in hub("grant", "area", "u-1", "--street", "63", code=2).err
