"""Telling subscribers of changes: in order, at least once, each one at its own pace.

A subscription is claimed for a time by one sender, which writes down each change that was taken
before it sends the next: whoever goes on after a failure begins with the first that was not, under
the same message id. Grants are read anew for every page of the feed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event, Lock
from typing import Any

import orjson
from sqlalchemy import Connection

from hub.config import Settings
from hub.database import engine
from hub.delivery.addresses import place_of
from hub.delivery.subscriber import Posted, Subscriber, new_secret
from hub.jobs.deliver import TRIES, Clock, now_here, wait_of
from hub.jobs.events import event_of, notice_of
from hub.keyfiles import Seal
from hub.store import audit
from hub.store import subscriptions as store
from hub.store.callers import entitled, find_caller
from hub.store.feed_reads import (
    Change,
    Expired,
    Position,
    changes_after,
    check_position,
    first_position,
    followed_views,
    last_position,
)
from hub.store.subscriptions import DISABLED, Subscription
from hub.store.visible import Caller, Denied, visible
from schemas import Person

#: Subscribers told at the same time; who does not answer keeps one of these from the others.
SENDERS = 8
#: Changes read at a time.
PAGE = 100
#: For so long a claim holds without anything being taken.
LEASE = timedelta(minutes=2)

_SENDER = "hub deliver"


@dataclass(slots=True)
class Told:
    """What a pass has done: messages that were taken or not, subscriptions that were disabled."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def note(self, what: str) -> None:
        """Count something; senders do at the same time."""
        with self._lock:
            self.counts[what] += 1


def tell_subscribers(
    settings: Settings, *, clock: Clock = now_here, ending: Event | None = None
) -> Told:
    """Tell all who are due of all there is, each in a thread of its own."""
    told = Told()
    ended = ending or Event()
    claims = _Claims(settings, clock)

    def work(_: int) -> None:
        while not ended.is_set() and (held := claims.next()) is not None:
            _Sending(settings, held, clock, told, ended).go()

    with ThreadPoolExecutor(SENDERS, thread_name_prefix="hub subscriptions") as senders:
        list(senders.map(work, range(SENDERS)))
    return told


class _Claims:
    """Gives out the subscriptions that are due, each once a pass."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._given: list[str] = []
        self._lock = Lock()

    def next(self) -> Subscription | None:
        """Claim the next subscription; None where none is left."""
        with self._lock, engine(self._settings).begin() as connection:
            now = self._clock()
            found = store.claim(connection, now=now, until=now + LEASE, but=self._given)
            if found is not None:
                self._given.append(found.subscription_id)
            return found


@dataclass(frozen=True, slots=True)
class _Page:
    """Messages to be sent, each with the position that it leads to, and where the feed goes on."""

    messages: Sequence[tuple[Position, str, str]]
    onward: Position
    epoch: int
    more: bool = False


class _Sending:
    """One subscription that is being told."""

    def __init__(
        self, settings: Settings, held: Subscription, clock: Clock, told: Told, ending: Event
    ) -> None:
        self._settings, self._held, self._clock = settings, held, clock
        self._told, self._ending = told, ending

    def go(self) -> None:
        """Send page by page until there is no more, or something is not taken."""
        try:
            target = subscriber_of(self._settings, self._held, self._clock())
            with closing(target):
                while (page := self._page()) is not None:
                    if not self._send(target, page) or not page.more or self._ending.is_set():
                        break
        except Denied as error:
            self._disable(str(error))
        finally:
            with engine(self._settings).begin() as connection:
                store.let_go(connection, self._held)

    def _page(self) -> _Page | None:
        """Read what comes next, as far as its owner may know of it now."""
        held, division = self._held, self._settings.district.division
        reading = engine(self._settings).execution_options(isolation_level="REPEATABLE READ")
        with reading.begin() as connection:
            caller = _owner(connection, held)
            views = followed_views(caller, held.following)
            last = last_position(connection)
            if notice := _notice(connection, held, last, division):
                return notice
            args = (views, held.position, PAGE, held.following)
            found, onward = changes_after(connection, *args)
        if (entry := _followed(held, caller, found)) is not None:
            with engine(self._settings).begin() as connection:
                audit.record(connection, entry)
        messages = [_message(one.position, event_of(one, division)) for one in found]
        return _Page(messages, onward, held.told_epoch, more=len(found) == PAGE)

    def _send(self, target: Subscriber, page: _Page) -> bool:
        for position, message_id, body in page.messages:
            if self._ending.is_set():
                return False
            posted = target.post(message_id, body)
            if not posted.taken:
                self._put_off(posted)
                return False
            self._told.note("sent")
            if not self._advance(position, page.epoch, sent_at=self._clock()):
                # Somebody has changed or taken over the subscription meanwhile.
                return False
        return self._advance(page.onward, page.epoch)

    def _advance(self, position: Position, epoch: int, **said: Any) -> bool:
        well = {"attempts": 0, "failing_since": None, "reason": None} if said else {}
        until = self._clock() + LEASE
        with engine(self._settings).begin() as connection:
            said |= {"told_epoch": epoch, "leased_until": until, **well}
            if not store.advance(connection, self._held, position, **said):
                return False
        self._held = replace(
            self._held,
            epoch=position.epoch,
            seq=position.seq,
            told_epoch=epoch,
            attempts=0 if well else self._held.attempts,
            failing_since=None if well else self._held.failing_since,
        )
        return True

    def _put_off(self, posted: Posted) -> None:
        """Try again later, less and less often; give up after days, or when told to."""
        attempts, now = self._held.attempts + 1, self._clock()
        self._told.note("failed")
        self._told.failures[self._held.subscription_id] = posted.reason or "not taken"
        if posted.gone:
            self._disable("the subscriber has answered that it is gone (410)")
        elif attempts >= TRIES:
            since = self._held.failing_since or now
            self._disable(f"nothing was taken since {since:%Y-%m-%d %H:%M}: {posted.reason}")
        else:
            self._let_go(
                attempts=attempts,
                reason=posted.reason,
                failing_since=self._held.failing_since or now,
                due_at=now + timedelta(seconds=wait_of(attempts, posted.after)),
            )

    def _disable(self, reason: str) -> None:
        self._told.note("disabled")
        about = f"subscription {self._held.subscription_id}: {reason}"
        with engine(self._settings).begin() as connection:
            store.let_go(connection, self._held, state=DISABLED, reason=reason)
            audit.record(connection, audit.Entry(_SENDER, "disable subscription", about=about))

    def _let_go(self, **said: Any) -> None:
        with engine(self._settings).begin() as connection:
            store.let_go(connection, self._held, **said)


def _owner(connection: Connection, held: Subscription) -> Caller:
    found = find_caller(connection, held.client_id)
    if found is None:
        raise Denied("its owner was shut out")
    return entitled(connection, found)


def _notice(
    connection: Connection, held: Subscription, last: Position, division: str
) -> _Page | None:
    """Return the message that the feed does not simply go on, where that is so.

    It was restored, and what was told since the dump may not be so; or it was kept too short.
    """
    onward = held.position
    try:
        check_position(connection, held.position)
    except Expired:
        onward = first_position(connection)
    if held.told_epoch == last.epoch and onward == held.position:
        return None
    said = {"epoch": last.epoch, "resync": "/v1/exports"}
    event_id = f"{last.epoch}-{onward.epoch}-{onward.seq}-resync"
    message = _message(onward, notice_of("feed.resync", event_id, division, **said))
    return _Page([message], onward, last.epoch, more=True)


def _message(position: Position, event: Mapping[str, Any]) -> tuple[Position, str, str]:
    return position, str(event["id"]), orjson.dumps(event).decode()


def _followed(held: Subscription, caller: Caller, found: Sequence[Change]) -> audit.Entry | None:
    """Return what the audit is told before the ids of persons are shown."""
    persons = sorted({one.entity_id for one in found if one.record_type == "person"})
    view = visible(caller, Person, names={"person_id"}, values=False)
    if not persons or not view.personal:
        return None
    return audit.Entry(
        held.client_id,
        "follow",
        purpose=held.purpose,
        record_type="person",
        entity_ids=persons,
        fields=view.personal,
        about=f"subscription {held.subscription_id}",
    )


def subscriber_of(settings: Settings, held: Subscription, now: datetime) -> Subscriber:
    """Return the way to a subscriber: the new secret signs, and the one before for its time."""
    return Subscriber(held.url, [*_keys(settings, held, now)], settings.subscribers)


def _keys(settings: Settings, held: Subscription, now: datetime) -> Iterator[str]:
    seal = Seal(settings.home)
    yield seal.open(held.secret)
    if held.former_secret and held.former_until and held.former_until > now:
        yield seal.open(held.former_secret)


def subscribe(
    connection: Connection,
    settings: Settings,
    caller: Caller,
    position: Position,
    said: Mapping[str, Any],
) -> tuple[Subscription, str]:
    """Begin a subscription; return it with its secret, which nobody can read again."""
    place_of(said["url"], settings.subscribers)
    secret = new_secret()
    sealed = Seal(settings.home).close(secret)
    made = store.add_subscription(connection, caller.client_id, sealed, position, said)
    followed_views(caller, made.following)
    return made, secret


def rotate(
    connection: Connection, settings: Settings, subscription_id: str, overlap: timedelta
) -> tuple[Subscription, str]:
    """Give a subscription a new secret; the one before signs along for a while yet."""
    secret = new_secret()
    sealed = Seal(settings.home).close(secret)
    return store.rotate_secret(connection, subscription_id, sealed, overlap), secret


def send_test(settings: Settings, held: Subscription) -> Posted:
    """Send an event that tells of nothing, now, and say what has become of it."""
    now = now_here()
    event_id = f"{held.subscription_id}-test-{now:%Y%m%d%H%M%S%f}"
    said = {"subscription_id": held.subscription_id}
    event = notice_of("subscription.test", event_id, settings.district.division, **said)
    with closing(subscriber_of(settings, held, now)) as target:
        return target.post(event_id, orjson.dumps(event).decode())
