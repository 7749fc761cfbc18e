"""Figures about the hub itself: how old sources are, what waits, how far behind the feed is."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store import subscriptions, tables
from hub.store.corrections import open_counts


@dataclass(frozen=True, slots=True)
class Figures:
    """What the hub's own tables tell about its health; seconds and rows."""

    source_ages: dict[tuple[str, str], float]
    quarantine: dict[tuple[str, str], int]
    held: dict[tuple[str, str], int]
    outbox_oldest: float
    queued: int
    #: Deliveries by source and state; seconds for which the oldest to a source has been due.
    deliveries: dict[tuple[str, str], int]
    deliveries_oldest: dict[str, float]
    #: Open corrections by authority, and whether they are overdue.
    corrections: dict[tuple[str, bool], int]
    #: Subscriptions: active, failing, disabled.
    subscriptions: dict[str, int]


def ready(connection: Connection) -> bool:
    """Tell whether the database is migrated as far as reading needs."""
    found = connection.scalar(sa.text("SELECT to_regclass('golden_person') IS NOT NULL"))
    return bool(found)


def figures(connection: Connection) -> Figures:
    """Read the figures."""
    batch, entry = tables.batch, tables.quarantine
    last = sa.func.max(sa.func.coalesce(batch.c.finished_at, batch.c.received_at))
    ages = sa.select(
        batch.c.source, batch.c.dataset, sa.extract("epoch", sa.func.now() - last)
    ).group_by(batch.c.source, batch.c.dataset)
    entries = (
        sa.select(entry.c.source, entry.c.dataset, sa.func.count())
        .where(entry.c.released_at.is_(None))
        .group_by(entry.c.source, entry.c.dataset)
    )
    held = (
        sa.select(batch.c.source, batch.c.dataset, sa.func.count())
        .where(batch.c.state == "held")
        .group_by(batch.c.source, batch.c.dataset)
    )
    oldest = sa.select(sa.extract("epoch", sa.func.now() - sa.func.min(tables.outbox.c.at)))
    waiting = sa.select(sa.func.count()).select_from(tables.resolve_queue)
    return Figures(
        {(row[0], row[1]): float(row[2]) for row in connection.execute(ages)},
        {(row[0], row[1]): int(row[2]) for row in connection.execute(entries)},
        {(row[0], row[1]): int(row[2]) for row in connection.execute(held)},
        float(connection.scalar(oldest) or 0.0),
        int(connection.scalar(waiting) or 0),
        delivery_counts(connection),
        oldest_due(connection),
        open_counts(connection),
        subscriptions.counts(connection),
    )


def delivery_counts(connection: Connection) -> dict[tuple[str, str], int]:
    """Count deliveries by source and state."""
    table = tables.delivery
    query = sa.select(table.c.source, table.c.state, sa.func.count())
    found = connection.execute(query.group_by(table.c.source, table.c.state))
    return {(row[0], row[1]): int(row[2]) for row in found}


def oldest_due(connection: Connection) -> dict[str, float]:
    """Return by source for how many seconds its oldest delivery has been due."""
    table = tables.delivery
    age = sa.extract("epoch", sa.func.now() - sa.func.min(table.c.due_at))
    query = sa.select(table.c.source, sa.func.greatest(age, 0)).where(
        table.c.state.in_(("queued", "sent")), table.c.handed_at.is_(None)
    )
    found = connection.execute(query.group_by(table.c.source))
    return {row[0]: float(row[1]) for row in found}
