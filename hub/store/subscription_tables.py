"""The table of subscriptions, declared beside `hub.store.tables` in the one `metadata`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.store.tables import _text, _time, metadata

subscription = sa.Table(
    "subscription",
    metadata,
    _text("subscription_id", primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False, unique=True),
    _text("client_id", nullable=False, index=True, comment="By whose grants it is sent."),
    _text("url", nullable=False),
    _text("description"),
    sa.Column("collections", pg.ARRAY(sa.Text), comment="Empty: all of them."),
    sa.Column("fields", pg.ARRAY(sa.Text), comment="Empty: all of them."),
    _text("community"),
    _text("purpose", comment="What the persons it tells of are read for."),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    _text("state", nullable=False, server_default="active"),
    _text("reason", comment="What the last attempt met, or why it is disabled."),
    _text("secret", nullable=False, comment="Sealed with the hub's key."),
    _text("former_secret", comment="Signs along until its time is over."),
    _time("former_until"),
    sa.Column("epoch", sa.Integer, nullable=False, comment="What was taken: up to here."),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("told_epoch", sa.Integer, nullable=False, comment="The epoch it was told has begun."),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _time("failing_since"),
    _time("due_at", nullable=False, server_default=sa.func.now()),
    _text("lease", comment="Who is sending, for a time."),
    _time("leased_until"),
    _time("sent_at", comment="When something was taken last."),
    _time("created_at", nullable=False, server_default=sa.func.now()),
    sa.CheckConstraint("state IN ('active', 'disabled')", name="state"),
    comment="Who is told of changes at which address, and how far.",
)
