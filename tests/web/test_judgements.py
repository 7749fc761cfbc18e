"""Stewards' words: heeded at once, for good, and taken back without a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import Client
from jsonschema import Draft202012Validator
from sqlalchemy import Connection

from hub.config import Settings
from hub.jobs.resolve import resolve
from hub.store import tables
from tests.build import a_house, a_place
from tests.web.build import Login
from tests.web.people import POLICE, STREET, a_key, golden_id, judge, owner, police, push, street

ONE, TWO, THIRD = {**POLICE, "key": "R1"}, {**STREET, "key": "S1"}, {"source": "property"}
THIRD |= {"dataset": "owners", "key": "M1"}
#: Somebody with nothing in common with the others.
STRANGER = street("S9", 姓名="祁生莲", 出生日期="1956-08-12", 性别="女", 联系电话="13997000099")
FAR = STRANGER[0]
STRANGER[1]["现住址"] = "南山小区9号楼2单元201室"


@pytest.fixture
def admin(login: Login) -> Client:
    return login("admin")


@pytest.fixture
def linked(admin: Client) -> str:
    """One man whom two departments know, without a number; return his id."""
    one, two = push(admin, police("R1"), street("S1"))
    assert one == two
    return one


def events(client: Client, seen: int = 0) -> list[dict[str, Any]]:
    """Read the feed of persons behind so many changes."""
    items = client.get("/v1/changes", params={"collection": "persons"}).json()["items"]
    return [item["data"] for item in items[seen:]]


def contents(connection: Connection) -> dict[str, list[Any]]:
    """Read every table whole, but for who called."""
    calls = {"audit", "audit_head", "audit_spool", "relation", "idempotency"}
    return {
        name: sorted(map(str, connection.execute(table.select()).all()))
        for name, table in tables.metadata.tables.items()
        if name not in calls
    }


def test_different_splits_a_linked_pair_within_the_answer(
    steward: Client, linked: str, settings: Settings
) -> None:
    seen = len(events(steward))
    answered = judge(steward, "different", ONE, TWO)
    assert answered.status_code == 201, answered.text
    told = answered.json()
    left, right = told["left"]["golden_id"], told["right"]["golden_id"]
    assert left != right
    assert linked in (left, right)
    assert [golden_id(steward, name) for name in (ONE, TWO)] == [left, right]
    assert told["contradiction"] is None
    (split,) = (one for one in told["changes"] if one["change"] == "split")
    assert set(split["members"]) == {left, right}
    heard = events(steward, seen)
    assert {one["change"] for one in heard} >= {"split", "created"}
    causes = {(one["cause"]["kind"], one["cause"]["judgement_id"]) for one in heard}
    assert causes == {("judgement", told["judgement_id"])}
    resolve(settings, full=True)
    assert [golden_id(steward, name) for name in (ONE, TWO)] == [left, right]
    read = steward.get(answered.headers["Location"]).json()
    assert (read["verdict"], read["reason"], read["ended_at"]) == ("different", "核对了档案", None)


def test_taking_back_restores_the_ids(steward: Client, linked: str) -> None:
    apart = judge(steward, "different", ONE, TWO).json()
    other = ({apart["left"]["golden_id"], apart["right"]["golden_id"]} - {linked}).pop()
    place = f"/v1/judgements/{apart['judgement_id']}/revert"
    answered = steward.post(place, headers=a_key())
    assert answered.status_code == 200, answered.text
    told = answered.json()
    assert told["ended_at"] is not None
    assert {told[side]["golden_id"] for side in ("left", "right")} == {linked}
    assert steward.get(f"/v1/persons/{other}", follow_redirects=True).json()["id"] == linked
    again = steward.post(place, headers=a_key())
    assert (again.status_code, again.json()["type"]) == (409, "urn:hub:problem:conflict")
    anew = judge(steward, "different", ONE, TWO).json()
    assert {anew[side]["golden_id"] for side in ("left", "right")} == {linked, other}


def test_same_joins_what_nothing_else_would(
    steward: Client, admin: Client, settings: Settings
) -> None:
    one, far = push(admin, police("R1"), STRANGER)
    assert one != far
    told = judge(steward, "same", ONE, FAR).json()
    joined = {told["left"]["golden_id"], told["right"]["golden_id"]}
    assert len(joined) == 1
    (merged,) = (one for one in told["changes"] if one["change"] == "merged")
    assert set(merged["members"]) == {one, far}
    resolve(settings, full=True)
    assert {golden_id(steward, name) for name in (ONE, FAR)} == joined
    steward.post(f"/v1/judgements/{told['judgement_id']}/revert", headers=a_key())
    assert [golden_id(steward, name) for name in (ONE, FAR)] == [one, far]


def test_the_last_word_counts_and_the_former_is_kept(steward: Client, linked: str) -> None:
    first = judge(steward, "different", ONE, TWO).json()
    # The other way round is the same pair.
    second = judge(steward, "same", TWO, ONE).json()
    assert second["left"]["golden_id"] == second["right"]["golden_id"] == linked
    former = steward.get(f"/v1/judgements/{first['judgement_id']}").json()
    assert former["ended_by"] == second["said_by"]
    listed = steward.get("/v1/judgements").json()["items"]
    assert [one["judgement_id"] for one in listed] == [
        second["judgement_id"],
        first["judgement_id"],
    ]
    live = steward.get("/v1/judgements", params={"live": True, **TWO}).json()["items"]
    assert [one["judgement_id"] for one in live] == [second["judgement_id"]]
    for asked, found in (
        ({"verdict": "different"}, 1),
        ({"said_by": second["said_by"]}, 2),
        ({"collection": "houses"}, 0),
        ({**STREET, "key": "nobody"}, 0),
    ):
        items = steward.get("/v1/judgements", params=asked).json()["items"]
        assert len(items) == found, asked
    page = steward.get("/v1/judgements", params={"limit": 1})
    onward = steward.get("/v1/judgements", params={"limit": 1, "cursor": page.json()["next"]})
    assert [one["judgement_id"] for one in onward.json()["items"]] == [first["judgement_id"]]
    assert onward.json()["next"] is None


def test_a_preview_tells_what_would_happen_and_changes_nothing(
    steward: Client, linked: str, writing: Connection
) -> None:
    before = contents(writing)
    answered = judge(steward, "different", ONE, TWO, dry_run=True)
    assert answered.status_code == 200, answered.text
    told = answered.json()
    assert contents(writing) == before
    assert told["dry_run"] is True
    assert (told["counts"]["split"], told["counts"]["created"]) == (1, 1)
    kept, begun = told["entities"][:2]
    assert (kept["id"], kept["becomes"], kept["into"]) == (linked, "split", [None])
    assert (begun["id"], begun["becomes"], begun["before"]) == (None, "created", [])
    keys = [{one["key"] for one in entity["after"]} for entity in (kept, begun)]
    assert keys[0] | keys[1] == {"R1", "S1"}
    assert len(kept["before"]) == 2
    assert begun["fields"]["person_name"] == {"before": None, "after": "马海明"}
    assert set(told["sources"]) == {"public_security", "street_office"}
    real = judge(steward, "different", ONE, TWO).json()
    back = steward.post(
        f"/v1/judgements/{real['judgement_id']}/revert", params={"dry_run": True}
    ).json()
    assert (back["counts"]["merged"], back["counts"]["changed"]) == (1, 1)
    merged = back["entities"][0]
    assert (merged["becomes"], merged["into"]) == ("merged", [linked])


def test_values_in_a_preview_need_a_purpose(login: Login, linked: str) -> None:
    silent = login("steward", purpose=None)
    refused = judge(silent, "different", ONE, TWO, dry_run=True)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:hub:problem:purpose-missing")


def test_a_record_like_both_of_two_that_differ_is_shown(
    steward: Client, linked: str, admin: Client
) -> None:
    push(admin, STRANGER)
    apart = judge(steward, "different", ONE, FAR).json()
    same = judge(steward, "same", TWO, FAR).json()
    assert golden_id(steward, ONE) != golden_id(steward, TWO) == golden_id(steward, FAR)
    (listed,) = steward.get("/v1/judgements", params={"contradicted": True}).json()["items"]
    assert listed["judgement_id"] == apart["judgement_id"]
    found = listed["contradiction"]
    assert (found["kind"], found["judgement_ids"]) == ("between", [same["judgement_id"]])
    assert [one["key"] for one in found["records"]] == ["S1"]


def test_a_different_that_is_not_heeded_is_shown(
    steward: Client, linked: str, writing: Connection
) -> None:
    numbers = sorted(writing.scalars(sa.select(tables.link.c.record_id)))
    said = {"verdict": "different", "reason": "两个人", "said_by": "somebody else"}
    pair = {"left_id": numbers[0], "right_id": numbers[1], "record_type": "person"}
    writing.execute(tables.judgement.insert().values(**pair, **said))
    (listed,) = steward.get("/v1/judgements", params={"contradicted": True}).json()["items"]
    assert listed["contradiction"] == {"kind": "together", "judgement_ids": [], "records": []}


def test_words_that_cannot_all_be_true_name_each_other(steward: Client, admin: Client) -> None:
    third = owner(
        "M1", name="李雪梅", link="13997000055", link2="", room_location="南山小区1-1-101"
    )
    push(admin, police("R1"), STRANGER, third)
    numbers = [
        judge(steward, verdict, left, right).json()["judgement_id"]
        for verdict, left, right in (
            ("same", ONE, FAR),
            ("different", ONE, THIRD),
            ("same", FAR, THIRD),
        )
    ]
    listed = steward.get("/v1/judgements", params={"contradicted": True}).json()["items"]
    found = {one["judgement_id"]: one["contradiction"] for one in listed}
    between = found[numbers[1]]
    assert between["kind"] == "between"
    assert between["judgement_ids"] == [numbers[0], numbers[2]]
    assert [one["key"] for one in between["records"]] == ["S9"]
    (broken,) = set(found) - {numbers[1]}
    assert broken in (numbers[0], numbers[2])
    assert found[broken] == {"kind": "apart", "judgement_ids": [numbers[1]], "records": []}


def test_unsure_says_nothing_of_the_records(steward: Client, linked: str) -> None:
    told = judge(steward, "unsure", ONE, TWO).json()
    assert told["left"]["golden_id"] == told["right"]["golden_id"] == linked
    assert (told["contradiction"], told["changes"]) == (None, [])


def test_only_records_that_are_there_and_of_one_type(
    steward: Client, linked: str, writing: Connection
) -> None:
    nobody = {**STREET, "key": "nobody"}
    for collection, left, right, status, kind in (
        ("persons", ONE, nobody, 404, "not-found"),
        ("persons", ONE, ONE, 422, "invalid"),
        ("houses", ONE, TWO, 422, "invalid"),
        ("robots", ONE, TWO, 422, "invalid"),
        ("cameras", ONE, TWO, 422, "invalid"),
    ):
        for asked in ({}, {"dry_run": True}):
            answered = judge(steward, "same", left, right, collection=collection, **asked)
            assert (answered.status_code, answered.json()["type"]) == (
                status,
                f"urn:hub:problem:{kind}",
            )
    body = {"collection": "persons", "left": ONE, "right": TWO, "verdict": "same", "reason": ""}
    assert steward.post("/v1/judgements", json=body, headers=a_key()).status_code == 422
    assert steward.get("/v1/judgements/1").status_code == 404
    assert steward.post("/v1/judgements/1/revert", headers=a_key()).status_code == 404
    assert writing.scalar(sa.select(sa.func.count()).select_from(tables.judgement)) == 0


def test_a_word_sent_again_is_said_once(steward: Client, linked: str, writing: Connection) -> None:
    said = {"collection": "persons", "left": ONE, "right": TWO, "verdict": "different"}
    body, key = {**said, "reason": "两个人"}, a_key()
    first, again = (steward.post("/v1/judgements", json=body, headers=key) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.headers["Location"] == again.headers["Location"]
    assert writing.scalar(sa.select(sa.func.count()).select_from(tables.judgement)) == 1
    unsaid = steward.post("/v1/judgements", json=body)
    assert unsaid.json()["type"] == "urn:hub:problem:idempotency-key-missing"


def test_answers_have_the_shape_that_is_described(
    steward: Client, linked: str, anybody: Client
) -> None:
    document = anybody.get("/openapi.json").json()
    tried = judge(steward, "different", ONE, TWO, dry_run=True)
    said = judge(steward, "different", ONE, TWO)
    waits = steward.get("/v1/matches", params={"zone": "all"})
    pair = waits.json()["items"][0]["id"]
    number = said.json()["judgement_id"]
    place = "/v1/judgements/{judgement_id}"
    answers = [
        ("post", "/v1/judgements", tried),
        ("post", "/v1/judgements", said),
        ("get", "/v1/judgements", steward.get("/v1/judgements")),
        ("get", place, steward.get(f"/v1/judgements/{number}")),
        ("get", "/v1/matches", waits),
        ("get", "/v1/matches/{match_id}", steward.get(f"/v1/matches/{pair}")),
        (
            "post",
            f"{place}/revert",
            steward.post(f"/v1/judgements/{number}/revert", headers=a_key()),
        ),
    ]
    for method, path, answered in answers:
        described = document["paths"][path][method]["responses"][str(answered.status_code)]
        schema = described["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": document["components"]}).validate(
            answered.json()
        )


def test_judging_is_for_stewards(login: Login, steward: Client, linked: str) -> None:
    number = judge(steward, "unsure", ONE, TWO).json()["judgement_id"]
    for role, source in (("department", "street_office"), ("worker", None), ("auditor", None)):
        caller = login(role, source)
        assert judge(caller, "different", ONE, TWO).status_code == 403
        assert judge(caller, "different", ONE, TWO, dry_run=True).status_code == 403
        revert = caller.post(f"/v1/judgements/{number}/revert", headers=a_key())
        assert revert.status_code == 403
        reads = caller.get("/v1/judgements"), caller.get(f"/v1/judgements/{number}")
        assert {one.status_code for one in reads} == {200 if role == "auditor" else 403}


def test_who_said_what_is_told(
    steward: Client, linked: str, audited: Callable[[], list[dict[str, Any]]]
) -> None:
    before = len(audited())
    told = judge(steward, "different", ONE, TWO).json()
    steward.get("/v1/judgements")
    written, read = audited()[before:]
    assert written["action"] == "judge"
    assert written["about"] == f"judgement {told['judgement_id']} different"
    both = {told["left"]["golden_id"], told["right"]["golden_id"]}
    assert both <= set(written["entity_ids"])
    assert (read["action"], set(read["entity_ids"])) == ("list judgements", both)


def test_dwellings_of_one_address_can_be_told_apart(
    steward: Client, admin: Client, settings: Settings
) -> None:
    sources = "/v1/sources"
    compound = a_place(1, Name="康乐小区", SZSQDM="630102001001")
    admin.post(f"{sources}/urban_management/places/records", json=[compound], headers=a_key())
    said = {"小区": "康乐小区", "楼栋": "1号楼", "单元": "1单元", "房号": "101"}
    rows = [a_house(number, **said) for number in (1, 2)]
    path = f"{sources}/street_office/houses/records"
    answered = admin.post(path, json=rows, headers=a_key())
    assert len({one["golden_id"] for one in answered.json()["results"]}) == 1
    names = [{**STREET, "dataset": "houses", "key": row["房屋编号"]} for row in rows]
    told = judge(steward, "different", *names, collection="houses").json()
    assert told["left"]["golden_id"] != told["right"]["golden_id"]
    resolve(settings, full=True)
    assert [golden_id(steward, name) for name in names] == [
        told[side]["golden_id"] for side in ("left", "right")
    ]
    place = f"/v1/judgements/{told['judgement_id']}/revert"
    back = steward.post(place, headers=a_key()).json()
    assert back["left"]["golden_id"] == back["right"]["golden_id"]
