"""Grids and communities by name: what a code stands for, and which codes there are to choose from.

Grids are seen through their own view like anything else; whoever may not see them sees codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from hub.store.areas import Condition
from hub.store.golden_reads import Filter, golden_with, list_golden
from hub.store.tables import GOLDEN
from hub.store.visible import Denied, View
from hub.web.access import Access
from schemas import MODELS, FieldSpec
from schemas.codes import communities
from schemas.kinds import CommunityCode, GridCode

GRID = MODELS["grid"]
#: More choices than these help nobody, and make a page large.
MOST = 100
#: A code, and what people call the place.
Choice = tuple[str, str]
_NAMED = frozenset({"grid_code", "grid_name", "community_code"})


def grid_names(access: Access, connection: Connection, codes: Iterable[object]) -> dict[str, str]:
    """Return what grids are called, by their codes, as far as the caller sees them."""
    wanted = sorted({str(code) for code in codes if code})
    view = _grids(access)
    found = golden_with(connection, view, "grid_code", wanted) if view else []
    named = ((one.fields.get("grid_code"), one.fields.get("grid_name")) for one in found)
    return {str(code): str(name) for code, name in named if code and name}


def area_names(access: Access, connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    """Return what streets, communities and grids are called, by their codes."""
    known = communities(access.hub.settings.district.communities)
    wanted = list(codes)
    titled = {code: title for code in wanted if (title := known.title(code))}
    return titled | grid_names(access, connection, [code for code in wanted if code not in titled])


def _grids(access: Access) -> View | None:
    try:
        view = access.view(GRID, _NAMED)
    except Denied:
        return None
    return view if view.searchable("grid_code") else None


def own_area(access: Access) -> list[Condition]:
    """Return the condition that a grid is where the caller works; grids are seen everywhere."""
    area = access.caller.rights.area
    return [] if area.everywhere else [area.rows("grid", GOLDEN["grid"].c.entity_id)]


def community_choices(access: Access) -> list[Choice]:
    """Return the communities of the district, by code."""
    district = access.hub.settings.district
    known = communities(district.communities)
    codes = sorted(code for code in known.names if code.startswith(district.division))
    return [(code, known.title(code) or code) for code in codes]


def choices(
    access: Access, connection: Connection, specs: Iterable[FieldSpec], near: object
) -> dict[str, Sequence[Choice]]:
    """Return what there is to choose from, by field: of grids those of one's area, or of near by.

    ``near`` is the community that the thing lies in, if that is known.
    """
    found: dict[str, Sequence[Choice]] = {}
    for spec in specs:
        if isinstance(spec.kind, CommunityCode):
            found[spec.name] = _own_communities(access)[:MOST]
        elif isinstance(spec.kind, GridCode):
            found[spec.name] = grid_choices(access, connection, near)
    return found


def _own_communities(access: Access) -> list[Choice]:
    area, known = access.caller.rights.area, community_choices(access)
    within = (*area.streets, *area.communities, *(code[:12] for code in area.grids))
    return [one for one in known if one[0].startswith(within)] if within else known


def grid_choices(access: Access, connection: Connection, near: object = None) -> list[Choice]:
    """Return the grids where one works; if they are too many, those of a community."""
    view = _grids(access)
    if view is None:
        return []
    coded = [GOLDEN["grid"].c.grid_code.is_not(None), *own_area(access)]
    for community in (None, str(near)) if near else (None,):
        wanted = Filter(community=community)
        found = list_golden(
            connection, view, wanted, after="", limit=MOST + 1, also=coded, by="grid_code"
        )
        if len(found) <= MOST:
            return [_choice(one.fields) for one in found]
    return []


def _choice(said: Mapping[str, object]) -> Choice:
    code = str(said["grid_code"])
    return code, str(said.get("grid_name") or code)
