"""Delivering: what is due is sent, what was answered is noted, what was taken is read back.

Every step is its own transaction, and a delivery is claimed for a time only: whichever step a
process dies at, another one goes on from there, with the same id and the same cells. A time-out
means that nobody knows: the same is sent again, and then read back.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from connectors import CONNECTORS
from hub.config import Settings
from hub.connector import Connector
from hub.database import engine
from hub.delivery.back import Told, expressed, read_row
from hub.delivery.parcel import Answering, Outcome, Parcel, Readable, Reply, Target
from hub.delivery.targets import target_of
from hub.jobs import corrections
from hub.jobs.resolve import CHINA, resolve
from hub.jobs.sync import connected
from hub.store import deliveries, entries
from hub.store.deliveries import UPDATE, DeliveryRow
from hub.store.records import record_key

#: For so long a claim holds; a process that takes longer over one parcel has died.
LEASE = timedelta(minutes=2)
#: Deliveries claimed at a time.
MOST = 20
#: After so many attempts, spread over more than two days, somebody has to look.
TRIES = 20
FIRST_WAIT, LONGEST_WAIT = 5.0, 6 * 3600.0
#: So many failures in a row, and a target is left alone until the next time.
DOWN = 3
#: How often a target that answers later is asked.
ASK_AGAIN = timedelta(seconds=2)
#: For so long a newer value of a field waits for the answer to the former; it may have been lost.
PATIENCE = timedelta(days=3)
#: Records of attempts are kept for so long.
KEPT = timedelta(days=30)

Clock = Callable[[], datetime]


def now_here() -> datetime:
    """Return the present moment in China."""
    return datetime.now(CHINA)


@dataclass(slots=True)
class Delivered:
    """What a pass has done: how many deliveries came to each state, and what was in the way."""

    states: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)


def deliver(settings: Settings, *, clock: Clock = now_here) -> Delivered:
    """Send what is due to every connected source, and note what has been answered."""
    done = Delivered()
    for connector, said in connected(settings).values():
        target = target_of(connector, said)
        if target is None:
            continue
        with closing(target):
            _Round(settings, connector, target, clock, done).go()
    with engine(settings).begin() as connection:
        deliveries.forget_attempts(connection, clock() - KEPT)
    if done.states.keys() & {"refused", "differs", "dead"}:
        # A source keeps to its own value: from now on that disputes the one that is served.
        resolve(settings, cause={"kind": "delivery"})
    return done


def replay(
    settings: Settings, delivery_ids: list[str] | None, source: str | None = None
) -> list[str]:
    """Queue dead deliveries again, or those named; return their ids."""
    with engine(settings).begin() as connection:
        return deliveries.replay(connection, now_here(), delivery_ids=delivery_ids, source=source)


def wait_of(attempts: int, after: float | None = None) -> float:
    """Return the seconds until the next attempt: longer each time, never the same for all."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 30))
    return max(after or 0.0, random.uniform(longest / 2, longest))


class _Round:
    """One pass over one target."""

    def __init__(
        self,
        settings: Settings,
        connector: Connector,
        target: Target,
        clock: Clock,
        done: Delivered,
    ) -> None:
        self._settings, self._connector, self._target = settings, connector, target
        self._clock, self._done = clock, done
        self._failed = 0

    def go(self) -> None:
        """Send, ask, read back."""
        while self._failed < DOWN and (claimed := self._claim()):
            for place, delivery_id in enumerate(claimed):
                if self._failed >= DOWN:
                    self._let_go(claimed[place:])
                    break
                self._send(delivery_id)
        waiting = self._waiting()
        if isinstance(self._target, Answering):
            self._ask(self._target, [row for row in waiting if row.state == "sent"])
            waiting = self._waiting()
        self._read_back([row for row in waiting if row.state == "accepted"])

    def _claim(self) -> list[str]:
        now = self._clock()
        with engine(self._settings).begin() as connection:
            return deliveries.claim(
                connection,
                self._connector.name,
                now=now,
                until=now + LEASE,
                awaited=now - PATIENCE,
                most=MOST,
            )

    def _let_go(self, delivery_ids: list[str]) -> None:
        with engine(self._settings).begin() as connection:
            deliveries.let_go(connection, delivery_ids)

    def _waiting(self) -> list[DeliveryRow]:
        with engine(self._settings).connect() as connection:
            return deliveries.unanswered(connection, self._connector.name, self._clock())

    def _send(self, delivery_id: str) -> None:
        """Send one delivery, with the cells that it left with the first time."""
        with engine(self._settings).begin() as connection:
            row = deliveries.get_delivery(connection, delivery_id)
            if row.attempts == 1 and row.kind == UPDATE:
                row = deliveries.renew(connection, row)
            native = self._spelt(connection, row)
            if native is None:
                # A worker is to know; a department's change was never promised to anybody.
                state = "dead" if row.promised else "refused"
                self._end(connection, row, state, "the source has no words for this")
                return
            if not native:
                self._end(connection, row, "confirmed", "the source says so already")
                return
        outcome = self._target.send(self._parcel(row, native))
        if outcome.fate == "unknown" and row.attempts > 1 and self._said_so(row):
            outcome = Outcome("accepted", outcome.reason)
        self._note(row, outcome)
        if outcome.fate == "accepted" and isinstance(self._target, Readable):
            # Before anything newer is sent there.
            self._read_back([replace(row, state="accepted")])

    def _spelt(self, connection: Connection, row: DeliveryRow) -> Mapping[str, Any] | None:
        """Return the cells to send: spelt when they first leave, and the same ever after."""
        if row.native is not None and (row.attempts > 1 or row.kind != UPDATE):
            return row.native
        said = entries.said_rows(connection, row.source, row.dataset, [row.key]).get(row.key)
        told = self._told(connection, row)
        dataset = self._connector.dataset(row.dataset)
        if said is None or told is None or dataset is None:
            return None
        # Of what it was told since, the source need not have said anything yet.
        said |= deliveries.told_since(connection, row.source, row.dataset, row.key)
        cells = expressed(dataset, self._settings.district, said, told, row.values)
        if cells.fields.keys() < row.values.keys():
            if row.promised or not cells.fields:
                return None
            deliveries.narrow(connection, row.delivery_id, list(cells.fields))
            deliveries.look_again(connection, row.delivery_id)
        deliveries.change(connection, row.delivery_id, native=cells.cells)
        return cells.cells

    def _note(self, row: DeliveryRow, outcome: Outcome) -> None:
        """Write down what has become of a delivery."""
        now = self._clock()
        with engine(self._settings).begin() as connection:
            deliveries.note_attempt(connection, row.delivery_id, now, outcome.fate, outcome.reason)
            if outcome.fate in ("handed", "accepted"):
                self._failed = 0
                state = "sent" if outcome.fate == "handed" else "accepted"
                self._change(connection, row, state, outcome.reason, handed_at=now, due_at=now)
            elif outcome.fate == "refused":
                self._failed = 0
                self._end(connection, row, "refused", outcome.reason)
            else:
                self._put_off(connection, row, outcome, now)

    def _put_off(
        self, connection: Connection, row: DeliveryRow, outcome: Outcome, now: datetime
    ) -> None:
        self._failed = self._failed + 1 if outcome.down else 0
        self._done.failures[row.source] = outcome.reason or outcome.fate
        if row.attempts >= TRIES:
            self._end(connection, row, "dead", outcome.reason)
            return
        # Once nobody knows, nobody knows until somebody answers.
        state = "sent" if outcome.fate == "unknown" else row.state
        due = now + timedelta(seconds=wait_of(row.attempts, outcome.after))
        self._change(connection, row, state, outcome.reason, due_at=due)

    def _ask(self, target: Answering, waiting: list[DeliveryRow]) -> None:
        """Note the answers to what was handed over before."""
        parcels = [self._parcel(row, row.native or {}) for row in waiting]
        replies = target.replies(parcels) if parcels else {}
        with engine(self._settings).begin() as connection:
            for row in waiting:
                self._answer(connection, row, replies.get(row.delivery_id))

    def _answer(self, connection: Connection, row: DeliveryRow, reply: Reply | None) -> None:
        if reply is None:
            later = self._clock() + ASK_AGAIN
            deliveries.change(connection, row.delivery_id, due_at=later)
        elif not reply.done:
            self._end(connection, row, "refused", reply.reason)
        elif reply.shown:
            self._end(connection, row, "confirmed", reply.reason)
        else:
            self._change(connection, row, "accepted", reply.reason)

    def _read_back(self, waiting: list[DeliveryRow]) -> None:
        """Compare what the target says now with what it was told."""
        for row in waiting:
            said = self._said_so(row)
            with engine(self._settings).begin() as connection:
                if said:
                    self._end(connection, row, "confirmed", None)
                elif said is None or isinstance(self._target, Answering):
                    # It has agreed; when it does as it said is its own affair.
                    later = self._clock() + ASK_AGAIN
                    deliveries.change(connection, row.delivery_id, due_at=later)
                else:
                    self._end(connection, row, "differs", "read back otherwise")

    def _said_so(self, row: DeliveryRow) -> bool | None:
        """Tell whether the target says all that is still awaited of it; None: nobody can tell."""
        with engine(self._settings).connect() as connection:
            awaited = deliveries.awaited(connection, row.delivery_id)
            told = self._told(connection, row)
        if not awaited:
            return True
        dataset = self._connector.dataset(row.dataset)
        if not isinstance(self._target, Readable) or dataset is None or told is None:
            return None
        said = self._target.read(dataset, row.key)
        now = None if said is None else read_row(dataset, self._settings.district, said, told)
        return None if now is None else awaited.items() <= now.items()

    def _told(self, connection: Connection, row: DeliveryRow) -> Told | None:
        key = record_key(connection, row.record_type, row.record_id)
        return None if key is None else Told(row.record_type, key)

    def _parcel(self, row: DeliveryRow, native: Mapping[str, Any]) -> Parcel:
        dataset = self._connector.dataset(row.dataset)
        if dataset is None:
            raise LookupError(f"source {row.source} has no dataset {row.dataset} any more")
        cells = {column: (now, wanted) for column, (now, wanted) in native.items()}
        return Parcel(row.delivery_id, dataset, row.key, cells, row.basis, row.planned_at)

    def _change(
        self,
        connection: Connection,
        row: DeliveryRow,
        state: str,
        reason: str | None,
        **said: Any,
    ) -> None:
        now = self._clock()
        deliveries.change(
            connection,
            row.delivery_id,
            state=state,
            reason=reason,
            at=now,
            leased_until=None,
            **said,
        )
        if state != row.state:
            self._done.states[state] += 1
        if state == "accepted" and row.kind != UPDATE:
            self._tell(connection, row, "accepted", reason)

    def _end(
        self, connection: Connection, row: DeliveryRow, state: str, reason: str | None
    ) -> None:
        self._change(connection, row, state, reason)
        if row.kind == UPDATE and state != "confirmed":
            deliveries.look_again(connection, row.delivery_id)
        elif row.kind != UPDATE and state in ("confirmed", "refused"):
            self._tell(connection, row, "refused" if state == "refused" else "accepted", reason)

    def _tell(
        self, connection: Connection, row: DeliveryRow, state: str, reason: str | None
    ) -> None:
        corrections.answer_carried(
            connection, row.delivery_id, state, reason, row.source, self._clock()
        )


def targets(settings: Settings) -> Iterator[str]:
    """Name the connected sources that take changes."""
    for source in connected(settings):
        if CONNECTORS[source].takes:
            yield source
