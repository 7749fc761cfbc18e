"""Corrections: asking an authoritative source to check a value, and what it answers.

An accepted value is not put in by hand: it comes with that source's next sync, as its own word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from hub.config import Settings
from hub.errors import Conflict, WrongUse
from hub.jobs import planning
from hub.jobs.planning import DAYS
from hub.jobs.resolve import CHINA
from hub.store import corrections, deliveries, entries
from hub.store.corrections import CorrectionRow
from hub.store.provenance_reads import Witness, get_version, witnesses
from hub.store.visible import View

__all__ = ["DAYS", "Doubt", "answer", "answer_carried", "ask", "plain", "speaking"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A field of an entity, as seen in a view, of which some record says something else."""

    view: View
    entity_id: str
    name: str
    #: The record whose value may be the right one.
    record_id: int


class Unfit(WrongUse):
    """This cannot be asked for."""

    status = 422


def speaking(connection: Connection, view: View, entity_id: str, name: str) -> list[Witness]:
    """Return the records that say something of a field of an entity."""
    members = get_version(connection, view, entity_id).members
    said = witnesses(connection, view, members)
    return [said[one] for one in members if one in said and name in said[one].fields]


def ask(
    connection: Connection, settings: Settings, doubt: Doubt, by: str, reason: str | None
) -> int:
    """Ask whoever answers for a field to check what a record says of it; return the number."""
    model, name, entity_id = doubt.view.model, doubt.name, doubt.entity_id
    if name not in doubt.view.names or name in doubt.view.masked:
        raise Unfit("only what one sees can be asked about")
    # Raises where the caller does not see the entity, or there is none any more.
    get_version(connection, doubt.view, entity_id)
    held = deliveries.holders(connection, model, entity_id, [name])
    proposed = next((one.values[name] for one in held if one.record_id == doubt.record_id), None)
    served = entries.golden_texts(connection, model, entity_id, [name])
    if proposed is None or proposed == served.get(name):
        raise Conflict("the record says nothing else any more")
    cause = {"kind": "conflict"}
    now = datetime.now(CHINA)
    change = planning.Change(model, entity_id, {name: proposed}, cause, by, now, reason)
    (number,) = planning.plan_corrections(connection, settings, change, served)
    return number


def answer(
    connection: Connection, correction_id: int, state: str, reason: str | None, by: str
) -> CorrectionRow:
    """Write an answer down; Conflict where there is one already."""
    at = datetime.now(CHINA)
    corrections.answer_correction(
        connection, correction_id, state=state, reason=reason, by=by, at=at
    )
    return corrections.get_correction(connection, correction_id)


def answer_carried(
    connection: Connection, delivery_id: str, state: str, reason: str | None, by: str, at: datetime
) -> None:
    """Take over the answer that a source has given to the delivery of a correction."""
    for number in corrections.carried_by(connection, delivery_id):
        corrections.answer_correction(connection, number, state=state, reason=reason, by=by, at=at)


def plain(document: dict[str, Any]) -> Any:
    """Return a document as plain JSON, as it can be kept and given again."""
    return orjson.loads(orjson.dumps(document))
