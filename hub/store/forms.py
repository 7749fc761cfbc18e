"""What is kept of filling forms: headers that were taught, forms sent, cells filled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from hub.errors import NotFound
from hub.store import tables
from schemas.chinese import folded

_HEADER, _UPLOAD, _FILL = tables.form_header, tables.form_upload, tables.form_fill

#: A form that was sent is kept for so long.
KEPT = sa.text("interval '1 hour'")
#: So many forms of one person wait at once; the oldest gives way.
MOST_WAITING = 10


@dataclass(frozen=True, slots=True)
class Taught:
    """A header that a steward has taught."""

    header_id: int
    department: str
    record_type: str
    header: str
    field: str | None
    taught_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """A form that was sent and is to be filled."""

    upload_id: str
    name: str
    department: str
    record_type: str | None
    grid: str | None
    content: bytes


def teach_header(
    connection: Connection,
    department: str,
    record_type: str,
    header: str,
    field: str | None,
    taught_by: str,
) -> None:
    """Say what a header means from now on, in forms of a department or, without one, in all."""
    said = {"header": header, "field": field, "taught_by": taught_by}
    known = {"department": department, "record_type": record_type, "word": folded(header)}
    statement = insert(_HEADER).values(**known, **said)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(known), set_={**said, "at": sa.func.now()}
        )
    )


def forget_header(connection: Connection, header_id: int) -> Taught:
    """Take back what was taught of a header; raise NotFound where nothing was."""
    columns = [_HEADER.c[name] for name in Taught.__slots__]
    query = _HEADER.delete().where(_HEADER.c.header_id == header_id).returning(*columns)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("no header of this number was taught")
    return Taught(**row._mapping)


def list_headers(connection: Connection) -> list[Taught]:
    """Return all that was taught, newest first."""
    columns = [_HEADER.c[name] for name in Taught.__slots__]
    query = sa.select(*columns).order_by(_HEADER.c.at.desc(), _HEADER.c.header_id.desc())
    return [Taught(**row._mapping) for row in connection.execute(query)]


def taught_words(
    connection: Connection, department: str, record_type: str
) -> dict[str, str | None]:
    """Return what headers mean in forms of a department, by folded header: its own word first."""
    query = (
        sa.select(_HEADER.c.word, _HEADER.c.field)
        .where(_HEADER.c.record_type == record_type, _HEADER.c.department.in_(["", department]))
        .order_by(_HEADER.c.department)
    )
    return {row.word: row.field for row in connection.execute(query)}


def keep_upload(connection: Connection, sent_by: str, upload: Upload) -> None:
    """Keep a form until it is filled; those whose time is over go."""
    connection.execute(_UPLOAD.delete().where(_UPLOAD.c.at < sa.func.now() - KEPT))
    newest = (
        sa.select(_UPLOAD.c.upload_id)
        .where(_UPLOAD.c.sent_by == sent_by)
        .order_by(_UPLOAD.c.at.desc())
        .limit(MOST_WAITING - 1)
    )
    mine = _UPLOAD.c.sent_by == sent_by
    connection.execute(_UPLOAD.delete().where(mine, _UPLOAD.c.upload_id.not_in(newest)))
    said = {name: getattr(upload, name) for name in Upload.__slots__}
    connection.execute(_UPLOAD.insert().values(sent_by=sent_by, **said))


def get_upload(connection: Connection, upload_id: str, sent_by: str) -> Upload:
    """Return a form that somebody has sent; NotFound for others, and when its time is over."""
    query = sa.select(*(_UPLOAD.c[name] for name in Upload.__slots__)).where(
        _UPLOAD.c.upload_id == upload_id,
        _UPLOAD.c.sent_by == sent_by,
        _UPLOAD.c.at >= sa.func.now() - KEPT,
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such form any more; send it again")
    return Upload(**row._mapping)


def count_fill(
    connection: Connection,
    filled_by: str,
    department: str,
    record_type: str,
    *,
    found: int,
    left: int,
    cells: int,
) -> None:
    """Write down how much of a form was filled."""
    said = {"filled_by": filled_by, "department": department, "record_type": record_type}
    numbers = {"rows_found": found, "rows_left": left, "cells": cells}
    connection.execute(_FILL.insert().values(**said, **numbers))


def cells_filled(connection: Connection) -> int:
    """Return how many cells of forms nobody had to type."""
    return int(connection.scalar(sa.select(sa.func.coalesce(sa.func.sum(_FILL.c.cells), 0))) or 0)
