"""Who is told of changes, at which address."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.store.tables.columns import metadata, text, time

subscription = sa.Table(
    "subscription",
    metadata,
    text("subscription_id", primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False, unique=True),
    text("client_id", nullable=False, index=True, comment="By whose grants it is sent."),
    text("url", nullable=False),
    text("description"),
    sa.Column("collections", pg.ARRAY(sa.Text), comment="Empty: all of them."),
    sa.Column("fields", pg.ARRAY(sa.Text), comment="Empty: all of them."),
    text("community"),
    text("purpose", comment="What the persons it tells of are read for."),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    text("state", nullable=False, server_default="active"),
    text("reason", comment="What the last attempt met, or why it is disabled."),
    text("secret", nullable=False, comment="Sealed with the hub's key."),
    text("former_secret", comment="Signs along until its time is over."),
    time("former_until"),
    sa.Column("epoch", sa.Integer, nullable=False, comment="What was taken: up to here."),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("told_epoch", sa.Integer, nullable=False, comment="The epoch it was told has begun."),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    time("failing_since"),
    time("due_at", nullable=False, server_default=sa.func.now()),
    text("lease", comment="Who is sending, for a time."),
    time("leased_until"),
    time("sent_at", comment="When something was taken last."),
    time("created_at", nullable=False, server_default=sa.func.now()),
    sa.CheckConstraint("state IN ('active', 'disabled')", name="state"),
    comment="Who is told of changes at which address, and how far.",
)
