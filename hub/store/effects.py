"""What one cause has done to entities: which records moved, which values changed.

The outbox tells it within the transaction itself, before anybody else can see it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store import tables
from hub.store.match_reads import Party, members_of
from hub.store.visible import View, golden_table


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the outbox: what became of an entity."""

    record_type: str
    entity_id: str
    change: str
    fields: tuple[str, ...]
    #: For a merge the id that gave way and its winner; for a split the id and those it went to.
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """Entities at one moment, by their ids: their records and, by grant, their values."""

    members: Mapping[str, list[Party]]
    values: Mapping[str, Mapping[str, object]]


#: Ids of entities by record type.
Ids = Mapping[str, Collection[str]]


def told_of(connection: Connection, cause: Mapping[str, Any]) -> list[Told]:
    """Return what the outbox tells of a cause, in the order in which it came about."""
    table = tables.outbox
    query = sa.select(table).where(table.c.cause.contains(dict(cause)))
    rows = connection.execute(query.order_by(table.c.outbox_id))
    return [
        Told(
            row.record_type,
            row.entity_id,
            row.change,
            tuple(row.fields),
            tuple(row.cause.get("members", ())),
        )
        for row in rows
    ]


def read_state(connection: Connection, ids: Ids, views: Mapping[str, View]) -> State:
    """Return the members of entities, and the values of those types that there are views of."""
    members: dict[str, list[Party]] = {}
    values: dict[str, Mapping[str, object]] = {}
    for name, listed in ids.items():
        members |= members_of(connection, name, listed)
        if name in views:
            values |= _values(connection, views[name], listed)
    return State(members, values)


def _values(
    connection: Connection, view: View, entity_ids: Collection[str]
) -> dict[str, Mapping[str, object]]:
    table = golden_table(view)
    ids = sa.literal(list(entity_ids), sa.ARRAY(sa.Text))
    query = sa.select(table.c.entity_id.label("of"), *view.columns(table)).where(
        table.c.entity_id == sa.any_(ids),
        table.c.retired_at.is_(None),
        view.rows(table.c.entity_id),
    )
    return {row["of"]: view.read(row) for row in connection.execute(query).mappings()}


def known_ids(connection: Connection, entity_ids: Collection[str]) -> set[str]:
    """Return those of these ids that were ever given out."""
    table = tables.entity
    ids = sa.literal(list(entity_ids), sa.ARRAY(sa.Text))
    query = sa.select(table.c.entity_id).where(table.c.entity_id == sa.any_(ids))
    return set(connection.scalars(query))
