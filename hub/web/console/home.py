"""The console's first page, and the page that shows its components."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from hub.store.forms import cells_filled
from hub.web.console.pages import page
from hub.web.console.visiting import READING, Reading
from hub.web.routes import router

routes = router("console")


@routes.get("/console", operation_id="show_home", include_in_schema=False)
def home(request: Request, access: Reading) -> Response:
    """Show the search box, and how much typing was spared."""
    with access.transaction() as connection:
        spared = cells_filled(connection)
    return page(request, "home.html", sought="", found=None, error=None, spared=spared)


@routes.get(
    "/console/components",
    operation_id="show_console_components",
    include_in_schema=False,
    dependencies=READING,
)
def components(request: Request) -> Response:
    """Show every component with examples."""
    return page(request, "components.html")
