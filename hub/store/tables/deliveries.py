"""Entering once: entries, what they attach to, deliveries, corrections."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.store.tables.columns import metadata, text, time

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("entry_id", sa.BigInteger, sa.Identity(), primary_key=True),
    text("record_type", nullable=False),
    text("entity_id", nullable=False, index=True),
    text("said_by", nullable=False),
    text("reason", comment="Why, in the words of whoever entered it."),
    time("at", nullable=False, server_default=sa.func.now()),
    sa.Column("fields", pg.JSONB, nullable=False, comment="What was entered; null: withdrawn."),
    sa.Column("applied", pg.ARRAY(sa.Text), nullable=False, comment="Fields that took effect."),
    sa.Column("batch_id", sa.BigInteger, comment="The batch by which they did."),
    comment="What workers have entered: who, when, why, and what.",
)

attachment = sa.Table(
    "attachment",
    metadata,
    sa.Column("record_id", sa.BigInteger, primary_key=True),
    text("record_type", nullable=False),
    text("home_id", nullable=False, comment="The entity it was entered on."),
    text("entity_id", nullable=False, index=True, comment="Where that entity is now."),
    comment="Records that speak of an entity by its id: never compared, they go where it goes.",
)

delivery = sa.Table(
    "delivery",
    metadata,
    text("delivery_id", primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False, unique=True),
    text("kind", nullable=False, comment="update, or correction: a request to check a value"),
    text("record_type", nullable=False),
    text("entity_id", nullable=False, index=True),
    text("source", nullable=False),
    text("dataset", nullable=False),
    text("key", nullable=False, comment="Key of the row in its source."),
    sa.Column("record_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("cause", pg.JSONB, nullable=False),
    text("owner", nullable=False, comment="Who is to see to it where it cannot be delivered."),
    text("state", nullable=False),
    text("reason"),
    sa.Column("native", pg.JSONB, comment="Columns as sent: what they said, what they should."),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    time("planned_at", nullable=False, server_default=sa.func.now()),
    time("due_at", nullable=False),
    time("leased_until"),
    time("handed_at", comment="When the target had it for certain."),
    time("at", nullable=False, server_default=sa.func.now(), comment="When the state changed."),
    sa.Index(
        "ix_delivery_under_way",
        "source",
        "due_at",
        postgresql_where=sa.text("state IN ('queued', 'sent', 'accepted')"),
    ),
    sa.Index("ix_delivery_dead", "source", postgresql_where=sa.text("state = 'dead'")),
    sa.Index("ix_delivery_row", "source", "dataset", "key", "number"),
    sa.CheckConstraint(
        "state IN ('queued', 'sent', 'accepted', 'refused', 'confirmed', 'differs', 'dead')",
        name="state",
    ),
    sa.CheckConstraint("kind IN ('update', 'correction')", name="kind"),
    comment="Changes on their way to one row of one source each.",
)

delivery_field = sa.Table(
    "delivery_field",
    metadata,
    text("delivery_id", primary_key=True),
    text("field", primary_key=True),
    text("value", nullable=False, comment="What the source should say."),
    text("superseded", comment="What its record said when this was planned."),
    time("since", nullable=False, comment="When the value first appeared, wherever that was."),
    time("settled_at", comment="When the source said something else than before."),
    text("word", comment="Whose word that was: ours, come back, or theirs; or it was overtaken."),
    sa.ForeignKeyConstraint(["delivery_id"], ["delivery.delivery_id"]),
    sa.CheckConstraint("word IN ('ours', 'theirs', 'overtaken')", name="word"),
    comment="The fields of deliveries, by which what comes back is recognised.",
)

delivery_attempt = sa.Table(
    "delivery_attempt",
    metadata,
    sa.Column("attempt_id", sa.BigInteger, sa.Identity(), primary_key=True),
    text("delivery_id", nullable=False, index=True),
    time("at", nullable=False),
    text("outcome", nullable=False),
    text("reason"),
    comment="Every time a delivery was tried; kept for a while only.",
)

correction = sa.Table(
    "correction",
    metadata,
    sa.Column("correction_id", sa.BigInteger, sa.Identity(), primary_key=True),
    text("record_type", nullable=False),
    text("entity_id", nullable=False, index=True),
    text("field", nullable=False),
    text("authority", nullable=False, comment="Whose word counts."),
    text("source", comment="The source that speaks for it here; empty: none is known."),
    text("dataset"),
    text("key"),
    text("value", comment="What is served."),
    text("proposed", nullable=False),
    text("basis"),
    text("raised_by", nullable=False),
    time("raised_at", nullable=False, server_default=sa.func.now()),
    sa.Column("due_on", sa.Date, nullable=False),
    text("state", nullable=False),
    text("reason", comment="Why it was refused or withdrawn."),
    text("answered_by"),
    time("answered_at"),
    sa.Column("entry_id", sa.BigInteger),
    text("delivery_id", index=True, comment="By which it is carried to its source."),
    sa.Index(
        "ix_correction_open",
        "due_on",
        postgresql_where=sa.text("state = 'open'"),
    ),
    sa.Index(
        "uq_correction_open",
        "record_type",
        "entity_id",
        "field",
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    ),
    sa.CheckConstraint("state IN ('open', 'accepted', 'refused', 'withdrawn')", name="state"),
    comment="Requests to the authoritative source to check a value (校核).",
)
