"""The person that a demonstration ends with: chosen, read and shown as a client would."""

from __future__ import annotations

import pytest
from httpx import Client
from sqlalchemy import Connection

from hub.cli.printing import show
from hub.cli.resident import laid_out, read_golden
from hub.store.bulk_reads import best_known_person, fullest_street
from tests.web.build import Said, a_golden, a_tie

SOURCES = (
    ("public_security", "residents", "R000000000001"),
    ("street_office", "residents", "SQ001-000001"),
    ("urban_management", "reporters", "B1"),
    ("property", "owners", "M1"),
)
HOME, GRID = "630102001001-AAAAAAAA-3-1-501", "630102001001001"


def a_person(writing: Connection, sources: int, **said: str) -> str:
    """Make a person of whom so many sources speak; a name tells one from another."""
    witnesses = tuple(
        Said(source, dataset, f"{key}{said['person_name']}", {"person_name": said["person_name"]})
        for source, dataset, key in SOURCES[:sources]
    )
    return a_golden(writing, said=witnesses, **said)


@pytest.fixture
def family(writing: Connection) -> tuple[str, str, str]:
    """A couple at home in a flat, and the flat."""
    at_home = {"house_code": HOME, "grid_code": GRID, "household_no": "H1"}
    him = a_person(writing, 4, person_name="马海明", sex_code="1",
                   relationship_to_head_code="02", care_categories="[]", **at_home)  # fmt: skip
    her = a_person(writing, 2, person_name="李雪梅", sex_code="2",
                   relationship_to_head_code="12", **at_home)  # fmt: skip
    flat = a_golden(writing, "house", house_code=HOME, compound_name="康乐小区")
    a_golden(writing, "grid", grid_code=GRID, grid_name="北关第一网格")
    a_tie(writing, him, "owner", flat)
    return him, her, flat


def test_the_person_of_most_sources_with_home_and_kin_is_chosen(
    writing: Connection, family: tuple[str, str, str]
) -> None:
    a_person(writing, 4, person_name="孙一鸣")
    a_person(writing, 4, person_name="王得福", house_code=HOME, grid_code=GRID, household_no="H2")
    a_person(writing, 4, person_name="赵已故", house_code=HOME, grid_code=GRID, household_no="H1",
             person_status="3")  # fmt: skip
    assert best_known_person(writing) == family[0]
    other = {"grid_code": "630102002001001", "household_no": "H3"}
    near = a_person(writing, 4, person_name="冶金花", **other)
    assert best_known_person(writing, "630102002") == near
    assert best_known_person(writing, "630102001") == family[0]


def test_the_fullest_street_is_where_most_people_live(writing: Connection) -> None:
    assert fullest_street(writing) is None
    for number, street in enumerate(("630102002", "630102001", "630102002")):
        a_person(writing, 1, person_name=f"马{number}", grid_code=f"{street}001001")
    a_person(writing, 1, person_name="无处")
    assert fullest_street(writing) == "630102002"


def test_without_anybody_nobody_is_chosen(writing: Connection) -> None:
    assert best_known_person(writing) is None
    only = a_person(writing, 1, person_name="孙一鸣")
    assert best_known_person(writing) == only


def test_a_person_is_shown_with_origins_household_house_and_grid(
    steward: Client, family: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    him, her, flat = family
    found = read_golden(steward, "person", him)
    assert [one["id"] for one in found["household"]] == [her]
    assert (found["house"]["id"], found["house"]["roles"]) == (flat, ["owner"])
    assert found["grid"]["fields"]["grid_name"] == "北关第一网格"
    show(found, False, *laid_out(found))
    shown = capsys.readouterr().out
    for word in ("公安·实有人口 R000000000001马海明", "权威来源", "男 1", "李雪梅", "妻 12", "康乐小区",
                 "产权人", "北关第一网格", "合并的记录", "物业·业主 M1马海明"):  # fmt: skip
        assert word in shown, word


def test_any_other_record_is_shown_without_kin(
    steward: Client, writing: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    place = a_golden(writing, "geo_entity", geo_entity_name="康东小区")
    found = read_golden(steward, "geo_entity", place)
    assert "household" not in found
    show(found, False, *laid_out(found))
    assert "康东小区" in capsys.readouterr().out
