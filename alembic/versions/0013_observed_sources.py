"""Each time a source was read; how good its values are, day by day; why a batch was decided on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_COUNTS = ("records", "filled", "invalid", "compared", "agreed", "recent", "timely")


def upgrade() -> None:
    why = "Why a steward released or refused it."
    op.add_column("batch", sa.Column("reason", sa.Text(), comment=why, nullable=True))
    op.create_table(
        "source_run",
        sa.Column("run_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "began_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            comment="Empty: it is under way, or its process died.",
        ),
        sa.Column("failure", sa.Text(), comment="Why the source could not be read to its end."),
        sa.Column("batch_ids", pg.ARRAY(sa.BigInteger()), nullable=False, server_default="{}"),
        sa.Column("airflow_run", sa.Text(), comment="The run of its DAG, where Airflow began it."),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_source_run")),
        comment="Each time a source was read.",
    )
    op.create_index(op.f("ix_source_run_source_run_id"), "source_run", ["source", "run_id"])
    op.create_table(
        "quality_figure",
        sa.Column("day", sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("source", "dataset", "record_type")
        ),
        sa.Column("field", sa.Text(), nullable=False, comment="Empty: the records as such."),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in _COUNTS),
        sa.PrimaryKeyConstraint(
            "day", "source", "dataset", "record_type", "field", name=op.f("pk_quality_figure")
        ),
        comment="How complete, valid, timely and agreeing the values of sources are, day by day.",
    )
    dead = sa.text("state = 'dead'")
    op.create_index("ix_delivery_dead", "delivery", ["source"], postgresql_where=dead)


def downgrade() -> None:
    op.drop_index("ix_delivery_dead", "delivery")
    op.drop_table("quality_figure")
    op.drop_table("source_run")
    op.drop_column("batch", "reason")
