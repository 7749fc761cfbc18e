"""Forms over the public fields: which control a field's kind gets, and what comes back from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fastapi import Request

from connectors.worker import WORKER
from hub.jobs.authorities import authorities
from hub.web.console import shown
from hub.web.console.areas import Choice
from hub.web.console.formats import hint_of
from hub.web.console.words import Words
from schemas import FieldSpec, Section
from schemas.kinds import Boolean, Coded, Date, DutyPhone, Geometry, Integer, ListOf, Number, Phone

NOTHING_OFFERED: Mapping[str, Sequence[Choice]] = MappingProxyType({})
#: No value of a public field is longer.
LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it came: each name with all that was said under it."""

    said: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        """Return what was said under a name, or nothing."""
        return next(iter(self.said.get(name, ())), "")

    def all(self, name: str) -> list[str]:
        """Return all that was said under a name, besides nothing."""
        return [text for text in self.said.get(name, ()) if text]


async def form_sent(request: Request) -> Sent:
    """Read a form; text that cannot be stored is no text."""
    form = await request.form()
    said: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str) and "\x00" not in value:
            said.setdefault(name, []).append(value.strip()[:LONGEST])
    return Sent(said)


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form."""

    id: str
    title: str
    control: str
    values: Sequence[str]
    options: Sequence[tuple[str, str]]
    #: How it is typed.
    hint: str | None
    #: Who has the last word on it, where that is not the worker.
    note: str | None
    #: Whether a worker's word counts at once.
    own: bool
    error: str | None
    #: Values that are offered, each with its name; others can be typed as well.
    offered: Sequence[Choice] = ()

    @staticmethod
    def takes(spec: FieldSpec) -> bool:
        """Tell whether a field can be typed: shapes are drawn elsewhere."""
        return not isinstance(spec.kind, Geometry)

    @staticmethod
    def texts(spec: FieldSpec, value: object) -> list[str]:
        """Return a value as the control of its field says it."""
        if value is None:
            return []
        if isinstance(value, list):
            return _listed(spec, [str(one) for one in value])
        if isinstance(value, bool):
            return ["true" if value else "false"]
        return [str(value)]


def _listed(spec: FieldSpec, values: list[str]) -> list[str]:
    return values if _control(spec) == "checkboxes" else ["; ".join(values)] if values else []


def inputs(
    t: Words,
    model: type[Section],
    specs: Iterable[FieldSpec],
    known: Mapping[str, object],
    sent: Sent,
    errors: Mapping[str, str],
    offered: Mapping[str, Sequence[Choice]] = NOTHING_OFFERED,
) -> list[Input]:
    """Return the fields of a form, filled with what was sent, or else with what is known."""
    again = len(sent.said) > 1
    return [
        Input(
            spec.name,
            shown.title_of(t, spec),
            _control(spec),
            sent.all(spec.name) if again else Input.texts(spec, known.get(spec.name)),
            _options(t, spec),
            _hint(t, spec, known, offered),
            None if own(model, spec) else t("enter.asks", authority=_authority(t, spec)),
            own(model, spec),
            errors.get(spec.name),
            offered.get(spec.name, ()),
        )
        for spec in specs
    ]


def _hint(
    t: Words,
    spec: FieldSpec,
    known: Mapping[str, object],
    offered: Mapping[str, Sequence[Choice]],
) -> str | None:
    """Say how a field is typed; of a code also what place it stands for now."""
    hint, name = hint_of(t, spec), dict(offered.get(spec.name, ())).get(str(known.get(spec.name)))
    return " ".join(filter(None, (hint, t("enter.place_now", name=name)))) if name else hint


def own(model: type[Section], spec: FieldSpec) -> bool:
    """Tell whether a worker's word on a field counts at once."""
    return authorities().has_word(f"{WORKER}|{model.collection}", spec)


def _authority(t: Words, spec: FieldSpec) -> str:
    return shown.authority_title(t, spec.authority)


def _control(spec: FieldSpec) -> str:
    kind = spec.kind
    if isinstance(kind, ListOf):
        return "checkboxes" if isinstance(kind.item, Coded) else "text"
    if isinstance(kind, Coded | Boolean):
        return "select"
    if isinstance(kind, Date):
        return "date"
    if isinstance(kind, Phone | DutyPhone):
        return "tel"
    return "number" if isinstance(kind, Integer) and not isinstance(kind, Number) else "text"


def _options(t: Words, spec: FieldSpec) -> list[tuple[str, str]]:
    kind = spec.kind.item if isinstance(spec.kind, ListOf) else spec.kind
    if isinstance(kind, Boolean):
        return [("true", t("value.yes")), ("false", t("value.no"))]
    return list(shown.labels(t, kind.codes).items()) if isinstance(kind, Coded) else []


def said_of(specs: Iterable[FieldSpec], sent: Sent) -> dict[str, Any]:
    """Return what a form says of fields; None where it says nothing."""
    return {spec.name: _said(spec, sent.all(spec.name)) for spec in specs}


def _said(spec: FieldSpec, texts: list[str]) -> Any:
    if not texts:
        return None
    if isinstance(spec.kind, ListOf):
        parts = texts if _control(spec) == "checkboxes" else texts[0].replace("；", ";").split(";")
        return [part.strip() for part in parts if part.strip()]
    if isinstance(spec.kind, Boolean):
        return texts[0] == "true"
    return texts[0]
