"""Reading everything there is of one kind, a page at a time, for files that leave the hub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store import tables
from hub.store.visible import View, golden_table

#: Rows of text, None where nothing is said.
Page = Sequence[Sequence[str | None]]

#: What every golden record has besides its fields.
GOLDEN_COLUMNS = ("id", "version", "updated_at", "marks")
LINK_COLUMNS = ("entity", "source", "dataset", "key", "golden_id")

ROWS_AT_A_TIME = 10_000
#: So many digits of a grid's code are its street's.
_STREET = 9
_RFC3339 = 'YYYY-MM-DD"T"HH24:MI:SS.US"+08:00"'


def read_golden(connection: Connection, view: View) -> Iterator[Page]:
    """Yield the golden records that are served: `GOLDEN_COLUMNS`, then the view's fields."""
    table = golden_table(view)
    local = sa.func.timezone("Asia/Shanghai", table.c.updated_at)
    query = (
        sa.select(
            table.c.entity_id,
            sa.cast(table.c.version, sa.Text),
            sa.func.to_char(local, _RFC3339),
            sa.cast(table.c.marks, sa.Text),
            *view.columns(table),
        )
        .where(table.c.retired_at.is_(None), view.rows(table.c.entity_id))
        .order_by(table.c.entity_id)
    )
    return _pages(connection, query)


def read_links(connection: Connection) -> Iterator[Page]:
    """Yield which golden record each live record of every source has gone into."""
    parts = [
        sa.select(
            sa.literal(record_type).label("entity"),
            record.c.source,
            record.c.dataset,
            record.c.key,
            tables.link.c.entity_id,
        )
        .join(tables.link, tables.link.c.record_id == record.c.record_id)
        .where(record.c.withdrawn_at.is_(None), tables.link.c.entity_id.is_not(None))
        for record_type, record in tables.RECORD.items()
    ]
    return _pages(connection, sa.union_all(*parts).order_by("entity", "source", "dataset", "key"))


def _pages(connection: Connection, query: sa.Executable) -> Iterator[Page]:
    # The driver would otherwise fetch the whole answer before it gives the first row.
    streamed = query.execution_options(stream_results=True, max_row_buffer=ROWS_AT_A_TIME)
    yield from connection.execute(streamed).partitions(ROWS_AT_A_TIME)


def best_known_person(connection: Connection, street: str | None = None) -> str | None:
    """Return the person that the most sources speak of, at best with a house, a grid and kin.

    Of equals somebody of the street; None where no person is served.
    """
    said = {"street": street or ""}
    return connection.execute(sa.text(_BEST_KNOWN), said).scalar_one_or_none()


def fullest_street(connection: Connection) -> str | None:
    """Return the code of the street where most people live, or None where nobody lives anywhere."""
    person = tables.GOLDEN["person"].c
    street = sa.func.left(person.grid_code, _STREET)
    query = (
        sa.select(street)
        .where(person.retired_at.is_(None), person.grid_code.is_not(None))
        .group_by(street)
        .order_by(sa.func.count().desc(), street)
        .limit(1)
    )
    return connection.scalar(query)


# Of the many with equally many sources a few are looked at closer.
_BEST_KNOWN = """
WITH known AS (
    SELECT g.entity_id, g.house_code, g.household_no, g.grid_code,
        coalesce(g.person_status, '1') = '1' AS living,
        count(DISTINCT r.source) AS sources, count(*) AS records
    FROM golden_person g JOIN link l ON l.entity_id = g.entity_id
    JOIN record_person r ON r.record_id = l.record_id AND r.withdrawn_at IS NULL
    WHERE g.retired_at IS NULL
    GROUP BY g.entity_id
    ORDER BY living DESC, sources DESC, coalesce(starts_with(g.grid_code, :street), false) DESC,
        g.house_code IS NULL, g.grid_code IS NULL,
        g.household_no IS NULL, records DESC, g.entity_id LIMIT 200
)
SELECT entity_id FROM known k
ORDER BY living DESC, sources DESC, coalesce(starts_with(k.grid_code, :street), false) DESC,
    EXISTS (SELECT FROM golden_house h
        WHERE h.house_code = k.house_code AND h.retired_at IS NULL) DESC,
    EXISTS (SELECT FROM golden_grid z
        WHERE z.grid_code = k.grid_code AND z.retired_at IS NULL) DESC,
    (SELECT count(*) > 1 AND count(*) FILTER (WHERE relationship_to_head_code = '02') = 1
        FROM golden_person other
        WHERE other.household_no = k.household_no AND other.retired_at IS NULL) DESC,
    records DESC, entity_id
LIMIT 1
"""


def most_witnessed(connection: Connection) -> tuple[str, str] | None:
    """Return record type and id of the entity that the most records speak of, if any does."""
    link = tables.link
    query = (
        sa.select(link.c.record_type, link.c.entity_id)
        .where(link.c.entity_id.is_not(None))
        .group_by(link.c.record_type, link.c.entity_id)
        .order_by(sa.func.count().desc(), link.c.entity_id)
        .limit(1)
    )
    found = connection.execute(query).one_or_none()
    return found and (found.record_type, found.entity_id)
