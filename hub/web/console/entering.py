"""Entering once: a form filled with what is known, and what has been typed brought to the hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from hub.jobs import entry as jobs
from hub.store.golden_reads import GoldenRecord, get_golden
from hub.store.search_reads import Criteria, NothingToSeek, search, sought_fields
from hub.store.visible import Denied, View
from hub.web.access import Access
from hub.web.api.entries import enter, entering_view
from hub.web.console import shown
from hub.web.console.areas import choices
from hub.web.console.forms import Input, Sent, form_sent, inputs, said_of
from hub.web.console.pages import page, words
from hub.web.console.records import model_of, path_of
from hub.web.console.visiting import Reading, Writing
from hub.web.etags import etag, names_version
from hub.web.problems import Problem
from hub.web.routes import router
from schemas import FieldSpec, Person

routes = router("console")
_PATH = "/console/{collection}/{entity_id}/enter"
_NEW = "/console/new/person"
Form = Annotated[Sent, Depends(form_sent)]

#: What is asked of somebody new, in this order.
ASKED = (
    # First those by which somebody is found to be known already.
    *("person_name", "citizen_id_no", "contact_phone", "sex_code", "birth_date"),
    *("standard_address", "population_category", "care_categories"),
)
#: What a visit changes most often stands first; the rest as it is declared.
FIRST = (
    *("contact_phone", "last_visit_date", "care_categories"),
    *("emergency_contact_name", "emergency_contact_phone"),
)
#: By field, so many characters mean somebody.
_TELLING: Mapping[str, int] = {"person_name": 2, "contact_phone": 7, "citizen_id_no": 15}
#: As many people are shown who may be the one that is described.
MOST_ALIKE = 10


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a form: texts by field, and whether the record has changed meanwhile."""

    texts: Mapping[str, str]
    stale: bool = False


_NONE = Faults({})


@routes.get(_NEW, operation_id="show_new_person", include_in_schema=False)
def new_person(request: Request, access: Reading) -> Response:
    """Show the form for somebody nobody has told of."""
    view = entering_view(access, Person)
    return _new_page(request, view, Sent({"key": [token_hex(16)]}), _NONE)


@routes.post(f"{_NEW}/alike", operation_id="show_alike", include_in_schema=False)
def alike(request: Request, sent: Form, access: Writing) -> Response:
    """Show who may be meant already, as far as has been typed: a part of the page of the form."""
    view = entering_view(access, Person)
    said = {name: value for name, value in said_of(_asked(view), sent).items() if value}
    found = _alike(request, access, said) if _tells(said) else []
    return page(request, "alike.html", alike=found)


def _tells(said: Mapping[str, Any]) -> bool:
    """Tell whether so much was typed that it means few people: looking for all is no looking."""
    return any(len(str(said.get(name) or "")) >= least for name, least in _TELLING.items())


@routes.post(_NEW, operation_id="describe_new_person", include_in_schema=False)
def describe(request: Request, sent: Form, access: Writing) -> Response:
    """Show who may be meant already; describe somebody new when it is none of these."""
    view = entering_view(access, Person)
    said = {name: value for name, value in said_of(_asked(view), sent).items() if value}
    if not said.get("person_name"):
        return _new_page(request, view, sent, Faults({"person_name": words(request)("new.name")}))
    alike = [] if sent.one("confirmed") else _alike(request, access, said)
    if alike:
        return _new_page(request, view, sent, _NONE, alike)
    word = jobs.Word(view, said, access.caller.client_id, sent.one("reason") or None)
    try:
        made = _entered(access, word, sent, "describe person", 201)
    except Problem as problem:
        return _new_page(request, view, sent, _faults(request, problem))
    return RedirectResponse(f"{path_of(Person, made['id'])}/deliveries", 303)


def _asked(view: View) -> list[FieldSpec]:
    known = {spec.name: spec for spec in view.specs if spec.name not in view.masked}
    return [known[name] for name in ASKED if name in known]


def _new_page(
    request: Request, view: View, sent: Sent, faults: Faults, alike: list[Any] | None = None
) -> Response:
    t = words(request)
    fields = inputs(t, view.model, _asked(view), {}, sent, faults.texts)
    said = {"fields": fields, "alike": alike or [], "key": sent.one("key") or token_hex(16)}
    status = 422 if faults.texts else 200
    errors = _summary(fields, faults)
    return page(
        request,
        "new_person.html",
        status,
        back=_NEW,
        reason=sent.one("reason"),
        errors=errors,
        **said,
    )


def _alike(request: Request, access: Access, said: Mapping[str, Any]) -> list[Any]:
    """Return people who may be the one that is described: by number, telephone or name."""
    t = words(request)
    found: dict[str, GoldenRecord] = {}
    by = {"citizen_id_no": "id_number", "contact_phone": "phone", "person_name": "name"}
    view = access.view(Person, shown.listed_fields(Person))
    with access.transaction() as connection:
        for name, criterion in by.items():
            if not (text := said.get(name)):
                continue
            criteria = Criteria(**{criterion: str(text)})
            try:
                seeking = access.view(Person, sought_fields(Person, criteria) | set(view.names))
                hits = search(connection, view, seeking, criteria, MOST_ALIKE).hits
            except (NothingToSeek, Denied):
                continue
            records = {hit.record.id: hit.record for hit in hits}
            access.tell(connection, "search", view, list(records), fields=seeking.personal)
            found = {**records, **found}
    return [
        {
            "path": path_of(Person, one),
            "name": shown.name_of(t, Person, golden),
            "about": shown.telling(t, Person, golden),
        }
        for one, golden in list(found.items())[:MOST_ALIKE]
    ]


@routes.get(_PATH, operation_id="show_entry_form", include_in_schema=False)
def form(request: Request, collection: str, entity_id: str, access: Reading) -> Response:
    """Show a form that is filled with all that is known."""
    model = model_of(collection)
    view = entering_view(access, model)
    golden = _read(access, view, entity_id)
    sent = Sent({"key": [token_hex(16)]})
    return _form_page(request, access, view, golden, sent, _NONE)


@routes.post(_PATH, operation_id="enter_record", include_in_schema=False)
def amend(
    request: Request, collection: str, entity_id: str, sent: Form, access: Writing
) -> Response:
    """Enter what differs from what is known; show the form again where something is wrong."""
    model = model_of(collection)
    view = entering_view(access, model)
    golden = _read(access, view, entity_id)
    tag = sent.one("if_match")
    if not names_version(tag, golden.version):
        return _form_page(request, access, view, golden, sent, Faults({}, stale=True))
    said = _changes(view, golden, sent)
    if not said:
        nothing = {_open(view)[0].name: words(request)("enter.nothing")}
        return _form_page(request, access, view, golden, sent, Faults(nothing))
    word = jobs.Word(
        view,
        said,
        access.caller.client_id,
        sent.one("reason") or None,
        entity_id,
        lambda version: names_version(tag, version),
    )
    try:
        _entered(access, word, sent, f"enter {model.record_type} {entity_id}", 200)
    except jobs.Stale:
        golden = _read(access, view, entity_id)
        return _form_page(request, access, view, golden, sent, Faults({}, stale=True))
    except Problem as problem:
        return _form_page(request, access, view, golden, sent, _faults(request, problem))
    return RedirectResponse(f"{path_of(model, entity_id)}/deliveries", 303)


def _read(access: Access, view: View, entity_id: str) -> GoldenRecord:
    with access.transaction() as connection:
        golden = get_golden(connection, view, entity_id)
        access.tell(connection, "read", view, [entity_id])
    return golden


def _open(view: View) -> list[FieldSpec]:
    """Return the fields that may be written: seen whole, not derived, and fit for typing."""
    return [
        spec
        for spec in view.specs
        if spec.name not in view.masked and spec.authority != jobs.DERIVED and Input.takes(spec)
    ]


def _changes(view: View, golden: GoldenRecord, sent: Sent) -> dict[str, Any]:
    """Return what was typed otherwise than it is known; nothing typed takes a word back."""
    said = said_of(_open(view), sent)
    specs = {spec.name: spec for spec in _open(view)}
    known = {name: Input.texts(specs[name], golden.fields.get(name)) for name in said}
    return {name: value for name, value in said.items() if sent.all(name) != known[name]}


def _entered(
    access: Access, word: jobs.Word, sent: Sent, route: str, status: int
) -> dict[str, Any]:
    """Enter by the way that the API takes, so that a form sent twice counts once."""
    said = orjson.dumps([dict(word.said), word.reason], option=orjson.OPT_SORT_KEYS).decode()
    told = (said, sent.one("if_match"))
    answered = enter(access, word, sent.one("key") or None, route, told, status)
    made: dict[str, Any] = orjson.loads(bytes(answered.body))
    return made


def _faults(request: Request, problem: Problem) -> Faults:
    """Return what an entry was refused for, by field; other problems stay problems."""
    if problem.kind != "invalid":
        raise problem
    t, texts = words(request), {}
    for fault in problem.more.get("errors", ()):  # type: ignore[attr-defined]
        name = str(fault["pointer"]).removeprefix("/fields").strip("/")
        texts[name] = t.half(str(fault["message"]))
    return Faults(texts)


def _summary(fields: list[Input], faults: Faults) -> dict[str, str]:
    titles = {field.id: field.title for field in fields}
    told = {name: text for name, text in faults.texts.items() if name in titles}
    return {name: f"{titles[name]}: {text}" for name, text in told.items()}


def _place(field: Input) -> int:
    return FIRST.index(field.id) if field.id in FIRST else len(FIRST)


def _form_page(
    request: Request, access: Access, view: View, golden: GoldenRecord, sent: Sent, faults: Faults
) -> Response:
    t, model = words(request), view.model
    with access.reading().transaction() as connection:
        offered = choices(access, connection, _open(view), golden.fields.get("community_code"))
    fields = inputs(t, model, _open(view), golden.fields, sent, faults.texts, offered)
    path = path_of(model, golden.id)
    return page(
        request,
        "enter.html",
        422 if faults.texts else 412 if faults.stale else 200,
        name=shown.name_of(t, model, golden),
        path=path,
        back=f"{path}/enter",
        own=sorted((field for field in fields if field.own), key=_place),
        others=[field for field in fields if not field.own],
        others_open=any(field.error for field in fields if not field.own),
        errors=_summary(fields, faults),
        stale=faults.stale,
        reason=sent.one("reason"),
        if_match=etag(view, golden.version),
        key=sent.one("key") or token_hex(16),
    )
