"""Whom ids of callers stand for: people and clients, also those who are let in no more."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store import tables

_KEYS = (
    (tables.account.c.account_id, tables.account.c.name),
    (tables.client.c.client_id, tables.client.c.name),
)


def names_of(connection: Connection, ids: Collection[str | None]) -> dict[str, str]:
    """Return the names of callers by their ids, of those that have one."""
    wanted = sorted({one for one in ids if one})
    parts = [sa.select(key, name).where(key.in_(wanted)) for key, name in _KEYS]
    rows = connection.execute(sa.union_all(*parts)) if wanted else ()
    return {row[0]: row[1] for row in rows}


def ids_named(connection: Connection, name: str) -> list[str]:
    """Return the ids of all callers of a name."""
    parts = [sa.select(key).where(named == name) for key, named in _KEYS]
    return list(connection.scalars(sa.union_all(*parts)))
