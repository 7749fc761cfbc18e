"""The queue of what waits to be resolved; whoever changes a record adds to it with the change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import copy_out
from hub.hashes import cells
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
    taken = copy_out(connection, f"DELETE FROM resolve_queue q {chosen} {_TAKEN}", **said)
    changed, moved = ({name: dict[int, None]() for name in MODELS} for _ in range(2))
    attached: dict[str, set[str]] = {name: set() for name in MODELS}
    columns = (cells(taken[name]).tolist() for name in taken)
    for record_type, record_id, has_moved, attached_to in zip(*columns, strict=True):
        if isinstance(attached_to, str):
            attached[record_type].add(attached_to)
            continue
        changed[record_type][int(record_id)] = None
        if has_moved == "t":
            moved[record_type][int(record_id)] = None
    return Waiting(_listed(changed), _listed(moved), attached)


def _listed(ids: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
    return {name: [*some] for name, some in ids.items()}


_TAKEN = """RETURNING record_type, record_id, moved,
    (SELECT a.entity_id FROM attachment a WHERE a.record_id = q.record_id) AS attached_to"""


def queued(connection: Connection) -> int:
    """Count what waits to be resolved."""
    return int(connection.scalar(sa.select(sa.func.count()).select_from(tables.resolve_queue)) or 0)
