"""The catalogue says of every field what programs and stewards need to know of it."""

from __future__ import annotations

import copy
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from hub.catalogue import (
    Change,
    catalogue,
    changes,
    contract,
    dcat,
    field_entry,
    next_version,
    sheet,
)
from schemas import MODELS, field


def test_every_record_type_is_described_with_its_fields_in_order() -> None:
    described = {each["name"]: each for each in catalogue()["record_types"]}
    assert described.keys() == MODELS.keys()
    for name, model in MODELS.items():
        assert [each["name"] for each in described[name]["fields"]] == list(model.model_fields)


def test_every_code_table_that_a_field_names_is_there_with_labels() -> None:
    said = catalogue()
    tables = {table["name"]: table for table in said["code_tables"]}
    named = {each["code_table"] for entry in said["record_types"] for each in entry["fields"]}
    assert named - {None} <= tables.keys()
    for name in named - {None}:
        assert all(code["label_zh"] and code["label_en"] for code in tables[name]["codes"])


def test_a_carried_field_names_the_record_type_it_is_at_home_in() -> None:
    carried = field_entry(field(MODELS["camera"], "community_code"))
    assert (carried["code"], carried["home"]) == ("GEO-005", "geo_entity")


def test_the_form_of_a_value_is_said_in_words() -> None:
    forms = {
        ("house", "floor_area_m2"): "number from 0 to 100000",
        ("house", "floor_no"): "integer from -20 to 200, not 0",
        ("person", "care_categories"): "list of at most 10: code of HUB-CARE",
        ("person", "person_name"): "text, at most 50 characters",
        ("person", "birth_date"): "date YYYY-MM-DD",
        ("person", "sex_code"): "code of GB/T 2261.1",
        ("component", "component_point"): "GeoJSON Point, CGCS2000",
        ("house", "has_elevator"): "boolean",
        ("grid", "grid_code"): "pattern ^[0-9]{15}$",
    }
    for (record_type, name), expected in forms.items():
        assert field_entry(field(MODELS[record_type], name))["format"] == expected


def test_a_contract_asks_for_completeness_but_never_refuses_an_empty_field() -> None:
    properties = contract(MODELS["person"])["schema"][0]["properties"]
    name = next(part for part in properties if part["name"] == "person_name")
    assert name["required"] is False
    assert name["quality"][0]["severity"] == "warning"
    former = next(part for part in properties if part["name"] == "former_name")
    assert "quality" not in former


def test_linked_data_names_each_record_type_with_where_to_read_it() -> None:
    said = dcat("https://hub.example.cn")
    assert said["@type"] == "dcat:Catalog"
    found = {one["dct:identifier"]: one for one in said["dcat:dataset"]}
    assert found.keys() == {f"urn:hub:contract:{name}" for name in MODELS}
    rights = {name: found[f"urn:hub:contract:{name}"]["dct:accessRights"] for name in MODELS}
    assert rights["camera"]["@id"].endswith("NON_PUBLIC")
    assert rights["person"]["@id"].endswith("RESTRICTED")
    place = found["urn:hub:contract:geo_entity"]["dcat:distribution"][0]["dcat:accessURL"]["@id"]
    assert place == "https://hub.example.cn/v1/places"


def test_the_workbook_lists_each_of_the_108_data_items_once_with_its_basis() -> None:
    book = openpyxl.load_workbook(BytesIO(sheet()), read_only=True)
    assert book.sheetnames == ["政务数据目录", "数据项"]
    entries, items = (list(page.iter_rows(values_only=True)) for page in book.worksheets)
    assert len(entries) == len(MODELS) + 1
    head, *rows = items
    codes = [row[head.index("数据项代码")] for row in rows]
    assert len(codes) == len(set(codes)) == 108
    shared = [row[head.index("共享属性")] for row in rows]
    assert (shared.count("无条件共享"), shared.count("有条件共享"), shared.count("不予共享")) == (
        *(53, 54, 1),
    )
    assert all(row[head.index("共享依据")] for row in rows)


def _broken(part: dict[str, Any]) -> None:
    part["logicalType"] = "number"


def _stricter(part: dict[str, Any]) -> None:
    part["classification"] = "L4"


def _freer(part: dict[str, Any]) -> None:
    part["classification"] = "L1"


def _renamed(part: dict[str, Any]) -> None:
    part["name"] = "full_name"


def _explained(part: dict[str, Any]) -> None:
    part["description"] = "The name in full."


@pytest.mark.parametrize(
    ("change", "named", "version"),
    [
        (_broken, [Change("person_name", "has another type", True)], "2.0.0"),
        (_stricter, [Change("person_name", "is of another level", True)], "2.0.0"),
        (_freer, [Change("person_name", "is of another level", False)], "1.1.0"),
        (
            _renamed,
            [Change("person_name", "is gone", True), Change("full_name", "is new", False)],
            "2.0.0",
        ),
        (_explained, [Change("person_name", "is described otherwise", False)], "1.1.0"),
        (lambda _: None, [], "1.0.0"),
    ],
)
def test_breaking_changes_are_named_and_ask_for_a_major_version(
    change: Any, named: list[Change], version: str
) -> None:
    before = contract(MODELS["person"])
    after = copy.deepcopy(before)
    parts = after["schema"][0]["properties"]
    change(next(part for part in parts if part["name"] == "person_name"))
    assert changes(before, after) == named
    assert next_version("1.0.0", changes(before, after)) == version
