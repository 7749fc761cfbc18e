"""Share requests and grants as the API takes and shows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from hub.store.areas import area_of
from hub.store.default_grants import PURPOSES, Grant
from hub.store.share_materials import PARTS, Materials, Mode
from hub.store.share_requests import State
from hub.web.asked import Day, Words
from schemas import COLLECTIONS, MODELS

_COLLECTIONS: dict[str, JsonValue] = {"propertyNames": {"enum": [*COLLECTIONS]}}
Names = Annotated[list[Words], Field(max_length=108)]
Line = Annotated[Words, Field(min_length=1, max_length=1_000)]
Fields = Annotated[dict[Words, Names], Field(max_length=8, json_schema_extra=_COLLECTIONS)]
Code = Annotated[str, Field(pattern="^[0-9]+$", max_length=15)]


class Sent(BaseModel):
    """A body of which every member is known."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class AreaAsked(Sent):
    """Places, of which a record has to lie in one; nothing named: the whole district."""

    grids: list[Code] = Field(default_factory=list, max_length=500)
    communities: list[Code] = Field(default_factory=list, max_length=500)
    streets: list[Code] = Field(default_factory=list, max_length=100)


class Supplement(Sent):
    """What is added to a share request; what is not sent stays as it is."""

    wanted: Fields = Field(
        default_factory=dict,
        description="Fields to be read, by collection.",
        examples=[{"persons": ["person_name", "contact_phone"]}],
    )
    masked: Fields = Field(
        default_factory=dict, description="Fields of which a part will do, by collection."
    )
    area: AreaAsked = AreaAsked()
    purposes: list[Words] = Field(
        default_factory=list, max_length=len(PURPOSES), examples=[["care"]]
    )
    basis: Line | None = Field(None, examples=["青海省养老服务条例 第二十一条"])
    scene: Line | None = Field(None, examples=["独居老人巡访"])
    mode: Mode | None = None
    approver: Line | None = Field(None, description="The head of the asking department.")
    used_from: Day | None = None
    used_until: Day | None = Field(None, description="The last day of use.")

    def stated(self) -> dict[str, Any]:
        """Return what was sent as it belongs into a request's materials."""
        sent = self.model_fields_set & {*PARTS, "wanted", "masked", "area"}
        said = {name: getattr(self, name) for name in sent}
        if "area" in said:
            said["area"] = area_of(self.area.model_dump())
        if "purposes" in said:
            said["purposes"] = tuple(self.purposes)
        return said

    def materials(self) -> Materials:
        """Return the materials of a new request."""
        return Materials(**{"wanted": {}, **self.stated()})


class ShareAsked(Supplement):
    """A share request: what is asked for, and the parts that Decree 809, Art 20, wants stated."""

    client_id: Words | None = Field(
        None, max_length=80, description="Who is to read; only stewards ask for others."
    )


class Reasoned(Sent):
    """A step, and why it is taken where that is owed."""

    reason: Line | None = None


class Extension(Reasoned):
    """More time for an answer."""

    days: int = Field(10, ge=1, le=10, description="Working days.")


class Lacking(Reasoned):
    """All that is missing from a request; that is told once."""

    missing: list[Line] = Field(min_length=1, max_length=40)


class Taken(BaseModel):
    """A step that was taken."""

    step: str
    by: str
    at: datetime
    reason: str | None


class Shared(BaseModel):
    """A share request and how far its answer is."""

    request_id: int
    version: int
    client_id: str
    asked_by: str
    state: State
    conditional: bool = Field(description="Whether a field is shared on conditions only.")
    wanted: dict[str, list[str]]
    masked: dict[str, list[str]]
    area: dict[str, Any]
    purposes: list[str]
    basis: str | None
    scene: str | None
    mode: Mode | None
    approver: str | None
    used_from: date | None
    used_until: date | None
    asked_at: datetime
    told_at: datetime | None = Field(description="When it was told what is missing.")
    missing: list[str]
    received_on: date | None = Field(description="When it was complete: periods run from here.")
    due_on: date | None = Field(description="The last day for the next step.")
    due_is_settled: bool = Field(
        description="false: days off of a year in the period are not proclaimed yet."
    )
    working_days_left: int | None = Field(description="Negative where it is overdue.")
    overdue: bool
    extended: int = Field(description="Working days by which the answer was extended.")
    steps: list[Taken] = Field(description="Empty in lists.")


class GrantShown(BaseModel):
    """What a caller may read beyond what its role may."""

    grant_id: int
    request_id: int
    client_id: str
    state: Literal["to begin", "in force", "expired", "revoked"]
    collection: str
    fields: list[str]
    masked: list[str]
    area: dict[str, Any]
    purposes: list[str]
    mode: Mode
    since: datetime
    until: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    reason: str | None


class Right(BaseModel):
    """Something that the caller may read."""

    collection: str
    fields: list[str]
    masked: list[str]
    area: dict[str, Any]
    purposes: list[str]
    since: datetime | None
    until: datetime | None = Field(description="null: for as long as the role is held.")


class Rights(BaseModel):
    """All that the caller may read: by its role, and by requests that were approved."""

    items: list[Right]


def rights_document(grants: Iterable[Grant]) -> dict[str, Any]:
    """Write what a caller may read."""
    items = [
        {
            "collection": MODELS[one.record_type].collection,
            "fields": sorted(one.fields),
            "masked": sorted(one.masked),
            "area": one.area.document(),
            "purposes": sorted(one.purposes),
            "since": one.since,
            "until": one.until,
        }
        for one in grants
        if one.fields
    ]
    return {"items": items}
