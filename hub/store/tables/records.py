"""Records as their sources say them, by type: derived from the declarations of the fields.

A record of type ``person`` passes ``staged_person`` (on its way in) and is kept in
``record_person`` (as its source says it now).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.store.tables.columns import Column, column_of, metadata, text, time
from schemas import MODELS, Section, fields

#: One sequence numbers the records of all types, so that a number alone names a record.
record_number = sa.Sequence("record_number", metadata=metadata)

tie = sa.Table(
    "tie",
    metadata,
    sa.Column("record_id", sa.BigInteger, primary_key=True),
    text("role", primary_key=True),
    text("to_type", nullable=False),
    text("source", nullable=False),
    text("to_dataset", primary_key=True),
    text("to_key", primary_key=True),
    sa.Index(None, "source", "to_dataset", "to_key"),
    comment="What a record says about another record of its source: owner of a room, …",
)

record_history = sa.Table(
    "record_history",
    metadata,
    sa.Column("record_id", sa.BigInteger, primary_key=True),
    time("until", primary_key=True),
    sa.Column("record", pg.JSONB, nullable=False),
    comment="What records said before they changed.",
)


def _envelope() -> list[Column]:
    return [
        text("address_key", comment="Folded address down to the room, for comparing."),
        text("compound_key", comment="Folded name of the compound, for comparing."),
        text("evidence", comment="JSON: facts kept for matching, never published."),
        text("notes", comment="JSON: what was mended, derived or warned of, by field."),
        sa.Column("content_hash", pg.UUID, nullable=False),
        time("recorded_at"),
    ]


def _staged(model: type[Section]) -> sa.Table:
    return sa.Table(
        f"staged_{model.record_type}",
        metadata,
        sa.Column("batch_id", sa.BigInteger, nullable=False, index=True),
        sa.Column("ordinal", sa.Integer, nullable=False),
        text("key", nullable=False),
        text("row_key", nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        *_envelope(),
        *map(column_of, fields(model)),
        comment=f"Records of type {model.record_type} on their way in.",
    )


def _record(model: type[Section]) -> sa.Table:
    name = f"record_{model.record_type}"
    return sa.Table(
        name,
        metadata,
        sa.Column(
            "record_id",
            sa.BigInteger,
            record_number,
            primary_key=True,
            server_default=record_number.next_value(),
        ),
        text("source", nullable=False),
        text("dataset", nullable=False),
        text("key", nullable=False),
        text("row_key", nullable=False, comment="Key of the native row it came from."),
        sa.Column("batch_id", sa.BigInteger, nullable=False),
        time("first_at", nullable=False, comment="When the values first appeared, unless since."),
        sa.Column("since", pg.JSONB, comment="When values that changed later first appeared."),
        time("withdrawn_at"),
        *_envelope(),
        *map(column_of, fields(model)),
        sa.UniqueConstraint("source", "dataset", "key"),
        sa.Index(None, "source", "dataset", "row_key"),
        sa.Index(
            f"ix_{name}_compound_key",
            "compound_key",
            postgresql_where=sa.text("compound_key IS NOT NULL"),
        ),
        comment=f"Records of type {model.record_type} as their sources say them now.",
    )


STAGED = {name: _staged(model) for name, model in MODELS.items()}

RECORD = {name: _record(model) for name, model in MODELS.items()}
