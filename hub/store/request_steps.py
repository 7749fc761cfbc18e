"""Steps of requests that are answered by their clocks: each by one hand, in order, written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import Conflict
from hub.store.grants import Stale
from hub.store.share_materials import Clock


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done with a request."""

    step: str
    by: str
    at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class StepBy:
    """Who takes a step, when, why, and on which version of the request."""

    by: str
    clock: Clock
    reason: str | None = None
    #: None: whatever it is now.
    version: int | None = None


@dataclass(frozen=True)
class Trail:
    """A table of requests and the table of their steps."""

    requests: sa.Table
    steps: sa.Table

    def hold(self, connection: Connection, request_id: int) -> None:
        """Keep everybody else from taking a step until the transaction ends."""
        held = sa.select(self.requests.c.request_id).where(self.requests.c.request_id == request_id)
        connection.execute(held.with_for_update())

    def change(
        self,
        connection: Connection,
        request_id: int,
        name: str,
        values: Mapping[str, Any],
        step: StepBy,
    ) -> None:
        """Write a step down with what it changes."""
        changed = self.requests.update().where(self.requests.c.request_id == request_id)
        connection.execute(changed.values(version=self.requests.c.version + 1, **values))
        self.note(connection, request_id, name, step)

    def note(self, connection: Connection, request_id: int, name: str, step: StepBy) -> None:
        """Write a step down."""
        last = sa.select(sa.func.coalesce(sa.func.max(self.steps.c.step_no), 0) + 1)
        number = last.where(self.steps.c.request_id == request_id).scalar_subquery()
        said = {"step": name, "by": step.by, "at": step.clock.now, "reason": step.reason}
        connection.execute(
            self.steps.insert().values(**said, request_id=request_id, step_no=number)
        )


def check_step(version: int, state: str, step: StepBy, states: Sequence[str]) -> None:
    """Raise Stale or Conflict unless a request, as it is now, allows a step."""
    if step.version is not None and step.version != version:
        raise Stale("the request has changed since it was read")
    if state not in states:
        raise Conflict(f"the request is {state}")
