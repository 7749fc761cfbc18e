"""What things on the desk are called and how they are written: datasets, rules, ages, shares."""

from __future__ import annotations

from collections.abc import Mapping

from connectors import CONNECTORS
from hub.model import SIGNALS
from hub.web.console import shown
from hub.web.console.words import Words
from schemas import MODELS, fields
from schemas.rules import RULES

#: What colour repeats what a batch's state says.
STATES: Mapping[str, str] = {
    "landing": "plain",
    "landed": "plain",
    "translated": "plain",
    "validated": "plain",
    "held": "warning",
    "kept": "good",
    "replaced": "plain",
    "refused": "plain",
}
FATES: Mapping[str, str] = {"quarantine": "bad", "blank": "warning", "warn": "plain"}
#: What whole batches are expected to be like, as far as there are words for it.
EXPECTATIONS = (
    *("codes", "pattern", "length", "range", "present", "unique", "checksum", "placeholder"),
    *("calendar", "decimals", "zero", "form", "address", "items", "shape"),
)
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def dataset_title(t: Words, source: str, dataset: str) -> str:
    """Return what a dataset is called."""
    connector = CONNECTORS.get(source)
    known = connector.dataset(dataset) if connector else None
    return t.title(known.title) if known else dataset


def field_title(t: Words, record_type: str | None, name: str | None) -> str:
    """Return what a field is called; without one, what the whole record is."""
    if not record_type or not name:
        return t("desk.whole_record")
    # What was kept long ago may be of a field that there is no longer.
    known = (spec for spec in fields(MODELS[record_type]) if spec.name == name)
    return next((shown.title_of(t, spec) for spec in known), name)


def rule_title(t: Words, rule: str) -> str:
    """Return what a rule says."""
    known = RULES.get(rule)
    return t.pick(known.zh, known.en) if known else rule


def expectation_title(t: Words, name: str) -> str:
    """Return what an expectation over a whole batch looks at."""
    return t("expectation." + name) if name in EXPECTATIONS else rule_title(t, name)


def signal_title(t: Words, kind: str) -> str:
    """Return what a signal tells."""
    known = SIGNALS.get(kind)
    return t.title(known) if known else kind


def number(count: float | None) -> str:
    """Write a count with its thousands apart."""
    return "" if count is None else f"{round(count):,}"


def percent(share: float | None) -> str:
    """Write a share; nothing where there is nothing that it is of."""
    if share is None:
        return ""
    # Only all is everything: what is nearly all must not be rounded to it.
    return "100%" if share == 1 else f"{min(share, 0.9999):.2%}"


def lasting(t: Words, seconds: float | None) -> str:
    """Write how long something takes, or is ago, as people say it."""
    if seconds is None:
        return ""
    for unit, key in ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes")):
        if seconds >= 2 * unit:
            return t("desk.lasting." + key, count=round(seconds / unit))
    return t("desk.lasting.seconds", count=f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}")
