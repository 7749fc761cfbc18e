"""Translating back: what a source is told reads back, in its own translation, as it was meant."""

from __future__ import annotations

import json

import pytest

from connectors import CONNECTORS
from hub.config import District
from hub.connector import Dataset
from hub.delivery.back import Told, expressed, read_row
from schemas import MODELS
from schemas.codes import code_table
from schemas.field import field
from schemas.kinds import Coded, Date, ListOf, Phone

DISTRICT = District()
DATASETS = [
    pytest.param(dataset, id=f"{connector.name}-{dataset.name}")
    for connector in CONNECTORS.values()
    if connector.has_system
    for dataset in connector.datasets
]


def values_of(record_type: str, name: str) -> list[str]:
    """Canonical values that a field might be given."""
    kind = field(MODELS[record_type], name).kind
    if isinstance(kind, Coded):
        return list(code_table(kind.table).labels)
    if isinstance(kind, ListOf) and isinstance(kind.item, Coded):
        return [json.dumps([code]) for code in code_table(kind.item.table).labels]
    if isinstance(kind, Phone):
        return ["13997009999", "0971-8123999"]
    return ["2019-03-05"] if isinstance(kind, Date) else []


@pytest.mark.parametrize("dataset", DATASETS)
def test_whatever_is_expressed_reads_back_as_meant_and_changes_nothing_else(
    dataset: Dataset,
) -> None:
    row = dataset.sample()[0]
    expressible = 0
    for record_type, name in dataset.written:
        told = Told(record_type, row[dataset.key])
        before = read_row(dataset, DISTRICT, row, told)
        assert before is not None
        for value in values_of(record_type, name):
            said = expressed(dataset, DISTRICT, row, told, {name: value})
            if name not in said.fields:
                continue
            expressible += 1
            new = row | {column: wanted for column, (_, wanted) in said.cells.items()}
            after = read_row(dataset, DISTRICT, new, told)
            assert after is not None
            assert after[name] == value
            differing = {one for one in before if after[one] != before[one]}
            direct = {one for kind, one in dataset.written if kind == record_type}
            assert differing & direct <= {name}
    assert expressible or not any(values_of(*place) for place in dataset.written)


def a_row(source: str, **said: str) -> tuple[Dataset, dict[str, str], Told]:
    dataset = CONNECTORS[source].datasets[1 if source == "property" else 0]
    row = dataset.sample()[0] | said
    return dataset, row, Told("person", row[dataset.key])


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("13997000001", "13997009999"),
        ("13997000001/0971-8123456", "13997009999/0971-8123456"),
        ("不详；13997000001", "不详；13997009999"),
        ("１３９９７０００００１、13997000002", "13997009999、13997000002"),
        ("13997000001、13997009999", "13997009999"),
        ("", "13997009999"),
        ("无", "13997009999"),
    ],
)
def test_of_several_telephones_only_the_superseded_one_gives_way(cell: str, wanted: str) -> None:
    dataset, row, told = a_row("public_security", dh=cell)
    said = expressed(dataset, DISTRICT, row, told, {"contact_phone": "13997009999"})
    assert {column: new for column, (_, new) in said.cells.items()} == {"dh": wanted}


def test_each_source_is_told_in_its_own_codes_and_formats() -> None:
    wanted = {"marital_status_code": "10", "residence_start_date": "2019-03-05"}
    spelt = {
        source: {
            column: new for column, (_, new) in expressed(*_asked(source), wanted).cells.items()
        }
        for source in ("public_security", "street_office")
    }
    assert spelt == {
        "public_security": {"hyzk": "10", "jzrq": "20190305"},
        "street_office": {"婚姻状况": "未婚", "居住开始日期": "2019-03-05"},
    }


def _asked(source: str) -> tuple[Dataset, District, dict[str, str], Told]:
    dataset, row, told = a_row(source)
    return dataset, DISTRICT, row, told


def test_a_registered_address_keeps_the_province_and_district_before_it() -> None:
    dataset, row, told = a_row("public_security")
    wanted = {"household_register_address": "南小街3号"}
    said = expressed(dataset, DISTRICT, row, told, wanted)
    assert said.cells == {"hjdz": ("青海省西宁市城东区北小街12号", "青海省西宁市城东区南小街3号")}


def test_care_categories_change_the_columns_of_what_has_changed_only() -> None:
    dataset, row, told = a_row("street_office")
    said = expressed(dataset, DISTRICT, row, told, {"care_categories": '["01", "08"]'})
    assert said.cells == {"是否独居老人": ("否", "是")}


def test_what_a_source_has_no_words_for_is_left_unsaid() -> None:
    dataset, row, told = a_row("street_office")
    wanted = {"care_categories": '["04"]', "contact_phone": "13997009999"}
    said = expressed(dataset, DISTRICT, row, told, wanted)
    assert set(said.fields) == {"contact_phone"}


def test_a_value_that_contradicts_another_of_its_row_is_not_said() -> None:
    dataset, row, told = a_row("public_security")
    # The number says a man.
    assert expressed(dataset, DISTRICT, row, told, {"sex_code": "2"}).fields == {}


def test_one_of_two_owners_in_a_cell_is_not_told_for_the_other() -> None:
    dataset, row, _ = a_row("property", name="张三、李四", id_card="", link="13997000001")
    wanted = {"contact_phone": "13997009999"}
    first, second = (Told("person", f"{row['member_id']}#{place}") for place in (1, 2))
    assert expressed(dataset, DISTRICT, row, first, wanted).cells == {
        "link": ("13997000001", "13997009999")
    }
    assert expressed(dataset, DISTRICT, row, second, wanted).fields == {}
