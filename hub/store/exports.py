"""Exports that clients asked for over the API: what was asked, how far it is, which files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import NotFound
from hub.store import tables
from hub.store.feed_reads import Position

#: For so long files are kept for whoever asked for them.
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class File:
    """One file of an export."""

    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Export:
    """Golden records written to files for one client."""

    export_id: str
    client_id: str
    record_type: str
    fields: list[str] | None
    purpose: str | None
    state: str
    row_count: int
    files: tuple[File, ...]
    position: Position | None
    #: Signature of what the client might see when it was made.
    view: str | None
    created_at: datetime
    finished_at: datetime | None


_TABLE = tables.export


def ask_export(
    connection: Connection,
    export_id: str,
    client_id: str,
    record_type: str,
    fields: Sequence[str] | None,
    purpose: str | None,
) -> Export:
    """Write down an export that is to be made."""
    connection.execute(
        _TABLE.insert().values(
            export_id=export_id,
            client_id=client_id,
            record_type=record_type,
            fields=None if fields is None else list(fields),
            purpose=purpose,
            state="queued",
            files=[],
        )
    )
    return get_export(connection, export_id)


def get_export(connection: Connection, export_id: str, client_id: str | None = None) -> Export:
    """Return an export, of this client where one is named; NotFound where there is none."""
    query = sa.select(_TABLE).where(_TABLE.c.export_id == export_id)
    if client_id is not None:
        query = query.where(_TABLE.c.client_id == client_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such export")
    said = {name: row[name] for name in Export.__slots__ if name not in ("files", "position")}
    position = None if row["epoch"] is None else Position(row["epoch"], row["seq"])
    return Export(**said, files=tuple(File(**file) for file in row["files"]), position=position)


def unfinished(connection: Connection) -> list[str]:
    """Return the exports that are still to be made, the oldest first."""
    query = sa.select(_TABLE.c.export_id).where(_TABLE.c.state.in_(("queued", "running")))
    return list(connection.scalars(query.order_by(_TABLE.c.created_at, _TABLE.c.export_id)))


def note_export(connection: Connection, export_id: str, state: str) -> None:
    """Write down how far an export is."""
    connection.execute(_TABLE.update().where(_TABLE.c.export_id == export_id).values(state=state))


def finish_export(
    connection: Connection, export_id: str, files: Sequence[File], position: Position, view: str
) -> None:
    """Write down the files of an export, of which view, and where the feed goes on from them."""
    connection.execute(
        _TABLE.update()
        .where(_TABLE.c.export_id == export_id)
        .values(
            state="done",
            files=[asdict(file) for file in files],
            row_count=sum(file.rows for file in files),
            view=view,
            epoch=position.epoch,
            seq=position.seq,
            finished_at=sa.func.now(),
        )
    )


def done_exports(connection: Connection) -> list[str]:
    """Return the exports whose files are kept."""
    return list(connection.scalars(sa.select(_TABLE.c.export_id).where(_TABLE.c.state == "done")))


def give_up(connection: Connection, export_id: str) -> None:
    """Write down that the files of an export are to go before their time."""
    shut = _TABLE.update().where(_TABLE.c.export_id == export_id)
    connection.execute(shut.values(state="expired", files=[]))


def expire_exports(connection: Connection) -> list[str]:
    """Give up exports that were kept long enough; return those whose files are to go."""
    old = sa.func.now() - sa.cast(sa.literal(KEPT), sa.Interval)
    shut = (
        _TABLE.update()
        .where(_TABLE.c.state.in_(("done", "failed")), _TABLE.c.created_at < old)
        .values(state="expired", files=[])
    )
    return list(connection.scalars(shut.returning(_TABLE.c.export_id)))
