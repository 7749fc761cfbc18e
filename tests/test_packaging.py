"""What is installed is what is asked for, from wherever packages come."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PINNED = ("requirements.txt", "requirements-dev.txt")


def names(text: str) -> set[str]:
    """Read the names of packages at the beginning of lines."""
    found = re.findall(r"^[A-Za-z0-9][A-Za-z0-9._-]*", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in found}


@pytest.mark.parametrize("file", PINNED)
def test_pins_name_no_index_and_no_place(file: str) -> None:
    text = (ROOT / file).read_text()
    assert "://" not in text
    assert not re.search(r"--(index|extra-index|find-links|trusted)", text)


@pytest.mark.parametrize("file", PINNED)
def test_every_package_is_pinned_with_hashes(file: str) -> None:
    blocks = re.split(r"^(?=[A-Za-z0-9])", (ROOT / file).read_text(), flags=re.MULTILINE)[1:]
    assert blocks
    for block in blocks:
        assert re.match(r"[A-Za-z0-9._-]+==[^ ]+ .*\n( +--hash=sha256:[0-9a-f]{64})", block), block


def test_all_that_is_asked_for_is_pinned_to_the_same_version_everywhere() -> None:
    asked = names((ROOT / "requirements.in").read_text())
    run, develop = ((ROOT / file).read_text() for file in PINNED)
    assert asked <= names(run)
    assert names((ROOT / "requirements-dev.in").read_text()) <= names(develop)
    pins = set(re.findall(r"^\S+==\S+", run, re.MULTILINE))
    assert pins <= set(re.findall(r"^\S+==\S+", develop, re.MULTILINE))
