"""Other names of compounds, by which the same dwelling is told in two ways."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "compound_alias",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("compound_key", sa.Text(), nullable=False),
        sa.Column("known_as", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "community_code", "compound_key", "known_as", name=op.f("pk_compound_alias")
        ),
        comment="Other names by which records call a compound, in the community that it lies in.",
    )
    op.create_index(
        op.f("ix_compound_alias_compound_key"), "compound_alias", ["compound_key"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_compound_alias_compound_key"), table_name="compound_alias")
    op.drop_table("compound_alias")
