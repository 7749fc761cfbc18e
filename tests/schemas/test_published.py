"""What is published of the declarations is what they say now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from hub.catalogue import FOLDER, Breaking, Change, compared, published, stale, write
from hub.catalogue.contract import VERSION
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


def rewritten(file: Path, *replacements: tuple[str, str]) -> None:
    """Publish something else before."""
    said = file.read_text(encoding="utf-8")
    for before, after in replacements:
        assert before in said
        said = said.replace(before, after)
    file.write_text(said, encoding="utf-8")


def test_a_breaking_change_asks_for_a_new_major_version_in_one_line(tmp_path: Path) -> None:
    write(tmp_path)
    published_before = tmp_path / "grid.odcs.yaml"
    rewritten(published_before, ("name: grid_name", "name: grid_title"))
    as_it_was = published_before.read_text(encoding="utf-8")
    major = int(VERSION.split(".")[0])
    with pytest.raises(Breaking) as raised:
        write(tmp_path)
    assert str(raised.value) == (
        f"grid: grid_title is gone: this breaks who reads by contract {VERSION}; set VERSION in"
        f" hub/catalogue/contract.py to {major + 1}.0.0"
    )
    assert raised.value.exit_code == 2
    assert published_before.read_text(encoding="utf-8") == as_it_was
    # What was published under a lower major version may be broken.
    rewritten(published_before, (f"version: {VERSION}", f"version: {major - 1}.4.0"))
    assert compared(tmp_path)["grid"] == [
        Change("grid_title", "is gone", True),
        Change("grid_name", "is new", False),
    ]
    assert write(tmp_path) == ["grid.odcs.yaml"]


def test_a_record_type_that_is_published_no_more_breaks_readers(tmp_path: Path) -> None:
    write(tmp_path)
    contract = (tmp_path / "grid.odcs.yaml").read_text(encoding="utf-8")
    (tmp_path / "robot.odcs.yaml").write_text(contract, encoding="utf-8")
    with pytest.raises(Breaking, match=r"^robot: robot is gone: "):
        write(tmp_path)


def test_what_breaks_nobody_is_written_under_the_same_version(tmp_path: Path) -> None:
    write(tmp_path)
    rewritten(tmp_path / "grid.odcs.yaml", ("description: Stable id", "description: Id"))
    assert write(tmp_path) == ["grid.odcs.yaml"]


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
