"""Why batches are held and readings failed, in the reader's language.

The hub's own sentences are taken apart; what there are no words for is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hub.jobs.steps import types_of
from hub.web.console import shown
from hub.web.console.words import Words
from schemas import MODELS, fields

_GONE = re.compile(r"([0-9]+) of ([0-9]+) rows are gone")
_EMPTIED = re.compile("at most half as many rows as before say (.+)")
_COLUMNS = re.compile("agreed columns are missing: (.+)")
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
        return Flaw("unexpected", t("flaw.unexpected", checks=found[1]))
    return Flaw("unreadable", t("flaw.unreadable", why=flaw))


#: What the sentence of a failure says, and the key of how people are told.
_FAILURES = (
    (re.compile("no answer"), "failure.unanswered"),
    (re.compile("being read by someone else"), "failure.busy"),
    (re.compile("cannot be read|no database file"), "failure.unreadable"),
    (re.compile("40[13]|token|password|authentication"), "failure.refused"),
)


def told_failure(t: Words, failure: str | None) -> str | None:
    """Say why a source could not be read."""
    if failure is None:
        return None
    known = next((key for sort, key in _FAILURES if sort.search(failure)), "failure.other")
    return t(known)


def _titles(t: Words, source: str, dataset: str) -> dict[str, str]:
    return {
        spec.name: shown.title_of(t, spec)
        for record_type in types_of(source, dataset)
        for spec in fields(MODELS[record_type])
    }
