"""A golden record that is new needs not be told its version and time: rows can be copied in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TYPES = ("address", "building", "camera", "component", "geo_entity", "grid", "house", "person")


def upgrade() -> None:
    for name in _TYPES:
        op.alter_column(f"golden_{name}", "version", server_default="1")
        op.alter_column(f"golden_{name}", "updated_at", server_default=sa.func.now())


def downgrade() -> None:
    for name in _TYPES:
        op.alter_column(f"golden_{name}", "version", server_default=None)
        op.alter_column(f"golden_{name}", "updated_at", server_default=None)
