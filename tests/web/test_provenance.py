"""Why a value is what it is, now and at any time before."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from httpx import Client
from sqlalchemy import Connection

from hub.store import tables
from tests.web.build import BEGINNING, Said, a_golden, a_new_version

POLICE = Said(
    "public_security", "residents", "R000000000001", {"person_name": "张三", "sex_code": "1"}
)
OFFICE = Said(
    "street_office",
    "residents",
    "SQ001-000001",
    {"person_name": "张三丰", "contact_phone": "13900000001"},
)


@pytest.fixture
def person(writing: Connection) -> str:
    return a_golden(
        writing,
        said=(POLICE, OFFICE),
        marks={"person_name": "disputed", "contact_phone": "provisional"},
        rules={"contact_phone": "stand_in"},
        person_name="张三",
        sex_code="1",
        contact_phone="13900000001",
    )


def test_every_value_names_its_record_and_the_values_that_lost(
    steward: Client, person: str
) -> None:
    explained = steward.get(f"/v1/persons/{person}/provenance").json()
    assert (explained["id"], explained["version"]) == (person, 1)
    assert [record["key"] for record in explained["records"]] == ["R000000000001", "SQ001-000001"]
    name = explained["fields"]["person_name"]
    assert (name["value"], name["mark"], name["rule"]) == ("张三", "disputed", "authority")
    assert name["origin"] == {
        "source": "public_security",
        "dataset": "residents",
        "key": "R000000000001",
        "since": "2026-09-01T08:00:00+08:00",
        "batch_id": name["origin"]["batch_id"],
        "received_at": "2026-09-01T08:00:00+08:00",
    }
    assert [(one["value"], one["origin"]["key"]) for one in name["lost"]] == [
        ("张三丰", "SQ001-000001")
    ]
    phone = explained["fields"]["contact_phone"]
    assert (phone["rule"], phone["mark"], phone["lost"]) == ("stand_in", "provisional", [])
    assert phone["origin"]["source"] == "street_office"
    assert set(explained["fields"]) == {"person_name", "sex_code", "contact_phone"}


def test_a_value_dates_from_when_it_first_appeared(
    steward: Client, writing: Connection, person: str
) -> None:
    table = tables.RECORD["person"]
    changed = table.update().where(table.c.key == OFFICE.key)
    writing.execute(changed.values(since={"contact_phone": "2026-09-05T10:00:00+08:00"}))
    fields = steward.get(f"/v1/persons/{person}/provenance").json()["fields"]
    assert fields["contact_phone"]["origin"]["since"] == "2026-09-05T10:00:00+08:00"
    assert fields["sex_code"]["origin"]["since"] == "2026-09-01T08:00:00+08:00"


def test_the_past_is_explained_by_what_records_said_then(
    steward: Client, writing: Connection, person: str
) -> None:
    table = tables.RECORD["person"]
    history = sa.text(
        """INSERT INTO record_history (record_id, until, record)
        SELECT record_id, :until, to_jsonb(r) FROM record_person r WHERE key = :key"""
    )
    writing.execute(history, {"until": BEGINNING + timedelta(days=1), "key": POLICE.key})
    writing.execute(table.update().where(table.c.key == POLICE.key).values(person_name="张珊"))
    a_new_version(writing, "person", person, person_name="张珊")
    path = f"/v1/persons/{person}/provenance"
    now = steward.get(path).json()
    assert (now["version"], now["fields"]["person_name"]["value"]) == (2, "张珊")
    then = steward.get(path, params={"as_of": "2026-09-01T12:00:00+08:00"}).json()
    assert (then["version"], then["fields"]["person_name"]["value"]) == (1, "张三")
    assert then["fields"]["person_name"]["origin"]["key"] == POLICE.key
    assert [one["value"] for one in then["fields"]["person_name"]["lost"]] == ["张三丰"]
    before = steward.get(path, params={"as_of": "2020-01-01T00:00:00Z"})
    assert before.status_code == 404


def test_history_lists_every_version_with_what_changed(
    steward: Client, writing: Connection, person: str
) -> None:
    a_new_version(writing, "person", person, sex_code="2")
    a_new_version(writing, "person", person, contact_phone="13900000002", sex_code="1")
    path = f"/v1/persons/{person}/history"
    items = steward.get(path).json()["items"]
    assert [(item["version"], sorted(item["changed"])) for item in items] == [
        (3, ["contact_phone", "sex_code"]),
        (2, ["sex_code"]),
        (1, ["contact_phone", "person_name", "sex_code"]),
    ]
    assert [item["fields"]["sex_code"] for item in items] == ["1", "2", "1"]
    assert items[0]["until"] is None
    assert items[1]["until"] == items[0]["updated_at"]
    first = steward.get(path, params={"limit": 2}).json()
    assert [item["version"] for item in first["items"]] == [3, 2]
    rest = steward.get(path, params={"limit": 2, "cursor": first["next"]}).json()
    assert ([item["version"] for item in rest["items"]], rest["next"]) == ([1], None)


def test_only_the_fields_asked_for_are_explained(steward: Client, person: str) -> None:
    path = f"/v1/persons/{person}"
    for tail in ("/provenance", "/history"):
        answered = steward.get(f"{path}{tail}", params={"fields": "sex_code"})
        assert "张三" not in answered.text
        assert "13900000001" not in answered.text
