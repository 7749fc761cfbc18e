"""The features API in OpenAPI 3.0, written from the whole API's description, which is in 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.web.ogc.common import ROOT

DESCRIPTION = "application/vnd.oai.openapi+json;version=3.0"
_NOTHING = {"type": "null"}


def described(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description of the features API alone, as OpenAPI 3.0 has it."""
    components = document["components"]
    kept = {
        "schemas": {"Problem": components["schemas"]["Problem"]},
        "securitySchemes": components["securitySchemes"],
    }
    paths = {path: said for path, said in document["paths"].items() if path.startswith(ROOT)}
    older: dict[str, Any] = _older({"paths": paths, "components": kept})
    return {"openapi": "3.0.3", "info": document["info"], **older}


def _older(part: Any) -> Any:
    """Write in 3.0 what 3.1 takes from JSON Schema: nothing, one value, examples."""
    if isinstance(part, list):
        return [_older(one) for one in part]
    if not isinstance(part, dict):
        return part
    if _NOTHING in part.get("anyOf", ()):
        others = [one for one in part["anyOf"] if one != _NOTHING]
        rest = {name: said for name, said in part.items() if name != "anyOf"}
        meant = others[0] if len(others) == 1 else {"anyOf": others}
        return _older({**rest, **meant, "nullable": True})
    said = {name: _older(one) for name, one in part.items() if name not in ("const", "examples")}
    if "const" in part:
        said["enum"] = [part["const"]]
    if isinstance(part.get("examples"), list):
        said["example"] = part["examples"][0]
    return said
