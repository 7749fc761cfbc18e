"""What is published of the declarations is what they say now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from hub.catalogue import FOLDER, published, stale, write
from schemas import MODELS, fields


def test_the_published_files_are_fresh() -> None:
    assert stale() == [], "run: hub schema --write"


def test_a_stale_file_a_missing_one_and_a_strange_one_are_seen_and_mended(tmp_path: Path) -> None:
    write(tmp_path)
    assert stale(tmp_path) == []
    (tmp_path / "FIELDS.md").write_text("old", encoding="utf-8")
    (tmp_path / "codes.json").unlink()
    (tmp_path / "moon.schema.json").write_text("{}", encoding="utf-8")
    changed = ["FIELDS.md", "codes.json", "moon.schema.json"]
    assert (stale(tmp_path), write(tmp_path), stale(tmp_path)) == (changed, changed, [])


@pytest.mark.parametrize("record_type", MODELS)
def test_a_json_schema_is_one_and_takes_what_the_model_gives(record_type: str) -> None:
    schema = json.loads((FOLDER / f"{record_type}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert validator.is_valid({})
    assert not validator.is_valid({"religion": "x"})
    assert schema["properties"].keys() == {spec.name for spec in fields(MODELS[record_type])}


@pytest.mark.parametrize("record_type", MODELS)
def test_a_contract_holds_every_field_with_its_level(record_type: str) -> None:
    contract = yaml.safe_load((FOLDER / f"{record_type}.odcs.yaml").read_text(encoding="utf-8"))
    assert (contract["apiVersion"], contract["kind"]) == ("v3.1.0", "DataContract")
    properties = {part["name"]: part for part in contract["schema"][0]["properties"]}
    assert properties.pop("entity_id")["primaryKey"] is True
    levels = {name: part["classification"] for name, part in properties.items()}
    assert levels == {spec.name: spec.level for spec in fields(MODELS[record_type])}


def test_the_guide_names_every_field_and_every_code_table_in_both_languages() -> None:
    guide = published()["FIELDS.md"]
    for model in MODELS.values():
        for spec in fields(model):
            assert f"| {spec.code} | `{spec.name}` | {spec.title_zh} | {spec.title_en} |" in guide
    assert "### GB/T 3304 民族 / Ethnic group" in guide
    assert "| 01 | 汉族 |" in guide
