"""What a department should mend first: the rules its rows break, by what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from hub.store.quarantine import count_open
from hub.store.visible import SourcesView
from schemas import MODELS, field

#: A record that is withheld costs more than a value, a value more than a doubt.
WEIGHTS: Mapping[str, int] = {"quarantine": 4, "blank": 2, "warn": 1}


@dataclass(frozen=True, slots=True)
class Mending:
    """One thing to mend: which rule in which field, how many rows, and how much it matters."""

    dataset: str
    record_type: str | None
    field: str | None
    rule: str
    fate: str
    rows: int
    since: datetime
    weight: int


def first_to_mend(
    connection: Connection, view: SourcesView, source: str, most: int
) -> list[Mending]:
    """Return what a source should mend, what matters most first.

    What matters is rows times how bad it is for each; it counts double in fields that a golden
    record is incomplete without, and in those that nobody but this source answers for.
    """
    by = ("dataset", "record_type", "field", "rule", "fate")
    found = []
    for one in count_open(connection, by, source, view=view):
        dataset, record_type, name, rule, fate = one.aspects
        weight = one.keys * WEIGHTS[str(fate)] * _matters(source, record_type, name)
        about = (str(dataset), record_type, name, str(rule), str(fate))
        found.append(Mending(*about, one.keys, one.since, weight))
    return sorted(found, key=lambda each: -each.weight)[:most]


def _matters(source: str, record_type: str | None, name: str | None) -> int:
    if record_type is None or name is None:
        return 2
    spec = field(MODELS[record_type], name)
    return 2 if spec.required or spec.authority == source else 1
