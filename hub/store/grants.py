"""Grants beyond what a role may read: kept, found again for a caller, revoked.

A grant ends by itself: it is not found once its time is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import Conflict, NotFound, WrongUse
from hub.store import tables
from hub.store.areas import EVERYWHERE, Area, area_of
from hub.store.default_grants import Grant, Rights
from schemas import MODELS

_GRANT = tables.field_grant
_state_now: sa.ColumnElement[str] = sa.case(
    (_GRANT.c.revoked_at.is_not(None), "revoked"),
    (_GRANT.c.until <= sa.func.now(), "expired"),
    (_GRANT.c.since > sa.func.now(), "to begin"),
    else_="in force",
)


@dataclass(frozen=True, slots=True)
class Places:
    """Compounds, by community and key, and grids."""

    compounds: tuple[tuple[str, str], ...] = ()
    grids: tuple[str, ...] = ()


class Stale(WrongUse):
    """The thing has changed since it was read."""

    status = 412


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant as it is kept, with what became of it."""

    grant_id: int
    request_id: int
    client_id: str
    grant: Grant
    mode: str
    state: str
    revoked_at: datetime | None
    revoked_by: str | None
    reason: str | None

    @property
    def version(self) -> int:
        """Return 1 as long as the grant is as it was made, 2 once it was revoked."""
        return 1 if self.revoked_at is None else 2

    def document(self) -> dict[str, Any]:
        """Write the grant as it is shown."""
        one = self.grant
        return {
            "grant_id": self.grant_id,
            "request_id": self.request_id,
            "client_id": self.client_id,
            "state": self.state,
            "collection": MODELS[one.record_type].collection,
            "fields": sorted(one.fields),
            "masked": sorted(one.masked),
            "area": one.area.document(),
            "purposes": sorted(one.purposes),
            "mode": self.mode,
            "since": one.since,
            "until": one.until,
            "revoked_at": self.revoked_at,
            "revoked_by": self.revoked_by,
            "reason": self.reason,
        }


def issue(
    connection: Connection, request_id: int, client_id: str, mode: str, grants: Iterable[Grant]
) -> list[int]:
    """Keep the grants of an approved request; return their numbers."""
    rows = [
        {
            "request_id": request_id,
            "client_id": client_id,
            "mode": mode,
            "record_type": grant.record_type,
            "fields": sorted(grant.fields),
            "masked": sorted(grant.masked),
            "area": grant.area.document(),
            "purposes": sorted(grant.purposes),
            "since": grant.since,
            "until": grant.until,
        }
        for grant in grants
    ]
    made = _GRANT.insert().values(rows).returning(_GRANT.c.grant_id)
    return sorted(connection.scalars(made))


def get_grant(connection: Connection, grant_id: int, client_id: str | None = None) -> Granted:
    """Return a grant, of this client where one is named; NotFound where there is none."""
    query = sa.select(_GRANT, _state_now.label("state")).where(_GRANT.c.grant_id == grant_id)
    if client_id is not None:
        query = query.where(_GRANT.c.client_id == client_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such grant")
    return _granted(row)


def list_grants(
    connection: Connection,
    *,
    client_id: str | None = None,
    request_id: int | None = None,
    state: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Granted]:
    """Return grants below a number, the newest first."""
    query = sa.select(_GRANT, _state_now.label("state"))
    query = query if client_id is None else query.where(_GRANT.c.client_id == client_id)
    query = query if request_id is None else query.where(_GRANT.c.request_id == request_id)
    query = query if state is None else query.where(_state_now == state)
    query = query if before is None else query.where(_GRANT.c.grant_id < before)
    found = connection.execute(query.order_by(_GRANT.c.grant_id.desc()).limit(limit))
    return [_granted(row) for row in found.mappings()]


def revoke_grant(
    connection: Connection, grant_id: int, by: str, reason: str, version: int | None = None
) -> Granted:
    """End a grant before its time: from the commit on nothing is read by it."""
    if version is not None and version != get_grant(connection, grant_id).version:
        raise Stale("the grant has changed since it was read")
    open_one = _GRANT.update().where(
        _GRANT.c.grant_id == grant_id,
        _GRANT.c.revoked_at.is_(None),
        _GRANT.c.until > sa.func.now(),
    )
    ended = open_one.values(revoked_at=sa.func.now(), revoked_by=by, reason=reason)
    if not connection.execute(ended).rowcount:
        state = get_grant(connection, grant_id).state
        raise Conflict(f"the grant is {state} already")
    return get_grant(connection, grant_id)


def revoke_grants_of(connection: Connection, request_id: int, by: str, reason: str) -> None:
    """End all grants of a request before their time."""
    open_ones = _GRANT.update().where(
        _GRANT.c.request_id == request_id, _GRANT.c.revoked_at.is_(None)
    )
    values = {"revoked_at": sa.func.now(), "revoked_by": by, "reason": reason}
    connection.execute(open_ones.values(values))


def set_area(connection: Connection, client_id: str, area: Area, by: str) -> None:
    """Say where a caller works; everywhere takes the limit away."""
    table = tables.caller_area
    connection.execute(table.delete().where(table.c.client_id == client_id))
    if not area.everywhere:
        said = {"client_id": client_id, "area": area.document(), "set_by": by}
        connection.execute(table.insert().values(said))


def rights_of(connection: Connection, client_id: str) -> Rights:
    """Return where a caller works and what it was granted, as of now."""
    table = tables.caller_area
    said = connection.scalar(sa.select(table.c.area).where(table.c.client_id == client_id))
    open_ones = sa.select(_GRANT).where(
        _GRANT.c.client_id == client_id,
        _GRANT.c.revoked_at.is_(None),
        _GRANT.c.until > sa.func.now(),
    )
    rows = connection.execute(open_ones.order_by(_GRANT.c.grant_id)).mappings()
    grants = tuple(_grant(row) for row in rows)
    return Rights(area=EVERYWHERE if said is None else area_of(said), grants=grants)


def own_places(connection: Connection, source: str) -> Places:
    """Return the compounds, and the grids, that a source's own rooms lie in."""
    record, link = tables.RECORD["house"], tables.link
    golden = tables.GOLDEN["house"]
    rooms = (
        sa.select(link.c.community_code, link.c.compound_key, golden.c.grid_code)
        .join(record, record.c.record_id == link.c.record_id)
        .outerjoin(golden, golden.c.entity_id == link.c.entity_id)
        .where(record.c.source == source, record.c.withdrawn_at.is_(None))
        .distinct()
    )
    found = connection.execute(rooms).all()
    compounds = {(community, key) for community, key, _ in found if community and key}
    grids = {grid for community, key, grid in found if grid and community and key}
    return Places(tuple(sorted(compounds)), tuple(sorted(grids)))


def _granted(row: Mapping[Any, Any]) -> Granted:
    said = {name: row[name] for name in Granted.__slots__ if name != "grant"}
    return Granted(**said, grant=_grant(row))


def _grant(row: Mapping[Any, Any]) -> Grant:
    return Grant(
        row["record_type"],
        frozenset(row["fields"]),
        frozenset(row["purposes"]),
        frozenset(row["masked"]),
        area_of(row["area"]),
        row["since"],
        row["until"],
    )
