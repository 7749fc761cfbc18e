"""The console's first page, and the page that shows its components."""

from __future__ import annotations

from datetime import date

from fastapi import Request
from starlette.responses import Response

from hub.store.forms import cells_filled
from hub.web.console.care import groups_of_today
from hub.web.console.charts import counts_by_turn, shares_by_day
from hub.web.console.pages import page, words
from hub.web.console.visiting import READING, Reading
from hub.web.routes import router

routes = router("console")


@routes.get("/console", operation_id="show_home", include_in_schema=False)
def home(request: Request, access: Reading) -> Response:
    """Show the search box, how much typing was spared, and to workers what they see to today."""
    with access.transaction(snapshot=True) as connection:
        spared, today = cells_filled(connection), None
        if access.caller.role == "worker":
            today = groups_of_today(request, access, connection)
    return page(request, "home.html", sought="", found=None, error=None, today=today, spared=spared)


@routes.get(
    "/console/components",
    operation_id="show_console_components",
    include_in_schema=False,
    dependencies=READING,
)
def components(request: Request) -> Response:
    """Show every component with examples."""
    t, days = words(request), [date(2026, 9, day) for day in (1, 2, 3, 4)]
    series: list[tuple[str, list[float | None]]] = [
        (t("components.option.1"), [0.91, 0.93, None, 0.97]),
        (t("components.option.2"), [0.84, 0.84, 0.9, 0.92]),
    ]
    turns = [(f"{day}", 100 * day.day, day.day == 3) for day in days]
    return page(
        request,
        "components.html",
        lines=shares_by_day(t("components.chart"), days, series),
        bars=counts_by_turn(t("components.chart"), turns),
    )
