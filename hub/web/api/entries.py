"""Entering once: words of workers on golden records, and what becomes of each."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field, create_model
from sqlalchemy import Connection
from starlette.responses import Response

from hub.jobs import entry as jobs
from hub.store import corrections, deliveries, entries
from hub.store.golden_reads import exists_golden
from hub.store.visible import View, may_enter, visible_entity_corrections
from hub.web.access import Access, Reader, Writer
from hub.web.api.records import document
from hub.web.asked import Asked, CursorText, EntityId, Limit, Storable, Words, read_cursor
from hub.web.described import (
    Delivered,
    Made,
    entered_model,
    entry_model,
    page_model,
)
from hub.web.entered import correction_document, delivery_document, entry_document
from hub.web.etags import etag, names_version
from hub.web.once import Answer, MaybeIdempotencyKey, once
from hub.web.problems import Problem, fault
from hub.web.routes import answers, page, router
from schemas import Person, Section


class PageAsked(Asked):
    """Parameters of a list that can be read on."""

    limit: Limit = 100
    cursor: CursorText | None = None


class Said(BaseModel):
    """What is entered, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    reason: Words | None = Field(None, max_length=1_000, examples=["上门走访时本人告知"])

    def said(self) -> dict[str, object]:
        """Return the fields that are entered; None takes a word back."""
        fields: BaseModel = vars(self)["fields"]
        return fields.model_dump(exclude_unset=True)

    def text(self) -> str:
        """Return all of it as one text, by which a request sent again is known."""
        return self.model_dump_json(exclude_unset=True)


def said_model(model: type[Section], *, patch: bool) -> type[Said]:
    """Return the body of an entry on records of a type."""
    name = f"{model.__name__}{'Patch' if patch else 'Description'}"
    fields = entry_model(model, name, patch=patch)
    storable: Any = Annotated[fields, Storable]
    return create_model(name, __base__=Said, fields=(storable, ...))


IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="ETag of the record as it was read.",
        examples=['"3-0123456789ab"'],
    ),
]


def entry_routes(model: type[Section]) -> APIRouter:
    """Return the routes by which records of a type are entered, and entries are followed."""
    routes = router(model.collection)
    _add_patch(routes, model)
    if model is Person:
        _add_post(routes, model)
    _add_deliveries(routes, model)
    _add_entries(routes, model)
    return routes


def _add_patch(routes: APIRouter, model: type[Section]) -> None:
    def patch(
        entity_id: EntityId,
        said: Said,
        access: Writer,
        if_match: IfMatch = None,
        idempotency_key: MaybeIdempotencyKey = None,
    ) -> Response:
        """Fields of the street office's change at once and are carried to all who hold them; of
        others' fields, empty ones are filled provisionally, and the authority is asked. Null
        takes a worker's word back.
        """
        view = entering_view(access, model)
        tag = if_match
        if tag is None:
            raise Problem("precondition-required", "send If-Match with the ETag of the record")
        word = jobs.Word(
            view,
            said.said(),
            access.caller.client_id,
            said.reason,
            entity_id,
            lambda version: names_version(tag, version),
        )
        route = f"enter {model.record_type} {entity_id}"
        return enter(access, word, idempotency_key, route, (said.text(), tag), 200)

    patch.__annotations__["said"] = said_model(model, patch=True)
    routes.patch(
        f"/{model.collection}/{{entity_id}}",
        operation_id=f"enter_{model.record_type}",
        summary=f"Say what is so of a {model.record_type}, once for all departments",
        responses=answers(entered_model(model), 308, 409, 410, 412, 428),
    )(patch)


def _add_post(routes: APIRouter, model: type[Section]) -> None:
    def post(said: Said, access: Writer, idempotency_key: MaybeIdempotencyKey = None) -> Response:
        """Whoever turns out to be known already is joined with what is known; see `/search`."""
        view = entering_view(access, model)
        word = jobs.Word(view, said.said(), access.caller.client_id, said.reason)
        route = f"describe {model.record_type}"
        return enter(access, word, idempotency_key, route, (said.text(),), 201)

    post.__annotations__["said"] = said_model(model, patch=False)
    described = answers(entered_model(model), 409, status=201, said="Described")
    routes.post(
        f"/{model.collection}",
        operation_id=f"describe_{model.record_type}",
        summary=f"Describe a {model.record_type} that no department has told of",
        responses=described,
        status_code=201,
    )(post)


def entering_view(access: Access, model: type[Section]) -> View:
    """Return the view in which somebody enters; 403 for whom entering is not."""
    if not may_enter(access.caller):
        raise Problem("forbidden", "entering is for workers and stewards")
    return access.view(model)


def enter(
    access: Access,
    word: jobs.Word,
    key: str | None,
    route: str,
    said: tuple[str, ...],
    status: int,
) -> Response:
    """Enter a word once, whoever asks again; answer with the record and what was caused."""

    def effect_of(keep: Any) -> Answer:
        try:
            with jobs.entered(access.hub.settings, word) as (connection, made):
                shown = _document(connection, access, word.view, made)
                record = made.record
                headers = {"ETag": etag(word.view, record.version)}
                if status == 201:
                    headers["Location"] = f"/v1/{word.model.collection}/{record.id}"
                told = Answer(status, orjson.loads(orjson.dumps(shown)), headers)
                keep(connection, told)
                about = f"entry {made.entry_id}: {', '.join(word.said)}"
                access.tell(connection, "enter", word.view, [record.id], about=about)
        except jobs.Unfit as error:
            faults = (
                fault(message, pointer=f"/fields/{name}" if name else "/fields")
                for name, message in error.faults.items()
            )
            raise Problem("invalid", errors=[*faults]) from None
        return told

    return once(access, route, key, said, effect_of)


def _document(
    connection: Connection, access: Access, view: View, made: jobs.Entered
) -> dict[str, Any]:
    sent = deliveries.list_deliveries(connection, delivery_ids=made.deliveries, kind=None)
    wanted = corrections.Asked(correction_ids=made.corrections)
    asked = corrections.list_corrections(
        connection, visible_entity_corrections(), wanted, before=None, limit=1_000
    )
    days = access.hub.settings.working_days
    return document(
        made.record,
        entry_id=made.entry_id,
        applied=[*made.applied],
        deliveries=[delivery_document(one, view) for one in reversed(sent)],
        corrections=[correction_document(one, view, days) for one in reversed(asked)],
    )


def _add_deliveries(routes: APIRouter, model: type[Section]) -> None:
    @routes.get(
        f"/{model.collection}/{{entity_id}}/deliveries",
        operation_id=f"list_{model.record_type}_deliveries",
        summary=f"Follow the changes of a {model.record_type} to the departments",
        responses=answers(page_model("DeliveryPage", Delivered), 308, 410),
    )
    def listed(
        request: Request, entity_id: EntityId, asked: Annotated[PageAsked, Query()], access: Reader
    ) -> Response:
        view = access.view(model, values=False)
        bound = ("deliveries", entity_id)
        before = read_cursor(access, asked.cursor, bound)
        with access.transaction(snapshot=True) as connection:
            exists_golden(connection, view, entity_id)
            found = deliveries.list_deliveries(
                connection, entity_id=entity_id, before=before, limit=asked.limit + 1
            )
            access.tell(connection, "deliveries", ids=[entity_id])
        shown = found[: asked.limit]
        more = len(found) > asked.limit
        cursor = access.hub.cursors.write(shown[-1].number, *bound) if more else None
        return page(request, [delivery_document(one, view) for one in shown], cursor)


def _add_entries(routes: APIRouter, model: type[Section]) -> None:
    @routes.get(
        f"/{model.collection}/{{entity_id}}/entries",
        operation_id=f"list_{model.record_type}_entries",
        summary=f"List what workers have entered on a {model.record_type}: who, when, why",
        responses=answers(page_model("EntryPage", Made), 308, 410),
    )
    def listed(
        request: Request, entity_id: EntityId, asked: Annotated[PageAsked, Query()], access: Reader
    ) -> Response:
        view = access.view(model)
        bound = ("entries", entity_id)
        before = read_cursor(access, asked.cursor, bound)
        with access.transaction(snapshot=True) as connection:
            exists_golden(connection, view, entity_id)
            found = entries.list_entries(
                connection, entity_id, before=before, limit=asked.limit + 1
            )
            access.tell(connection, "entries", view, [entity_id])
        shown = found[: asked.limit]
        more = len(found) > asked.limit
        cursor = access.hub.cursors.write(shown[-1].entry_id, *bound) if more else None
        return page(request, [entry_document(one, view) for one in shown], cursor)
