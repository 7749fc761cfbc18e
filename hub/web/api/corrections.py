"""Corrections (校核): what authoritative sources are asked to check, and their answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import Response

from hub.jobs import corrections as jobs
from hub.jobs.entry import Unfit
from hub.jobs.resolve import CHINA
from hub.store import corrections as store
from hub.store.corrections import CorrectionRow
from hub.store.visible import may_answer, may_enter, visible_corrections
from hub.web.access import Access, Reader, Writer
from hub.web.asked import (
    Asked,
    CursorText,
    EntityId,
    Limit,
    Number,
    Storable,
    Words,
    read_cursor,
)
from hub.web.described import Corrected, page_model
from hub.web.entered import correction_document
from hub.web.once import Answer, MaybeIdempotencyKey, once
from hub.web.problems import Problem, fault, invalid
from hub.web.routes import answer, answers, page, router
from hub.workdays import workday_after
from schemas import COLLECTIONS, MODELS

routes = router("corrections")


class CorrectionsAsked(Asked):
    """Parameters of the list of corrections."""

    source: Words | None = Field(None, max_length=60)
    state: Literal["open", "accepted", "refused", "withdrawn"] | None = None
    golden_id: EntityId | None = None
    escalated: bool = Field(False, description="Only those due by the next working day.")
    limit: Limit = 100
    cursor: CursorText | None = None


class Answered(BaseModel):
    """An answer to a correction; the value itself comes with the source's next sync."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    state: Literal["accepted", "refused"]
    reason: Words | None = Field(None, max_length=1_000, examples=["经核实，原登记无误"])


class CorrectionAsked(BaseModel):
    """A disputed field that its authority is to check."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    collection: Words = Field(json_schema_extra={"enum": list(COLLECTIONS)})
    golden_id: EntityId
    field: Words = Field(max_length=60, examples=["contact_phone"])
    proposed: Annotated[Any, Storable] = Field(description="What the value is said to be.")
    reason: Words | None = Field(None, max_length=1_000, examples=["两个部门登记不一致"])


@routes.post(
    "/corrections",
    operation_id="open_correction",
    summary="Have a disputed value checked by its authority",
    responses=answers(Corrected, 409, 410, status=201, said="Asked"),
    status_code=201,
)
def ask(
    said: CorrectionAsked, access: Writer, idempotency_key: MaybeIdempotencyKey = None
) -> Response:
    """Ask whose word counts to check a value that departments dispute; ten working days."""
    if not may_enter(access.caller):
        raise Problem("forbidden", "corrections are asked for by workers and stewards")
    model = COLLECTIONS.get(said.collection)
    if model is None:
        raise invalid("there is no such collection", pointer="/collection")
    view, caller = access.view(model), access.caller.client_id
    doubt = jobs.Doubt(view, said.golden_id, said.field, caller, said.reason)

    def effect_of(keep: Any) -> Answer:
        try:
            with access.transaction() as connection:
                done = jobs.propose(connection, access.hub.settings, doubt, said.proposed)
                place = {"Location": f"/v1/corrections/{done.correction_id}"}
                made = Answer(201, jobs.plain(_shown(access, done)), place)
                keep(connection, made)
                _tell(connection, access, "ask for correction", [done])
        except Unfit as error:
            faults = [fault(message, pointer="/field") for message in error.faults.values()]
            raise Problem("invalid", errors=faults) from None
        return made

    return once(access, "open correction", idempotency_key, (said.model_dump_json(),), effect_of)


@routes.get(
    "/corrections",
    operation_id="list_corrections",
    summary="List what sources are asked to check",
    responses=answers(page_model("CorrectionPage", Corrected)),
)
def corrections(
    request: Request, asked: Annotated[CorrectionsAsked, Query()], access: Reader
) -> Response:
    """List corrections, newest first."""
    shown, cursor = listed(access, asked)
    return page(request, shown, cursor)


def listed(
    access: Access, asked: CorrectionsAsked, *, by_due: bool = False
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of corrections, newest or first due first, and the cursor of the next one."""
    sources = visible_corrections(access.caller)
    access.need_purpose("corrections")
    bound = ("corrections", asked.model_copy(update={"limit": 1, "cursor": None}), by_due)
    before = read_cursor(access, asked.cursor, bound)
    today, days = datetime.now(CHINA).date(), access.hub.settings.working_days
    due_by = workday_after(today, 1, days) if asked.escalated else None
    state = "open" if asked.escalated else asked.state
    wanted = store.Asked(asked.source, state, asked.golden_id, due_by)
    with access.transaction(snapshot=True) as connection:
        found = store.list_corrections(
            connection, sources, wanted, before=before, by_due=by_due, limit=asked.limit + 1
        )
        shown = found[: asked.limit]
        _tell(connection, access, "list corrections", shown)
    more = len(found) > asked.limit
    cursor = access.hub.cursors.write(shown[-1].correction_id, *bound) if more else None
    return [_shown(access, one) for one in shown], cursor


@routes.get(
    "/corrections/{correction_id}",
    operation_id="get_correction",
    summary="Read a correction",
    responses=answers(Corrected),
)
def correction(correction_id: Number, access: Reader) -> Response:
    """Read one correction."""
    return answer(read(access, correction_id))


def read(access: Access, correction_id: int) -> dict[str, Any]:
    """Return one correction as the caller sees it."""
    sources = visible_corrections(access.caller)
    access.need_purpose("corrections")
    with access.transaction() as connection:
        found = store.get_correction(connection, correction_id)
        if not sources.includes(found.source or ""):
            raise Problem("not-found", "there is no such correction")
        _tell(connection, access, "read correction", [found])
    return _shown(access, found)


@routes.post(
    "/corrections/{correction_id}/answer",
    operation_id="answer_correction",
    summary="Answer a correction",
    responses=answers(Corrected, 409),
)
def answered(
    correction_id: Number,
    said: Answered,
    access: Writer,
    idempotency_key: MaybeIdempotencyKey = None,
) -> Response:
    """Accept or refuse, in the name of the source that was asked."""
    return give_answer(access, correction_id, said, idempotency_key)


def give_answer(access: Access, correction_id: int, said: Answered, key: str | None) -> Response:
    """Write an answer down, once for each key."""

    def effect_of(keep: Any) -> Answer:
        with access.transaction() as connection:
            found = store.get_correction(connection, correction_id)
            if not may_answer(access.caller, found.source):
                raise Problem("forbidden", "the answer is the authoritative source's to give")
            by = access.caller.client_id
            done = jobs.answer(connection, correction_id, said.state, said.reason, by)
            made = Answer(200, jobs.plain(_shown(access, done)), {})
            keep(connection, made)
            _tell(connection, access, "answer correction", [done])
        return made

    route = f"answer correction {correction_id}"
    return once(access, route, key, (said.model_dump_json(),), effect_of)


def _shown(access: Access, row: CorrectionRow) -> dict[str, Any]:
    view = access.view(MODELS[row.record_type])
    return correction_document(row, view, access.hub.settings.working_days)


def _tell(connection: Connection, access: Access, action: str, rows: list[CorrectionRow]) -> None:
    for name in dict.fromkeys(row.record_type for row in rows):
        ids = [row.entity_id for row in rows if row.record_type == name]
        fields = {row.field for row in rows if row.record_type == name}
        view = access.view(MODELS[name], fields, values=False)
        access.tell(connection, action, view, [*dict.fromkeys(ids)])
