"""Rules between the values of one record: what contradicts, what follows, what no record may lack.

Kinds judge a value; these rules judge a record of a type, whole columns at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from schemas.distinct import Texts, is_said, nothing, where
from schemas.field import Section
from schemas.kinds.identity import birth_date_of, sex_of


@dataclass(frozen=True)
class Found:
    """Records, by position, in which one thing was found of one field, or of none."""

    records: np.ndarray
    field: str | None
    #: The rule that is broken, or what there is to note.
    word: str


@dataclass
class Settled:
    """Values after the rules; what broke one, what was noted."""

    values: Mapping[str, Texts]
    #: How many records there are.
    size: int
    faults: list[Found] = field(default_factory=list)
    notes: list[Found] = field(default_factory=list)

    def column(self, name: str) -> Texts:
        """Return the values of a field, whether or not the records have it."""
        return self.values[name] if name in self.values else nothing(self.size)


def settle(model: type[Section], values: Mapping[str, Texts], size: int) -> Settled:
    """Apply the rules of a record type to judged values of so many records.

    Settling twice is settling once.
    """
    settled = Settled(values, size)
    for rule in _RULES.get(model.record_type, ()):
        rule(settled)
    return settled


def _found(mask: np.ndarray, field: str | None, word: str) -> list[Found]:
    records = mask.nonzero()[0]
    return [Found(records, field, word)] if len(records) else []


def _cells(said: Texts) -> np.ndarray:
    return np.asarray(said.to_numpy(dtype="object", na_value=""), dtype=object)


def _needs_a_name(settled: Settled) -> None:
    """Hold a person without a name; the kind has blanked names that stand for nobody."""
    named = is_said(settled.column("person_name"))
    settled.faults += _found(~named, None, "person.no_name")


def _agrees_with_id(settled: Settled) -> None:
    """Let a valid id number decide on birth date and sex, which it contains (GB 11643)."""
    numbers = settled.column("citizen_id_no")
    if not is_said(numbers).any():
        return
    decided = {}
    for name, told, rule in (
        ("birth_date", birth_date_of(numbers), "person.id_birth_differs"),
        ("sex_code", sex_of(numbers), "person.id_sex_differs"),
    ):
        said, known = settled.column(name), is_said(told)
        spoken = is_said(said)
        if name == "sex_code":
            # 0 and 9 (unknown, not stated) contradict nothing.
            spoken &= ~np.isin(_cells(said), ("0", "9"))
        differs = spoken & known & (_cells(said) != _cells(told))
        settled.faults += _found(differs, name, rule)
        settled.notes += _found(~spoken & known, name, "person.derived_from_id")
        decided[name] = told if known.all() else where(known, told, said)
    settled.values = {**settled.values, **decided}


_RULES: dict[str, tuple[Callable[[Settled], None], ...]] = {
    "person": (_needs_a_name, _agrees_with_id),
}
