"""The console's first page, and the page that shows its components."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from hub.web.console.care import groups_of_today
from hub.web.console.pages import page
from hub.web.console.visiting import READING, Reading
from hub.web.routes import router

routes = router("console")


@routes.get("/console", operation_id="show_home", include_in_schema=False)
def home(request: Request, access: Reading) -> Response:
    """Show the search box, and to workers what they see to today."""
    groups = None
    if access.caller.role == "worker":
        with access.transaction(snapshot=True) as connection:
            groups = groups_of_today(request, access, connection)
    return page(request, "home.html", sought="", found=None, error=None, today=groups)


@routes.get(
    "/console/components",
    operation_id="show_console_components",
    include_in_schema=False,
    dependencies=READING,
)
def components(request: Request) -> Response:
    """Show every component with examples."""
    return page(request, "components.html")
