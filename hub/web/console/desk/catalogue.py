"""The catalogue: every public field with its provider and its quality, and the tables of codes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from connectors import CONNECTORS
from hub import catalogue
from hub.jobs.quality import spoken_fields
from hub.web.asked import Words
from hub.web.console import shown
from hub.web.console.desk.labels import percent
from hub.web.console.desk.places import desk_page
from hub.web.console.formats import form_of
from hub.web.console.navigation import DESK_HOME
from hub.web.console.pages import words
from hub.web.console.records import model_of
from hub.web.console.visiting import READING, Reading
from hub.web.console.words import Words as Texts
from hub.web.console.words import meanings
from hub.web.measured import Quality, quality_today
from hub.web.problems import Problem
from hub.web.routes import router
from schemas import MODELS, FieldSpec, Section, fields
from schemas.codes import code_table, table_names

routes = router("console")
PATH = f"{DESK_HOME}/catalogue"


@routes.get(PATH, operation_id="show_catalogue", include_in_schema=False, dependencies=READING)
def types(request: Request) -> Response:
    """Show the record types, who provides them, and the tables of codes."""
    t = words(request)
    listed = [
        {
            "title": shown.types_title(t, model),
            "path": f"{PATH}/{model.collection}",
            "fields": len(fields(model)),
            "required": sum(spec.required for spec in fields(model)),
            "providers": [title for titles in _providers(t, model).values() for title in titles],
        }
        for model in MODELS.values()
    ]
    tables = [(name, *_titles(t, name)) for name in table_names()]
    return desk_page(request, "desk/catalogue.html", types=listed, tables=tables)


def _providers(t: Texts, model: type[Section]) -> Mapping[str, list[str]]:
    """Return by source the titles of its datasets that speak of a record type."""
    found: dict[str, list[str]] = defaultdict(list)
    for source, connector in CONNECTORS.items():
        for dataset in connector.datasets:
            if connector.has_system and model.record_type in spoken_fields(dataset):
                title = t("catalogue.dataset", source=t.title(connector.title),
                          dataset=t.title(dataset.title))  # fmt: skip
                found[source].append(title)
    return found


def _titles(t: Texts, name: str) -> tuple[str, int, bool]:
    table = code_table(name)
    return t.pick(table.title_zh, table.title_en), len(table.labels), table.open


@routes.get(f"{PATH}/codes/{{name:path}}", operation_id="show_codes", include_in_schema=False,
            dependencies=READING)  # fmt: skip
def codes(request: Request, name: Words) -> Response:
    """Show a table of codes."""
    t = words(request)
    if name not in table_names():
        raise Problem("not-found")
    table = code_table(name)
    used = [
        (shown.types_title(t, model), shown.title_of(t, spec), f"{PATH}/{model.collection}")
        for model in MODELS.values()
        for spec in fields(model)
        if catalogue.table_of(spec) == name
    ]
    return desk_page(
        request,
        "desk/codes.html",
        name=name,
        title=t.pick(table.title_zh, table.title_en),
        standard=table.standard,
        is_open=table.open,
        codes=list(shown.labels(t, table).items()),
        used=used,
    )


@routes.get(f"{PATH}/{{collection}}", operation_id="show_catalogue_type", include_in_schema=False)
def of_type(request: Request, collection: Words, access: Reading) -> Response:
    """Show every field of a record type: what it means, who provides it, how good it is."""
    t, model = words(request), model_of(collection)
    with access.transaction() as connection:
        found = quality_today(access, connection, model.record_type)
    quality = found.get(model.record_type, Quality())
    return desk_page(
        request,
        "desk/catalogue_type.html",
        title=shown.types_title(t, model),
        meaning=t.pick(meanings()[model.record_type], catalogue.meaning(model)),
        day=quality.day,
        fields=[_field(t, model, spec, quality) for spec in fields(model)],
    )


def _field(t: Texts, model: type[Section], spec: FieldSpec, quality: Quality) -> dict[str, Any]:
    counts = quality.of(spec.name)
    return {
        "code": spec.code,
        "name": spec.name,
        "title": shown.title_of(t, spec),
        "meaning": shown.meaning_of(t, spec),
        "form": form_of(t, spec),
        "table": catalogue.table_of(spec),
        "standard": spec.standard,
        "required": spec.required,
        "authority": shown.authority_title(t, spec.authority),
        "sharing": spec.sharing,
        "level": spec.level,
        "providers": _says(t, model, spec),
        "completeness": percent(counts.completeness),
        "validity": percent(counts.validity),
        "agreement": percent(counts.agreement),
    }


def _says(t: Texts, model: type[Section], spec: FieldSpec) -> list[str]:
    """Name the sources whose rows speak of a field."""
    return [
        t.title(connector.title)
        for connector in CONNECTORS.values()
        if connector.has_system
        and any(
            spec.name in spoken_fields(dataset).get(model.record_type, ())
            for dataset in connector.datasets
        )
    ]
