"""What there is: record types, their public fields with codes, the datasets that feed them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel
from starlette.responses import Response

from connectors import CONNECTORS
from hub.store.golden_reads import CATEGORY
from hub.store.search_reads import SOUGHT
from hub.web.access import READING
from hub.web.asked import Words
from hub.web.described import page_model, record_model
from hub.web.problems import Problem
from hub.web.routes import answer, answers, router
from schemas import COLLECTIONS, FieldSpec, Section, fields
from schemas.kinds import Coded

routes = router("catalogue")


class Dataset(BaseModel):
    """One kind of row that a source has."""

    source: str
    dataset: str
    title: str
    title_en: str
    key: str
    snapshot: bool


class CatalogueEntry(BaseModel):
    """A record type and what it is made of."""

    collection: str
    record_type: str
    title: str
    meaning: str
    field_count: int
    category: str
    criteria: list[str]
    datasets: list[Dataset]


class CatalogueField(BaseModel):
    """A public field."""

    code: str
    name: str
    title: str
    title_en: str
    meaning: str
    standard: str
    authority: str
    sharing: Literal["unconditional", "conditional", "restricted"]
    level: Literal["L1", "L2", "L3", "L4"]
    required: bool
    value_schema: dict[str, Any]
    codes: dict[str, str] | None


class CatalogueDetail(CatalogueEntry):
    """A record type with all its fields."""

    fields: list[CatalogueField]


@routes.get(
    "/catalogue",
    dependencies=READING,
    operation_id="list_catalogue",
    summary="List the record types",
    responses=answers(page_model("Catalogue", CatalogueEntry)),
)
def catalogue() -> Response:
    """List the record types, the datasets that feed them, and how they are searched."""

    return answer({"items": [_entry(model) for model in COLLECTIONS.values()], "next": None})


@routes.get(
    "/catalogue/{collection}",
    dependencies=READING,
    operation_id="get_catalogue_entry",
    summary="Read a record type with its public fields",
    responses=answers(CatalogueDetail),
)
def entry(collection: Words) -> Response:
    """Read what every field means, whose word counts for it and who may share it."""
    model = _model(collection)
    listed = [_field(spec) for spec in fields(model)]
    return answer({**_entry(model), "fields": listed})


@routes.get(
    "/catalogue/{collection}/schema",
    dependencies=READING,
    operation_id="get_schema",
    summary="Read the JSON Schema of a record type's golden records",
    responses={
        **answers(),
        200: {"description": "JSON Schema", "content": {"application/json": {}}},
    },
)
def schema(collection: Words) -> Response:
    """Read the shape of golden records, masks included."""
    return answer(record_model(_model(collection)).model_json_schema())


def _model(collection: str) -> type[Section]:
    model = COLLECTIONS.get(collection)
    if model is None:
        raise Problem("not-found", f"collections are {', '.join(COLLECTIONS)}")
    return model


def _entry(model: type[Section]) -> dict[str, Any]:
    return {
        "collection": model.collection,
        "record_type": model.record_type,
        "title": model.title_zh,
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
    }


def _field(spec: FieldSpec) -> dict[str, Any]:
    coded = spec.kind if isinstance(spec.kind, Coded) else getattr(spec.kind, "item", None)
    return {
        "code": spec.code,
        "name": spec.name,
        "title": spec.title_zh,
        "title_en": spec.title_en,
        "meaning": spec.meaning,
        "standard": spec.standard,
        "authority": spec.authority,
        "sharing": spec.sharing,
        "level": spec.level,
        "required": spec.required,
        "value_schema": spec.kind.json_schema(),
        "codes": dict(coded.codes.labels) if isinstance(coded, Coded) else None,
    }
