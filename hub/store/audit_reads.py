"""Reading the audit: for auditors, for residents who ask who looked at them, for checking it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from hub.database import execute
from hub.store import tables
from hub.store.callers import ids_named

_ROWS_AT_A_TIME = 5_000
_SPELT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'

_audit, _entity, _root = tables.audit, tables.entity, tables.audit_root


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries of the audit are asked for."""

    #: The id or the name of a person or a client.
    caller: str | None = None
    entity: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Root:
    """The hash at the end of a day, which covers all entries up to there."""

    day: date
    audit_id: int
    hash: str


def list_audit(
    connection: Connection, asked: Asked, *, before: tuple[datetime, int] | None, limit: int
) -> list[Mapping[str, Any]]:
    """List entries, newest first, each with the name of who called."""
    query = (
        sa.select(_audit, _name_of_caller())
        .where(*_conditions(connection, asked))
        .order_by(_audit.c.at.desc(), _audit.c.audit_id.desc())
        .limit(limit)
    )
    if before is not None:
        place = sa.tuple_(_audit.c.at, _audit.c.audit_id)
        query = query.where(place < before, _audit.c.at <= before[0])
    return [_entry(row) for row in connection.execute(query)]


def _conditions(connection: Connection, asked: Asked) -> Iterator[sa.ColumnElement[bool]]:
    if asked.caller is not None:
        yield _audit.c.caller.in_([asked.caller, *ids_named(connection, asked.caller)])
    if asked.action is not None:
        yield _audit.c.action == asked.action
    if asked.since is not None:
        yield _audit.c.at >= asked.since
    if asked.until is not None:
        yield _audit.c.at < asked.until
    if asked.entity is not None:
        yield _concerns(connection, asked.entity)


def _concerns(connection: Connection, entity_id: str) -> sa.ColumnElement[bool]:
    """Return the condition of having read an entity: by its id, by a former one, with all."""
    found = connection.execute(
        sa.select(_entity.c.entity_id, _entity.c.record_type).where(
            sa.or_(_entity.c.entity_id == entity_id, _entity.c.superseded_by == entity_id)
        )
    ).all()
    ids = sorted({entity_id, *(row.entity_id for row in found)})
    named = _audit.c.entity_ids.overlap(ids)
    types = sorted({row.record_type for row in found})
    of_all = sa.and_(
        _audit.c.entity_ids == sa.text("'{}'"),
        _audit.c.record_type.in_(types),
        _audit.c.fields != sa.text("'{}'"),
        _audit.c.action == "export",
    )
    return sa.or_(named, of_all) if types else named


def _name_of_caller() -> sa.Label[str]:
    names = [
        sa.select(table.c.name).where(key == _audit.c.caller).scalar_subquery()
        for table, key in (
            (tables.account, tables.account.c.account_id),
            (tables.client, tables.client.c.client_id),
        )
    ]
    return sa.func.coalesce(*names).label("caller_name")


def _entry(row: Row[Any]) -> Mapping[str, Any]:
    said = {str(name): value for name, value in row._mapping.items()}
    return said | {"hash": said["hash"].hex()}


def list_roots(connection: Connection, *, after: date | None = None) -> list[Root]:
    """List the daily roots, oldest first."""
    query = sa.select(_root.c.day, _root.c.audit_id, _root.c.hash).order_by(_root.c.day)
    if after is not None:
        query = query.where(_root.c.day > after)
    return [_root_of(row) for row in connection.execute(query)]


def _root_of(row: Any) -> Root:
    return Root(row.day, row.audit_id, row.hash.hex())


def chain(connection: Connection, since: date | None = None) -> Iterator[Mapping[str, Any]]:
    """Yield the audit as lines of an export (`hub.audit_check`), from the day ``since`` on.

    The connection's transaction has to see one state: the end is read before the rest.
    """
    head = _head(connection)
    begin = _beginning(connection, since)
    if begin is not None:
        yield _root_line(begin)
    roots = list_roots(connection, after=begin.day if begin else None)
    for row in connection.execute(_links(begin), execution_options=_STREAMED):
        *said, kept = row
        while roots and roots[0].audit_id < said[0]:
            yield _root_line(roots.pop(0))
        yield {"entry": said, "hash": kept}
    yield from map(_root_line, roots)
    yield {"head": head}


_STREAMED: Mapping[str, Any] = {"stream_results": True, "yield_per": _ROWS_AT_A_TIME}


def _links(begin: Root | None) -> sa.Select[Any]:
    """Select the entries in the order in which they were written, as they were hashed."""
    at = sa.func.to_char(sa.func.timezone("UTC", _audit.c.at), _SPELT)
    names = ("caller", "action", "purpose", "record_type", "entity_ids", "fields", "about")
    said = [_audit.c[name] for name in (*names, "origin")]
    query = sa.select(_audit.c.audit_id, at, *said, sa.func.encode(_audit.c.hash, "hex"))
    if begin is not None:
        ended = sa.func.timezone("Asia/Shanghai", sa.cast(begin.day, sa.DateTime))
        query = query.where(_audit.c.at >= ended + sa.text("interval '1 day'"))
    return query.order_by(_audit.c.at, _audit.c.audit_id)


def _root_line(root: Root) -> Mapping[str, Any]:
    return {"root": [root.day.isoformat(), root.audit_id, root.hash]}


def _beginning(connection: Connection, since: date | None) -> Root | None:
    """Return the root that the chain goes on from: of the day before, or of months dropped."""
    query = sa.select(_root.c.day, _root.c.audit_id, _root.c.hash)
    if since is not None:
        query = query.where(_root.c.day < since)
    else:
        first = execute(connection, "SELECT audit_id FROM audit ORDER BY at, audit_id LIMIT 1")
        begins = first.scalar_one_or_none()
        query = query.where(_root.c.audit_id == (begins or 0) - 1)
    row = connection.execute(query.order_by(_root.c.day.desc()).limit(1)).one_or_none()
    return _root_of(row) if row else None


def _head(connection: Connection) -> list[object]:
    query = "SELECT audit_id, encode(hash, 'hex') FROM audit_head ORDER BY audit_id DESC LIMIT 1"
    # Without any head something is amiss; the check says so.
    return list(execute(connection, query).one_or_none() or ())
