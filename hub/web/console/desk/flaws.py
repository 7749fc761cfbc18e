"""Why batches are held and readings failed, in the reader's language.

The hub's own sentences are taken apart; what there are no words for is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hub.jobs.steps import types_of
from hub.web.console import shown
from hub.web.console.desk.labels import expectation_title
from hub.web.console.sentences import FILES, READINGS, told
from hub.web.console.words import Words
from schemas import MODELS, fields

_GONE = re.compile(r"([0-9]+) of ([0-9]+) rows are gone")
_EMPTIED = re.compile("at most half as many rows as before say (.+)")
_COLUMNS = re.compile("agreed columns are missing: (.+)")
_CHECK = re.compile(r"(?P<field>[a-z_]+) \((?P<rule>.+)\)")
_UNEXPECTED = re.compile("not as expected: (.+)")


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a batch is held: what sort of reason, in words, and the fields that it is about."""

    sort: str
    text: str
    names: Sequence[str] = ()


def told_flaw(t: Words, source: str, dataset: str, flaw: str | None) -> Flaw | None:
    """Say why a batch is held; what there are no words for is told as the hub has it."""
    if flaw is None:
        return None
    titles = _titles(t, source, dataset)
    listed: Callable[[Sequence[str]], str] = lambda names: t("record.between").join(  # noqa: E731
        titles.get(name, name) for name in names
    )
    if found := _GONE.fullmatch(flaw):
        return Flaw("gone", t("flaw.gone", gone=found[1], present=found[2]))
    if found := _EMPTIED.fullmatch(flaw):
        names = found[1].split(", ")
        return Flaw("emptied", t("flaw.emptied", fields=listed(names)), names)
    if found := _COLUMNS.fullmatch(flaw):
        return Flaw("columns", t("flaw.columns", columns=found[1]))
    if found := _UNEXPECTED.fullmatch(flaw):
        checks = found[1].split(", ")
        return Flaw("unexpected", t("flaw.unexpected", checks=_checks(t, titles, checks)))
    return Flaw("unreadable", t("flaw.unreadable", why=told(t, flaw, FILES)))


def told_failure(t: Words, failure: str | None) -> str | None:
    """Say why a source could not be read."""
    return told(t, failure, READINGS, "failure.other") if failure else None


def _checks(t: Words, titles: Mapping[str, str], checks: Sequence[str]) -> str:
    """Name the fields that were not as expected by their titles, and the rules by their words."""
    found = (_CHECK.fullmatch(check) for check in checks)
    said = [
        t(
            "flaw.check",
            field=titles.get(one["field"], t("flaw.rows")),
            rule=expectation_title(t, one["rule"]),
        )
        if one
        else check
        for one, check in zip(found, checks, strict=True)
    ]
    return t("record.between").join(said)


def _titles(t: Words, source: str, dataset: str) -> dict[str, str]:
    return {
        spec.name: shown.title_of(t, spec)
        for record_type in types_of(source, dataset)
        for spec in fields(MODELS[record_type])
    }
