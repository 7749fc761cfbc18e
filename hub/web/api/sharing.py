"""Sharing: requests with their periods, and the grants that are born from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import Query, Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from hub.store import share_requests as store
from hub.store.request_steps import StepBy
from hub.store.share_materials import Clock
from hub.store.share_requests import ShareRequest, State
from hub.store.visible import may_judge, sees_all_shares
from hub.web.access import Access, Reader, Writer
from hub.web.asked import Asked, CursorText, Day, Limit, Number, read_cursor
from hub.web.described import page_model
from hub.web.etags import IfMatch, matching_version
from hub.web.once import Answer, IdempotencyKey, once
from hub.web.problems import Problem
from hub.web.routes import answer, answers, page, router
from hub.web.shared import Extension, Lacking, Reasoned, ShareAsked, Shared, Supplement

routes = router("sharing")

_STEPS = answers(Shared, 409, 412, 428)


class SharesAsked(Asked):
    """Parameters of the list of share requests."""

    state: State | None = None
    overdue: bool = Field(False, description="Only those whose next step should have been taken.")
    due_before: Day | None = Field(None, description="Only those due before this day.")
    limit: Limit = 100
    cursor: CursorText | None = None


def _clock(access: Access) -> Clock:
    return Clock(days=access.hub.settings.working_days)


def written(document: Any) -> Any:
    """Write times and dates as text, since the answer is kept."""
    return orjson.loads(orjson.dumps(document))


def tag(version: int) -> dict[str, str]:
    """Return the header with the entity tag of a version."""
    return {"ETag": f'"{version}"'}


def own(access: Access) -> str | None:
    """Return whose requests and grants the caller sees; None for everybody's."""
    return None if sees_all_shares(access.caller) else access.caller.client_id


@routes.post(
    "/share-requests",
    operation_id="ask_to_share",
    summary="Ask to share data",
    responses=answers(Shared, 409, status=201, said="Asked; `missing` tells once what to add"),
)
def ask(said: ShareAsked, access: Writer, idempotency_key: IdempotencyKey) -> Response:
    """Ask for fields: on which basis, for which scene, how, by whose approval and how long."""
    whom = said.client_id or access.caller.client_id
    if whom != access.caller.client_id and not may_judge(access.caller):
        raise Problem("forbidden", "only stewards ask for others")

    def effect(keep: Any) -> Answer:
        clock = _clock(access)
        with access.transaction() as connection:
            by = access.caller.client_id
            made = store.ask(connection, whom, said.materials(), by, clock)
            place = f"/v1/share-requests/{made.request_id}"
            headers = {"Location": place, **tag(made.version)}
            told = Answer(201, written(made.document(clock)), headers)
            keep(connection, told)
            access.tell(connection, "ask to share", about=f"share request {made.request_id}")
        return told

    return once(access, "share-requests", idempotency_key, (said.model_dump_json(),), effect)


@routes.get(
    "/share-requests",
    operation_id="list_share_requests",
    summary="List share requests",
    responses=answers(page_model("SharePage", Shared)),
)
def shares(request: Request, asked: Annotated[SharesAsked, Query()], access: Reader) -> Response:
    """List requests, newest first: one's own, for stewards everybody's."""
    clock = _clock(access)
    shown, cursor = listed(access, asked)
    return page(request, [one.document(clock) for one in shown], cursor)


def listed(
    access: Access, asked: SharesAsked, *, by_due: bool = False
) -> tuple[list[ShareRequest], str | None]:
    """Return a page of requests, newest or first due first, and the cursor of the next one."""
    bound = ("shares", asked.model_copy(update={"limit": 1, "cursor": None}), by_due)
    before = read_cursor(access, asked.cursor, bound)
    due_before = _clock(access).today if asked.overdue else asked.due_before
    wanted = store.Asked(own(access), asked.state, due_before)
    with access.transaction() as connection:
        found = store.list_requests(
            connection, wanted, before=before, by_due=by_due, limit=asked.limit + 1
        )
    shown = found[: asked.limit]
    more = len(found) > asked.limit
    cursor = access.hub.cursors.write(shown[-1].request_id, *bound) if more else None
    return shown, cursor


@routes.get(
    "/share-requests/{request_id}",
    operation_id="get_share_request",
    summary="Read a share request with its steps",
    responses=answers(Shared),
)
def share(request_id: Number, access: Reader) -> Response:
    """Read one request."""
    found = read(access, request_id)
    return answer(found.document(_clock(access)), headers=tag(found.version))


def read(access: Access, request_id: int) -> ShareRequest:
    """Return one request with its steps: one's own, for stewards anybody's."""
    with access.transaction() as connection:
        return store.get_request(connection, request_id, own(access))


#: Takes a step on a request.
Take = Callable[[Connection, int, StepBy], ShareRequest]


def _own_step(
    access: Access, request_id: int, if_match: str | None, name: str, take: Take
) -> Callable[[Any], Answer]:
    """Return the effect of a step that the asking side takes."""

    def effect(keep: Any) -> Answer:
        clock = _clock(access)
        step = StepBy(access.caller.client_id, clock, None, matching_version(if_match))
        with access.transaction() as connection:
            store.get_request(connection, request_id, own(access))
            return _told(access, connection, clock, name, take(connection, request_id, step), keep)

    return effect


def _told(
    access: Access,
    connection: Connection,
    clock: Clock,
    name: str,
    taken: ShareRequest,
    keep: Any = None,
) -> Answer:
    told = Answer(200, written(taken.document(clock)), tag(taken.version))
    if keep is not None:
        keep(connection, told)
    access.tell(connection, name, about=f"share request {taken.request_id}")
    return told


def decide(
    access: Access,
    request_id: int,
    name: str,
    said: Reasoned,
    key: str | None,
    if_match: str | None,
) -> Response:
    """Take a step that is the answering side's: by stewards, and never on one's own request."""
    if not may_judge(access.caller):
        raise Problem("forbidden", "share requests are answered by stewards")

    def effect(keep: Any) -> Answer:
        clock, by = _clock(access), access.caller.client_id
        step = StepBy(by, clock, said.reason, matching_version(if_match))
        with access.transaction() as connection:
            before = store.get_request(connection, request_id)
            if by in (before.client_id, before.asked_by):
                raise Problem("forbidden", "nobody answers a request of one's own")
            taken = DECISIONS[name].take(connection, request_id, step, said)
            told = _told(access, connection, clock, f"share request {name}", taken, keep)
        access.hub.entitlements.forget()
        return told

    route = f"share-requests {request_id} {name}"
    return once(access, route, key, (said.model_dump_json(), if_match or ""), effect)


@routes.patch(
    "/share-requests/{request_id}",
    operation_id="supplement_share_request",
    summary="Add what was missing from a share request",
    responses=_STEPS,
)
def supplement(
    request_id: Number, said: Supplement, access: Writer, if_match: IfMatch = None
) -> Response:
    """Add to an incomplete request; once nothing is missing its period runs."""

    def take(connection: Connection, number: int, step: StepBy) -> ShareRequest:
        return store.supplement(connection, number, said.stated(), step)

    made = _own_step(access, request_id, if_match, "supplement share request", take)
    return made(lambda *_: None).response()


@routes.post(
    "/share-requests/{request_id}/withdraw",
    operation_id="withdraw_share_request",
    summary="Take a share request back before it is answered",
    responses=_STEPS,
)
def withdraw(
    request_id: Number, access: Writer, key: IdempotencyKey, if_match: IfMatch = None
) -> Response:
    """Take a request back."""
    effect = _own_step(access, request_id, if_match, "withdraw share request", store.withdraw)
    route = f"share-requests {request_id} withdraw"
    return once(access, route, key, (if_match or "",), effect)


@dataclass(frozen=True, slots=True)
class Decision:
    """A step of the answering side: what is sent for it, and what it does."""

    summary: str
    description: str
    sent: type[Reasoned]
    take: Callable[[Connection, int, StepBy, Any], ShareRequest]


def _plain(take: Take) -> Callable[[Connection, int, StepBy, Any], ShareRequest]:
    """Return a step that needs nothing but its reason."""
    return lambda connection, number, step, _: take(connection, number, step)


#: By the last part of their addresses.
DECISIONS: Mapping[str, Decision] = {
    "approve": Decision(
        "Grant what a share request asks for",
        "Grant what is asked for: it can be read from the first day of use on.",
        Reasoned,
        _plain(store.approve),
    ),
    "refuse": Decision(
        "Refuse a share request",
        "Refuse a request; a reason is owed.",
        Reasoned,
        _plain(store.refuse),
    ),
    "extend": Decision(
        "Take more time for the answer to a conditional request",
        "Extend the period once, by up to 10 working days; a reason is owed.",
        Extension,
        lambda connection, number, step, said: store.extend(connection, number, said.days, step),
    ),
    "return": Decision(
        "Tell once what is missing from a share request",
        "Say all that is missing, at once and once; it is no reason to refuse.",
        Lacking,
        lambda connection, number, step, said: store.tell_missing(
            connection, number, said.missing, step
        ),
    ),
    "deliver": Decision(
        "Say that the asking side has what it asked for",
        "End the period for delivery.",
        Reasoned,
        _plain(store.deliver),
    ),
    "revoke": Decision(
        "End all grants of a share request",
        "End grants before their time; a reason is owed.",
        Reasoned,
        _plain(store.revoke_request),
    ),
}


def _add_decision(name: str, decision: Decision) -> None:
    def decided(
        request_id: Number,
        said: Reasoned,
        access: Writer,
        key: IdempotencyKey,
        if_match: IfMatch = None,
    ) -> Response:
        return decide(access, request_id, name, said, key, if_match)

    # The framework reads from it what is sent.
    decided.__annotations__["said"] = decision.sent
    routes.add_api_route(
        f"/share-requests/{{request_id}}/{name}",
        decided,
        methods=["POST"],
        operation_id=f"{name}_share_request",
        summary=decision.summary,
        description=decision.description,
        responses=_STEPS,
    )


for _name, _decision in DECISIONS.items():
    _add_decision(_name, _decision)
