"""Services that answer a question and show no record: counts by building."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from hub.store.evacuation import COUNTED, SMALLEST_GROUP, Building, evacuation_counts
from hub.store.visible import Denied, countable
from hub.web.access import Reader
from hub.web.asked import Asked, CursorText, Limit, read_cursor
from hub.web.described import page_model
from hub.web.routes import answers, page, router

routes = router("services")

_FOR = "emergency"


class CountsAsked(Asked):
    """Parameters of a list of counts."""

    limit: Limit = 100
    cursor: CursorText | None = None


class Counted(BaseModel):
    """How many residents of a building need help in an evacuation."""

    community_code: str | None
    compound_name: str | None
    building_no: str | None
    building_code: str | None
    needing_help: int | None = Field(description="null: fewer than `fewer_than`, or nobody.")
    fewer_than: int | None


@routes.post(
    "/services/evacuation-counts",
    operation_id="count_evacuation_help",
    summary="Count, by building, the residents who need help in an evacuation",
    responses=answers(page_model("EvacuationCounts", Counted)),
)
def evacuation(
    request: Request, asked: Annotated[CountsAsked, Query()], access: Reader
) -> Response:
    """Count for the emergency plan; small groups are told as fewer than a number.

    A property company is told of the compounds of its own rooms, others of their area.
    """
    access.need_purpose("how many residents need help")
    if access.purpose != _FOR:
        raise Denied(f"these counts are told for the purpose {_FOR} only")
    area = countable(access.caller, COUNTED, _FOR)
    bound = ("evacuation", area.said)
    place = read_cursor(access, asked.cursor, bound)
    with access.transaction() as connection:
        after = None if place is None else tuple(place)
        found = evacuation_counts(connection, area, after=after, limit=asked.limit + 1)
        access.tell(connection, "count evacuation help", fields=COUNTED, about="by building")
    shown = found[: asked.limit]
    cursor = None
    if len(found) > asked.limit:
        cursor = access.hub.cursors.write(_place(shown[-1]), *bound)
    return page(request, [_document(one) for one in shown], cursor)


def _place(one: Building) -> list[str]:
    return [one.community_code or "", one.compound_name or "", one.building_no or ""]


def _document(one: Building) -> dict[str, Any]:
    said = {name: getattr(one, name) for name in Building.__slots__}
    return said | {"fewer_than": SMALLEST_GROUP if one.needing_help is None else None}
