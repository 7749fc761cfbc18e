"""Subscriptions to the feed; fields of deliveries that newer ones have overtaken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _time(name: str, comment: str | None = None, **said: object) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), comment=comment, **said)


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False, comment="By whose grants it is sent."),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("collections", postgresql.ARRAY(sa.Text()), comment="Empty: all of them."),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), comment="Empty: all of them."),
        sa.Column("community", sa.Text()),
        sa.Column("purpose", sa.Text(), comment="What the persons it tells of are read for."),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("reason", sa.Text(), comment="What the last attempt met, or why it is disabled."),
        sa.Column("secret", sa.Text(), nullable=False, comment="Sealed with the hub's key."),
        sa.Column("former_secret", sa.Text(), comment="Signs along until its time is over."),
        _time("former_until"),
        sa.Column("epoch", sa.Integer(), nullable=False, comment="What was taken: up to here."),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column(
            "told_epoch", sa.Integer(), nullable=False, comment="The epoch it was told has begun."
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        _time("failing_since"),
        _time("due_at", nullable=False, server_default=sa.text("now()")),
        sa.Column("lease", sa.Text(), comment="Who is sending, for a time."),
        _time("leased_until"),
        _time("sent_at", "When something was taken last."),
        _time("created_at", nullable=False, server_default=sa.text("now()")),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_subscription_state")),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("number", name=op.f("uq_subscription_number")),
        comment="Who is told of changes at which address, and how far.",
    )
    op.create_index(op.f("ix_subscription_client_id"), "subscription", ["client_id"])

    _words("'ours', 'theirs', 'overtaken'")
    comment = "Whose word that was: ours, come back, or theirs; or it was overtaken."
    op.alter_column("delivery_field", "word", comment=comment, existing_type=sa.Text())


def _words(words: str) -> None:
    op.drop_constraint(op.f("ck_delivery_field_word"), "delivery_field", type_="check")
    op.create_check_constraint(
        op.f("ck_delivery_field_word"), "delivery_field", f"word IN ({words})"
    )


def downgrade() -> None:
    op.execute("UPDATE delivery_field SET word = 'ours' WHERE word = 'overtaken'")
    _words("'ours', 'theirs'")
    comment = "Whose word that was: ours, come back, or theirs."
    op.alter_column("delivery_field", "word", comment=comment, existing_type=sa.Text())
    op.drop_table("subscription")
