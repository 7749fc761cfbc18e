"""What waits for stewards, in numbers: one function a figure, each cheap however large the hub.

Today is given, since what is due follows from it; most figures take no notice of it.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store import tables
from hub.store.quality_figures import last_day
from hub.store.resident_requests import count_due as count_requests_due
from hub.store.share_requests import count_due


def _count(connection: Connection, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(*conditions)
    return int(connection.scalar(query) or 0)


def held_batches(connection: Connection, _: date) -> int:
    """Count the batches that wait for a steward."""
    return _count(connection, tables.batch, tables.batch.c.state == "held")


def open_quarantine(connection: Connection, _: date) -> int:
    """Count the records and values that broke a rule and are not used."""
    table = tables.quarantine
    return _count(connection, table, table.c.released_at.is_(None), table.c.fate != "warn")


def open_signals(connection: Connection, _: date) -> int:
    """Count the news about sources that nobody has closed."""
    return _count(connection, tables.signal, tables.signal.c.closed_at.is_(None))


def matches_to_judge(connection: Connection, _: date) -> int:
    """Count the pairs that a steward is asked about and has not spoken on."""
    pair, word = tables.match, tables.judgement
    spoken = sa.exists().where(
        word.c.left_id == pair.c.left_id,
        word.c.right_id == pair.c.right_id,
        word.c.ended_at.is_(None),
    )
    return _count(connection, pair, pair.c.review.is_not(None), ~spoken)


def conflicting_values(connection: Connection, _: date) -> int:
    """Return how many values differ from what is served, as it was last measured."""
    day = last_day(connection)
    differing = sa.func.sum(tables.quality_figure.c.compared - tables.quality_figure.c.agreed)
    query = sa.select(differing).where(tables.quality_figure.c.day == day)
    return int(connection.scalar(query) or 0)


def corrections_due(connection: Connection, today: date) -> int:
    """Count the corrections that should have been answered by now."""
    table = tables.correction
    return _count(connection, table, table.c.state == "open", table.c.due_on <= today)


def shares_due(connection: Connection, today: date) -> int:
    """Count the share requests whose next step is due."""
    return count_due(connection, today)


def requests_due(connection: Connection, today: date) -> int:
    """Count the residents' requests that are to be answered."""
    return count_requests_due(connection, today)


def dead_deliveries(connection: Connection, _: date) -> int:
    """Count the deliveries that could not be made, and wait for somebody to send them again."""
    table = tables.delivery
    return _count(connection, table, table.c.state == "dead")


def records_to_link(connection: Connection) -> int:
    """Count the records that wait for the next resolve."""
    return _count(connection, tables.resolve_queue)
