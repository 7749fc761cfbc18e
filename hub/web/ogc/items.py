"""The features themselves: golden records with their geometry, as GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from shapely import box as rectangle
from shapely.geometry import shape
from sqlalchemy import Connection
from starlette.responses import Response

from hub.store.golden_reads import Filter, GoldenRecord, get_golden, list_golden
from hub.store.positions import POSITIONS, Box, Shape, lies, shapes_of
from hub.store.visible import Denied, View, golden_table
from hub.web.access import Access, Reader
from hub.web.asked import MOST, CursorText, EntityId, read_cursor
from hub.web.ogc.asked import BOXES, TIMES, Period, boxes_of, period_of
from hub.web.ogc.common import (
    GEOJSON,
    OBJECT,
    ROOT,
    FormatAsked,
    answered_with,
    collection_of,
    link,
    names_of,
    router,
)
from hub.web.routes import answer
from schemas import Section

routes = router()
_NAMES = "^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*$"
_ITEMS = f"{ROOT}/collections/{{}}/items"


class FeatureAsked(FormatAsked):
    """Parameters of a feature."""

    properties: str | None = Field(
        None, pattern=_NAMES, description="Names of fields, separated by commas; none: all."
    )

    def names(self, model: type[Section]) -> frozenset[str]:
        """Return the fields asked for as properties."""
        every = names_of(model)
        return every & frozenset(self.properties.split(",")) if self.properties else every


class FeaturesAsked(FeatureAsked):
    """Parameters of features."""

    bbox: str | None = Field(
        None,
        pattern=BOXES,
        max_length=200,
        description="West, south, east, north in degrees; heights may stand between.",
        examples=["101.75,36.55,101.85,36.65"],
    )
    datetime: str | None = Field(
        None,
        pattern=TIMES,
        max_length=80,
        description="When the record changed last: a time of RFC 3339, or two with / between.",
        examples=["2026-09-01T00:00:00+08:00/.."],
    )
    grid_code: str | None = Field(None, pattern="^[0-9]{15}$", description="Code of a grid.")
    community_code: str | None = Field(
        None, pattern="^[0-9]{12}$", description="Code of a community."
    )
    limit: int = Field(100, ge=1, description=f"Most features of a page; at most {MOST}.")
    cursor: CursorText | None = None

    def filter(self) -> Filter:
        """Return which golden records are asked for."""
        return Filter(self.grid_code, self.community_code)


@routes.get(
    "/collections/{collection}/items",
    operation_id="list_features",
    summary="Features of a collection",
    responses=answered_with(GEOJSON, OBJECT),
)
def features(
    request: Request,
    collection: str,
    asked: Annotated[FeaturesAsked, Query()],
    access: Reader,
) -> Response:
    """List features in the order of their ids."""
    model, wanted, limit = collection_of(collection), asked.filter(), min(asked.limit, MOST)
    view = access.view(model, asked.names(model), also=wanted.names(model))
    found = _Found(view, _holder(access, model), boxes_of(asked.bbox), period_of(asked.datetime))
    holder = found.holder.signature if found.holder else None
    bound = ("features", view.signature, holder, wanted, asked.bbox, asked.datetime)
    after = read_cursor(access, asked.cursor, bound) or ""
    with access.transaction(snapshot=True) as connection:
        listed = found.read(connection, wanted, after, limit + 1)
        shown = listed[:limit]
        access.tell(connection, "list", view, [record.id for record, _ in shown])
    cursor = None
    if len(listed) > limit:
        cursor = access.hub.cursors.write(shown[-1][0].id, *bound)
    return _page(request, model, shown, cursor)


@routes.get(
    "/collections/{collection}/items/{entity_id}",
    operation_id="get_feature",
    summary="One feature",
    responses=answered_with(GEOJSON, OBJECT, 308, 410),
)
def feature(
    request: Request,
    collection: str,
    entity_id: EntityId,
    asked: Annotated[FeatureAsked, Query()],
    access: Reader,
) -> Response:
    """Read one feature."""
    model = collection_of(collection)
    view, holder = access.view(model, asked.names(model)), _holder(access, model)
    with access.transaction(snapshot=True) as connection:
        record = get_golden(connection, view, entity_id)
        shapes = shapes_of(connection, view, holder, [record]) if holder else {}
        access.tell(connection, "read", view, [entity_id])
    above, path = f"{ROOT}/collections/{collection}", _ITEMS.format(collection)
    links = [
        link(request, f"{path}/{entity_id}", "self", GEOJSON, "This feature"),
        link(request, above, "collection", "application/json", "Its collection"),
    ]
    return _geojson({**_feature(record, shapes.get(record.id)), "links": links})


def _holder(access: Access, model: type[Section]) -> View | None:
    """Return the view of what has the geometry; None where that was not granted."""
    position = POSITIONS[model.record_type]
    if position.named_by and not access.view(model, {position.named_by}, values=False).names:
        return None
    try:
        holder = access.view(position.holder, {position.geometry})
    except Denied:
        return None
    return holder if holder.names else None


class _Found:
    """Features in a box and a period, as one caller sees them."""

    def __init__(
        self, view: View, holder: View | None, boxes: Sequence[Box], period: Period | None
    ) -> None:
        if boxes and holder is None:
            raise Denied("looking for a position is reading it, which is not granted")
        self.view, self.holder, self.boxes = view, holder, boxes
        self._areas = [rectangle(one.west, one.south, one.east, one.north) for one in boxes]
        self._also = [] if period is None else period.covers(golden_table(view).c.updated_at)
        # Of homes only those are features that stand somewhere.
        if holder is not None and (boxes or view.model.record_type == "house"):
            self._also.append(lies(view, holder, boxes))

    def read(
        self, connection: Connection, wanted: Filter, after: str, limit: int
    ) -> list[tuple[GoldenRecord, Shape | None]]:
        """Return features behind an id: shapes whose own bounds meet a box may not meet it."""
        kept: list[tuple[GoldenRecord, Shape | None]] = []
        while len(kept) < limit:
            found = list_golden(
                connection, self.view, wanted, after=after, limit=limit, also=self._also
            )
            shapes = shapes_of(connection, self.view, self.holder, found) if self.holder else {}
            kept += [(one, shapes.get(one.id)) for one in found if self._meets(shapes.get(one.id))]
            if len(found) < limit:
                break
            after = found[-1].id
        return kept[:limit]

    def _meets(self, said: Shape | None) -> bool:
        if not self._areas:
            return True
        return said is not None and any(shape(dict(said)).intersects(area) for area in self._areas)


def _feature(record: GoldenRecord, said: Shape | None) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": record.id,
        "geometry": said,
        "properties": {**record.fields, "updated_at": record.updated_at},
    }


def _page(
    request: Request,
    model: type[Section],
    shown: Sequence[tuple[GoldenRecord, Shape | None]],
    cursor: str | None,
) -> Response:
    above = f"{ROOT}/collections/{model.collection}"
    query = f"?{request.url.query}" if request.url.query else ""
    links = [
        link(request, f"{above}/items{query}", "self", GEOJSON, "This page"),
        link(request, above, "collection", "application/json", "Its collection"),
    ]
    if cursor:
        onward = request.url.include_query_params(cursor=cursor)
        links.append(
            link(request, f"{onward.path}?{onward.query}", "next", GEOJSON, "The next page")
        )
    document = {
        "type": "FeatureCollection",
        "features": [_feature(record, said) for record, said in shown],
        "numberReturned": len(shown),
        "timeStamp": datetime.now(UTC),
        "links": links,
    }
    return _geojson(document)


def _geojson(document: object) -> Response:
    answered = answer(document)
    answered.headers["Content-Type"] = GEOJSON
    return answered
