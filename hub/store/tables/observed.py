"""What is observed of sources: each time one was read, and how good its values are."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.store.tables.columns import count, metadata, text, time

source_run = sa.Table(
    "source_run",
    metadata,
    sa.Column("run_id", sa.BigInteger, sa.Identity(), primary_key=True),
    text("source", nullable=False),
    time("began_at", nullable=False, server_default=sa.func.now()),
    time("ended_at", comment="Empty: it is under way, or its process died."),
    text("failure", comment="Why the source could not be read to its end."),
    sa.Column("batch_ids", pg.ARRAY(sa.BigInteger), nullable=False, server_default="{}"),
    text("airflow_run", comment="The run of its DAG, where Airflow began it."),
    sa.Index(None, "source", "run_id"),
    comment="Each time a source was read.",
)

quality_figure = sa.Table(
    "quality_figure",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    text("source", primary_key=True),
    text("dataset", primary_key=True),
    text("record_type", primary_key=True),
    text("field", primary_key=True, comment="Empty: the records as such."),
    *map(count, ("records", "filled", "invalid")),
    *map(count, ("compared", "agreed", "recent", "timely")),
    comment="How complete, valid, timely and agreeing the values of sources are, day by day.",
)
