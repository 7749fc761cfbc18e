"""The catalogue says of every field what programs and stewards need to know of it."""

from __future__ import annotations

from hub.catalogue import catalogue, contract, field_entry
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
