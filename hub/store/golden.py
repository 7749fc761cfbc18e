"""Golden records: what they are made of, and writing only what has changed of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
from hub.store import attachments, feed, superseding, tables
from hub.store.batches import layout_of
from schemas import MODELS, Section, fields

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


def live_members(
    connection: Connection, model: type[Section], entity_ids: Sequence[str]
) -> pd.DataFrame:
    """Return the live records of entities, as :func:`hub.golden.merge` takes them."""
    members = copy_out(connection, _members(model, _CHOSEN), ids=list(entity_ids))
    return superseding.silenced(connection, model.record_type, members, entity_ids)


def linked_members(
    connection: Connection, model: type[Section], links: pd.DataFrame
) -> pd.DataFrame:
    """Return the live ones of these records, as :func:`live_members` does.

    ``links``: ``record_id``, ``entity_id``, ``community_code``. Unlike there, another connection
    may be asked than the one that links them.
    """
    said = {name: links[name].astype("object") for name in ("entity_id", "community_code")}
    members = copy_out(
        connection,
        _members(model, _LINKED),
        ids=links["record_id"].astype("int64").tolist(),
        **{name: column.where(column.notna(), None).tolist() for name, column in said.items()},
    )
    return superseding.silenced(connection, model.record_type, members, links["entity_id"].tolist())


_LINKED = """unnest(CAST(:ids AS bigint[]), CAST(:entity_id AS text[]),
    CAST(:community_code AS text[])) AS l (record_id, entity_id, community_code)"""


@cache
def _members(model: type[Section], links: str) -> str:
    said = ", ".join(f"r.{spec.name}::text AS {spec.name}" for spec in fields(model))
    return f"""
        SELECT l.entity_id, r.record_id, r.source, r.dataset, r.key, r.address_key,
            l.community_code AS place_community,
            to_jsonb(r.first_at) #>> '{{}}' AS first_at, nullif(r.since, '{{}}')::text AS since,
            {said}
        FROM {links} JOIN record_{model.record_type} r ON r.record_id = l.record_id
        WHERE r.withdrawn_at IS NULL"""


# Entity by entity: the planner would take a few of them for a good part of all.
_CHOSEN = f"""unnest(CAST(:ids AS text[])) AS c (entity_id)
    CROSS JOIN LATERAL (SELECT b.* FROM {attachments.BELONGING} b
        WHERE b.entity_id = c.entity_id OFFSET 0) l"""


# Many records name one dwelling: what it says is looked up once for each.
_HOMES = """
WITH named AS MATERIALIZED (
    SELECT mine.record_id, mine.key FROM {named} AND mine.use = :mine),
dwelling AS MATERIALIZED (
    SELECT DISTINCT ON (k.key) k.key, {columns}
    FROM (SELECT DISTINCT key FROM named) k
    JOIN link_key theirs ON theirs.key = k.key AND theirs.use = :theirs
        AND theirs.record_type = '{type}'
    JOIN link o ON o.record_id = theirs.record_id
    JOIN golden_{type} g ON g.entity_id = o.entity_id AND g.retired_at IS NULL
    ORDER BY k.key, {columns})
SELECT DISTINCT ON (named.record_id) named.record_id, {columns}
FROM named JOIN dwelling g ON g.key = named.key
ORDER BY named.record_id, {columns}
"""

_NAMED = f"{_CHOSEN} JOIN link_key mine ON mine.record_id = l.record_id"


def homes_of(
    connection: Connection, record_type: str, entity_ids: Sequence[str] | None
) -> pd.DataFrame:
    """Return what the dwelling says that a record of these entities, or of any, names.

    A person's record names a house; a house's record the address it stands at. The index of the
    frame is the record's number.
    """
    type_, names, mine, theirs = {
        "house": ("address", ("address_code", "community_code", "grid_code"), "same", "home"),
        "person": (
            "house",
            ("house_code", "address_code", "community_code", "grid_code"),
            "home",
            "same",
        ),
    }[record_type]
    columns = ", ".join(f"g.{name}" for name in names)
    named, said = f"link_key mine WHERE mine.record_type = '{record_type}'", {}
    if entity_ids is not None:
        named, said = _NAMED, {"ids": list(entity_ids)}
    query = _HOMES.format(type=type_, columns=columns, named=named)
    homes = copy_out(connection, query, mine=mine, theirs=theirs, **said)
    homes.index = pd.Index(homes.pop("record_id").astype("int64"))
    return homes


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
    golden: pd.DataFrame,
    filled: pd.Series,
    cause: dict[str, Any],
    *,
    numbered: bool,
) -> Published:
    """Write golden records of ids that were never published: nothing is there to compare with.

    ``golden``: as :func:`stage` takes it. ``filled``: its :func:`filled_fields`.
    ``numbered``: the feed tells of them at once, as it may where there was :func:`room` for the
    first ones.
    """
    layout = layout_of(connection, [spec.name for spec in fields(model)])
    said = {"layout_id": str(layout)}
    copy_in(connection, f"golden_{model.record_type}", list(golden.columns), golden, same=said)
    news = pd.DataFrame({"entity_id": golden["entity_id"], "fields": filled})
    same = {"record_type": model.record_type, "version": "1", "change": "created"}
    same["cause"] = orjson.dumps(cause).decode()
    feed.tell(connection, news, same, numbered=numbered)
    return Published(created=len(golden))


def filled_fields(model: type[Section], golden: pd.DataFrame) -> pd.Series:
    """Write for each record the names of its fields that say something, as array text."""
    names = [spec.name for spec in fields(model)]
    said = golden[names].notna().to_numpy()
    # A few ways to be filled are what many records have in common.
    ways, which = np.unique(np.packbits(said, axis=1), axis=0, return_inverse=True)
    filled = np.unpackbits(ways, axis=1, count=len(names)).astype(bool)
    texts = ["{" + ",".join(compress(names, way)) + "}" for way in filled]
    return pd.Series(texts, dtype="str").take(which.reshape(-1)).set_axis(golden.index)


def stage(connection: Connection, model: type[Section], golden: pd.DataFrame) -> None:
    """Put golden records beside those that are served, in the place of what was put there before.

    ``golden``: ``entity_id``, ``content_hash``, ``marks`` (JSON), ``members`` and ``origins``
    (PostgreSQL array text) and the public fields as canonical text.
    """
    name, many = model.record_type, len(golden) > MANY
    layout = layout_of(connection, [spec.name for spec in fields(model)])
    empty = "TRUNCATE" if many else "DELETE FROM"
    run(connection, f"{_beginning(model)}; {empty} new_{name}")
    said = {"layout_id": str(layout)}
    copy_in(connection, f"new_{name}", list(golden.columns), golden, same=said)


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
    name, names = model.record_type, [spec.name for spec in fields(model)]
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


def grid_areas(connection: Connection, vague: Sequence[str]) -> pd.DataFrame:
    """Return the areas that positions are put into: grids first, then communities' own areas.

    A community's area is one whose records name the community: were its code derived from its
    position, the area would decide where it lies itself.
    """
    query = """
        SELECT grid_code, community_code, grid_boundary::text AS area, grid_type AS precedence
        FROM golden_grid WHERE retired_at IS NULL AND grid_boundary IS NOT NULL
          AND grid_type IN ('1', '2', '3')
        UNION ALL
        SELECT NULL, community_code, boundary_geometry::text, '9' FROM golden_geo_entity g
        WHERE retired_at IS NULL AND geo_entity_class = '02' AND community_code IS NOT NULL
          AND boundary_geometry ->> 'type' <> 'Point'
          AND coalesce(source_crs, '') <> ALL(:vague)
          AND EXISTS (SELECT FROM record_geo_entity r WHERE r.record_id = ANY(g.members)
              AND r.community_code = g.community_code)
        ORDER BY 4, 1, 2, 3"""
    return copy_out(connection, query, vague=list(vague))


_POLICE_ORGANS = """
SELECT g.grid_code, CAST(r.evidence AS jsonb) ->> 'police_organ_code' AS police_organ_code,
    count(*) AS votes
FROM golden_address g JOIN link l ON l.entity_id = g.entity_id
JOIN record_address r ON r.record_id = l.record_id
WHERE g.retired_at IS NULL AND g.grid_code = ANY(:codes) AND r.withdrawn_at IS NULL
  AND r.evidence LIKE '%police_organ_code%'
GROUP BY 1, 2
"""


def police_organs(connection: Connection, grid_codes: Sequence[str]) -> pd.DataFrame:
    """Count in grids what their addresses say of the police area they lie in."""
    counts = copy_out(connection, _POLICE_ORGANS, codes=list(grid_codes))
    return counts.assign(votes=counts["votes"].astype("int64"))


def grids_around(connection: Connection, addresses: Iterable[str]) -> set[str]:
    """Return the grids that these addresses lie in."""
    ids = list(addresses)
    if not ids:
        return set()
    query = """SELECT DISTINCT grid.entity_id FROM golden_address a
        JOIN golden_grid grid ON grid.grid_code = a.grid_code AND grid.retired_at IS NULL
        WHERE a.entity_id = ANY(:addresses)"""
    return set(run(connection, query, {"addresses": ids}).scalars())


def entity_ids(connection: Connection, record_type: str) -> list[str]:
    """Return the ids of all entities of a type that have live records."""
    table = tables.GOLDEN[record_type]
    return list(connection.scalars(sa.select(table.c.entity_id).order_by(table.c.entity_id)))


def record_types() -> Sequence[str]:
    """Return the record types, each after those that it takes values from."""
    return tuple(MODELS)
