"""Corrections: what departments are asked to check, by when, and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from secrets import token_hex
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import RedirectResponse, Response

from hub.jobs.resolve import CHINA
from hub.store.callers import names_of
from hub.store.corrections import STATES
from hub.store.visible import may_answer
from hub.web.access import Access
from hub.web.api import corrections as api
from hub.web.api.corrections import Answered, CorrectionsAsked
from hub.web.asked import Number
from hub.web.console import shown
from hub.web.console.desk.listed import Filters, Form, source_options, ways
from hub.web.console.desk.places import desk_page
from hub.web.console.forms import Sent
from hub.web.console.pages import words
from hub.web.console.records import path_of
from hub.web.console.visiting import Reading, Writing
from hub.web.console.words import Words
from hub.web.routes import router
from hub.workdays import workdays_between
from schemas import COLLECTIONS, field

routes = router("console")
LIST = "/console/desk/corrections"
_ONE = LIST + "/{correction_id}"
#: What colour repeats what a state's word says.
KINDS: Mapping[str, str] = {"accepted": "good", "refused": "warning"}
#: The answers that there are, in the order in which they are shown.
ANSWERS = ("accepted", "refused")


class CorrectionsShown(Filters, CorrectionsAsked):
    """Parameters of the list."""


@routes.get(LIST, operation_id="show_corrections", include_in_schema=False)
def corrections(
    request: Request, asked: Annotated[CorrectionsShown, Query()], access: Reading
) -> Response:
    """Show what is to be checked, overdue first; what was answered is shown by its state."""
    t = words(request)
    state = asked.state or "open"
    wanted = asked.model_copy(update={"state": state})
    found, cursor = api.listed(access, wanted, by_due=state == "open")
    return desk_page(
        request,
        "desk/corrections.html",
        lines=[_told(t, access, one) for one in found],
        asked=wanted,
        states=[(one, t("correction." + one)) for one in STATES],
        sources=source_options(t),
        ways=ways(request, cursor),
    )


def _told(t: Words, access: Access, said: Mapping[str, Any]) -> dict[str, Any]:
    model = COLLECTIONS[said["collection"]]
    spec = field(model, said["field"])
    due: date = said["due_on"]
    clock = clock_told(t, access, due) if said["state"] == "open" else None
    return {
        "number": said["correction_id"],
        "path": f"{LIST}/{said['correction_id']}",
        "kind": shown.type_title(t, model),
        "entity": path_of(model, said["golden_id"]),
        "field": shown.title_of(t, spec),
        "authority": shown.authority_title(t, said["authority"]),
        "source": shown.source_title(t, said["source"]) if said["source"] else "",
        "value": shown.written(t, spec, said["value"]),
        "proposed": shown.written(t, spec, said["proposed"]),
        "state": said["state"],
        "colour": KINDS.get(said["state"], "plain"),
        "due": str(due),
        "clock": clock,
        "raised": shown.moment(said["raised_at"]),
        "basis": said["basis"],
        "reason": said["reason"],
        "answered": shown.moment(said["answered_at"]),
    }


def _named(t: Words, names: Mapping[str, str], who: str | None) -> str:
    """Return who asked or answered: somebody by name, or a source where its system did."""
    return names.get(who, shown.source_title(t, who)) if who else ""


def clock_told(t: Words, access: Access, due: date | None) -> tuple[str, str] | None:
    """Say how many working days are left, and the colour that repeats it."""
    if due is None:
        return None
    left = workdays_between(datetime.now(CHINA).date(), due, access.hub.settings.working_days)
    if left < 0:
        return t("clock.overdue", days=-left), "bad"
    return (t("clock.today") if left == 0 else t("clock.left", days=left)), (
        "warning" if left <= 1 else "plain"
    )


@routes.get(_ONE, operation_id="show_correction", include_in_schema=False)
def correction(request: Request, correction_id: Number, access: Reading) -> Response:
    """Show one correction, and ask for the answer."""
    return _page(request, access, correction_id, Sent({}))


def _page(
    request: Request,
    access: Access,
    correction_id: int,
    sent: Sent,
    errors: Mapping[str, str] | None = None,
) -> Response:
    t, access = words(request), access.reading()
    said = api.read(access, correction_id)
    with access.transaction() as connection:
        names = names_of(connection, [said["raised_by"], said["answered_by"]])
    return desk_page(
        request,
        "desk/correction.html",
        422 if errors else 200,
        one=_told(t, access, said),
        raised_by=_named(t, names, said["raised_by"]),
        answered_by=_named(t, names, said["answered_by"]),
        back=f"{LIST}/{correction_id}",
        may_answer=said["state"] == "open" and may_answer(access.caller, said["source"]),
        answers=[(one, t(f"check.{one}")) for one in ANSWERS],
        chosen=sent.one("state"),
        reason=sent.one("reason"),
        key=sent.one("key") or token_hex(16),
        errors=errors or {},
    )


@routes.post(_ONE, operation_id="answer_correction_shown", include_in_schema=False)
def answer(request: Request, correction_id: Number, sent: Form, access: Writing) -> Response:
    """Accept or refuse, in the name of the source that was asked."""
    t, errors = words(request), dict[str, str]()
    if sent.one("state") not in ANSWERS:
        errors["state"] = t("check.none_chosen")
    elif sent.one("state") == "refused" and not sent.one("reason"):
        errors["reason"] = t("check.reason_owed")
    if errors:
        return _page(request, access, correction_id, sent, errors)
    said = Answered.model_validate(
        {"state": sent.one("state"), "reason": sent.one("reason") or None}
    )
    api.give_answer(access, correction_id, said, sent.one("key") or token_hex(16))
    return RedirectResponse(f"{LIST}/{correction_id}", 303)
