"""Who calls, or called once: as the database knows it now, with all its rights; and its name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store import tables
from hub.store.areas import area_of_codes
from hub.store.clients import find_client
from hub.store.default_grants import OWN_COMPOUND
from hub.store.grants import Places, own_places, rights_of
from hub.store.users import find_account
from hub.store.visible import SCOPES, Caller

_KEYS = (
    (tables.account.c.account_id, tables.account.c.name),
    (tables.client.c.client_id, tables.client.c.name),
)


def find_caller(connection: Connection, caller_id: str) -> Caller | None:
    """Return a client or a person that is still let in, without its rights; or None."""
    found = find_client(connection, caller_id) or find_account(connection, caller_id)
    return found.caller(SCOPES[found.role]) if found else None


def entitled(
    connection: Connection,
    caller: Caller,
    places_of: Callable[[Connection, str], Places] = own_places,
) -> Caller:
    """Return a caller with the rights that it has now."""
    rights = rights_of(connection, caller.client_id)
    if caller.areas:
        rights = replace(rights, area=area_of_codes(caller.areas))
    if caller.role == "department" and caller.source in OWN_COMPOUND:
        places = places_of(connection, caller.source)
        rights = replace(rights, compounds=places.compounds, grids=places.grids)
    return replace(caller, rights=rights)


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
