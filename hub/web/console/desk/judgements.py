"""Judgements: who said what of which records, when and why, what stands against it, undoing it."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_hex
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import RedirectResponse, Response

from hub.store.callers import names_of
from hub.store.judgements import VERDICTS, Judgement
from hub.store.visible import may_judge
from hub.web.access import Access
from hub.web.api import judgements as api
from hub.web.api.judgements import JudgementsAsked
from hub.web.asked import Number
from hub.web.console import shown
from hub.web.console.desk.effects import effect_told
from hub.web.console.desk.listed import Filters, Form, ways
from hub.web.console.desk.matches import QUEUE
from hub.web.console.desk.parties import Said, party_told, said_by, side_told
from hub.web.console.desk.places import desk_page
from hub.web.console.pages import is_part, words
from hub.web.console.visiting import Reading, Writing
from hub.web.console.words import Words
from hub.web.routes import router
from hub.web.sessions import onward
from schemas import MODELS

routes = router("console")
LIST = "/console/desk/judgements"
_ONE = LIST + "/{judgement_id}"


class JudgementsShown(Filters, JudgementsAsked):
    """Parameters of the list."""


@routes.get(LIST, operation_id="show_judgements", include_in_schema=False)
def judgements(
    request: Request, asked: Annotated[JudgementsShown, Query()], access: Reading
) -> Response:
    """Show what stewards have said, newest first."""
    t = words(request)
    found, cursor = api.listed(access, asked)
    return desk_page(
        request,
        "desk/judgements.html",
        lines=_told(t, access, found, "list judgements"),
        asked=asked,
        verdicts=[(one, t("verdict." + one)) for one in VERDICTS],
        ways=ways(request, cursor),
    )


def _told(t: Words, access: Access, found: list[Judgement], action: str) -> list[dict[str, Any]]:
    with access.transaction() as connection:
        names = names_of(connection, [by for one in found for by in (one.said_by, one.ended_by)])
        parties = ((one.record_type, side) for one in found for side in (one.left, one.right))
        said = said_by(t, access, connection, action, parties)
    return [_line(t, one, names, said) for one in found]


def _line(t: Words, one: Judgement, names: Mapping[str, str], said: Said) -> dict[str, Any]:
    against = one.contradiction
    return {
        "number": one.judgement_id,
        "path": f"{LIST}/{one.judgement_id}",
        "pair": f"{QUEUE}/{one.left.record_id}-{one.right.record_id}",
        "kind": shown.type_title(t, MODELS[one.record_type]),
        "sides": [side_told(t, party, said) for party in (one.left, one.right)],
        "verdict": one.verdict,
        "reason": one.reason,
        "by": names.get(one.said_by, one.said_by),
        "at": shown.moment(one.said_at),
        "ended": shown.moment(one.ended_at),
        "ended_by": names.get(one.ended_by or "", one.ended_by or ""),
        "against": against and against.kind,
        "against_numbers": against.judgement_ids if against else (),
        "thirds": [party_told(t, party) for party in against.thirds] if against else [],
    }


@routes.get(_ONE, operation_id="show_judgement", include_in_schema=False)
def judgement(request: Request, judgement_id: Number, access: Reading) -> Response:
    """Show one judgement, and what stands against it."""
    return _page(request, access, judgement_id)


def _page(
    request: Request,
    access: Access,
    judgement_id: int,
    effect: Mapping[str, Any] | None = None,
) -> Response:
    access = access.reading()
    (line,) = _told(words(request), access, [api.read(access, judgement_id)], "read judgement")
    return desk_page(
        request,
        "desk/judgement.html",
        one=line,
        back=line["path"],
        effect=effect,
        may_revert=may_judge(access.caller) and not line["ended"],
        key=token_hex(16),
    )


@routes.post(f"{_ONE}/preview", operation_id="preview_revert", include_in_schema=False)
def preview(request: Request, judgement_id: Number, access: Writing) -> Response:
    """Say what taking the word back would change; a part of the page where htmx asks."""
    told = effect_told(words(request), api.previewed(access, judgement_id))
    if is_part(request):
        return desk_page(request, "desk/effect.html", effect=told)
    return _page(request, access, judgement_id, told)


@routes.post(f"{_ONE}/revert", operation_id="revert_judgement_shown", include_in_schema=False)
def revert(judgement_id: Number, sent: Form, access: Writing) -> Response:
    """Take a word back, and lead to where that was asked for."""
    api.take_back(access, judgement_id, sent.one("key") or token_hex(16))
    there = onward(sent.one("next") or f"{LIST}/{judgement_id}", LIST)
    return RedirectResponse(there, 303)
