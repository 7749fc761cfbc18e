"""What departments ask to share, what they are granted, and what was written to files."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.store.tables.columns import metadata, steps, text, time

export = sa.Table(
    "export",
    metadata,
    text("export_id", primary_key=True),
    text("client_id", nullable=False),
    text("record_type", nullable=False),
    sa.Column("fields", pg.ARRAY(sa.Text), comment="The fields asked for; empty: all."),
    text("purpose"),
    text("state", nullable=False, comment="queued, running, done, failed or expired"),
    sa.Column("row_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("files", pg.JSONB, nullable=False, comment="name, rows, bytes and sha256 of each"),
    sa.Column("epoch", sa.Integer, comment="Where the feed goes on from what was exported."),
    sa.Column("seq", sa.BigInteger),
    text("view", comment="What the client might see when it was made."),
    time("created_at", nullable=False, server_default=sa.func.now()),
    time("finished_at"),
    comment="Golden records written to files for one client.",
)

share_request = sa.Table(
    "share_request",
    metadata,
    sa.Column("request_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    text("client_id", nullable=False, index=True, comment="Who is to read."),
    text("asked_by", nullable=False),
    text("state", nullable=False, comment="incomplete, asked, approved, delivered, …"),
    sa.Column("wanted", pg.JSONB, nullable=False, comment="Fields by record type."),
    sa.Column("masked", pg.JSONB, nullable=False, comment="Those shown in part, by record type."),
    sa.Column("area", pg.JSONB, nullable=False, comment="Codes by kind; empty: everywhere."),
    sa.Column("purposes", pg.ARRAY(sa.Text), nullable=False),
    text("basis", comment="The law or duty it is asked under (Decree 809, Art 20)."),
    text("scene", comment="What it is used in."),
    text("mode", comment="service, batch or file"),
    text("approver", comment="The head of the asking department who approved it."),
    sa.Column("used_from", sa.Date),
    sa.Column("used_until", sa.Date, comment="The last day of use."),
    sa.Column("conditional", sa.Boolean, nullable=False),
    time("asked_at", nullable=False, server_default=sa.func.now()),
    time("told_at", comment="When it was told what is missing; that is told once."),
    sa.Column("missing", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("received_on", sa.Date, comment="When it was complete: periods run from here."),
    sa.Column("due_on", sa.Date, comment="The last day for the next step."),
    sa.Column("extended", sa.Integer, nullable=False, server_default="0", comment="Working days."),
    sa.Index(
        "ix_share_request_due",
        "due_on",
        postgresql_where=sa.text("state IN ('asked', 'approved')"),
    ),
    comment="What departments have asked to share, and how far the answer is.",
)

share_step = steps("share_step", "What was done with a share request, by whom, and why.")

field_grant = sa.Table(
    "field_grant",
    metadata,
    sa.Column("grant_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("request_id", sa.BigInteger, nullable=False, index=True),
    text("client_id", nullable=False, index=True),
    text("record_type", nullable=False),
    sa.Column("fields", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("masked", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("area", pg.JSONB, nullable=False, comment="Codes by kind; empty: everywhere."),
    sa.Column("purposes", pg.ARRAY(sa.Text), nullable=False),
    text("mode", nullable=False),
    time("since", nullable=False),
    time("until", nullable=False, comment="From then on nothing is read by it."),
    time("revoked_at"),
    text("revoked_by"),
    text("reason", comment="Why it was revoked."),
    time("disposed_at", comment="When what was delivered by it was disposed of."),
    comment="What callers may read beyond what their role may, each from an approved request.",
)

caller_area = sa.Table(
    "caller_area",
    metadata,
    text("client_id", primary_key=True),
    sa.Column("area", pg.JSONB, nullable=False, comment="Codes by kind."),
    text("set_by", nullable=False),
    time("set_at", nullable=False, server_default=sa.func.now()),
    comment="Where a worker or a street office works; without an entry, everywhere.",
)
