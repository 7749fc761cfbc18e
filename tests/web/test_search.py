"""Finding golden records by what is known of them."""

from __future__ import annotations

import pytest
from httpx import Client
from sqlalchemy import Connection

from hub.store.search_reads import address_parts
from tests.web.build import Login, a_golden

# Made up: the place is real, the person is not.
ID_NUMBER = "630102199001010013"
ADDRESS = "青海省西宁市城东区康东路12号康东小区3号楼2单元501室"


@pytest.fixture
def people(writing: Connection) -> dict[str, str]:
    return {
        "zhang": a_golden(
            writing,
            person_name="张三丰",
            citizen_id_no=ID_NUMBER,
            contact_phone="13900000001",
            standard_address=ADDRESS,
        ),
        "short": a_golden(writing, person_name="张三", contact_phone="0971-8171234"),
        "wang": a_golden(
            writing,
            person_name="王小明",
            standard_address=ADDRESS.replace("3号楼", "13号楼"),
        ),
    }


def found(client: Client, collection: str = "persons", **criteria: object) -> list[str]:
    answered = client.post(f"/v1/{collection}/search", json=criteria)
    assert answered.status_code == 200, answered.text
    return [item["id"] for item in answered.json()["items"]]


def test_numbers_are_found_however_they_are_typed(steward: Client, people: dict[str, str]) -> None:
    assert found(steward, id_number="６３０１０２１９９００１０１００１３") == [people["zhang"]]
    assert found(steward, phone="139-0000-0001") == [people["zhang"]]
    assert found(steward, id_number="630102199001010021") == []


def test_a_number_that_cannot_be_right_is_said_to_be_wrong(
    steward: Client, people: dict[str, str]
) -> None:
    said = {"id_number": "630102199001010016"}
    answered = steward.post("/v1/persons/search", json=said).json()
    assert answered["items"] == []
    assert [note["pointer"] for note in answered["notes"]] == ["/id_number"]


def test_names_are_found_best_first(steward: Client, people: dict[str, str]) -> None:
    answered = steward.post("/v1/persons/search", json={"name": "张三"}).json()
    scores = {item["id"]: item["score"] for item in answered["items"]}
    assert list(scores) == [people["short"], people["zhang"]]
    assert scores[people["short"]] == 1.0
    assert 0 < scores[people["zhang"]] < 1


def test_a_name_is_found_of_which_one_character_was_mistyped(
    steward: Client, people: dict[str, str]
) -> None:
    for mistyped in ("王小鸣", "汪小明", "王晓明"):
        assert found(steward, name=mistyped) == [people["wang"]]
        assert found(steward, q=mistyped) == [people["wang"]]


def test_addresses_are_found_in_whichever_words(steward: Client, people: dict[str, str]) -> None:
    for said in (
        "康东小区3号楼2单元501",
        "康东小区 3栋 2单元 501室",
        "康东小区3-2-501",
        "康东路12号康东小区3#",
    ):
        assert found(steward, address=said) == [people["zhang"]], said
    assert set(found(steward, address="康东小区")) == {people["zhang"], people["wang"]}


def test_criteria_together_all_have_to_fit(steward: Client, people: dict[str, str]) -> None:
    assert found(steward, name="张三丰", address="康东小区") == [people["zhang"]]
    assert found(steward, name="王小明", phone="13900000001") == []


def test_one_box_takes_anything(steward: Client, people: dict[str, str]) -> None:
    for said in (ID_NUMBER, "13900000001", "张三丰 康东小区", "3号楼 张三丰", people["zhang"]):
        hits = found(steward, q=said)
        assert hits[:1] == [people["zhang"]], said


def test_other_collections_are_searched_by_what_they_have(
    steward: Client, writing: Connection
) -> None:
    place = a_golden(writing, "geo_entity", geo_entity_name="康东花园小区", geo_entity_class="01")
    house = a_golden(writing, "house", owner_name="李四", standard_address=ADDRESS)
    assert found(steward, "places", name="康东花园") == [place]
    assert found(steward, "places", q="东花园小") == [place]
    assert found(steward, "houses", name="李四", address="康东小区3号楼") == [house]
    refused = steward.post("/v1/components/search", json={"phone": "13900000001"})
    assert refused.status_code == 422


def test_a_search_that_says_nothing_is_refused(steward: Client) -> None:
    for said in ({}, {"name": "  "}, {"name": "张"}, {"address": "3号"}, {"q": "王"}):
        answered = steward.post("/v1/persons/search", json=said)
        assert (answered.status_code, answered.json()["type"]) == (422, "urn:hub:problem:invalid")


def test_criteria_never_travel_in_the_address(steward: Client) -> None:
    answered = steward.get("/v1/persons", params={"name": "张三丰"})
    assert answered.status_code == 422
    assert "张三丰" not in answered.text


def test_searching_by_a_masked_value_is_refused(login: Login, people: dict[str, str]) -> None:
    auditor = login("auditor")
    shown = auditor.get(f"/v1/persons/{people['zhang']}").json()
    assert shown["fields"]["citizen_id_no"] == "630102********0013"
    assert shown["fields"]["contact_phone"] == "139****0001"
    assert shown["fields"]["person_name"] == "张**"
    assert shown["marks"]["person_name"] == "masked"
    assert auditor.post("/v1/persons/search", json={"name": "张三丰"}).status_code == 403


def test_addresses_fall_into_names_and_numbers() -> None:
    assert address_parts("康东小区３号楼2单元501室") == ["康东小区", "3", "2", "501"]
    assert address_parts(" 康东小区 3-1-501 ") == ["康东小区", "3", "1", "501"]
