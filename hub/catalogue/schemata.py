"""JSON Schema of a record type: pydantic's own, with what only the declarations know."""

from __future__ import annotations

from typing import Any

from schemas import FieldSpec, Section, field

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(model: type[Section]) -> dict[str, Any]:
    """Describe the fields of a record type as JSON Schema; none of them has to be there."""
    document = model.model_json_schema()
    properties = {
        name: {**schema, **_said(field(model, name))}
        for name, schema in document["properties"].items()
    }
    return {
        "$schema": DIALECT,
        "$id": f"urn:hub:{model.record_type}",
        **document,
        "properties": properties,
    }


def _said(spec: FieldSpec) -> dict[str, Any]:
    return {
        "x-code": spec.code,
        "x-title-zh": spec.title_zh,
        "x-authority": spec.authority,
        "x-sharing": spec.sharing,
        "x-level": spec.level,
    }
