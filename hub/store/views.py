"""What one caller sees of one record type, as SQL: projection, masks, row filter.

A view is made by `hub.store.visible` alone; here it only does what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store import tables
from hub.store.areas import EVERYWHERE, Area
from hub.store.masks import MASKS
from schemas import FieldSpec, Section, fields

Text = sa.ColumnElement[str]
Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Part:
    """What is shown alike within one area: fields, and which of them in part only."""

    area: Area
    plain: frozenset[str]
    masked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class View:
    """What one caller sees of one record type: fields, which of them masked, and which rows."""

    model: type[Section]
    names: tuple[str, ...]
    masked: frozenset[str] = frozenset()
    #: By area, all that was granted, whether or not it is asked for.
    parts: tuple[Part, ...] = ()

    @property
    def specs(self) -> tuple[FieldSpec, ...]:
        """Return the visible fields in the order of their declaration."""
        return tuple(spec for spec in fields(self.model) if spec.name in self.names)

    @property
    def personal(self) -> tuple[str, ...]:
        """Return the visible fields of level L3 and L4."""
        return _personal(self)

    @property
    def signature(self) -> str:
        """Return a short text that differs for views that show anything differently."""
        return _signature(self)

    @property
    def _whole(self) -> bool:
        """Tell whether all rows that are seen at all are seen alike."""
        return len(self.parts) < 2

    def project(self, text_of: Callable[[str], Text]) -> list[sa.Label[str]]:
        """Return the visible fields as SQL expressions of canonical text, masks applied.

        ``text_of`` says where the text of a field comes from: a column, a member of a JSON value.
        Where different areas show different fields, only those that all of them show are read;
        whoever asks about one entity narrows the view down to it first (`of_one`).
        """
        everywhere = [
            name for name in self.names if all(name in self._of(part, name) for part in self.parts)
        ]
        nothing: Text = sa.literal(None, sa.Text)
        return [
            (self._shown(name, text_of(name)) if name in everywhere else nothing).label(name)
            for name in self.names
        ]

    def _shown(self, name: str, value: Text) -> Text:
        return MASKS[name](value) if name in self.masked else value

    def columns(self, table: sa.Table) -> list[sa.Label[str]]:
        """Return the visible fields of a table that has a column a field."""
        if self._whole or table is not golden_table(self):
            return self.project(lambda name: sa.cast(table.c[name], sa.Text))
        return [
            sa.case(
                (
                    self._granted(name, table.c.entity_id),
                    self._shown(name, sa.cast(table.c[name], sa.Text)),
                )
            ).label(name)
            for name in self.names
        ]

    def _granted(self, name: str, entity_id: sa.ColumnElement[str]) -> Condition:
        # A field that one area shows and another one masks is read where it is shown.
        return self._within(
            (part.area for part in self.parts if name in self._of(part, name)),
            entity_id,
        )

    def _of(self, part: Part, name: str) -> frozenset[str]:
        """Return what a part shows in the way that the view shows this field."""
        return part.masked if name in self.masked else part.plain

    def _within(self, areas: Iterable[Area], entity_id: sa.ColumnElement[str]) -> Condition:
        said = [area.rows(self.model.record_type, entity_id) for area in areas]
        return sa.or_(*said) if said else sa.false()

    def rows(self, entity_id: sa.ColumnElement[str]) -> Condition:
        """Return the condition under which the caller may see an entity of this type."""
        return self._within((part.area for part in self.parts), entity_id)

    def sought(self, names: Collection[str], entity_id: sa.ColumnElement[str]) -> Condition:
        """Return the condition under which an entity may be found by the values of these fields."""
        plain: frozenset[str] = frozenset().union(*(part.plain for part in self.parts))
        said = [self._granted(name, entity_id) for name in sorted(plain.intersection(names))]
        return self.rows(entity_id) if self._whole or not said else sa.and_(*said)

    @property
    def unlinked(self) -> Condition:
        """Return whether the caller sees records that belong to no entity, and so to no area."""
        return sa.true() if self.everywhere else sa.false()

    @property
    def everywhere(self) -> bool:
        """Tell whether the caller sees something of all entities of the type."""
        return any(part.area.everywhere for part in self.parts)

    def of_one(self, connection: Connection, entity_id: str) -> View:
        """Return the view as it is of one entity, which lies in some areas and not in others."""
        if self._whole:
            return self
        golden = golden_table(self)
        name = self.model.record_type
        areas = [part.area.rows(name, golden.c.entity_id).label(None) for part in self.parts]
        found = connection.execute(
            sa.select(*areas).where(golden.c.entity_id == entity_id)
        ).one_or_none()
        held = [part for part, lies in zip(self.parts, found or (), strict=False) if lies]
        # As in a list: what one area shows plainly is not shown in part for the sake of another.
        names = [name for name in self.names if any(name in self._of(part, name) for part in held)]
        return view_of(self.model, held, names)

    def searchable(self, name: str) -> bool:
        """Tell whether the caller may look for values of a field: searching by it is reading it."""
        return name in self.names and name not in self.masked

    def read(self, row: Mapping[Any, Any]) -> dict[str, object]:
        """Read the projected texts of a row as the values that the API shows."""
        found: dict[str, object] = {}
        for name, native in _natives(self.model, self.names):
            text = row[name]
            if text is not None:
                found[name] = text if name in self.masked else native(text)
        return found

    def marks(self, marks: Mapping[str, str] | None) -> dict[str, str]:
        """Return the marks of the visible fields; a mask outweighs what else there is to say."""
        said = {name: mark for name, mark in (marks or {}).items() if name in self.names}
        return said | {name: "masked" for name in self.names if name in self.masked}


@lru_cache(1_000)
def _personal(view: View) -> tuple[str, ...]:
    return tuple(spec.name for spec in view.specs if spec.personal)


@lru_cache(1_000)
def _signature(view: View) -> str:
    areas = [
        (part.area.said, sorted(part.plain.intersection(view.names)), sorted(part.masked))
        for part in view.parts
    ]
    said = repr((view.model.record_type, view.names, sorted(view.masked), areas))
    return blake2b(said.encode(), digest_size=6).hexdigest()


@lru_cache(1_000)
def _natives(
    model: type[Section], names: tuple[str, ...]
) -> tuple[tuple[str, Callable[[str], object]], ...]:
    return tuple((spec.name, spec.kind.native) for spec in fields(model) if spec.name in names)


def merged(parts: Iterable[Part]) -> list[Part]:
    """Take together what is granted for one area, and leave out what is granted everywhere."""
    by_area: dict[Area, Part] = {}
    for part in parts:
        known = by_area.get(part.area, Part(part.area, frozenset()))
        plain = known.plain | part.plain
        by_area[part.area] = Part(part.area, plain, (known.masked | part.masked) - plain)
    everywhere = by_area.pop(EVERYWHERE, Part(EVERYWHERE, frozenset()))
    more = [
        replace(
            part,
            plain=part.plain | everywhere.plain,
            masked=(part.masked | everywhere.masked) - part.plain - everywhere.plain,
        )
        for part in by_area.values()
        if not part.plain <= everywhere.plain
        or not part.masked <= everywhere.plain | everywhere.masked
    ]
    some = [everywhere] if everywhere.plain or everywhere.masked else []
    return [*some, *(part for part in more if part.plain or part.masked)]


def showing(parts: Sequence[Part]) -> list[Part]:
    """Leave out what only masks that which is shown plainly elsewhere: it shows nothing."""
    plain: frozenset[str] = frozenset().union(*(part.plain for part in parts))
    return [part for part in parts if part.plain or part.masked - plain]


def view_of(model: type[Section], parts: Sequence[Part], names: Iterable[str]) -> View:
    """Return the view of these fields, as far as a part of it shows them."""
    plain: frozenset[str] = frozenset().union(*(part.plain for part in parts))
    masked = frozenset().union(*(part.masked for part in parts)) - plain
    shown = tuple(name for name in names if name in plain or name in masked)
    return View(model, shown, masked.intersection(shown), tuple(parts))


def golden_table(view: View) -> sa.Table:
    """Return the table that holds the golden records of a view's record type."""
    return tables.GOLDEN[view.model.record_type]
