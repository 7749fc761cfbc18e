"""Share requests with their statutory clocks, the steps of the answer, and the grants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import RedirectResponse, Response

from hub.store.callers import names_of
from hub.store.default_grants import PURPOSES
from hub.store.grants import Granted, list_grants
from hub.store.share_materials import PARTS
from hub.store.share_requests import STATES, ShareRequest
from hub.store.visible import may_judge
from hub.web.access import Access
from hub.web.api import grants as grants_api
from hub.web.api import sharing as api
from hub.web.api.grants import GrantsAsked
from hub.web.api.sharing import DECISIONS, SharesAsked
from hub.web.asked import Number
from hub.web.console import shown
from hub.web.console.desk.corrections import clock_told
from hub.web.console.desk.listed import Filters, Form, ways
from hub.web.console.desk.places import desk_page
from hub.web.console.desk.taking import CHANGED, Page, taken
from hub.web.console.forms import Sent
from hub.web.console.pages import words
from hub.web.console.visiting import Reading, Writing
from hub.web.console.words import Words
from hub.web.problems import Problem
from hub.web.routes import router
from hub.web.shared import Reasoned
from schemas import COLLECTIONS, MODELS, field

routes = router("console")
LIST = "/console/desk/sharing"
_ONE = LIST + "/{request_id}"
GRANTS = "/console/desk/grants"
#: What colour repeats what a state's word says.
KINDS: Mapping[str, str] = {
    "approved": "good",
    "delivered": "good",
    "in force": "good",
    "refused": "warning",
    "revoked": "warning",
    "incomplete": "warning",
}
#: Steps that owe a reason.
OWED = ("refuse", "extend", "revoke")
#: The parts of a request that are not named by their fields.
STATED = ("basis", "scene", "mode", "approver", "used_from", "used_until", "purposes")
GRANT_STATES = ("to begin", "in force", "expired", "revoked")


class SharesShown(Filters, SharesAsked):
    """Parameters of the list."""


@routes.get(LIST, operation_id="show_shares", include_in_schema=False)
def shares(request: Request, asked: Annotated[SharesShown, Query()], access: Reading) -> Response:
    """Show share requests, those first whose next step is due first."""
    t = words(request)
    found, cursor = api.listed(access, asked, by_due=True)
    names = _names(access, found)
    return desk_page(
        request,
        "desk/shares.html",
        lines=[_line(t, access, one, names) for one in found],
        asked=asked,
        states=[(one, t("share.state." + one)) for one in STATES],
        ways=ways(request, cursor),
    )


def _names(access: Access, found: list[ShareRequest]) -> dict[str, str]:
    ids = [by for one in found for by in (one.client_id, one.asked_by)]
    ids += [step.by for one in found for step in one.steps]
    with access.transaction() as connection:
        return names_of(connection, ids)


def _line(t: Words, access: Access, one: ShareRequest, names: Mapping[str, str]) -> dict[str, Any]:
    waits = one.state in ("asked", "approved")
    return {
        "number": one.request_id,
        "path": f"{LIST}/{one.request_id}",
        "who": names.get(one.client_id, one.client_id),
        "state": one.state,
        "colour": KINDS.get(one.state, "plain"),
        "scene": one.materials.scene or "",
        "due": str(one.due_on or "") if waits else "",
        "clock": clock_told(t, access, one.due_on) if waits else None,
        "asked": shown.day(one.asked_at),
    }


@routes.get(_ONE, operation_id="show_share", include_in_schema=False)
def share(request: Request, request_id: Number, access: Reading) -> Response:
    """Show one request: what is asked for and why, its steps, and those that can be taken."""
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
    one = api.read(access, request_id)
    with access.transaction() as connection:
        granted = list_grants(connection, request_id=request_id)
    names = _names(access, [one])
    steps = _possible(access, one)
    return desk_page(
        request,
        "desk/share.html",
        status if errors else 200,
        one=_line(t, access, one, names),
        version=one.version,
        conditional=one.conditional,
        extended=one.extended,
        stated=_stated(t, one),
        fields=_fields(t, one.materials.wanted, one.materials.masked),
        missing=[_part(t, name) for name in one.missing],
        steps=[
            (
                t("share.step." + step.step),
                names.get(step.by, step.by),
                shown.moment(step.at),
                step.reason or "",
            )
            for step in one.steps
        ],
        granted=[_grant(t, each, names) for each in granted],
        possible=steps,
        owed=OWED,
        lacking=[(name, _part(t, name)) for name in PARTS],
        own=not steps and one.state in ("asked", "approved", "delivered"),
        back=f"{LIST}/{request_id}",
        sent=sent,
        opened=sent.one("step"),
        key=token_hex(16),
        errors=errors or {},
    )


def _possible(access: Access, one: ShareRequest) -> list[str]:
    """Return the steps that the caller can take now."""
    if not may_judge(access.caller) or access.caller.client_id in (one.client_id, one.asked_by):
        return []
    if one.state == "asked":
        more = ["extend"] if one.conditional and not one.extended else []
        return ["approve", *([] if one.told_at else ["return"]), *more, "refuse"]
    return {"approved": ["deliver", "revoke"], "delivered": ["revoke"]}.get(one.state, [])


def _part(t: Words, name: str) -> str:
    return t("share.part." + name) if name in PARTS else name


def _stated(t: Words, one: ShareRequest) -> list[tuple[str, str]]:
    said = one.materials
    values = {name: str(getattr(said, name) or "") for name in STATED}
    purposes = [t.title(PURPOSES[name]) for name in said.purposes]
    values["purposes"] = t("record.between").join(purposes)
    values["mode"] = t(f"share.mode.{said.mode}") if said.mode else ""
    return [(_part(t, name), values[name]) for name in STATED]


def _fields(
    t: Words, wanted: Mapping[str, Any], masked: Mapping[str, Any]
) -> list[tuple[str, list[str], list[str]]]:
    """Name the fields that are asked for: the kind of thing, those shown whole, and in part."""
    return [
        (
            shown.types_title(t, COLLECTIONS[name]),
            _titles(t, name, wanted.get(name, ())),
            _titles(t, name, masked.get(name, ())),
        )
        for name in dict.fromkeys((*wanted, *masked))
    ]


def _titles(t: Words, collection: str, names: Iterable[str]) -> list[str]:
    return [shown.title_of(t, field(COLLECTIONS[collection], name)) for name in names]


@routes.post(f"{_ONE}/{{step}}", operation_id="decide_share", include_in_schema=False)
def decide(
    request: Request, request_id: Number, step: str, sent: Form, access: Writing
) -> Response:
    """Take a step of the answer; show the request again where something is wrong."""
    if step not in DECISIONS:
        raise Problem("not-found")
    t = words(request)
    again = Sent({**sent.said, "step": [step]})
    if step in OWED and not sent.one(f"{step}-reason"):
        return _page(request, access, request_id, again, {step: t("share.reason_owed")})

    def shown_again(errors: Mapping[str, str], status: int) -> Response:
        typed = Sent({}) if status == CHANGED else again
        return _page(request, access, request_id, typed, errors, status)

    def take() -> None:
        tag, key = f'"{sent.one("version")}"', sent.one("key") or token_hex(16)
        api.decide(access, request_id, step, _said(step, sent), key, tag)

    path = f"{LIST}/{request_id}"
    place = Page(path, "share-state", "share.incomplete", "share.changed", shown_again)
    return taken(t, place, step, take)


def _said(step: str, sent: Sent) -> Reasoned:
    """Return a step's form as the API takes it."""
    said: dict[str, Any] = {"reason": sent.one(f"{step}-reason") or None}
    if step == "extend":
        said["days"] = sent.one("days")
    if step == "return":
        lines = sent.one("more").splitlines()
        said["missing"] = [*sent.all("missing"), *filter(None, map(str.strip, lines))]
    return DECISIONS[step].sent.model_validate(said)


class GrantsShown(Filters, GrantsAsked):
    """Parameters of the list of grants."""


@routes.get(GRANTS, operation_id="show_grants", include_in_schema=False)
def grants(request: Request, asked: Annotated[GrantsShown, Query()], access: Reading) -> Response:
    """Show what was granted, to whom, until when."""
    return _grants_page(request, access, asked)


def _grants_page(
    request: Request, access: Access, asked: GrantsShown, errors: Mapping[str, str] | None = None
) -> Response:
    t = words(request)
    found, cursor = grants_api.listed(access, asked)
    with access.transaction() as connection:
        ids = [by for one in found for by in (one.client_id, one.revoked_by)]
        names = names_of(connection, ids)
    return desk_page(
        request,
        "desk/grants.html",
        422 if errors else 200,
        lines=[_grant(t, one, names) for one in found],
        asked=asked,
        states=[(one, t("grant.state." + one.replace(" ", "_"))) for one in GRANT_STATES],
        may_revoke=may_judge(access.caller),
        back=GRANTS,
        errors=errors or {},
        key=token_hex(16),
        ways=ways(request, cursor),
    )


def _grant(t: Words, one: Granted, names: Mapping[str, str]) -> dict[str, Any]:
    model, grant = MODELS[one.grant.record_type], one.grant
    said = ([*sorted(grant.fields - grant.masked)], [*sorted(grant.masked)])
    whole, part = (
        [shown.title_of(t, spec) for spec in shown.specs_of(model, listed)] for listed in said
    )
    return {
        "number": one.grant_id,
        "request": f"{LIST}/{one.request_id}",
        "who": names.get(one.client_id, one.client_id),
        "kind": shown.types_title(t, model),
        "whole": whole,
        "part": part,
        "state": t("grant.state." + one.state.replace(" ", "_")),
        "colour": KINDS.get(one.state, "plain"),
        "open": one.state in ("to begin", "in force"),
        "version": one.version,
        "until": shown.moment(grant.until),
        "purposes": t("record.between").join(t.title(PURPOSES[p]) for p in sorted(grant.purposes)),
        "reason": one.reason,
    }


@routes.post(f"{GRANTS}/{{grant_id}}/revoke", operation_id="end_grant", include_in_schema=False)
def revoke(request: Request, grant_id: Number, sent: Form, access: Writing) -> Response:
    """End a grant before its time, with a reason."""
    if not sent.one("reason"):
        errors = {f"reason-{grant_id}": words(request)("share.reason_owed")}
        return _grants_page(request, access, GrantsShown(), errors)
    tag, said = f'"{sent.one("version")}"', Reasoned(reason=sent.one("reason"))
    grants_api.end(access, grant_id, said, sent.one("key") or token_hex(16), tag)
    return RedirectResponse(GRANTS, 303)
