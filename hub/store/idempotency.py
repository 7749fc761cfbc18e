"""One effect for each Idempotency-Key: the answer is kept in the transaction of the effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from hub.database import run


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
    said = {"client": request.client_id, "route": request.route, "key": request.key}
    found = run(connection, _FIND, said).one_or_none()
    return Answered(found[0], orjson.loads(found[1])) if found else None


_FIND = """
SELECT fingerprint, CAST(answer AS text) FROM idempotency
WHERE client_id = :client AND route = :route AND key = :key
"""


def keep_answer(connection: Connection, request: Request, answer: Any) -> None:
    """Keep an answer with its effect."""
    said = {name: getattr(request, name) for name in Request.__slots__}
    run(connection, _KEEP, said | {"answer": orjson.dumps(answer).decode()})


_KEEP = """
INSERT INTO idempotency (client_id, route, key, fingerprint, answer)
VALUES (:client_id, :route, :key, :fingerprint, CAST(:answer AS jsonb))
"""
