"""Parameters of features as the standard writes them: boxes, times and periods.

What the API's description excludes is answered with 400. What no description can exclude, a north
that is south of the south, a day of no calendar, is answered with 422.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.store.positions import Box
from hub.web.problems import Problem, invalid

_DAY, _ZONE = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "([Zz]|[+-][0-9]{2}:[0-9]{2})"
_TIME = rf"{_DAY}[Tt ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]+)?{_ZONE}"
#: A time, or a period that may be open at an end.
TIMES = rf"^({_TIME}|({_TIME}|\.\.)?/({_TIME}|\.\.)?)$"
_SMALLER = r"(\.[0-9]+)?([eE]-[0-9]{1,2})?"
_EAST = rf"-?(180(\.0+)?|(1[0-7][0-9]|[0-9]{{1,2}}){_SMALLER})"
_NORTH = rf"-?(90(\.0+)?|[0-8]?[0-9]{_SMALLER})"
_HEIGHT = rf"-?[0-9]{{1,9}}{_SMALLER}"
_FLAT, _HIGH = f"{_EAST},{_NORTH}", f"{_EAST},{_NORTH},{_HEIGHT}"
#: Two corners in degrees, with heights or without.
BOXES = f"^({_FLAT},{_FLAT}|{_HIGH},{_HIGH})$"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, open where an end is None."""

    since: datetime | None
    until: datetime | None

    def covers(self, at: sa.ColumnElement[Any]) -> list[sa.ColumnElement[bool]]:
        """Return the conditions under which a time lies in the period."""
        said = [] if self.since is None else [at >= self.since]
        return said if self.until is None else [*said, at <= self.until]


def boxes_of(said: str | None) -> tuple[Box, ...]:
    """Read the parameter bbox; one that crosses the 180th meridian is two."""
    if said is None:
        return ()
    numbers = [float(part) for part in said.split(",")]
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    west, south, east, north = numbers
    if south > north:
        raise _wrong("bbox", "west, south, east, north in degrees")
    if west > east:
        return (Box(west, south, 180, north), Box(-180, south, east, north))
    return (Box(west, south, east, north),)


def period_of(said: str | None) -> Period | None:
    """Read the parameter datetime."""
    if said is None:
        return None
    ends = [_time(part) for part in said.upper().split("/")]
    since, until = ends[0], ends[-1]
    if since is not None and until is not None and since > until:
        raise _wrong("datetime", "the earlier time first")
    return Period(since, until)


def _time(said: str) -> datetime | None:
    try:
        return None if said in ("", "..") else datetime.fromisoformat(said)
    except ValueError:
        raise _wrong("datetime", "a time of RFC 3339") from None


def _wrong(parameter: str, meant: str) -> Problem:
    return invalid(f"this takes {meant}", parameter=parameter)
