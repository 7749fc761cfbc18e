"""The data contract of a record type: Open Data Contract Standard 3.1."""

from __future__ import annotations

from typing import Any

from hub.catalogue.entries import form, home, meaning, table_of
from schemas import FieldSpec, Section, fields

API_VERSION = "v3.1.0"
#: Version of what the contract promises; names and codes of fields are final.
VERSION = "2.0.0"

_LOGICAL = {
    "text": "string",
    "date": "date",
    "integer": "integer",
    "numeric": "number",
    "boolean": "boolean",
}
_OPTIONS = ("pattern", "minLength", "maxLength", "minimum", "maximum")


def contract(model: type[Section]) -> dict[str, Any]:
    """Write the contract for the golden records of a type."""
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"urn:hub:contract:{model.record_type}",
        "name": f"{model.title_zh} ({model.collection})",
        "version": VERSION,
        "status": "active",
        "domain": model.record_type,
        "description": {
            "purpose": meaning(model),
            "usage": f"Read as /v1/{model.collection}; changes as /v1/changes.",
            "limitations": "Fields of classification L3 and L4 are personal: they need a grant"
            " and a purpose, and every read is audited.",
        },
        "schema": [_golden(model)],
        "slaProperties": [{"property": "frequency", "value": 1, "unit": "d"}],
    }


def _golden(model: type[Section]) -> dict[str, Any]:
    key = {
        "name": "entity_id",
        "businessName": "实体标识 / Entity id",
        "description": "Stable id of the entity; never reused.",
        "logicalType": "string",
        "logicalTypeOptions": {"pattern": f"^{model.letter}[0-9a-f]{{32}}$"},
        "physicalType": "text",
        "primaryKey": True,
        "primaryKeyPosition": 1,
        "required": True,
        "unique": True,
        "classification": "L2",
    }
    return {
        "name": model.record_type,
        "physicalName": _table(model),
        "physicalType": "table",
        "logicalType": "object",
        "businessName": model.title_zh,
        "description": meaning(model),
        "dataGranularityDescription": f"One row for each {model.record_type} there is.",
        "properties": [key, *(_property(model, spec) for spec in fields(model))],
    }


def _property(model: type[Section], spec: FieldSpec) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": spec.name,
        "businessName": f"{spec.title_zh} / {spec.title_en}",
        "description": spec.meaning,
        "logicalType": _logical(spec),
        "physicalType": spec.kind.sql,
        "required": False,
        "classification": spec.level,
    }
    schema = spec.kind.json_schema()
    # The date's pattern is the standard's own form; ODCS would read it as a date format.
    options = {
        name: schema[name] for name in _OPTIONS if name in schema and spec.kind.sql != "date"
    }
    if options:
        said["logicalTypeOptions"] = options
    if spec.kind.many:
        said["items"] = {"logicalType": "string"}
    quality = [_completeness()] if spec.required else []
    quality += [_items(model, spec)] if spec.kind.many else []
    if quality:
        said["quality"] = quality
    return said | {"customProperties": _custom(spec)}


def _logical(spec: FieldSpec) -> str:
    if spec.kind.sql == "jsonb":
        return "array" if spec.kind.many else "object"
    return _LOGICAL[spec.kind.sql]


def _completeness() -> dict[str, Any]:
    """Completeness is measured; an empty field is no reason to refuse a record."""
    return {
        "type": "library",
        "metric": "nullValues",
        "mustBe": 0,
        "unit": "percent",
        "dimension": "completeness",
        "severity": "warning",
    }


def _items(model: type[Section], spec: FieldSpec) -> dict[str, Any]:
    """How many items a list has, each once: the column is JSON, no array that could be asked."""
    most = spec.kind.json_schema()["maxItems"]
    each = f"jsonb_array_elements({spec.name})"
    return {
        "type": "sql",
        "description": f"At most {most} items, each once.",
        "query": f"SELECT count(*) FROM {_table(model)}"
        f" WHERE jsonb_array_length({spec.name}) > {most}"
        f" OR jsonb_array_length({spec.name}) > (SELECT count(DISTINCT item) FROM {each} item)",
        "mustBe": 0,
        "dimension": "conformity",
        "severity": "error",
    }


def _table(model: type[Section]) -> str:
    return f"golden_{model.record_type}"


def _custom(spec: FieldSpec) -> list[dict[str, Any]]:
    said = {
        "code": spec.code,
        "homeType": home(spec),
        "format": form(spec),
        "codeTable": table_of(spec),
        "standard": spec.standard,
        "authority": spec.authority,
        "sharingClass": spec.sharing,
    }
    return [{"property": name, "value": value} for name, value in said.items() if value]
