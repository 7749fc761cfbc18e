"""What an entry has caused: deliveries to the departments and corrections, as they come along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from hub.store.corrections import Asked, list_corrections
from hub.store.deliveries import UNDER_WAY, list_deliveries
from hub.store.golden_reads import get_golden
from hub.store.visible import View, visible_corrections
from hub.web.console import sentences, shown
from hub.web.console.pages import is_part, page, words
from hub.web.console.records import model_of, path_of
from hub.web.console.visiting import Reading
from hub.web.console.words import Words
from hub.web.entered import correction_document, delivery_document
from hub.web.routes import router
from schemas import field

routes = router("console")
#: The newest that are shown.
MOST = 50
#: A page asks so often by itself how things stand; then it waits to be asked.
ASKS = 60
#: What colour repeats what a state's word says.
KINDS: Mapping[str, str] = {
    "confirmed": "good",
    "accepted": "plain",
    "refused": "bad",
    "differs": "bad",
    "dead": "bad",
}


@routes.get(
    "/console/{collection}/{entity_id}/deliveries",
    operation_id="show_deliveries",
    include_in_schema=False,
)
def deliveries(
    request: Request,
    collection: str,
    entity_id: str,
    access: Reading,
    asked: Annotated[int, Query(ge=0, le=ASKS)] = 0,
) -> Response:
    """Show how what was entered reaches the departments; a part of the page where htmx asks."""
    t, model = words(request), model_of(collection)
    view = access.view(model, shown.listed_fields(model))
    seen = access.view(model, values=False)
    wanted = Asked(entity_id=entity_id)
    with access.transaction(snapshot=True) as connection:
        golden = get_golden(connection, view, entity_id)
        sent = list_deliveries(connection, entity_id=entity_id, limit=MOST)
        mine = visible_corrections(access.caller)
        open_ = list_corrections(connection, mine, wanted, before=None, limit=MOST)
        access.tell(connection, "read", view, [entity_id], fields=("deliveries",))
    days = access.hub.settings.working_days
    return page(
        request,
        "carried_part.html" if is_part(request) else "carried.html",
        name=shown.name_of(t, model, golden),
        path=path_of(model, entity_id),
        sent=[_sent(t, seen, delivery_document(one, seen)) for one in sent],
        asked_of=[_asked(t, seen, correction_document(one, seen, days)) for one in open_],
        asks=asked + 1 if any(one.state in UNDER_WAY for one in sent) and asked < ASKS else None,
        kinds=KINDS,
    )


def _sent(t: Words, view: View, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "source": shown.source_title(t, told["source"]),
        "fields": t("record.between").join(
            shown.title_of(t, field(view.model, name)) for name in told["fields"]
        ),
        "state": told["state"],
        "reason": sentences.told(t, told["reason"] or "", sentences.DELIVERIES),
        "at": shown.moment(told["at"]),
    }


def _asked(t: Words, view: View, told: Mapping[str, Any]) -> dict[str, Any]:
    spec = field(view.model, told["field"])
    return {
        "field": shown.title_of(t, spec),
        "authority": shown.authority_title(t, told["authority"]),
        "state": told["state"],
        "due": str(told["due_on"]),
        "escalated": told["escalated"],
    }
