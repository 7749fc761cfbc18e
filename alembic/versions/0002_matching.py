"""Matching: scored pairs of records, and what stewards said of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "judgement",
        sa.Column("judgement_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("left_id", sa.BigInteger(), nullable=False),
        sa.Column("right_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False, comment="same, different or unsure"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column(
            "said_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When another word took its place, or it was taken back.",
        ),
        sa.Column("ended_by", sa.Text(), nullable=True, comment="Who did."),
        sa.CheckConstraint(
            "verdict IN ('same', 'different', 'unsure')", name=op.f("ck_judgement_verdict")
        ),
        sa.CheckConstraint("left_id < right_id", name=op.f("ck_judgement_order")),
        sa.PrimaryKeyConstraint("judgement_id", name=op.f("pk_judgement")),
        comment="What stewards said of pairs of records; superseded, never deleted.",
    )
    op.create_index(op.f("ix_judgement_right_id"), "judgement", ["right_id"], unique=False)
    op.create_index(
        "uq_judgement_pair",
        "judgement",
        ["left_id", "right_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "match",
        sa.Column("left_id", sa.BigInteger(), nullable=False),
        sa.Column("right_id", sa.BigInteger(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False, comment="Bits for their being the same."),
        sa.Column("levels", sa.Text(), nullable=False, comment="How far each aspect agrees."),
        sa.Column(
            "review",
            sa.Text(),
            nullable=True,
            comment="Why a steward is asked about this pair; empty: nobody is.",
        ),
        sa.CheckConstraint("left_id < right_id", name=op.f("ck_match_order")),
        sa.PrimaryKeyConstraint("left_id", "right_id", name=op.f("pk_match")),
        comment="Pairs of records that were compared and may be the same, with their weight.",
    )
    op.create_index(
        "ix_match_review",
        "match",
        ["record_type", "weight"],
        unique=False,
        postgresql_where=sa.text("review IS NOT NULL"),
    )
    op.create_index(op.f("ix_match_right_id"), "match", ["right_id"], unique=False)
    op.alter_column(
        "link_key",
        "use",
        existing_type=sa.TEXT(),
        comment="same: equal keys link; block: they are compared; home: only looked up",
        existing_comment="same: equal keys link; home: only looked up",
        existing_nullable=False,
    )


def downgrade() -> None:
    op.alter_column(
        "link_key",
        "use",
        existing_type=sa.TEXT(),
        comment="same: equal keys link; home: only looked up",
        existing_comment="same: equal keys link; block: they are compared; home: only looked up",
        existing_nullable=False,
    )
    op.drop_index(op.f("ix_match_right_id"), table_name="match")
    op.drop_index(
        "ix_match_review", table_name="match", postgresql_where=sa.text("review IS NOT NULL")
    )
    op.drop_table("match")
    op.drop_index(
        "uq_judgement_pair", table_name="judgement", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index(op.f("ix_judgement_right_id"), table_name="judgement")
    op.drop_table("judgement")
