"""Who read or wrote what, for which purpose: one call, in the transaction of what it tells of.

The entry is durable before the answer leaves, since answers leave after their transaction.
It names fields and entities, never a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.store import tables


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a caller read or wrote."""

    caller: str
    action: str
    purpose: str | None = None
    record_type: str | None = None
    entity_ids: Sequence[str] = ()
    fields: Sequence[str] = ()
    #: What it concerns besides entities: a batch, an export, the rows of a source.
    about: str | None = None
    #: The address the call came from.
    origin: str | None = None


_INSERT = tables.audit.insert()


def record(connection: Connection, entry: Entry) -> None:
    """Write an entry; it is kept when the connection's transaction is."""
    said = {name: getattr(entry, name) for name in Entry.__slots__}
    said["entity_ids"], said["fields"] = list(entry.entity_ids), list(entry.fields)
    connection.execute(_INSERT, said)
