"""Subscriptions: addresses that are told of changes, by signed webhook (Standard Webhooks)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from hub.delivery.addresses import place_of
from hub.jobs import subscriptions as jobs
from hub.jobs.corrections import plain
from hub.store import subscriptions as store
from hub.store.feed_reads import (
    Position,
    check_position,
    first_position,
    followed_views,
    last_position,
)
from hub.store.subscriptions import Subscription
from hub.store.visible import sees_all_shares
from hub.web.access import Access, Reader, Writer
from hub.web.api.changes import feed_cursor, read_feed_cursor
from hub.web.asked import Asked, CursorText, Limit, Words, read_cursor
from hub.web.described import page_model
from hub.web.etags import IfMatch, matching_version
from hub.web.once import Answer, IdempotencyKey, once
from hub.web.routes import answer, answers, page, router
from hub.web.subscribed import (
    Replay,
    Rotation,
    SubscriptionAsked,
    SubscriptionMade,
    SubscriptionPatch,
    SubscriptionShown,
    Tried,
    subscription_document,
)

routes = router("subscriptions")


class SubscriptionsAsked(Asked):
    """Parameters of the list of subscriptions."""

    limit: Limit = 100
    cursor: CursorText | None = None


@routes.post(
    "/subscriptions",
    operation_id="subscribe",
    summary="Have changes sent to an address",
    responses=answers(SubscriptionMade, 409, 410, status=201, said="Subscribed"),
    status_code=201,
)
def subscribe(said: SubscriptionAsked, access: Writer, idempotency_key: IdempotencyKey) -> Response:
    """Begin to send what the feed tells, as far as the caller's grants cover it at the time.

    The address has to be one that the hub's settings allow. The answer holds the secret that
    messages are signed with, once.
    """

    def effect(keep: Any) -> Answer:
        with access.transaction() as connection:
            position = _place(access, connection, said.cursor) or last_position(connection)
            kept = {**said.said(), "purpose": access.purpose}
            args = (access.hub.settings, access.caller, position, kept)
            made, secret = jobs.subscribe(connection, *args)
            where = {"Location": f"/v1/subscriptions/{made.subscription_id}"}
            return _told(access, connection, "subscribe", made, keep, 201, where, secret=secret)

    return once(access, "subscribe", idempotency_key, (said.model_dump_json(),), effect)


@routes.get(
    "/subscriptions",
    operation_id="list_subscriptions",
    summary="List subscriptions",
    responses=answers(page_model("SubscriptionPage", SubscriptionShown)),
)
def subscriptions(
    request: Request, asked: Annotated[SubscriptionsAsked, Query()], access: Reader
) -> Response:
    """List subscriptions, newest first: one's own, for stewards everybody's."""
    before = read_cursor(access, asked.cursor, ("subscriptions",))
    with access.transaction() as connection:
        found = store.list_subscriptions(
            connection, client_id=_own(access), before=before, limit=asked.limit + 1
        )
        epoch = last_position(connection).epoch
    shown = found[: asked.limit]
    more = len(found) > asked.limit
    cursor = access.hub.cursors.write(shown[-1].number, "subscriptions") if more else None
    return page(request, [_document(access, one, epoch) for one in shown], cursor)


@routes.get(
    "/subscriptions/{subscription_id}",
    operation_id="get_subscription",
    summary="Read a subscription",
    responses=answers(SubscriptionShown),
)
def subscription(subscription_id: Words, access: Reader) -> Response:
    """Read one subscription: how far it is, and what the last attempt met."""
    with access.transaction() as connection:
        found = store.get_subscription(connection, subscription_id, _own(access))
        epoch = last_position(connection).epoch
    return answer(_document(access, found, epoch), headers=_tag(found))


@routes.patch(
    "/subscriptions/{subscription_id}",
    operation_id="change_subscription",
    summary="Change, disable or enable a subscription",
    responses=answers(SubscriptionShown, 412, 428),
)
def change(
    subscription_id: Words, said: SubscriptionPatch, access: Writer, if_match: IfMatch = None
) -> Response:
    """What is not sent stays as it is. Sending is tried anew at once."""
    version = matching_version(if_match)
    with access.transaction() as connection:
        before = store.get_subscription(connection, subscription_id, _own(access))
        if said.url is not None:
            place_of(said.url, access.hub.settings.subscribers)
        changed = said.said(before)
        found = store.change_subscription(connection, subscription_id, version, changed)
        if before.client_id == access.caller.client_id:
            followed_views(access.caller, found.following)
        access.tell(connection, "change subscription", about=f"subscription {subscription_id}")
        document = _document(access, found, last_position(connection).epoch)
    return answer(document, headers=_tag(found))


@routes.delete(
    "/subscriptions/{subscription_id}",
    operation_id="delete_subscription",
    summary="End a subscription",
    responses=answers(None, 412, 428, status=204),
    status_code=204,
)
def delete(subscription_id: Words, access: Writer, if_match: IfMatch = None) -> Response:
    """Send nothing to this address any more."""
    version = matching_version(if_match)
    with access.transaction() as connection:
        store.get_subscription(connection, subscription_id, _own(access))
        store.delete_subscription(connection, subscription_id, version)
        access.tell(connection, "delete subscription", about=f"subscription {subscription_id}")
    return Response(status_code=204)


@routes.post(
    "/subscriptions/{subscription_id}/rotate",
    operation_id="rotate_subscription",
    summary="Give a subscription a new secret",
    responses=answers(SubscriptionMade, 409),
)
def rotate(
    subscription_id: Words, said: Rotation, access: Writer, idempotency_key: IdempotencyKey
) -> Response:
    """Sign with a new secret; the one before signs along for a while, so that none is missed."""

    def effect(keep: Any) -> Answer:
        with access.transaction() as connection:
            store.get_subscription(connection, subscription_id, _own(access))
            overlap = timedelta(hours=said.overlap_hours)
            args = (access.hub.settings, subscription_id, overlap)
            made, secret = jobs.rotate(connection, *args)
            return _told(access, connection, "rotate subscription", made, keep, secret=secret)

    route = f"subscriptions {subscription_id} rotate"
    return once(access, route, idempotency_key, (said.model_dump_json(),), effect)


@routes.post(
    "/subscriptions/{subscription_id}/replay",
    operation_id="replay_subscription",
    summary="Send changes again, from a cursor on",
    responses=answers(SubscriptionShown, 409, 410),
)
def replay(
    subscription_id: Words, said: Replay, access: Writer, idempotency_key: IdempotencyKey
) -> Response:
    """Go on behind a cursor of the feed, or send all that is kept; ids of messages are the same."""

    def effect(keep: Any) -> Answer:
        with access.transaction() as connection:
            store.get_subscription(connection, subscription_id, _own(access))
            position = _place(access, connection, said.cursor) or first_position(connection)
            place = {"epoch": position.epoch, "seq": position.seq}
            made = store.change_subscription(connection, subscription_id, None, place)
            return _told(access, connection, "replay subscription", made, keep)

    route = f"subscriptions {subscription_id} replay"
    return once(access, route, idempotency_key, (said.model_dump_json(),), effect)


@routes.post(
    "/subscriptions/{subscription_id}/test",
    operation_id="test_subscription",
    summary="Send a test event now",
    responses=answers(Tried, 409),
)
def test(subscription_id: Words, access: Writer, idempotency_key: IdempotencyKey) -> Response:
    """Send an event that tells of nothing, and answer with what has become of it."""

    def effect(keep: Any) -> Answer:
        with access.transaction() as connection:
            found = store.get_subscription(connection, subscription_id, _own(access))
        posted = jobs.send_test(access.hub.settings, found)
        told = Answer(200, {"taken": posted.taken, "reason": posted.reason}, {})
        with access.transaction() as connection:
            keep(connection, told)
            access.tell(connection, "test subscription", about=f"subscription {subscription_id}")
        return told

    return once(access, f"subscriptions {subscription_id} test", idempotency_key, (), effect)


def _own(access: Access) -> str | None:
    """Return whose subscriptions the caller sees; None: everybody's."""
    return None if sees_all_shares(access.caller) else access.caller.client_id


def _place(access: Access, connection: Connection, cursor: str | None) -> Position | None:
    if cursor is None:
        return None
    position = read_feed_cursor(access, cursor, last_position(connection).epoch)
    check_position(connection, position)
    return position


def _told(
    access: Access,
    connection: Connection,
    action: str,
    made: Subscription,
    keep: Any,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **secret: str,
) -> Answer:
    """Keep the answer without the secret, and return it with the secret."""
    document = plain(_document(access, made, last_position(connection).epoch))
    told = Answer(status, document | dict.fromkeys(secret), {**(headers or {}), **_tag(made)})
    keep(connection, told)
    access.tell(connection, action, about=f"subscription {made.subscription_id}")
    return replace(told, document=document | secret)


def _document(access: Access, row: Subscription, epoch: int) -> dict[str, Any]:
    return subscription_document(row, feed_cursor(access, epoch, row.position))


def _tag(row: Subscription) -> dict[str, str]:
    return {"ETag": f'"{row.version}"'}
