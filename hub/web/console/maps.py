"""The map: grids with their numbers, and what stands in them; a list where there are no scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import sqlalchemy as sa
from fastapi import Query, Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from hub.store import care
from hub.store.areas import Condition
from hub.store.golden_reads import Filter, GoldenRecord, list_golden
from hub.store.tables import GOLDEN
from hub.store.visible import Denied, View, need_searchable
from hub.web.access import Access
from hub.web.asked import Asked, CursorText, read_cursor
from hub.web.console.areas import GRID, community_choices, own_area
from hub.web.console.care import care_view, people_page, today
from hub.web.console.libraries import MAPLIBRE, MAPLIBRE_WORKER
from hub.web.console.pages import is_part, page, words
from hub.web.console.records import path_of
from hub.web.console.static import address_of, library_address
from hub.web.console.visiting import Reading
from hub.web.ogc.common import FEATURES, ROOT, granted
from hub.web.problems import Problem
from hub.web.routes import router
from schemas import MODELS

routes = router("console")
PATH = "/console/map"
#: Grids on a page of the list.
PAGE = 20
#: What is drawn, in this order, as far as it was granted; people are counted, not drawn.
DRAWN = ("grids", "buildings", "places", "components", "cameras")
#: What is counted of each grid besides people.
COUNTED = ("house", "component", "camera")
_GRID_FIELDS = frozenset({"grid_name", "grid_code", "grid_type", "community_code"})


@dataclass(frozen=True, slots=True)
class Count:
    """How many of something there are in a grid, and where they are listed."""

    name: str
    count: int
    path: str | None


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid with its numbers, as far as the caller may know them."""

    code: str
    name: str
    path: str
    record: str
    counts: Sequence[Count]

    @property
    def shows_people(self) -> bool:
        """Tell whether the caller may know of people."""
        return any(one.path for one in self.counts)


class MapAsked(Asked):
    """Parameters of the list of grids."""

    community: str | None = Field(None, pattern="^([0-9]{12})?$")
    cursor: CursorText | None = None


class PeopleAsked(Asked):
    """Parameters of the list of a grid's people."""

    need: str | None = Field(None, pattern="^[a-z]+$", max_length=40)
    cursor: CursorText | None = None


@routes.get(PATH, operation_id="show_map", include_in_schema=False)
def show(request: Request, asked: Annotated[MapAsked, Query()], access: Reading) -> Response:
    """Show the map, and the list of grids with their numbers."""
    return _page(request, access, asked, None)


@routes.get(f"{PATH}/{{code}}", operation_id="show_map_grid", include_in_schema=False)
def show_grid(request: Request, code: str, access: Reading) -> Response:
    """Show the numbers of one grid; the part alone where the page's own script asks."""
    grid = _grid_of(access, code)
    if is_part(request):
        return page(request, "map_grid.html", grid=grid)
    return _page(request, access, MapAsked(community=code[:12], cursor=None), grid)


@routes.get(f"{PATH}/{{code}}/people", operation_id="show_grid_people", include_in_schema=False)
def show_people(
    request: Request, code: str, asked: Annotated[PeopleAsked, Query()], access: Reading
) -> Response:
    """List the people of a grid, or those of them with a need."""
    grid = _grid_of(access, code)
    return people_page(request, access, need=asked.need, grid=code, cursor=asked.cursor, place=grid)


def _grid_of(access: Access, code: str) -> Grid:
    view = _grids_view(access)
    with access.transaction(snapshot=True) as connection:
        found = list_golden(connection, view, Filter(grid=code), after="", limit=1)
        if not found or not code.isdigit():
            raise Problem("not-found")
        return _counted(access, connection, found)[0]


def _grids_view(access: Access) -> View:
    view = access.view(GRID, _GRID_FIELDS)
    need_searchable(view, {"grid_code"})
    return view


def _page(request: Request, access: Access, asked: MapAsked, grid: Grid | None) -> Response:
    t, community, view = words(request), asked.community or None, _grids_view(access)
    home, bound = access.hub.settings.home, ("map", view.signature, community)
    after = read_cursor(access, asked.cursor, bound) or (0, "")
    with access.transaction(snapshot=True) as connection:
        found = _listed(access, connection, view, Filter(community=community), after)
        grids = _counted(access, connection, [one for _, one in found[:PAGE]])
    last = [found[PAGE - 1][0], grids[-1].code] if len(found) > PAGE else None
    onward = access.hub.cursors.write(last, *bound) if last else None
    chosen = f"community={community}&" if community else ""
    return page(
        request,
        "map.html",
        grids=grids,
        heads=[
            t("map.grid"),
            *(t("count." + one.name) for first in grids[:1] for one in first.counts),
        ],
        grid=grid,
        community=community or "",
        communities=community_choices(access),
        drawn=[one for one in DRAWN if granted(access, FEATURES[one])],
        features=f"{ROOT}/collections",
        first=f"{PATH}?{chosen}".rstrip("?&") if asked.cursor else None,
        next=f"{PATH}?{chosen}cursor={onward}" if onward else None,
        library=library_address(MAPLIBRE, home),
        worker=library_address(MAPLIBRE_WORKER, home),
        map_script=address_of("map.js"),
    )


def _listed(
    access: Access, connection: Connection, view: View, wanted: Filter, after: tuple[int, str]
) -> list[tuple[int, GoldenRecord]]:
    """Return a page of grids and one more: first those with people, then the others.

    Both in the order of their codes, so that those of a community stand together.
    """
    place, behind = after
    code, people = GOLDEN["grid"].c.grid_code, care_view(access)
    lived_in: list[Condition] = [sa.true(), sa.false()]
    if people is not None and people.searchable("grid_code"):
        here = care.lived_in(people, code)
        lived_in = [here, ~here]
    found: list[tuple[int, GoldenRecord]] = []
    for turn, condition in enumerate(lived_in[place:], place):
        listed = list_golden(
            connection,
            view,
            wanted,
            after=behind if turn == place else "",
            limit=PAGE + 1 - len(found),
            also=[code.is_not(None), condition, *own_area(access)],
            by="grid_code",
        )
        found += [(turn, one) for one in listed]
        if len(found) > PAGE:
            break
    return found


def _counted(access: Access, connection: Connection, found: Sequence[GoldenRecord]) -> list[Grid]:
    """Return grids with their numbers."""
    codes = [str(one.fields["grid_code"]) for one in found]
    counts: dict[str, dict[str, int]] = {code: {} for code in codes}
    for code, said in _people(access, connection, codes).items():
        counts[code] |= said
    for name in COUNTED:
        for code, count in _things(access, connection, name, codes).items():
            counts[code][name] = count
    return [_grid(one, counts[code]) for one, code in zip(found, codes, strict=True)]


def _grid(record: GoldenRecord, counts: Mapping[str, int]) -> Grid:
    code = str(record.fields["grid_code"])
    name, path = str(record.fields.get("grid_name") or code), f"{PATH}/{code}"
    said = [Count(one, count, _people_of(path, one)) for one, count in counts.items()]
    return Grid(code, name, path, path_of(GRID, record.id), said)


def _people_of(path: str, counted: str) -> str | None:
    """Return where those who were counted are listed; things are not."""
    if counted in COUNTED:
        return None
    return f"{path}/people" + (f"?need={counted}" if counted in care.NEEDS else "")


def _people(
    access: Access, connection: Connection, codes: Sequence[str]
) -> Mapping[str, Mapping[str, int]]:
    view = care_view(access)
    if view is None or not view.searchable("grid_code"):
        return {}
    looked_into = sorted(care.READS & set(view.names))
    access.tell(connection, "count by grid", fields=looked_into, about=f"{len(codes)} grids")
    return care.count_by_grid(connection, view, codes, today())


def _things(
    access: Access, connection: Connection, name: str, codes: Sequence[str]
) -> Mapping[str, int]:
    try:
        view = access.view(MODELS[name], {"grid_code"})
    except Denied:
        return {}
    return care.count_things(connection, view, codes) if view.searchable("grid_code") else {}
