"""What requests have in common: parameters of lists, projections, text that can be stored."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from hub.web.access import Access
from hub.web.cursors import BadCursor
from hub.web.problems import Problem

#: Most items of a page.
MOST = 1_000
#: Largest number that PostgreSQL keeps.
_LARGEST = 2**63 - 1
#: How deeply values of a JSON body may be nested: deeper than any field's, a GeoJSON point.
_DEEPEST = 10
_NAMES = "^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*$"

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SPELT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ].+")


def _spelt(said: object) -> object:
    """Refuse a bare number, which would be taken for the seconds since 1970."""
    if isinstance(said, str) and not _SPELT.fullmatch(said):
        raise ValueError("a time is written as in RFC 3339")
    return said


def _universal(said: datetime) -> datetime:
    """Write a time as PostgreSQL reads it, which knows fewer zones than RFC 3339."""
    try:
        return said.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time lies before the first year or behind the last one") from None


def _day(said: object) -> object:
    if not (isinstance(said, date) or (isinstance(said, str) and _DAY.fullmatch(said))):
        raise ValueError("a day is written as 2026-09-01")
    return said


def _storable(said: object, levels: int = 0) -> object:
    """Refuse what cannot be stored or answered with, wherever in a JSON value it is."""
    if levels > _DEEPEST:
        raise ValueError("the value is nested too deeply")
    if isinstance(said, str) and _UNSTORABLE.search(said):
        raise ValueError("a text holds a null or half of a surrogate pair")
    if isinstance(said, dict):
        for name, one in said.items():
            _storable(name)
            _storable(one, levels + 1)
    elif isinstance(said, list):
        for one in said:
            _storable(one, levels + 1)
    return said


#: Any value of a JSON body that can be stored.
Storable = BeforeValidator(_storable)
#: A day; a bare number would be taken for the seconds since 1970.
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_spelt), AfterValidator(_universal)]
#: Text that can be stored: PostgreSQL knows no null character.
Words = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Field(ge=1, le=MOST, description="Most items of a page.")]
Number = Annotated[int, Field(ge=1, le=_LARGEST)]
CursorText = Annotated[
    str, Field(pattern="^[A-Za-z0-9_.-]+$", max_length=400, description="`next` of the last page.")
]
EntityId = Annotated[Words, Field(examples=["P0123456789abcdef0123456789abcdef"])]


class Asked(BaseModel):
    """Parameters of a query; unknown ones are refused, lest a misspelt filter filter nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Projection(Asked):
    """Which fields are asked for."""

    fields: str | None = Field(
        None, pattern=_NAMES, description="Names of fields, separated by commas; none: all."
    )

    def names(self) -> frozenset[str] | None:
        """Return the fields asked for; None for all."""
        return frozenset(self.fields.split(",")) if self.fields else None


class SourceAsked(Asked):
    """Parameters of a list of what concerns sources, newest first."""

    source: Words | None = Field(None, max_length=60)
    dataset: Words | None = Field(None, max_length=60)
    limit: Limit = 100
    cursor: CursorText | None = None


def read_cursor(access: Access, cursor: str | None, bound: tuple[object, ...]) -> Any:
    """Return the place that a cursor stands for, None for no cursor, or answer 422."""
    if cursor is None:
        return None
    try:
        return access.hub.cursors.read(cursor, *bound)
    except BadCursor:
        raise Problem("bad-cursor", "ask for the list again from its beginning") from None
