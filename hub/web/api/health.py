"""Whether the API lives, whether it can answer, and its metrics; these need no token."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.responses import Response

from hub.store.health_reads import ready
from hub.web.metrics import Metrics
from hub.web.problems import Problem
from hub.web.routes import answer, answers, router
from hub.web.running import Hub, running

routes = router("health")


class Health(BaseModel):
    """How the API is."""

    status: Literal["ok"]


@routes.get(
    "/healthz", operation_id="get_health", summary="Tell that it lives", responses=answers(Health)
)
async def healthz() -> Response:
    """Answer at once, whatever else is down."""
    return answer({"status": "ok"})


@routes.get(
    "/readyz",
    operation_id="get_readiness",
    summary="Tell whether it can answer",
    responses=answers(Health),
)
def readyz(hub: Annotated[Hub, Depends(running)]) -> Response:
    """Answer 503 while the database is away or not migrated."""
    with hub.transaction() as connection:
        if not ready(connection):
            raise Problem("unavailable", "the database is not migrated")
    return answer({"status": "ok"})


@routes.get(
    "/metrics",
    operation_id="get_metrics",
    summary="Read the metrics",
    responses={**answers(), 200: {"description": "Prometheus text", "content": {"text/plain": {}}}},
)
def metrics(request: Request) -> Response:
    """Read metrics as Prometheus does."""
    found: Metrics = request.app.state.metrics
    return Response(found.text(), media_type=CONTENT_TYPE_LATEST)
