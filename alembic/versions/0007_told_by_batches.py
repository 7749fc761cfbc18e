"""Batches know what they told of their source: telling it again writes no signal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COMMENT = "The signals it told, each as kind, column and word: new ones or not."


def upgrade() -> None:
    op.add_column("batch", sa.Column("told", pg.ARRAY(sa.Text), comment=_COMMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("batch", "told")
