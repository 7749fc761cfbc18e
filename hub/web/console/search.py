"""One search box for everything: what is typed travels in the body, never in an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import Response

from hub.store.search_reads import Criteria, NothingToSeek, search, sought_fields
from hub.store.visible import Denied, View
from hub.web.access import Access
from hub.web.asked import Words
from hub.web.console.pages import is_part, page, words
from hub.web.console.shown import listed_fields, name_of, telling, types_title
from hub.web.console.visiting import Reading
from hub.web.routes import router
from schemas import MODELS, Section

routes = router("console")
#: In the order in which they are shown, each with the most hits that are.
SOUGHT = {
    "person": 20,
    "house": 8,
    "geo_entity": 5,
    "grid": 5,
    "building": 5,
    "component": 5,
    "camera": 5,
}
LONGEST = 200


class SoughtSent(BaseModel):
    """The form of the search box."""

    model_config = ConfigDict(hide_input_in_errors=True)

    q: Words = Field("", max_length=1_000)
    form_token: Words = Field("", max_length=200)


@dataclass(frozen=True, slots=True)
class Shown:
    """One hit as a list shows it."""

    path: str
    name: str
    about: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one record type."""

    title: str
    hits: list[Shown]
    more: bool


@routes.post("/console/search", operation_id="search_everything", include_in_schema=False)
def find(request: Request, sent: Annotated[SoughtSent, Form()], access: Reading) -> Response:
    """Show what fits the words, whatever they mean; a part of the page where htmx asks."""
    sought = sent.q.strip()[:LONGEST]
    found = _found(request, access, sought)
    error = None if sought or is_part(request) else "search.nothing_typed"
    template = "hits.html" if is_part(request) else "home.html"
    status = 422 if error else 200
    return page(request, template, status, sought=sought, found=found, error=error, today=None)


def _found(request: Request, access: Access, sought: str) -> list[Group] | None:
    """Return what was found, by record type; None where nothing could be looked for."""
    criteria, groups, looked = Criteria(q=sought), [], False
    if not sought:
        return None
    with access.transaction() as connection:
        for record_type, most in SOUGHT.items():
            try:
                group = _group(request, access, connection, MODELS[record_type], criteria, most)
            except (NothingToSeek, Denied):
                continue
            looked = True
            groups += [group] if group.hits else []
    return groups if looked else None


def _group(
    request: Request,
    access: Access,
    connection: Connection,
    model: type[Section],
    criteria: Criteria,
    most: int,
) -> Group:
    t = words(request)
    view, seeking = _views(access, model, criteria)
    hits = search(connection, view, seeking, criteria, most + 1).hits
    shown = hits[:most]
    ids = [hit.record.id for hit in shown]
    access.tell(connection, "search", view, ids, fields=seeking.personal)
    listed = [
        Shown(
            f"/console/{model.collection}/{hit.record.id}",
            name_of(t, model, hit.record),
            telling(t, model, hit.record),
            hit.score >= 1,
        )
        for hit in shown
    ]
    return Group(types_title(t, model), listed, len(hits) > most)


def _views(access: Access, model: type[Section], criteria: Criteria) -> tuple[View, View]:
    """Return what is shown of hits, and what is looked into."""
    view = access.view(model, listed_fields(model))
    looked_into = sought_fields(model, criteria)
    seeking = access.view(model, looked_into | set(view.names))
    if not any(map(seeking.searchable, looked_into)):
        raise Denied("searching by a value is reading it, which is not granted")
    return view, seeking
