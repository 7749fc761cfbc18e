"""Deliveries to departments and dead letters: their owners, why they failed, sending again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from hub.jobs.deliver import now_here
from hub.store import deliveries as store
from hub.store.callers import names_of
from hub.store.deliveries import DeliveryRow
from hub.store.visible import View, may_judge, need_matches
from hub.web.access import Access
from hub.web.asked import Asked, CursorText, Number, Words, read_cursor
from hub.web.console import shown
from hub.web.console.carried import KINDS
from hub.web.console.desk.listed import Filters, Form, source_options, ways
from hub.web.console.desk.places import desk_page
from hub.web.console.pages import words
from hub.web.console.records import path_of
from hub.web.console.sentences import DELIVERIES, told
from hub.web.console.visiting import Reading, Writing
from hub.web.console.words import Words as Texts
from hub.web.entered import delivery_document
from hub.web.problems import Problem
from hub.web.routes import router
from schemas import MODELS, field

routes = router("console")
LIST = "/console/desk/deliveries"
#: States from which a delivery goes on only if somebody sends it again.
ENDED = ("dead", "refused", "differs")


class DeliveriesShown(Filters, Asked):
    """Parameters of the list; ``failed`` are all that ended badly."""

    state: str = Field("failed", pattern=f"^(failed|{'|'.join(store.STATES)})$")
    source: Words | None = Field(None, max_length=60)
    replayed: Number | None = None
    cursor: CursorText | None = None


@routes.get(LIST, operation_id="show_all_deliveries", include_in_schema=False)
def deliveries(
    request: Request, asked: Annotated[DeliveriesShown, Query()], access: Reading
) -> Response:
    """Show deliveries, newest first, unless told otherwise those that ended badly; no values."""
    need_matches(access.caller)
    t = words(request)
    bound = ("desk deliveries", asked.state, asked.source)
    before = read_cursor(access, asked.cursor, bound)
    states = ENDED if asked.state == "failed" else (asked.state,)
    views = {name: access.view(model, values=False) for name, model in MODELS.items()}
    with access.transaction(snapshot=True) as connection:
        found = store.list_deliveries(
            connection,
            source=asked.source,
            states=states,
            kind=None,
            before=before,
            limit=asked.limit + 1,
        )
        listed = found[: asked.limit]
        names = names_of(connection, [one.owner for one in listed])
        for name, view in views.items():
            ids = [one.entity_id for one in listed if one.record_type == name]
            if ids:
                access.tell(connection, "list deliveries", view, ids, fields=("deliveries",))
    more = len(found) > asked.limit
    cursor = access.hub.cursors.write(listed[-1].number, *bound) if more else None
    return desk_page(
        request,
        "desk/deliveries.html",
        lines=[_line(t, one, views[one.record_type], names) for one in listed],
        asked=asked,
        states=[
            ("failed", t("sent.failed")),
            *((one, t("delivery." + one)) for one in store.STATES),
        ],
        sources=source_options(t),
        ways=ways(request, cursor),
        may_replay=may_judge(access.caller),
        back=LIST,
        dead=any(one.state == "dead" for one in listed),
    )


def _line(t: Texts, row: DeliveryRow, view: View, names: Mapping[str, str]) -> dict[str, Any]:
    model = MODELS[row.record_type]
    titles = (
        shown.title_of(t, field(model, name)) for name in delivery_document(row, view)["fields"]
    )
    return {
        "id": row.delivery_id,
        "source": shown.source_title(t, row.source),
        "key": row.key,
        "kind": t("sent.kind." + row.kind),
        "entity": path_of(model, row.entity_id),
        "thing": shown.type_title(t, model),
        "fields": t("record.between").join(titles),
        "state": row.state,
        "colour": KINDS.get(row.state, "plain"),
        "reason": told(t, row.reason or "", DELIVERIES),
        "owner": names.get(row.owner, row.owner),
        "attempts": row.attempts,
        "at": shown.moment(row.at),
        "ended": row.state in ENDED,
    }


@routes.post(f"{LIST}/replay", operation_id="replay_deliveries", include_in_schema=False)
def replay(sent: Form, access: Writing) -> Response:
    """Send again what was chosen, or all that is dead, of one source if told so."""
    if not may_judge(access.caller):
        raise Problem("forbidden", "deliveries are sent again by stewards")
    every = sent.one("which") == "dead"
    ids = None if every else sent.all("delivery")
    if ids == []:
        return RedirectResponse(LIST, 303)
    return RedirectResponse(f"{LIST}?replayed={_replayed(access, ids, sent.one('source'))}", 303)


def _replayed(access: Access, ids: list[str] | None, source: str) -> str:
    of = source or None if ids is None else None
    with access.transaction() as connection:
        done = store.replay(connection, now_here(), delivery_ids=ids, source=of)
        about = f"{len(done)} deliveries" if ids is None else ", ".join(done)
        access.tell(connection, "replay deliveries", about=about)
    # Nothing that was chosen is to be sent any more: a page without a number says nothing.
    return str(len(done) or "")
