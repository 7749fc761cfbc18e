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
from hub.jobs.entry import Unfit
from hub.jobs.planning import Change, plan_corrections
from hub.jobs.resolve import CHINA
from hub.store import corrections, entries
from hub.store.corrections import CorrectionRow
from hub.store.golden_reads import get_golden
from hub.store.visible import View
from schemas.field import field


@dataclass(frozen=True, slots=True)
class Doubt:
    """What somebody would have checked of a field that departments dispute, as seen in a view."""

    view: View
    entity_id: str
    name: str
    proposed: object
    raised_by: str
    reason: str | None = None


def ask(connection: Connection, settings: Settings, doubt: Doubt) -> CorrectionRow:
    """Ask the authority of a disputed field to check its value.

    Raises Unfit where the proposed value cannot be one, Conflict where nothing is disputed.
    """
    view, name = doubt.view, doubt.name
    if name not in view.names or name in view.masked:
        raise Unfit({name: "there is no such field here"})
    verdict = (spec := field(view.model, name)).kind.judge_one(spec.kind.text(doubt.proposed))
    if verdict.value is None:
        raise Unfit({name: "this cannot be a value of the field"})
    record = get_golden(connection, view, doubt.entity_id)
    if record.marks.get(name) != "disputed":
        raise Conflict(f"no department disputes {name}; what is so is entered by PATCH")
    served = entries.golden_texts(connection, view.model, record.id, [name])
    if served.get(name) == verdict.value:
        raise Conflict(f"the value that is proposed for {name} is the one that is served")
    at, cause = datetime.now(CHINA), {"kind": "correction"}
    args = (view.model, record.id, {name: verdict.value}, cause, doubt.raised_by, at, doubt.reason)
    (number,) = plan_corrections(connection, settings, Change(*args), served)
    return corrections.get_correction(connection, number)


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
