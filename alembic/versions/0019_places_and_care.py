"""What lies where is found by its box; those whom workers visit first, and who is new, are at hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Points and shapes of any depth alike: whatever pairs of numbers there are. An index takes only
# what is called IMMUTABLE, and that only a function can be.
_BOX = """
CREATE FUNCTION geometry_box(shape jsonb) RETURNS box
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF shape ->> 'type' = 'Point' THEN
        RETURN box(point(
            CAST(shape #>> '{coordinates,0}' AS float8), CAST(shape #>> '{coordinates,1}' AS float8)
        ));
    END IF;
    RETURN (
        SELECT box(
            point(min(CAST(place ->> 0 AS float8)), min(CAST(place ->> 1 AS float8))),
            point(max(CAST(place ->> 0 AS float8)), max(CAST(place ->> 1 AS float8)))
        )
        FROM jsonb_path_query(
            shape, 'strict $.coordinates.** ? (@.type() == "array" && @[0].type() == "number")',
            '{}', true
        ) AS place
    );
END $$
"""
_SHAPES = {
    "address": "address_point",
    "camera": "device_point",
    "component": "component_point",
    "geo_entity": "boundary_geometry",
    "grid": "grid_boundary",
}
_CARED_FOR = """retired_at IS NULL AND (care_categories @> '["01"]'::jsonb OR
    care_categories @> '["03"]'::jsonb OR disability_category_code IS NOT NULL)"""


def upgrade() -> None:
    op.execute(_BOX)
    for name, shape in _SHAPES.items():
        box = sa.text(f"geometry_box({shape})")
        table = f"golden_{name}"
        op.create_index(f"ix_{table}_box", table, [box], postgresql_using="gist")
    op.create_index(
        "ix_golden_person_cared_for",
        "golden_person",
        ["grid_code"],
        postgresql_where=sa.text(_CARED_FOR),
    )
    op.create_index(
        "ix_golden_person_arrived",
        "golden_person",
        ["residence_start_date"],
        postgresql_where=sa.text("residence_start_date IS NOT NULL"),
    )


def downgrade() -> None:
    for name in ("arrived", "cared_for"):
        op.drop_index(f"ix_golden_person_{name}", table_name="golden_person")
    for name in _SHAPES:
        op.drop_index(f"ix_golden_{name}_box", table_name=f"golden_{name}")
    op.execute("DROP FUNCTION geometry_box(jsonb)")
