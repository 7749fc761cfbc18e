"""Who may see what: the one place that decides it.

Every read path - a record, a list, a search, provenance, history, the feed, an export, a record by
its source's key - takes its SQL projection, its masks and its row filter from `visible`, and from
`visible_sources` what concerns whole sources. What a caller may see follows from its grants: those
of its role (`hub.store.default_grants`) and those it has asked for (`hub.store.grants`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import WrongUse
from hub.store import tables
from hub.store.areas import EVERYWHERE, Area
from hub.store.default_grants import PURPOSES, Grant, Rights, default_grants
from hub.store.masks import MASKABLE, MASKS
from schemas import MODELS, FieldSpec, Section, fields

__all__ = ["MASKABLE", "PURPOSES", "ROLES", "SCOPES", "Caller", "Denied", "Role", "View", "visible"]

Role = Literal["department", "worker", "steward", "auditor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

#: What the scopes of a role are, unless a token asks for fewer.
SCOPES: Mapping[str, frozenset[str]] = {
    "department": frozenset({"read", "write"}),
    "worker": frozenset({"read", "write"}),
    "steward": frozenset({"read", "write"}),
    "auditor": frozenset({"read"}),
    "admin": frozenset({"read", "write"}),
}


class Denied(WrongUse):
    """The caller may not see or do what was asked for."""

    status = 403


class PurposeMissing(Denied):
    """Fields of level L3 or L4 were asked for without saying what for."""


class UnknownField(WrongUse):
    """A record type carries no field of this name."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a client system with its role, its scopes and, for a department, its source."""

    client_id: str
    role: Role
    source: str | None = None
    scopes: frozenset[str] = frozenset()
    rights: Rights = field(default_factory=Rights)

    def grants(self, model: type[Section], now: datetime | None = None) -> tuple[Grant, ...]:
        """Return what the caller may read of a record type now: by role, and by request."""
        moment = now or datetime.now(UTC)
        standing = default_grants(self.role, self.source, self.rights)
        return tuple(
            grant
            for grant in (*standing, *self.rights.grants)
            if grant.record_type == model.record_type and grant.holds(moment)
        )

    def purposes(self) -> frozenset[str]:
        """Return what the caller may read personal things for at all."""
        standing = default_grants(self.role, self.source, self.rights)
        now = datetime.now(UTC)
        held = (one.purposes for one in (*standing, *self.rights.grants) if one.holds(now))
        return frozenset().union(*held)


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
        return tuple(spec.name for spec in self.specs if spec.personal)

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
            name
            for name in self.names
            if all(name in part.plain or name in part.masked for part in self.parts)
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
        masked = name in self.masked
        return self._within(
            (part.area for part in self.parts if name in (part.masked if masked else part.plain)),
            entity_id,
        )

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
        return sa.true() if any(part.area.everywhere for part in self.parts) else sa.false()

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
        return _view(self.model, held, self.names)

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


def visible(
    caller: Caller,
    model: type[Section],
    *,
    names: Collection[str] | None = None,
    purpose: str | None = None,
    values: bool = True,
) -> View:
    """Return what the caller sees of a record type, of the fields asked for or of all.

    A field that is not granted, or not for this purpose, is left out. Raises Denied where nothing
    of the type is granted, or nothing personal of it for the purpose given; PurposeMissing where
    personal fields would be shown and no purpose is given. ``values`` is false where only the
    names of fields are told, as in the feed: nothing granted then is a view of no rows.
    """
    asked = None if names is None else frozenset(names)
    return _visible(caller.grants(model), model, asked, purpose, values)


@lru_cache(5_000)
def _visible(
    grants: tuple[Grant, ...],
    model: type[Section],
    asked: frozenset[str] | None,
    purpose: str | None,
    values: bool,
) -> View:
    if unknown := (asked or frozenset()) - {spec.name for spec in fields(model)}:
        raise UnknownField(f"{model.collection} have no such field ({len(unknown)} of those named)")
    if values and not any(grant.fields for grant in grants):
        raise Denied(f"no grant of this caller covers {model.collection}")
    shown = _wanted(grants, model, asked)
    if values:
        _check_purpose(grants, model, shown, purpose)
    parts = [_part(grant, model, purpose if values else None, values) for grant in grants]
    return _view(model, _merged(parts), shown)


def _wanted(
    grants: Iterable[Grant], model: type[Section], asked: frozenset[str] | None
) -> tuple[str, ...]:
    granted: frozenset[str] = frozenset().union(*(grant.fields for grant in grants))
    names = granted if asked is None else granted & asked
    return tuple(spec.name for spec in fields(model) if spec.name in names)


def _personal(model: type[Section]) -> frozenset[str]:
    return frozenset(spec.name for spec in fields(model) if spec.personal)


def _check_purpose(
    grants: Sequence[Grant], model: type[Section], shown: Sequence[str], purpose: str | None
) -> None:
    """Insist on a purpose for personal fields, and on one that a grant of them covers."""
    personal = _personal(model).intersection(shown)
    if not personal:
        return
    need_purpose(purpose, personal)
    covered = frozenset().union(*(one.purposes for one in grants if personal & one.fields))
    if purpose not in covered:
        listed = ", ".join(one for one in PURPOSES if one in covered) or "none"
        raise Denied(
            f"the grants of {model.collection} do not cover this purpose; they cover: {listed}"
        )


def _part(grant: Grant, model: type[Section], purpose: str | None, values: bool) -> Part:
    shown = grant.fields
    if values and purpose not in grant.purposes:
        shown -= _personal(model)
    return Part(grant.area, shown - grant.masked, shown & grant.masked)


def _merged(parts: Iterable[Part]) -> list[Part]:
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


def _view(model: type[Section], parts: Sequence[Part], names: Iterable[str]) -> View:
    plain: frozenset[str] = frozenset().union(*(part.plain for part in parts))
    masked = frozenset().union(*(part.masked for part in parts)) - plain
    shown = tuple(name for name in names if name in plain or name in masked)
    return View(model, shown, masked.intersection(shown), tuple(parts))


def visible_records(
    caller: Caller, model: type[Section], source: str, *, purpose: str | None = None
) -> View:
    """Return what the caller sees of a source's own records: all, if it is the caller's source."""
    if caller.source != source:
        return visible(caller, model, purpose=purpose)
    names = tuple(spec.name for spec in fields(model))
    if personal := _personal(model):
        need_purpose(purpose, personal, caller.purposes())
    return _view(model, [Part(EVERYWHERE, frozenset(names))], names)


def need_purpose(
    purpose: str | None, names: Collection[str], covered: Collection[str] = PURPOSES
) -> None:
    """Raise PurposeMissing unless one of the purposes is given to read these fields for."""
    if purpose not in PURPOSES:
        listed = ", ".join(sorted(names)[:5]) + (", …" if len(names) > 5 else "")
        raise PurposeMissing(
            f"reading {listed} needs the header Hub-Purpose, one of: {', '.join(PURPOSES)}"
        )
    if purpose not in covered:
        listed = ", ".join(one for one in PURPOSES if one in covered) or "none"
        raise Denied(f"this purpose is not one that the caller's grants cover: {listed}")


def need_searchable(view: View, names: Collection[str]) -> None:
    """Raise Denied unless the caller may see all these fields plainly: to filter is to read."""
    hidden = [name for name in names if not view.searchable(name)]
    if hidden:
        raise Denied(f"looking for a value of {', '.join(sorted(hidden))} is reading it: no grant")


@dataclass(frozen=True, slots=True)
class SourcesView:
    """What one caller sees of sources themselves: batches, signals, quarantine, raw rows."""

    every: bool
    own: str | None

    def rows(self, source: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """Return the condition under which the caller may see what concerns a source."""
        return sa.true() if self.every else source == self.own

    def includes(self, source: str) -> bool:
        """Tell whether the caller may see what concerns a source."""
        return self.every or source == self.own


def visible_sources(caller: Caller) -> SourcesView:
    """Return whose batches, signals and quarantine the caller sees; Denied where nobody's."""
    view = SourcesView(caller.role in ("steward", "admin", "auditor"), caller.source)
    if not view.every and view.own is None:
        raise Denied(f"the role {caller.role} does not see batches, signals and quarantine")
    return view


def visible_rows(caller: Caller) -> SourcesView:
    """Return whose rows the caller may see as they were sent."""
    return SourcesView(caller.role in ("steward", "admin"), caller.source)


def may_push(caller: Caller, source: str) -> bool:
    """Tell whether the caller may send rows in the name of a source."""
    return caller.role == "admin" or (caller.role == "department" and caller.source == source)


def may_judge(caller: Caller) -> bool:
    """Tell whether the caller's word on two records counts."""
    return caller.role in ("steward", "admin")


def countable(caller: Caller, names: Collection[str], purpose: str) -> Area:
    """Return where the caller is told numbers of people by these fields; Denied where nowhere.

    A property company is told them of its own compounds, without any right to a person.
    """
    if caller.role == "department" and caller.source == "property":
        return Area(compounds_of=caller.source, compounds=caller.rights.compounds)
    shown = [
        one
        for one in caller.grants(MODELS["person"])
        if purpose in one.purposes and one.fields.issuperset(names)
    ]
    if not shown:
        raise Denied("no grant of this caller covers these counts")
    return min((one.area for one in shown), key=lambda area: not area.everywhere)


def sees_all_shares(caller: Caller) -> bool:
    """Tell whether the caller sees what others asked to share, and what they were granted."""
    return caller.role in ("steward", "admin", "auditor")


def need_matches(caller: Caller) -> None:
    """Raise Denied unless the caller sees which records were compared, and what was said of it."""
    if caller.role not in ("steward", "admin", "auditor"):
        raise Denied(f"the role {caller.role} does not see matches and judgements")


def golden_table(view: View) -> sa.Table:
    """Return the table that holds the golden records of a view's record type."""
    return tables.GOLDEN[view.model.record_type]
