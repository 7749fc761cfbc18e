"""Reading golden records: by id, in lists, with what belongs to them."""

from __future__ import annotations

from httpx import Client
from sqlalchemy import Connection

from hub.store import tables
from tests.web.build import BEGINNING, Login, a_golden, a_new_version, a_tie

COMMUNITY, GRID = "630102001001", "630102001001001"


def test_a_golden_record_shows_values_as_their_kinds_mean_them(
    steward: Client, writing: Connection
) -> None:
    person = a_golden(
        writing,
        person_name="张三",
        birth_date="1990-01-01",
        care_categories='["01", "03"]',
        marks={"person_name": "provisional"},
    )
    house = a_golden(writing, "house", floor_area_m2="89.50", has_elevator="true", floor_no="-1")
    answered = steward.get(f"/v1/persons/{person}")
    assert answered.status_code == 200
    assert answered.json() == {
        "id": person,
        "version": 1,
        "updated_at": "2026-09-01T08:00:00+08:00",
        "fields": {
            "person_name": "张三",
            "birth_date": "1990-01-01",
            "care_categories": ["01", "03"],
        },
        "marks": {"person_name": "provisional"},
    }
    fields = steward.get(f"/v1/houses/{house}").json()["fields"]
    assert fields == {"floor_area_m2": 89.5, "has_elevator": True, "floor_no": -1}


def test_only_the_fields_asked_for_are_shown(steward: Client, writing: Connection) -> None:
    person = a_golden(writing, person_name="张三", sex_code="1", community_code=COMMUNITY)
    answered = steward.get(f"/v1/persons/{person}?fields=sex_code,community_code")
    assert answered.json()["fields"] == {"sex_code": "1", "community_code": COMMUNITY}


def test_an_entity_tag_stands_for_version_and_projection(
    steward: Client, writing: Connection
) -> None:
    person = a_golden(writing, person_name="张三", sex_code="1")
    first = steward.get(f"/v1/persons/{person}")
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    again = steward.get(f"/v1/persons/{person}", headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    other = steward.get(f"/v1/persons/{person}?fields=sex_code", headers={"If-None-Match": tag})
    assert other.status_code == 200
    a_new_version(writing, "person", person, sex_code="2")
    newer = steward.get(f"/v1/persons/{person}", headers={"If-None-Match": tag})
    assert (newer.status_code, newer.json()["version"]) == (200, 2)


def test_a_merged_id_leads_to_the_one_that_took_over(steward: Client, writing: Connection) -> None:
    winner = a_golden(writing, person_name="张三")
    loser = "P" + "0" * 32
    writing.execute(
        tables.entity.insert().values(
            entity_id=loser, record_type="person", superseded_by=winner, superseded_at=BEGINNING
        )
    )
    for tail in ("", "/provenance", "/history"):
        answered = steward.get(f"/v1/persons/{loser}{tail}?fields=person_name")
        assert answered.status_code == 308
        assert answered.headers["Location"] == f"/v1/persons/{winner}{tail}?fields=person_name"
        assert answered.json()["superseded_by"] == winner
    followed = steward.get(f"/v1/persons/{loser}", follow_redirects=True)
    assert followed.json()["id"] == winner


def test_what_no_source_speaks_of_any_more_is_gone(steward: Client, writing: Connection) -> None:
    person = a_golden(writing, person_name="张三")
    table = tables.GOLDEN["person"]
    writing.execute(table.update().values(retired_at=BEGINNING))
    answered = steward.get(f"/v1/persons/{person}")
    assert (answered.status_code, answered.json()["type"]) == (410, "urn:hub:problem:retired")
    assert steward.get("/v1/persons").json()["items"] == []
    assert steward.get("/v1/houses/" + person).status_code == 404
    assert steward.get("/v1/persons/P1").status_code == 404


def test_pages_neither_repeat_nor_skip_while_records_come_and_go(
    steward: Client, writing: Connection
) -> None:
    lasting = {
        a_golden(writing, "grid", grid_name=f"第{n}网格", grid_type="1", entity_id=f"G{n:032x}")
        for n in range(0, 40, 2)
    }
    seen: list[str] = []
    path = "/v1/grids?limit=3"
    for turn in range(100):
        answered = steward.get(path)
        seen += [item["id"] for item in answered.json()["items"]]
        if answered.json()["next"] is None:
            assert "Link" not in answered.headers
            break
        assert answered.headers["Link"].endswith('rel="next"')
        path = answered.headers["Link"].split(">")[0].strip("<")
        a_golden(writing, "grid", grid_name="新网格", entity_id=f"G{turn * 2 + 1:032x}")
    assert len(seen) == len(set(seen))
    assert lasting <= set(seen)


def test_lists_are_filtered(steward: Client, writing: Connection) -> None:
    here = a_golden(writing, community_code=COMMUNITY, grid_code=GRID, care_categories='["01"]')
    there = a_golden(writing, community_code="630102001002", care_categories='["02", "03"]')
    a_new_version(writing, "person", there, sex_code="1")

    def ids(query: str) -> list[str]:
        return [item["id"] for item in steward.get(f"/v1/persons?{query}").json()["items"]]

    assert ids(f"community={COMMUNITY}") == [here]
    assert ids(f"grid={GRID}") == [here]
    assert ids("category=03") == [there]
    assert ids("changed_since=2026-09-02T00:00:00%2B08:00") == [there]
    assert ids("changed_since=2026-09-03T00:00:00Z") == []


def test_records_are_counted_on_request_only(steward: Client, writing: Connection) -> None:
    for number in range(3):
        a_golden(writing, "component", component_name=f"路灯{number}")
    assert "count" not in steward.get("/v1/components").json()
    assert steward.get("/v1/components?count=exact&limit=1").json()["count"] == 3
    estimated = steward.get("/v1/components?count=estimated").json()["count"]
    assert isinstance(estimated, int)


def test_a_cursor_counts_for_its_own_list_only(steward: Client, writing: Connection) -> None:
    for number in range(3):
        a_golden(writing, "component", component_name=f"路灯{number}")
    cursor = steward.get("/v1/components?limit=1").json()["next"]
    assert steward.get(f"/v1/components?limit=2&cursor={cursor}").status_code == 200
    for path in (
        f"/v1/components?category=0101&cursor={cursor}",
        f"/v1/grids?cursor={cursor}",
        f"/v1/components?cursor=x{cursor}",
    ):
        answered = steward.get(path)
        assert (answered.status_code, answered.json()["type"]) == (
            422,
            "urn:hub:problem:bad-cursor",
        )


def test_relations_are_told_from_both_ends_once_each(steward: Client, writing: Connection) -> None:
    person, house = a_golden(writing, person_name="张三"), a_golden(writing, "house", room_no="501")
    for _ in range(2):
        a_tie(writing, person, "owner", house)
    of_person = steward.get(f"/v1/persons/{person}?include=relations").json()["relations"]
    assert of_person == [
        {
            "role": "owner",
            "end": "from",
            "id": house,
            "collection": "houses",
            "from_date": None,
            "to_date": None,
        }
    ]
    of_house = steward.get(f"/v1/houses/{house}?include=relations,provenance").json()
    assert [(tie["end"], tie["id"]) for tie in of_house["relations"]] == [("to", person)]
    assert of_house["provenance"]["room_no"]["value"] == "501"


def test_a_tag_with_relations_changes_when_they_do(steward: Client, writing: Connection) -> None:
    person, house = a_golden(writing, person_name="张三"), a_golden(writing, "house", room_no="501")
    path = f"/v1/persons/{person}?include=relations"
    tag = steward.get(path).headers["ETag"]
    assert steward.get(path, headers={"If-None-Match": tag}).status_code == 304
    a_tie(writing, person, "tenant", house)
    assert steward.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_personal_fields_need_a_purpose(login: Login, writing: Connection) -> None:
    person = a_golden(writing, person_name="张三", community_code=COMMUNITY)
    silent = login("worker", purpose=None)
    refused = silent.get(f"/v1/persons/{person}")
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:hub:problem:purpose-missing"
    assert refused.json()["header"] == "Hub-Purpose"
    assert "care" in refused.json()["purposes"]
    wrong = silent.get(f"/v1/persons/{person}", headers={"Hub-Purpose": "curiosity"})
    assert wrong.status_code == 403
    assert silent.get(f"/v1/persons/{person}?fields=community_code").status_code == 200
    assert silent.get("/v1/grids").status_code == 200
    assert silent.get("/v1/persons?fields=community_code&category=01").status_code == 403
