"""The systems that may call the API, and their secrets, of which only hashes are kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from hub.errors import WrongUse
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
    return row and Client(row.client_id, row.name, cast(Role, row.role), row.source)


def recognise(connection: Connection, client_id: str, secret: str) -> Client | None:
    """Return the client if this is its secret, or None; both take the same time."""
    row = connection.execute(_select(client_id)).one_or_none()
    try:
        _HASHER.verify(row.secret_hash if row else _nobody(), secret)
    except (VerificationError, InvalidHashError):
        return None
    return row and Client(row.client_id, row.name, cast(Role, row.role), row.source)


def revoke(connection: Connection, client_id: str) -> bool:
    """Shut a client out; tell whether it was in."""
    table = tables.client
    shut = table.update().where(table.c.client_id == client_id, table.c.revoked_at.is_(None))
    return connection.execute(shut.values(revoked_at=sa.func.now())).rowcount == 1


def _select(client_id: str) -> sa.Select[tuple[str, str, str, str | None, str]]:
    table = tables.client
    columns = (table.c[name] for name in ("client_id", "name", "role", "source", "secret_hash"))
    return sa.select(*columns).where(table.c.client_id == client_id, table.c.revoked_at.is_(None))


def _nobody() -> str:
    """Return the hash of a secret nobody has, so that an unknown client costs the same."""
    global _nobody_hash
    _nobody_hash = _nobody_hash or _HASHER.hash(secrets.token_urlsafe(32))
    return _nobody_hash


_nobody_hash = ""
