"""What the pages of the features API have in common: collections, links, errors of parameters."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.responses import Response

from hub.store.positions import POSITIONS
from hub.store.visible import Denied
from hub.web.access import Access
from hub.web.asked import Asked
from hub.web.problems import Problem, faults
from hub.web.routes import Route, answers
from schemas import MODELS, Section, fields

ROOT = "/ogc"
GEOJSON = "application/geo+json"
#: Never told here, whatever was granted: who may watch a camera asks the police.
HIDDEN = frozenset({"stream_uri"})
#: By their names in the API.
FEATURES: Mapping[str, type[Section]] = {
    MODELS[name].collection: MODELS[name] for name in POSITIONS
}
#: A part of the API's description that any answer here can be described by.
OBJECT: Mapping[str, Any] = {"type": "object", "additionalProperties": True}


class _Route(Route):
    """A route of which a parameter that is wrong or unknown is answered with 400."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def checked(request: Request) -> Response:
            try:
                return await answer(request)
            except RequestValidationError as error:
                raise Problem("malformed", errors=faults(error)) from None

        return checked


def router() -> APIRouter:
    """Return a router of documented routes below the features API's own path."""
    return APIRouter(
        prefix=ROOT, tags=["features"], route_class=_Route, default_response_class=Response
    )


class FormatAsked(Asked):
    """The parameter that every address here takes: the format, of which there is one."""

    f: Literal["json"] | None = Field(None, description="The format of the answer.")


def answered_with(
    media_type: str, schema: Mapping[str, Any], *statuses: int
) -> dict[int | str, dict[str, Any]]:
    """Describe what a route answers with."""
    described = answers(None, *statuses)
    described[200]["content"] = {media_type: {"schema": dict(schema)}}
    return described


def link(request: Request, path: str, rel: str, media_type: str, title: str) -> dict[str, str]:
    """Return a link to another page of the hub, as the caller reaches it."""
    href = str(request.base_url).rstrip("/") + path
    return {"href": href, "rel": rel, "type": media_type, "title": title}


def collection_of(name: str) -> type[Section]:
    """Return the record type of a collection, or answer 404."""
    if name not in FEATURES:
        raise Problem("not-found", "there is no such collection")
    return FEATURES[name]


def names_of(model: type[Section]) -> frozenset[str]:
    """Return the fields that can be properties of a feature."""
    geometry = POSITIONS[model.record_type].geometry
    return frozenset(spec.name for spec in fields(model)) - HIDDEN - {geometry}


def granted(access: Access, model: type[Section]) -> bool:
    """Tell whether anything of a collection was granted, for whatever purpose."""
    return bool(access.view(model, names_of(model), values=False).names)


def need_granted(access: Access, model: type[Section]) -> None:
    """Answer 403 where nothing of a collection was granted."""
    if not granted(access, model):
        raise Denied(f"no grant of this caller covers {model.collection}")
