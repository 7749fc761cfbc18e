"""Translating back: public values in a source's own columns, codes and formats.

Every source spells in its own way (`hub.written`); what was spelt is read again by the source's
own translation, and only what reads back as meant, and changes nothing else, may leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from hub.config import District
from hub.connector import Dataset
from hub.judging import judge
from hub.written import Row, Wanted
from schemas import MODELS
from schemas.distinct import cells, text_array
from schemas.field import field as field_of


@dataclass(frozen=True, slots=True)
class Told:
    """A record of a row: its type and its own key, which a row of several people shares out."""

    record_type: str
    key: str


@dataclass(frozen=True, slots=True)
class Expressed:
    """Cells to be changed in a source's row, and the fields that they say."""

    #: column → what it says now, what it should say
    cells: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    #: field → the columns that say it
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)


def expressed(
    dataset: Dataset, district: District, row: Row, told: Told, wanted: Mapping[str, str]
) -> Expressed:
    """Spell as many of the wanted values as the source has words for.

    Values that the row says already are expressed by no cells.
    """
    now = read_row(dataset, district, row, told)
    if now is None:
        return Expressed()
    tried = _Spelling(dataset, district, told, now)
    names = [name for name in wanted if (told.record_type, name) in dataset.written]
    # Nearly always all can be said at once; else each is tried by itself.
    whole = tried.say(row, {name: wanted[name] for name in names})
    cells, said = (whole, names) if whole else (dict(row), [])
    for name in names if whole is None else ():
        more = tried.say(row, {one: wanted[one] for one in (*said, name)})
        cells, said = (more, [*said, name]) if more else (cells, said)
    return Expressed(
        {n: (row.get(n), str(cell)) for n, cell in cells.items() if cell != row.get(n)},
        {name: dataset.written[told.record_type, name].columns for name in said},
    )


@dataclass(frozen=True, slots=True)
class _Spelling:
    """Spells values into a row that says certain things now."""

    dataset: Dataset
    district: District
    told: Told
    now: Mapping[str, str | None]

    def say(self, row: Row, wanted: Mapping[str, str]) -> dict[str, str | None] | None:
        """Return the row with these values in it; None where it would not say just them."""
        cells = dict(row)
        for name, value in wanted.items():
            if self.now.get(name) == value:
                continue
            kind = field_of(MODELS[self.told.record_type], name).kind
            area_code = self.district.area_code
            how = Wanted(value, self.now.get(name), cells, kind, area_code)
            spelt = self.dataset.written[self.told.record_type, name].spell(how)
            if spelt is None:
                return None
            cells |= spelt
        if cells == row:
            return cells
        then = read_row(self.dataset, self.district, cells, self.told)
        return cells if then is not None and self._as_meant(then, wanted) else None

    def _as_meant(self, then: Mapping[str, str | None], wanted: Mapping[str, str]) -> bool:
        """Tell whether just these values have changed; what follows from them may as well."""
        return all(
            then.get(name) == wanted.get(name, value)
            for name, value in self.now.items()
            if name in wanted or (self.told.record_type, name) in self.dataset.written
        )


def read_row(
    dataset: Dataset, district: District, row: Row, told: Told
) -> dict[str, str | None] | None:
    """Return what a row says in public fields of one of its records; None where it lacks it."""
    rows = {name: text_array([row.get(name)]) for name in dataset.agreement.columns}
    for part in dataset.records(rows, district).records:
        if part.model.record_type != told.record_type:
            continue
        judged = judge(part, np.arange(1), dataset.key_of(rows)).records
        found = np.flatnonzero(cells(judged["key"]) == told.key)
        if len(found):
            said = {name: cells(column)[found[0]] for name, column in judged.items()}
            return {name: said.get(name) for name in part.model.model_fields}
    return None
