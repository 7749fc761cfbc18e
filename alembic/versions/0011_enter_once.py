"""Entering once: entries, attachments, deliveries, corrections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("home_id", sa.Text(), nullable=False, comment="The entity it was entered on."),
        sa.Column("entity_id", sa.Text(), nullable=False, comment="Where that entity is now."),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_attachment")),
        comment="Records that speak of an entity by its id: never compared, they go where it goes.",
    )
    op.create_index(op.f("ix_attachment_entity_id"), "attachment", ["entity_id"], unique=False)
    op.create_table(
        "correction",
        sa.Column("correction_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False, comment="Whose word counts."),
        sa.Column(
            "source",
            sa.Text(),
            nullable=True,
            comment="The source that speaks for it here; empty: none is known.",
        ),
        sa.Column("dataset", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True, comment="What is served."),
        sa.Column("proposed", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column(
            "raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True, comment="Why it was refused or withdrawn."),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "delivery_id", sa.Text(), nullable=True, comment="By which it is carried to its source."
        ),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused', 'withdrawn')",
            name=op.f("ck_correction_state"),
        ),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_correction")),
        comment="Requests to the authoritative source to check a value (校核).",
    )
    op.create_index(op.f("ix_correction_delivery_id"), "correction", ["delivery_id"], unique=False)
    op.create_index(op.f("ix_correction_entity_id"), "correction", ["entity_id"], unique=False)
    op.create_index(
        "ix_correction_open",
        "correction",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_correction_open",
        "correction",
        ["record_type", "entity_id", "field"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "delivery",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="update, or correction: a request to check a value",
        ),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="Key of the row in its source."),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "owner",
            sa.Text(),
            nullable=False,
            comment="Who is to see to it where it cannot be delivered.",
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "native",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Columns as sent: what they said, what they should.",
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "planned_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "handed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the target had it for certain.",
        ),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the state changed.",
        ),
        sa.CheckConstraint("kind IN ('update', 'correction')", name=op.f("ck_delivery_kind")),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'accepted', 'refused', 'confirmed', 'differs', 'dead')",
            name=op.f("ck_delivery_state"),
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("number", name=op.f("uq_delivery_number")),
        comment="Changes on their way to one row of one source each.",
    )
    op.create_index(op.f("ix_delivery_entity_id"), "delivery", ["entity_id"], unique=False)
    op.create_index(op.f("ix_delivery_record_id"), "delivery", ["record_id"], unique=False)
    op.create_index(
        "ix_delivery_row", "delivery", ["source", "dataset", "key", "number"], unique=False
    )
    op.create_index(
        "ix_delivery_under_way",
        "delivery",
        ["source", "due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'sent', 'accepted')"),
    )
    op.create_table(
        "delivery_attempt",
        sa.Column("attempt_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_delivery_attempt")),
        comment="Every time a delivery was tried; kept for a while only.",
    )
    op.create_index(
        op.f("ix_delivery_attempt_delivery_id"), "delivery_attempt", ["delivery_id"], unique=False
    )
    op.create_table(
        "entry",
        sa.Column("entry_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column(
            "reason", sa.Text(), nullable=True, comment="Why, in the words of whoever entered it."
        ),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "fields",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What was entered; null: withdrawn.",
        ),
        sa.Column(
            "applied",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="Fields that took effect.",
        ),
        sa.Column(
            "batch_id", sa.BigInteger(), nullable=True, comment="The batch by which they did."
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entry")),
        comment="What workers have entered: who, when, why, and what.",
    )
    op.create_index(op.f("ix_entry_entity_id"), "entry", ["entity_id"], unique=False)
    op.create_table(
        "delivery_field",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False, comment="What the source should say."),
        sa.Column(
            "superseded",
            sa.Text(),
            nullable=True,
            comment="What its record said when this was planned.",
        ),
        sa.Column(
            "since",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the value first appeared, wherever that was.",
        ),
        sa.Column(
            "settled_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the source said something else than before.",
        ),
        sa.Column(
            "word",
            sa.Text(),
            nullable=True,
            comment="Whose word that was: ours, come back, or theirs.",
        ),
        sa.CheckConstraint("word IN ('ours', 'theirs')", name=op.f("ck_delivery_field_word")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.delivery_id"], name=op.f("fk_delivery_field_delivery_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "field", name=op.f("pk_delivery_field")),
        comment="The fields of deliveries, by which what comes back is recognised.",
    )


def downgrade() -> None:
    op.drop_table("delivery_field")
    op.drop_index(op.f("ix_entry_entity_id"), table_name="entry")
    op.drop_table("entry")
    op.drop_index(op.f("ix_delivery_attempt_delivery_id"), table_name="delivery_attempt")
    op.drop_table("delivery_attempt")
    op.drop_index(
        "ix_delivery_under_way",
        table_name="delivery",
        postgresql_where=sa.text("state IN ('queued', 'sent', 'accepted')"),
    )
    op.drop_index("ix_delivery_row", table_name="delivery")
    op.drop_index(op.f("ix_delivery_record_id"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_entity_id"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_index(
        "uq_correction_open", table_name="correction", postgresql_where=sa.text("state = 'open'")
    )
    op.drop_index(
        "ix_correction_open", table_name="correction", postgresql_where=sa.text("state = 'open'")
    )
    op.drop_index(op.f("ix_correction_entity_id"), table_name="correction")
    op.drop_index(op.f("ix_correction_delivery_id"), table_name="correction")
    op.drop_table("correction")
    op.drop_index(op.f("ix_attachment_entity_id"), table_name="attachment")
    op.drop_table("attachment")
