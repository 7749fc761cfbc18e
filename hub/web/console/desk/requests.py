"""What residents ask about what is held of them: the list by its clocks, one request, its copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, ValidationError
from starlette.responses import RedirectResponse, Response

from hub.jobs.residents import plain
from hub.store.callers import names_of
from hub.store.default_grants import PURPOSES
from hub.store.resident_requests import KINDS, RUNNING, STATES, ResidentRequest
from hub.store.share_materials import Impossible
from hub.store.visible import ROLES, may_judge, need_resident_requests
from hub.web.access import Access
from hub.web.api import residents as api
from hub.web.api.residents import RequestsAsked
from hub.web.asked import Number
from hub.web.console import shown
from hub.web.console.areas import grid_names
from hub.web.console.desk.audit import action_told
from hub.web.console.desk.corrections import clock_told
from hub.web.console.desk.listed import Filters, Form, ways
from hub.web.console.desk.places import desk_page
from hub.web.console.desk.taking import CHANGED, Page, taken
from hub.web.console.forms import Sent
from hub.web.console.pages import words
from hub.web.console.records import named, path_of
from hub.web.console.visiting import Reading, Writing
from hub.web.console.words import Words
from hub.web.problems import Problem
from hub.web.residents import Answer, AskAnswer, Refusal, Verified, WishSent
from hub.web.routes import router
from hub.web.shared import Sent as Body
from schemas import Person, field

routes = router("console")
LIST = "/console/desk/requests"
_ONE = LIST + "/{request_id}"
#: What colour repeats what a state's word says.
COLOURS: Mapping[str, str] = {
    "answered": "good",
    "erased": "good",
    "refused": "warning",
    "kept": "warning",
}
#: What is sent for each step that a page offers.
STEPS: Mapping[str, type[Body]] = {
    "verify": Verified,
    "answer": Answer,
    "refuse": Refusal,
    "withdraw": Body,
}
#: Kinds that are written down at the desk; corrections propose values, by the API.
RECEIVED = tuple(kind for kind in KINDS if kind != "correction")
CHANNELS = ("counter", "letter", "phone", "online")


class RequestsShown(Filters, RequestsAsked):
    """Parameters of the list."""


@routes.get(LIST, operation_id="show_resident_requests", include_in_schema=False)
def requests(
    request: Request, asked: Annotated[RequestsShown, Query()], access: Reading
) -> Response:
    """Show residents' requests, newest first."""
    return _list(request, access, asked)


def _list(
    request: Request, access: Access, asked: RequestsShown, errors: Mapping[str, str] | None = None
) -> Response:
    t = words(request)
    access = access.reading()
    found, cursor = api.listed(access, asked)
    return desk_page(
        request,
        "desk/requests.html",
        422 if errors else 200,
        lines=[_line(t, access, one) for one in found],
        asked=asked,
        states=[(one, t("resident.state." + one)) for one in STATES],
        kinds=[(one, t("resident.kind." + one)) for one in KINDS],
        received=[(one, t("resident.kind." + one)) for one in RECEIVED],
        channels=[(one, t("resident.channel." + one)) for one in CHANNELS],
        may=may_judge(access.caller),
        back=LIST,
        key=token_hex(16),
        errors=errors or {},
        ways=ways(request, cursor),
    )


def _line(t: Words, access: Access, one: ResidentRequest) -> dict[str, Any]:
    waits = one.state in RUNNING
    return {
        "number": one.request_id,
        "path": f"{LIST}/{one.request_id}",
        "kind": t("resident.kind." + one.kind),
        "state": t("resident.state." + one.state),
        "colour": COLOURS.get(one.state, "plain"),
        "due": str(one.due_on) if waits else "",
        "clock": clock_told(t, access, one.due_on) if waits else None,
        "received": shown.day(one.received_at),
    }


@routes.post(LIST, operation_id="write_resident_request", include_in_schema=False)
def receive(request: Request, sent: Form, access: Writing) -> Response:
    """Write down what a resident asks for; show the list again where something is missing."""
    said = {"kind": sent.one("asked"), "person_id": sent.one("person_id") or None}
    said |= {name: sent.one(name) for name in ("said", "channel")}
    try:
        wish = WishSent.model_validate(said)
        made = api.receive(wish, access, sent.one("key") or token_hex(16))
    except (ValidationError, Impossible):
        errors = {"said": words(request)("resident.incomplete")}
        return _list(request, access, RequestsShown(), errors)
    return RedirectResponse(made.headers["Location"].replace("/v1/resident-requests", LIST), 303)


@routes.get(_ONE, operation_id="show_resident_request", include_in_schema=False)
def resident_request(request: Request, request_id: Number, access: Reading) -> Response:
    """Show one request: what is asked for, its steps, and those that can be taken."""
    return _page(request, access, request_id, Sent({}))


def _page(
    request: Request,
    access: Access,
    request_id: int,
    sent: Sent,
    errors: Mapping[str, str] | None = None,
    status: int = 422,
) -> Response:
    t = words(request)
    access = access.reading()
    one = api.read(access, request_id)
    with access.transaction() as connection:
        names = names_of(connection, [step.by for step in one.steps])
        ids = [one.entity_id] if one.entity_id else []
        people = named(t, access, connection, Person, ids)
    return desk_page(
        request,
        "desk/request.html",
        status if errors else 200,
        one=_line(t, access, one),
        said=one,
        person=path_of(Person, one.entity_id) if one.entity_id else None,
        person_told=people.get(one.entity_id or ""),
        proposed=[(_title(t, name), str(value)) for name, value in one.proposed.items()],
        outcome=_outcome(t, one),
        asks=[_ask(t, access, one, each) for each in one.asks],
        steps=[_step(t, names, step) for step in one.steps],
        possible=_possible(access, one),
        copy=one.state in ("verified", "answered") and may_judge(access.caller),
        version=one.version,
        back=f"{LIST}/{request_id}",
        sent=sent,
        opened=sent.one("step"),
        key=token_hex(16),
        errors=errors or {},
    )


def _possible(access: Access, one: ResidentRequest) -> list[str]:
    """Return the steps that the caller can take now."""
    if not may_judge(access.caller):
        return []
    if one.state == "received":
        return ["verify", "refuse", "withdraw"]
    return ["answer", "refuse", "withdraw"] if one.state == "verified" else []


def _title(t: Words, name: str) -> str:
    return shown.title_of(t, field(Person, name)) if name in Person.model_fields else name


def _outcome(t: Words, one: ResidentRequest) -> list[tuple[str, str]]:
    """Write what was done: the fields of each kind of effect."""
    done = one.outcome or {}
    between = t("record.between")
    return [
        (t("resident.outcome." + key), between.join(_title(t, name) for name in done[key]))
        for key in ("changed", "words", "kept")
        if done.get(key)
    ]


def _ask(t: Words, access: Access, one: ResidentRequest, ask: Any) -> dict[str, Any]:
    waits = ask.state == "open"
    return {
        "id": ask.ask_id,
        "path": f"{LIST}/{one.request_id}/asks/{ask.ask_id}",
        "source": shown.source_title(t, ask.source),
        "key": ask.key,
        "state": t("resident.ask." + ask.state),
        "colour": COLOURS.get(ask.state, "plain"),
        "clock": clock_told(t, access, ask.due_on) if waits else None,
        "reason": ask.reason or "",
        "open": waits and may_judge(access.caller),
    }


def _step(t: Words, names: Mapping[str, str], step: Any) -> tuple[str, str, str, str]:
    key = step.step.replace(" ", "_")
    by = names.get(step.by, step.by)
    return t("resident.step." + key), by, shown.moment(step.at), step.reason or ""


@routes.get(_ONE + "/copy", operation_id="show_resident_copy", include_in_schema=False)
def copy(request: Request, request_id: Number, access: Reading) -> Response:
    """Show all that is held of the person, to be printed and handed over."""
    need_resident_requests(access.caller)
    t = words(request)
    said = plain(api.read_copy(access, request_id))
    held = {one["field"]: one["value"] for one in said["served"]}
    codes = [one.get("grid_code") for one in (held, *(one["fields"] for one in said["records"]))]
    with access.transaction() as connection:
        grids = grid_names(access, connection, codes)
    return desk_page(
        request,
        "desk/copy.html",
        number=request_id,
        path=f"{LIST}/{request_id}",
        served=[_held(t, one, grids) for one in said["served"]],
        records=[
            (
                shown.source_title(t, one["source"]),
                shown.day(one["received_at"]),
                [(_title(t, name), _value(t, name, v, grids)) for name, v in one["fields"].items()],
            )
            for one in said["records"]
        ],
        entries=[(shown.day(one["at"]), one["reason"] or "") for one in said["entries"]],
        recipients=[
            (
                _recipient(t, one["recipient"]),
                _purpose(t, one["purpose"]),
                action_told(t, one["action"]),
                one["times"],
                one["last_at"],
            )
            for one in said["recipients"]
        ],
    )


def _recipient(t: Words, name: str) -> str:
    """Return who has read: a department by what it is called, or whoever has a role."""
    return t("role." + name) if name in ROLES else shown.source_title(t, name)


def _purpose(t: Words, name: str | None) -> str:
    known = PURPOSES.get(name or "")
    return t.title(known) if known else name or ""


def _held(t: Words, one: Mapping[str, Any], grids: Mapping[str, str]) -> tuple[str, str, str, str]:
    name = one["field"]
    source = shown.source_title(t, one["source"]) if one["source"] else t("source.hub")
    return _title(t, name), _value(t, name, one["value"], grids), source, shown.day(one["since"])


def _value(t: Words, name: str, value: object, grids: Mapping[str, str]) -> str:
    return shown.written(t, field(Person, name), value, grids)


@routes.post(_ONE + "/asks/{ask_id}", operation_id="note_erasure_answer", include_in_schema=False)
def answer_ask(
    request: Request, request_id: Number, ask_id: Number, sent: Form, access: Writing
) -> Response:
    """Write down what a department answers that was asked to erase."""
    said = {"state": sent.one("state"), "reason": sent.one("reason") or None}
    return _taken(
        request,
        access,
        request_id,
        f"ask-{ask_id}",
        sent,
        lambda key: api.answer_ask(request_id, ask_id, AskAnswer.model_validate(said), access, key),
    )


@routes.post(f"{_ONE}/{{step}}", operation_id="decide_resident_request", include_in_schema=False)
def decide(
    request: Request, request_id: Number, step: str, sent: Form, access: Writing
) -> Response:
    """Take a step; show the request again where something is wrong."""
    if step not in STEPS:
        raise Problem("not-found")
    again = Sent({**sent.said, "step": [step]})
    tag = f'"{sent.one("version")}"'
    return _taken(
        request,
        access,
        request_id,
        step,
        again,
        lambda key: _TAKE[step](request_id, _said(step, sent), access, key, tag),
    )


def _withdraw(request_id: int, _: BaseModel, access: Access, key: str, tag: str) -> Response:
    return api.withdraw(request_id, access, key, tag)


_TAKE: Mapping[str, Any] = {
    "verify": api.verify,
    "answer": api.answer_one,
    "refuse": api.refuse,
    "withdraw": _withdraw,
}


def _said(step: str, sent: Sent) -> Body:
    said: dict[str, Any] = {}
    if step in ("answer", "refuse"):
        said["reason"] = sent.one(f"{step}-reason") or None
    if step == "answer":
        said["keep"] = sent.all("keep")
    if step == "verify":
        said = {"checked": sent.one("checked"), "person_id": sent.one("person_id") or None}
    return STEPS[step].model_validate(said)


def _taken(
    request: Request,
    access: Access,
    request_id: int,
    step: str,
    sent: Sent,
    take: Callable[[str], object],
) -> Response:
    """Take a step and lead back to the request, or show it again with what is wrong."""

    def shown_again(errors: Mapping[str, str], status: int) -> Response:
        typed = Sent({}) if status == CHANGED else sent
        return _page(request, access, request_id, typed, errors, status)

    path = f"{LIST}/{request_id}"
    place = Page(path, "request-state", "resident.incomplete", "resident.changed", shown_again)
    return taken(words(request), place, step, lambda: take(sent.one("key") or token_hex(16)))
