"""The mass-change guard: a snapshot that would take away too much waits for a steward (§6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store import tables
from hub.store.batches import BatchRow
from schemas import MODELS, fields

#: A snapshot may withdraw this share of a dataset, and this many rows, without being asked.
SHARE, ROWS = 0.05, 20


def mass_change(connection: Connection, batch: BatchRow, types: Sequence[str]) -> str | None:
    """Say what a snapshot would take away that needs a steward's word, or None."""
    return _withdrawals(connection, batch) or next(
        filter(None, (_emptied(connection, batch, name) for name in types)), None
    )


@dataclass(frozen=True, slots=True)
class Fill:
    """How many rows say something in a field: now, and after a batch."""

    name: str
    rows: int
    filled: int
    rows_after: int
    filled_after: int
    #: Rows that the batch brings or takes away.
    touched: int

    @property
    def fallen(self) -> bool:
        """Tell whether the share of rows that say something falls to half, or lower."""
        if min(self.rows, self.touched) <= ROWS or not self.rows_after:
            return False
        halved = 2 * self.filled_after * self.rows <= self.filled * self.rows_after
        return halved and self.filled - self.filled_after > ROWS


def withdrawals(connection: Connection, batch: BatchRow) -> tuple[int, int]:
    """Return how many rows a snapshot would take away, and how many there are."""
    gone, present = connection.execute(sa.text(_GONE), _said(batch)).one()
    return int(gone), int(present)


def fills(
    connection: Connection, batch: BatchRow, record_type: str, names: Sequence[str]
) -> list[Fill]:
    """Return how a batch would change how often fields are filled."""
    counts = connection.execute(sa.text(_fill_counts(record_type, names)), _said(batch)).one()
    before, leaving, coming = (counts[place::3] for place in range(3))
    after = [old - gone + new for old, gone, new in zip(before, leaving, coming, strict=True)]
    return [
        Fill(name, before[0], old, after[0], new, coming[0] + leaving[0])
        for name, old, new in zip(names, before[1:], after[1:], strict=True)
    ]


def missing_keys(connection: Connection, batch: BatchRow, limit: int) -> list[str]:
    """Name rows that a held snapshot would take away, by their keys."""
    table = tables.staged_row
    query = sa.select(table.c.key).where(
        table.c.batch_id == batch.batch_id, table.c.outcome == "missing"
    )
    return list(connection.scalars(query.order_by(table.c.key).limit(limit)))


def _said(batch: BatchRow) -> dict[str, object]:
    return {"batch": batch.batch_id, "source": batch.source, "dataset": batch.dataset}


def _withdrawals(connection: Connection, batch: BatchRow) -> str | None:
    gone, present = withdrawals(connection, batch)
    if gone > ROWS and gone > SHARE * present:
        return f"{gone} of {present} rows are gone"
    return None


_GONE = """
SELECT (SELECT count(*) FROM staged_row WHERE batch_id = :batch AND outcome = 'missing'),
    (SELECT count(*) FROM landing WHERE source = :source AND dataset = :dataset
        AND state IN ('live', 'quarantined'))
"""


def _emptied(connection: Connection, batch: BatchRow, record_type: str) -> str | None:
    """Name the fields whose fill rate would fall to half of what it is now, or lower."""
    names = [spec.name for spec in fields(MODELS[record_type])]
    fallen = [one.name for one in fills(connection, batch, record_type, names) if one.fallen]
    return f"at most half as many rows as before say {', '.join(fallen)}" if fallen else None


def _fill_counts(record_type: str, names: Sequence[str]) -> str:
    """Count rows and filled fields: as they are, of those that leave, of those that come."""
    told = [
        f"count({column}) FILTER (WHERE part = {part})"
        for column in ("one", *names)
        for part in (1, 2, 3)
    ]
    columns = ", ".join(f"r.{name}" for name in names)
    staged = ", ".join(f"s.{name}" for name in names)
    here = """r.source = :source AND r.dataset = :dataset AND r.withdrawn_at IS NULL"""
    return f"""
        SELECT {", ".join(told)} FROM (
            SELECT 1 AS part, 1 AS one, {columns} FROM record_{record_type} r WHERE {here}
            UNION ALL SELECT 2, 1, {columns} FROM record_{record_type} r
                JOIN staged_row w ON w.batch_id = :batch AND w.key = r.row_key
                WHERE {here} AND w.outcome <> 'quarantined'
            UNION ALL SELECT 3, 1, {staged} FROM staged_{record_type} s
                WHERE s.batch_id = :batch AND NOT s.withdrawn) counted"""
