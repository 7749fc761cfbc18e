"""The feed: every change of every golden record, in order, as CloudEvents."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Annotated, Any

import orjson
from fastapi import Query, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hub.store.feed_reads import (
    Change,
    Expired,
    Position,
    changes_after,
    check_position,
    first_position,
    last_position,
)
from hub.store.visible import Denied
from hub.web.access import Access, Reader
from hub.web.asked import MOST, Asked, CursorText
from hub.web.cursors import BadCursor
from hub.web.described import Event, page_model
from hub.web.problems import invalid
from hub.web.routes import answers, page, router
from schemas import COLLECTIONS, MODELS, Person, Section

routes = router("changes")

BATCH = "application/cloudevents-batch+json"
# How often a waiting reader looks; the feed is written by other processes, and a look is cheap.
_LOOK_EVERY = 0.25


class ChangesAsked(Asked):
    """Parameters of the feed."""

    cursor: CursorText | None = None
    collection: str | None = Field(None, json_schema_extra={"enum": list(COLLECTIONS)})
    limit: Annotated[int, Field(ge=1, le=MOST, description="Most changes of an answer.")] = 100
    wait: float = Field(
        0, ge=0, le=30, description="Seconds to wait for a change, if there is none."
    )


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
    if asked.collection is not None and asked.collection not in COLLECTIONS:
        raise invalid("there is no such collection", parameter="collection")
    models = COLLECTIONS.values() if asked.collection is None else [COLLECTIONS[asked.collection]]
    until = time.monotonic() + asked.wait
    while True:
        found, cursor = await run_in_threadpool(_read, access, models, asked)
        late = time.monotonic() + _LOOK_EVERY > until
        if found or late or access.hub.ending.is_set() or await request.is_disconnected():
            break
        await asyncio.sleep(_LOOK_EVERY)
    events = [_event(access, change) for change in found]
    answered = page(request, events, cursor)
    if BATCH in request.headers.get("accept", ""):
        headers = {"Link": answered.headers["Link"], "Cache-Control": "no-store"}
        return Response(orjson.dumps(events), 200, headers, BATCH)
    return answered


def _read(
    access: Access, models: Iterable[type[Section]], asked: ChangesAsked
) -> tuple[list[Change], str]:
    # Whoever waits may lose a right meanwhile.
    now = access.renewed()
    views = {model.record_type: now.view(model, values=False) for model in models}
    if not any(view.parts for view in views.values()):
        raise Denied("no grant of this caller covers what is followed")
    with access.transaction(snapshot=True) as connection:
        epoch = last_position(connection).epoch
        if asked.cursor is None:
            position = first_position(connection)
        else:
            position = _place(access, asked.cursor, epoch)
            check_position(connection, position)
        found, onward = changes_after(connection, views, position, asked.limit)
        persons = sorted({one.entity_id for one in found if one.record_type == "person"})
        if persons:
            # The id of a person is a public field of its own, and personal (POP-001).
            view = now.view(Person, {"person_id"}, values=False)
            access.tell(connection, "follow", view, persons, fields=["person_id"])
    return found, feed_cursor(access, epoch, onward)


def _place(access: Access, cursor: str, epoch: int) -> Position:
    """Read a cursor; one of another hub or of an epoch before a restore leads nowhere."""
    try:
        begun, *place = access.hub.cursors.read(cursor, "feed")
    except BadCursor:
        raise Expired("the cursor is not one of this feed") from None
    if begun != epoch:
        raise Expired("the feed has begun anew since the cursor was given")
    return Position(*place)


def _event(access: Access, change: Change) -> dict[str, Any]:
    division = access.hub.settings.district.division
    model = MODELS[change.record_type]
    return {
        "specversion": "1.0",
        "id": f"{change.position.epoch}-{change.position.seq}",
        "source": f"urn:hub:{division}",
        "type": f"cn.gov.{division}.hub.{change.record_type}.{change.change}.v1",
        "subject": change.entity_id,
        "time": change.at,
        "dataschema": f"/v1/catalogue/{model.collection}/schema",
        "datacontenttype": "application/json",
        "data": {
            "id": change.entity_id,
            "collection": model.collection,
            "version": change.version,
            "change": change.change,
            "fields": change.fields,
            "cause": change.cause,
        },
    }
