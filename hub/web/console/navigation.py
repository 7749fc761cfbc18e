"""The places of the console that its head leads to, for each role."""

from __future__ import annotations

from dataclasses import dataclass

from hub.store.visible import ROLES, Role

ENTERING: frozenset[Role] = frozenset({"worker", "steward", "admin"})
STEWARDS: frozenset[Role] = frozenset({"steward", "admin"})
#: Those who see what concerns sources: a department its own.
OVERSEERS: frozenset[Role] = STEWARDS | {"auditor", "department"}
EVERYBODY: frozenset[Role] = frozenset(ROLES)
#: The first page of the steward's desk; what the desk leads to lies below it.
DESK_HOME = "/console/desk"


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the head leads to: its path, the key of its name, and whom it is for."""

    path: str
    key: str
    roles: frozenset[Role] = EVERYBODY


#: In the order in which they are shown.
PLACES = (
    Place("/console", "nav.search"),
    Place("/console/map", "nav.map"),
    Place("/console/new/person", "nav.new_person", ENTERING),
    Place("/console/forms", "nav.forms", ENTERING),
    Place(DESK_HOME, "nav.desk", STEWARDS),
    Place(f"{DESK_HOME}/runs", "nav.sources", OVERSEERS - STEWARDS),
    Place(f"{DESK_HOME}/audit", "judging.nav.audit", frozenset({"auditor"})),
)


def places_for(
    role: Role, path: str, places: tuple[Place, ...] = PLACES
) -> list[tuple[Place, bool]]:
    """Return those of the places that are for a role, each with whether the path belongs to it."""
    shown = [place for place in places if role in place.roles]
    within = [place.path for place in shown if _leads(place.path, path)]
    here = max(within, key=len, default=None)
    return [(place, place.path == here) for place in shown]


def _leads(place: str, path: str) -> bool:
    # The first page is where the search is; all others lead to what lies below them.
    below = "/console/search" if place == "/console" else place + "/"
    return path == place or path.startswith(below)
