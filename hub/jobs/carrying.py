"""Carrying what a source has changed itself to the other sources that hold the value.

A department that speaks for a field has changed it in its own system: the others are told, as they
are of what a worker enters. It is planned before it is published, so that what the others still
say disputes nothing while the new value is on its way to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from connectors import CONNECTORS
from connectors.worker import WORKER
from hub.config import Settings
from hub.connector import Dataset
from hub.delivery.targets import is_reachable
from hub.jobs.sync import connected
from hub.store.carried import (
    Carrier,
    Remark,
    ask_about,
    find_carried,
    find_remarked,
)
from hub.store.planned import plan_carried
from hub.store.visible import may_deliver
from hub.workdays import workday_after
from schemas import Section
from schemas.field import field

#: Working days in which a correction is to be answered.
DAYS = 10

#: How corrections are carried to sources that take them by delivery; others answer by API.
BY_DELIVERY = frozenset({"verification"})

#: What is published because the hub itself has learnt to read is no department's change.
_OWN_DOING = frozenset({"rebuild"})


class Carrying:
    """Plans deliveries of the changes of one resolve."""

    def __init__(
        self,
        settings: Settings,
        cause: Mapping[str, Any],
        news: Mapping[str, Sequence[int]],
        at: datetime,
    ) -> None:
        self._settings, self._cause, self._at = settings, cause, at
        self._news = {} if cause.get("kind") in _OWN_DOING else dict(news)

    def plan(self, connection: Connection, model: type[Section]) -> list[str]:
        """Plan what follows from the golden records that are staged; return whose they are."""
        news = self._news.get(model.record_type)
        carriers = self._carriers(model) if news else []
        if not news or not carriers:
            return []
        found = find_carried(connection, model, carriers, news, WORKER)
        if found:
            plan_carried(connection, model.record_type, found, self._cause, self._at)
        return sorted({row["entity_id"] for row in found})

    def ask(self, connection: Connection) -> None:
        """Ask authorities about what other sources have remarked in passing; after publishing."""
        due_on = workday_after(self._at.date(), DAYS, self._settings.working_days)
        for remark in self._remarks():
            news = self._news.get(remark.record_type)
            if news and (found := find_remarked(connection, remark, news)):
                ask_about(connection, remark, found, due_on, self._at)

    def _remarks(self) -> Iterator[Remark]:
        for source, connector in CONNECTORS.items():
            for dataset in connector.datasets:
                for name in sorted(dataset.asks):
                    yield from self._remark(source, dataset, name)

    def _remark(self, source: str, dataset: Dataset, name: str) -> Iterator[Remark]:
        """Return the remark where its authority is a source that can be told."""
        kind, asked = dataset.model.record_type, field(dataset.model, name).authority
        if asked in self._sources() and CONNECTORS[asked].takes in BY_DELIVERY:
            told = [one.name for one in CONNECTORS[asked].datasets if (kind, name) in one.written]
            yield Remark(kind, name, source, dataset.name, asked, told)

    def _carriers(self, model: type[Section]) -> list[Carrier]:
        """Return who may be told of which fields of a record type."""
        if not self._settings.carrying.changes:
            return []
        return [
            Carrier(source, dataset.name, name)
            for source in self._sources()
            for dataset in CONNECTORS[source].datasets
            for record_type, name in dataset.written
            if record_type == model.record_type and may_deliver(source, field(model, name))
        ]

    def _sources(self) -> list[str]:
        not_to = self._settings.carrying.not_to
        there = connected(self._settings).items()
        return [name for name, way in there if name not in not_to and is_reachable(*way)]
