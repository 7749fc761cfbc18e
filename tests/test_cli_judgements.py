"""The commands for stewards' words: what waits, why, what would change, what was said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from hub.config import load_settings
from hub.database import engine
from hub.jobs.push import pushed
from tests.build import rows_frame
from tests.web.people import police, street

ONE, TWO = "public_security/residents/R1", "street_office/residents/S1"
WHY = ("--reason", "核对了档案")
Hub = Callable[..., Any]


@pytest.fixture
def hub(
    tmp_path: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    """Run a command over a hub that knows one man from two departments."""
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    settings = load_settings()
    for name, row in (police("R1"), street("S1")):
        with pushed(settings, name["source"], name["dataset"], [rows_frame(row)]):
            pass

    def run(*arguments: str, code: int = 0) -> Any:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == code
        said = capsys.readouterr()
        return json.loads(said.out) if "--json" in arguments and not code else said

    yield run
    engine(settings).dispose()


def test_a_word_is_tried_said_listed_and_taken_back(hub: Hub) -> None:
    said = ("judgement", "add", "persons", ONE, TWO, "different", *WHY, "--json")
    tried = hub(*said, "--dry-run")
    assert (tried["counts"]["split"], tried["sources"]) == (
        1,
        ["public_security", "street_office"],
    )
    assert hub("judgement", "list", "--json")["judgements"] == []
    done = hub(*said)
    assert {one["change"] for one in done["changes"]} >= {"split", "created"}
    (listed,) = hub("judgement", "list", "--json")["judgements"]
    assert (listed["left"], listed["right"], listed["verdict"]) == (ONE, TWO, "different")
    assert listed["said_by"].startswith("hub judgement (")
    number = str(listed["judgement_id"])
    assert hub("judgement", "revert", number, "--dry-run", "--json")["counts"]["merged"] == 1
    back = hub("judgement", "revert", number, "--json")
    assert "merged" in {one["change"] for one in back["changes"]}
    assert hub("judgement", "list", "--json")["judgements"] == []
    (former,) = hub("judgement", "list", "--all", "--json")["judgements"]
    assert former["ended_at"]
    assert "hub: the judgement was superseded" in hub("judgement", "revert", number, code=2).err


def test_pairs_are_listed_and_explained_without_what_they_say(hub: Hub) -> None:
    assert hub("match", "list", "--json")["matches"] == []
    (pair,) = hub("match", "list", "--zone", "link", "--json")["matches"]
    assert (pair["left"], pair["right"], pair["linked"]) == (ONE, TWO, True)
    shown = hub("match", "show", pair["id"], "--json")
    assert sum(step["weight"] for step in shown["steps"]) == pytest.approx(pair["weight"])
    assert shown["steps"][0]["aspect"] == "起点 prior"
    text = hub("match", "show", pair["id"]).out
    assert "姓名 name" in text
    assert "马海明" not in text
    for wrong in ("x", "1", "998-999"):
        hub("match", "show", wrong, code=2)


def test_other_bounds_are_tried(hub: Hub) -> None:
    higher = hub("match", "preview", "--link", "50", "--review", "1.5", "--json")
    assert higher["counts"]["split"] == 1
    assert higher["entities"][0]["into"] == "(new)"
    shown = hub("match", "preview", "--link", "50").out
    assert "street_office" in shown
    assert "unknown" not in hub("match", "preview", "--link", "1", "--review", "2", code=2).err


def test_wrong_words_are_one_clear_line(hub: Hub) -> None:
    for arguments, why in (
        (("persons", ONE, "x", "same"), "SOURCE/DATASET/KEY"),
        (("persons", ONE, "street_office/residents/nobody", "same"), "no record of this key"),
        (("robots", ONE, TWO, "same"), "no collection robots"),
        (("houses", ONE, TWO, "same"), "no house"),
        (("persons", ONE, TWO, "maybe"), "same, different, unsure"),
    ):
        said = hub("judgement", "add", *arguments, *WHY, code=2)
        assert why in said.err, arguments
        assert said.err.count("\n") == 1
