"""Share requests with their periods, and the grants that are born from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "caller_area",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("area", pg.JSONB(), nullable=False, comment="Codes by kind."),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column(
            "set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_caller_area")),
        comment="Where a worker or a street office works; without an entry, everywhere.",
    )
    op.create_table(
        "field_grant",
        sa.Column("grant_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("fields", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("masked", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("area", pg.JSONB(), nullable=False, comment="Codes by kind; empty: everywhere."),
        sa.Column("purposes", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="From then on nothing is read by it.",
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True, comment="Why it was revoked."),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_field_grant")),
        comment="What callers may read beyond what their role may, each from an approved request.",
    )
    op.create_index(op.f("ix_field_grant_client_id"), "field_grant", ["client_id"], unique=False)
    op.create_index(op.f("ix_field_grant_request_id"), "field_grant", ["request_id"], unique=False)
    op.create_table(
        "share_request",
        sa.Column("request_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False, comment="Who is to read."),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column(
            "state", sa.Text(), nullable=False, comment="incomplete, asked, approved, delivered, …"
        ),
        sa.Column("wanted", pg.JSONB(), nullable=False, comment="Fields by record type."),
        sa.Column(
            "masked", pg.JSONB(), nullable=False, comment="Those shown in part, by record type."
        ),
        sa.Column("area", pg.JSONB(), nullable=False, comment="Codes by kind; empty: everywhere."),
        sa.Column("purposes", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "basis",
            sa.Text(),
            nullable=True,
            comment="The law or duty it is asked under (Decree 809, Art 20).",
        ),
        sa.Column("scene", sa.Text(), nullable=True, comment="What it is used in."),
        sa.Column("mode", sa.Text(), nullable=True, comment="service, batch or file"),
        sa.Column(
            "approver",
            sa.Text(),
            nullable=True,
            comment="The head of the asking department who approved it.",
        ),
        sa.Column("used_from", sa.Date(), nullable=True),
        sa.Column("used_until", sa.Date(), nullable=True, comment="The last day of use."),
        sa.Column("conditional", sa.Boolean(), nullable=False),
        sa.Column(
            "asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "told_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was told what is missing; that is told once.",
        ),
        sa.Column("missing", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "received_on",
            sa.Date(),
            nullable=True,
            comment="When it was complete: periods run from here.",
        ),
        sa.Column("due_on", sa.Date(), nullable=True, comment="The last day for the next step."),
        sa.Column(
            "extended", sa.Integer(), server_default="0", nullable=False, comment="Working days."
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_share_request")),
        comment="What departments have asked to share, and how far the answer is.",
    )
    op.create_index(
        op.f("ix_share_request_client_id"), "share_request", ["client_id"], unique=False
    )
    op.create_index(
        "ix_share_request_due",
        "share_request",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("state IN ('asked', 'approved')"),
    )
    op.create_table(
        "share_step",
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("step_no", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("request_id", "step_no", name=op.f("pk_share_step")),
        comment="What was done with a share request, by whom, and why.",
    )
    op.add_column(
        "export",
        sa.Column(
            "view", sa.Text(), nullable=True, comment="What the client might see when it was made."
        ),
    )


def downgrade() -> None:
    op.drop_column("export", "view")
    op.drop_table("share_step")
    op.drop_index(
        "ix_share_request_due",
        table_name="share_request",
        postgresql_where=sa.text("state IN ('asked', 'approved')"),
    )
    op.drop_index(op.f("ix_share_request_client_id"), table_name="share_request")
    op.drop_table("share_request")
    op.drop_index(op.f("ix_field_grant_request_id"), table_name="field_grant")
    op.drop_index(op.f("ix_field_grant_client_id"), table_name="field_grant")
    op.drop_table("field_grant")
    op.drop_table("caller_area")
