"""How regularly datasets come: when the last batch came, how often they do, how much they bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store.batches import REBUILD

#: What is usual is judged by so many batches.
LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Regularity:
    """The last batch of a dataset, and what is usual of it; None where nothing ever came."""

    source: str
    dataset: str
    batch_id: int | None
    state: str | None
    snapshot: bool | None
    received_at: datetime | None
    received: int | None
    age_seconds: float | None
    #: Medians over the batches before: seconds between two, and rows received.
    usual_gap: float | None
    usual_rows: float | None
    held: int
    #: Seconds that batches usually take.
    usual_seconds: float | None


def regularities(
    connection: Connection, datasets: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Regularity]:
    """Return how regularly each of these datasets comes."""
    said = {
        "sources": [source for source, _ in datasets],
        "datasets": [dataset for _, dataset in datasets],
        "rebuild": REBUILD,
        "most": LOOKED_AT,
    }
    found = connection.execute(sa.text(_REGULARITY), said)
    return {(row.source, row.dataset): Regularity(**row._mapping) for row in found}


#: What was landed is looked at, whatever has become of it; what is still landing is not.
_REGULARITY = """
SELECT d.source, d.dataset, last.batch_id, last.state, last.snapshot, last.received_at,
    last.received, extract(epoch FROM now() - last.received_at)::float AS age_seconds,
    usual.gap AS usual_gap, usual.rows AS usual_rows, usual.seconds AS usual_seconds,
    (SELECT count(*) FROM batch h
        WHERE h.source = d.source AND h.dataset = d.dataset AND h.state = 'held') AS held
FROM unnest(CAST(:sources AS text[]), CAST(:datasets AS text[])) AS d (source, dataset)
LEFT JOIN LATERAL (
    SELECT * FROM batch b WHERE b.source = d.source AND b.dataset = d.dataset
        AND b.label <> :rebuild AND b.state <> 'landing'
    ORDER BY b.batch_id DESC LIMIT 1) last ON true
LEFT JOIN LATERAL (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM gap)) AS gap,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY received) AS rows,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds
    FROM (
        SELECT received, seconds, received_at - lag(received_at) OVER (ORDER BY batch_id) AS gap
        FROM (
            SELECT batch_id, received, seconds, received_at FROM batch b
            WHERE b.source = d.source AND b.dataset = d.dataset
                AND b.label <> :rebuild AND b.state NOT IN ('landing', 'held', 'refused')
            ORDER BY b.batch_id DESC LIMIT :most) newest) gaps) usual ON true
"""
