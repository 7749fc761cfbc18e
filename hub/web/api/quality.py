"""How good the values of sources are, day by day: the figures of the console's charts, as JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from hub.store import quality_figures as store
from hub.store.quality_figures import WHOLE, Figure
from hub.store.visible import visible_sources
from hub.web.access import Reader
from hub.web.asked import Day, SourceAsked, Words, read_cursor
from hub.web.described import page_model
from hub.web.routes import answers, page, router

routes = router("sources")

_Share = Annotated[float | None, Field(ge=0, le=1)]


class Measured(BaseModel):
    """What was measured of one field of one dataset on one day; the shares, and their counts."""

    day: date
    source: str
    dataset: str
    record_type: str
    field: str | None = Field(description="Null: the records as such.")
    completeness: _Share = Field(description="Records that say something in the field.")
    validity: _Share = Field(description="What was said that broke no rule.")
    timeliness: _Share = Field(description="Late changes that reached the hub within a day.")
    agreement: _Share = Field(description="Values as they are served, where others speak too.")
    records: int
    filled: int
    invalid: int
    compared: int
    agreed: int
    recent: int
    timely: int


class QualityAsked(SourceAsked):
    """Parameters of the figures."""

    record_type: Words | None = Field(None, max_length=40)
    field: Words | None = Field(None, max_length=80)
    since: Day | None = Field(None, alias="from", description="The first day; none: the last.")
    until: Day | None = Field(None, alias="to", description="The last day.")


@routes.get(
    "/quality",
    operation_id="list_quality",
    summary="List how complete, valid, timely and agreeing sources' values are",
    responses=answers(page_model("QualityPage", Measured)),
)
def quality(request: Request, asked: Annotated[QualityAsked, Query()], access: Reader) -> Response:
    """List the figures by day, the oldest first; of the last day that was measured unless told."""
    view = visible_sources(access.caller)
    bound = ("quality", asked.model_copy(update={"limit": 1, "cursor": None}))
    after = read_cursor(access, asked.cursor, bound)
    with access.transaction() as connection:
        since = asked.since or store.last_day(connection, asked.until)
        wanted = store.Asked(
            asked.source, asked.dataset, asked.record_type, asked.field, since, asked.until
        )
        found = store.list_figures(connection, view, wanted, after=after, limit=asked.limit + 1)
    shown = found[: asked.limit]
    onward = (
        access.hub.cursors.write(_place(shown[-1]), *bound) if len(found) > len(shown) else None
    )
    return page(request, [document(one) for one in shown], onward)


def document(figure: Figure) -> dict[str, Any]:
    """Return a figure as JSON: the shares first, and the counts that they are of."""
    counts = figure.counts
    return {
        "day": figure.day,
        "source": figure.source,
        "dataset": figure.dataset,
        "record_type": figure.record_type,
        "field": figure.field or None,
        **{name: share and round(share, 6) for name, share in counts.measures().items()},
        **{name: getattr(counts, name) for name in store.COUNTS},
    }


def _place(figure: Figure) -> list[str]:
    about = (figure.source, figure.dataset, figure.record_type, figure.field or WHOLE)
    return [figure.day.isoformat(), *about]
