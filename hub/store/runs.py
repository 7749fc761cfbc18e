"""Runs: each time a source was read, whether to its end, and the batches that came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import NotFound
from hub.store.tables import source_run
from hub.store.visible import SourcesView

State = Literal["done", "failed", "open"]


@dataclass(frozen=True, slots=True)
class Run:
    """One reading of a source."""

    run_id: int
    source: str
    began_at: datetime
    ended_at: datetime | None
    failure: str | None
    batch_ids: Sequence[int]
    airflow_run: str | None

    @property
    def state(self) -> State:
        """Tell how it ended; one that did not is under way, or its process died."""
        if self.ended_at is None:
            return "open"
        return "failed" if self.failure else "done"

    @property
    def seconds(self) -> float | None:
        """Return how long it took."""
        return None if self.ended_at is None else (self.ended_at - self.began_at).total_seconds()


_COLUMNS = [source_run.c[name] for name in Run.__slots__]


def begin_run(connection: Connection, source: str, airflow_run: str | None = None) -> int:
    """Note that a source is being read, and return the number of the run."""
    insert = source_run.insert().values(source=source, airflow_run=airflow_run)
    return int(connection.scalar(insert.returning(source_run.c.run_id)) or 0)


def end_run(
    connection: Connection, run_id: int, batch_ids: Sequence[int], failure: str | None = None
) -> None:
    """Note that a run has ended: the batches that it brought, and why it failed if it did."""
    said = {"ended_at": sa.func.clock_timestamp(), "batch_ids": list(batch_ids), "failure": failure}
    connection.execute(source_run.update().where(source_run.c.run_id == run_id).values(said))


def list_runs(
    connection: Connection,
    view: SourcesView,
    *,
    source: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Run]:
    """List runs, newest first."""
    query = sa.select(*_COLUMNS).where(view.rows(source_run.c.source))
    query = query if source is None else query.where(source_run.c.source == source)
    query = query if before is None else query.where(source_run.c.run_id < before)
    found = connection.execute(query.order_by(source_run.c.run_id.desc()).limit(limit))
    return [Run(**row._mapping) for row in found]


def get_run(connection: Connection, view: SourcesView, run_id: int) -> Run:
    """Return a run; NotFound where there is none to be seen."""
    query = sa.select(*_COLUMNS).where(
        source_run.c.run_id == run_id, view.rows(source_run.c.source)
    )
    found = connection.execute(query).one_or_none()
    if found is None:
        raise NotFound("there is no run of this number")
    return Run(**found._mapping)


def last_runs(connection: Connection, view: SourcesView, sources: Sequence[str]) -> dict[str, Run]:
    """Return the newest run of each source that was ever read."""
    names = [name for name in sources if view.includes(name)]
    found = connection.execute(sa.text(_LAST), {"names": names})
    return {row.source: Run(**row._mapping) for row in found}


_LAST = f"""
SELECT {", ".join(f"newest.{name}" for name in Run.__slots__)}
FROM unnest(CAST(:names AS text[])) AS s (name)
JOIN LATERAL (
    SELECT * FROM source_run r WHERE r.source = s.name
    ORDER BY r.run_id DESC LIMIT 1) newest ON true
"""
