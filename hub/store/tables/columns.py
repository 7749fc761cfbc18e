"""What tables are declared of: the one metadata, and columns by what they hold."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from schemas import FieldSpec

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_TYPES: dict[str, Any] = {
    "text": sa.Text,
    "date": sa.Date,
    "integer": sa.Integer,
    "numeric": sa.Numeric,
    "boolean": sa.Boolean,
    "jsonb": pg.JSONB,
}

Column = sa.Column[Any]


def column_of(spec: FieldSpec) -> Column:
    """Derive a table column from a field: its type from the kind, its comment from the meaning."""
    comment = f"{spec.code} {spec.title_zh}: {spec.meaning}"
    return sa.Column(spec.name, _TYPES[spec.kind.sql](), comment=comment)


def time(name: str, **said: Any) -> Column:
    """A moment, with its zone."""
    return sa.Column(name, sa.DateTime(timezone=True), **said)


def text(name: str, **said: Any) -> Column:
    """A text."""
    return sa.Column(name, sa.Text, **said)


def digest(name: str, **said: Any) -> Column:
    """Some bytes: a hash."""
    return sa.Column(name, sa.LargeBinary, **said)


def count(name: str) -> Column:
    """A count, which begins at none."""
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def steps(name: str, comment: str) -> sa.Table:
    """Return a table of what is done, step by step, with what somebody has asked for."""
    return sa.Table(
        name,
        metadata,
        sa.Column("request_id", sa.BigInteger, primary_key=True),
        sa.Column("step_no", sa.Integer, primary_key=True),
        text("step", nullable=False),
        text("by", nullable=False),
        time("at", nullable=False, server_default=sa.func.now()),
        text("reason"),
        comment=comment,
    )
