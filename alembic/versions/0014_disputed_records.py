"""Golden records with a disputed field are found without looking at all others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TYPES = ("address", "building", "camera", "component", "geo_entity", "grid", "house", "person")
_DISPUTED = """retired_at IS NULL AND jsonb_path_exists(marks, '$.* ? (@ == "disputed")')"""


def upgrade() -> None:
    for name in _TYPES:
        op.create_index(
            f"ix_golden_{name}_disputed",
            f"golden_{name}",
            ["entity_id"],
            postgresql_where=sa.text(_DISPUTED),
        )


def downgrade() -> None:
    for name in _TYPES:
        op.drop_index(f"ix_golden_{name}_disputed", f"golden_{name}")
