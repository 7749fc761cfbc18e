"""One effect for each Idempotency-Key: the answer is kept in the transaction of the effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store import tables


@dataclass(frozen=True, slots=True)
class Request:
    """A request that must have one effect however often it is sent."""

    client_id: str
    route: str
    key: str
    #: Hash of everything else the request says.
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered to a request of this key, whose fingerprint may be another."""

    fingerprint: str
    answer: Any


def find_answer(connection: Connection, request: Request) -> Answered | None:
    """Return what was answered to this key before, or None."""
    table = tables.idempotency
    query = sa.select(table.c.fingerprint, table.c.answer).where(
        table.c.client_id == request.client_id,
        table.c.route == request.route,
        table.c.key == request.key,
    )
    found = connection.execute(query).one_or_none()
    return found and Answered(found.fingerprint, found.answer)


def keep_answer(connection: Connection, request: Request, answer: Any) -> None:
    """Keep an answer with its effect."""
    said = {name: getattr(request, name) for name in Request.__slots__}
    connection.execute(tables.idempotency.insert().values(**said, answer=answer))
