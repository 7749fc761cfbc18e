"""The places of the desk, for its own navigation, and the frame that its pages have in common."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from hub.store.visible import Role
from hub.web.access import Access
from hub.web.console.navigation import DESK_HOME, OVERSEERS, STEWARDS, Place, places_for
from hub.web.console.pages import page
from hub.web.problems import Problem
from hub.web.sessions import logged_in

_LOOKING: frozenset[Role] = OVERSEERS - {"department"}
_ADMIN: frozenset[Role] = frozenset({"admin"})

#: What is judged, asked, carried and granted.
JUDGING: tuple[Place, ...] = (
    Place(f"{DESK_HOME}/matches", "judging.nav.matches", _LOOKING),
    Place(f"{DESK_HOME}/judgements", "judging.nav.judgements", _LOOKING),
    Place(f"{DESK_HOME}/conflicts", "judging.nav.conflicts", _LOOKING),
    Place(f"{DESK_HOME}/corrections", "judging.nav.corrections", OVERSEERS),
    Place(f"{DESK_HOME}/sharing", "judging.nav.shares", OVERSEERS),
    Place(f"{DESK_HOME}/grants", "judging.nav.grants", OVERSEERS),
    Place(f"{DESK_HOME}/requests", "resident.nav", _LOOKING),
    Place(f"{DESK_HOME}/deliveries", "judging.nav.deliveries", _LOOKING),
    Place(f"{DESK_HOME}/people", "judging.nav.people", _ADMIN),
    Place(f"{DESK_HOME}/audit", "judging.nav.audit", _ADMIN | {"auditor"}),
)
#: In the order in which they are shown.
DESK: tuple[Place, ...] = (
    Place(DESK_HOME, "desk.nav.home", STEWARDS),
    Place(f"{DESK_HOME}/runs", "desk.nav.runs", OVERSEERS),
    Place(f"{DESK_HOME}/holds", "desk.nav.holds", OVERSEERS),
    Place(f"{DESK_HOME}/quarantine", "desk.nav.quarantine", OVERSEERS),
    Place(f"{DESK_HOME}/signals", "desk.nav.signals", OVERSEERS),
    Place(f"{DESK_HOME}/quality", "desk.nav.quality", OVERSEERS),
    Place(f"{DESK_HOME}/catalogue", "desk.nav.catalogue"),
    *JUDGING,
)


def desk_page(request: Request, template: str, status: int = 200, **said: object) -> Response:
    """Write a page of the desk: a template that extends `desk/layout.html`."""
    who = logged_in(request)
    desk = places_for(who.account.role, request.url.path, DESK) if who else []
    # Choosing a language keeps what a list was narrowed to.
    here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    back = {"back": here} if request.method == "GET" else {}
    return page(request, template, status, desk=desk, **{**back, **said})


def need_steward(access: Access) -> None:
    """Answer 403 to whoever is no steward, on pages that show more than one source's own."""
    if access.caller.role not in STEWARDS:
        raise Problem("forbidden", "the desk is for stewards")
