"""Everything the hub holds in the end, by the native row it came from."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.sealing import seals_of
from hub.store.rows import row_object
from schemas import MODELS, fields
from tests.fates.cases import Entry, Found, Record

RowKey = tuple[str, str, str]


def found(connection: Connection) -> Mapping[RowKey, Found]:
    """Read what has become of every row: landing, records, golden records, quarantine."""
    rows: dict[RowKey, Found] = defaultdict(Found)
    seals = seals_of(connection)
    query = """SELECT l.source, l.dataset, l.key, l.state, l.row, y.names
        FROM landing l JOIN layout y USING (layout_id)"""
    for one in connection.execute(sa.text(query)):
        here = rows[one.source, one.dataset, one.key]
        here.state, here.row = one.state, dict(row_object(one.row, one.names, seals))
    query = "SELECT * FROM quarantine WHERE released_at IS NULL ORDER BY quarantine_id"
    for one in connection.execute(sa.text(query)):
        entry = Entry(
            one.record_type, one.field, one.rule, one.fate, one.said and seals.as_said(one.said)
        )
        rows[one.source, one.dataset, one.key].entries.append(entry)
    for name in MODELS:
        for row, key, record in _records(connection, name):
            rows[row].records[name, key] = record
    return rows


def _records(connection: Connection, name: str) -> Iterator[tuple[RowKey, str, Record]]:
    names = [spec.name for spec in fields(MODELS[name])]
    said = ", ".join(f"r.{one}::text AS r_{one}, g.{one}::text AS g_{one}" for one in names)
    query = f"""SELECT r.source, r.dataset, r.row_key, r.key, r.withdrawn_at, r.evidence, r.notes,
            l.entity_id, g.marks, {said}
        FROM record_{name} r LEFT JOIN link l ON l.record_id = r.record_id
        LEFT JOIN golden_{name} g ON g.entity_id = l.entity_id"""
    for one in connection.execute(sa.text(query)).mappings():
        record = Record(
            name,
            {field: one[f"r_{field}"] for field in names},
            _object(one["evidence"]),
            _object(one["notes"]),
            one["withdrawn_at"] is not None,
            one["entity_id"],
            {field: one[f"g_{field}"] for field in names},
            one["marks"] or {},
        )
        yield (one["source"], one["dataset"], one["row_key"]), one["key"], record


def _object(text: str | None) -> dict[str, Any]:
    return json.loads(text) if text else {}


def everything(connection: Connection) -> str:
    """Return all text that the hub's database holds, in any table and column."""
    tables = connection.execute(
        sa.text(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    )
    parts = []
    for (name,) in tables.all():
        parts += connection.scalars(sa.text(f'SELECT t::text FROM "{name}" t')).all()
    return "\n".join(parts)
