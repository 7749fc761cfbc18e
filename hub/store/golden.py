"""Publishing golden records: only what has changed is written, and told with its cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import compress
from typing import Any

import numpy as np
import orjson
import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from hub.database import copy_in, copy_out, filled_from_nothing, run
from hub.store import feed, tables
from hub.store.batches import layout_of
from schemas import Section, fields
from schemas.distinct import Columns, cells, is_said

#: From so many new golden records on, indexes cost less made of them all than kept up.
AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Published:
    """How many golden records were made anew, changed, or lost their last record."""

    created: int = 0
    changed: int = 0
    withdrawn: int = 0

    @property
    def total(self) -> int:
        """Count everything that was written."""
        return self.created + self.changed + self.withdrawn

    def __add__(self, other: Published) -> Published:
        """Count two publications as one."""
        return Published(
            self.created + other.created,
            self.changed + other.changed,
            self.withdrawn + other.withdrawn,
        )


@contextmanager
def room(connection: Connection, record_type: str, created: int) -> Iterator[bool]:
    """Make room for so many golden records that are about to be created.

    What is yielded tells whether they are the first ones, which nobody else sees until the end.
    """
    table = tables.GOLDEN[record_type]
    # Only of nothing that is there may readers be kept from until the transaction ends.
    if created < AT_ONCE or connection.scalar(sa.select(sa.exists(sa.select(table.c.entity_id)))):
        yield False
        return
    with filled_from_nothing(connection, table):
        yield True


def create(
    connection: Connection,
    model: type[Section],
    golden: Columns,
    filled: np.ndarray,
    cause: dict[str, Any],
    *,
    numbered: bool,
) -> Published:
    """Write golden records of ids that were never published: nothing is there to compare with.

    ``golden``: as :func:`stage` takes it. ``filled``: its :func:`filled_fields`.
    ``numbered``: the feed tells of them at once, as it may where there was :func:`room` for the
    first ones.
    """
    layout = layout_of(connection, _names(model))
    said = {"layout_id": str(layout)}
    copy_in(connection, f"golden_{model.record_type}", list(golden), golden, same=said)
    news = {"entity_id": golden["entity_id"], "fields": filled}
    same = {"record_type": model.record_type, "version": "1", "change": "created"}
    same["cause"] = orjson.dumps(cause).decode()
    feed.tell(connection, news, same, numbered=numbered)
    return Published(created=len(filled))


def filled_fields(model: type[Section], golden: Columns) -> np.ndarray:
    """Write for each record the names of its fields that say something, as array text."""
    names = _names(model)
    said = np.column_stack([is_said(golden[name]) for name in names])
    # A few ways to be filled are what many records have in common.
    ways, which = np.unique(np.packbits(said, axis=1), axis=0, return_inverse=True)
    filled = np.unpackbits(ways, axis=1, count=len(names)).astype(bool)
    texts = ["{" + ",".join(compress(names, way)) + "}" for way in filled]
    return np.array(texts, dtype=object)[which.reshape(-1)]


def stage(connection: Connection, model: type[Section], *parts: Columns) -> None:
    """Put golden records beside those that are served, in the place of what was put there before.

    Of each part: ``entity_id``, ``content_hash``, ``marks`` (JSON), ``members`` and ``origins``
    (PostgreSQL array text) and the public fields as canonical text.
    """
    name, many = model.record_type, len(parts[0]["entity_id"]) > MANY
    empty = "TRUNCATE" if many else "DELETE FROM"
    begin = f"{_beginning(model)}; {empty} new_{name}"
    said = {"layout_id": str(layout_of(connection, _names(model), begin))}
    for golden in parts:
        copy_in(connection, f"new_{name}", list(golden), golden, same=said)


def _names(model: type[Section]) -> list[str]:
    return [spec.name for spec in fields(model)]


def unlike_served(connection: Connection, model: type[Section], golden: Columns) -> np.ndarray:
    """Tell of golden records, as :func:`stage` takes them, which are not served as they are."""
    query = f"""SELECT entity_id, replace(content_hash::text, '-', '') AS content_hash,
            members::text AS members, origins::text AS origins
        FROM golden_{model.record_type}
        WHERE entity_id = ANY(:ids) AND retired_at IS NULL AND layout_id = :layout"""
    layout = layout_of(connection, _names(model))
    said = {"ids": golden["entity_id"].tolist(), "layout": layout}
    served = copy_out(connection, query, **said).set_index("entity_id")
    rows = served.index.get_indexer(pd.Index(golden["entity_id"], dtype="str"))
    unlike = rows < 0
    for name in ("content_hash", "members", "origins"):
        unlike |= cells(served[name])[rows] != cells(golden[name])
    return unlike


def publish(
    connection: Connection,
    model: type[Section],
    gone: Sequence[str],
    cause: dict[str, Any],
    merged: Sequence[str] = (),
) -> Published:
    """Write what is staged where it differs; retire those of ``gone``, which have none any more.

    Ids in ``merged`` gave way to others: the feed tells that, not that they were withdrawn.
    """
    said = {"cause": orjson.dumps(cause).decode(), "merged": list(merged), "gone": list(gone)}
    return Published(*run(connection, _publication(model), said).one())


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy has no type for it

#: From so many records on, new files for the table cost less than deleting its rows.
MANY = 1_000


@cache
def _beginning(model: type[Section]) -> str:
    """Write the statement that makes room for what is new, once for each connection.

    Making and dropping a table of so many columns takes longer than publishing a record.
    """
    columns = ", ".join(
        f"{column.name} {column.type.compile(_DIALECT)}"
        for column in tables.GOLDEN[model.record_type].c
        if column.name not in ("version", "updated_at", "retired_at")
    )
    table = f"new_{model.record_type}"
    return f"CREATE TEMP TABLE IF NOT EXISTS {table} ({columns}) ON COMMIT DELETE ROWS"


#: What golden records say of themselves that is no news when it changes.
_ATTRIBUTION = ("members", "origins", "layout_id")

_DIFFERS = "(g.content_hash <> n.content_hash OR g.retired_at IS NOT NULL)"


@cache
def _publication(model: type[Section]) -> str:
    """Write the statement of a publication: create, change, retire, re-attribute, and tell.

    An entity meets one of these only, so all of them may see what was before.
    """
    name, names = model.record_type, _names(model)
    pair = f"golden_{name} g JOIN new_{name} n ON n.entity_id = g.entity_id"
    # PostgreSQL plans well only for rows that it has counted.
    return f"""
        ANALYZE new_{name} (entity_id);
        WITH gone AS MATERIALIZED (SELECT entity_id FROM golden_{name}
            WHERE retired_at IS NULL AND entity_id = ANY(CAST(:gone AS text[]))),
        flipped AS MATERIALIZED (SELECT g.entity_id, {_flipped(names)} AS names
            FROM {pair} WHERE {_DIFFERS}),
        kept AS (INSERT INTO golden_history
                (entity_id, version, record_type, updated_at, until, golden)
            SELECT g.entity_id, g.version, '{name}', g.updated_at, now(), to_jsonb(g)
            FROM golden_{name} g JOIN (SELECT entity_id FROM gone
                UNION ALL SELECT entity_id FROM flipped) o USING (entity_id)),
        retired AS (UPDATE golden_{name} g SET retired_at = now(), updated_at = now(),
            version = g.version + 1 FROM gone WHERE gone.entity_id = g.entity_id
            RETURNING g.entity_id, g.version),
        changed AS ({_change(name, names)}),
        attributed AS ({_attribute(name)}),
        made AS ({_create(name, names)}),
        told AS (INSERT INTO outbox (record_type, entity_id, version, change, fields, cause)
            SELECT '{name}', entity_id, version, change, names, CAST(:cause AS jsonb) FROM (
                SELECT 1, entity_id, version, 'withdrawn', CAST('{{}}' AS text[]) FROM retired
                    WHERE entity_id <> ALL(CAST(:merged AS text[]))
                UNION ALL SELECT 2, entity_id, version, 'updated', flipped.names
                    FROM changed JOIN flipped USING (entity_id)
                UNION ALL SELECT 3, entity_id, 1, 'created', made.names FROM made
            ) AS news (place, entity_id, version, change, names) ORDER BY place, entity_id)
        SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM changed),
            (SELECT count(*) FROM retired)"""


def _flipped(names: Sequence[str]) -> str:
    """Write the array of the fields that are not as they were."""
    parts = ", ".join(
        f"CASE WHEN g.{field} IS DISTINCT FROM n.{field} OR "
        f"g.marks ->> '{field}' IS DISTINCT FROM n.marks ->> '{field}' OR "
        # Whoever was told that it is gone has to be told all that it says again.
        f"g.retired_at IS NOT NULL AND n.{field} IS NOT NULL THEN '{field}' END"
        for field in names
    )
    return f"array_remove(ARRAY[{parts}], NULL)"


def _change(name: str, names: Sequence[str]) -> str:
    values = ", ".join(f"{column} = n.{column}" for column in (*_ATTRIBUTION, *names))
    return f"""UPDATE golden_{name} g SET version = g.version + 1, updated_at = now(),
            retired_at = NULL, content_hash = n.content_hash, marks = n.marks, {values}
        FROM new_{name} n WHERE n.entity_id = g.entity_id AND {_DIFFERS}
        RETURNING g.entity_id, g.version"""


def _attribute(name: str) -> str:
    """Write the statement by which others say what is said already: no version, no news."""
    return f"""UPDATE golden_{name} g SET members = n.members, origins = n.origins,
            layout_id = n.layout_id
        FROM new_{name} n WHERE n.entity_id = g.entity_id AND NOT {_DIFFERS}
            AND (g.members, g.origins, g.layout_id) IS DISTINCT FROM
                (n.members, n.origins, n.layout_id)"""


def _create(name: str, names: Sequence[str]) -> str:
    columns = (*_ATTRIBUTION, *names)
    filled = ", ".join(f"CASE WHEN {field} IS NOT NULL THEN '{field}' END" for field in names)
    return f"""INSERT INTO golden_{name} (entity_id, version, updated_at,
            content_hash, marks, {", ".join(columns)})
        SELECT n.entity_id, 1, now(), n.content_hash, n.marks,
            {", ".join(f"n.{column}" for column in columns)}
        FROM new_{name} n WHERE NOT EXISTS (
            SELECT FROM golden_{name} g WHERE g.entity_id = n.entity_id)
        ORDER BY n.entity_id
        RETURNING entity_id, array_remove(ARRAY[{filled}], NULL) AS names"""


def renew_statistics(connection: Connection, record_type: str) -> None:
    """Tell the planner of many new golden records, by the columns that statements join by."""
    there = tables.GOLDEN[record_type].c
    wanted = ("entity_id", "retired_at", "community_code", "grid_code")
    columns = ", ".join(name for name in wanted if name in there)
    run(connection, f"ANALYZE golden_{record_type} ({columns})")


def tell_moves(
    connection: Connection,
    record_type: str,
    merged: dict[str, str],
    split: dict[str, list[str]],
    cause: dict[str, Any],
) -> None:
    """Put merges and splits into the feed with their members."""
    moves = [
        (loser, "merged", {**cause, "into": winner, "members": [loser, winner]})
        for loser, winner in sorted(merged.items())
    ] + [
        (origin, "split", {**cause, "members": [origin, *parts]})
        for origin, parts in sorted(split.items())
    ]
    golden = tables.GOLDEN[record_type]
    for entity_id, change, why in moves:
        version = connection.scalar(
            sa.select(golden.c.version).where(golden.c.entity_id == entity_id)
        )
        connection.execute(
            tables.outbox.insert().values(
                record_type=record_type,
                entity_id=entity_id,
                version=version or 0,
                change=change,
                fields=[],
                cause=why,
            )
        )


def entity_ids(connection: Connection, record_type: str) -> list[str]:
    """Return the ids of all entities of a type that are served."""
    table = tables.GOLDEN[record_type]
    served = sa.select(table.c.entity_id).where(table.c.retired_at.is_(None))
    return list(connection.scalars(served.order_by(table.c.entity_id)))
