"""Subscriptions as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, field_validator

from hub.errors import WrongUse
from hub.store.feed_reads import following
from hub.store.subscriptions import Subscription
from hub.web.asked import CursorText, Words
from hub.web.shared import Line, Sent
from schemas import COLLECTIONS

Url = Annotated[
    Words,
    Field(pattern="^https?://", max_length=2_000, examples=["https://hooks.example.cn/changes"]),
]
_FOLLOWED = ("collections", "fields", "community")


class Followed(Sent):
    """Which changes are followed; null asks nothing."""

    description: Line | None = None
    collections: list[Words] | None = Field(
        None, min_length=1, max_length=len(COLLECTIONS), examples=[["persons", "houses"]]
    )
    fields: list[Words] | None = Field(
        None, min_length=1, max_length=108, examples=[["contact_phone"]]
    )
    community: str | None = Field(None, pattern="^[0-9]{12}$")

    @field_validator("collections")
    @classmethod
    def _known(cls, names: list[str] | None) -> list[str] | None:
        if names is not None and not COLLECTIONS.keys() >= set(names):
            raise ValueError("there is no such collection")
        return names


class SubscriptionAsked(Followed):
    """An address that is to be told of changes."""

    url: Url
    cursor: CursorText | None = Field(None, description="Begin behind it; none: from now on.")

    def said(self) -> dict[str, Any]:
        """Return what is kept as it is asked."""
        check_followed(self.collections, self.fields, self.community)
        return self.model_dump(exclude={"cursor"})


class SubscriptionPatch(Followed):
    """What is to be otherwise; null takes a filter away."""

    url: Url | None = None
    state: Literal["active", "disabled"] | None = None

    @field_validator("url", "state")
    @classmethod
    def _there(cls, said: str | None) -> str | None:
        if said is None:
            raise ValueError("this cannot be null")
        return said

    def said(self, before: Subscription) -> dict[str, Any]:
        """Return what changes."""
        said = self.model_dump(exclude_unset=True)
        check_followed(*(said.get(name, getattr(before, name)) for name in _FOLLOWED))
        return said


def check_followed(
    collections: list[str] | None, names: list[str] | None, community: str | None
) -> None:
    """Raise Unfollowable where fields are named that nothing that is followed has."""
    try:
        following(collections, names, community)
    except WrongUse as error:
        raise Unfollowable(str(error)) from None


class Unfollowable(WrongUse):
    """Nothing that is followed has these fields."""

    status = 422


class Replay(Sent):
    """Where sending goes on from."""

    cursor: CursorText | None = Field(None, description="Of the feed; none: all that is kept.")


class Rotation(Sent):
    """For how long the secret before signs along."""

    overlap_hours: float = Field(24, ge=0, le=24 * 30)


class SubscriptionShown(BaseModel):
    """An address that is told of changes."""

    subscription_id: str
    client_id: str
    url: str
    description: str | None
    collections: list[str] | None
    fields: list[str] | None
    community: str | None
    state: Literal["active", "disabled"]
    reason: str | None = Field(description="What the last attempt met, or why it is disabled.")
    attempts: int = Field(description="In vain, since something was taken last.")
    failing_since: datetime | None
    due_at: datetime
    sent_at: datetime | None
    created_at: datetime
    former_until: datetime | None = Field(description="Until when the secret before signs along.")
    cursor: str = Field(description="Of the feed: what lies before it was taken.")


class SubscriptionMade(SubscriptionShown):
    """A subscription with its secret, which is shown this once."""

    secret: str | None = Field(description="Null where the request was sent again.")


class Tried(BaseModel):
    """What has become of a test event."""

    taken: bool
    reason: str | None


_SHOWN = [name for name in SubscriptionShown.model_fields if name != "cursor"]


def subscription_document(row: Subscription, cursor: str) -> dict[str, Any]:
    """Write a subscription, without any secret."""
    return {**{name: getattr(row, name) for name in _SHOWN}, "cursor": cursor}
