"""The rows that have landed, as their sources sent them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import copy_in, read_columns
from hub.store.batches import layout_of, names_of
from hub.store.rows import row_columns
from schemas.distinct import Columns, Rows, Texts


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


def landed_pages(
    connection: Connection, source: str, dataset: str, size: int
) -> Iterator[tuple[Texts, Rows]]:
    """Read all landed rows of a dataset and their keys, some at a time, of one layout each."""
    query = "SELECT DISTINCT layout_id FROM landing WHERE source = :source AND dataset = :dataset"
    about = {"source": source, "dataset": dataset}
    for layout in connection.scalars(sa.text(query), about).all():
        names, after = names_of(connection, layout), ""
        while True:
            said = about | {"layout": layout, "after": after, "size": size}
            found = read_columns(connection, _PAGE, **said)
            keys: Texts = found["key"]
            if not len(keys):
                break
            after = str(keys[-1])
            yield keys, row_columns(found["row"], names)


# Rows that nobody could read have no columns; nothing of them is kept.
_PAGE = """
SELECT key, row FROM landing WHERE source = :source AND dataset = :dataset
    AND layout_id = :layout AND key > :after AND row <> '[]' ORDER BY key LIMIT :size
"""


def write_again(connection: Connection, source: str, dataset: str, rows: Columns) -> int:
    """Write ``hash`` and ``row`` of landed rows anew, by ``key``; return how many changed."""
    create = "CREATE TEMP TABLE again (key text, hash uuid, row text) ON COMMIT DROP"
    connection.execute(sa.text(create))
    copy_in(connection, "again", ["key", "hash", "row"], rows)
    update = """
        UPDATE landing l SET hash = a.hash, row = a.row FROM again a
        WHERE l.source = :source AND l.dataset = :dataset AND l.key = a.key
          AND (l.hash, l.row) IS DISTINCT FROM (a.hash, a.row)"""
    said = {"source": source, "dataset": dataset}
    changed = connection.execute(sa.text(update), said).rowcount
    connection.execute(sa.text("DROP TABLE again"))
    return changed
