"""Who read or wrote what: a chain of entries, where it ends, and its hash day by day."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.store.tables.columns import digest, metadata, text, time

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("audit_id", sa.BigInteger, autoincrement=False),
    time("at"),
    sa.PrimaryKeyConstraint("at", "audit_id"),
    text("caller", nullable=False),
    text("action", nullable=False),
    text("purpose"),
    text("record_type"),
    sa.Column("entity_ids", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("fields", pg.ARRAY(sa.Text), nullable=False),
    text("about", comment="What it concerns besides entities: a batch, an export, a source."),
    text("origin", comment="The address the call came from."),
    digest("hash", nullable=False, comment="Of the entry and of the hash before it."),
    sa.Index("ix_audit_entity_ids", "entity_ids", postgresql_using="gin"),
    # Whoever read all records of a type has read each of them.
    sa.Index(
        "ix_audit_whole",
        "record_type",
        "at",
        postgresql_where=sa.text("entity_ids = '{}' AND record_type IS NOT NULL"),
    ),
    # Its parts lie in a schema of their own, `audit_months`, and are made as time goes on.
    postgresql_partition_by="RANGE (at)",
    comment="Who read or wrote what, for which purpose; a chain that only grows.",
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("audit_id", sa.BigInteger, primary_key=True, autoincrement=False),
    time("at", nullable=False),
    digest("hash", nullable=False),
    comment="Where the chain ended at times; the last one is where it goes on.",
)

audit_spool = sa.Table(
    "audit_spool",
    metadata,
    sa.Column("spool", pg.UUID, primary_key=True),
    sa.Column("taken", sa.BigInteger, nullable=False, comment="The last entry taken over."),
    time("at", nullable=False),
    comment="How far the audit has taken over what each process was told of readings.",
)

audit_root = sa.Table(
    "audit_root",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("audit_id", sa.BigInteger, nullable=False, comment="The last entry of the day."),
    digest("hash", nullable=False),
    time("made_at", nullable=False, server_default=sa.func.now()),
    comment="The hash at the end of each day; it covers all entries up to there.",
)
