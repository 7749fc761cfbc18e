"""Subscriptions: who is told of changes at which address, how far, and who is telling now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import NotFound
from hub.store import tables
from hub.store.feed_reads import Following, Position, following
from hub.store.grants import Stale

ACTIVE, DISABLED = "active", "disabled"

_TABLE = tables.subscription


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as it is kept; its secrets are sealed, and shown nowhere."""

    subscription_id: str
    number: int
    client_id: str
    url: str
    description: str | None
    collections: Sequence[str] | None
    fields: Sequence[str] | None
    community: str | None
    purpose: str | None
    version: int
    state: str
    reason: str | None
    epoch: int
    seq: int
    told_epoch: int
    attempts: int
    failing_since: datetime | None
    due_at: datetime
    lease: str | None
    sent_at: datetime | None
    created_at: datetime
    former_until: datetime | None
    secret: str = field(repr=False)
    former_secret: str | None = field(repr=False)

    @property
    def position(self) -> Position:
        """Return up to where changes were taken."""
        return Position(self.epoch, self.seq)

    @property
    def following(self) -> Following:
        """Return which changes are followed."""
        return following(self.collections, self.fields, self.community)


_COLUMNS = [_TABLE.c[name] for name in Subscription.__slots__]


def add_subscription(
    connection: Connection, client_id: str, secret: str, position: Position, said: Mapping[str, Any]
) -> Subscription:
    """Write a subscription down that begins behind a position; the secret is sealed already."""
    subscription_id = f"s-{token_hex(8)}"
    place = {"epoch": position.epoch, "seq": position.seq, "told_epoch": position.epoch}
    named = {"subscription_id": subscription_id, "client_id": client_id, "secret": secret}
    connection.execute(_TABLE.insert().values(**named, **place, **said))
    return get_subscription(connection, subscription_id)


def get_subscription(
    connection: Connection, subscription_id: str, client_id: str | None = None
) -> Subscription:
    """Return a subscription, of this caller where one is named; NotFound where there is none."""
    query = sa.select(*_COLUMNS).where(_TABLE.c.subscription_id == subscription_id)
    if client_id is not None:
        query = query.where(_TABLE.c.client_id == client_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such subscription")
    return Subscription(**row)


def list_subscriptions(
    connection: Connection, *, client_id: str | None = None, before: int | None = None, limit: int
) -> list[Subscription]:
    """List subscriptions, of one caller or of all, newest first."""
    query = sa.select(*_COLUMNS)
    query = query if client_id is None else query.where(_TABLE.c.client_id == client_id)
    query = query if before is None else query.where(_TABLE.c.number < before)
    rows = connection.execute(query.order_by(_TABLE.c.number.desc()).limit(limit))
    return [Subscription(**row) for row in rows.mappings()]


def change_subscription(
    connection: Connection, subscription_id: str, version: int | None, said: Mapping[str, Any]
) -> Subscription:
    """Change what a subscription says; Stale where it was changed since the version was read.

    Whoever is sending by what it said before stops.
    """
    these = [_TABLE.c.subscription_id == subscription_id]
    these += [] if version is None else [_TABLE.c.version == version]
    anew = {"version": _TABLE.c.version + 1, **_TRY_ANEW, **said}
    done = connection.execute(_TABLE.update().where(*these).values(anew))
    found = get_subscription(connection, subscription_id)
    if done.rowcount == 0:
        raise Stale("the subscription has changed since it was read")
    return found


_TRY_ANEW: dict[str, Any] = {
    "attempts": 0,
    "reason": None,
    "failing_since": None,
    "due_at": sa.func.now(),
    "lease": None,
    "leased_until": None,
}


def delete_subscription(connection: Connection, subscription_id: str, version: int | None) -> None:
    """Forget a subscription; Stale where it was changed since the version was read."""
    found = get_subscription(connection, subscription_id)
    if version not in (None, found.version):
        raise Stale("the subscription has changed since it was read")
    connection.execute(_TABLE.delete().where(_TABLE.c.subscription_id == subscription_id))


def rotate_secret(
    connection: Connection, subscription_id: str, secret: str, overlap: timedelta
) -> Subscription:
    """Sign with a new secret from now on; the one before signs along for a while yet."""
    former = {"former_secret": _TABLE.c.secret, "former_until": sa.func.now() + overlap}
    said = {"secret": secret, "version": _TABLE.c.version + 1, **former}
    this = _TABLE.c.subscription_id == subscription_id
    connection.execute(_TABLE.update().where(this).values(said))
    return get_subscription(connection, subscription_id)


# Who is told already of all there is, is left alone; so is who is being told by somebody else.
_CLAIM = """
UPDATE subscription SET lease = :lease, leased_until = :until WHERE subscription_id = (
    SELECT s.subscription_id FROM subscription s
    JOIN (SELECT epoch, last_seq FROM feed ORDER BY epoch DESC LIMIT 1) f
        ON (s.epoch, s.seq) < (f.epoch, f.last_seq) OR s.told_epoch <> f.epoch
    WHERE s.state = 'active' AND s.due_at <= :now AND s.subscription_id <> ALL(:but)
        AND (s.leased_until IS NULL OR s.leased_until <= :now)
    ORDER BY s.due_at, s.number LIMIT 1 FOR UPDATE OF s SKIP LOCKED)
RETURNING subscription_id
"""


def claim(
    connection: Connection, *, now: datetime, until: datetime, but: Sequence[str] = ()
) -> Subscription | None:
    """Take a subscription for a time that there is something to tell; None where there is none."""
    said = {"lease": token_hex(8), "until": until, "now": now, "but": list(but)}
    found: str | None = connection.scalar(sa.text(_CLAIM), said)
    return None if found is None else get_subscription(connection, found)


def _held(held: Subscription) -> sa.Update:
    """Return a change of a subscription by whoever still holds it."""
    mine = _TABLE.c.subscription_id == held.subscription_id, _TABLE.c.lease == held.lease
    return _TABLE.update().where(*mine)


def advance(connection: Connection, held: Subscription, position: Position, **said: Any) -> bool:
    """Write down up to where changes were taken; tell whether the subscription is still held."""
    place = {"epoch": position.epoch, "seq": position.seq}
    return connection.execute(_held(held).values(**place, **said)).rowcount == 1


def let_go(connection: Connection, held: Subscription, **said: Any) -> None:
    """Give a subscription back, writing down how it went."""
    connection.execute(_held(held).values(lease=None, leased_until=None, **said))


def counts(connection: Connection) -> dict[str, int]:
    """Count subscriptions: active, failing, disabled."""
    failing = sa.and_(_TABLE.c.state == ACTIVE, _TABLE.c.failing_since.is_not(None))
    state = sa.case((failing, "failing"), else_=_TABLE.c.state)
    found = connection.execute(sa.select(state, sa.func.count()).group_by(state))
    return {row[0]: int(row[1]) for row in found}
