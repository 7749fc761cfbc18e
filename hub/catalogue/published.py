"""The files of `schemas/published/`: written by `hub schema --write`, checked by a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

import schemas
from hub.catalogue.contract import VERSION, contract
from hub.catalogue.entries import code_tables
from hub.catalogue.guide import guide
from hub.catalogue.schemata import json_schema
from hub.catalogue.versions import Change, changes, next_version
from hub.errors import Conflict

FOLDER = Path(schemas.__file__).parent / "published"
_CONTRACT = ".odcs.yaml"


def published() -> dict[str, str]:
    """Return the text of every published file by its name."""
    files = {"FIELDS.md": guide(), "codes.json": _json(code_tables())}
    for name, model in schemas.MODELS.items():
        files[f"{name}.schema.json"] = _json(json_schema(model))
        files[f"{name}{_CONTRACT}"] = _yaml(contract(model))
    return files


class Breaking(Conflict):
    """A contract that others read by would be broken without a new major version saying so."""


def compared(folder: Path = FOLDER) -> dict[str, list[Change]]:
    """Name by record type what the published contracts do not say yet; breaking changes first."""
    files = {file.name.removesuffix(_CONTRACT): file for file in folder.glob(f"*{_CONTRACT}")}
    found: dict[str, list[Change]] = {}
    for name, file in sorted(files.items()):
        if name not in schemas.MODELS:
            found[name] = [Change(name, "is gone", True)]
        elif differing := changes(_read(file), contract(schemas.MODELS[name])):
            found[name] = differing
    return found


def check(folder: Path = FOLDER) -> None:
    """Raise Breaking where a published contract would break under the major version it has."""
    for name, found in compared(folder).items():
        before = str(_read(folder / f"{name}{_CONTRACT}")["version"])
        breaking = [f"{one.field} {one.what}" for one in found if one.breaking]
        if breaking and _major(VERSION) <= _major(before):
            raise Breaking(
                f"{name}: {'; '.join(breaking)}: this breaks who reads by contract {before}; set"
                f" VERSION in hub/catalogue/contract.py to {next_version(before, found)}"
            )


def write(folder: Path = FOLDER) -> list[str]:
    """Write the files that differ, remove those that are no longer published; name them all.

    Nothing is written where readers would be broken unawares.
    """
    check(folder)
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


def _read(file: Path) -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return said


def _major(version: str) -> int:
    return int(version.split(".")[0])


def _json(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _yaml(said: Any) -> str:
    return str(yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=100))
