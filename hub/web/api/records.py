"""Golden records: one by id, and lists of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from hub.store.deliveries import list_deliveries
from hub.store.golden_reads import (
    Filter,
    GoldenRecord,
    count_golden,
    estimate_golden,
    get_golden,
    list_golden,
    relations_of,
)
from hub.store.visible import View
from hub.web.access import Access, Reader
from hub.web.api.provenance import explained
from hub.web.asked import CursorText, EntityId, Limit, Moment, Projection, Words, read_cursor
from hub.web.described import page_model, record_model
from hub.web.entered import delivery_document
from hub.web.etags import etag, unchanged
from hub.web.routes import answer, answers, page, router
from schemas import COLLECTIONS, MODELS, Section, fields


class RecordAsked(Projection):
    """Parameters of a golden record."""

    include: str | None = Field(
        None,
        pattern="^(provenance|relations|deliveries)(,(provenance|relations|deliveries))*$",
        description="What to add: `provenance`, `relations`, `deliveries`, separated by commas.",
    )


class ListAsked(Projection):
    """Parameters of a list of golden records."""

    grid: str | None = Field(None, pattern="^[0-9]{15}$", description="Code of a grid.")
    community: str | None = Field(None, pattern="^[0-9]{12}$", description="Code of a community.")
    changed_since: Moment | None = Field(None, examples=["2026-09-01T08:00:00+08:00"])
    category: Words | None = Field(None, max_length=40, description="Code of the main category.")
    count: Literal["exact", "estimated"] | None = Field(
        None, description="Ask for the number of all records in `count` of the answer."
    )
    limit: Limit = 100
    cursor: CursorText | None = None

    def filter(self) -> Filter:
        """Return which records are asked for."""
        return Filter(self.grid, self.community, self.changed_since, self.category)


def document(record: GoldenRecord, **more: object) -> dict[str, Any]:
    """Write a golden record as the API shows it."""
    return {
        "id": record.id,
        "version": record.version,
        "updated_at": record.updated_at,
        "fields": record.fields,
        "marks": record.marks,
        **more,
    }


def record_routes(model: type[Section]) -> APIRouter:
    """Return the routes that read and list the golden records of a type."""
    routes = router(model.collection)
    _add_one(routes, model)
    _add_list(routes, model)
    return routes


def _add_one(routes: APIRouter, model: type[Section]) -> None:
    @routes.get(
        f"/{model.collection}/{{entity_id}}",
        operation_id=f"get_{model.record_type}",
        summary=f"Read one {model.record_type}",
        responses=answers(record_model(model), 304, 308, 410),
    )
    def get(
        entity_id: EntityId,
        asked: Annotated[RecordAsked, Query()],
        access: Reader,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        view = access.view(model, asked.names())
        wanted = frozenset((asked.include or "").split(",")) - {""}
        if "relations" in wanted:
            access.need_purpose("relations")
        with access.transaction(snapshot=bool(wanted), once=not wanted) as connection:
            record = get_golden(connection, view, entity_id)
            more = _included(connection, access, view, entity_id, wanted)
            access.tell(connection, "read", view, [entity_id], fields=sorted(wanted))
        tag = etag(view, record.version, *([more] if more else ()))
        if unchanged(if_none_match, tag):
            return Response(status_code=304, headers={"ETag": tag})
        return answer(document(record, **more), headers={"ETag": tag})


def _add_list(routes: APIRouter, model: type[Section]) -> None:
    @routes.get(
        f"/{model.collection}",
        operation_id=f"list_{model.collection}",
        summary=f"List {model.collection}",
        responses=answers(page_model(f"{model.__name__}Page", record_model(model))),
    )
    def listed(request: Request, asked: Annotated[ListAsked, Query()], access: Reader) -> Response:
        wanted = asked.filter()
        view = access.view(model, asked.names(), also=wanted.names(model))
        bound = (view.signature, wanted)
        after = read_cursor(access, asked.cursor, bound) or ""
        with access.transaction() as connection:
            found = list_golden(connection, view, wanted, after=after, limit=asked.limit + 1)
            shown = found[: asked.limit]
            count = _counted(connection, view, asked)
            read = [record.id for record in shown]
            access.tell(connection, "list", view, read, fields=_personal(model, wanted))
        onward = shown[-1].id if len(found) > asked.limit else None
        cursor = onward and access.hub.cursors.write(onward, *bound)
        more = {} if count is None else {"count": count}
        return page(request, [document(record) for record in shown], cursor, **more)


def _personal(model: type[Section], wanted: Filter) -> list[str]:
    """Return the personal fields among those that are filtered by."""
    by = wanted.names(model)
    return [spec.name for spec in fields(model) if spec.personal and spec.name in by]


def _counted(connection: Connection, view: View, asked: ListAsked) -> int | None:
    if asked.count is None:
        return None
    count = count_golden if asked.count == "exact" else estimate_golden
    return count(connection, view, asked.filter())


def _included(
    connection: Connection, access: Access, view: View, entity_id: str, wanted: frozenset[str]
) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if "provenance" in wanted:
        more["provenance"] = explained(connection, view, entity_id)["fields"]
    if "relations" in wanted:
        views = [access.view(model, values=False) for model in COLLECTIONS.values()]
        more["relations"] = [
            {
                "role": tie.role,
                "end": tie.end,
                "id": tie.id,
                "collection": MODELS[tie.record_type].collection,
                "from_date": tie.from_date,
                "to_date": tie.to_date,
            }
            for tie in relations_of(connection, views, entity_id)
        ]
    if "deliveries" in wanted:
        found = list_deliveries(connection, entity_id=entity_id)
        more["deliveries"] = [delivery_document(one, view) for one in found]
    return more
