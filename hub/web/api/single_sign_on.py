"""The way to the OpenID provider and back, where one is set."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import RedirectResponse, Response

from hub.store.audit import Entry, record
from hub.store.users import find_by_name
from hub.web.api.login import HOME, Running, logged_in, origin_of
from hub.web.asked import Words
from hub.web.oidc import WITHIN, NotProven, Provider
from hub.web.problems import Problem
from hub.web.routes import router
from hub.web.running import Hub
from hub.web.sessions import is_secure, onward

routes = router("people")
COOKIE = "hub_oidc"
_PATH = "/login/oidc"
_BACK = f"{_PATH}/back"


@routes.get(_PATH, operation_id="begin_oidc", include_in_schema=False)
def begin(
    request: Request, hub: Running, onto: Annotated[Words, Query(alias="next")] = HOME
) -> Response:
    """Send the browser to the provider."""
    begun = _provider(hub).begin(onward(onto, HOME))
    answered = RedirectResponse(begun.address, 303)
    answered.set_cookie(
        COOKIE,
        begun.cookie,
        max_age=WITHIN,
        path=_PATH,
        secure=is_secure(request, hub.settings),
        httponly=True,
        samesite="lax",
    )
    return answered


@routes.get(_BACK, operation_id="finish_oidc", include_in_schema=False)
def finish(
    request: Request,
    hub: Running,
    state: Words = "",
    code: Words = "",
    error: Words = "",
) -> Response:
    """Log the person in whom the provider has recognised, if the hub knows them."""
    try:
        if error or not code:
            raise NotProven("the provider refuses the login")
        name, onto = _provider(hub).finish(request.cookies.get(COOKIE, ""), state, code)
    except NotProven as failure:
        _refused(request, hub)
        raise Problem("unauthorised", str(failure)) from None
    with hub.transaction() as connection:
        account = find_by_name(connection, name)
    if account is None:
        _refused(request, hub)
        raise Problem("forbidden", "the hub knows nobody of this name; ask its administrator")
    answered = logged_in(request, hub, account, onto)
    answered.delete_cookie(COOKIE, path=_PATH)
    return answered


def _refused(request: Request, hub: Hub) -> None:
    with hub.transaction() as connection:
        record(connection, Entry("unknown", "login refused", origin=origin_of(request)))


def _provider(hub: Hub) -> Provider:
    said = hub.settings.oidc
    if said is None:
        raise Problem("not-found", "no OpenID provider is set")
    return Provider(said, hub.sessions.secret, hub.settings.public_address + _BACK)
