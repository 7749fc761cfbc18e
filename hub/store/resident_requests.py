"""What residents ask about what is held of them (PIPL, Art 45-47): to see, correct or erase it.

    received ──► verified ──► answered
        │            ├──────► refused
        └────────────┴──────► withdrawn

PIPL wants an answer in good time (Art 50) and names no days; the hub takes the fifteen working
days that the state's rules for apps name. Nothing is shown or done before somebody has seen to it
that it is this person who asks. A refusal states its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import Conflict, NotFound
from hub.store import tables
from hub.store.erasure import PERSON, Held
from hub.store.request_steps import Step, StepBy, Trail, check_step
from hub.store.share_materials import Clock, Impossible
from hub.store.tables import erasure_ask, resident_request, resident_step
from hub.workdays import workdays_between

#: Working days for an answer, and for a department to say whether it erases.
DAYS, ASK_DAYS = 15, 10

Kind = Literal["access", "correction", "erasure"]
KINDS: tuple[Kind, ...] = get_args(Kind)
State = Literal["received", "verified", "answered", "refused", "withdrawn"]
STATES: tuple[State, ...] = get_args(State)
AskedBy = Literal["self", "guardian", "relative", "agent"]
Channel = Literal["counter", "letter", "phone", "online"]
AskState = Literal["open", "erased", "kept"]

#: States in which the period runs.
RUNNING: tuple[State, ...] = ("received", "verified")
_TABLE, _STEP, _ASK = resident_request, resident_step, erasure_ask
_TRAIL = Trail(_TABLE, _STEP)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a resident asks for, as somebody writes it down."""

    kind: Kind
    said: str
    asked_by: AskedBy = "self"
    channel: Channel = "counter"
    entity_id: str | None = None
    #: Values by field, of a correction.
    proposed: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What a department is asked to erase, and what it answers."""

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


@dataclass(frozen=True, slots=True)
class ResidentRequest:
    """A resident's request and how far its answer is."""

    request_id: int
    version: int
    kind: Kind
    state: State
    entity_id: str | None
    asked_by: AskedBy
    channel: Channel
    said: str
    proposed: Mapping[str, Any]
    received_at: datetime
    received_by: str
    due_on: date
    checked: str | None
    reason: str | None
    outcome: Mapping[str, Any] | None
    ended_at: datetime | None
    steps: tuple[Step, ...] = ()
    asks: tuple[Ask, ...] = ()

    def overdue(self, today: date) -> bool:
        """Tell whether it should have been answered."""
        return self.state in RUNNING and self.due_on < today

    def document(self, clock: Clock) -> dict[str, Any]:
        """Write the request as it is shown."""
        shown = {name: getattr(self, name) for name in self.__slots__}
        return shown | {
            "overdue": self.overdue(clock.today),
            "working_days_left": workdays_between(clock.today, self.due_on, clock.days),
            "proposed": dict(self.proposed),
            "steps": [asdict(step) for step in self.steps],
            "asks": [asdict(ask) for ask in self.asks],
        }


def receive(connection: Connection, wish: Wish, by: str, clock: Clock) -> ResidentRequest:
    """Write down what somebody asks for; its period runs from now."""
    if (wish.kind == "correction") != bool(wish.proposed):
        raise Impossible("a correction, and nothing else, proposes values")
    if wish.entity_id is not None:
        _need_person(connection, wish.entity_id)
    values = asdict(wish) | {"proposed": dict(wish.proposed or {}), "state": "received"}
    values |= {"received_at": clock.now, "received_by": by, "due_on": clock.after(DAYS)}
    made = _TABLE.insert().values(values).returning(_TABLE.c.request_id)
    request_id = int(connection.scalar(made) or 0)
    _TRAIL.note(connection, request_id, "received", StepBy(by, clock))
    return get_request(connection, request_id)


def verify(
    connection: Connection, request_id: int, checked: str, entity_id: str | None, step: StepBy
) -> ResidentRequest:
    """Say how it was seen to that it is this person who asks, and who of those known it is."""
    before = locked(connection, request_id, step, ("received",))
    whom = entity_id or before.entity_id
    if whom is None:
        raise Impossible("say which of the persons known it is")
    _need_person(connection, whom)
    values = {"state": "verified", "checked": checked, "entity_id": whom}
    return stepped(connection, before, "verified", values, step)


def finish(
    connection: Connection, before: ResidentRequest, outcome: Mapping[str, Any], step: StepBy
) -> ResidentRequest:
    """Write down what was done; the period ends."""
    values = {"state": "answered", "outcome": dict(outcome), "reason": step.reason}
    return stepped(connection, before, "answered", values | {"ended_at": step.clock.now}, step)


def refuse(connection: Connection, request_id: int, step: StepBy) -> ResidentRequest:
    """Refuse what is asked for, with the reason that is owed for it (PIPL, Art 50)."""
    if not step.reason:
        raise Impossible("a refusal states its reason (PIPL, Art 50)")
    before = locked(connection, request_id, step, RUNNING)
    values = {"state": "refused", "reason": step.reason, "ended_at": step.clock.now}
    return stepped(connection, before, "refused", values, step)


def withdraw(connection: Connection, request_id: int, step: StepBy) -> ResidentRequest:
    """Write down that the request was taken back."""
    before = locked(connection, request_id, step, RUNNING)
    values = {"state": "withdrawn", "ended_at": step.clock.now}
    return stepped(connection, before, "withdrawn", values, step)


def open_asks(connection: Connection, request_id: int, held: Sequence[Held], clock: Clock) -> None:
    """Ask departments to erase rows of theirs, or to say by which duty they keep them."""
    common = {"request_id": request_id, "asked_at": clock.now, "due_on": clock.after(ASK_DAYS)}
    if held:
        connection.execute(_ASK.insert().values([common | one._asdict() for one in held]))


def answer_ask(
    connection: Connection, request_id: int, ask_id: int, state: AskState, step: StepBy
) -> ResidentRequest:
    """Write down what a department answers; what it keeps it keeps by a legal basis."""
    if state == "kept" and not step.reason:
        raise Impossible("what is kept is kept by a legal basis: say which")
    get_request(connection, request_id)
    this = (_ASK.c.ask_id == ask_id, _ASK.c.request_id == request_id, _ASK.c.state == "open")
    values = {"state": state, "reason": step.reason, "answered_by": step.by}
    done = connection.execute(
        _ASK.update().where(*this).values(values | {"answered_at": step.clock.now})
    )
    if not done.rowcount:
        raise Conflict("nothing of this number waits for an answer")
    _TRAIL.note(connection, request_id, f"source {state}", step)
    return get_request(connection, request_id)


def get_request(connection: Connection, request_id: int) -> ResidentRequest:
    """Return a request with its steps, and with what departments were asked."""
    query = sa.select(_TABLE).where(_TABLE.c.request_id == request_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such request of a resident")
    taken = sa.select(_STEP).where(_STEP.c.request_id == request_id).order_by(_STEP.c.step_no)
    steps = tuple(
        Step(one["step"], one["by"], one["at"], one["reason"])
        for one in connection.execute(taken).mappings()
    )
    columns = [_ASK.c[name] for name in Ask.__slots__]
    asked = sa.select(*columns).where(_ASK.c.request_id == request_id).order_by(_ASK.c.ask_id)
    asks = tuple(Ask(**one) for one in connection.execute(asked).mappings())
    return replace(_request(row), steps=steps, asks=asks)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which requests are asked for; None asks nothing."""

    kind: Kind | None = None
    state: State | None = None
    entity_id: str | None = None
    #: Only those that should have been answered before this day.
    due_before: date | None = None


def list_requests(
    connection: Connection, asked: Asked, *, before: int | None = None, limit: int = 100
) -> list[ResidentRequest]:
    """Return requests below a number, newest first, without their steps."""
    query = sa.select(_TABLE)
    for name in ("kind", "state", "entity_id"):
        if (wanted := getattr(asked, name)) is not None:
            query = query.where(_TABLE.c[name] == wanted)
    if asked.due_before is not None:
        query = query.where(_TABLE.c.due_on < asked.due_before, _TABLE.c.state.in_(RUNNING))
    if before is not None:
        query = query.where(_TABLE.c.request_id < before)
    found = connection.execute(query.order_by(_TABLE.c.request_id.desc()).limit(limit))
    return [_request(row) for row in found.mappings()]


def count_due(connection: Connection, today: date) -> int:
    """Count the requests that are to be answered today or should have been."""
    due = (_TABLE.c.due_on <= today, _TABLE.c.state.in_(RUNNING))
    return int(connection.scalar(sa.select(sa.func.count()).where(*due)) or 0)


def locked(
    connection: Connection, request_id: int, step: StepBy, states: Sequence[State]
) -> ResidentRequest:
    """Hold a request for a step that only these states allow; Conflict or Stale otherwise."""
    _TRAIL.hold(connection, request_id)
    request = get_request(connection, request_id)
    check_step(request.version, request.state, step, states)
    return request


def stepped(
    connection: Connection,
    before: ResidentRequest,
    name: str,
    values: Mapping[str, Any],
    step: StepBy,
) -> ResidentRequest:
    """Write a step down with what it changes."""
    _TRAIL.change(connection, before.request_id, name, values, step)
    return get_request(connection, before.request_id)


def _need_person(connection: Connection, entity_id: str) -> None:
    table = tables.entity
    known = (table.c.entity_id == entity_id, table.c.record_type == PERSON)
    if not connection.scalar(sa.select(sa.exists().where(*known))):
        raise Impossible("there is no person of this id")


def _request(row: Mapping[Any, Any]) -> ResidentRequest:
    named = [name for name in ResidentRequest.__slots__ if name not in ("steps", "asks")]
    return ResidentRequest(**{name: row[name] for name in named})
