"""The files of `schemas/published/`: written by `hub schema --write`, checked by a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

import schemas
from hub.catalogue.contract import contract
from hub.catalogue.entries import code_tables
from hub.catalogue.guide import guide
from hub.catalogue.schemata import json_schema

FOLDER = Path(schemas.__file__).parent / "published"


def published() -> dict[str, str]:
    """Return the text of every published file by its name."""
    files = {"FIELDS.md": guide(), "codes.json": _json(code_tables())}
    for name, model in schemas.MODELS.items():
        files[f"{name}.schema.json"] = _json(json_schema(model))
        files[f"{name}.odcs.yaml"] = _yaml(contract(model))
    return files


def write(folder: Path = FOLDER) -> list[str]:
    """Write the files that differ, remove those that are no longer published; name them all."""
    touched = stale(folder)
    fresh = published()
    folder.mkdir(parents=True, exist_ok=True)
    for name in touched:
        if name in fresh:
            (folder / name).write_text(fresh[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return touched


def stale(folder: Path = FOLDER) -> list[str]:
    """Name the files that differ from what the declarations say now."""
    fresh = published()
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.*")}
    return sorted(name for name in fresh.keys() | there if fresh.get(name) != there.get(name))


def _json(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _yaml(said: Any) -> str:
    return str(yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=100))
