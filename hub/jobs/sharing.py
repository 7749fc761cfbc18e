"""Share requests and grants as stewards work on them at the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from hub.config import Settings
from hub.database import engine
from hub.store import grants, share_requests
from hub.store.areas import area_of
from hub.store.audit import Entry, record
from hub.store.request_steps import StepBy
from hub.store.share_materials import Clock
from hub.store.share_requests import ShareRequest, State


def read_requests(
    settings: Settings, *, state: State | None, overdue: bool, limit: int
) -> list[dict[str, Any]]:
    """List share requests, the newest first; those that are overdue, if only they are asked for."""
    clock = Clock(days=settings.working_days)
    asked = share_requests.Asked(None, state, clock.today if overdue else None)
    with engine(settings).connect() as connection:
        found = share_requests.list_requests(connection, asked, limit=limit)
    return [one.document(clock) for one in found]


def read_request(settings: Settings, request_id: int) -> dict[str, Any]:
    """Return a share request with its steps and its grants."""
    with engine(settings).connect() as connection:
        found = share_requests.get_request(connection, request_id)
        born = grants.list_grants(connection, request_id=request_id)
    said = found.document(Clock(days=settings.working_days))
    return {**said, "grants": [one.document() for one in born]}


def take_step(
    settings: Settings,
    request_id: int,
    by: str,
    step: str,
    take: Callable[[Connection, int, StepBy], ShareRequest],
    reason: str | None = None,
) -> dict[str, Any]:
    """Take a step on a share request and return what has become of it."""
    clock = Clock(days=settings.working_days)
    with engine(settings).begin() as connection:
        taken = take(connection, request_id, StepBy(by, clock, reason))
        about = f"share request {request_id}"
        record(connection, Entry(by, f"share request {step}", about=about))
    return taken.document(clock)


def read_grants(
    settings: Settings, *, client_id: str | None, state: str | None, limit: int
) -> list[dict[str, Any]]:
    """List grants, the newest first."""
    with engine(settings).connect() as connection:
        found = grants.list_grants(connection, client_id=client_id, state=state, limit=limit)
    return [one.document() for one in found]


def revoke(settings: Settings, grant_id: int, by: str, reason: str) -> dict[str, Any]:
    """End a grant before its time."""
    with engine(settings).begin() as connection:
        ended = grants.revoke_grant(connection, grant_id, by, reason)
        record(connection, Entry(by, "revoke grant", about=f"grant {grant_id}"))
    return ended.document()


def limit_area(
    settings: Settings, client_id: str, codes: dict[str, list[str]], by: str
) -> dict[str, Any]:
    """Say in which grids, communities and streets a caller works; none: everywhere."""
    area = area_of({name: said for name, said in codes.items() if said})
    with engine(settings).begin() as connection:
        grants.set_area(connection, client_id, area, by)
        record(connection, Entry(by, "set area", about=f"caller {client_id}"))
    return {"client_id": client_id, "area": area.document()}
