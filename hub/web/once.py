"""Requests that must have one effect: the header Idempotency-Key (IETF draft 07)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Header
from sqlalchemy import Connection
from starlette.responses import Response

from hub.database import try_advisory_lock
from hub.store.idempotency import Request, find_answer, keep_answer
from hub.web.access import Access
from hub.web.problems import Problem
from hub.web.routes import answer

_HEADER = Header(
    alias="Idempotency-Key",
    pattern=r'^"?[\x21\x23-\x7e]{1,255}"?$',
    description="A text that no other request of this client has; sent again when retrying.",
    examples=['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
)
IdempotencyKey = Annotated[str, _HEADER]
#: For routes that can do without where they have no effect.
MaybeIdempotencyKey = Annotated[str | None, _HEADER]


@dataclass(frozen=True)
class Answer:
    """An answer that can be given again: status, body and headers as JSON."""

    status: int
    document: Any
    headers: dict[str, str]

    def response(self) -> Response:
        """Write the answer."""
        return answer(self.document, self.status, self.headers)


#: Has an effect, and keeps the answer in the effect's transaction by the function it is given.
Effect = Callable[[Callable[[Connection, Answer], None]], Answer]


def once(
    access: Access, route: str, key: str | None, said: tuple[str, ...], effect: Effect
) -> Response:
    """Answer a request by its effect the first time, and by what was answered then ever after."""
    if key is None:
        raise Problem("idempotency-key-missing", "send a key to make retrying safe")
    fingerprint = sha256("\x1f".join(said).encode()).hexdigest()
    request = Request(access.caller.client_id, route, key.strip('"'), fingerprint)
    words = ("idempotency", request.client_id, route, request.key)
    # The lock ends with its connection: a process that is killed leaves no request in flight.
    with try_advisory_lock(access.hub.engine, *words) as mine:
        if not mine:
            raise Problem("in-flight", "the same request is being answered", headers=_SOON)
        with access.transaction(once=True) as connection:
            before = find_answer(connection, request)
        if before is None:
            return effect(lambda connection, made: _keep(connection, request, made)).response()
        if before.fingerprint != fingerprint:
            raise Problem("idempotency-key-reused")
        return Answer(**before.answer).response()


_SOON = {"Retry-After": "1"}


def _keep(connection: Connection, request: Request, made: Answer) -> None:
    document = {"status": made.status, "document": made.document, "headers": made.headers}
    keep_answer(connection, request, document)
