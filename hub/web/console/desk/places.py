"""The places of the desk, for its own navigation, and the frame that its pages have in common."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from hub.store.visible import Role
from hub.web.access import Access
from hub.web.console.navigation import DESK_HOME, STEWARDS, Place, places_for
from hub.web.console.pages import page
from hub.web.problems import Problem
from hub.web.sessions import logged_in

_LOOKING: frozenset[Role] = STEWARDS | {"auditor"}
_SHARING: frozenset[Role] = _LOOKING | {"department"}
_ADMIN: frozenset[Role] = frozenset({"admin"})

#: What is judged, asked, carried and granted.
JUDGING: tuple[Place, ...] = (
    Place("/console/desk/matches", "judging.nav.matches", _LOOKING),
    Place("/console/desk/judgements", "judging.nav.judgements", _LOOKING),
    Place("/console/desk/conflicts", "judging.nav.conflicts", _LOOKING),
    Place("/console/desk/corrections", "judging.nav.corrections", _SHARING),
    Place("/console/desk/shares", "judging.nav.shares", _SHARING),
    Place("/console/desk/grants", "judging.nav.grants", _SHARING),
    Place("/console/desk/deliveries", "judging.nav.deliveries", _LOOKING),
    Place("/console/desk/people", "judging.nav.people", _ADMIN),
    Place("/console/desk/audit", "judging.nav.audit", _ADMIN | {"auditor"}),
)
#: In the order in which they are shown.
DESK: tuple[Place, ...] = (Place(DESK_HOME, "desk.nav.home", STEWARDS), *JUDGING)


def desk_page(request: Request, template: str, status: int = 200, **said: object) -> Response:
    """Write a page of the desk: a template that extends `desk/layout.html`."""
    who = logged_in(request)
    desk = places_for(who.account.role, request.url.path, DESK) if who else []
    return page(request, template, status, desk=desk, **said)


def need_steward(access: Access) -> None:
    """Answer 403 to whoever is no steward, on pages that show more than one source's own."""
    if access.caller.role not in STEWARDS:
        raise Problem("forbidden", "the desk is for stewards")
