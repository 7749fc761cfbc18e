"""Share requests (Decree 809, Art 20-22): what is asked for, the steps of the answer, its periods.

    incomplete ──► asked ──► approved ──► delivered ──► (expired)
                     │ ▲         └─────────────┴──────► revoked
          refused ◄──┘ └ extended

What is missing is told once. An unconditional request is answered in 1 working day, a conditional
one in 10, with approval in up to 10 more; what was approved is delivered within 20.
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
from hub.store.areas import area_of
from hub.store.grants import issue, revoke_grants_of
from hub.store.request_steps import Step, StepBy, Trail, check_step
from hub.store.share_materials import CHINA, PARTS, Clock, Impossible, Materials
from hub.workdays import settled, workdays_between

#: Working days for each answer (Art 21, 22).
UNCONDITIONAL, CONDITIONAL, EXTENSION, DELIVERY = 1, 10, 10, 20

State = Literal[
    "incomplete", "asked", "approved", "delivered", "refused", "withdrawn", "revoked", "expired"
]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """A share request and how far its answer is."""

    request_id: int
    version: int
    client_id: str
    asked_by: str
    state: State
    materials: Materials
    conditional: bool
    asked_at: datetime
    told_at: datetime | None
    missing: tuple[str, ...]
    received_on: date | None
    due_on: date | None
    extended: int
    steps: tuple[Step, ...] = ()

    def overdue(self, today: date) -> bool:
        """Tell whether the next step should have been taken."""
        return self.due_on is not None and self.due_on < today and self.state in _RUNNING

    def document(self, clock: Clock) -> dict[str, Any]:
        """Write the request as it is shown; times as they are, dates as dates."""
        said = asdict(self.materials) | {"area": self.materials.area.document()}
        plain = ("request_id", "version", "client_id", "asked_by", "state", "conditional")
        dated = ("asked_at", "told_at", "received_on", "due_on", "extended")
        sure = self.due_on is None or settled(
            self.received_on or self.due_on, self.due_on, clock.days
        )
        return {
            **{name: getattr(self, name) for name in (*plain, *dated)},
            "missing": list(self.missing),
            "overdue": self.overdue(clock.today),
            "due_is_settled": sure,
            "working_days_left": self.due_on
            and workdays_between(clock.today, self.due_on, clock.days),
            "state": self.state,
            **said,
            "purposes": list(self.materials.purposes),
            "steps": [asdict(step) for step in self.steps],
        }


#: States in which a period runs.
_RUNNING = ("asked", "approved")
_TABLE, _STEP = tables.share_request, tables.share_step
_TRAIL = Trail(_TABLE, tables.share_step)


def ask(
    connection: Connection, client_id: str, materials: Materials, by: str, clock: Clock
) -> ShareRequest:
    """Keep a request: its period runs, or it is told at once what is missing from it."""
    materials.check()
    values = {"client_id": client_id, "asked_by": by, "asked_at": clock.now}
    values |= _stated(materials) | _received(materials, clock)
    made = _TABLE.insert().values(values).returning(_TABLE.c.request_id)
    request_id = int(connection.scalar(made) or 0)
    _TRAIL.note(connection, request_id, "asked", StepBy(by, clock))
    return get_request(connection, request_id)


def supplement(
    connection: Connection, request_id: int, said: Mapping[str, Any], step: StepBy
) -> ShareRequest:
    """Add to an incomplete request; once nothing is missing, its period runs."""
    before = _locked(connection, request_id, step, ("incomplete",))
    materials = replace(before.materials, **said)
    materials.check()
    values = _stated(materials) | _received(materials, step.clock, told_at=before.told_at)
    return _stepped(connection, before, "supplemented", values, step)


def tell_missing(
    connection: Connection, request_id: int, missing: Sequence[str], step: StepBy
) -> ShareRequest:
    """Say what is missing from a request, all of it at once: that may be said a single time."""
    before = _locked(connection, request_id, step, ("asked",))
    if before.told_at is not None:
        raise Conflict("what is missing is told once (Decree 809, Art 21), and it was told")
    if not missing:
        raise Impossible("say what is missing")
    values = {"state": "incomplete", "missing": list(missing), "told_at": step.clock.now}
    return _stepped(
        connection, before, "incomplete", values | {"received_on": None, "due_on": None}, step
    )


def approve(connection: Connection, request_id: int, step: StepBy) -> ShareRequest:
    """Grant what is asked for; it can be read from the first day of use on."""
    before = _locked(connection, request_id, step, ("asked",))
    said = before.materials
    if said.used_until is not None and said.used_until < step.clock.today:
        raise Conflict("the period of use that was asked for is over")
    issue(connection, request_id, before.client_id, str(said.mode), said.grants())
    values = {"state": "approved", "due_on": step.clock.after(DELIVERY)}
    return _stepped(connection, before, "approved", values, step)


def refuse(connection: Connection, request_id: int, step: StepBy) -> ShareRequest:
    """Refuse a request with the reason that is owed for it."""
    if not step.reason:
        raise Impossible("a refusal states its reason (Decree 809, Art 21)")
    before = _locked(connection, request_id, step, ("asked",))
    return _stepped(connection, before, "refused", {"state": "refused", "due_on": None}, step)


def extend(connection: Connection, request_id: int, days: int, step: StepBy) -> ShareRequest:
    """Give the answer to a conditional request up to 10 working days more, once, with a reason."""
    before = _locked(connection, request_id, step, ("asked",))
    if before.extended or not before.conditional or before.due_on is None:
        raise Conflict("only the answer to a conditional request is extended, and once")
    if not step.reason or not 1 <= days <= EXTENSION:
        raise Impossible(f"an extension has a reason and 1 to {EXTENSION} working days")
    due = step.clock.after(days, before.due_on)
    return _stepped(connection, before, "extended", {"extended": days, "due_on": due}, step)


def deliver(connection: Connection, request_id: int, step: StepBy) -> ShareRequest:
    """Say that the asking department has what it asked for: the last period ends."""
    before = _locked(connection, request_id, step, ("approved",))
    return _stepped(connection, before, "delivered", {"state": "delivered", "due_on": None}, step)


def withdraw(connection: Connection, request_id: int, step: StepBy) -> ShareRequest:
    """Take a request back before it is answered."""
    before = _locked(connection, request_id, step, ("incomplete", "asked"))
    return _stepped(connection, before, "withdrawn", {"state": "withdrawn", "due_on": None}, step)


def revoke_request(connection: Connection, request_id: int, step: StepBy) -> ShareRequest:
    """End all grants of a request before their time, with a reason."""
    if not step.reason:
        raise Impossible("a revocation states its reason (Decree 809, Art 27)")
    before = _locked(connection, request_id, step, ("approved", "delivered"))
    revoke_grants_of(connection, request_id, step.by, step.reason)
    return _stepped(connection, before, "revoked", {"state": "revoked", "due_on": None}, step)


def get_request(
    connection: Connection, request_id: int, client_id: str | None = None
) -> ShareRequest:
    """Return a request with its steps, of this client where one is named."""
    query = sa.select(_TABLE).where(_TABLE.c.request_id == request_id)
    if client_id is not None:
        query = query.where(sa.or_(_TABLE.c.client_id == client_id, _TABLE.c.asked_by == client_id))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such share request")
    taken = sa.select(_STEP).where(_STEP.c.request_id == request_id).order_by(_STEP.c.step_no)
    steps = tuple(
        Step(one["step"], one["by"], one["at"], one["reason"])
        for one in connection.execute(taken).mappings()
    )
    return replace(_request(row), steps=steps)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which share requests are asked for; None asks nothing."""

    client_id: str | None = None
    state: State | None = None
    #: Only those whose next step is due before this day.
    due_before: date | None = None


def list_requests(
    connection: Connection,
    asked: Asked,
    *,
    before: int | None = None,
    limit: int = 100,
    by_due: bool = False,
) -> list[ShareRequest]:
    """Return requests behind one of them, newest or first due first, without their steps."""
    query = sa.select(_TABLE)
    if asked.client_id is not None:
        own = (_TABLE.c.client_id == asked.client_id, _TABLE.c.asked_by == asked.client_id)
        query = query.where(sa.or_(*own))
    if asked.state is not None:
        query = query.where(_in_state(asked.state))
    if asked.due_before is not None:
        query = query.where(_TABLE.c.due_on < asked.due_before, _TABLE.c.state.in_(_RUNNING))
    if before is not None:
        query = query.where(_behind(before, by_due))
    order = (_due(_TABLE), _TABLE.c.request_id) if by_due else (_TABLE.c.request_id.desc(),)
    found = connection.execute(query.order_by(*order).limit(limit))
    return [_request(row) for row in found.mappings()]


def _due(table: sa.FromClause) -> sa.ColumnElement[date]:
    """Return the day by which something is to be done; the end of time where nothing is."""
    running = sa.case((table.c.state.in_(_RUNNING), table.c.due_on))
    return sa.func.coalesce(running, sa.cast(sa.literal("infinity"), sa.Date))


def _behind(number: int, by_due: bool) -> sa.ColumnElement[bool]:
    if not by_due:
        return _TABLE.c.request_id < number
    one = _TABLE.alias()
    due = sa.select(_due(one)).where(one.c.request_id == number).scalar_subquery()
    return sa.tuple_(_due(_TABLE), _TABLE.c.request_id) > sa.tuple_(due, number)


def count_overdue(connection: Connection, today: date) -> int:
    """Count the requests whose next step should have been taken."""
    late = sa.select(sa.func.count()).where(_TABLE.c.due_on < today, _TABLE.c.state.in_(_RUNNING))
    return int(connection.scalar(late) or 0)


def count_due(connection: Connection, today: date) -> int:
    """Count the requests whose next step is to be taken today or should have been."""
    due = sa.select(sa.func.count()).where(_TABLE.c.due_on <= today, _TABLE.c.state.in_(_RUNNING))
    return int(connection.scalar(due) or 0)


def _in_state(state: State) -> sa.ColumnElement[bool]:
    granted = _TABLE.c.state.in_(("approved", "delivered"))
    over = sa.func.coalesce(_TABLE.c.used_until < _today(), sa.false())
    if state == "expired":
        return sa.and_(granted, over)
    said = _TABLE.c.state == state
    return sa.and_(said, sa.not_(over)) if state in ("approved", "delivered") else said


def _today() -> sa.ColumnElement[date]:
    return sa.cast(sa.func.timezone("Asia/Shanghai", sa.func.now()), sa.Date)


def _stated(materials: Materials) -> dict[str, Any]:
    said = {name: getattr(materials, name) for name in PARTS if name != "purposes"}
    return said | {
        "wanted": {name: sorted(set(names)) for name, names in materials.wanted.items()},
        "masked": {name: sorted(set(names)) for name, names in materials.masked.items()},
        "area": materials.area.document(),
        "purposes": sorted(set(materials.purposes)),
        "conditional": materials.conditional,
    }


def _received(
    materials: Materials, clock: Clock, told_at: datetime | None = None
) -> dict[str, Any]:
    """Say whether a request is complete: then its period begins, else it hears what is missing."""
    missing = materials.missing()
    if missing:
        told = told_at or clock.now
        nothing = {"received_on": None, "due_on": None}
        return {"state": "incomplete", "missing": missing, "told_at": told, **nothing}
    due = clock.after(CONDITIONAL if materials.conditional else UNCONDITIONAL)
    return {"state": "asked", "missing": [], "received_on": clock.today, "due_on": due}


def _locked(
    connection: Connection, request_id: int, step: StepBy, states: Sequence[str]
) -> ShareRequest:
    _TRAIL.hold(connection, request_id)
    request = get_request(connection, request_id)
    check_step(request.version, request.state, step, states)
    return request


def _stepped(
    connection: Connection, before: ShareRequest, name: str, values: dict[str, Any], step: StepBy
) -> ShareRequest:
    _TRAIL.change(connection, before.request_id, name, values, step)
    return get_request(connection, before.request_id)


def _request(row: Mapping[Any, Any]) -> ShareRequest:
    kept = ("wanted", "masked", "basis", "scene", "mode", "approver", "used_from", "used_until")
    materials = Materials(
        **{name: row[name] for name in kept},
        area=area_of(row["area"]),
        purposes=tuple(row["purposes"]),
    )
    named = set(ShareRequest.__slots__) - {"materials", "steps", "missing", "state"}
    return ShareRequest(
        **{name: row[name] for name in named},
        materials=materials,
        missing=tuple(row["missing"]),
        state=_state(row),
    )


def _state(row: Mapping[Any, Any]) -> State:
    until = row["used_until"]
    over = until is not None and until < datetime.now(CHINA).date()
    state: State = row["state"]
    return "expired" if over and state in ("approved", "delivered") else state
