"""What residents ask about themselves, and what departments are asked to erase."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.store.tables.columns import metadata, steps, text, time

resident_request = sa.Table(
    "resident_request",
    metadata,
    sa.Column("request_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    text("kind", nullable=False, comment="access, correction or erasure"),
    text("state", nullable=False),
    text("entity_id", index=True, comment="Whom it is about, once that is known."),
    text("asked_by", nullable=False, comment="self, guardian, relative or agent"),
    text("channel", nullable=False, comment="counter, letter, phone or online"),
    text("said", nullable=False, comment="What is asked for, in the words of who asks."),
    sa.Column("proposed", pg.JSONB, nullable=False, comment="Values by field, of a correction."),
    time("received_at", nullable=False, server_default=sa.func.now()),
    text("received_by", nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    text("checked", comment="How it was seen to that it is this person who asks."),
    text("reason", comment="Why it was refused, or why a part of it was."),
    sa.Column("outcome", pg.JSONB, comment="What was done; never a value."),
    time("ended_at"),
    sa.Index(
        "ix_resident_request_due",
        "due_on",
        postgresql_where=sa.text("state IN ('received', 'verified')"),
    ),
    sa.CheckConstraint("kind IN ('access', 'correction', 'erasure')", name="kind"),
    sa.CheckConstraint(
        "state IN ('received', 'verified', 'answered', 'refused', 'withdrawn')", name="state"
    ),
    comment="What residents ask about what is held of them (PIPL, Art 45-47).",
)

resident_step = steps("resident_step", "What was done with a resident's request, by whom, and why.")

erasure_ask = sa.Table(
    "erasure_ask",
    metadata,
    sa.Column("ask_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("request_id", sa.BigInteger, nullable=False, index=True),
    text("source", nullable=False),
    text("dataset", nullable=False),
    text("key", nullable=False, comment="Key of the row in its source."),
    time("asked_at", nullable=False, server_default=sa.func.now()),
    sa.Column("due_on", sa.Date, nullable=False),
    text("state", nullable=False, server_default="open"),
    text("reason", comment="The legal basis on which the source keeps what it has."),
    text("answered_by"),
    time("answered_at"),
    sa.CheckConstraint("state IN ('open', 'erased', 'kept')", name="state"),
    comment="What departments are asked to erase, and what they answer.",
)
