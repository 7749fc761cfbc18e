"""Logging in and out, and the one-time links by which people set their passwords.

Forms are answered as their sender wants it: a page or a redirection for people, JSON for programs.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Form, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import RedirectResponse, Response

from hub.errors import WrongUse
from hub.store import users
from hub.store.audit import Entry, record
from hub.store.users import Account
from hub.web.asked import Words
from hub.web.console.pages import PURPOSE, page
from hub.web.problems import Problem
from hub.web.routes import answer, router
from hub.web.running import Hub, running
from hub.web.sessions import (
    COOKIE,
    HEADER,
    LoggedIn,
    check_origin,
    onward,
    remember,
    session_of,
    set_cookie,
)

routes = router("people")
Running = Annotated[Hub, Depends(running)]

#: Where people go on when they are logged in.
HOME = "/console"


class _Sent(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)


class LoginSent(_Sent):
    """The form of a login."""

    name: Words
    password: Words
    next: Words = HOME


class LogoutSent(_Sent):
    """The form of a logout."""

    form_token: Words | None = None


class PasswordSent(_Sent):
    """The form of a new password."""

    password: Words
    again: Words | None = None


class Differing(WrongUse):
    """A new password was not typed twice alike."""


def wants_page(request: Request) -> bool:
    """Tell whether a browser asks, not a program."""
    return "text/html" in request.headers.get("accept", "")


@routes.get("/login", operation_id="show_login", include_in_schema=False)
def show_login(
    request: Request, hub: Running, onto: Annotated[str, Query(alias="next")] = HOME
) -> Response:
    """Show the form, or who is logged in."""
    token = session_of(request)
    with hub.transaction() as connection:
        found = users.find_session(connection, token) if token else None
    if token is None or found is None:
        return _login_page(request, hub, onto)
    form_token = hub.sessions.form_token(token)
    if wants_page(request):
        remember(request, LoggedIn(found.account, form_token))
        return _login_page(request, hub, onto)
    return answer(_document(found.account, form_token))


def _login_page(
    request: Request, hub: Hub, onto: str, error: str | None = None, status: int = 200
) -> Response:
    oidc = hub.settings.oidc is not None
    said = {"error": error, "onward": onward(onto, HOME), "oidc": oidc}
    return page(request, "login.html", status, back="/login", **said)


@routes.post("/login", operation_id="log_in", include_in_schema=False)
def log_in(request: Request, form: Annotated[LoginSent, Form()], hub: Running) -> Response:
    """Log a person in by name and password."""
    check_origin(request, hub.settings)
    place = f"login {origin_of(request)}"
    hub.failures.check(place, cost=0)
    try:
        account = _recognised(hub, form, origin_of(request))
    except users.Locked as locked:
        with hub.transaction() as connection:
            entry = Entry(locked.account_id, "login locked", origin=origin_of(request))
            record(connection, entry)
        if wants_page(request):
            return _login_page(request, hub, form.next, "login.locked", 429)
        headers = {"Retry-After": str(locked.seconds)}
        raise Problem("too-many-requests", str(locked), headers=headers) from None
    if account is None:
        hub.failures.check(place)
        if wants_page(request):
            return _login_page(request, hub, form.next, "login.wrong", 401)
        raise Problem("unauthorised", "there is no such person, or that is not their password")
    return logged_in(request, hub, account, form.next)


def _recognised(hub: Hub, form: LoginSent, origin: str | None) -> Account | None:
    with hub.transaction() as connection:
        account = users.recognise(connection, form.name, form.password)
        if account is None:
            # An unknown name may be anything somebody typed, a password even.
            known = users.find_by_name(connection, form.name)
            caller = known.account_id if known else "unknown"
            record(connection, Entry(caller, "login refused", origin=origin))
    return account


def logged_in(request: Request, hub: Hub, account: Account, onto: str) -> Response:
    """Begin a session for a person who has shown who they are."""
    with hub.transaction() as connection:
        token = users.begin_session(connection, account)
        record(connection, Entry(account.account_id, "login", origin=origin_of(request)))
    if wants_page(request):
        answered: Response = RedirectResponse(onward(onto, HOME), 303)
    else:
        answered = answer(_document(account, hub.sessions.form_token(token)))
    answered.headers["Cache-Control"] = "no-store"
    set_cookie(answered, request, hub.settings, token)
    return answered


@routes.post("/logout", operation_id="log_out", include_in_schema=False)
def log_out(request: Request, form: Annotated[LogoutSent, Form()], hub: Running) -> Response:
    """End the session, if there is one."""
    token = session_of(request)
    if token is not None:
        hub.sessions.check_form(token, form.form_token or request.headers.get(HEADER))
        with hub.transaction() as connection:
            found = users.find_session(connection, token)
            users.end_session(connection, token)
            if found is not None:
                caller = found.account.account_id
                record(connection, Entry(caller, "logout", origin=origin_of(request)))
    page_wanted = wants_page(request)
    answered = RedirectResponse("/login", 303) if page_wanted else Response(status_code=204)
    for cookie in (COOKIE, PURPOSE):
        answered.delete_cookie(cookie, path="/")
    return answered


@routes.get("/welcome/{token}", operation_id="show_welcome", include_in_schema=False)
def show_welcome(request: Request, token: Words, hub: Running) -> Response:
    """Show the form for a new password; looking at it does not use the link up."""
    with hub.transaction() as connection:
        account = users.find_link(connection, token)
    return _welcome_page(request, account, 200 if account else 404)


@routes.post("/welcome/{token}", operation_id="set_password", include_in_schema=False)
def set_password(
    request: Request, token: Words, form: Annotated[PasswordSent, Form()], hub: Running
) -> Response:
    """Set the password and log the person in."""
    check_origin(request, hub.settings)
    try:
        if form.again is not None and form.again != form.password:
            raise Differing("the two passwords differ")
        with hub.transaction() as connection:
            account = users.set_password(connection, token, form.password)
            entry = Entry(account.account_id, "set password", origin=origin_of(request))
            record(connection, entry)
    except WrongUse as error:
        if not wants_page(request):
            raise
        with hub.transaction() as connection:
            known = users.find_link(connection, token)
        told = "again" if isinstance(error, Differing) else "password"
        return _welcome_page(request, known, 422 if known else 404, told)
    return logged_in(request, hub, account, HOME)


def _welcome_page(
    request: Request, account: Account | None, status: int, error: str | None = None
) -> Response:
    said: dict[str, Any] = {
        "account": account,
        "shortest": users.SHORTEST,
        "longest": users.LONGEST,
    }
    return page(request, "welcome.html", status, error=error if account else None, **said)


def origin_of(request: Request) -> str | None:
    """Return the address that a call came from."""
    return request.client.host if request.client else None


def _document(account: Account, form_token: str) -> dict[str, Any]:
    """Say who is logged in, and what forms have to carry."""
    return {
        "id": account.account_id,
        "name": account.name,
        "role": account.role,
        "source": account.source,
        "areas": sorted(account.areas),
        "form_token": form_token,
    }
