"""What community workers enter in the hub itself: rows that say public fields, one an entity.

A row's key is the id of the entity that it was entered on. There is no system behind this source:
`hub.jobs.entry` pushes its rows, which take the way of any source's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from hub.columns import Columns
from hub.connector import Connector, Cursor, Dataset, Delivery, SourceSettings, fields_of
from hub.errors import SourceUnavailable
from hub.model import Flags, Records, Title
from hub.sealing import identity_fields
from schemas import MODELS, Section, fields
from schemas.distinct import Texts, cells

#: The name of the source, and whom it stands in for.
WORKER, STANDS_FOR = "worker", "street_office"


class Entered(Dataset):
    """What workers have said of entities of one type.

    A row says some fields of an entity that others describe, or, ``alone``, describes it itself.
    """

    key, withdrawal, trust = "id", ("withdrawn", "true"), 20

    def __init__(self, model: type[Section]) -> None:
        # One class for all record types: what differs is told to each of its datasets.
        self.model = model  # type: ignore[misc] # declared for classes
        self.name = self.location = model.collection  # type: ignore[misc] # likewise
        self.title = Title(f"{model.title_zh}录入", f"Entered {model.collection}")  # type: ignore[misc] # likewise
        self.identity = tuple(sorted(identity_fields(model.record_type)))  # type: ignore[misc] # likewise
        self.acts_for = {STANDS_FOR: fields_of(model, STANDS_FOR)}  # type: ignore[misc] # likewise

    def translate(self, said: Columns) -> list[Records]:
        values = {spec.name: said.optional(spec.name) for spec in fields(self.model)}
        alone = cells(said.take("alone")) == "true"
        return [
            replace(self._at(said, values, alone), partial=False),
            replace(self._at(said, values, ~alone), partial=True),
        ]

    def sample(self) -> list[dict[str, str]]:
        return [{self.key: self.model.letter + "0" * 32, "withdrawn": "", "alone": ""}]

    def _at(self, said: Columns, values: Mapping[str, Texts], chosen: Flags) -> Records:
        rows = np.flatnonzero(chosen)
        there = {name: column.take(rows) for name, column in values.items()}
        return said.records(self.model, there, rows=rows)


class Worker(Connector):
    """Takes in what workers enter."""

    name, title = WORKER, Title("社区工作者", "Community workers")
    datasets = tuple(map(Entered, MODELS.values()))
    settings = SourceSettings
    has_system = False

    def connected(self, said: Mapping[str, str]) -> bool:
        return False

    def deliveries(self, settings: Any, cursors: Mapping[str, Cursor]) -> Iterator[Delivery]:
        return iter(())

    def check(self, settings: Any) -> None:
        raise SourceUnavailable(f"source {self.name}: there is no system to be read")
