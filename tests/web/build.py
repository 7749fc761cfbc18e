"""Golden records with the records they come from, written as the pipeline writes them.

What a test does not say is filled in.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa
from httpx import Client
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from hub.golden import RULES
from hub.store import tables
from hub.store.batches import layout_of
from schemas import MODELS, fields

#: Makes a caller of a role, with a token, and with a purpose unless told otherwise.
Login = Callable[..., Client]

_numbers = count(1)
BEGINNING = datetime(2026, 9, 1, 8, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True)
class Said:
    """What one record of a source says."""

    source: str = "street_office"
    dataset: str = "residents"
    key: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    row: Mapping[str, str | None] | None = None


def a_batch(connection: Connection, source: str, dataset: str, **said: Any) -> int:
    """Insert a batch that was kept."""
    given = {"label": "test", "snapshot": False, "state": "kept", "received_at": BEGINNING, **said}
    insert = tables.batch.insert().values(source=source, dataset=dataset, **given)
    return int(connection.scalar(insert.returning(tables.batch.c.batch_id)))


def a_record(connection: Connection, record_type: str, said: Said, entity_id: str | None) -> int:
    """Insert a record, its landed row and its link."""
    key = said.key or f"K{next(_numbers):06}"
    batch_id = a_batch(connection, said.source, said.dataset, accepted=1, received=1)
    table = tables.RECORD[record_type]
    row_key = key.split("#")[0]
    record_id = connection.scalar(
        table.insert()
        .values(
            source=said.source,
            dataset=said.dataset,
            key=key,
            row_key=row_key,
            batch_id=batch_id,
            first_at=BEGINNING,
            recorded_at=BEGINNING,
            content_hash=uuid.uuid4(),
            **_typed(record_type, said.values),
        )
        .returning(table.c.record_id)
    )
    _land(connection, said, row_key, batch_id)
    connection.execute(
        tables.link.insert().values(
            record_id=record_id,
            record_type=record_type,
            entity_id=entity_id,
            home_id=entity_id or "-",
        )
    )
    return int(record_id)


def a_golden(
    connection: Connection,
    record_type: str = "person",
    *,
    version: int = 1,
    updated_at: datetime = BEGINNING,
    marks: Mapping[str, str] | None = None,
    said: tuple[Said, ...] = (),
    rules: Mapping[str, str] | None = None,
    **values: str,
) -> str:
    """Insert a golden record; without ``said``, of one record that says the same."""
    entity_id = values.pop("entity_id", "") or MODELS[record_type].letter + uuid.uuid4().hex
    connection.execute(tables.entity.insert().values(entity_id=entity_id, record_type=record_type))
    witnesses = said or (Said(values=values),)
    members = [a_record(connection, record_type, one, entity_id) for one in witnesses]
    names = [spec.name for spec in fields(MODELS[record_type])]
    origins = [
        _origin(name, values, witnesses, (rules or {}).get(name, "authority")) for name in names
    ]
    connection.execute(
        tables.GOLDEN[record_type]
        .insert()
        .values(
            entity_id=entity_id,
            version=version,
            updated_at=updated_at,
            marks=dict(marks or {}),
            members=members,
            origins=origins,
            layout_id=layout_of(connection, names),
            content_hash=uuid.uuid4(),
            **_typed(record_type, values),
        )
    )
    return entity_id


def a_new_version(connection: Connection, record_type: str, entity_id: str, **values: str) -> None:
    """Change a golden record as a publication does: the former version goes into the history."""
    table = tables.GOLDEN[record_type]
    connection.execute(
        sa.text(
            f"""INSERT INTO golden_history
                (entity_id, version, record_type, updated_at, until, golden)
            SELECT g.entity_id, g.version, '{record_type}', g.updated_at,
                g.updated_at + interval '1 day', to_jsonb(g)
            FROM golden_{record_type} g WHERE g.entity_id = :id"""
        ),
        {"id": entity_id},
    )
    connection.execute(
        table.update()
        .where(table.c.entity_id == entity_id)
        .values(
            version=table.c.version + 1,
            updated_at=table.c.updated_at + timedelta(days=1),
            **_typed(record_type, values),
        )
    )


def a_tie(connection: Connection, person: str, role: str, house: str) -> None:
    """Have a record of a person speak of a record of a house, as a property company's do."""
    key = f"R{next(_numbers):06}"
    a_record(connection, "house", Said("property", "rooms", key), house)
    owner = a_record(connection, "person", Said("property", "owners"), person)
    connection.execute(
        tables.tie.insert().values(
            record_id=owner,
            role=role,
            to_type="house",
            source="property",
            to_dataset="rooms",
            to_key=key,
        )
    )


def a_change(connection: Connection, entity_id: str, record_type: str, **said: Any) -> None:
    """Append a change to the feed, numbered: both in one statement, as a waiting reader may look."""
    begun = insert(tables.feed).values(epoch=1, last_seq=1, system_identifier="test")
    numbered = (
        begun.on_conflict_do_update(
            index_elements=["epoch"], set_={"last_seq": tables.feed.c.last_seq + 1}
        )
        .returning(tables.feed.c.last_seq)
        .cte("numbered")
    )
    given = {"version": 1, "change": "created", "fields": [], "cause": {"kind": "batch"}, **said}
    connection.execute(
        tables.change.insert().values(
            epoch=1,
            seq=sa.select(numbered.c.last_seq).scalar_subquery(),
            record_type=record_type,
            entity_id=entity_id,
            at=BEGINNING,
            **given,
        )
    )


def an_entry(connection: Connection, batch_id: int, **said: Any) -> int:
    """Insert an open quarantine entry."""
    given = {
        "source": "street_office",
        "dataset": "residents",
        "key": "SQ001-000001",
        "record_type": "person",
        "field": "contact_phone",
        "rule": "phone.unreadable",
        "fate": "blank",
        "said": "一二三四",
        **said,
    }
    insert = tables.quarantine.insert().values(batch_id=batch_id, **given)
    return int(connection.scalar(insert.returning(tables.quarantine.c.quarantine_id)))


def _typed(record_type: str, values: Mapping[str, str]) -> dict[str, Any]:
    kinds = {spec.name: spec.kind for spec in fields(MODELS[record_type])}
    native = ("jsonb", "boolean")
    return {
        name: orjson.loads(text) if kinds[name].sql in native else text
        for name, text in values.items()
    }


def _land(connection: Connection, said: Said, key: str, batch_id: int) -> None:
    row = said.row if said.row is not None else dict(said.values)
    connection.execute(
        tables.landing.insert().values(
            source=said.source,
            dataset=said.dataset,
            key=key,
            hash=uuid.uuid4(),
            row=orjson.dumps(list(row.values())).decode(),
            layout_id=layout_of(connection, list(row)),
            state="live",
            batch_id=batch_id,
            recorded_at=BEGINNING,
        )
    )


def _origin(name: str, values: Mapping[str, str], said: tuple[Said, ...], rule: str) -> int:
    if name not in values:
        return -1
    winner = next((n for n, one in enumerate(said) if one.values.get(name) == values[name]), 0)
    return winner * 8 + RULES.index(rule)
