"""People who log in: their roles and areas, passwords, one-time links, sessions.

Of every secret only a hash is kept. A password is set by a link that counts once; nobody ever has
one that somebody else chose.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from hub.errors import Conflict, NotFound, WrongUse
from hub.store import tables
from hub.store.visible import ROLES, SCOPES, Caller, Role

#: How long a link by which a password is set counts.
LINK_LASTS = timedelta(hours=24)
#: A session ends after so long without a call, and after so long in any case.
IDLE, LASTS = timedelta(minutes=30), timedelta(hours=12)
#: Wrong passwords that cost nothing; each further one doubles the wait, up to the longest.
FREE_FAILURES, FIRST_WAIT, LONGEST_WAIT = 5, timedelta(seconds=15), timedelta(hours=1)
SHORTEST, LONGEST = 10, 256

# Who has just been seen is not written down again: a page asks for many things at once.
_SEEN_AGAIN = timedelta(minutes=1)
# A street, a community, a grid.
_AREA = re.compile("[0-9]{9}|[0-9]{12}|[0-9]{15}")
# RFC 9106's second choice.
_HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1)

_account, _link, _session = tables.account, tables.login_link, tables.session


class Locked(WrongUse):
    """Too many wrong passwords: the account opens again after a while."""

    status = 429

    def __init__(self, account_id: str, seconds: int) -> None:
        super().__init__("too many wrong passwords; try again later")
        self.account_id, self.seconds = account_id, seconds


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log in."""

    account_id: str
    name: str
    role: Role
    source: str | None
    areas: frozenset[str]

    def caller(self, scopes: frozenset[str]) -> Caller:
        """Return who calls when this person is logged in."""
        allowed = scopes & SCOPES[self.role]
        return Caller(self.account_id, self.role, self.source, allowed, self.areas)


@dataclass(frozen=True, slots=True)
class Session:
    """Where somebody is logged in."""

    account: Account
    expires_at: datetime


def add_account(
    connection: Connection,
    name: str,
    role: str,
    *,
    source: str | None = None,
    areas: Collection[str] = (),
) -> Account:
    """Let a person in, as soon as a password is set by a link (`new_link`)."""
    if role not in ROLES:
        raise WrongUse(f"there is no role {role}; roles are {', '.join(ROLES)}")
    if (source is not None) != (role == "department"):
        raise WrongUse("a department officer, and nobody else, stands for a source")
    if not all(_AREA.fullmatch(area) for area in areas):
        raise WrongUse("an area is the code of a street, a community or a grid")
    if not name.strip() or len(name) > 80 or "\x00" in name:
        raise WrongUse("a name has 1 to 80 characters")
    if find_by_name(connection, name) is not None:
        raise Conflict(f"there is a person {name} already")
    made = Account(f"u-{secrets.token_hex(8)}", name, role, source, frozenset(areas))
    said = {field: getattr(made, field) for field in Account.__slots__}
    connection.execute(_account.insert().values(said | {"areas": sorted(areas)}))
    return made


def list_accounts(connection: Connection) -> list[Mapping[str, Any]]:
    """List all people, also those who are shut out."""
    names = (*Account.__slots__, "created_at", "disabled_at", "locked_until")
    has_password = _account.c.password_hash.is_not(None).label("has_password")
    query = sa.select(*(_account.c[name] for name in names), has_password)
    rows = connection.execute(query.order_by(_account.c.name))
    return [dict(row._mapping) for row in rows]


def find_account(connection: Connection, account_id: str) -> Account | None:
    """Return a person who is let in, or None."""
    return _found(connection, _account.c.account_id == account_id)


def find_by_name(connection: Connection, name: str) -> Account | None:
    """Return the person of this name who is let in, or None."""
    return _found(connection, _account.c.name == name)


def get_by_name(connection: Connection, name: str) -> Account:
    """Return the person of this name who is let in."""
    found = find_by_name(connection, name)
    if found is None:
        raise NotFound("there is no such person, or not any more")
    return found


def disable(connection: Connection, account: Account) -> None:
    """Shut a person out, wherever they are logged in."""
    shut = _account.update().where(_account.c.account_id == account.account_id)
    connection.execute(shut.values(disabled_at=sa.func.now()))
    _end(connection, account)


def enable(connection: Connection, account_id: str) -> Account:
    """Let a person in again who was shut out, or locked for wrong passwords."""
    kept = {"disabled_at": None, "failures": 0, "locked_until": None}
    mine = _account.c.account_id == account_id
    connection.execute(_account.update().where(mine).values(kept))
    found = find_account(connection, account_id)
    if found is None:
        raise NotFound("there is no such person")
    return found


def new_link(connection: Connection, account: Account) -> str:
    """Return the token of a link by which the person sets a password; former ones count no more."""
    _use_links(connection, account)
    token = secrets.token_urlsafe(32)
    kept = {"link_hash": _hash(token), "account_id": account.account_id}
    expires = sa.func.now() + LINK_LASTS
    connection.execute(_link.insert().values(**kept, expires_at=expires))
    return token


def find_link(connection: Connection, token: str) -> Account | None:
    """Return whose link this is, while it counts."""
    counts = (_link.c.used_at.is_(None), _link.c.expires_at > sa.func.now())
    query = sa.select(_link.c.account_id).where(_link.c.link_hash == _hash(token), *counts)
    account_id = connection.execute(query.with_for_update()).scalar_one_or_none()
    return find_account(connection, account_id) if account_id else None


def set_password(connection: Connection, token: str, password: str) -> Account:
    """Set the password of the person whose link this is; the link counts no more."""
    account = find_link(connection, token)
    if account is None:
        raise NotFound("the link was used, or its time is over")
    if not SHORTEST <= len(password) <= LONGEST or password == account.name:
        raise WrongUse(f"a password has {SHORTEST} to {LONGEST} characters, and is not the name")
    kept = {"password_hash": _HASHER.hash(password), "failures": 0, "locked_until": None}
    mine = _account.c.account_id == account.account_id
    connection.execute(_account.update().where(mine).values(kept))
    _use_links(connection, account)
    _end(connection, account)
    return account


def recognise(connection: Connection, name: str, password: str) -> Account | None:
    """Return the person if this is their password, or None; both take the same time.

    Raises Locked, whatever the password, where too many were wrong before. One try at a time:
    the account's row is held until the transaction ends, which has to be kept either way.
    """
    columns = ("account_id", "password_hash", "failures")
    wait = sa.extract("epoch", _account.c.locked_until - sa.func.now()).label("wait")
    query = sa.select(*(_account.c[column] for column in columns), wait)
    in_force = (_account.c.name == name, _account.c.disabled_at.is_(None))
    row = connection.execute(query.where(*in_force).with_for_update()).one_or_none()
    if row is not None and row.wait is not None and row.wait > 0:
        raise Locked(row.account_id, int(row.wait) + 1)
    right = _is(row.password_hash if row else None, password)
    if row is None:
        return None
    mine = _account.update().where(_account.c.account_id == row.account_id)
    if right:
        connection.execute(mine.values(failures=0, locked_until=None))
        return find_account(connection, row.account_id)
    until = sa.func.now() + wait_after(row.failures + 1)
    connection.execute(mine.values(failures=row.failures + 1, locked_until=until))
    return None


def wait_after(failures: int) -> timedelta:
    """Return how long an account stays locked after so many wrong passwords in a row."""
    if failures < FREE_FAILURES:
        return timedelta()
    doublings = min(failures - FREE_FAILURES, 20)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def begin_session(connection: Connection, account: Account) -> str:
    """Log a person in; return the token that the cookie holds."""
    token = secrets.token_urlsafe(32)
    kept = {"session_hash": _hash(token), "account_id": account.account_id}
    connection.execute(_session.insert().values(**kept, expires_at=sa.func.now() + LASTS))
    return token


def find_session(connection: Connection, token: str) -> Session | None:
    """Return the session of a cookie while it lasts, and note that it was seen."""
    query = sa.select(
        _session.c.account_id,
        _session.c.expires_at,
        (_session.c.seen_at < sa.func.now() - _SEEN_AGAIN).label("long_ago"),
    ).where(
        _session.c.session_hash == _hash(token),
        _session.c.ended_at.is_(None),
        _session.c.expires_at > sa.func.now(),
        _session.c.seen_at > sa.func.now() - IDLE,
    )
    row = connection.execute(query).one_or_none()
    account = find_account(connection, row.account_id) if row else None
    if row is None or account is None:
        return None
    if row.long_ago:
        this = _session.update().where(_session.c.session_hash == _hash(token))
        connection.execute(this.values(seen_at=sa.func.now()))
    return Session(account, row.expires_at)


def end_session(connection: Connection, token: str) -> None:
    """Log a person out where this cookie is."""
    this = _session.update().where(_session.c.session_hash == _hash(token))
    connection.execute(this.where(_session.c.ended_at.is_(None)).values(ended_at=sa.func.now()))


def _found(connection: Connection, condition: sa.ColumnElement[bool]) -> Account | None:
    query = sa.select(*(_account.c[name] for name in Account.__slots__))
    row = connection.execute(query.where(condition, _account.c.disabled_at.is_(None))).one_or_none()
    if row is None:
        return None
    return Account(row.account_id, row.name, cast(Role, row.role), row.source, frozenset(row.areas))


def _end(connection: Connection, account: Account) -> None:
    theirs = _session.update().where(_session.c.account_id == account.account_id)
    connection.execute(theirs.where(_session.c.ended_at.is_(None)).values(ended_at=sa.func.now()))


def _use_links(connection: Connection, account: Account) -> None:
    theirs = _link.update().where(_link.c.account_id == account.account_id)
    connection.execute(theirs.where(_link.c.used_at.is_(None)).values(used_at=sa.func.now()))


def _hash(token: str) -> bytes:
    # 256 random bits: there is nothing to guess, and they are looked up by their hash.
    return sha256(token.encode()).digest()


def _is(kept: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(kept or _NOBODYS, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


#: The hash of a password nobody has, so that an unknown name costs the same.
_NOBODYS = _HASHER.hash(secrets.token_urlsafe(32))
