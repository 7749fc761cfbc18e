"""Corrections: asked for by hand, and what an authority answers of the value it was asked about.

An accepted value is not put in by hand: it comes with that source's next sync, as its own word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from hub.config import Settings
from hub.errors import Conflict
from hub.jobs.carrying import DAYS
from hub.jobs.entry import MISSHAPEN, Unfit
from hub.jobs.planning import Change, plan_corrections
from hub.jobs.resolve import CHINA
from hub.store import corrections, entries
from hub.store.corrections import CorrectionRow
from hub.store.golden_reads import get_golden
from hub.store.planned import holders
from hub.store.provenance_reads import Witness, get_version, witnesses
from hub.store.visible import View
from schemas.field import field

__all__ = ["DAYS", "Doubt", "answer", "answer_carried", "ask", "plain", "propose", "speaking"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A field that departments dispute, as seen in a view; who would have it checked, and why."""

    view: View
    entity_id: str
    name: str
    raised_by: str
    reason: str | None = None


def propose(
    connection: Connection, settings: Settings, doubt: Doubt, proposed: object
) -> CorrectionRow:
    """Ask the authority of a disputed field whether it is this value.

    Raises Unfit where the proposed value cannot be one, Conflict where nothing is disputed.
    """
    kind = field(doubt.view.model, doubt.name).kind if doubt.name in doubt.view.names else None
    if kind is not None and not kind.takes(proposed):
        raise Unfit({doubt.name: MISSHAPEN})
    verdict = kind.judge_one(kind.text(proposed)) if kind else None
    if verdict is not None and verdict.value is None:
        raise Unfit({doubt.name: "this cannot be a value of the field"})
    return _ask(connection, settings, doubt, verdict.value if verdict else None)


def ask(connection: Connection, settings: Settings, doubt: Doubt, record_id: int) -> CorrectionRow:
    """Ask the authority of a disputed field whether it is what one of its records says."""
    model, name = doubt.view.model, doubt.name
    held = holders(connection, model, doubt.entity_id, [name])
    said = next((one.values[name] for one in held if one.record_id == record_id), None)
    return _ask(connection, settings, doubt, said)


def _ask(
    connection: Connection, settings: Settings, doubt: Doubt, value: str | None
) -> CorrectionRow:
    view, name = doubt.view, doubt.name
    if name not in view.names or name in view.masked:
        raise Unfit({name: "there is no such field here"})
    record = get_golden(connection, view, doubt.entity_id)
    if record.marks.get(name) != "disputed":
        raise Conflict(f"no department disputes {name}; what is so is entered by PATCH")
    served = entries.golden_texts(connection, view.model, record.id, [name])
    if value is None or served.get(name) == value:
        raise Conflict(f"the value that is proposed for {name} is the one that is served")
    at, cause = datetime.now(CHINA), {"kind": "correction"}
    change = Change(view.model, record.id, {name: value}, cause, doubt.raised_by, at, doubt.reason)
    (number,) = plan_corrections(connection, settings, change, served)
    return corrections.get_correction(connection, number)


def speaking(connection: Connection, view: View, entity_id: str, name: str) -> list[Witness]:
    """Return the records that say something of a field of an entity."""
    members = get_version(connection, view, entity_id).members
    said = witnesses(connection, view, members)
    return [said[one] for one in members if one in said and name in said[one].fields]


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
