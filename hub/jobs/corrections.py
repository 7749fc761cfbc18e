"""Answers to corrections: what an authoritative source says of the value it was asked about.

An accepted value is not put in by hand: it comes with that source's next sync, as its own word.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from hub.jobs.resolve import CHINA
from hub.store import corrections
from hub.store.corrections import CorrectionRow


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
