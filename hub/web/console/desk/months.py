"""A month of one department: its figures by field, and what it should mend first. It prints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import Path, Request
from sqlalchemy import Connection
from starlette.responses import Response

from connectors import CONNECTORS
from hub.jobs.mending import Mending, first_to_mend
from hub.jobs.resolve import CHINA
from hub.store import quality_figures as store
from hub.store.quality_figures import MEASURES, WHOLE, Asked, Counts
from hub.store.visible import SourcesView, visible_sources
from hub.web.asked import Words
from hub.web.console import shown
from hub.web.console.charts import shares_by_day
from hub.web.console.desk.labels import FATES, dataset_title, field_title, number, rule_title
from hub.web.console.desk.places import desk_page
from hub.web.console.desk.quality import PATH as QUALITY
from hub.web.console.desk.quality import told_measures
from hub.web.console.desk.quarantine import PATH as QUARANTINE
from hub.web.console.pages import words
from hub.web.console.visiting import Reading
from hub.web.console.words import Words as Texts
from hub.web.problems import Problem
from hub.web.routes import router

routes = router("console")
PATH = f"{QUALITY}/{{source}}/{{month}}"
Month = Annotated[str, Path(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")]
#: Things to mend that are named.
MOST = 10

Day = tuple[Any, ...]


@routes.get(PATH, operation_id="show_month", include_in_schema=False)
def month(request: Request, source: Words, month: Month, access: Reading) -> Response:
    """Show a department's month."""
    t, view = words(request), visible_sources(access.caller)
    if source not in CONNECTORS or not view.includes(source):
        raise Problem("not-found")
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    asked = Asked(source, since=first, until=following - timedelta(days=1))
    with access.transaction(snapshot=True) as connection:
        by_day = store.daily(connection, view, asked)
        by_field = _by_field(connection, view, asked, by_day)
        mend = first_to_mend(connection, view, source, MOST)
    days = [day for (day,) in by_day]
    counts = list(by_day.values())
    series = [(t("measure." + one), [getattr(each, one) for each in counts]) for one in MEASURES]
    known = [(label, shares) for label, shares in series if any(one is not None for one in shares)]
    return desk_page(
        request,
        "desk/month.html",
        source=source,
        title=shown.source_title(t, source),
        month=month,
        before=_address(source, first - timedelta(days=1)),
        after=_address(source, following) if following <= _today() else None,
        days=(days[0], days[-1]) if days else None,
        today=_today(),
        measures=told_measures(counts[-1], counts[0]) if days else [],
        chart=shares_by_day(t("month.chart"), days, known) if days else None,
        fields=[_field(t, source, place, *both) for place, both in by_field.items()],
        mend=[_mend(t, source, one) for one in mend],
    )


def _today() -> date:
    return datetime.now(CHINA).date()


def _address(source: str, day: date) -> str:
    return f"{QUALITY}/{source}/{day:%Y-%m}"


def _by_field(
    connection: Connection, view: SourcesView, asked: Asked, by_day: Mapping[Day, Counts]
) -> dict[tuple[str, str, str], tuple[Counts, Counts]]:
    """Return the counts of each field on the last measured day of a month, and on the first."""
    if not by_day:
        return {}
    (first,), (last,) = min(by_day), max(by_day)
    found: dict[tuple[str, str, str], tuple[Counts, Counts]] = {}
    for day in (first, last):
        on = Asked(asked.source, since=day, until=day)
        for one in store.list_figures(connection, view, on):
            place = (one.dataset, one.record_type, one.field)
            found[place] = (found.get(place, (one.counts,))[0], one.counts)
    return {place: both for place, both in found.items() if place[-1] != WHOLE}


def _field(
    t: Texts, source: str, place: tuple[str, str, str], former: Counts, now: Counts
) -> dict[str, Any]:
    dataset, record_type, name = place
    return {
        "dataset": dataset_title(t, source, dataset),
        "title": field_title(t, record_type, name),
        "records": number(now.records),
        "measures": [one for one in told_measures(now, former) if one[0] != "timeliness"],
        "invalid": number(now.invalid),
    }


def _mend(t: Texts, source: str, one: Mending) -> dict[str, Any]:
    chosen = {"dataset": one.dataset, "field": one.field, "rule": one.rule, "fate": one.fate}
    query = "&".join(f"{name}={said}" for name, said in chosen.items() if said)
    return {
        "dataset": dataset_title(t, source, one.dataset),
        "field": field_title(t, one.record_type, one.field),
        "rule": rule_title(t, one.rule),
        "fate": one.fate,
        "kind": FATES[one.fate],
        "rows": number(one.rows),
        "since": shown.day(one.since),
        "path": f"{QUARANTINE}?source={source}&{query}",
    }
