"""Streets and communities of a city or district: twelve-digit codes and what people call them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from schemas.chinese import folded
from schemas.codes.table import records

_COMMITTEE = re.compile("(?:居民委员会|村民委员会|牧民委员会|居委会|村委会|牧委会)$")


@dataclass(frozen=True)
class Communities:
    """A table of streets (nine digits) and communities (twelve digits) with their names."""

    names: Mapping[str, str]
    streets: Mapping[str, str]
    _known: dict[str, dict[str, str]] = field(default_factory=dict, repr=False, compare=False)

    def __contains__(self, code: object) -> bool:
        """Tell whether the table holds a street or community code."""
        return code in self.names or code in self.streets

    def find(self, name: str, within: str = "") -> str | None:
        """Find the code of a community by any usual form of its name, inside a code's area.

        北关社区居民委员会, 北关社区, 北关社区居委会 and 北关 are one; a name that two
        communities of the area share finds none.
        """
        return self.named(within).get(folded(name))

    def title(self, code: str) -> str | None:
        """Return what people call a community or street, or None where the table lacks it."""
        return _COMMITTEE.sub("", self.names.get(code) or self.streets.get(code) or "") or None

    def named(self, within: str = "") -> Mapping[str, str]:
        """Map every unambiguous name of the communities whose codes begin with ``within``."""
        if within not in self._known:
            inside = {code: name for code, name in self.names.items() if code.startswith(within)}
            self._known[within] = _by_name(inside, self.streets)
        return self._known[within]


@cache
def communities(path: Path | None = None) -> Communities:
    """Load the built-in table (Xining) or one with the same columns from a file.

    Columns: ``street_code``, ``street``, ``village_code``, ``village``.
    """
    if path is None:
        return _table(records("communities.csv"))
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return _table(csv.DictReader(lines))


def _table(rows: Iterable[Mapping[str, str]]) -> Communities:
    names: dict[str, str] = {}
    streets: dict[str, str] = {}
    for row in rows:
        streets[row["street_code"]] = row["street"]
        names[row["village_code"]] = row["village"]
    return Communities(names, streets)


def _by_name(names: Mapping[str, str], streets: Mapping[str, str]) -> dict[str, str]:
    """Turn a table round, the more exact forms first; a form that two codes share is left out."""
    known: dict[str, str] = {}
    for forms in (_exact_forms, _short_forms):
        found: dict[str, set[str]] = {}
        for code, name in names.items():
            for form in forms(name, streets.get(code[:9], "")):
                found.setdefault(folded(form), set()).add(code)
        fresh = {form: codes for form, codes in found.items() if form not in known}
        known |= {form: min(codes) for form, codes in fresh.items() if len(codes) == 1}
        known |= {form: "" for form, codes in fresh.items() if len(codes) > 1}
    return {form: code for form, code in known.items() if code}


def _exact_forms(name: str, street: str) -> set[str]:
    plain = _COMMITTEE.sub("", name)
    return {name, street + name, plain, street + plain}


def _short_forms(name: str, street: str) -> set[str]:
    plain = _COMMITTEE.sub("", name)
    stem = re.sub("(?<=..)(?:社区|村)$", "", plain)
    tails = ("居民委员会", "村民委员会", "居委会", "村委会", "社区", "村", "社区居委会")
    forms = {stem, *(stem + tail for tail in tails), *(plain + tail for tail in tails)}
    return forms | {street + form for form in forms} | {f"{stem}社区居民委员会"}
