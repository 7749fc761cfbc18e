"""Sessions of people: the cookie, and what proves that a form was ours.

A browser sends the cookie along whoever made it call. So whatever has an effect has to bring the
session's form token as well, which pages of other origins cannot read.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from hub.config import Settings
from hub.store.users import LASTS, Account
from hub.web.problems import Problem

COOKIE = "hub_session"
#: Where callers that send no forms put the form token.
HEADER = "Hub-Form-Token"
#: Where forms put it.
FIELD = "form_token"
#: Methods without an effect.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Sessions:
    """Cookies and form tokens of one hub."""

    secret: bytes

    def form_token(self, session: str) -> str:
        """Return what the forms of a session carry."""
        return hmac.new(self.secret, session.encode(), sha256).hexdigest()

    def check_form(self, session: str, said: str | None) -> None:
        """Answer 403 unless a form carries the token of the session that it is sent in."""
        if not hmac.compare_digest(self.form_token(session).encode(), (said or "").encode()):
            raise Problem("forbidden", f"the form token of this session is needed, as {HEADER}")


@dataclass(frozen=True)
class LoggedIn:
    """Who a request comes from, as far as its page tells: for the head of the page, for forms."""

    account: Account
    form_token: str
    purpose: str | None = None


def remember(request: Request, who: LoggedIn) -> None:
    """Let whatever answers a request know who it comes from."""
    request.state.logged_in = who


def logged_in(request: Request) -> LoggedIn | None:
    """Return whom a request comes from, if that was found out already."""
    found: LoggedIn | None = getattr(request.state, "logged_in", None)
    return found


async def form_token_of(request: Request) -> str | None:
    """Return the form token that came with a request: in its header, or in its form."""
    said = request.headers.get(HEADER)
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if said is None and kind in _FORMS:
        field = (await request.form()).get(FIELD)
        said = field if isinstance(field, str) else None
    return said


_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def onward(said: str, home: str) -> str:
    """Return where to go on: a path of ours, whatever was said."""
    ours = said.startswith("/") and not said.startswith(("//", "/\\")) and said.isprintable()
    return said if ours else home


def session_of(request: Request) -> str | None:
    """Return what the cookie holds."""
    return request.cookies.get(COOKIE)


def set_cookie(answered: Response, request: Request, settings: Settings, token: str) -> None:
    """Give the browser a session's cookie, out of reach of scripts and of other sites."""
    answered.set_cookie(
        COOKIE,
        token,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=is_secure(request, settings),
        httponly=True,
        samesite="lax",
    )


def is_secure(request: Request, settings: Settings) -> bool:
    """Tell whether people reach the hub by https, perhaps through a proxy."""
    return request.url.scheme == "https" or settings.public_address.startswith("https:")


def check_origin(request: Request, settings: Settings) -> None:
    """Answer 403 to a form that a page of another site has sent."""
    origin = request.headers.get("origin")
    ours = {request.url.netloc, urlsplit(settings.public_address).netloc}
    cross = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    if cross or (origin is not None and urlsplit(origin).netloc not in ours):
        raise Problem("forbidden", "the form was sent by a page of another site")
