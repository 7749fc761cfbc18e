"""The district that tests matching, and matching, have nothing in common: neither code nor words.

Else matching would be measured by what it knows already.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("hub", "connectors", "schemas", "dags", "tests")
DISTRICT = sorted((ROOT / "hub" / "demo").rglob("*.py"))
MATCHING = sorted((ROOT / "hub" / "matching").glob("*.py"))
#: How large a district may be, which the command line has to know before it loads one.
BOUNDS = {"hub.limits", "hub.limits.LEAST_PEOPLE", "hub.limits.MOST_PEOPLE"}
OTHER_ERRORS = ROOT / "tests" / "bench" / "people.py"
#: A list of characters or a word, long enough not to be in common by chance.
HAN = re.compile("[\u4e00-\u9fff]{4,}")
#: What fields are called, in a workbook's header and in an explanation.
TITLES = {"证件号码", "出生日期"}


def imported(file: Path) -> set[str]:
    """Name the modules of ours that a file imports, within functions too."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return {name for name in found if name.split(".")[0] in OURS}


def literals(file: Path) -> Iterator[str]:
    """Give the texts of a file that are no documentation, and no module's name."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def words(texts: Iterator[str]) -> set[str]:
    return {word for text in texts for word in HAN.findall(text)}


@pytest.mark.parametrize("file", DISTRICT, ids=lambda file: file.stem)
def test_the_district_uses_nothing_of_the_hub(file: Path) -> None:
    foreign = {name for name in imported(file) if not (name + ".").startswith("hub.demo.")}
    assert foreign <= {"hub", *BOUNDS}, "the district is made and spoilt by its own code alone"


@pytest.mark.parametrize("file", MATCHING, ids=lambda file: file.stem)
def test_matching_knows_nothing_of_the_district(file: Path) -> None:
    theirs = ("hub.demo", "hub.limits", "tests")
    assert not {name for name in imported(file) if name.startswith(theirs)}


def test_the_other_errors_are_made_without_matching() -> None:
    assert not {name for name in imported(OTHER_ERRORS) if name.startswith("hub.matching")}


def test_they_share_no_list_of_words() -> None:
    lists = (ROOT / "hub" / "matching" / "names.json").read_text(encoding="utf-8")
    known = words(text for file in MATCHING for text in literals(file))
    known |= words(iter([lists]))
    made = words(text for file in DISTRICT for text in literals(file))
    assert made
    assert known
    assert known & made <= TITLES
