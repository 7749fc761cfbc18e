"""What all routes have in common: which bodies and parameters they take, what they answer with."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.dependencies.utils import get_flat_dependant
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import Response

from hub.web.problems import MEDIA_TYPE, TYPES, Problem, invalid

_JSON = frozenset({"application/json"})
#: RFC 7396; what a merge patch is sent as by those who do not know its name is taken too.
_PATCH = _JSON | {"application/merge-patch+json"}
_FORM = frozenset({"application/x-www-form-urlencoded"})
#: Statuses that any route can answer with.
_ANY = (400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 503)


class Route(APIRoute):
    """A route that takes the media types and query parameters it declares and no others."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Check what can be told before the body is read."""
        answer = super().get_route_handler()
        takes_query = bool(get_flat_dependant(self.dependant).query_params)

        async def checked(request: Request) -> Response:
            if self.body_field is not None:
                form = isinstance(self.body_field.field_info, Form)
                taken = _PATCH if request.method == "PATCH" else _JSON
                check_media_type(request, _FORM if form else taken)
            if not takes_query and request.url.query:
                raise invalid("this takes no parameters", parameter="query")
            return await answer(request)

        return checked


def router(tag: str) -> APIRouter:
    """Return a router of documented routes for one concern."""
    return APIRouter(tags=[tag], route_class=Route, default_response_class=Response)


def check_media_type(request: Request, taken: frozenset[str]) -> str:
    """Return the media type of the body, or answer 415 where it is none of these."""
    said = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if said not in taken:
        names = ", ".join(sorted(taken))
        raise Problem("media-type", f"send {names}", headers={"Accept": names})
    return said


def answer(
    document: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Write an answer as JSON; it belongs to its caller only, whatever lies between."""
    said = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Hub-Purpose"}
    return Response(orjson.dumps(document), status, {**said, **(headers or {})}, "application/json")


def page(request: Request, items: Sequence[object], cursor: str | None, **more: object) -> Response:
    """Write a page of a list, with the way to the next one."""
    document = {"items": items, "next": cursor, **more}
    if cursor is None:
        return answer(document)
    onward = request.url.include_query_params(cursor=cursor)
    link = f'<{onward.path}?{onward.query}>; rel="next"'
    return answer(document, headers={"Link": link})


def answers(
    model: type[BaseModel] | None = None, *statuses: int, status: int = 200, said: str = ""
) -> dict[int | str, dict[str, Any]]:
    """Describe what a route answers with: a document of a model, problems of these statuses."""
    described: dict[int | str, dict[str, Any]] = {
        status: {"description": said or "Done", **({"model": model} if model else {})}
    }
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for number in sorted({*_ANY, *statuses} - {304}):
        titles = {title for code, title in TYPES.values() if code == number}
        described[number] = {"description": "; ".join(sorted(titles)), "content": content}
    if 304 in statuses:
        described[304] = {"description": "Not changed since"}
    return described
