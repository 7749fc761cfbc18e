"""The tables of filling forms: headers that stewards have taught, forms sent, cells filled.

Declared beside `hub.store.tables`, which brings them into the one `metadata`.
"""

from __future__ import annotations

import sqlalchemy as sa

from hub.store.tables import _text, _time, metadata

form_header = sa.Table(
    "form_header",
    metadata,
    sa.Column("header_id", sa.BigInteger, sa.Identity(), primary_key=True),
    _text("department", nullable=False, comment="Whose forms; empty: everybody's."),
    _text("record_type", nullable=False),
    _text("header", nullable=False, comment="As it stands in forms."),
    _text("word", nullable=False, comment="The header, folded: what it is known by."),
    _text("field", comment="What it means; null: it is to be left empty."),
    _text("taught_by", nullable=False),
    _time("at", nullable=False, server_default=sa.func.now()),
    sa.UniqueConstraint("department", "record_type", "word"),
    comment="Headers of forms that a steward has taught, each once.",
)

form_upload = sa.Table(
    "form_upload",
    metadata,
    _text("upload_id", primary_key=True),
    _text("sent_by", nullable=False),
    _text("name", nullable=False, comment="What the file is called."),
    _text("department", nullable=False),
    _text("record_type", comment="What its rows are about; null: as its headers tell."),
    _text("grid", comment="Whose people or houses fill an empty form."),
    sa.Column("content", sa.LargeBinary, nullable=False),
    _time("at", nullable=False, server_default=sa.func.now()),
    comment="Forms between being sent and being filled: for an hour.",
)

form_fill = sa.Table(
    "form_fill",
    metadata,
    sa.Column("fill_id", sa.BigInteger, sa.Identity(), primary_key=True),
    _text("filled_by", nullable=False),
    _text("department", nullable=False),
    _text("record_type", nullable=False),
    sa.Column("rows_found", sa.Integer, nullable=False, comment="Rows that were filled."),
    sa.Column("rows_left", sa.Integer, nullable=False, comment="Rows of nobody known for sure."),
    sa.Column("cells", sa.Integer, nullable=False, comment="Cells that nobody had to type."),
    _time("at", nullable=False, server_default=sa.func.now()),
    comment="Forms that were filled, in numbers.",
)
