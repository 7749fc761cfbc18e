"""Pairs that wait for a steward, side by side, and the way to their weight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
import sqlalchemy as sa
from httpx import Client
from sqlalchemy import Connection

from hub.store import tables
from tests.build import a_place
from tests.web.build import Login, Said, a_golden
from tests.web.people import STREET, a_key, golden_id, judge, police, push, street

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("马海明", "马海名", "马海鸣", "李雪梅")


@pytest.fixture
def people(writing: Connection) -> list[tuple[str, int]]:
    """Four people of one record each: the ids of the entities and the numbers of the records."""
    found = []
    for number, name in enumerate(NAMES):
        said = Said("street_office", "residents", f"S{number}", {"person_name": name})
        entity = a_golden(writing, said=(said,), person_name=name)
        record = sa.select(tables.link.c.record_id).where(tables.link.c.entity_id == entity)
        found.append((entity, int(writing.scalar(record) or 0)))
    return found


def a_match(connection: Connection, left: int, right: int, **said: Any) -> str:
    """Insert a scored pair; return its id."""
    given = {"record_type": "person", "weight": 4.0, "levels": "0", "review": "weak", **said}
    connection.execute(tables.match.insert().values(left_id=left, right_id=right, **given))
    return f"{left}-{right}"


def listed(client: Client, **asked: Any) -> list[str]:
    answered = client.get("/v1/matches", params=asked)
    assert answered.status_code == 200, answered.text
    return [one["id"] for one in answered.json()["items"]]


@pytest.fixture
def three(writing: Connection, people: list[tuple[str, int]]) -> list[str]:
    """Two pairs that wait, the heavier first, and one that does not."""
    one, two, three, four = (number for _, number in people)
    return [
        a_match(writing, one, two, weight=7.25, review="fits two"),
        a_match(writing, one, three, weight=4.0),
        a_match(writing, three, four, weight=12.0, review=None),
    ]


def test_what_waits_for_a_steward_comes_heaviest_first(steward: Client, three: list[str]) -> None:
    assert listed(steward) == three[:2]
    assert listed(steward, zone="all") == [three[2], *three[:2]]
    assert listed(steward, zone="link") == []
    first = steward.get("/v1/matches", params={"limit": 1, "zone": "all"}).json()
    (found,) = first["items"]
    assert (found["weight"], found["review"], found["linked"]) == (12.0, None, False)
    assert found["left"]["key"] == "S2"
    second = {"limit": 1, "zone": "all", "cursor": first["next"]}
    assert listed(steward, **second) == three[:1]
    wrong = steward.get("/v1/matches", params={"cursor": first["next"]})
    assert wrong.json()["type"] == "urn:hub:problem:bad-cursor"


def test_pairs_are_found_by_what_is_known_of_them(
    steward: Client, three: list[str], people: list[tuple[str, int]]
) -> None:
    assert listed(steward, review="weak") == three[1:2]
    assert listed(steward, min_weight=5) == three[:1]
    assert listed(steward, entity=people[1][0]) == three[:1]
    assert listed(steward, **STREET, key="S2") == three[1:2]
    assert listed(steward, **STREET, key="nobody") == []
    assert listed(steward, collection="houses") == []
    for asked in ({"key": "S2"}, {"collection": "robots"}, {"zone": "x"}, {"min_weight": "nan"}):
        assert steward.get("/v1/matches", params=asked).status_code == 422, asked


def test_a_pair_that_was_judged_waits_no_more(
    steward: Client, three: list[str], writing: Connection, people: list[tuple[str, int]]
) -> None:
    said = {"verdict": "unsure", "reason": "查无档案", "said_by": "a steward"}
    pair = {"left_id": people[0][1], "right_id": people[1][1], "record_type": "person"}
    writing.execute(tables.judgement.insert().values(**pair, **said))
    assert listed(steward) == three[1:2]
    items = steward.get("/v1/matches", params={"zone": "review"}).json()["items"]
    assert [one["verdict"] for one in items] == ["unsure", None]


def test_both_records_are_read_side_by_side(
    steward: Client,
    login: Login,
    three: list[str],
    people: list[tuple[str, int]],
    audited: Callable[[], list[dict[str, Any]]],
) -> None:
    before = len(audited())
    found = steward.get(f"/v1/matches/{three[0]}").json()
    assert found["fields"]["person_name"] == {"left": "马海明", "right": "马海名"}
    assert (found["weight"], found["review"], found["masked"]) == (7.25, "fits two", [])
    (told,) = audited()[before:]
    assert told["entity_ids"] == [people[0][0], people[1][0]]
    assert (told["action"], told["purpose"]) == ("match", "steward")
    assert "person_name" in told["fields"]
    masked = login("auditor").get(f"/v1/matches/{three[0]}").json()
    assert masked["fields"]["person_name"] == {"left": "马**", "right": "马**"}
    assert "person_name" in masked["masked"]
    never = steward.get(f"/v1/matches/{people[1][1]}-{people[2][1]}").json()
    assert (never["weight"], never["review"]) == (None, None)
    for said, status in (
        ("998-999", 404),
        ("2-1", 404),
        ("x", 422),
        ("0-1", 422),
        ("1-" + "9" * 30, 422),
    ):
        assert steward.get(f"/v1/matches/{said}").status_code == status, said


def test_matches_are_for_stewards(login: Login, three: list[str]) -> None:
    paths = ("/v1/matches", f"/v1/matches/{three[0]}", f"/v1/matches/{three[0]}/waterfall.svg")
    for role, source in (("department", "street_office"), ("worker", None)):
        caller = login(role, source)
        assert [caller.get(path).status_code for path in paths] == [403] * 3
    silent = login("steward", purpose=None)
    assert [silent.get(path).status_code for path in paths] == [200, 403, 403]


@pytest.fixture
def weighed(login: Login) -> str:
    """A man whom two departments know without a number, and the pair of his records."""
    admin = login("admin")
    one, two = push(admin, police("R1"), street("S1", 身份证号="630102********0019"))
    assert one == two
    (pair,) = listed(admin, zone="link")
    return pair


def test_the_steps_add_up_to_the_weight(steward: Client, weighed: str) -> None:
    found = steward.get(f"/v1/matches/{weighed}").json()
    steps = found["steps"]
    assert steps[0]["aspect"] == "prior"
    assert sum(step["weight"] for step in steps) == pytest.approx(found["weight"])
    assert steps[-1]["total"] == pytest.approx(found["weight"])
    assert found["weight"] >= found["link"] > found["ask"]
    (name,) = (step for step in steps if step["aspect"] == "name")
    assert name["left"] == name["right"]
    assert "马海明" in name["left"]
    assert (name["level"], name["weight"] > 0) == ("same", True)


def test_places_are_explained_like_people(steward: Client, login: Login) -> None:
    path = "/v1/sources/urban_management/places/records"
    names = ("康乐小区", "康乐花园")
    rows = [a_place(nth, Name=name, SZSQDM="630102001001") for nth, name in enumerate(names, 1)]
    told = login("admin").post(path, json=rows, headers=a_key()).json()["results"]
    assert len({one["golden_id"] for one in told}) == 2
    found = steward.get("/v1/matches/1-2").json()
    assert (found["collection"], found["linked"]) == ("places", False)
    assert found["fields"]["geo_entity_name"] == dict(zip(("left", "right"), names, strict=True))
    (name,) = (step for step in found["steps"] if step["aspect"] == "name")
    assert (name["left"], name["right"]) == names
    assert found["steps"][-1]["total"] == pytest.approx(sum(s["weight"] for s in found["steps"]))
    assert found["steps"][-1]["total"] < found["ask"]


def test_a_masked_reader_sees_no_more_in_the_steps(login: Login, weighed: str) -> None:
    auditor = login("auditor")
    for path in (f"/v1/matches/{weighed}", f"/v1/matches/{weighed}/waterfall.svg"):
        text = auditor.get(path).text
        assert "马海明" not in text
        assert "马**" in text
        assert "13997000001" not in text
        assert "********0019" not in text


def test_the_picture_shows_every_step(steward: Client, weighed: str) -> None:
    found = steward.get(f"/v1/matches/{weighed}").json()
    answered = steward.get(found["picture"])
    assert answered.headers["Content-Type"] == "image/svg+xml"
    drawing = fromstring(answered.content)
    assert drawing.tag == f"{SVG}svg"
    words = [text.text or "" for text in drawing.iter(f"{SVG}text")]
    for step in found["steps"]:
        assert f"{step['title']}: {step['level_zh']}" in words
        assert f"{step['weight']:+.1f}" in words
    bars = [bar for bar in drawing.iter(f"{SVG}rect") if bar.get("rx")]
    assert len(bars) == len(found["steps"])
    assert any("马海明" in word for word in words)


def test_the_picture_is_in_the_language_of_who_asks(steward: Client, weighed: str) -> None:
    path = f"/v1/matches/{weighed}/waterfall.svg"
    tongues = {"zh-CN,zh;q=0.9": ("zh-CN", "合计（比特）"), "en-GB,zh": ("en", "Sum (bits)")}
    for asked, (language, total) in tongues.items():
        answered = steward.get(path, headers={"Accept-Language": asked})
        drawing = fromstring(answered.content)
        words = [text.text or "" for text in drawing.iter(f"{SVG}text")]
        assert (drawing.get("lang"), total in words) == (language, True)
        assert "Accept-Language" in answered.headers["Vary"]
    # Whatever the hub itself says there is English; names and addresses stay as they are.
    assert not {"人工核对", "归并", "合计（比特）"} & set(words)


def test_a_record_that_fits_two_waits_until_somebody_judges(steward: Client, login: Login) -> None:
    admin = login("admin")
    twins = {"csrq": "20100505", "jzdzxz": "康乐小区3号楼1单元501室"}
    push(admin, police("R1", xm="马子轩", **twins), police("R2", xm="马子涵", **twins))
    push(admin, street("S1", 姓名="马子轩", 出生日期="", 性别=""))
    waiting = steward.get("/v1/matches").json()["items"]
    assert waiting
    assert {one["review"] for one in waiting} - {None}
    first = waiting[0]
    left, right = (
        {name: first[side][name] for name in ("source", "dataset", "key")}
        for side in ("left", "right")
    )
    assert judge(steward, "different", left, right).status_code == 201
    assert first["id"] not in listed(steward)
    assert golden_id(steward, left) != golden_id(steward, right)
