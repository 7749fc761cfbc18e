"""Rows on their way in: batches, rows as they land, what is held back, news of sources."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.store.tables.columns import count, metadata, text, time

layout = sa.Table(
    "layout",
    metadata,
    sa.Column("layout_id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("names", pg.ARRAY(sa.Text), nullable=False, unique=True),
    comment="Names in order: of the columns of raw rows, of the fields that origins are about.",
)

batch = sa.Table(
    "batch",
    metadata,
    sa.Column("batch_id", sa.BigInteger, sa.Identity(), primary_key=True),
    text("source", nullable=False),
    text("dataset", nullable=False),
    text("label", nullable=False),
    sa.Column("snapshot", sa.Boolean, nullable=False),
    text("state", nullable=False),
    text("flaw"),
    sa.Column("next_cursor", pg.JSONB),
    sa.Column("layout_id", sa.Integer, sa.ForeignKey("layout.layout_id")),
    time("received_at", nullable=False, server_default=sa.func.now()),
    time("finished_at"),
    *map(count, ("received", "accepted", "unchanged", "quarantined", "withdrawn", "repeated")),
    count("missing"),
    sa.Column("seconds", sa.Float, nullable=False, server_default="0"),
    text("decided_by"),
    text("reason", comment="Why a steward released or refused it."),
    sa.Column("quality", pg.JSONB, comment="What the expectations over the whole batch found."),
    sa.Column(
        "told",
        pg.ARRAY(sa.Text),
        comment="The signals it told, each as kind, column and word: new ones or not.",
    ),
    sa.Index(None, "source", "dataset", "batch_id"),
    # Every pushed row makes a batch; those still under way are found without looking at all.
    sa.Index(
        "ix_batch_under_way",
        "source",
        "dataset",
        "batch_id",
        postgresql_where=sa.text("state NOT IN ('kept', 'replaced', 'refused')"),
    ),
    comment="Rows of one dataset taken in together, with the ledger of what became of them.",
)

cursor = sa.Table(
    "cursor",
    metadata,
    text("source", primary_key=True),
    text("dataset", primary_key=True),
    sa.Column("state", pg.JSONB, nullable=False),
    sa.Column("batch_id", sa.BigInteger, nullable=False),
    comment="How far a dataset has been read; written with the data it speaks of.",
)

landing = sa.Table(
    "landing",
    metadata,
    text("source", primary_key=True),
    text("dataset", primary_key=True),
    text("key", primary_key=True),
    sa.Column("hash", pg.UUID, nullable=False),
    text("row", nullable=False, comment="JSON array of text in the order of the layout."),
    sa.Column("layout_id", sa.Integer, nullable=False),
    text("state", nullable=False, comment="live, quarantined, withdrawn or missing"),
    sa.Column("batch_id", sa.BigInteger, nullable=False),
    time("recorded_at"),
    sa.Index(None, "batch_id"),
    comment="The last row of each key as the source sent it.",
)

staged_row = sa.Table(
    "staged_row",
    metadata,
    sa.Column("batch_id", sa.BigInteger, primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),
    text("key", nullable=False),
    time("recorded_at"),
    sa.Column("hash", pg.UUID, nullable=False),
    text("row", comment="Absent where the row is known unchanged."),
    text(
        "outcome",
        nullable=False,
        server_default="accepted",
        comment="accepted until translating tells otherwise",
    ),
    comment="Rows of batches on their way in.",
)

staged_fault = sa.Table(
    "staged_fault",
    metadata,
    sa.Column("batch_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("ordinal", sa.Integer, nullable=False),
    text("key", nullable=False),
    text("record_type"),
    text("field"),
    text("rule", nullable=False),
    text("fate", nullable=False),
    text("said"),
    comment="Rules that rows of a batch on its way in have broken.",
)

staged_tie = sa.Table(
    "staged_tie",
    metadata,
    sa.Column("batch_id", sa.BigInteger, nullable=False, index=True),
    text("record_type", nullable=False),
    text("key", nullable=False),
    text("role", nullable=False),
    text("to_type", nullable=False),
    text("to_dataset", nullable=False),
    text("to_key", nullable=False),
    comment="What records of a batch on its way in say about other records of their source.",
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("quarantine_id", sa.BigInteger, sa.Identity(), primary_key=True),
    text("source", nullable=False),
    text("dataset", nullable=False),
    text("key", nullable=False),
    text("record_type"),
    text("field", comment="The field whose value is held; empty: the whole record is."),
    text("rule", nullable=False),
    text("fate", nullable=False),
    text("said"),
    sa.Column("batch_id", sa.BigInteger, nullable=False),
    time("opened_at", nullable=False, server_default=sa.func.now()),
    time("released_at"),
    sa.Column("released_by", sa.BigInteger, comment="The batch whose row passed."),
    sa.Index(
        "uq_quarantine_open",
        "source",
        "dataset",
        "key",
        "record_type",
        "field",
        "rule",
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    ),
    comment="Records and values that broke a rule: kept with the reason, not published.",
)

signal = sa.Table(
    "signal",
    metadata,
    sa.Column("signal_id", sa.BigInteger, sa.Identity(), primary_key=True),
    text("source", nullable=False),
    text("dataset", nullable=False),
    sa.Column("batch_id", sa.BigInteger, nullable=False, index=True),
    text("kind", nullable=False),
    text("column_name"),
    text("detail"),
    count("count"),
    time("at", nullable=False, server_default=sa.func.now()),
    time("closed_at"),
    text("closed_by", comment="The steward who did; empty: it was no longer so."),
    sa.Index(
        "uq_signal_open",
        "source",
        "dataset",
        "kind",
        "column_name",
        "detail",
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    ),
    comment="News about a source itself: a new column, an unknown code.",
)
