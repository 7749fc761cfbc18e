"""What residents ask about what is held of them: a copy, a correction, an erasure (PIPL 45-47)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from hub.jobs import residents as jobs
from hub.jobs.entry import Unfit
from hub.jobs.resident_copy import copy_of
from hub.store import resident_requests as store
from hub.store.request_steps import StepBy
from hub.store.resident_requests import Kind, ResidentRequest, State
from hub.store.share_materials import Clock
from hub.store.visible import may_judge, need_resident_requests
from hub.web.access import Access, Reader, Writer
from hub.web.api.sharing import tag, written
from hub.web.asked import Asked, CursorText, Limit, Number, read_cursor
from hub.web.described import page_model
from hub.web.etags import IfMatch, matching_version
from hub.web.once import Answer, IdempotencyKey, once
from hub.web.problems import Problem, fault
from hub.web.residents import Answer as Answered
from hub.web.residents import (
    AskAnswer,
    CopyShown,
    PersonId,
    Refusal,
    ResidentRequestShown,
    Verified,
    WishSent,
)
from hub.web.routes import answer, answers, page, router
from hub.web.shared import Sent
from schemas import Person

routes = router("resident requests")
_PATH = "/resident-requests"
_ONE = _PATH + "/{request_id}"
_STEPS = answers(ResidentRequestShown, 409, 412, 428)


class RequestsAsked(Asked):
    """Parameters of the list."""

    kind: Kind | None = None
    state: State | None = None
    person_id: PersonId | None = None
    overdue: bool = Field(False, description="Only those that should have been answered.")
    limit: Limit = 100
    cursor: CursorText | None = None


def clock_of(access: Access) -> Clock:
    """Return the clock that periods run by."""
    return Clock(days=access.hub.settings.working_days)


def _steward(access: Access) -> None:
    if not may_judge(access.caller):
        raise Problem("forbidden", "residents' requests are seen to by stewards")


def _tell(access: Access, connection: Connection, action: str, *taken: ResidentRequest) -> None:
    ids = [one.entity_id for one in taken if one.entity_id]
    about = f"resident request {taken[0].request_id}" if len(taken) == 1 else None
    access.tell(connection, action, ids=ids, about=about)


@routes.post(
    _PATH,
    operation_id="receive_resident_request",
    summary="Write down what a resident asks about what is held of them",
    responses=answers(ResidentRequestShown, 409, status=201, said="Received"),
)
def receive(said: WishSent, access: Writer, idempotency_key: IdempotencyKey) -> Response:
    """Write down a request for a copy, a correction or an erasure; its period runs from now."""
    _steward(access)

    def effect(keep: Any) -> Answer:
        clock = clock_of(access)
        with access.transaction() as connection:
            made = store.receive(connection, said.wish(), access.caller.client_id, clock)
            headers = {"Location": f"/v1{_PATH}/{made.request_id}", **tag(made.version)}
            told = Answer(201, written(made.document(clock)), headers)
            keep(connection, told)
            _tell(access, connection, "resident request receive", made)
        return told

    return once(access, "resident-requests", idempotency_key, (said.model_dump_json(),), effect)


@routes.get(
    _PATH,
    operation_id="list_resident_requests",
    summary="List residents' requests",
    responses=answers(page_model("ResidentRequestPage", ResidentRequestShown)),
)
def requests(
    request: Request, asked: Annotated[RequestsAsked, Query()], access: Reader
) -> Response:
    """List requests, newest first; with `overdue` those that should have been answered."""
    found, cursor = listed(access, asked)
    return page(request, [one.document(clock_of(access)) for one in found], cursor)


def listed(access: Access, asked: RequestsAsked) -> tuple[list[ResidentRequest], str | None]:
    """Return a page of requests, newest first, and the cursor of the next one."""
    need_resident_requests(access.caller)
    bound = ("resident requests", asked.model_copy(update={"limit": 1, "cursor": None}))
    before = read_cursor(access, asked.cursor, bound)
    late = clock_of(access).today if asked.overdue else None
    wanted = store.Asked(asked.kind, asked.state, asked.person_id, late)
    with access.transaction() as connection:
        found = store.list_requests(connection, wanted, before=before, limit=asked.limit + 1)
        shown = found[: asked.limit]
        if shown:
            _tell(access, connection, "list resident requests", *shown)
    more = len(found) > asked.limit
    return shown, access.hub.cursors.write(shown[-1].request_id, *bound) if more else None


@routes.get(
    _ONE,
    operation_id="get_resident_request",
    summary="Read a resident's request with its steps",
    responses=answers(ResidentRequestShown),
)
def one(request_id: Number, access: Reader) -> Response:
    """Read one request, and what departments were asked because of it."""
    found = read(access, request_id)
    return answer(found.document(clock_of(access)), headers=tag(found.version))


def read(access: Access, request_id: int) -> ResidentRequest:
    """Return one request with its steps."""
    need_resident_requests(access.caller)
    with access.transaction() as connection:
        found = store.get_request(connection, request_id)
        _tell(access, connection, "read resident request", found)
    return found


@routes.get(
    _ONE + "/copy",
    operation_id="get_resident_copy",
    summary="Read the copy that a resident asked for",
    responses=answers(CopyShown, 409),
)
def copy(request_id: Number, access: Reader) -> Response:
    """All that is held of the person: values with their sources, who has read them, what for."""
    return answer(read_copy(access, request_id))


def read_copy(access: Access, request_id: int) -> dict[str, Any]:
    """Return all that is held of whom a request is about; that it was read is told."""
    _steward(access)
    view = access.view(Person)
    access.hub.settle_audit()
    with access.transaction(snapshot=True) as connection:
        request = store.get_request(connection, request_id)
        said = copy_of(connection, view, request)
        about = f"resident request {request_id}"
        access.tell(connection, "copy for resident", view, [said["person_id"]], about=about)
    return said


Take = Callable[[Connection, StepBy], ResidentRequest]


def step(
    access: Access,
    request_id: int,
    name: str,
    said: Sent,
    take: Take,
    sent: tuple[str | None, str | None],
    reason: str | None = None,
) -> Response:
    """Take a step on a request once; ``sent`` are its key and the tag of what was read."""
    _steward(access)
    key, if_match = sent

    def effect(keep: Any) -> Answer:
        clock = clock_of(access)
        by = StepBy(access.caller.client_id, clock, reason, matching_version(if_match))
        with access.transaction() as connection:
            return _told(access, connection, name, take(connection, by), keep)

    route = f"resident-requests {request_id} {name}"
    return once(access, route, key, (said.model_dump_json(), if_match or ""), effect)


def _told(
    access: Access, connection: Connection, name: str, taken: ResidentRequest, keep: Any
) -> Answer:
    told = Answer(200, written(taken.document(clock_of(access))), tag(taken.version))
    keep(connection, told)
    _tell(access, connection, f"resident request {name}", taken)
    return told


@routes.post(
    _ONE + "/verify",
    operation_id="verify_resident_request",
    summary="Say how it was seen to that it is this person who asks",
    responses=_STEPS,
)
def verify(
    request_id: Number,
    said: Verified,
    access: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """Nothing is shown or done before."""

    def take(connection: Connection, by: StepBy) -> ResidentRequest:
        return store.verify(connection, request_id, said.checked, said.person_id, by)

    return step(access, request_id, "verify", said, take, (key, if_match))


@routes.post(
    _ONE + "/answer",
    operation_id="answer_resident_request",
    summary="Answer a resident's request as its kind wants it",
    responses=_STEPS,
)
def answer_one(
    request_id: Number,
    said: Answered,
    access: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """A copy is handed over; a correction is entered, and other authorities asked; an erasure
    takes what the hub alone holds, and asks departments about what is theirs.
    """
    _steward(access)
    view = access.view(Person)

    def effect(keep: Any) -> Answer:
        version = matching_version(if_match)
        by = StepBy(access.caller.client_id, clock_of(access), said.reason, version)
        reply = jobs.Reply(request_id, view, by, said.keep)
        try:
            with jobs.answered(access.hub.settings, reply) as (connection, taken):
                return _told(access, connection, "answer", taken, keep)
        except Unfit as error:
            faults = [fault(text, pointer="/proposed") for text in error.faults.values()]
            raise Problem("invalid", errors=faults) from None

    route = f"resident-requests {request_id} answer"
    return once(access, route, key, (said.model_dump_json(), if_match or ""), effect)


@routes.post(
    _ONE + "/refuse",
    operation_id="refuse_resident_request",
    summary="Refuse a resident's request, with the reason that is owed",
    responses=_STEPS,
)
def refuse(
    request_id: Number, said: Refusal, access: Writer, key: IdempotencyKey, if_match: IfMatch = None
) -> Response:
    """Refuse a request."""

    def take(connection: Connection, by: StepBy) -> ResidentRequest:
        return store.refuse(connection, request_id, by)

    return step(access, request_id, "refuse", said, take, (key, if_match), said.reason)


@routes.post(
    _ONE + "/withdraw",
    operation_id="withdraw_resident_request",
    summary="Write down that a resident took the request back",
    responses=_STEPS,
)
def withdraw(
    request_id: Number, access: Writer, key: IdempotencyKey, if_match: IfMatch = None
) -> Response:
    """End a request that is not wanted any more."""

    def take(connection: Connection, by: StepBy) -> ResidentRequest:
        return store.withdraw(connection, request_id, by)

    return step(access, request_id, "withdraw", Sent(), take, (key, if_match))


@routes.post(
    _ONE + "/asks/{ask_id}/answer",
    operation_id="answer_erasure_ask",
    summary="Write down what a department answers that was asked to erase",
    responses=_STEPS,
)
def answer_ask(
    request_id: Number, ask_id: Number, said: AskAnswer, access: Writer, key: IdempotencyKey
) -> Response:
    """What a department keeps it keeps by a legal basis, which it names."""

    def take(connection: Connection, by: StepBy) -> ResidentRequest:
        return store.answer_ask(connection, request_id, ask_id, said.state, by)

    name = f"asks {ask_id} answer"
    return step(access, request_id, name, said, take, (key, "*"), said.reason)
