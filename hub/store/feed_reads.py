"""Reading the feed: where it stands, and the changes behind a position."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql as pg

from hub.errors import HubError, WrongUse
from hub.store import tables
from hub.store import visible as rights
from hub.store.areas import Area
from hub.store.visible import Caller, Denied, View
from schemas import COLLECTIONS, MODELS


class Expired(HubError):
    """The feed does not go on from this position: read everything anew."""

    status = 410


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the feed: the epoch and the number of the last change that was read."""

    epoch: int
    seq: int


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the feed as one caller sees it."""

    position: Position
    record_type: str
    entity_id: str
    version: int
    change: str
    fields: tuple[str, ...]
    cause: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Following:
    """Which changes are followed: of which record types, of which fields, in which community.

    None asks nothing. What became of an entity as a whole - it was merged, split, withdrawn - is
    followed whatever the fields.
    """

    record_types: tuple[str, ...] = tuple(MODELS)
    fields: frozenset[str] | None = None
    community: str | None = None

    def names(self, record_type: str) -> frozenset[str] | None:
        """Return the fields of a record type that are followed; None for all."""
        carried = MODELS[record_type].model_fields
        return None if self.fields is None else self.fields.intersection(carried)

    def condition(self, record_type: str, view: View) -> sa.ColumnElement[bool]:
        """Return the condition under which a change is followed, as far as a view shows it."""
        said = [_CHANGE.record_type == record_type, view.rows(_CHANGE.entity_id)]
        if self.fields is not None:
            names = sa.literal(list(view.names), pg.ARRAY(sa.Text))
            said.append(sa.or_(_CHANGE.change.in_(_WHOLE), _CHANGE.fields.op("&&")(names)))
        if self.community is not None:
            lies = Area(communities=(self.community,)).rows(record_type, _CHANGE.entity_id)
            said.append(sa.or_(lies, _left(self.community)))
        return sa.and_(*said)


#: What is followed by whoever does not say.
EVERYTHING = Following()


def following(
    collections: Collection[str] | None, names: Collection[str] | None, community: str | None
) -> Following:
    """Return what is followed by the words of a request; raise WrongUse where one means nothing."""
    models = MODELS.values() if collections is None else [COLLECTIONS[one] for one in collections]
    if unknown := [n for n in names or () if not any(n in one.model_fields for one in models)]:
        raise WrongUse(f"no collection that is followed has these fields ({len(unknown)})")
    types = tuple(
        one.record_type
        for one in models
        if names is None or not one.model_fields.keys().isdisjoint(names)
    )
    return Following(types, None if names is None else frozenset(names), community)


def followed_views(caller: Caller, followed: Following) -> dict[str, View]:
    """Return what a caller sees of what it follows; Denied where that is nothing."""
    views = {
        name: rights.visible(caller, MODELS[name], names=followed.names(name), values=False)
        for name in followed.record_types
    }
    if followed.community is not None:
        # To filter by a value is to read it.
        views = {name: view for name, view in views.items() if _tells_place(caller, view)}
    if not any(view.parts for view in views.values()):
        raise Denied("no grant of this caller covers what is followed")
    return views


def _tells_place(caller: Caller, view: View) -> bool:
    place = rights.visible(caller, view.model, names={"community_code"}, values=False)
    return place.searchable("community_code")


_WHOLE = ("merged", "split", "withdrawn")


def _left(community: str) -> sa.ColumnElement[bool]:
    """Return the condition under which a change took an entity out of a community."""
    before = tables.golden_history.c
    was = sa.select(sa.literal(1)).where(
        before.entity_id == _CHANGE.entity_id,
        before.version == _CHANGE.version - 1,
        before.golden["community_code"].astext == community,
    )
    return sa.and_(sa.literal("community_code") == sa.any_(_CHANGE.fields), sa.exists(was))


_FEED, _CHANGE = tables.feed.c, tables.change.c
_LAST = sa.select(_FEED.epoch, _FEED.last_seq).order_by(_FEED.epoch.desc()).limit(1)
_PLACE = (_CHANGE.epoch, _CHANGE.seq)


def last_position(connection: Connection) -> Position:
    """Return where the feed ends now."""
    row = connection.execute(_LAST).one_or_none()
    return Position(row.epoch, row.last_seq) if row else Position(1, 0)


def first_position(connection: Connection) -> Position:
    """Return the place before the oldest change that is kept."""
    row = connection.execute(sa.select(*_PLACE).order_by(*_PLACE).limit(1)).one_or_none()
    return Position(row.epoch, row.seq - 1) if row else last_position(connection)


def check_position(connection: Connection, position: Position) -> None:
    """Raise Expired where changes behind the position are no longer kept, or it never was."""
    last = last_position(connection)
    if position > last or (position < last and position < first_position(connection)):
        raise Expired("the feed no longer goes back to this cursor")


def changes_after(
    connection: Connection,
    views: Mapping[str, View],
    position: Position,
    limit: int,
    following: Following = EVERYTHING,
) -> tuple[list[Change], Position]:
    """Return the followed changes behind a position that the views show, and where to go on.

    Both must be read from one snapshot: the connection's transaction is to be repeatable.
    """
    end = last_position(connection)
    shown = (following.condition(name, view) for name, view in views.items())
    query = (
        sa.select(tables.change)
        .where(sa.tuple_(*_PLACE) > sa.tuple_(position.epoch, position.seq), sa.or_(*shown))
        .order_by(*_PLACE)
        .limit(limit)
    )
    found = [_change(row, views) for row in connection.execute(query)]
    return found, found[-1].position if len(found) == limit else max(position, end)


def _change(row: sa.Row[Any], views: Mapping[str, View]) -> Change:
    names: Sequence[str] = views[row.record_type].names
    return Change(
        Position(row.epoch, row.seq),
        row.record_type,
        row.entity_id,
        row.version,
        row.change,
        tuple(name for name in row.fields if name in names),
        row.cause,
        row.at,
    )
