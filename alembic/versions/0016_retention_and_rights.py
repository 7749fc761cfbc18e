"""When grants were disposed of; what residents ask about what is held of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _time(name: str, comment: str | None = None, **said: object) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), comment=comment, **said)


def upgrade() -> None:
    comment = "When what was delivered by it was disposed of."
    op.add_column("field_grant", _time("disposed_at", comment))
    _create_request()
    op.create_table(
        "resident_step",
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("step_no", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        _time("at", nullable=False, server_default=sa.text("now()")),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("request_id", "step_no", name=op.f("pk_resident_step")),
        comment="What was done with a resident's request, by whom, and why.",
    )
    kept = "The legal basis on which the source keeps what it has."
    op.create_table(
        "erasure_ask",
        sa.Column("ask_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="Key of the row in its source."),
        _time("asked_at", nullable=False, server_default=sa.text("now()")),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="open"),
        sa.Column("reason", sa.Text(), comment=kept),
        sa.Column("answered_by", sa.Text()),
        _time("answered_at"),
        sa.CheckConstraint(
            "state IN ('open', 'erased', 'kept')", name=op.f("ck_erasure_ask_state")
        ),
        sa.PrimaryKeyConstraint("ask_id", name=op.f("pk_erasure_ask")),
        comment="What departments are asked to erase, and what they answer.",
    )
    op.create_index(op.f("ix_erasure_ask_request_id"), "erasure_ask", ["request_id"])


def _create_request() -> None:
    who = "How it was seen to that it is this person who asks."
    op.create_table(
        "resident_request",
        sa.Column("request_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("kind", sa.Text(), nullable=False, comment="access, correction or erasure"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), comment="Whom it is about, once that is known."),
        sa.Column(
            "asked_by", sa.Text(), nullable=False, comment="self, guardian, relative or agent"
        ),
        sa.Column("channel", sa.Text(), nullable=False, comment="counter, letter, phone or online"),
        sa.Column(
            "said",
            sa.Text(),
            nullable=False,
            comment="What is asked for, in the words of who asks.",
        ),
        sa.Column(
            "proposed",
            postgresql.JSONB(),
            nullable=False,
            comment="Values by field, of a correction.",
        ),
        _time("received_at", nullable=False, server_default=sa.text("now()")),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("checked", sa.Text(), comment=who),
        sa.Column("reason", sa.Text(), comment="Why it was refused, or why a part of it was."),
        sa.Column("outcome", postgresql.JSONB(), comment="What was done; never a value."),
        _time("ended_at"),
        sa.CheckConstraint(
            "kind IN ('access', 'correction', 'erasure')", name=op.f("ck_resident_request_kind")
        ),
        sa.CheckConstraint(
            "state IN ('received', 'verified', 'answered', 'refused', 'withdrawn')",
            name=op.f("ck_resident_request_state"),
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_resident_request")),
        comment="What residents ask about what is held of them (PIPL, Art 45-47).",
    )
    op.create_index(op.f("ix_resident_request_entity_id"), "resident_request", ["entity_id"])
    op.create_index(
        "ix_resident_request_due",
        "resident_request",
        ["due_on"],
        postgresql_where=sa.text("state IN ('received', 'verified')"),
    )


def downgrade() -> None:
    for name in ("erasure_ask", "resident_step", "resident_request"):
        op.drop_table(name)
    op.drop_column("field_grant", "disposed_at")
