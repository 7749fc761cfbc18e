"""Filling forms: headers taught, forms sent, cells filled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_header",
        sa.Column("header_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "department", sa.Text(), nullable=False, comment="Whose forms; empty: everybody's."
        ),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False, comment="As it stands in forms."),
        sa.Column(
            "word", sa.Text(), nullable=False, comment="The header, folded: what it is known by."
        ),
        sa.Column(
            "field",
            sa.Text(),
            nullable=True,
            comment="What it means; null: it is to be left empty.",
        ),
        sa.Column("taught_by", sa.Text(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("header_id", name=op.f("pk_form_header")),
        sa.UniqueConstraint(
            "department",
            "record_type",
            "word",
            name=op.f("uq_form_header_department_record_type_word"),
        ),
        comment="Headers of forms that a steward has taught, each once.",
    )
    op.create_table(
        "form_upload",
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="What the file is called."),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column(
            "record_type",
            sa.Text(),
            nullable=True,
            comment="What its rows are about; null: as its headers tell.",
        ),
        sa.Column(
            "grid", sa.Text(), nullable=True, comment="Whose people or houses fill an empty form."
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_form_upload")),
        comment="Forms between being sent and being filled: for an hour.",
    )
    op.create_table(
        "form_fill",
        sa.Column("fill_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("filled_by", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("rows_found", sa.Integer(), nullable=False, comment="Rows that were filled."),
        sa.Column(
            "rows_left", sa.Integer(), nullable=False, comment="Rows of nobody known for sure."
        ),
        sa.Column("cells", sa.Integer(), nullable=False, comment="Cells that nobody had to type."),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("fill_id", name=op.f("pk_form_fill")),
        comment="Forms that were filled, in numbers.",
    )


def downgrade() -> None:
    for name in ("form_fill", "form_upload", "form_header"):
        op.drop_table(name)
