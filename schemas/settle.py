"""Rules between the values of one record: what contradicts, what follows, what no record may lack.

Kinds judge a value; these rules judge a record of a type, whole columns at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from schemas.field import Section
from schemas.kinds.identity import birth_date_of, sex_of


@dataclass(frozen=True)
class Settled:
    """Values after the rules; what broke one (``record, field, rule``), what was noted."""

    values: pd.DataFrame
    faults: pd.DataFrame
    notes: pd.DataFrame


def settle(model: type[Section], values: pd.DataFrame) -> Settled:
    """Apply the rules of a record type to judged values; settling twice is settling once."""
    rules = _RULES.get(model.record_type, ())
    faults, notes = [_none("rule")], [_none("note")]
    for rule in rules:
        values, broken, noted = rule(values)
        faults += [part for part in broken if len(part)]
        notes += [part for part in noted if len(part)]
    return Settled(values, _joined(faults), _joined(notes))


Outcome = tuple[pd.DataFrame, list[pd.DataFrame], list[pd.DataFrame]]


def _none(column: str) -> pd.DataFrame:
    frame = pd.DataFrame({"field": [], column: []}, dtype="str")
    return frame.assign(record=pd.Series([], dtype="int64"))


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts[1:], ignore_index=True) if len(parts) > 1 else parts[0]


def _at(mask: pd.Series, field: str | None, **said: str) -> pd.DataFrame:
    frame = pd.DataFrame({"record": mask.index[mask]}).assign(**said)
    return frame.assign(field=pd.Series([field] * len(frame), dtype="str"))


def _column(values: pd.DataFrame, name: str) -> pd.Series:
    if name in values:
        return values[name]
    return pd.Series([None] * len(values), index=values.index, dtype="str")


def _needs_a_name(values: pd.DataFrame) -> Outcome:
    """Hold a person without a name; the kind has blanked names that stand for nobody."""
    nameless = _column(values, "person_name").isna()
    return values, [_at(nameless, None, rule="person.no_name")], []


def _agrees_with_id(values: pd.DataFrame) -> Outcome:
    """Let a valid id number decide on birth date and sex, which it contains (GB 11643)."""
    numbers = _column(values, "citizen_id_no")
    if not numbers.notna().any():
        return values, [], []
    values = values.copy()
    faults, notes = [], []
    for field, told, rule in (
        ("birth_date", birth_date_of(numbers), "person.id_birth_differs"),
        ("sex_code", sex_of(numbers), "person.id_sex_differs"),
    ):
        said = _column(values, field)
        # 0 and 9 (unknown, not stated) contradict nothing.
        spoken = said.notna() & ~said.isin(("0", "9")) if field == "sex_code" else said.notna()
        faults.append(_at(spoken & told.notna() & (said != told), field, rule=rule))
        notes.append(_at(~spoken & told.notna(), field, note="person.derived_from_id"))
        values[field] = told.where(told.notna(), said)
    return values, faults, notes


_RULES: dict[str, tuple[Callable[[pd.DataFrame], Outcome], ...]] = {
    "person": (_needs_a_name, _agrees_with_id),
}
