"""Whom the rows of a form are about: found for sure, or not at all.

A number alone names somebody; a name does so with a telephone, a day of birth or an address. What
may be two, or what speaks against itself, is no one: it is told, and the row is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import pandas as pd
from sqlalchemy import Connection

from hub.store.golden_reads import GoldenRecord, golden_of, golden_with
from hub.store.search_reads import lies_at
from hub.store.visible import View
from schemas import MODELS, field
from schemas.chinese import fold_names, folded

#: What becomes of a row.
Outcome = Literal["found", "several", "against", "nobody", "little"]
#: By record type, the fields by which a row can name an entity.
NAMING: Mapping[str, tuple[str, ...]] = {
    "person": (
        *("person_id", "citizen_id_no", "id_document_no", "person_name", "former_name"),
        *("contact_phone", "birth_date", "standard_address"),
    ),
    "house": (
        *("house_code", "real_estate_unit_code", "standard_address"),
        *("compound_name", "building_no", "unit_no", "room_no"),
    ),
}
#: So many rows are looked for at once.
_AT_ONCE = 500
_ENTITY_ID = re.compile("P[0-9a-f]{32}")
_NUMBERS = ("citizen_id_no", "id_document_no")
_HIDDEN = re.compile("[*＊xX×]{3,}")


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """What a row says of whom it is about: as it stands, and as kinds write it."""

    texts: Mapping[str, str]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whom a row is about, or why nobody can say."""

    outcome: Outcome
    entity_id: str | None = None


def said_of(record_type: str, texts: Mapping[str, str]) -> Said:
    """Read what a row says in the fields that can name an entity."""
    model = MODELS[record_type]
    values: dict[str, str] = {}
    for name in NAMING[record_type]:
        if text := texts.get(name):
            value = field(model, name).kind.judge_one(text).value
            values |= {name: value} if value is not None else {}
    if record_type == "person" and "citizen_id_no" not in values and "citizen_id_no" in texts:
        # A passport's number stands in the same column.
        other = field(model, "id_document_no").kind.judge_one(texts["citizen_id_no"]).value
        values |= {"id_document_no": other} if other is not None else {}
    return Said(texts, values)


def found_of(connection: Connection, view: View, rows: Sequence[Said]) -> list[Verdict]:
    """Say of each row whom it is about; ``view`` shows the fields that can name an entity."""
    decide = {"person": _person, "house": _house}[view.model.record_type]
    verdicts: list[Verdict] = []
    remaining = iter(rows)
    while part := list(islice(remaining, _AT_ONCE)):
        known = _Known(_candidates(connection, view, part))
        verdicts += [decide(said, known) for said in part]
    return verdicts


#: Fields by which candidates are looked for; what else is said decides between them.
_SOUGHT: Mapping[str, tuple[str, ...]] = {
    "person": ("citizen_id_no", "id_document_no", "person_name"),
    "house": ("house_code", "real_estate_unit_code", "standard_address", "compound_name"),
}


def _candidates(connection: Connection, view: View, rows: Sequence[Said]) -> Iterator[GoldenRecord]:
    ids = [one for row in rows if (one := row.texts.get("person_id", "")) if _is_id(one)]
    yield from golden_of(connection, view, ids).values()
    for name in _SOUGHT[view.model.record_type]:
        values = {row.values[name] for row in rows if name in row.values}
        if name in _NUMBERS:
            # Which of the two fields holds a number is for its department to say.
            values = {row.values[one] for row in rows for one in _NUMBERS if one in row.values}
        if view.searchable(name):
            yield from golden_with(connection, view, name, sorted(values))


def _is_id(text: str) -> bool:
    return _ENTITY_ID.fullmatch(text) is not None


class _Known:
    """The records that rows may be about, by what they are looked for by."""

    def __init__(self, records: Iterable[GoldenRecord]) -> None:
        self.records = {record.id: record for record in records}
        self.by: dict[tuple[str, str], list[GoldenRecord]] = {}
        for record in self.records.values():
            for name, value in record.fields.items():
                self.by.setdefault((name, str(value)), []).append(record)

    def with_value(self, names: Iterable[str], value: str | None) -> list[GoldenRecord]:
        """Return the records that have a value in one of these fields."""
        found = (one for name in names for one in self.by.get((name, value or ""), ()))
        return list({one.id: one for one in found}.values()) if value else []


#: Whether a record agrees with what a row says of something; None: one of them says nothing.
Agrees = bool | None


def _equal(said: Said, record: GoldenRecord, name: str) -> Agrees:
    value, known = said.values.get(name), record.fields.get(name)
    return None if value is None or known is None else str(known) == value


def _number(said: Said, record: GoldenRecord) -> Agrees:
    known = {str(record.fields[name]) for name in _NUMBERS if name in record.fields}
    given = {said.values[name] for name in _NUMBERS if name in said.values}
    text = folded(said.texts.get("citizen_id_no", ""))
    if not given and _HIDDEN.search(text):
        # A number in part does not name anybody, but can speak against somebody.
        shown = re.sub("[*X×]", ".", text)
        return False if known and not any(re.fullmatch(shown, one) for one in known) else None
    return bool(known & given) if known and given else None


def _named(said: Said, record: GoldenRecord) -> Agrees:
    names = [record.fields.get(name) for name in ("person_name", "former_name")]
    known = [str(name) for name in names if name]
    given = said.values.get("person_name")
    if given is None or not known:
        return None
    keys = list(fold_names(pd.Series([given, *known], dtype="str")))
    return keys[0] in keys[1:]


def _lives(said: Said, record: GoldenRecord) -> Agrees:
    text, known = said.texts.get("standard_address"), record.fields.get("standard_address")
    return None if not text or not known else lies_at(text, str(known))


def _person(said: Said, known: _Known) -> Verdict:
    own = said.texts.get("person_id", "")
    if _is_id(own):
        return Verdict("found", own) if own in known.records else Verdict("nobody")
    numbers = [said.values[name] for name in _NUMBERS if name in said.values]
    for number in numbers:
        if found := known.with_value(_NUMBERS, number):
            return _by_number(said, found)
    if "person_name" not in said.values:
        return Verdict("nobody" if numbers else "little")
    return _by_name(said, known, sure=bool(numbers))


def _by_number(said: Said, found: Sequence[GoldenRecord]) -> Verdict:
    if len(found) > 1:
        return Verdict("several")
    named = _named(said, found[0])
    if named is False or (named is None and _equal(said, found[0], "birth_date") is False):
        return Verdict("against")
    return Verdict("found", found[0].id)


def _by_name(said: Said, known: _Known, *, sure: bool) -> Verdict:
    """Find somebody by name and something else; ``sure``: the row gives a number that none has."""
    tests: tuple[Callable[[GoldenRecord], Agrees], ...] = (
        lambda one: _equal(said, one, "contact_phone"),
        lambda one: _equal(said, one, "birth_date"),
        lambda one: _lives(said, one),
    )
    given = any(said.texts.get(n) for n in ("contact_phone", "birth_date", "standard_address"))
    found: dict[str, list[Agrees]] = {}
    for record in known.with_value(("person_name",), said.values["person_name"]):
        agreed = [test(record) for test in tests]
        against = _number(said, record) is False or agreed[1] is False
        if True in agreed and not against:
            found[record.id] = agreed
    if len(found) == 1:
        return Verdict("found", next(iter(found)))
    best = [one for one, agreed in found.items() if False not in agreed]
    if len(best) == 1 and all(False in agreed for one, agreed in found.items() if one != best[0]):
        return Verdict("found", best[0])
    if found:
        return Verdict("several")
    return Verdict("nobody" if given or sure else "little")


def _house(said: Said, known: _Known) -> Verdict:
    doors = ("compound_name", "building_no", "unit_no", "room_no")
    ways = [("house_code",), ("real_estate_unit_code",), ("standard_address",)]
    for (name,) in ways:
        if found := known.with_value((name,), said.values.get(name)):
            fitting = [one for one in found if not _elsewhere(said, one, doors[1:])]
            return _only(fitting) if fitting else Verdict("against")
    if any(name in said.values for name in ("house_code", "real_estate_unit_code")):
        return Verdict("nobody")
    if not said.values.keys() >= {"compound_name", "building_no", "room_no"}:
        return Verdict("nobody" if "standard_address" in said.texts else "little")
    there = known.with_value(("compound_name",), said.values["compound_name"])
    return _only(
        [
            one
            for one in there
            if all(_equal(said, one, name) for name in ("building_no", "room_no"))
            and _equal(said, one, "unit_no") is not False
        ]
    )


def _elsewhere(said: Said, record: GoldenRecord, names: Iterable[str]) -> bool:
    return any(_equal(said, record, name) is False for name in names)


def _only(found: Sequence[GoldenRecord]) -> Verdict:
    if len(found) == 1:
        return Verdict("found", found[0].id)
    return Verdict("several" if found else "nobody")
