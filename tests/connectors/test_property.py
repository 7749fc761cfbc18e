"""What property companies know of rooms and of the people behind them."""

from __future__ import annotations

import pandas as pd
import pytest

from connectors.property import Owners, Property, Rooms
from hub.config import District
from hub.model import Records
from schemas import fields
from tests.connectors.stages import Row

DISTRICT = District()
TWO_NUMBERS = "630102199303050037、630102198001010019"


def translated(*rows: Row) -> tuple[Records, Records]:
    rows = Owners().admit(pd.DataFrame(rows, dtype="str")).rows
    people, homes = Owners().records(rows, DISTRICT).records
    return people, homes


def an_owner(**said: str) -> Row:
    return Owners().sample()[0] | {"link2": ""} | said


def judged(records: Records, name: str) -> list[str | None]:
    kind = next(spec.kind for spec in fields(records.model) if spec.name == name)
    return [None if pd.isna(v) else str(v) for v in kind.judge(records.fields[name]).values]


def said(column: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in column]


@pytest.mark.parametrize("cell", ["张三、李四", "张三,李四", "张三 / 李四", "张三；李四、"])
def test_several_people_in_a_cell_become_records_of_their_own(cell: str) -> None:
    people, homes = translated(an_owner(name=cell))

    assert list(people.keys) == ["MB0001#1", "MB0001#2"]
    assert judged(people, "person_name") == ["张三", "李四"]
    assert list(people.rows) == [0, 0]
    assert list(homes.keys) == ["MB0001"]


def test_one_number_goes_to_the_first_and_as_many_as_names_to_each() -> None:
    people, _ = translated(
        an_owner(name="张三、李四", link="13997000001"),
        an_owner(name="张三、李四", id_card=TWO_NUMBERS, link="13997000001、13997000002"),
        an_owner(name="张三、李四、王五", id_card=TWO_NUMBERS),
    )

    assert judged(people, "contact_phone")[:4] == [
        "13997000001", None, "13997000001", "13997000002",
    ]  # fmt: skip
    assert judged(people, "citizen_id_no")[:4] == [
        "630102198001010019", None, "630102199303050037", "630102198001010019",
    ]  # fmt: skip
    assert said(people.fields["citizen_id_no"])[4:] == [TWO_NUMBERS, None, None]


def test_a_place_left_empty_in_a_cell_belongs_to_whose_place_it_is() -> None:
    number = "630102198001010019"
    people, _ = translated(
        an_owner(name="张三、李四", id_card=f"、{number}", link="13997000001、"),
        an_owner(name="张三、", id_card=f"{number}、"),
    )

    assert judged(people, "citizen_id_no") == [None, number, number]
    assert judged(people, "contact_phone")[:2] == ["13997000001", None]


def test_several_phones_of_one_person_are_one_and_evidence() -> None:
    people, _ = translated(an_owner(link="13997000001/8123456", link2="13997000002"))

    assert judged(people, "contact_phone") == ["13997000001"]
    assert said(people.evidence["other_phones"]) == ['["0971-8123456", "13997000002"]']


def test_a_second_phone_never_becomes_the_phone() -> None:
    people, homes = translated(an_owner(link="", link2="13997000002"))

    assert judged(people, "contact_phone") == [None]
    assert judged(homes, "owner_phone") == [None]
    assert said(people.evidence["other_phones"]) == ['["13997000002"]']


@pytest.mark.parametrize(
    "company",
    [
        {"name": "青海某某置业有限公司", "id_card": ""},
        {"name": "某某业主委员会", "id_card": ""},
        # As it is cut at twelve characters.
        {"name": "青海湟水置业(示范)有限", "id_card": ""},
        {"name": "某某", "id_card": "11630102MB0X00001M"},
        {"name": "某某", "id_card": "11630102MB0X000010"},
    ],
)
def test_a_company_is_no_person_and_owns_its_room(company: Row) -> None:
    people, homes = translated(an_owner(**company))

    assert len(people) == 0
    assert judged(homes, "owner_name") == [company["name"]]


@pytest.mark.parametrize("number", ["630102198001010019", "63010219800101001X", "630102800101001"])
def test_a_persons_number_makes_nobody_a_company(number: str) -> None:
    people, _ = translated(an_owner(id_card=number))

    assert len(people) == 1


def test_only_owners_say_who_owns_a_room() -> None:
    people, homes = translated(
        *(an_owner(member_id=kind, owner_type_cd=kind) for kind in ("1001", "1002", "1003", "x"))
    )

    assert list(homes.keys) == ["1001"]
    assert [(tie.role, tie.dataset) for tie in homes.ties] == [("same", "rooms")]
    assert {tie.role: said(tie.keys) for tie in people.ties} == {
        "owner": ["RM0001", None, None, None],
        "family": [None, "RM0001", None, None],
        "tenant": [None, None, "RM0001", None],
    }


def test_the_last_name_of_a_full_cell_may_be_cut() -> None:
    people, _ = translated(an_owner(name="张三"), an_owner(name="阿卜杜拉·买买提、古丽仙·买"))

    assert said(people.evidence["name_cut"]) == [None, None, "true"]


def test_a_withdrawn_row_withdraws_all_its_records() -> None:
    people, homes = translated(an_owner(name="张三、李四", status_cd="1"))

    assert list(people.withdrawn) == [True, True]
    assert list(homes.withdrawn) == [True]


@pytest.mark.parametrize(
    ("column", "word", "field", "code"),
    [
        ("state", "2001", "occupancy_status", "5"),
        ("state", "2002", "occupancy_status", "9"),
        ("state", "2003", "occupancy_status", "4"),
        ("state", "4", "occupancy_status", None),
        ("state", "1", "occupancy_status", None),
        ("state", "自住", "occupancy_status", None),
        ("lift", "1010", "has_elevator", "true"),
        ("lift", "2020", "has_elevator", "false"),
        ("is_sold", "1", "tenure_type", "1"),
        ("is_sold", "0", "tenure_type", None),
        ("is_sold", "2", "tenure_type", None),
        ("room_use", "商铺", "house_use", "03"),
        ("room_use", "其他", "house_use", "99"),
        ("built_up_area", "89.50㎡", "floor_area_m2", "89.50"),
        ("layer", "负一", "floor_no", "-1"),
        ("floor_num", "三幢", "building_no", "3"),
    ],
)
def test_words_mean_what_the_agreement_says(
    column: str, word: str, field: str, code: str | None
) -> None:
    rows = Rooms().admit(pd.DataFrame([Rooms().sample()[0] | {column: word}], dtype="str")).rows

    (records,) = Rooms().records(rows, DISTRICT).records

    assert judged(records, field) == [code]


def test_a_room_number_with_building_and_unit_fills_what_they_lack() -> None:
    row = Rooms().sample()[0] | {"floor_num": "", "unit_num": "", "room_num": "3-1-0501"}
    rows = Rooms().admit(pd.DataFrame([row], dtype="str")).rows

    (records,) = Rooms().records(rows, DISTRICT).records

    parts = [judged(records, name)[0] for name in ("building_no", "unit_no", "room_no")]
    assert parts == ["3", "1", "0501"]


def test_the_source_is_connected_by_any_of_its_settings() -> None:
    assert Property().settings_from({}) is None
    assert Property().settings_from({"folder": ""}) is None
    pushes_only = Property().settings_from({"webhook_url": "http://127.0.0.1:9/hook"})
    assert pushes_only is not None
    assert list(Property().deliveries(pushes_only, {})) == []
    assert Property().check(pushes_only) is None
