"""Batches on their way in: opened, staged, looked up; the ledger of what became of their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert as pg_insert

from hub.database import SEPARATOR, read_columns, run
from hub.errors import NotFound
from hub.store import staging, tables
from hub.store.staging import DISCARD
from schemas.distinct import Texts

#: States in which a batch's rows still wait in the staging tables.
WAITING = ("landed", "translated", "validated", "held")

#: Labels of batches that no delivery of the source brought.
PUSH, REBUILD = "push", "rebuild"

#: A batch may look up single keys cheaply; beyond this many, reading the whole dataset is cheaper.
FEW_KEYS = 5_000


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch as the ledger has it; counts as in the invariant of the design (§6)."""

    batch_id: int
    source: str
    dataset: str
    label: str
    snapshot: bool
    state: str
    flaw: str | None
    layout_id: int | None
    received_at: Any
    received: int
    accepted: int
    unchanged: int
    quarantined: int
    withdrawn: int
    repeated: int
    missing: int
    seconds: float

    @property
    def held(self) -> bool:
        """Tell whether the batch waits for a steward."""
        return self.state == "held"

    @property
    def brings(self) -> int:
        """Return how many rows are new, or other than they were."""
        return self.received - self.unchanged - self.repeated + self.missing

    @property
    def delivered(self) -> bool:
        """Tell whether it was read from the source, which would show its rows again."""
        return self.label not in (PUSH, REBUILD)


_COLUMNS = [tables.batch.c[name] for name in BatchRow.__slots__]


def open_batch(
    connection: Connection,
    source: str,
    dataset: str,
    label: str,
    columns: Sequence[str],
    *,
    snapshot: bool,
) -> BatchRow:
    """Wait until nobody else is at work on a dataset, and start a batch whose rows have columns.

    The lock is as `hub.database.advisory_lock` takes it.
    """
    lock = SEPARATOR.join(("dataset", source, dataset))
    said = {"source": source, "dataset": dataset, "label": label, "snapshot": snapshot}
    opened = run(connection, _OPEN, said | {"lock": lock, "names": list(columns)}).one()
    batch = BatchRow(*opened)
    if batch.layout_id is None:
        batch = replace(batch, layout_id=layout_of(connection, columns))
        update_batch(connection, batch.batch_id, layout_id=batch.layout_id)
    return batch


# Sent together, and yet what is asked later sees what was committed while the lock waited.
_OPEN = f"""
SELECT pg_advisory_xact_lock(hashtextextended(:lock, 0));
INSERT INTO batch (source, dataset, label, snapshot, state, layout_id)
VALUES (:source, :dataset, :label, :snapshot, 'landing',
    (SELECT layout_id FROM layout WHERE names = :names))
RETURNING {", ".join(BatchRow.__slots__)}
"""


def get_batch(connection: Connection, batch_id: int) -> BatchRow:
    """Return a batch; NotFound where there is none of this id."""
    found = run(connection, _FIND, {"batch": batch_id}).one_or_none()
    if found is None:
        raise NotFound(f"there is no batch {batch_id}")
    return BatchRow(*found)


def take_batch(connection: Connection, batch_id: int) -> BatchRow:
    """Wait until nobody else is at work on a batch's dataset, and return the batch as it is then.

    The lock is as `hub.database.advisory_lock` takes it.
    """
    said = {"batch": batch_id, "between": SEPARATOR}
    found = run(connection, _TAKE, said).one_or_none()
    if found is None:
        raise NotFound(f"there is no batch {batch_id}")
    return BatchRow(*found)


_FIND = f"SELECT {', '.join(BatchRow.__slots__)} FROM batch WHERE batch_id = :batch"

# Sent together, and yet the second sees what was committed while the first waited.
_TAKE = f"""
SELECT pg_advisory_xact_lock(
    hashtextextended(concat_ws(:between, 'dataset', source, dataset), 0))
FROM batch WHERE batch_id = :batch;
{_FIND}
"""


def find_batches(
    connection: Connection,
    *,
    source: str | None = None,
    label: str | None = None,
    states: Sequence[str] = (),
    limit: int = 100,
    newest_first: bool = True,
) -> list[BatchRow]:
    """List batches of a source, of a label and in certain states where these are given."""
    order = tables.batch.c.batch_id
    query = sa.select(*_COLUMNS).order_by(order.desc() if newest_first else order).limit(limit)
    if label:
        query = query.where(tables.batch.c.label == label)
    if source:
        query = query.where(tables.batch.c.source == source)
    if states:
        query = query.where(tables.batch.c.state.in_(states))
    return [BatchRow(**row._mapping) for row in connection.execute(query)]


def update_batch(connection: Connection, batch_id: int, **changes: Any) -> None:
    """Set columns of a batch."""
    parts, said = _set(changes)
    statement = f"UPDATE batch SET {', '.join(parts)} WHERE batch_id = :batch"
    run(connection, statement, said | {"batch": batch_id})


def _set(changes: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Write what columns are set to, and return it with the values."""
    said: dict[str, Any] = {}
    parts = []
    for name, value in changes.items():
        if isinstance(value, sa.ColumnElement):
            parts.append(f"{name} = {value}")
            continue
        written = name in _DOCUMENTS
        said[name] = orjson.dumps(value).decode() if written else value
        parts.append(f"{name} = CAST(:{name} AS jsonb)" if written else f"{name} = :{name}")
    return parts, said


#: Columns of batches that hold JSON.
_DOCUMENTS = frozenset(c.name for c in tables.batch.c if isinstance(c.type, sa.JSON))


def next_cursor(connection: Connection, batch_id: int) -> Any:
    """Return how far the dataset will have been read once the batch is kept."""
    table = tables.batch
    return connection.scalar(sa.select(table.c.next_cursor).where(table.c.batch_id == batch_id))


def layout_of(connection: Connection, names: Sequence[str], first: str = "") -> int:
    """Return the number of a list of names, giving it one where it is new.

    ``first``: a statement that is sent along, ahead of the question.
    """
    find, said = "SELECT layout_id FROM layout WHERE names = :names", {"names": list(names)}
    found = run(connection, f"{first}; {find}" if first else find, said).scalar()
    if found is None:
        run(connection, "INSERT INTO layout (names) VALUES (:names) ON CONFLICT DO NOTHING", said)
        found = run(connection, find, said).scalar()
    return int(found or 0)


def names_of(connection: Connection, layout_id: int) -> list[str]:
    """Return the names that a layout's number stands for."""
    query = "SELECT names FROM layout WHERE layout_id = :layout"
    return list(run(connection, query, {"layout": layout_id}).scalar() or [])


def cursors(connection: Connection, source: str) -> dict[str, Any]:
    """Return how far each dataset of a source has been read."""
    table = tables.cursor
    rows = connection.execute(
        sa.select(table.c.dataset, table.c.state).where(table.c.source == source)
    )
    return {row.dataset: row.state for row in rows}


def keep_cursor(
    connection: Connection, source: str, dataset: str, batch_id: int, state: Any
) -> None:
    """Remember how far a dataset has been read, in the transaction of the data it speaks of."""
    insert = pg_insert(tables.cursor).values(
        source=source, dataset=dataset, state=state, batch_id=batch_id
    )
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["source", "dataset"],
            set_={"state": state, "batch_id": batch_id},
            where=tables.cursor.c.state != insert.excluded.state,
        )
    )


def landed_keys(
    connection: Connection, source: str, dataset: str, keys: Sequence[str] | None = None
) -> tuple[Texts, Texts]:
    """Return the keys that have landed with the hashes of their rows, none where missing now.

    Of all keys of a dataset, or of the few that are given.
    """
    few = "" if keys is None else "AND key = ANY(:keys)"
    query = f"""
        SELECT key, CASE WHEN state <> 'missing' THEN replace(hash::text, '-', '') END AS hash
        FROM landing WHERE source = :source AND dataset = :dataset {few}"""
    said = {} if keys is None else {"keys": list(keys)}
    found = read_columns(connection, query, source=source, dataset=dataset, **said)
    return found["key"], found["hash"]


def replace_held(connection: Connection, batch: BatchRow) -> None:
    """Let a batch take the place of those of its dataset that were held before it.

    What was pushed and held comes only once: nothing takes its place, nor does it any other's.
    """
    if not batch.delivered:
        return
    for older in held_beside(connection, batch):
        if older.batch_id < batch.batch_id and older.delivered:
            staging.discard_staged(connection, older.batch_id)
            update_batch(connection, older.batch_id, state="replaced", finished_at=sa.func.now())


def held_beside(connection: Connection, batch: BatchRow) -> list[BatchRow]:
    """Return the other batches of a batch's dataset that are held, oldest first."""
    table = tables.batch
    query = sa.select(*_COLUMNS).where(
        table.c.source == batch.source,
        table.c.dataset == batch.dataset,
        table.c.state == "held",
        table.c.batch_id != batch.batch_id,
    )
    found = connection.execute(query.order_by(table.c.batch_id))
    return [BatchRow(**row._mapping) for row in found]


def finish_batch(connection: Connection, batch_id: int, **changes: Any) -> BatchRow:
    """Clear the staging tables of a batch, and count in its ledger what its rows have become."""
    parts, said = _set(changes)
    statement = f"""{DISCARD}
        UPDATE batch SET {", ".join((*parts, *_COUNTS))} WHERE batch_id = :batch
        RETURNING {", ".join(BatchRow.__slots__)}"""
    return BatchRow(*run(connection, statement, said | {"batch": batch_id}).one())


#: What becomes of staged rows; the others were counted when they came.
_COUNTS = [
    f"{name} = (SELECT count(*) FROM gone WHERE outcome = '{name}')"
    for name in ("accepted", "quarantined", "withdrawn")
]
