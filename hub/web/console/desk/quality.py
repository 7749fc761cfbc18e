"""Quality over time: how complete, valid, timely and agreeing each source's values are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from fastapi import Request
from starlette.responses import Response

from connectors import CONNECTORS
from hub.store import quality_figures as store
from hub.store.quality_figures import MEASURES, Asked, Counts
from hub.store.visible import visible_sources
from hub.web.console import shown
from hub.web.console.charts import Chart, shares_by_day
from hub.web.console.desk.labels import number, percent
from hub.web.console.desk.places import desk_page
from hub.web.console.navigation import DESK_HOME
from hub.web.console.pages import words
from hub.web.console.visiting import Reading
from hub.web.console.words import Words
from hub.web.routes import router

routes = router("console")
PATH = f"{DESK_HOME}/quality"
#: So many days back the charts of the first page go.
DAYS = 30

Days = Mapping[tuple[Any, ...], Counts]


@routes.get(PATH, operation_id="show_quality", include_in_schema=False)
def quality(request: Request, access: Reading) -> Response:
    """Show how good the sources are now, and how each measure went in the last days."""
    t, view = words(request), visible_sources(access.caller)
    with access.transaction() as connection:
        last = store.last_day(connection)
        asked = Asked(since=last and last - timedelta(days=DAYS))
        found = store.daily(connection, view, asked, by=("source",)) if last else {}
    days = sorted({day for day, _ in found})
    sources = [name for name in CONNECTORS if any(source == name for _, source in found)]
    return desk_page(
        request,
        "desk/quality.html",
        day=last,
        month=f"{last:%Y-%m}" if last else "",
        sources=[_line(t, name, found, days) for name in sources],
        charts_of=[(one, _chart(t, one, sources, found, days)) for one in MEASURES] if days else [],
    )


def _line(t: Words, name: str, found: Days, days: Sequence[date]) -> dict[str, Any]:
    mine = [found[day, name] for day in days if (day, name) in found]
    now, before = mine[-1], mine[0]
    return {
        "name": name,
        "title": shown.source_title(t, name),
        "measures": told_measures(now, before if len(mine) > 1 else None),
        "invalid": number(now.invalid),
    }


def told_measures(now: Counts, before: Counts | None) -> list[tuple[str, str, float]]:
    """Return each measure as text, and by how many points of a hundred it has changed."""
    said = []
    for name in MEASURES:
        share, former = getattr(now, name), getattr(before, name) if before else None
        known = share is not None and former is not None
        said.append((name, percent(share), round(100 * (share - former), 2) if known else 0.0))
    return said


def _chart(
    t: Words, measure: str, sources: Sequence[str], found: Days, days: Sequence[date]
) -> Chart:
    series = [
        (
            shown.source_title(t, name),
            [getattr(found[day, name], measure) if (day, name) in found else None for day in days],
        )
        for name in sources
    ]
    known = [(label, shares) for label, shares in series if any(one is not None for one in shares)]
    return shares_by_day(t("measure." + measure), days, known)
