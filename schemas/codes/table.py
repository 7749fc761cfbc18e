"""One table of codes: its labels, and every word that stands for a code."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from schemas.chinese import folded


@dataclass(frozen=True)
class CodeTable:
    """A closed or open list of codes with their labels and the words people use for them."""

    name: str
    title_zh: str
    title_en: str
    standard: str
    #: An open table may get further codes; a closed one is complete.
    open: bool
    labels: Mapping[str, str]
    labels_en: Mapping[str, str]
    #: Labels, usual short forms and the codes themselves, each with the code it stands for.
    codes: Mapping[str, str]

    def get(self, word: str) -> str | None:
        """Find the code that a code, label or short form stands for, however it is typed."""
        return self.codes.get(word) or self.codes.get(folded(word))


def records(file: str) -> list[dict[str, str]]:
    """Read a data file of this package as dictionaries of text."""
    text = (resources.files("schemas.codes") / file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def code_table(name: str) -> CodeTable:
    """Return a code table by its name, such as ``GB/T 3304``; KeyError if there is none."""
    about = _catalogue()[name]
    rows = records(about["file"])
    codes: dict[str, str] = {}
    for row in rows:
        words = [row["code"], row["label_zh"], *filter(None, row["aliases"].split("|"))]
        codes |= {form: row["code"] for word in words for form in (word, folded(word))}
    return CodeTable(
        name=name,
        title_zh=about["title_zh"],
        title_en=about["title_en"],
        standard=about["standard"],
        open=about["open"] == "1",
        labels=MappingProxyType({row["code"]: row["label_zh"] for row in rows}),
        labels_en=MappingProxyType({row["code"]: row["label_en"] for row in rows}),
        codes=MappingProxyType(codes),
    )


def table_names() -> list[str]:
    """List the names of all code tables."""
    return sorted(_catalogue())


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in records("tables.csv")}
