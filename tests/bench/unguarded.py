"""The API with neither grant nor mask nor audit, which `hub bench read` measures the others by.

The same server and the same application, but for what its routes are handed as their access. It
is made here, in a process of the benchmark's own: the product has no switch for it.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, request_response
from fastapi.security import SecurityScopes

from hub.config import Settings
from hub.store.areas import EVERYWHERE
from hub.store.views import Part, View, view_of
from hub.web import app as web
from hub.web.access import Access, _scheme, _token, access
from hub.web.lane import Lane
from hub.web.running import Hub, running
from schemas import Section, fields

create_app = web.create_app


class Unguarded(Access):
    """Shows all there is and tells nobody."""

    def view(self, model: type[Section], *_: Any, **__: Any) -> View:
        """Return a view of everything."""
        names = tuple(spec.name for spec in fields(model))
        return view_of(model, [Part(EVERYWHERE, frozenset(names))], names)

    def entry(self, *_: Any, **__: Any) -> None:
        """Leave the reading untold."""


async def unguarded(
    request: Request,
    scopes: SecurityScopes,
    hub: Annotated[Hub, Depends(running)],
    said: Annotated[str | None, Depends(_scheme)],
) -> Access:
    """Tell who calls, and ask nothing else."""
    return await at_hand(hub, said)


async def at_hand(hub: Hub, said: str | None, *_: object) -> Access:
    """Tell who calls where nothing has to be asked, which is always."""
    token = _token(hub, said)
    return Unguarded(hub, token.caller, None, None, token.token_id)


def made(settings: Settings) -> FastAPI:
    """Return the application with open doors."""
    app = create_app(settings)
    app.dependency_overrides[access] = unguarded
    for one in app.user_middleware:
        if one.cls is Lane:  # type: ignore[comparison-overlap] # it is one of many classes
            one.kwargs["admit"] = at_hand
    for route in app.routes:
        if isinstance(route, APIRoute):
            # Routes are made before there is an application whose overrides they could ask for.
            route.dependency_overrides_provider = app
            route.app = request_response(route.get_route_handler())
    return app


if __name__ == "__main__":
    from hub.cli import main

    # `hub serve` as it is, but of this application.
    web.create_app = made  # type: ignore[assignment]
    main()
