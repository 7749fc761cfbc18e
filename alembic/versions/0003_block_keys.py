"""Block keys: by which records are found that are worth comparing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "block_key",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        comment="Keys, hashed, by which records are found that are worth comparing.",
    )
    op.create_index(
        op.f("ix_block_key_key_record_id"), "block_key", ["key", "record_id"], unique=False
    )
    op.create_index(op.f("ix_block_key_record_id"), "block_key", ["record_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_block_key_record_id"), table_name="block_key")
    op.drop_index(op.f("ix_block_key_key_record_id"), table_name="block_key")
    op.drop_table("block_key")
