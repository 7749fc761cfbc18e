"""Who may see what: the one place that decides it.

Every read path - a record, a list, a search, provenance, history, the feed, an export, a record by
its source's key - takes its SQL projection, its masks and its row filter from `visible`, and from
`visible_sources` what concerns whole sources. Rights that grow finer change this module alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any, Literal, get_args

import sqlalchemy as sa

from hub.errors import WrongUse
from hub.model import Title
from hub.store import tables
from schemas import FieldSpec, Section, fields

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

#: What L3 and L4 fields may be read for; every such read names one of these.
PURPOSES: Mapping[str, Title] = {
    "visit": Title("走访", "Visiting residents"),
    "care": Title("关爱服务", "Caring for those in need"),
    "emergency": Title("应急处置", "Answering an emergency"),
    "verification": Title("核验", "Checking what somebody has stated"),
    "household": Title("户籍与住房事务", "Matters of household and home"),
    "statistics": Title("统计", "Counting, without interest in the individual"),
    "steward": Title("数据治理", "Keeping the data right"),
    "delivery": Title("数据回流", "Carrying changes to the departments"),
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


Text = sa.ColumnElement[str]


def _number_mask(value: Text) -> Text:
    hidden = sa.func.repeat("*", sa.func.greatest(sa.func.length(value) - 10, 4))
    ends = sa.func.concat(sa.func.left(value, 6), hidden, sa.func.right(value, 4))
    short = sa.func.repeat("*", sa.func.length(value))
    return sa.case((sa.func.length(value) > 12, ends), else_=short)


def _phone_mask(value: Text) -> Text:
    return sa.func.concat(sa.func.left(value, 3), "****", sa.func.right(value, 4))


def _name_mask(value: Text) -> Text:
    stars = sa.func.repeat("*", sa.func.greatest(sa.func.length(value) - 1, 1))
    return sa.func.concat(sa.func.left(value, 1), stars)


_MASKS: Mapping[str, Callable[[Text], Text]] = {
    "citizen_id_no": _number_mask,
    "id_document_no": _number_mask,
    "owner_id_no": _number_mask,
    "contact_phone": _phone_mask,
    "emergency_contact_phone": _phone_mask,
    "owner_phone": _phone_mask,
    "person_name": _name_mask,
    "former_name": _name_mask,
    "emergency_contact_name": _name_mask,
    "owner_name": _name_mask,
}

#: Fields that are ever shown in part only; answers with a mask do not fit the field's own form.
MASKABLE = frozenset(_MASKS)


@dataclass(frozen=True, slots=True)
class View:
    """What one caller sees of one record type: fields, which of them masked, and which rows."""

    model: type[Section]
    names: tuple[str, ...]
    masked: frozenset[str] = frozenset()

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
        said = "\x1f".join((self.model.record_type, *self.names, "", *sorted(self.masked)))
        return blake2b(said.encode(), digest_size=6).hexdigest()

    def project(self, text_of: Callable[[str], Text]) -> list[sa.Label[str]]:
        """Return the visible fields as SQL expressions of canonical text, masks applied.

        ``text_of`` says where the text of a field comes from: a column, a member of a JSON value.
        """
        return [self._shown(name, text_of(name)).label(name) for name in self.names]

    def _shown(self, name: str, value: Text) -> Text:
        return _MASKS[name](value) if name in self.masked else value

    def columns(self, table: sa.Table) -> list[sa.Label[str]]:
        """Return the visible fields of a table that has a column a field."""
        return self.project(lambda name: sa.cast(table.c[name], sa.Text))

    def rows(self, entity_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """Return the condition under which the caller may see an entity of this type."""
        # Grants by area come here; until then a caller who may read sees every row.
        return entity_id.is_not(None)

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


@cache
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

    Raises PurposeMissing where that shows personal fields and no purpose is given. ``values``
    is false where only the names of fields are told, as in the feed.
    """
    unknown = set(names or ()) - {spec.name for spec in fields(model)}
    if unknown:
        raise UnknownField(f"{model.collection} have no such field")
    granted = (spec.name for spec in fields(model) if _granted(caller, spec))
    shown = tuple(name for name in granted if names is None or name in names)
    masked = MASKABLE.intersection(shown) if caller.role == "auditor" else frozenset()
    view = View(model, shown, masked)
    if values and view.personal:
        need_purpose(purpose, view.personal)
    return view


def need_purpose(purpose: str | None, names: Collection[str]) -> None:
    """Raise PurposeMissing unless one of the purposes is given to read these fields for."""
    if purpose not in PURPOSES:
        listed = ", ".join(sorted(names)[:5]) + (", …" if len(names) > 5 else "")
        raise PurposeMissing(
            f"reading {listed} needs the header Hub-Purpose, one of: {', '.join(PURPOSES)}"
        )


def _granted(caller: Caller, spec: FieldSpec) -> bool:
    # A field that is not shared (Decree 809, Art 14) is shown to the department it comes from.
    return spec.sharing != "restricted" or caller.source == spec.authority


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
    """Return whose rows the caller may see as they were sent."""
    return SourcesView(caller.role in ("steward", "admin"), caller.source)


def may_push(caller: Caller, source: str) -> bool:
    """Tell whether the caller may send rows in the name of a source."""
    return caller.role == "admin" or (caller.role == "department" and caller.source == source)


def may_enter(caller: Caller) -> bool:
    """Tell whether the caller may say, as a worker does, what is so."""
    return caller.role in ("worker", "steward", "admin")


def may_deliver(source: str, spec: FieldSpec) -> bool:
    """Tell whether values of a field may be sent to a source that holds it."""
    # Grants to departments come here; until then they decide as they do on reading.
    return spec.sharing != "restricted" or source == spec.authority


def may_judge(caller: Caller) -> bool:
    """Tell whether the caller's word on two records counts."""
    return caller.role in ("steward", "admin")


def need_matches(caller: Caller) -> None:
    """Raise Denied unless the caller sees which records were compared, and what was said of it."""
    if caller.role not in ("steward", "admin", "auditor"):
        raise Denied(f"the role {caller.role} does not see matches and judgements")


def golden_table(view: View) -> sa.Table:
    """Return the table that holds the golden records of a view's record type."""
    return tables.GOLDEN[view.model.record_type]
