"""What there is: record types, their public fields, code tables, and the datasets behind them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

import orjson
import yaml
from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from connectors import CONNECTORS
from hub import catalogue
from hub.store.golden_reads import CATEGORY
from hub.store.quality_figures import WHOLE
from hub.store.search_reads import SOUGHT
from hub.web.access import READING, Reader
from hub.web.asked import Asked, Words
from hub.web.described import page_model, record_model
from hub.web.measured import Quality, quality_today
from hub.web.problems import Problem
from hub.web.routes import answer, answers, router
from schemas import COLLECTIONS, Section, fields

routes = router("catalogue")


class Dataset(BaseModel):
    """One kind of row that a source has."""

    source: str
    dataset: str
    title: str
    title_en: str
    key: str
    snapshot: bool


_Share = Annotated[float | None, Field(ge=0, le=1)]


class FieldQuality(BaseModel):
    """How good the values of a field are; null where nothing was measured."""

    completeness: _Share = Field(description="Records that say something in the field.")
    validity: _Share = Field(description="What was said that broke no rule.")
    agreement: _Share = Field(description="Values as they are served, where others speak too.")


class TypeQuality(BaseModel):
    """How good the values of a record type are, of the sources that the caller sees."""

    day: date | None = Field(description="When it was measured; null: not yet, or not for you.")
    timeliness: _Share = Field(description="Late changes that reached the hub within a day.")
    fields: dict[str, FieldQuality] = Field(description="By the name of the field.")


class CatalogueEntry(BaseModel):
    """A record type and what it is made of."""

    collection: str
    record_type: str
    title_zh: str
    meaning: str
    field_count: int
    category: str = Field(description="The field that lists are filtered by with `category`.")
    criteria: list[str] = Field(description="What the type can be searched by.")
    datasets: list[Dataset]
    quality: TypeQuality


class CatalogueField(BaseModel):
    """A public field."""

    code: str
    name: str
    home: str = Field(description="The record type that declares it; others only carry it.")
    title_zh: str
    title_en: str
    meaning: str
    kind: str
    format: str
    value_schema: dict[str, Any] = Field(alias="schema")
    code_table: str | None
    standard: str
    required: bool
    authority: str
    sharing: Literal["unconditional", "conditional", "restricted"]
    level: Literal["L1", "L2", "L3", "L4"]


class CatalogueDetail(CatalogueEntry):
    """A record type with all its fields."""

    fields: list[CatalogueField]


class Code(BaseModel):
    """A code and what it means."""

    code: str
    label_zh: str
    label_en: str


class CodeTable(BaseModel):
    """A table of codes; others may come into an open one."""

    name: str
    title_zh: str
    title_en: str
    standard: str
    open: bool
    codes: list[Code]


class CatalogueAsked(Asked):
    """The form in which the catalogue is read."""

    format: Literal["json", "dcat", "sheet"] = Field(
        "json", description="`dcat`: DCAT in JSON-LD; `sheet`: a workbook of all data items."
    )


_LINKED = "application/ld+json"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMS = answers(page_model("Catalogue", CatalogueEntry))
_FORMS[200]["content"] = {_LINKED: {}, _WORKBOOK: {}}


def _file(content: bytes, media_type: str) -> Response:
    return Response(content, headers={"Cache-Control": "private"}, media_type=media_type)


@routes.get(
    "/catalogue",
    operation_id="list_catalogue",
    summary="List the record types",
    responses=_FORMS,
)
def record_types(asked: Annotated[CatalogueAsked, Query()], access: Reader) -> Response:
    """List the record types, the datasets that feed them, and how they are searched.

    As linked data for other catalogues, or as the workbook that the platform above takes in.
    """
    if asked.format == "dcat":
        return _file(orjson.dumps(catalogue.dcat(access.hub.settings.public_address)), _LINKED)
    if asked.format == "sheet":
        return _file(catalogue.sheet(), _WORKBOOK)
    with access.transaction() as connection:
        found = quality_today(access, connection)
    items = [_entry(model, found) for model in COLLECTIONS.values()]
    return answer({"items": items, "next": None})


@routes.get(
    "/catalogue/{collection}",
    operation_id="get_catalogue_entry",
    summary="Read a record type with its public fields",
    responses=answers(CatalogueDetail),
)
def record_type(collection: Words, access: Reader) -> Response:
    """Read what every field means, whose word counts, who may share it, how good it is today."""
    model = _model(collection)
    with access.transaction() as connection:
        found = quality_today(access, connection, model.record_type)
    return answer({**_entry(model, found), "fields": catalogue.entry(model)["fields"]})


@routes.get(
    "/catalogue/{collection}/schema",
    dependencies=READING,
    operation_id="get_schema",
    summary="Read the JSON Schema of a record type's golden records",
    responses={
        **answers(),
        200: {"description": "JSON Schema", "content": {"application/schema+json": {}}},
    },
)
def schema(collection: Words) -> Response:
    """Read the shape of golden records, masks included."""
    answered = answer(record_model(_model(collection)).model_json_schema())
    answered.headers["Content-Type"] = "application/schema+json"
    return answered


@routes.get(
    "/catalogue/{collection}/contract",
    dependencies=READING,
    operation_id="get_contract",
    summary="Read the data contract of a record type (ODCS 3.1)",
    responses={**answers(), 200: {"description": "ODCS", "content": {"application/yaml": {}}}},
)
def contract(collection: Words) -> Response:
    """Read what the hub promises of the golden records of a type."""
    said = catalogue.contract(_model(collection))
    text = yaml.safe_dump(said, allow_unicode=True, sort_keys=False)
    return Response(text, media_type="application/yaml")


@routes.get(
    "/code-tables",
    dependencies=READING,
    operation_id="list_code_tables",
    summary="List the tables of codes",
    responses=answers(page_model("CodeTables", CodeTable)),
)
def code_tables() -> Response:
    """List every code with its labels in both languages."""
    return answer({"items": catalogue.code_tables(), "next": None})


def _model(collection: str) -> type[Section]:
    model = COLLECTIONS.get(collection)
    if model is None:
        raise Problem("not-found", f"collections are {', '.join(COLLECTIONS)}")
    return model


def _entry(model: type[Section], measured: Mapping[str, Quality]) -> dict[str, Any]:
    return {
        "collection": model.collection,
        "record_type": model.record_type,
        "title_zh": model.title_zh,
        "meaning": (model.__doc__ or "").strip(),
        "field_count": len(fields(model)),
        "category": CATEGORY[model.record_type],
        "criteria": [*SOUGHT[model.record_type], "q"],
        "datasets": [
            {
                "source": connector.name,
                "dataset": dataset.name,
                "title": dataset.title.zh,
                "title_en": dataset.title.en,
                "key": dataset.key,
                "snapshot": dataset.snapshot,
            }
            for connector in CONNECTORS.values()
            for dataset in connector.datasets
            if dataset.model is model
        ],
        "quality": _quality(model, measured.get(model.record_type, Quality())),
    }


def _quality(model: type[Section], quality: Quality) -> dict[str, Any]:
    names = [spec.name for spec in fields(model) if spec.name in quality.counts]
    return {
        "day": quality.day,
        "timeliness": _rounded(quality.of(WHOLE).timeliness),
        "fields": {
            name: {
                measure: _rounded(getattr(quality.of(name), measure))
                for measure in FieldQuality.model_fields
            }
            for name in names
        },
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)
