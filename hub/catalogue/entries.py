"""Every public field, record type and code table as JSON."""

from __future__ import annotations

from typing import Any

from schemas import MODELS, FieldSpec, Section, fields
from schemas.codes import code_table, table_names
from schemas.kinds import Coded, ListOf

#: The record type in which the fields of a domain are at home.
_HOMES = {
    "GEO": "geo_entity",
    "G3D": "building",
    "ADR": "address",
    "GRD": "grid",
    "HOU": "house",
    "POP": "person",
    "CMP": "component",
    "VID": "camera",
}


def catalogue() -> dict[str, Any]:
    """Describe all record types with their fields, and the code tables these refer to."""
    return {
        "record_types": [entry(model) for model in MODELS.values()],
        "code_tables": code_tables(),
    }


def entry(model: type[Section]) -> dict[str, Any]:
    """Describe a record type and its fields, in the order they are declared."""
    return {
        "name": model.record_type,
        "collection": model.collection,
        "title_zh": model.title_zh,
        "meaning": meaning(model),
        "fields": [field_entry(spec) for spec in fields(model)],
    }


def field_entry(spec: FieldSpec) -> dict[str, Any]:
    """Describe a field: what it means, how it is written, whose word counts, who may see it."""
    return {
        "code": spec.code,
        "name": spec.name,
        "home": home(spec),
        "title_zh": spec.title_zh,
        "title_en": spec.title_en,
        "meaning": spec.meaning,
        "kind": type(spec.kind).__name__,
        "format": form(spec),
        "schema": spec.kind.json_schema(),
        "code_table": table_of(spec),
        "standard": spec.standard,
        "required": spec.required,
        "authority": spec.authority,
        "sharing": spec.sharing,
        "level": spec.level,
    }


def code_tables() -> list[dict[str, Any]]:
    """Describe the code tables: every code with its labels, and whether others may come."""
    return [_table(name) for name in table_names()]


def meaning(model: type[Section]) -> str:
    """Say in one sentence what a record type is."""
    return (model.__doc__ or "").strip().splitlines()[0]


def home(spec: FieldSpec) -> str:
    """Name the record type that declares a field; others only carry it."""
    return _HOMES[spec.domain]


def table_of(spec: FieldSpec) -> str | None:
    """Name the code table of a field, or of its items."""
    kind = spec.kind.item if isinstance(spec.kind, ListOf) else spec.kind
    return kind.table if isinstance(kind, Coded) else None


def form(spec: FieldSpec) -> str:
    """Say in a few words how values of a field are written."""
    if isinstance(spec.kind, ListOf):
        item = _form(spec.kind.item.json_schema(), table_of(spec))
        return f"list of at most {spec.kind.max_items}: {item}"
    return _form(spec.kind.json_schema(), table_of(spec))


def _form(schema: dict[str, Any], table: str | None) -> str:
    if table:
        return f"code of {table}"
    if schema.get("format") == "date":
        return "date YYYY-MM-DD"
    if "pattern" in schema:
        return f"pattern {schema['pattern']}"
    if schema.get("format") == "uri":
        return f"URI, at most {schema['maxLength']} characters"
    if "maxLength" in schema:
        return f"text, at most {schema['maxLength']} characters"
    if "maximum" in schema:
        zero = ", not 0" if "not" in schema else ""
        return f"{schema['type']} from {schema['minimum']} to {schema['maximum']}{zero}"
    shapes = [part["properties"]["type"]["const"] for part in _alternatives(schema)]
    return f"GeoJSON {' or '.join(shapes)}, CGCS2000" if shapes else str(schema["type"])


def _alternatives(schema: dict[str, Any]) -> list[dict[str, Any]]:
    parts = schema.get("oneOf", [schema])
    return [part for part in parts if "coordinates" in part.get("properties", {})]


def _table(name: str) -> dict[str, Any]:
    table = code_table(name)
    return {
        "name": table.name,
        "title_zh": table.title_zh,
        "title_en": table.title_en,
        "standard": table.standard,
        "open": table.open,
        "codes": [
            {"code": code, "label_zh": label, "label_en": table.labels_en[code]}
            for code, label in table.labels.items()
        ],
    }
