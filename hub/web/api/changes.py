"""The feed: every change of every golden record, in order, as CloudEvents."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

import orjson
from fastapi import Query, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hub.errors import WrongUse
from hub.jobs.events import event_of
from hub.store.feed_reads import (
    Change,
    Expired,
    Following,
    Position,
    changes_after,
    check_position,
    first_position,
    followed_views,
    following,
    last_position,
)
from hub.web.access import Access, Reader
from hub.web.asked import MOST, CursorText, Projection
from hub.web.cursors import BadCursor
from hub.web.described import Event, page_model
from hub.web.problems import invalid
from hub.web.routes import answers, page, router
from schemas import COLLECTIONS, Person

routes = router("changes")

BATCH = "application/cloudevents-batch+json"
# How often a waiting reader looks; the feed is written by other processes, and a look is cheap.
_LOOK_EVERY = 0.25


class ChangesAsked(Projection):
    """Parameters of the feed; `fields`: only changes of these, and of whole records."""

    cursor: CursorText | None = None
    collection: str | None = Field(None, json_schema_extra={"enum": list(COLLECTIONS)})
    community: str | None = Field(
        None, pattern="^[0-9]{12}$", description="Only of what lies, or lay before, in it."
    )
    limit: Annotated[int, Field(ge=1, le=MOST, description="Most changes of an answer.")] = 100
    wait: float = Field(
        0, ge=0, le=30, description="Seconds to wait for a change, if there is none."
    )

    def following(self) -> Following:
        """Return what is followed; 422 where one of the words means nothing."""
        if self.collection is not None and self.collection not in COLLECTIONS:
            raise invalid("there is no such collection", parameter="collection")
        try:
            collections = None if self.collection is None else [self.collection]
            return following(collections, self.names(), self.community)
        except WrongUse as error:
            raise invalid(str(error), parameter="fields") from None


def feed_cursor(access: Access, epoch: int, position: Position) -> str:
    """Write a place in the feed as it is now; it counts until the feed begins a new epoch."""
    return access.hub.cursors.write([epoch, position.epoch, position.seq], "feed")


@routes.get(
    "/changes",
    operation_id="list_changes",
    summary="Follow the changes of golden records",
    responses=answers(page_model("ChangePage", Event), 410),
)
async def changes(
    request: Request, asked: Annotated[ChangesAsked, Query()], access: Reader
) -> Response:
    """Read the changes behind a cursor, oldest first; without a cursor, from the oldest kept.

    `next` is always given: it is where the feed goes on later. Changes name fields, not values.
    Where the cursor has expired (410), export the collections anew and follow their cursor.
    """
    followed = asked.following()
    until = time.monotonic() + min(asked.wait, access.hub.limits.wait)
    while True:
        found, cursor = await run_in_threadpool(_read, access, followed, asked)
        late = time.monotonic() + _LOOK_EVERY > until
        if found or late or access.hub.ending.is_set() or await request.is_disconnected():
            break
        await asyncio.sleep(_LOOK_EVERY)
    division = access.hub.settings.district.division
    events = [event_of(change, division) for change in found]
    answered = page(request, events, cursor)
    if BATCH in request.headers.get("accept", ""):
        headers = {"Link": answered.headers["Link"], "Cache-Control": "no-store"}
        return Response(orjson.dumps(events), 200, headers, BATCH)
    return answered


def _read(access: Access, followed: Following, asked: ChangesAsked) -> tuple[list[Change], str]:
    # Whoever waits may lose a right meanwhile.
    now = access.renewed()
    views = followed_views(now.caller, followed)
    with access.transaction(snapshot=True) as connection:
        epoch = last_position(connection).epoch
        if asked.cursor is None:
            position = first_position(connection)
        else:
            position = read_feed_cursor(access, asked.cursor, epoch)
            check_position(connection, position)
        found, onward = changes_after(connection, views, position, asked.limit, followed)
        persons = sorted({one.entity_id for one in found if one.record_type == "person"})
        if persons:
            # The id of a person is a public field of its own, and personal (POP-001).
            view = now.view(Person, {"person_id"}, values=False)
            access.tell(connection, "follow", view, persons, fields=["person_id"])
    return found, feed_cursor(access, epoch, onward)


def read_feed_cursor(access: Access, cursor: str, epoch: int) -> Position:
    """Read a cursor; one of another hub or of an epoch before a restore leads nowhere."""
    try:
        begun, *place = access.hub.cursors.read(cursor, "feed")
    except BadCursor:
        raise Expired("the cursor is not one of this feed") from None
    if begun != epoch:
        raise Expired("the feed has begun anew since the cursor was given")
    return Position(*place)
