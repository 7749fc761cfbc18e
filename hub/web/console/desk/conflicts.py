"""Conflicts between departments: who says what of one field since when, the oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from hub.jobs import corrections as jobs
from hub.store.conflict_reads import Conflict, count_conflicts, list_conflicts
from hub.store.golden_reads import GoldenRecord, get_golden, golden_of
from hub.store.provenance_reads import Witness, witnesses
from hub.store.visible import View, may_judge, need_matches
from hub.web.access import Access
from hub.web.asked import Asked, CursorText, Words, read_cursor
from hub.web.console import shown
from hub.web.console.desk.listed import Filters, Form, source_options, ways
from hub.web.console.desk.places import desk_page
from hub.web.console.forms import Sent
from hub.web.console.pages import words
from hub.web.console.records import model_of, path_of
from hub.web.console.visiting import Reading, Writing
from hub.web.console.words import Words as Texts
from hub.web.problems import Problem
from hub.web.routes import router
from schemas import COLLECTIONS, MODELS, FieldSpec, field

routes = router("console")
LIST = "/console/desk/conflicts"
_ONE = LIST + "/{collection}/{entity_id}/{name}"


class ConflictsShown(Filters, Asked):
    """Parameters of the list: a field as ``persons.contact_phone``, and who says otherwise."""

    field: Words | None = Field(None, pattern="^[a-z]+[.][a-z0-9_]+$", max_length=80)
    source: Words | None = Field(None, max_length=60)
    cursor: CursorText | None = None


@routes.get(LIST, operation_id="show_conflicts", include_in_schema=False)
def conflicts(
    request: Request, asked: Annotated[ConflictsShown, Query()], access: Reading
) -> Response:
    """Show where departments differ about a field, the oldest first."""
    need_matches(access.caller)
    t = words(request)
    with access.transaction(snapshot=True) as connection:
        views = [access.view(model) for model in COLLECTIONS.values()]
        signatures = tuple(view.signature for view in views)
        counts = access.hub.recent.figure(
            ("conflicts", signatures), lambda: count_conflicts(connection, views)
        )
        chosen = _chosen(asked, counts)
        lines, cursor = _listed(t, access, connection, asked, chosen) if chosen else ([], None)
    return desk_page(
        request,
        "desk/conflicts.html",
        fields=[_choice(t, spec, name, count) for (name, spec, count) in _by_count(counts)],
        chosen=_name_of(chosen) if chosen else None,
        title=shown.title_of(t, chosen[1]) if chosen else "",
        authority=shown.authority_title(t, chosen[1].authority) if chosen else "",
        sources=source_options(t),
        source=asked.source,
        lines=lines,
        ways=ways(request, cursor),
        may_ask=may_judge(access.caller),
    )


#: A record type and one of its fields.
Chosen = tuple[str, FieldSpec]
Counts = Mapping[tuple[str, str], int]


def _by_count(counts: Counts) -> list[tuple[str, FieldSpec, int]]:
    listed = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [(name, field(MODELS[name], said), count) for (name, said), count in listed]


def _name_of(chosen: Chosen) -> str:
    return f"{MODELS[chosen[0]].collection}.{chosen[1].name}"


def _choice(t: Texts, spec: FieldSpec, record_type: str, count: int) -> tuple[str, str]:
    kind = shown.type_title(t, MODELS[record_type])
    told = t("conflict.choice", kind=kind, field=shown.title_of(t, spec), count=count)
    return _name_of((record_type, spec)), told


def _chosen(asked: ConflictsShown, counts: Counts) -> Chosen | None:
    """Return the field that was chosen, or the one that is disputed most."""
    if asked.field is None:
        return next(((name, spec) for name, spec, _ in _by_count(counts)), None)
    collection, _, name = asked.field.partition(".")
    model = model_of(collection)
    try:
        return model.record_type, field(model, name)
    except KeyError:
        raise Problem("not-found") from None


def _listed(
    t: Texts, access: Access, connection: Connection, asked: ConflictsShown, chosen: Chosen
) -> tuple[list[dict[str, Any]], str | None]:
    model, spec = MODELS[chosen[0]], chosen[1]
    view = access.view(model, shown.listed_fields(model) | {spec.name})
    bound = ("conflicts", _name_of(chosen), asked.source, view.signature)
    place = read_cursor(access, asked.cursor, bound)
    after = place and (datetime.fromisoformat(place[0]), place[1])
    found = list_conflicts(
        connection, view, spec.name, source=asked.source, after=after, limit=asked.limit + 1
    )
    listed = found[: asked.limit]
    golden = golden_of(connection, view, [one.entity_id for one in listed])
    said = witnesses(connection, view, [number for one in listed for number in one.members])
    access.tell(connection, "list conflicts", view, list(golden))
    seen = [_Seen(view, spec, one, golden[one.entity_id], said) for one in listed]
    cursor = None
    if len(found) > asked.limit:
        onward = [listed[-1].since.isoformat(), listed[-1].entity_id]
        cursor = access.hub.cursors.write(onward, *bound)
    return [one.line(t) for one in seen], cursor


@dataclass(frozen=True)
class _Seen:
    """One conflict as a caller sees it."""

    view: View
    spec: FieldSpec
    conflict: Conflict
    golden: GoldenRecord
    said: Mapping[int, Witness]

    def line(self, t: Texts) -> dict[str, Any]:
        """Write it: what is served, and who says what since when."""
        model, name = self.view.model, self.spec.name
        entity_id = self.conflict.entity_id
        return {
            "name": shown.name_of(t, model, self.golden),
            "path": path_of(model, entity_id),
            "ask": f"{LIST}/{model.collection}/{entity_id}/{name}",
            "since": shown.day(self.conflict.since),
            "said": said_by(t, self.spec, self.golden, self._speaking()),
        }

    def _speaking(self) -> list[Witness]:
        members = (self.said[one] for one in self.conflict.members if one in self.said)
        return [one for one in members if self.spec.name in one.fields]


def said_by(
    t: Texts, spec: FieldSpec, golden: GoldenRecord, speaking: list[Witness]
) -> list[dict[str, Any]]:
    """Write who says what since when, what is served first."""
    served = golden.fields.get(spec.name)
    told = [
        {
            "record_id": one.record_id,
            "source": shown.source_title(t, one.source),
            "key": one.key,
            "value": shown.written(t, spec, one.fields[spec.name]),
            "since": shown.day(one.said_since(spec.name)),
            "served": one.fields[spec.name] == served,
        }
        for one in speaking
    ]
    return sorted(told, key=lambda one: (not one["served"], one["since"], one["source"]))


@routes.get(_ONE, operation_id="show_conflict", include_in_schema=False)
def conflict(
    request: Request, collection: str, entity_id: str, name: str, access: Reading
) -> Response:
    """Show who says what of one field, and ask which of it is to be checked."""
    return _page(request, access, _spec(collection, name), entity_id, Sent({}))


def _spec(collection: str, name: str) -> Chosen:
    model = model_of(collection)
    try:
        return model.record_type, field(model, name)
    except KeyError:
        raise Problem("not-found") from None


def _page(
    request: Request,
    access: Access,
    chosen: Chosen,
    entity_id: str,
    sent: Sent,
    errors: Mapping[str, str] | None = None,
) -> Response:
    need_matches(access.caller)
    access, t = access.reading(), words(request)
    model, spec = MODELS[chosen[0]], chosen[1]
    view = access.view(model, shown.listed_fields(model) | {spec.name})
    with access.transaction(snapshot=True) as connection:
        golden = get_golden(connection, view, entity_id)
        speaking = jobs.speaking(connection, view, entity_id, spec.name)
        access.tell(connection, "provenance", view, [entity_id])
    said = said_by(t, spec, golden, speaking)
    path = f"{LIST}/{model.collection}/{entity_id}/{spec.name}"
    return desk_page(
        request,
        "desk/conflict.html",
        422 if errors else 200,
        name=shown.name_of(t, model, golden),
        entity=path_of(model, entity_id),
        path=path,
        back=path,
        title=shown.title_of(t, spec),
        authority=shown.authority_title(t, spec.authority),
        said=said,
        others=[one for one in said if not one["served"]],
        may_ask=may_judge(access.caller) and spec.name not in view.masked,
        days=jobs.DAYS,
        reason=sent.one("reason"),
        chosen=sent.one("said"),
        errors=errors or {},
    )


@routes.post(_ONE, operation_id="ask_to_check", include_in_schema=False)
def ask(
    request: Request, collection: str, entity_id: str, name: str, sent: Form, access: Writing
) -> Response:
    """Ask the department that answers for a field to check what another one says of it."""
    chosen = _spec(collection, name)
    if not may_judge(access.caller):
        raise Problem("forbidden", "corrections are asked for by stewards")
    if not sent.one("said").isdecimal():
        errors = {"said": words(request)("conflict.none_chosen")}
        return _page(request, access, chosen, entity_id, sent, errors)
    view = access.view(MODELS[chosen[0]], {chosen[1].name})
    by, reason = access.caller.client_id, sent.one("reason") or None
    doubt = jobs.Doubt(view, entity_id, chosen[1].name, by, reason)
    with access.transaction() as connection:
        record_id = int(sent.one("said"))
        number = jobs.ask(connection, access.hub.settings, doubt, record_id).correction_id
        access.tell(connection, "ask for correction", view, [entity_id])
    return RedirectResponse(f"/console/desk/corrections/{number}", 303)
