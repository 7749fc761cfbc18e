"""What a browser remembers for somebody: the language, and what they read for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Form, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from hub.store.default_grants import PURPOSES
from hub.web.asked import Words
from hub.web.console.pages import LANGUAGE, PURPOSE, page
from hub.web.console.visiting import Reading
from hub.web.console.words import LANGUAGES
from hub.web.routes import router
from hub.web.running import Hub, running
from hub.web.sessions import check_origin, is_secure, onward

routes = router("console")
HOME = "/console"
#: For so many seconds a browser remembers.
_YEAR = 365 * 24 * 3600


class _Sent(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    next: Words = Field(HOME, max_length=400)
    form_token: Words = Field("", max_length=200)


class LanguageSent(_Sent):
    """The form that chooses a language."""

    language: Words = Field(max_length=10)


class PurposeSent(_Sent):
    """The form that states a purpose."""

    purpose: Words = Field("", max_length=40)


@routes.get("/", operation_id="lead_to_console", include_in_schema=False)
def lead() -> Response:
    """Lead from the hub's address to the console."""
    return RedirectResponse(HOME, 303)


@routes.post("/language", operation_id="choose_language", include_in_schema=False)
def choose_language(
    request: Request,
    sent: Annotated[LanguageSent, Form()],
    hub: Annotated[Hub, Depends(running)],
) -> Response:
    """Remember a language; people choose one before they have logged in."""
    check_origin(request, hub.settings)
    answered = RedirectResponse(onward(sent.next, HOME), 303)
    if sent.language in LANGUAGES:
        _remember(answered, request, hub, LANGUAGE, sent.language)
    return answered


@routes.get("/console/purpose", operation_id="show_purposes", include_in_schema=False)
def show_purposes(
    request: Request, access: Reading, onto: Annotated[Words, Query(alias="next")] = HOME
) -> Response:
    """Ask what somebody reads personal things for."""
    return _purposes(request, access, onto)


@routes.post("/console/purpose", operation_id="state_purpose", include_in_schema=False)
def state_purpose(
    request: Request, sent: Annotated[PurposeSent, Form()], access: Reading
) -> Response:
    """Remember a purpose; each read from now on is audited with it."""
    if sent.purpose not in access.caller.purposes():
        return _purposes(request, access, sent.next, error="purpose.none_chosen")
    answered = RedirectResponse(onward(sent.next, HOME), 303)
    _remember(answered, request, access.hub, PURPOSE, sent.purpose)
    return answered


def _purposes(request: Request, access: Reading, onto: str, error: str | None = None) -> Response:
    covered = access.caller.purposes()
    offered = {name: title for name, title in PURPOSES.items() if name in covered}
    said = {"offered": offered, "chosen": access.purpose, "onward": onward(onto, HOME)}
    return page(request, "purpose.html", 422 if error else 200, error=error, **said)


def _remember(answered: Response, request: Request, hub: Hub, name: str, value: str) -> None:
    answered.set_cookie(
        name,
        value,
        max_age=_YEAR if name == LANGUAGE else None,
        path="/",
        secure=is_secure(request, hub.settings),
        httponly=True,
        samesite="lax",
    )
