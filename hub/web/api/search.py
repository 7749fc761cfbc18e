"""Finding golden records; what is known of them travels in the body, never in an address."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, create_model
from starlette.responses import Response

from hub.store.search_reads import SOUGHT, Criteria, search, sought_fields
from hub.store.visible import Denied
from hub.web.access import Reader
from hub.web.api.records import document
from hub.web.asked import Projection, Words
from hub.web.described import hit_model, page_model
from hub.web.routes import answer, answers, router
from schemas import Section

_EXAMPLES = {
    "id_number": "63010219900101001X",
    "name": "张三",
    "phone": "13900000000",
    "address": "康东小区3号楼2单元501",
}


class Sought(BaseModel):
    """What is known of the records sought; all of it has to fit."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    q: Words | None = Field(
        None, max_length=200, description="Words of any meaning, as in a search box."
    )
    limit: int = Field(20, ge=1, le=100, description="Most hits.")


def sought_model(model: type[Section]) -> type[Sought]:
    """Return the body of a search: the criteria that this record type can be found by."""
    members: dict[str, Any] = {
        criterion: (
            Words | None,
            Field(
                None,
                max_length=200,
                examples=[_EXAMPLES[criterion]],
                description=f"Compared with: {', '.join(names)}.",
            ),
        )
        for criterion, names in SOUGHT[model.record_type].items()
    }
    return create_model(f"{model.__name__}Sought", __base__=Sought, **members)


def search_routes(model: type[Section]) -> APIRouter:
    """Return the route that searches the golden records of a type."""
    routes = router(model.collection)
    body = sought_model(model)
    found_model = page_model(f"{model.__name__}Found", hit_model(model), notes=list[dict[str, str]])

    def find(sought: Sought, asked: Annotated[Projection, Query()], access: Reader) -> Response:
        """Hits come best first, exact ones with score 1; there are no further pages.

        `notes` name criteria that break a rule of their kind (a wrong check digit, say), so that
        nothing can be found by them.
        """
        criteria = Criteria(**sought.model_dump(exclude={"limit"}))
        looked_into = sought_fields(model, criteria)
        view = access.view(model, asked.names())
        seeking = access.view(model, looked_into | set(view.names))
        if looked_into and not any(map(seeking.searchable, looked_into)):
            raise Denied("searching by a value is reading it, which is not granted")
        with access.transaction() as connection:
            found = search(connection, view, seeking, criteria, sought.limit)
            ids = [hit.record.id for hit in found.hits]
            access.tell(connection, "search", view, ids, fields=seeking.personal)
        items = [{**document(hit.record), "score": hit.score} for hit in found.hits]
        notes = [{"pointer": f"/{name}", "rule": rule} for name, rule in found.broken.items()]
        return answer({"items": items, "next": None, "notes": notes})

    # Each collection has criteria of its own, so the body's type is known only here.
    find.__annotations__["sought"] = body
    routes.post(
        f"/{model.collection}/search",
        operation_id=f"search_{model.collection}",
        summary=f"Search {model.collection}",
        responses=answers(found_model),
    )(find)
    return routes
