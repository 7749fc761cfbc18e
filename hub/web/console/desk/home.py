"""The desk's first page: what there is to do today."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from hub.web.console.desk.places import desk_page, need_steward
from hub.web.console.navigation import DESK_HOME
from hub.web.console.visiting import Reading
from hub.web.routes import router

routes = router("console")


@routes.get(DESK_HOME, operation_id="show_desk", include_in_schema=False)
def home(request: Request, access: Reading) -> Response:
    """Show what there is to do today."""
    need_steward(access)
    return desk_page(request, "desk/home.html")
