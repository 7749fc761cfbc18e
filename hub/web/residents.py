"""Residents' requests as the API takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from hub.store.resident_requests import (
    AskedBy,
    AskState,
    Channel,
    Kind,
    State,
    Wish,
)
from hub.web.asked import Storable, Words
from hub.web.shared import Line, Reasoned, Sent, Taken

#: What a field can be proposed to say: numbers as JSON keeps them exactly.
Said = (
    Line
    | bool
    | Annotated[int, Field(ge=-(2**53), le=2**53)]
    | Annotated[float, Field(allow_inf_nan=False)]
    | Annotated[list[Line], Field(max_length=100)]
)
PersonId = Annotated[Words, Field(pattern="^P[0-9a-f]{32}$")]


class WishSent(Sent):
    """What a resident asks for."""

    kind: Kind
    said: Line = Field(description="What is asked for, in the words of who asks.")
    asked_by: AskedBy = "self"
    channel: Channel = "counter"
    person_id: PersonId | None = Field(None, description="Whom it is about, where that is known.")
    proposed: Annotated[dict[Words, Said], Storable] = Field(
        default_factory=dict, max_length=108, description="Values by field, of a correction."
    )

    def wish(self) -> Wish:
        """Return what is asked for."""
        stated = (self.kind, self.said, self.asked_by, self.channel, self.person_id)
        return Wish(*stated, self.proposed)


class Verified(Sent):
    """That it was seen to who asks."""

    checked: Line = Field(examples=["核对身份证原件"])
    person_id: PersonId | None = None


class Answer(Reasoned):
    """An answer; of an erasure, which words a legal duty keeps, and by which reason."""

    keep: list[Words] = Field(default_factory=list, max_length=108)


class Refusal(Sent):
    """Why a request is refused."""

    reason: Line


class AskAnswer(Reasoned):
    """What a department answers: it has erased its row, or keeps it by a legal basis."""

    state: Annotated[AskState, Field(json_schema_extra={"enum": ["erased", "kept"]})]


class AskShown(BaseModel):
    """What a department was asked to erase."""

    ask_id: int
    source: str
    dataset: str
    key: str
    asked_at: datetime
    due_on: date
    state: AskState
    reason: str | None
    answered_by: str | None
    answered_at: datetime | None


class ResidentRequestShown(BaseModel):
    """What a resident asks about what is held of them, and how far the answer is."""

    request_id: int
    version: int
    kind: Kind
    state: State
    entity_id: str | None
    asked_by: AskedBy
    channel: Channel
    said: str
    proposed: dict[str, Any]
    received_at: datetime
    received_by: str
    due_on: date
    overdue: bool
    working_days_left: int = Field(description="Negative where it is overdue.")
    checked: str | None = Field(description="How it was seen to who asks.")
    reason: str | None
    outcome: dict[str, Any] | None = Field(description="What was done; names and counts.")
    ended_at: datetime | None
    steps: list[Taken] = Field(description="Empty in lists.")
    asks: list[AskShown] = Field(description="What departments were asked; empty in lists.")


class CopyShown(BaseModel):
    """All that is held of somebody: what is served, by whom it was said, who has read it."""

    person_id: str
    request_id: int
    served: list[dict[str, Any]]
    records: list[dict[str, Any]]
    former: list[dict[str, Any]]
    entries: list[dict[str, Any]]
    recipients: list[dict[str, Any]]
    kept_for_days: dict[str, int]
