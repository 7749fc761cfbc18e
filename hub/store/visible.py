"""Who may see what: the one place that decides it.

Every read path - a record, a list, a search, provenance, history, the feed, an export, a record by
its source's key - takes its SQL projection, its masks and its row filter from `visible`, and from
`visible_sources` what concerns whole sources. What a caller may see follows from its grants: those
of its role (`hub.store.default_grants`) and those it has asked for (`hub.store.grants`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, get_args

import sqlalchemy as sa

from hub.errors import WrongUse
from hub.store.areas import EVERYWHERE, Area
from hub.store.default_grants import PURPOSES, Grant, Rights, default_grants
from hub.store.masks import MASKABLE
from hub.store.views import Part, View, golden_table, merged, showing, view_of
from schemas import MODELS, FieldSpec, Section, fields

#: What comes from elsewhere and is asked for here.
__all__ = ["MASKABLE", "PURPOSES", "View", "golden_table", "visible"]

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
    """Who calls, a system or a person: the role, the scopes, a department's source, own areas."""

    client_id: str
    role: Role
    source: str | None = None
    scopes: frozenset[str] = frozenset()
    #: Where a person works, by the codes of grids, communities or streets; empty: everywhere.
    areas: frozenset[str] = frozenset()
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
    found = merged(parts)
    return view_of(model, showing(found) if values else found, shown)


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


def visible_records(
    caller: Caller, model: type[Section], source: str, *, purpose: str | None = None
) -> View:
    """Return what the caller sees of a source's own records: all, if it is the caller's source."""
    if caller.source != source:
        return visible(caller, model, purpose=purpose)
    names = tuple(spec.name for spec in fields(model))
    if personal := _personal(model):
        need_purpose(purpose, personal, caller.purposes())
    return view_of(model, [Part(EVERYWHERE, frozenset(names))], names)


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
    #: Fields, by record type, whose values as sent only their own source sees.
    hidden: frozenset[tuple[str, str]] = frozenset()

    def rows(self, source: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """Return the condition under which the caller may see what concerns a source."""
        return sa.true() if self.every else source == self.own

    def includes(self, source: str) -> bool:
        """Tell whether the caller may see what concerns a source."""
        return self.every or source == self.own

    def shows_rows(self, source: str, record_types: Iterable[str]) -> bool:
        """Tell whether the caller may see rows as sent that records of these types are made of.

        A row holds all that its records hold: who must not see one field sees no row.
        """
        guarded = {record_type for record_type, _ in self.hidden}
        return source == self.own or (self.every and guarded.isdisjoint(record_types))

    def said(self, table: sa.Table) -> sa.ColumnElement[Any]:
        """Return a quarantined value as sent, or nothing where the caller may not see it."""
        guarded = {record_type for record_type, _ in self.hidden}
        field_hidden = sa.tuple_(table.c.record_type, table.c.field).in_(sorted(self.hidden))
        whole = sa.and_(table.c.field.is_(None), table.c.record_type.in_(sorted(guarded)))
        unseen = sa.and_(table.c.source.is_distinct_from(self.own), sa.or_(field_hidden, whole))
        return sa.case((unseen, None), else_=table.c.said)


def visible_sources(caller: Caller) -> SourcesView:
    """Return whose batches, signals and quarantine the caller sees; Denied where nobody's."""
    view = SourcesView(caller.role in ("steward", "admin", "auditor"), caller.source)
    if not view.every and view.own is None:
        raise Denied(f"the role {caller.role} does not see batches, signals and quarantine")
    return view


def visible_corrections(caller: Caller) -> SourcesView:
    """Return which corrections the caller sees: a department those that it is asked."""
    every = caller.role in ("worker", "steward", "admin", "auditor")
    return SourcesView(every, caller.source)


def visible_entity_corrections() -> SourcesView:
    """Return the view of whoever has just caused corrections: they see what they have caused."""
    return SourcesView(every=True, own=None)


def may_answer(caller: Caller, source: str | None) -> bool:
    """Tell whether the caller may answer a correction in the name of a source."""
    if caller.role == "department":
        return source is not None and caller.source == source
    return caller.role in ("steward", "admin")


def visible_rows(caller: Caller) -> SourcesView:
    """Return whose rows, and which values of them, the caller may see as they were sent."""
    every = caller.role in ("steward", "admin")
    return SourcesView(every, caller.source, _hidden(caller) if every else frozenset())


def _hidden(caller: Caller) -> frozenset[tuple[str, str]]:
    """Return the fields that no grant shows the caller plainly and everywhere."""
    shown = {
        (name, one)
        for name, model in MODELS.items()
        for grant in caller.grants(model)
        if grant.area.everywhere
        for one in grant.fields - grant.masked
    }
    every = {(name, spec.name) for name, model in MODELS.items() for spec in fields(model)}
    return frozenset(every - shown)


def may_push(caller: Caller, source: str) -> bool:
    """Tell whether the caller may send rows in the name of a source."""
    return caller.role == "admin" or (caller.role == "department" and caller.source == source)


def may_enter(caller: Caller) -> bool:
    """Tell whether the caller may say, as a worker does, what is so."""
    return caller.role in ("worker", "steward", "admin")


def may_deliver(source: str, spec: FieldSpec) -> bool:
    """Tell whether values of a field may be sent to a source that holds it."""
    # Not by its grants to read: a property company may read no person, and yet has to be told the
    # new telephone of one whom it holds itself. That it holds the field is seen to before.
    return spec.sharing != "restricted" or source == spec.authority


def may_judge(caller: Caller) -> bool:
    """Tell whether the caller's word on two records counts."""
    return caller.role in ("steward", "admin")


def need_admin(caller: Caller) -> None:
    """Raise Denied unless the caller says who is let in."""
    if caller.role != "admin":
        raise Denied(f"the role {caller.role} does not see who is let in")


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


def may_teach(caller: Caller) -> bool:
    """Tell whether the caller may say what headers of forms mean, for everybody."""
    return caller.role in ("steward", "admin")


def need_resident_requests(caller: Caller) -> None:
    """Raise Denied unless the caller sees what residents have asked about themselves."""
    if not sees_all_shares(caller):
        raise Denied(f"the role {caller.role} does not see residents' requests")


def need_matches(caller: Caller) -> None:
    """Raise Denied unless the caller sees which records were compared, and what was said of it."""
    if caller.role not in ("steward", "admin", "auditor"):
        raise Denied(f"the role {caller.role} does not see matches and judgements")


def need_audit(caller: Caller) -> None:
    """Raise Denied unless the caller may look into who has read and written what."""
    if not sees_audit(caller):
        raise Denied(f"the role {caller.role} does not see the audit")


def sees_audit(caller: Caller) -> bool:
    """Tell whether the caller may look into who has read and written what."""
    return caller.role in ("auditor", "admin")
