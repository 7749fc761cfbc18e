"""The rows that have landed, as their sources sent them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store.batches import layout_of


def stage_all_landed(
    connection: Connection, batch_id: int, source: str, dataset: str, columns: Sequence[str]
) -> int:
    """Stage every live landed row of a dataset to be translated again; return how many there are.

    Rows landed under another layout are brought into the order of ``columns`` by name.
    """
    said = {
        "batch": batch_id,
        "source": source,
        "dataset": dataset,
        "layout": layout_of(connection, columns),
        "columns": list(columns),
    }
    return connection.execute(sa.text(_STAGE_ALL), said).rowcount


_STAGE_ALL = """
INSERT INTO staged_row (batch_id, ordinal, key, recorded_at, hash, row)
SELECT :batch, row_number() OVER (ORDER BY l.key) - 1, l.key, l.recorded_at, l.hash,
    CASE WHEN l.layout_id = :layout THEN l.row ELSE (
        SELECT json_agg(CAST(l.row AS json) ->> (array_position(y.names, said.name) - 1)
            ORDER BY said.place)::text
        FROM unnest(CAST(:columns AS text[])) WITH ORDINALITY AS said (name, place)) END
FROM landing l JOIN layout y ON y.layout_id = l.layout_id
WHERE l.source = :source AND l.dataset = :dataset AND l.state <> 'missing'
  AND l.key NOT LIKE '?%'
"""
