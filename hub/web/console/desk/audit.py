"""The audit: who read and wrote what, and who looked at this resident."""

from __future__ import annotations

import re
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
    *("deliveries", "entries", "quarantine", "fill form", "teach form header"),
    *("forget form header", "count by grid", "count evacuation help", "ask for export"),
    *("read export", "export audit", "change subscription", "delete subscription"),
    *("test subscription", "disable subscription", "follow", "list resident requests"),
    *("read resident request", "resident request receive", "copy for resident", "erase"),
    *("dispose", "revoke", "revoke token", "rotate", "rotate key", "release", "refuse"),
    *("share request approve", "share request refuse", "share request return"),
    *("share request extend", "share request deliver", "share request revoke"),
    *("supplement share request", "withdraw share request", "resident request verify"),
    *("resident request answer", "resident request refuse", "resident request withdraw"),
    *("subscribe", "rotate subscription", "replay subscription", "spool gap"),
)
#: What is done is about one of these, by its number, or about so many of those.
ABOUT = (
    *("batch", "signal", "grant", "share request", "resident request", "quarantine"),
    *("export", "subscription", "header", "match"),
)
COUNTED = ("grids", "deliveries")
_NUMBERED = re.compile("(?P<what>[a-z ]+) (?P<number>[0-9-]+)")
_COUNTED = re.compile("(?P<number>[0-9]+) (?P<what>[a-z]+)")
#: Told of a reading that came into the chain late, and of one that never did.
_READ_AT = re.compile("read at (?P<at>[-0-9T:.+]+)")
_NEVER_CAME = re.compile("entries (?P<first>[0-9]+) to (?P<last>[0-9]+)")


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
        whom=_whom(t, asked.entity) if asked.entity else None,
        actions=[(one, action_told(t, one)) for one in ACTIONS],
        ways=ways(request, cursor),
    )


def _whom(t: Texts, entity_id: str) -> tuple[str, str] | None:
    """Return what sort of thing was asked about and where it is shown; reading it is not needed."""
    model = next((one for one in MODELS.values() if entity_id.startswith(one.letter)), None)
    return (shown.type_title(t, model), path_of(model, entity_id)) if model else None


def action_told(t: Texts, action: str) -> str:
    """Say what was done; an action without words is shown as it is."""
    return t("action." + action.replace(" ", "_")) if action in ACTIONS else action


def about_told(t: Texts, about: str) -> str:
    """Say what it was about, in the reader's language as far as there are words for it."""
    if (found := _NUMBERED.fullmatch(about)) and found["what"] in ABOUT:
        return t("about." + found["what"].replace(" ", "_"), number=found["number"])
    if (found := _COUNTED.fullmatch(about)) and found["what"] in COUNTED:
        return t("about." + found["what"], number=found["number"])
    if found := _READ_AT.fullmatch(about):
        return t("about.read_at", at=shown.moment(datetime.fromisoformat(found["at"])))
    if found := _NEVER_CAME.fullmatch(about):
        return t("about.entries", first=found["first"], last=found["last"])
    return about


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
        "about": about_told(t, one["about"] or ""),
        "origin": one["origin"] or "",
    }
