"""Where the features API begins: its landing page, what it conforms to, its collections."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request
from starlette.responses import Response

from hub.web.access import READING, Reader
from hub.web.ogc.common import (
    FEATURES,
    GEOJSON,
    OBJECT,
    ROOT,
    FormatAsked,
    answered_with,
    collection_of,
    granted,
    link,
    need_granted,
    router,
)
from hub.web.ogc.description import DESCRIPTION, described
from hub.web.routes import answer
from hub.web.running import Hub, running
from schemas import Section

routes = router()
JSON = "application/json"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_CLASSES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
CONFORMS_TO = [f"{_CLASSES}/{name}" for name in ("core", "geojson", "oas30")]
_JSON_ANSWER = answered_with(JSON, OBJECT)
_Format = Annotated[FormatAsked, Query()]


@routes.get(
    "",
    operation_id="get_features_landing",
    summary="Where the features API begins",
    responses=_JSON_ANSWER,
    dependencies=READING,
)
def landing(request: Request, _asked: _Format, hub: Annotated[Hub, Depends(running)]) -> Response:
    """Lead to all there is."""
    division = hub.settings.district.division
    links = [
        link(request, ROOT, "self", JSON, "This document"),
        link(request, f"{ROOT}/api", "service-desc", DESCRIPTION, "The API's description"),
        link(request, f"{ROOT}/conformance", "conformance", JSON, "What it conforms to"),
        link(request, f"{ROOT}/collections", "data", JSON, "The collections"),
    ]
    about = f"What lies on the map of the district {division}, one golden record a feature."
    return answer({"title": "Hub", "description": about, "links": links})


@routes.get(
    "/conformance",
    operation_id="get_features_conformance",
    summary="The requirements classes the features API conforms to",
    responses=_JSON_ANSWER,
    dependencies=READING,
)
def conformance(_asked: _Format) -> Response:
    """Name the requirements classes."""
    return answer({"conformsTo": CONFORMS_TO})


@routes.get(
    "/api",
    operation_id="get_features_description",
    summary="The features API described in OpenAPI 3.0",
    responses=answered_with(DESCRIPTION, OBJECT),
    dependencies=READING,
)
def description(request: Request, _asked: _Format) -> Response:
    """Describe the features API alone, in the version of OpenAPI that the standard names."""
    answered = answer(described(request.app.openapi()))
    answered.headers["Content-Type"] = DESCRIPTION
    return answered


@routes.get(
    "/collections",
    operation_id="list_feature_collections",
    summary="The collections that the caller has a grant for",
    responses=_JSON_ANSWER,
)
def collections(request: Request, _asked: _Format, access: Reader) -> Response:
    """List the collections of which anything was granted."""
    shown = [_about(request, model) for model in FEATURES.values() if granted(access, model)]
    links = [link(request, f"{ROOT}/collections", "self", JSON, "This document")]
    return answer({"links": links, "collections": shown})


@routes.get(
    "/collections/{collection}",
    operation_id="get_feature_collection",
    summary="Describe a collection",
    responses=_JSON_ANSWER,
)
def collection(request: Request, collection: str, _asked: _Format, access: Reader) -> Response:
    """Describe a collection."""
    model = collection_of(collection)
    need_granted(access, model)
    return answer(_about(request, model))


def _about(request: Request, model: type[Section]) -> dict[str, Any]:
    path = f"{ROOT}/collections/{model.collection}"
    return {
        "id": model.collection,
        "title": f"{model.title_zh} {model.collection}",
        "description": model.__doc__,
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": "http://www.opengis.net/def/crs/EPSG/0/4490",
        "links": [
            link(request, path, "self", JSON, "This collection"),
            link(request, f"{path}/items", "items", GEOJSON, "Its features"),
            link(
                request,
                f"/v1/catalogue/{model.collection}/schema",
                "describedby",
                "application/schema+json",
                "Its properties",
            ),
        ],
    }
