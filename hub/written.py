"""Writing a public value back into a source's own columns.

A translation says where each field stands by reading it there (`hub.columns`): the same columns
and code tables, read backwards, are the ways to write declared here. Whoever writes lets the
translation read what was written, so that no spelling is sent that would not be understood.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from schemas.chinese import folded
from schemas.kinds import Date, Kind
from schemas.kinds.phone import read_number

#: What separates telephones of one cell; it stays as the source wrote it.
_BETWEEN = re.compile(r"([/／、;,，；|\\\n\r])")

Row = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value that a row should say of a field, and what there is to spell it by."""

    value: str
    #: What the row says of the field now, as canonical text.
    before: str | None
    row: Row
    kind: Kind
    area_code: str


#: Spells a value: the cells to be changed, or None where the source has no words for it.
Spell = Callable[[Wanted], dict[str, str] | None]


@dataclass(frozen=True, slots=True)
class Written:
    """The columns that a field's value stands in, and how it is spelt there."""

    columns: tuple[str, ...]
    spell: Spell


def as_said(column: str, date_form: str) -> Written:
    """Write values as they are; dates as the source writes dates, lists with 、 between."""

    def spell(wanted: Wanted) -> dict[str, str]:
        if isinstance(wanted.kind, Date):
            return {column: date.fromisoformat(wanted.value).strftime(date_form)}
        if wanted.kind.many:
            return {column: "、".join(map(str, json.loads(wanted.value)))}
        return {column: wanted.value}

    return Written((column,), spell)


def as_word(column: str, codes: Mapping[str, str | None], *, words: bool) -> Written:
    """Write a code as a word of the table it is read by: as the code itself, or as its label."""
    known = set(codes.values())

    def spell(wanted: Wanted) -> dict[str, str] | None:
        found = [word for word, code in codes.items() if code == wanted.value]
        spoken = [word for word in found if word not in known]
        if words:
            found = spoken or found
        elif wanted.value in found:
            found = [wanted.value]
        return {column: found[0]} if found else None

    return Written((column,), spell)


def as_one_phone(column: str) -> Written:
    """Write a telephone into a cell that may hold several: only the superseded one gives way."""

    def spell(wanted: Wanted) -> dict[str, str]:
        cell = wanted.row.get(column) or ""
        # Separators stand at the odd places.
        parts = _BETWEEN.split(cell)
        numbers = [read_number(part, wanted.area_code) for part in parts[::2]]
        if wanted.before is None or wanted.before not in numbers:
            return {column: wanted.value}
        place = numbers.index(wanted.before)
        parts[2 * place] = wanted.value
        for again in (at for at, number in enumerate(numbers) if number == wanted.value):
            # It stood there already, behind the superseded one: it is not said twice.
            parts[2 * again] = ""
        said = [part for part in parts[::2] if part]
        marks = parts[1::2] or ["/"]
        return {column: marks[0].join(said)}

    return Written((column,), spell)


def as_end(column: str) -> Written:
    """Write a text that is the end of a cell, as an address is behind the district's name."""

    def spell(wanted: Wanted) -> dict[str, str] | None:
        cell = wanted.row.get(column) or ""
        if not cell or wanted.before is None:
            return {column: wanted.value}
        at = folded(cell).rfind(folded(wanted.before))
        # Folding keeps the length of an address; where it does not, nothing can be cut by place.
        if at < 0 or len(folded(cell)) != len(cell):
            return None
        return {column: cell[:at] + wanted.value}

    return Written((column,), spell)


def as_flags(columns: Mapping[str, str], yes: str, no: str) -> Written:
    """Write a list of codes as one column a code that says yes or no."""

    def spell(wanted: Wanted) -> dict[str, str] | None:
        codes, before = set(json.loads(wanted.value)), set(json.loads(wanted.before or "[]"))
        changed = {
            name: code for name, code in columns.items() if (code in codes) != (code in before)
        }
        return {name: yes if code in codes else no for name, code in changed.items()} or None

    return Written(tuple(columns), spell)
