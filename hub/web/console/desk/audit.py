"""The audit: who read and wrote what, and who looked at this resident."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from starlette.responses import Response

from hub.jobs.resolve import CHINA
from hub.store.default_grants import PURPOSES
from hub.web.api import audit as api
from hub.web.api.audit import AuditAsked
from hub.web.asked import Asked, CursorText, EntityId, Words
from hub.web.console import shown
from hub.web.console.desk.listed import Filters, ways
from hub.web.console.desk.places import desk_page
from hub.web.console.pages import words
from hub.web.console.records import path_of
from hub.web.console.visiting import Reading
from hub.web.console.words import Words as Texts
from hub.web.routes import router
from schemas import MODELS, fields

routes = router("console")
LIST = "/console/desk/audit"
#: Most ids of an entry that are shown; the others are counted.
MOST_IDS = 3
#: What is done, as far as there are words for it.
ACTIONS = (
    *("read", "list", "search", "read by key", "provenance", "history", "changes", "export"),
    *("match", "match picture", "list matches", "list conflicts", "list deliveries"),
    *("enter", "push", "judge", "revert judgement", "preview judgement", "list judgements"),
    *("read judgement", "list corrections", "read correction", "answer correction"),
    *("ask for correction", "ask to share", "revoke grant", "set area", "read audit"),
    *("replay deliveries", "account", "login", "logout", "login refused", "login locked"),
    *("set password", "token", "close"),
)


class AuditShown(Filters, Asked):
    """Parameters of the search: whole days, in the district's time."""

    caller: Words | None = Field(None, max_length=80)
    entity: EntityId | None = Field(None, max_length=80)
    action: Words | None = Field(None, max_length=80)
    since: date | None = None
    until: date | None = None
    cursor: CursorText | None = None

    def wanted(self) -> AuditAsked:
        """Return what is asked of the API."""
        said: dict[str, Any] = {
            name: getattr(self, name) for name in ("caller", "entity", "action", "cursor", "limit")
        }
        said["from"] = self.since and _midnight(self.since).isoformat()
        said["to"] = self.until and _midnight(self.until + timedelta(days=1)).isoformat()
        return AuditAsked.model_validate(said)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


@routes.get(LIST, operation_id="show_audit", include_in_schema=False)
def audit(request: Request, asked: Annotated[AuditShown, Query()], access: Reading) -> Response:
    """Show who read and wrote what, newest first; looking is written down as well."""
    t = words(request)
    found, cursor = api.listed(access, asked.wanted())
    return desk_page(
        request,
        "desk/audit.html",
        lines=[_line(t, one) for one in found],
        asked=asked,
        actions=[(one, action_told(t, one)) for one in ACTIONS],
        ways=ways(request, cursor),
    )


def action_told(t: Texts, action: str) -> str:
    """Say what was done; an action without words is shown as it is."""
    return t("action." + action.replace(" ", "_")) if action in ACTIONS else action


def _line(t: Texts, one: Mapping[str, Any]) -> dict[str, Any]:
    model = MODELS.get(one["record_type"] or "")
    purpose = PURPOSES.get(one["purpose"] or "")
    titles = {spec.name: shown.title_of(t, spec) for spec in fields(model)} if model else {}
    ids = one["entity_ids"]
    return {
        "at": shown.moment(one["at"]),
        "who": one["caller_name"] or one["caller"],
        "action": action_told(t, one["action"]),
        "purpose": t.title(purpose) if purpose else "",
        "kind": shown.type_title(t, model) if model else "",
        "ids": [(one_id, path_of(model, one_id) if model else "") for one_id in ids[:MOST_IDS]],
        "more": max(0, len(ids) - MOST_IDS),
        "fields": [titles.get(name, name) for name in one["fields"]],
        "about": one["about"] or "",
        "origin": one["origin"] or "",
    }
