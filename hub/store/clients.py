"""The systems that may call the API, and their secrets, of which only hashes are kept."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from hub.errors import NotFound, WrongUse
from hub.store import tables
from hub.store.visible import ROLES, SCOPES, Caller, Role

# A secret of 256 random bits cannot be guessed: the hash need not be dear, and tokens are asked
# for often. The parameters are RFC 9106's second choice with one pass.
_HASHER = PasswordHasher(time_cost=1, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True, slots=True)
class Client:
    """A system that may call the API."""

    client_id: str
    name: str
    role: Role
    source: str | None

    def caller(self, scopes: frozenset[str]) -> Caller:
        """Return who calls when this system uses a token of these scopes."""
        return Caller(self.client_id, self.role, self.source, scopes & SCOPES[self.role])


def add_client(
    connection: Connection, name: str, role: str, source: str | None = None
) -> tuple[str, str]:
    """Let a system in; return its id and its secret, which nobody can read again."""
    if role not in ROLES:
        raise WrongUse(f"there is no role {role}; roles are {', '.join(ROLES)}")
    if source is not None and role != "department":
        raise WrongUse("only a client of role department stands for a source")
    client_id, secret = f"c-{secrets.token_hex(8)}", secrets.token_urlsafe(32)
    connection.execute(
        tables.client.insert().values(
            client_id=client_id,
            name=name,
            role=role,
            source=source,
            secret_hash=_HASHER.hash(secret),
        )
    )
    return client_id, secret


def find_client(connection: Connection, client_id: str) -> Client | None:
    """Return a client that is still let in, or None."""
    row = connection.execute(_select(client_id)).one_or_none()
    return _client(row) if row else None


def recognise(connection: Connection, client_id: str, secret: str) -> Client | None:
    """Return the client if this is its secret, or None; both take the same time."""
    row = connection.execute(_select(client_id)).one_or_none()
    hashes = [row.secret_hash, row.former] if row else [_nobody()]
    if not any(_is(kept, secret) for kept in hashes if kept):
        return None
    return _client(row) if row else None


def rotate(connection: Connection, client_id: str, overlap: timedelta) -> str:
    """Give a client a new secret and return it; the one before counts for a while yet."""
    table, secret = tables.client, secrets.token_urlsafe(32)
    changed = table.update().where(table.c.client_id == client_id, table.c.revoked_at.is_(None))
    done = connection.execute(
        changed.values(
            secret_hash=_HASHER.hash(secret),
            former_hash=table.c.secret_hash,
            former_until=sa.func.now() + overlap,
        )
    )
    if done.rowcount != 1:
        raise NotFound("there is no such client, or it was shut out")
    return secret


def list_clients(connection: Connection) -> list[Mapping[str, Any]]:
    """List all clients, also those that are shut out."""
    names = ("client_id", "name", "role", "source", "created_at", "revoked_at", "former_until")
    query = sa.select(*(tables.client.c[name] for name in names))
    rows = connection.execute(query.order_by(tables.client.c.created_at))
    return [dict(row._mapping) for row in rows]


def revoke_token(connection: Connection, token_id: str, expires: float) -> None:
    """Take an access token back before its time; forget those whose time is over."""
    table = tables.revoked_token
    connection.execute(table.delete().where(table.c.expires_at < sa.func.now()))
    kept = insert(table).values(token_id=token_id, expires_at=sa.func.to_timestamp(expires))
    connection.execute(kept.on_conflict_do_nothing())


def is_token_revoked(connection: Connection, token_id: str) -> bool:
    """Tell whether an access token was taken back."""
    table = tables.revoked_token
    query = sa.select(table.c.token_id).where(table.c.token_id == token_id)
    return connection.execute(query).one_or_none() is not None


def revoke(connection: Connection, client_id: str) -> bool:
    """Shut a client out; tell whether it was in."""
    table = tables.client
    shut = table.update().where(table.c.client_id == client_id, table.c.revoked_at.is_(None))
    return connection.execute(shut.values(revoked_at=sa.func.now())).rowcount == 1


def _select(client_id: str) -> sa.Select[Any]:
    table = tables.client
    columns = (table.c[name] for name in ("client_id", "name", "role", "source", "secret_hash"))
    former = sa.case((table.c.former_until > sa.func.now(), table.c.former_hash)).label("former")
    return sa.select(*columns, former).where(
        table.c.client_id == client_id, table.c.revoked_at.is_(None)
    )


def _client(row: sa.Row[Any]) -> Client:
    return Client(row.client_id, row.name, cast(Role, row.role), row.source)


def _is(kept: str, secret: str) -> bool:
    try:
        return _HASHER.verify(kept, secret)
    except (VerificationError, InvalidHashError):
        return False


def _nobody() -> str:
    """Return the hash of a secret nobody has, so that an unknown client costs the same."""
    global _nobody_hash
    _nobody_hash = _nobody_hash or _HASHER.hash(secrets.token_urlsafe(32))
    return _nobody_hash


_nobody_hash = ""
