"""Where a right holds: the whole district, or grids, communities, streets, compounds, own records.

An area becomes a condition on golden records that the indexes over their places answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.errors import WrongUse
from hub.store import tables

Condition = sa.ColumnElement[bool]

#: The lengths of the codes by which an area can be named.
CODES: Mapping[str, int] = {"grids": 15, "communities": 12, "streets": 9}


@dataclass(frozen=True, slots=True)
class Area:
    """Places, of which a record has to lie in one; an area that names nothing is everywhere."""

    grids: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    #: The compounds that this source's own rooms lie in, and which those are: community and key.
    compounds_of: str | None = None
    compounds: tuple[tuple[str, str], ...] = ()
    #: The grids that those compounds lie in.
    grids_of: str | None = None
    #: What this source's own records speak of.
    records_of: str | None = None

    @property
    def everywhere(self) -> bool:
        """Tell whether the area is the whole district."""
        return self == EVERYWHERE

    @property
    def said(self) -> tuple[object, ...]:
        """Return what tells this area from others, but for what its source's rooms say today."""
        own = (self.compounds_of, self.grids_of, self.records_of)
        grids = () if self.grids_of else self.grids
        return (*own, grids, self.communities, self.streets)

    def rows(self, record_type: str, entity_id: sa.ColumnElement[str]) -> Condition:
        """Return the condition under which an entity of a type lies in the area."""
        if self.everywhere:
            return entity_id.is_not(None)
        golden = tables.GOLDEN[record_type]
        if getattr(entity_id, "table", None) is golden:
            return self._within(golden, record_type)
        other = golden.alias()
        found = sa.select(sa.literal(1)).where(other.c.entity_id == entity_id)
        return sa.exists(found.where(self._within(other, record_type)))

    def _within(self, golden: sa.FromClause, record_type: str) -> Condition:
        community, grid = golden.c.community_code, golden.c.grid_code
        said: list[Condition] = []
        said += [grid.in_(self.grids)] if self.grids else []
        said += [community.in_(self.communities)] if self.communities else []
        # Codes are digits, so that what begins with one lies between it and the next.
        said += [
            sa.and_(community >= street, community < str(int(street) + 1).zfill(len(street)))
            for street in self.streets
        ]
        said += [self._in_compounds(golden)] if self.compounds else []
        said += [self._spoken_of(golden, record_type)] if self.records_of else []
        return sa.or_(*said) if said else sa.false()

    def _in_compounds(self, golden: sa.FromClause) -> Condition:
        link = tables.link.alias()
        place = sa.tuple_(link.c.community_code, link.c.compound_key)
        lies = place.in_(list(self.compounds))
        found = sa.select(sa.literal(1)).where(link.c.entity_id == golden.c.entity_id, lies)
        return sa.exists(found)

    def _spoken_of(self, golden: sa.FromClause, record_type: str) -> Condition:
        link, record = tables.link.alias(), tables.RECORD[record_type].alias()
        found = (
            sa.select(sa.literal(1))
            .select_from(link.join(record, record.c.record_id == link.c.record_id))
            .where(
                link.c.entity_id == golden.c.entity_id,
                record.c.source == self.records_of,
                record.c.withdrawn_at.is_(None),
            )
        )
        return sa.exists(found)

    def document(self) -> dict[str, Any]:
        """Write the area as it is asked for and kept: codes by kind, empty for everywhere."""
        own = {"compounds_of": self.compounds_of, "records_of": self.records_of}
        codes = {name: list(getattr(self, name)) for name in CODES if getattr(self, name)}
        if self.grids_of:
            codes, own = {}, own | {"grids_of": self.grids_of}
        return codes | {name: said for name, said in own.items() if said}


EVERYWHERE = Area()


class NoArea(WrongUse):
    """What is said to be an area names none."""

    status = 422


def area_of(said: Mapping[str, Any] | None) -> Area:
    """Read an area as it is asked for and kept; raise NoArea where it is none."""
    said = said or {}
    if unknown := set(said) - set(CODES):
        raise NoArea(f"an area is named by {', '.join(CODES)}; not by {len(unknown)} other words")
    found: dict[str, tuple[str, ...]] = {}
    for kind, length in CODES.items():
        codes = tuple(sorted({str(code) for code in said.get(kind) or ()}))
        if not all(len(code) == length and code.isascii() and code.isdigit() for code in codes):
            raise NoArea(f"codes of {kind} have {length} digits")
        found[kind] = codes
    return Area(found["grids"], found["communities"], found["streets"])


def area_of_codes(codes: Iterable[str]) -> Area:
    """Return the area that codes of grids, communities and streets name; their length tells."""
    kinds = {length: kind for kind, length in CODES.items()}
    said: dict[str, list[str]] = {kind: [] for kind in CODES}
    for code in codes:
        if len(code) not in kinds:
            raise WrongUse("an area's code has 9, 12 or 15 digits")
        said[kinds[len(code)]].append(code)
    return area_of(said)
