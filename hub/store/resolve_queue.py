"""The queue of what waits to be resolved; whoever changes a record adds to it with the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import run
from hub.store import tables
from schemas import MODELS


@dataclass(frozen=True, slots=True)
class Waiting:
    """The records that wait to be resolved, by type."""

    changed: dict[str, list[int]]
    #: Those of them that may say something else of places than when they were last resolved.
    moved: dict[str, list[int]]
    #: The entities that other records speak of by their ids.
    attached: dict[str, set[str]]


def take_queue(connection: Connection, only: Sequence[int] | None = None) -> Waiting:
    """Take what waits to be resolved off the queue, all of it or ``only`` entries of these numbers.

    Entries that others add meanwhile stay; they come back if this transaction is rolled back.
    """
    chosen, said = ("", {}) if only is None else ("WHERE queue_id = ANY(:only)", {"only": [*only]})
    changed, moved = ({name: list[int]() for name in MODELS} for _ in range(2))
    attached: dict[str, set[str]] = {name: set() for name in MODELS}
    for name, *parts in run(connection, _TAKE_QUEUE.format(chosen=chosen), said):
        changed[name], moved[name], entity_ids = (part or [] for part in parts)
        attached[name] = set(entity_ids)
    return Waiting(changed, moved, attached)


_TAKE_QUEUE = """
WITH taken AS (DELETE FROM resolve_queue {chosen} RETURNING record_type, record_id, moved)
SELECT t.record_type, array_agg(DISTINCT record_id) FILTER (WHERE entity_id IS NULL),
    array_agg(DISTINCT record_id) FILTER (WHERE entity_id IS NULL AND moved),
    array_agg(DISTINCT entity_id) FILTER (WHERE entity_id IS NOT NULL)
FROM taken t LEFT JOIN attachment USING (record_id) GROUP BY t.record_type
"""


def queued(connection: Connection) -> int:
    """Count what waits to be resolved."""
    return int(connection.scalar(sa.select(sa.func.count()).select_from(tables.resolve_queue)) or 0)
