"""Tables of what is observed of sources: each time one was read, and how good its values are."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.store.tables import _count, _text, _time, metadata

source_run = sa.Table(
    "source_run",
    metadata,
    sa.Column("run_id", sa.BigInteger, sa.Identity(), primary_key=True),
    _text("source", nullable=False),
    _time("began_at", nullable=False, server_default=sa.func.now()),
    _time("ended_at", comment="Empty: it is under way, or its process died."),
    _text("failure", comment="Why the source could not be read to its end."),
    sa.Column("batch_ids", pg.ARRAY(sa.BigInteger), nullable=False, server_default="{}"),
    _text("airflow_run", comment="The run of its DAG, where Airflow began it."),
    sa.Index(None, "source", "run_id"),
    comment="Each time a source was read.",
)

quality_figure = sa.Table(
    "quality_figure",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    _text("source", primary_key=True),
    _text("dataset", primary_key=True),
    _text("record_type", primary_key=True),
    _text("field", primary_key=True, comment="Empty: the records as such."),
    *map(_count, ("records", "filled", "invalid")),
    *map(_count, ("compared", "agreed", "recent", "timely")),
    comment="How complete, valid, timely and agreeing the values of sources are, day by day.",
)
