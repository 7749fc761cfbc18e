"""Grants: what callers may read beyond what their role may, and the end of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from starlette.responses import Response

from hub.store.grants import Granted, get_grant, list_grants, revoke_grant
from hub.store.share_materials import Impossible
from hub.store.visible import may_judge
from hub.web.access import Access, Reader, Writer
from hub.web.api.sharing import own, tag, written
from hub.web.asked import Asked, CursorText, Limit, Number, Words, read_cursor
from hub.web.described import page_model
from hub.web.etags import IfMatch, matching_version
from hub.web.once import Answer, IdempotencyKey, once
from hub.web.problems import Problem
from hub.web.routes import answer, answers, page, router
from hub.web.shared import GrantShown, Reasoned, Rights, rights_document
from schemas import MODELS

routes = router("sharing")


class GrantsAsked(Asked):
    """Parameters of the list of grants."""

    client_id: Words | None = Field(None, max_length=80)
    state: str | None = Field(None, pattern="^(to begin|in force|expired|revoked)$")
    limit: Limit = 100
    cursor: CursorText | None = None


@routes.get(
    "/grants",
    operation_id="list_grants",
    summary="List grants",
    responses=answers(page_model("GrantPage", GrantShown)),
)
def grants(request: Request, asked: Annotated[GrantsAsked, Query()], access: Reader) -> Response:
    """List grants, newest first: one's own, for stewards everybody's."""
    shown, cursor = listed(access, asked)
    return page(request, [one.document() for one in shown], cursor)


def listed(access: Access, asked: GrantsAsked) -> tuple[list[Granted], str | None]:
    """Return a page of grants, and the cursor of the next one."""
    bound = ("grants", asked.model_copy(update={"limit": 1, "cursor": None}))
    before = read_cursor(access, asked.cursor, bound)
    whose = own(access) or asked.client_id
    with access.transaction() as connection:
        found = list_grants(
            connection, client_id=whose, state=asked.state, before=before, limit=asked.limit + 1
        )
    shown = found[: asked.limit]
    more = len(found) > asked.limit
    cursor = access.hub.cursors.write(shown[-1].grant_id, *bound) if more else None
    return shown, cursor


@routes.get(
    "/grants/{grant_id}",
    operation_id="get_grant",
    summary="Read a grant",
    responses=answers(GrantShown),
)
def grant(grant_id: Number, access: Reader) -> Response:
    """Read one grant."""
    with access.transaction() as connection:
        found = get_grant(connection, grant_id, own(access))
    return answer(found.document(), headers=tag(found.version))


@routes.post(
    "/grants/{grant_id}/revoke",
    operation_id="revoke_grant",
    summary="End a grant before its time",
    responses=answers(GrantShown, 409, 412, 428),
)
def revoke(
    grant_id: Number,
    said: Reasoned,
    access: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """End a grant: from the answer on nothing is read by it. A reason is owed."""
    return end(access, grant_id, said, key, if_match)


def end(
    access: Access, grant_id: int, said: Reasoned, key: str | None, if_match: str | None
) -> Response:
    """End a grant before its time, once for each key."""
    if not may_judge(access.caller):
        raise Problem("forbidden", "grants are revoked by stewards")
    if not said.reason:
        raise Impossible("a revocation states its reason (Decree 809, Art 27)")
    reason = said.reason

    def effect(keep: Any) -> Answer:
        version = matching_version(if_match)
        with access.transaction() as connection:
            ended = revoke_grant(connection, grant_id, access.caller.client_id, reason, version)
            told = Answer(200, written(ended.document()), tag(ended.version))
            keep(connection, told)
            access.tell(connection, "revoke grant", about=f"grant {grant_id}")
        access.hub.entitlements.forget()
        return told

    said_all = (said.model_dump_json(), if_match or "")
    return once(access, f"grants {grant_id} revoke", key, said_all, effect)


@routes.get(
    "/rights",
    operation_id="get_rights",
    summary="Read what one may read oneself",
    responses=answers(Rights),
)
def rights(access: Reader) -> Response:
    """List what the caller may read now, by its role and by approved requests."""
    held = [one for model in MODELS.values() for one in access.caller.grants(model)]
    return answer(rights_document(held))
