"""Every error the API answers with: RFC 9457 problem documents of stable types.

No problem holds a value of the request or of a row: it names fields, rules, headers, counts.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.errors import HubError, Unavailable
from hub.store.feed_reads import Expired
from hub.store.golden_reads import Superseded
from hub.store.search_reads import NothingToSeek
from hub.store.visible import PURPOSES, PurposeMissing, UnknownField

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:hub:problem:"
_OURS = str(Path(__file__).parents[1])
_log = logging.getLogger(__name__)

#: The types of problems, each with the status it usually comes with and its title.
TYPES: Mapping[str, tuple[int, str]] = {
    "malformed": (400, "The request cannot be read"),
    "idempotency-key-missing": (400, "The header Idempotency-Key is missing"),
    "unauthorised": (401, "A valid access token is needed"),
    "forbidden": (403, "The caller may not do this"),
    "purpose-missing": (403, "The header Hub-Purpose is needed"),
    "not-found": (404, "There is no such thing"),
    "method-not-allowed": (405, "The method does not exist here"),
    "conflict": (409, "The state of the thing forbids it now"),
    "in-flight": (409, "A request with this Idempotency-Key is being answered"),
    "retired": (410, "No live record speaks of this any more"),
    "precondition-failed": (412, "The record has changed since it was read"),
    "precondition-required": (428, "The header If-Match is needed"),
    "cursor-expired": (410, "The feed does not go on from this cursor"),
    "too-large": (413, "The body is too large"),
    "media-type": (415, "The body is of another media type"),
    "range": (416, "The file has no such range"),
    "invalid": (422, "The request says something impossible"),
    "bad-cursor": (422, "The cursor is not one of this list"),
    "idempotency-key-reused": (422, "The Idempotency-Key was used for another request"),
    "too-many-requests": (429, "Too many requests"),
    "failed": (500, "The hub failed"),
    "unavailable": (503, "Try again later"),
    "superseded": (308, "Merged into another one"),
}
_BY_STATUS = {
    status: name
    for name, (status, _) in reversed(list(TYPES.items()))
    if name not in ("purpose-missing", "cursor-expired", "bad-cursor", "in-flight")
}


class Problem(Exception):
    """Answer a request with a problem document; ``more`` are its further members."""

    def __init__(
        self,
        kind: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:
        super().__init__(kind)
        self.kind, self.detail, self.headers, self.more = kind, detail, headers, more

    def answer(self) -> Response:
        """Write the problem document."""
        status, title = TYPES[self.kind]
        document = {"type": _TYPE + self.kind, "title": title, "status": status}
        document |= {"detail": self.detail} if self.detail else {}
        document |= self.more
        headers = {"Cache-Control": "no-store", **(self.headers or {})}
        return Response(orjson.dumps(document), status, headers, MEDIA_TYPE)


def fault(message: str, *, pointer: str | None = None, parameter: str | None = None) -> object:
    """Return one member of a problem's ``errors``: where in the request, and what is wrong."""
    place = {"pointer": pointer} if parameter is None else {"parameter": parameter}
    return {**place, "message": message}


def invalid(message: str, *, pointer: str | None = None, parameter: str | None = None) -> Problem:
    """Return the problem of a request of which one part is impossible."""
    return Problem("invalid", errors=[fault(message, pointer=pointer, parameter=parameter)])


def install(app: FastAPI) -> None:
    """Have the application answer every error with a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HubError, _on_hub_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(PoolTimeout, _on_too_busy)


def _on_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.answer()


def _on_hub_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HubError)
    if isinstance(error, Superseded):
        return _redirect(request, error).answer()
    if error.status >= 500 and not isinstance(error, Unavailable):
        log_failure(request.scope, error)
    return _problem_of(error).answer()


def _problem_of(error: HubError) -> Problem:
    said = str(error)
    if isinstance(error, PurposeMissing):
        return Problem("purpose-missing", said, header="Hub-Purpose", purposes=list(PURPOSES))
    if isinstance(error, Expired):
        return Problem("cursor-expired", said, resync="/v1/exports")
    if isinstance(error, NothingToSeek):
        pointer = f"/{error.criterion}" if error.criterion else ""
        return invalid(said, pointer=pointer)
    if isinstance(error, UnknownField):
        return invalid(said, parameter="fields")
    if isinstance(error, Unavailable):
        return Problem("unavailable", said, headers={"Retry-After": "5"})
    if error.status >= 500:
        return Problem("failed")
    return Problem(_BY_STATUS.get(error.status, "malformed"), said)


def _redirect(request: Request, error: Superseded) -> Problem:
    """Send the caller to the entity that took over, for whatever was asked of the former one.

    Where the body names it, no other address would help: the caller has to name another one.
    """
    asked = request.path_params.get("entity_id")
    if asked is None:
        return Problem("conflict", str(error), superseded_by=error.winner)
    path = request.url.path.replace(asked, error.winner, 1)
    query = f"?{request.url.query}" if request.url.query else ""
    headers = {"Location": path + query}
    return Problem("superseded", headers=headers, superseded_by=error.winner)


def _on_too_busy(_: Request, __: Exception) -> Response:
    """Say of a connection that nobody gave back in time that there may be one later."""
    return Problem("unavailable", "the hub is busy", headers={"Retry-After": "5"}).answer()


def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(allowed(request))
    kind = _BY_STATUS.get(error.status_code, "malformed")
    return Problem(kind, headers=headers).answer()


def allowed(request: Request) -> list[str]:
    """Return the methods of all routes of a path; the framework knows those of one route only."""
    routes = [route for route in request.app.routes if isinstance(route, APIRoute)]
    path = next((one.path for one in routes if one.path_regex.match(request.url.path)), None)
    return sorted({method for one in routes if one.path == path for method in one.methods})


def _on_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    told = error.errors()
    if any(part["type"] == "json_invalid" for part in told):
        return Problem("malformed", "the body is not JSON").answer()
    missing = [part for part in told if part["loc"][:2] == ("header", "Idempotency-Key")]
    if any(part["type"] == "missing" for part in missing):
        return Problem("idempotency-key-missing").answer()
    return Problem("invalid", errors=faults(error)).answer()


def faults(error: RequestValidationError) -> list[object]:
    """Return what is wrong with a request, each fault with its place in it."""
    return [_fault_of(part) for part in error.errors()]


def _fault_of(part: Mapping[str, Any]) -> object:
    place: Sequence[str | int] = part["loc"]
    where, *inner = place
    if part["type"] == "extra_forbidden":
        # The name of what was sent too much may be a value itself.
        inner, message = inner[:-1], "something unknown was sent"
    else:
        message = str(part["msg"])
    if where == "body":
        pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in inner)
        return fault(message, pointer=pointer)
    return fault(message, parameter=".".join(map(str, inner)) or str(where))


def log_failure(scope: Scope, error: BaseException) -> None:
    """Log where something failed; not what the error says, which may quote a row."""
    route = scope.get("route")
    path = getattr(route, "path", "an unknown route")
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _OURS in frame[0]]
    said = "".join(traceback.format_list(frames))
    _log.error("%s at %s %s\n%s", type(error).__name__, scope.get("method"), path, said)


class Guard:
    """The outermost layer: what nobody expected becomes a problem document, and a line in the log.

    The framework's own last resort logs the error's text, which may hold personal values.
    """

    def __init__(
        self, app: ASGIApp, dress: Callable[[Scope, Response], Response] = lambda _, said: said
    ) -> None:
        self.app, self.dress = app, dress

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer it here where that fails."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                # No answer of the hub is anything else than it says it is.
                MutableHeaders(scope=message)["X-Content-Type-Options"] = "nosniff"
            await send(message)

        if b"%00" in scope.get("raw_path", b"") or b"%00" in scope["query_string"]:
            await Problem("malformed", "a URL cannot hold a null").answer()(scope, receive, sending)
            return
        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            log_failure(scope, error)
            if begun:
                # Half an answer is out: only breaking off tells the caller that it is no whole.
                raise ConnectionAbortedError("an answer was broken off") from None
            await self.dress(scope, Problem("failed").answer())(scope, receive, sending)
