"""What the README shows is what is there."""

from __future__ import annotations

import re
from pathlib import Path

from hub.cli.app import app
from hub.config import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_source_it_adds_is_the_one_a_test_adds() -> None:
    (source,) = re.findall(r'```python\n("""Lifts.*?)```', README, re.DOTALL)
    test = ROOT / "tests" / "connectors" / "test_a_new_connector.py"
    assert source in test.read_text(encoding="utf-8")


def test_its_commands_are_there() -> None:
    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    known |= {str(group.name) for group in app.registered_groups}
    named = set(re.findall(r"`hub ([a-z]+)", README))
    assert named <= known
    assert known <= named


def test_its_settings_are_there() -> None:
    named = {name.lower() for name in re.findall(r"`HUB_([A-Z_]+?)(?:__|`)", README)}
    assert named <= set(Settings.model_fields)


def test_its_files_are_there() -> None:
    paths = re.findall(r"`((?:schemas|tests|hub)/[a-zA-Z_/.]+)`", README)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
