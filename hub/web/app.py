"""The web application: put together here, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute

from hub.config import Settings
from hub.store.spooled import settle
from hub.web import problems
from hub.web.api import (
    audit,
    catalogue,
    changes,
    corrections,
    exports,
    forms,
    grants,
    health,
    judgements,
    login,
    matches,
    oauth,
    quality,
    residents,
    services,
    sharing,
    single_sign_on,
    sources,
    steward,
    subscriptions,
)
from hub.web.api.entries import entry_routes
from hub.web.api.provenance import provenance_routes
from hub.web.api.records import record_routes
from hub.web.api.search import search_routes
from hub.web.console import errors
from hub.web.console.installed import MODULES as CONSOLE
from hub.web.exporter import Exporter
from hub.web.finisher import Finisher
from hub.web.lane import Lane
from hub.web.limits import BodyLimit, Limits
from hub.web.metrics import Measured, Metrics
from hub.web.ogc import items, landing
from hub.web.openapi import describe
from hub.web.running import Hub, start
from schemas import MODELS

VERSION = "1.0.0"


def create_app(settings: Settings, limits: Limits | None = None) -> FastAPI:
    """Return API and console over the hub's database."""
    hub = start(settings, limits or Limits())
    app = FastAPI(title="Hub", version=VERSION, docs_url=None, redoc_url=None, lifespan=_lifespan)
    app.state.hub, app.state.exporter, app.state.finisher = hub, Exporter(hub), Finisher(hub)
    app.state.metrics = Metrics(hub)
    app.router.routes.extend(_routes())
    # What is added last is outermost.
    app.add_middleware(BodyLimit, limits=hub.limits)
    app.add_middleware(Lane, hub=hub)
    app.add_middleware(Measured, metrics=app.state.metrics)
    app.add_middleware(problems.Guard, dress=errors.for_people)
    problems.install(app)
    errors.install(app)
    describe(app)
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Return all routes; they find the hub by the request, and take most of a second to make."""
    routes = APIRouter()
    routes.include_router(_versioned())
    for module in (health, oauth, login, single_sign_on, landing, items, *CONSOLE):
        routes.include_router(module.routes)
    return tuple(routes.routes)


def _versioned() -> APIRouter:
    routes = APIRouter(prefix="/v1")
    for model in MODELS.values():
        for made in (search_routes, record_routes, entry_routes, provenance_routes):
            routes.include_router(made(model))
    stewards = (sources, steward, quality, catalogue, matches, judgements, sharing, grants, audit)
    parts = (services, corrections, exports, forms, changes, subscriptions)
    for module in (*stewards, residents, *parts):
        routes.include_router(module.routes)
    return routes


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.exporter.start()
    app.state.finisher.start()
    adopting = asyncio.create_task(_adopt(app.state.hub))
    yield
    await adopting
    app.state.exporter.stop()
    app.state.finisher.stop()
    await app.state.hub.quick.close()
    await app.state.hub.spooled.close()
    app.state.hub.journal.close()
    app.state.hub.engine.dispose()
    app.state.hub.reading.dispose()


async def _adopt(hub: Hub) -> None:
    """Have the audit hold what a process that was killed had been told."""
    try:
        await run_in_threadpool(settle, hub.engine, hub.settings.home, 0)
    except Exception as error:
        # The database may be away for a while; whoever reads the audit tries again.
        problems.log_failure({"type": "audit", "method": "settle"}, error)
