"""News about sources: told once, and closed when it is no longer so, or known to a steward.

A signal is open from when a batch tells it. It closes by itself

- of a column, or of rows that moved: when a later delivery of the dataset is kept without it,
  since every delivery that is read shows its columns; what is pushed shows its own row's only;
- of a word that no table knows: when no value is in quarantine for it any more;
- of components listed twice: when a check of all components no longer finds them.

A batch remembers what it told; the signal itself is written only where it says something new:
its count is the most that one batch has told.

What a steward has closed stays closed while the source goes on saying it. Where it is told again
after having closed by itself, or after a delivery without it, it is open anew.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import run
from hub.errors import NotFound
from hub.store import tables
from hub.store.batches import PUSH, REBUILD, BatchRow
from hub.store.visible import SourcesView

#: What every delivery tells of anew, however few of its rows have changed.
_OF_DELIVERIES = (
    *("header.missing", "column.missing", "column.unexpected", "column.forbidden"),
    "rows.moving",
)
_UNKNOWN = "code.unknown"

_SAID = ["kind", "column_name", "detail"]


def keep_signals(connection: Connection, batch: BatchRow, signals: pd.DataFrame) -> None:
    """Keep what a batch told about its source: ``kind, column_name, detail, count``."""
    if signals.empty:
        return
    told = signals.groupby(_SAID, dropna=False, as_index=False, sort=False)["count"].sum()
    said = {name: told[name].astype(object).where(told[name].notna(), None) for name in told}
    about = {"batch": batch.batch_id, "source": batch.source, "dataset": batch.dataset}
    bound = {name: column.tolist() for name, column in said.items()}
    bound |= {"of_deliveries": list(_OF_DELIVERIES), "others": [PUSH, REBUILD]}
    for statement in (_REMEMBER, _TELL_AGAIN, _TELL):
        run(connection, statement, bound | about)


#: What a batch told, as it remembers it.
_PLACE = "CAST(jsonb_build_array({0}.kind, {0}.column_name, {0}.detail) AS text)"

_TOLD = """
WITH told AS (SELECT * FROM unnest(CAST(:kind AS text[]), CAST(:column_name AS text[]),
    CAST(:detail AS text[]), CAST(:count AS int[])) AS t (kind, column_name, detail, count))
"""

_REMEMBER = f"""{_TOLD}
UPDATE batch SET told = coalesce(batch.told, '{{}}')
    || (SELECT array_agg({_PLACE.format("t")}) FROM told t)
WHERE batch_id = :batch
"""

#: A steward's word holds until a delivery has come without what it is about.
_STANDS = f"""
    s.source = :source AND s.dataset = :dataset AND s.kind = t.kind
    AND s.column_name IS NOT DISTINCT FROM t.column_name AND s.detail IS NOT DISTINCT FROM t.detail
    AND (s.closed_at IS NULL OR s.closed_by IS NOT NULL AND NOT (
        s.kind = ANY(:of_deliveries) AND EXISTS (
            SELECT FROM batch b WHERE b.source = :source AND b.dataset = :dataset
                AND b.state = 'kept' AND b.label <> ALL(:others)
                AND b.batch_id > s.batch_id AND b.batch_id < :batch
                AND ({_PLACE.format("s")} = ANY(b.told)) IS NOT TRUE)))
"""

_TELL_AGAIN = f"""{_TOLD}
UPDATE signal s SET batch_id = :batch,
    count = t.count + CASE WHEN s.batch_id = :batch THEN s.count ELSE 0 END
FROM told t WHERE {_STANDS} AND (s.batch_id = :batch OR s.count < t.count)
"""

_TELL = f"""{_TOLD}
INSERT INTO signal (source, dataset, batch_id, kind, column_name, detail, count)
SELECT :source, :dataset, :batch, t.kind, t.column_name, t.detail, t.count FROM told t
WHERE NOT EXISTS (SELECT FROM signal s WHERE {_STANDS})
"""


def close_settled(connection: Connection, batch: BatchRow) -> None:
    """Close what is no longer so, now that a batch is kept and its entries are in quarantine."""
    said = {"batch": batch.batch_id, "source": batch.source, "dataset": batch.dataset}
    kinds = list(_OF_DELIVERIES) if batch.delivered else []
    run(connection, _CLOSE, said | {"of_deliveries": kinds, "unknown": _UNKNOWN})


#: A word that is itself another code of its field goes into quarantine behind its column's name.
_CLOSE = f"""
UPDATE signal s SET closed_at = now()
FROM batch b
WHERE b.batch_id = :batch AND ({_PLACE.format("s")} = ANY(b.told)) IS NOT TRUE
    AND s.source = :source AND s.dataset = :dataset AND s.closed_at IS NULL AND s.batch_id < :batch
    AND (s.kind = ANY(:of_deliveries) OR s.kind = :unknown AND NOT EXISTS (
        SELECT FROM quarantine q WHERE q.source = s.source AND q.dataset = s.dataset
            AND q.rule = :unknown AND q.released_at IS NULL
            AND (s.detail IS NULL OR q.said IN (s.detail, s.column_name || '=' || s.detail))))
"""


def close_signal(
    connection: Connection, view: SourcesView, signal_id: int, by: str
) -> dict[str, Any]:
    """Close a signal as a steward who knows of it; return it. One that is closed stays as it is."""
    table = tables.signal
    seen = sa.and_(table.c.signal_id == signal_id, view.rows(table.c.source))
    closed = {"closed_at": sa.func.now(), "closed_by": by}
    connection.execute(sa.update(table).where(seen, table.c.closed_at.is_(None)).values(closed))
    found = connection.execute(sa.select(table).where(seen)).mappings().one_or_none()
    if found is None:
        raise NotFound("there is no signal of this number")
    return {str(name): value for name, value in found.items()}
