"""Planning what a change causes: deliveries to those who hold the field, and corrections.

Everything here runs in the transaction of the change itself: what was answered is on its way,
what was rolled back leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from connectors import CONNECTORS
from hub.config import Settings
from hub.connector import Dataset
from hub.delivery.back import Expressed, Told, expressed
from hub.jobs.authorities import authorities
from hub.jobs.carrying import BY_DELIVERY, DAYS
from hub.store import corrections, entries
from hub.store.deliveries import CORRECTION, UPDATE
from hub.store.planned import Holder, Planned, expected, holders, plan
from hub.store.visible import may_deliver
from hub.workdays import workday_after
from schemas import Section
from schemas.field import field


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed of an entity, who said so, and by which cause the feed tells of it."""

    model: type[Section]
    entity_id: str
    values: Mapping[str, str]
    cause: Mapping[str, Any]
    said_by: str
    at: datetime
    reason: str | None = None


def plan_deliveries(connection: Connection, settings: Settings, change: Change) -> list[str]:
    """Plan a delivery for each row of a source that holds the entity and a changed field."""
    planned = []
    for one, cells in _expressible(connection, settings, change):
        values = {name: change.values[name] for name in cells.fields}
        said = _planned(UPDATE, change, one, values, cells)
        planned.append(plan(connection, said))
    return planned


def plan_corrections(
    connection: Connection, settings: Settings, change: Change, served: Mapping[str, str]
) -> list[int]:
    """Ask the authoritative sources to check what they say of these fields; return the numbers."""
    names = sorted(change.values)
    found = holders(connection, change.model, change.entity_id, names)
    opened = []
    for name in names:
        spec = field(change.model, name)
        asked = [
            one
            for one in found
            if one.source in CONNECTORS and authorities().has_word(_origin(one), spec)
        ]
        holder = asked[0] if asked else None
        said = {
            "record_type": change.model.record_type,
            "entity_id": change.entity_id,
            "field": name,
            "authority": spec.authority,
            "source": holder.source if holder else _speaker(spec.authority),
            "dataset": holder and holder.dataset,
            "key": holder and holder.row_key,
            "value": served.get(name),
            "proposed": change.values[name],
            "basis": change.reason,
            "raised_by": change.said_by,
            "raised_at": change.at,
            "due_on": workday_after(change.at.date(), DAYS, settings.working_days),
            "entry_id": change.cause.get("entry_id"),
            "delivery_id": holder and _carrier(connection, settings, change, holder, name),
        }
        opened.append(corrections.open_correction(connection, said))
    return opened


def _carrier(
    connection: Connection, settings: Settings, change: Change, holder: Holder, name: str
) -> str | None:
    """Plan the delivery that carries a correction, where its source takes corrections so."""
    if CONNECTORS[holder.source].takes not in BY_DELIVERY:
        return None
    one = {name: change.values[name]}
    cells = _spelt(connection, settings, replace(change, values=one), holder, one)
    if not cells.cells:
        return None
    return plan(connection, _planned(CORRECTION, change, holder, one, cells))


def _planned(
    kind: str, change: Change, holder: Holder, values: Mapping[str, str], cells: Expressed
) -> Planned:
    return Planned(
        kind=kind,
        record_type=change.model.record_type,
        entity_id=change.entity_id,
        holder=holder,
        values=values,
        native=cells.cells,
        cause=change.cause,
        owner=change.said_by,
        at=change.at,
    )


def _expressible(
    connection: Connection, settings: Settings, change: Change
) -> Iterator[tuple[Holder, Expressed]]:
    """Yield who holds a changed field and says it otherwise, with the cells that would say it."""
    names = sorted(change.values)
    found = holders(connection, change.model, change.entity_id, names)
    will_say = expected(connection, [one.record_id for one in found])
    for one in found:
        dataset = _dataset(one)
        if dataset is None or CONNECTORS[one.source].takes is None:
            continue
        wanted = {
            name: change.values[name]
            for name in names
            if (change.model.record_type, name) in dataset.written
            and may_deliver(one.source, field(change.model, name))
            and will_say.get((one.record_id, name), one.values[name]) != change.values[name]
        }
        cells = _spelt(connection, settings, change, one, wanted) if wanted else Expressed()
        if cells.fields:
            yield one, cells


def _spelt(
    connection: Connection,
    settings: Settings,
    change: Change,
    holder: Holder,
    wanted: Mapping[str, str],
) -> Expressed:
    """Spell values as the columns of a holder's own row."""
    dataset = _dataset(holder)
    rows = entries.said_rows(connection, holder.source, holder.dataset, [holder.row_key])
    row = rows.get(holder.row_key)
    if dataset is None or row is None:
        return Expressed()
    told = Told(change.model.record_type, holder.key)
    return expressed(dataset, settings.district, row, told, wanted)


def _dataset(holder: Holder) -> Dataset | None:
    connector = CONNECTORS.get(holder.source)
    return connector.dataset(holder.dataset) if connector else None


def _origin(holder: Holder) -> str:
    return f"{holder.source}|{holder.dataset}"


def _speaker(authority: str) -> str | None:
    """Return the source that is an authority, or the first that acts for it."""
    acting: Sequence[str] = [
        name
        for name, connector in CONNECTORS.items()
        if any(authority in dataset.acts_for for dataset in connector.datasets)
    ]
    return authority if authority in CONNECTORS else next(iter(acting), None)
