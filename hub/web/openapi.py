"""The API's description (OpenAPI 3.1), completed with what the framework cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from hub.web import described

_ABOUT = """\
One golden record of each resident, home and street lamp of a district, every value with its origin.

Errors are problem documents (RFC 9457) of stable types. Lists go on with `next`, also given as
`Link: rel="next"`. Fields of level L3 and L4 need the header `Hub-Purpose`. Times are RFC 3339.
"""


def describe(app: FastAPI) -> None:
    """Have the application describe itself in full."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=_ABOUT, routes=app.routes
    )
    schemas = document["components"]["schemas"]
    schemas["Problem"] = described.Problem.model_json_schema()
    methods = (path.get(name) for path in document["paths"].values() for name in ("post", "patch"))
    writes = (write for write in methods if write)
    for parameter in (one for write in writes for one in write.get("parameters", ())):
        # Only a dry run, which has no effect, can do without.
        parameter["required"] |= parameter["name"] == "Idempotency-Key"
    return document
