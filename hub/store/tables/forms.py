"""Filling forms: headers that stewards have taught, forms sent, cells filled."""

from __future__ import annotations

import sqlalchemy as sa

from hub.store.tables.columns import metadata, text, time

form_header = sa.Table(
    "form_header",
    metadata,
    sa.Column("header_id", sa.BigInteger, sa.Identity(), primary_key=True),
    text("department", nullable=False, comment="Whose forms; empty: everybody's."),
    text("record_type", nullable=False),
    text("header", nullable=False, comment="As it stands in forms."),
    text("word", nullable=False, comment="The header, folded: what it is known by."),
    text("field", comment="What it means; null: it is to be left empty."),
    text("taught_by", nullable=False),
    time("at", nullable=False, server_default=sa.func.now()),
    sa.UniqueConstraint("department", "record_type", "word"),
    comment="Headers of forms that a steward has taught, each once.",
)

form_upload = sa.Table(
    "form_upload",
    metadata,
    text("upload_id", primary_key=True),
    text("sent_by", nullable=False),
    text("name", nullable=False, comment="What the file is called."),
    text("department", nullable=False),
    text("record_type", comment="What its rows are about; null: as its headers tell."),
    text("grid", comment="Whose people or houses fill an empty form."),
    sa.Column("content", sa.LargeBinary, nullable=False),
    time("at", nullable=False, server_default=sa.func.now()),
    comment="Forms between being sent and being filled: for an hour.",
)

form_fill = sa.Table(
    "form_fill",
    metadata,
    sa.Column("fill_id", sa.BigInteger, sa.Identity(), primary_key=True),
    text("filled_by", nullable=False),
    text("department", nullable=False),
    text("record_type", nullable=False),
    sa.Column("rows_found", sa.Integer, nullable=False, comment="Rows that were filled."),
    sa.Column("rows_left", sa.Integer, nullable=False, comment="Rows of nobody known for sure."),
    sa.Column("cells", sa.Integer, nullable=False, comment="Cells that nobody had to type."),
    time("at", nullable=False, server_default=sa.func.now()),
    comment="Forms that were filled, in numbers.",
)
