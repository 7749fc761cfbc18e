"""The audit, for auditors: who read and wrote what, and the roots by which it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from hub.store.audit_reads import Asked as Wanted
from hub.store.audit_reads import list_audit, list_roots
from hub.store.visible import need_audit
from hub.web.access import Access, Reader
from hub.web.asked import Asked, CursorText, Limit, Moment, Words, read_cursor
from hub.web.described import page_model
from hub.web.routes import answer, answers, page, router

routes = router("audit")


class Audited(BaseModel):
    """One thing that somebody read or wrote."""

    audit_id: int
    at: datetime
    caller: str
    caller_name: str | None
    action: str
    purpose: str | None
    record_type: str | None
    entity_ids: list[str]
    fields: list[str]
    about: str | None
    origin: str | None
    hash: str = Field(description="SHA-256 of the hash before it and of the entry, in hexadecimal.")


class AuditRoot(BaseModel):
    """The hash at the end of a day, which covers all entries up to there."""

    day: date
    audit_id: int
    hash: str


class AuditRoots(BaseModel):
    """All daily roots."""

    items: list[AuditRoot]


class AuditAsked(Asked):
    """Parameters of the audit."""

    caller: Words | None = Field(
        None, max_length=80, description="Id or name of a client or a person."
    )
    entity: Words | None = Field(None, max_length=80, description="Who looked at this resident.")
    action: Words | None = Field(None, max_length=80, description="Such as `read`.")
    since: Moment | None = Field(None, alias="from", examples=["2026-09-01T08:00:00+08:00"])
    until: Moment | None = Field(None, alias="to", examples=["2026-10-01T08:00:00+08:00"])
    limit: Limit = 100
    cursor: CursorText | None = None

    def wanted(self) -> Wanted:
        """Return which entries are asked for."""
        return Wanted(self.caller, self.entity, self.action, self.since, self.until)


@routes.get(
    "/audit",
    operation_id="list_audit",
    summary="List who read and wrote what",
    responses=answers(page_model("AuditPage", Audited)),
)
def audited(request: Request, asked: Annotated[AuditAsked, Query()], access: Reader) -> Response:
    """List entries, newest first; reading them is one as well."""
    shown, cursor = listed(access, asked)
    return page(request, shown, cursor)


def listed(access: Access, asked: AuditAsked) -> tuple[list[Mapping[str, Any]], str | None]:
    """Return a page of the audit, and the cursor of the next one; the audit is told."""
    need_audit(access.caller)
    wanted = asked.wanted()
    bound = ("audit", wanted)
    place = read_cursor(access, asked.cursor, bound)
    before = place and (datetime.fromisoformat(place[0]), place[1])
    access.hub.settle_audit()
    with access.transaction() as connection:
        found = list_audit(connection, wanted, before=before, limit=asked.limit + 1)
        entities = [asked.entity] if asked.entity else []
        access.tell(connection, "read audit", ids=entities, about=_about(asked))
    shown = found[: asked.limit]
    onward = None
    if len(found) > asked.limit:
        last = shown[-1]
        onward = access.hub.cursors.write([last["at"].isoformat(), last["audit_id"]], *bound)
    return shown, onward


def _about(asked: AuditAsked) -> str | None:
    named = {"caller": asked.caller, "action": asked.action}
    return ", ".join(f"{name} {value}" for name, value in named.items() if value) or None


@routes.get(
    "/audit/roots",
    operation_id="list_audit_roots",
    summary="List the daily roots of the audit",
    responses=answers(AuditRoots),
)
def roots(access: Reader) -> Response:
    """List the roots, to be kept where the hub cannot change them."""
    need_audit(access.caller)
    with access.transaction() as connection:
        found = list_roots(connection)
    return answer(
        {"items": [{"day": one.day, "audit_id": one.audit_id, "hash": one.hash} for one in found]}
    )
