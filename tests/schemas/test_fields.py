"""The declarations: complete, consistent, and as the district's list of fields has them."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas import COLLECTIONS, MODELS, FieldSpec, Person, field, fields
from schemas.codes import table_names
from schemas.kinds import Boolean, Coded, Date, Geometry, Kind, ListOf, Text

LIST = Path(__file__).parents[2].parent / "shared" / "fields.csv"
needs_list = pytest.mark.skipif(not LIST.exists(), reason="the list of fields is not beside us")

SPECS = {spec.code: spec for model in MODELS.values() for spec in fields(model)}
#: By the design: what each record type carries besides the fields of its own domain.
REFERENCES = {
    "person": "HOU-001 ADR-001 ADR-002 GEO-005 GRD-001",
    "house": "ADR-001 ADR-002 ADR-006 ADR-007 ADR-008 ADR-009 ADR-010 GEO-005 GRD-001",
    "address": "GEO-004 GEO-005 GEO-007 GRD-001",
    "grid": "GEO-005",
    "component": "GRD-001 GRD-004 GEO-005",
    "camera": "GRD-001 ADR-001 GEO-005",
    "geo_entity": "GRD-001",
    "building": "HOU-002 HOU-005 HOU-014 GEO-001 ADR-001 GEO-005 GRD-001",
}
DOMAINS = {
    "person": "POP",
    "house": "HOU",
    "address": "ADR",
    "grid": "GRD",
    "component": "CMP",
    "camera": "VID",
    "geo_entity": "GEO",
    "building": "G3D",
}


def listed() -> list[dict[str, str]]:
    if not LIST.exists():
        return []
    with LIST.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def names_of(rows: list[dict[str, str]], beginning: str) -> list[Any]:
    found = [row for row in rows if row["format_or_code_table"].startswith(beginning)]
    return [pytest.param(row, id=row["code"]) for row in found]


def test_there_are_108_fields_over_eight_record_types() -> None:
    assert len(MODELS) == len(COLLECTIONS) == 8
    assert len(SPECS) == 108
    assert len({model.letter for model in MODELS.values()}) == 8


def test_one_code_has_one_name_and_one_kind_wherever_it_is_carried() -> None:
    said: dict[str, set[tuple[str, Kind, str]]] = {}
    for model in MODELS.values():
        for spec in fields(model):
            said.setdefault(spec.code, set()).add((spec.name, spec.kind, spec.authority))
    assert {code: each for code, each in said.items() if len(each) > 1} == {}


@pytest.mark.parametrize("part", ["name", "title_zh", "title_en"])
def test_no_two_fields_are_called_the_same(part: str) -> None:
    said = [getattr(spec, part) for spec in SPECS.values()]
    assert sorted(said) == sorted(set(said))


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS.keys())
def test_a_meaning_is_a_sentence(spec: FieldSpec) -> None:
    assert re.fullmatch(r"[A-Z0-9].*\.", spec.meaning)
    assert spec.standard


@pytest.mark.parametrize("record_type", MODELS)
def test_a_record_type_carries_its_domain_and_its_references(record_type: str) -> None:
    carried = [spec.code for spec in fields(MODELS[record_type])]
    domain = [code for code in SPECS if code.startswith(DOMAINS[record_type])]
    expected = {*domain, *REFERENCES[record_type].split()}
    assert len(carried) == len(set(carried))
    assert set(carried) == expected


@pytest.mark.parametrize(
    ("record_type", "name"),
    [("person", "standard_address"), ("house", "standard_address"), ("house", "room_no")],
)
def test_where_somebody_lives_is_personal(record_type: str, name: str) -> None:
    spec = field(MODELS[record_type], name)
    assert (spec.level, spec.sharing, spec.personal) == ("L3", "conditional", True)


def test_an_address_as_such_is_not_personal() -> None:
    assert not field(MODELS["address"], "standard_address").personal


def test_a_record_with_a_field_nobody_declared_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Person.model_validate({"person_name": "王小明", "religion": "x"})


def test_a_refused_value_is_not_repeated_in_the_error() -> None:
    with pytest.raises(ValidationError) as caught:
        Person(citizen_id_no="630102199001011234")
    assert "630102199001011234" not in str(caught.value)
    assert "citizen_id" in str(caught.value)


def test_every_field_may_be_left_out() -> None:
    for model in MODELS.values():
        assert model().model_dump(exclude_none=True) == {}


def test_values_come_out_as_the_kind_writes_them() -> None:
    person = Person(birth_date="1990年1月2日", contact_phone="１３８ ０００１ ２３４５")
    assert person.model_dump(exclude_none=True) == {
        "birth_date": "1990-01-02",
        "contact_phone": "13800012345",
    }


@needs_list
def test_the_list_and_the_declarations_have_the_same_fields() -> None:
    assert {row["code"] for row in listed()} == SPECS.keys()


@needs_list
@pytest.mark.parametrize("row", listed(), ids=lambda row: row["code"])
def test_a_declaration_says_what_the_list_says(row: dict[str, str]) -> None:
    # Where a field is at home, not where a stricter rule carries it.
    home = next(name for name, domain in DOMAINS.items() if domain == row["code"][:3])
    spec = field(MODELS[home], row["name"])
    assert {
        "code": spec.code,
        "name": spec.name,
        "title_zh": spec.title_zh,
        "title_en": spec.title_en,
        "standard": spec.standard,
        "required": str(spec.required).lower(),
        "authoritative_source": spec.authority,
        "sharing_class": spec.sharing,
        "sensitivity": spec.level,
        "description_en": spec.meaning,
    } == {name: said for name, said in row.items() if name not in NOT_TEXT}


NOT_TEXT = ("domain", "type", "format_or_code_table")


@needs_list
@pytest.mark.parametrize("row", listed(), ids=lambda row: row["code"])
def test_a_kind_is_of_the_type_that_the_list_says(row: dict[str, str]) -> None:
    kind = SPECS[row["code"]].kind
    stored = {"integer": "integer", "number": "numeric", "array": "jsonb", "geometry": "jsonb"}
    stored |= {"boolean": "boolean", "date": "date"}
    assert kind.sql == stored.get(row["type"], "text")
    assert isinstance(kind, ListOf) == (row["type"] == "array")
    assert isinstance(kind, Geometry) == (row["type"] == "geometry")
    assert isinstance(kind, Date) == (row["type"] == "date")
    assert isinstance(kind, Boolean) == (row["type"] == "boolean")


@needs_list
@pytest.mark.parametrize("row", names_of(listed(), "re:"))
@settings(max_examples=30, deadline=None)
@given(choose=st.data())
def test_a_pattern_lets_through_what_the_list_lets_through(
    row: dict[str, str], choose: st.DataObject
) -> None:
    wanted = row["format_or_code_table"].removeprefix("re:").split(";")[0].strip()
    ours = SPECS[row["code"]].kind.json_schema()["pattern"]
    for one, other in ((wanted, ours), (ours, wanted)):
        alphabet = st.characters(codec="utf-8", exclude_characters="\n")
        said = choose.draw(st.from_regex(one, fullmatch=True, alphabet=alphabet))
        assert re.fullmatch(other, said)


@needs_list
@pytest.mark.parametrize("row", names_of(listed(), "range:"))
def test_a_range_is_the_lists(row: dict[str, str]) -> None:
    said = row["format_or_code_table"]
    least, most = said.removeprefix("range:").split(";")[0].split("..")
    schema = SPECS[row["code"]].kind.json_schema()
    assert (schema["minimum"], schema["maximum"]) == (float(least), float(most))
    assert ("not 0" in said) == (schema.get("not") == {"const": 0})
    decimals = re.search(r"decimals=([0-9])", said)
    if decimals:
        assert getattr(SPECS[row["code"]].kind, "decimals", None) == int(decimals.group(1))


@needs_list
@pytest.mark.parametrize("row", names_of(listed(), "len<="))
def test_a_length_is_the_lists(row: dict[str, str]) -> None:
    said = row["format_or_code_table"]
    kind = SPECS[row["code"]].kind
    assert kind.json_schema()["maxLength"] == int(said.removeprefix("len<=").split(";")[0])
    if isinstance(kind, Text) and "NFKC" in said:
        assert (kind.form, kind.spaces) == ("NFKC", False)


@needs_list
@pytest.mark.parametrize("row", names_of(listed(), "ct:"))
def test_a_code_table_is_the_lists_and_there(row: dict[str, str]) -> None:
    said = row["format_or_code_table"].removeprefix("ct:")
    kind = SPECS[row["code"]].kind
    assert isinstance(kind, Coded)
    assert kind.table in table_names()
    name = said.split("{")[0].strip()
    assert kind.table == name or name.startswith(f"{kind.table} /") or not name
    for code in re.findall(r"(?:[{,] ?)([0-9]+)(?=[ ,}])", said):
        assert code in kind.codes.labels


@needs_list
@pytest.mark.parametrize("row", names_of(listed(), "items="))
def test_a_list_has_the_lists_items_and_limit(row: dict[str, str]) -> None:
    parts = dict(part.strip().split("=", 1) for part in said_of(row) if "=" in part)
    kind = SPECS[row["code"]].kind
    assert isinstance(kind, ListOf)
    assert kind.max_items == int(parts["max"])
    if parts["items"].startswith("ct:"):
        assert isinstance(kind.item, Coded)
        assert kind.item.table == parts["items"].removeprefix("ct:")
    else:
        assert kind.item.json_schema()["maxLength"] == int(parts["len<"])


@needs_list
@pytest.mark.parametrize("row", names_of(listed(), "geojson:"))
def test_a_geometry_has_the_lists_types(row: dict[str, str]) -> None:
    kind = SPECS[row["code"]].kind
    assert isinstance(kind, Geometry)
    assert set(kind.types) == set(said_of(row)[0].removeprefix("geojson:").split("|"))


def said_of(row: dict[str, str]) -> list[str]:
    return row["format_or_code_table"].split(";")
