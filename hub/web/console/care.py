"""My grid today: whom to visit, who is new, which corrections are due; and lists of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Query, Request
from sqlalchemy import Connection
from starlette.datastructures import URL
from starlette.responses import Response

from hub.jobs.resolve import CHINA
from hub.store import care
from hub.store.corrections import DueRow, count_due, first_due
from hub.store.golden_reads import golden_of
from hub.store.visible import Denied, View, visible_corrections
from hub.web.access import Access
from hub.web.asked import CursorText, read_cursor
from hub.web.console import shown
from hub.web.console.pages import page, words
from hub.web.console.records import named, path_of
from hub.web.console.visiting import Reading
from hub.web.console.words import Words
from hub.web.problems import Problem
from hub.web.routes import router
from hub.workdays import workday_after
from schemas import COLLECTIONS, MODELS, field

routes = router("console")
PERSON = MODELS["person"]
#: How many of each are named on the first page; people on a page of a list.
FIRST, PAGE = 3, 50
#: Corrections are shown from so many working days before they are due.
DUE_WITHIN = 3
_LISTED = shown.listed_fields(PERSON) | {"last_visit_date", "residence_start_date"}


@dataclass(frozen=True, slots=True)
class Line:
    """A person or a request as a list shows it."""

    path: str
    name: str
    about: str
    note: str


@dataclass(frozen=True, slots=True)
class Group:
    """Those who have something in common: how many, and the first of them."""

    name: str
    count: int
    lines: Sequence[Line]
    path: str | None


def today() -> date:
    """Return the day it is in the district."""
    return datetime.now(CHINA).date()


def groups_of_today(request: Request, access: Access, connection: Connection) -> list[Group]:
    """Return what a worker sees to today, as far as the grants go."""
    t, day = words(request), today()
    view = care_view(access)
    found: dict[str, care.Waiting] = {}
    if view is not None:
        for needs in (care.TO_VISIT, (care.ARRIVED,)):
            known = care.knowable(view, needs)
            found |= care.waiting(connection, view, known, day, most=FIRST)
    ids = [*dict.fromkeys(one for waits in found.values() for one in waits.ids)]
    people = _people(t, access, connection, ids) if ids else {}
    groups = [
        Group(name, waits.count, _lines(people, waits.ids, name), f"/console/today/{name}")
        for name, waits in found.items()
    ]
    return [*groups, *_due(t, access, connection, day)]


def care_view(access: Access) -> View | None:
    """Return the view by which needs are known; None where the caller may know of none."""
    try:
        return access.view(PERSON, care.READS | {"grid_code"})
    except Denied:
        return None


def _people(
    t: Words, access: Access, connection: Connection, ids: Sequence[str]
) -> dict[str, tuple[Line, Line]]:
    """Return people as lists show them: with the last visit, and with the day they came."""
    view = access.view(PERSON, _LISTED)
    known = golden_of(connection, view, ids)
    looked_into = sorted(care.READS & set(access.view(PERSON, care.READS).names))
    access.tell(connection, "list", view, list(known), fields=looked_into)
    found: dict[str, tuple[Line, Line]] = {}
    for one, golden in known.items():
        path, name = path_of(PERSON, one), shown.name_of(t, PERSON, golden)
        about = shown.telling(t, PERSON, golden)
        visited = golden.fields.get("last_visit_date")
        visit = t("today.visited", day=visited) if visited else t("today.never_visited")
        arrived = t("today.since", day=golden.fields.get("residence_start_date") or "")
        found[one] = Line(path, name, about, visit), Line(path, name, about, arrived)
    return found


def _lines(
    people: Mapping[str, tuple[Line, Line]], ids: Sequence[str], need: str | None
) -> list[Line]:
    """Return people as the list of a need shows them."""
    which = need == care.ARRIVED.name
    return [people[one][which] for one in ids if one in people]


def _due(t: Words, access: Access, connection: Connection, day: date) -> list[Group]:
    if access.purpose is None:
        return []
    views = [access.view(model, values=False) for model in COLLECTIONS.values()]
    by = workday_after(day, DUE_WITHIN, access.hub.settings.working_days)
    sources = visible_corrections(access.caller)
    found = first_due(connection, sources, views, by, limit=FIRST)
    count = count_due(connection, sources, views, by)
    names: dict[str, tuple[str, str]] = {}
    for record_type in {one.record_type for one in found}:
        ids = [one.entity_id for one in found if one.record_type == record_type]
        names |= named(t, access, connection, MODELS[record_type], ids)
    seen = [one for one in found if one.entity_id in names]
    lines = [_correction(t, one, names[one.entity_id][0]) for one in seen]
    return [Group("due", count, lines, None)]


def _correction(t: Words, one: DueRow, name: str) -> Line:
    model = MODELS[one.record_type]
    asked = shown.title_of(t, field(model, one.field))
    whom = shown.authority_title(t, one.authority)
    return Line(
        f"{path_of(model, one.entity_id)}/deliveries",
        name,
        t("today.asked", field=asked, authority=whom),
        t("today.due_on", day=one.due_on),
    )


@routes.get("/console/today/{need}", operation_id="show_in_need", include_in_schema=False)
def listed(
    request: Request,
    need: str,
    access: Reading,
    cursor: Annotated[CursorText | None, Query()] = None,
) -> Response:
    """List all whom a worker sees to for one reason."""
    return people_page(request, access, need=need, grid=None, cursor=cursor)


def people_page(
    request: Request,
    access: Access,
    *,
    need: str | None,
    grid: str | None,
    cursor: str | None,
    place: object = None,
) -> Response:
    """Show a list of people: those with a need, those of a grid, or both."""
    view, wanted = access.view(PERSON, care.READS | {"grid_code"}), _need(need)
    if wanted and not care.knowable(view, [wanted]):
        raise Denied("no grant of this caller covers what tells of this need")
    bound = ("people", need, grid, view.signature)
    place_in_list = read_cursor(access, cursor, bound)
    after = place_in_list and (place_in_list[0], place_in_list[1])
    with access.transaction(snapshot=True) as connection:
        found = care.in_need(
            connection, view, wanted, today(), grid=grid, after=after, limit=PAGE + 1
        )
        ids = [one for _, one in found[:PAGE]]
        people = _people(words(request), access, connection, ids)
    onward = access.hub.cursors.write(found[PAGE - 1], *bound) if len(found) > PAGE else None
    return page(
        request,
        "people.html",
        lines=_lines(people, ids, need),
        need=need,
        place=place,
        **_ways(request, cursor, onward),
    )


def _need(name: str | None) -> care.Need | None:
    """Return the need of a name, None for no name, or answer 404."""
    if name is not None and name not in care.NEEDS:
        raise Problem("not-found")
    return care.NEEDS[name] if name else None


def _ways(request: Request, cursor: str | None, onward: str | None) -> dict[str, Any]:
    """Return the ways to the first and to the next page of a list."""
    first = request.url.remove_query_params("cursor")
    following = first.include_query_params(cursor=onward)
    return {
        "first": _address(first) if cursor else None,
        "next": _address(following) if onward else None,
    }


def _address(url: URL) -> str:
    return f"{url.path}?{url.query}" if url.query else url.path
