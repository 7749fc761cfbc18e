"""Holds: batches that wait for a steward, why they do, and the steward's word on them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from hub.errors import Conflict
from hub.jobs import batches as jobs
from hub.jobs.steps import types_of
from hub.store import batches as store
from hub.store import guard
from hub.store.desk_reads import records_to_link
from hub.store.source_reads import Asked, get_batch, list_batches
from hub.store.visible import may_judge, visible_sources
from hub.web.access import Access
from hub.web.asked import Number, Words
from hub.web.console.desk.batches import PATH as BATCHES
from hub.web.console.desk.flaws import Flaw, told_flaw
from hub.web.console.desk.labels import field_title, number, percent
from hub.web.console.desk.places import desk_page
from hub.web.console.desk.runs import told_batch
from hub.web.console.navigation import DESK_HOME
from hub.web.console.pages import words
from hub.web.console.visiting import Reading, Writing
from hub.web.console.words import Words as Texts
from hub.web.problems import Problem
from hub.web.routes import router

routes = router("console")
PATH = f"{DESK_HOME}/holds"
#: The most that are listed, and the most keys that are named.
MOST, KEYS = 200, 30
#: So many rows are linked before the answer, as when they are pushed, unless many others wait.
LINKED_AT_ONCE = 1_000


class DecisionSent(BaseModel):
    """The form that decides on a held batch."""

    model_config = ConfigDict(hide_input_in_errors=True)

    decision: Words = Field("", max_length=20)
    reason: Words = Field("", max_length=1_000)
    form_token: Words = Field("", max_length=200)


@routes.get(PATH, operation_id="show_holds", include_in_schema=False)
def holds(request: Request, access: Reading) -> Response:
    """Show the batches that wait for a steward."""
    t, view = words(request), visible_sources(access.caller)
    with access.transaction() as connection:
        found = list_batches(connection, view, Asked(state="held"), before=None, limit=MOST)
    listed = [
        (told_batch(t, one), told_flaw(t, one["source"], one["dataset"], one["flaw"]))
        for one in found
    ]
    return desk_page(request, "desk/holds.html", holds=listed)


@routes.get(f"{PATH}/{{batch_id}}", operation_id="show_hold", include_in_schema=False)
def hold(request: Request, batch_id: Number, access: Reading) -> Response:
    """Show why a batch is held, and ask what is to become of it."""
    return _hold(request, batch_id, access, {}, DecisionSent())


@routes.post(f"{PATH}/{{batch_id}}", operation_id="decide_hold", include_in_schema=False)
def decide(
    request: Request, batch_id: Number, sent: Annotated[DecisionSent, Form()], access: Writing
) -> Response:
    """Release or refuse a held batch, with the reason."""
    if not may_judge(access.caller):
        raise Problem("forbidden", "stewards decide on held batches")
    t, reason = words(request), sent.reason.strip()
    errors = {"reason": t("hold.no_reason")} if not reason else {}
    errors |= {} if sent.decision in ("release", "refuse") else {"decision": t("hold.no_decision")}
    if errors:
        return _hold(request, batch_id, access, errors, sent)
    try:
        _decide(access, batch_id, sent.decision, reason)
    except Conflict:
        return _hold(request, batch_id, access, {"decision": t("hold.conflict")}, sent, 409)
    return RedirectResponse(f"{BATCHES}/{batch_id}", 303)


def _decide(access: Access, batch_id: int, decision: str, reason: str) -> None:
    view, settings = visible_sources(access.caller), access.hub.settings
    by = access.caller.client_id

    def witness(connection: Connection) -> None:
        access.tell(connection, decision, about=f"batch {batch_id}")

    with access.transaction() as connection:
        found = get_batch(connection, view, batch_id)
        rows = found["received"] + found["missing"] + records_to_link(connection)
    if decision == "refuse":
        jobs.refuse(settings, batch_id, by, reason, witness=witness)
    else:
        link = rows <= LINKED_AT_ONCE
        jobs.release(settings, batch_id, by, reason, link=link, witness=witness)


def _hold(
    request: Request,
    batch_id: int,
    access: Access,
    errors: dict[str, str],
    sent: DecisionSent,
    status: int = 422,
) -> Response:
    t, view = words(request), visible_sources(access.caller)
    with access.transaction(snapshot=True) as connection:
        found = get_batch(connection, view, batch_id)
        flaw = told_flaw(t, found["source"], found["dataset"], found["flaw"])
        seen = _seen(t, connection, batch_id, flaw) if found["held"] else {}
    return desk_page(
        request,
        "desk/hold.html",
        status if errors else 200,
        batch=told_batch(t, found),
        flaw=flaw,
        seen=seen,
        errors=errors,
        sent=sent,
        may_decide=found["held"] and may_judge(access.caller),
    )


def _seen(t: Texts, connection: Connection, batch_id: int, flaw: Flaw | None) -> dict[str, object]:
    """Return what the guard saw: rows that would be gone, fields that would be emptied."""
    batch = store.get_batch(connection, batch_id)
    if flaw is None or not batch.snapshot:
        return {}
    gone, present = guard.withdrawals(connection, batch)
    fills = [
        (
            field_title(t, record_type, one.name),
            percent(one.filled / one.rows if one.rows else None),
            percent(one.filled_after / one.rows_after if one.rows_after else None),
        )
        for record_type in (types_of(batch.source, batch.dataset) if flaw.names else ())
        for one in guard.fills(connection, batch, record_type, flaw.names)
    ]
    return {
        "gone": number(gone),
        "present": number(present),
        "share": percent(gone / present if present else None),
        "keys": guard.missing_keys(connection, batch, KEYS),
        "more": gone > KEYS,
        "fills": fills,
    }
