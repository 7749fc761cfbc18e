"""Reading the feed: where it stands, and the changes behind a position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import HubError
from hub.store import tables
from hub.store.visible import View


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
    connection: Connection, views: Mapping[str, View], position: Position, limit: int
) -> tuple[list[Change], Position]:
    """Return the changes of the views' record types behind a position, and where to go on.

    Both must be read from one snapshot: the connection's transaction is to be repeatable.
    """
    end = last_position(connection)
    shown = (
        sa.and_(_CHANGE.record_type == name, view.rows(_CHANGE.entity_id))
        for name, view in views.items()
    )
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
