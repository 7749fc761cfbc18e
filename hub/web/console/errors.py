"""Errors as people see them: the API's problems, told in plain words in the console's layout."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from hub.web.console.pages import is_part, page
from hub.web.problems import MEDIA_TYPE

#: Statuses that have words of their own; others get those of 400 or 500.
TOLD = (400, 403, 404, 410, 412, 429, 500, 503)
#: Those that may be over when the page is asked for again.
PASSING = (429, 500, 503)


def install(app: FastAPI) -> None:
    """Have every error on the console's paths be answered with a page."""
    for kind, handler in list(app.exception_handlers.items()):
        app.add_exception_handler(kind, _with_pages(handler))


def _with_pages(handler: Callable[..., Any]) -> Callable[[Request, Exception], Any]:
    if iscoroutinefunction(handler):
        # The framework's own, for sockets.
        return handler

    def told(request: Request, error: Exception) -> Response:
        return for_people(request.scope, handler(request, error))

    return told


def for_people(scope: Scope, answered: Response) -> Response:
    """Return a problem as a page where the console was asked, and as it is where the API was."""
    asked = scope["path"]
    if not (asked == "/console" or asked.startswith("/console/")):
        return answered
    if answered.media_type != MEDIA_TYPE:
        return answered
    problem = orjson.loads(answered.body)
    if location := answered.headers.get("location"):
        return RedirectResponse(location, 308)
    return _page(Request(scope), int(problem["status"]))


def _page(request: Request, status: int) -> Response:
    if status == 401:
        return _to_login(request)
    told = status if status in TOLD else 500 if status >= 500 else 400
    again = _same(request) if told in PASSING and request.method == "GET" else None
    return page(request, "error.html", status, told=str(told), again=again, back="/console")


def _same(request: Request) -> str:
    """Return the address that was asked for, without the host."""
    path = quote(request.url.path, safe="/")
    return f"{path}?{request.url.query}" if request.url.query else path


def _to_login(request: Request) -> Response:
    """Send whoever is not logged in to where they can, and from there back to what they read."""
    onward = request.url.path if request.method == "GET" else "/console"
    there = f"/login?next={quote(onward, safe='/')}"
    if is_part(request):
        # Only a whole page can lead away; the part that was asked for is left as it is.
        return Response(status_code=204, headers={"HX-Redirect": there})
    return RedirectResponse(there, 303)
