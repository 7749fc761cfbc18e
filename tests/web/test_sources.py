"""What belongs to sources: records by their keys, batches, quarantine, signals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from hub.store import tables
from tests.web.build import Login, Said, a_batch, a_golden, an_entry

ROW = {"姓名": "张三、李四", "备用": None}


@pytest.fixture
def owners(writing: Connection) -> tuple[str, str]:
    """Two persons of one row, as property companies write them."""
    first, second = (
        a_golden(
            writing,
            said=(Said("property", "owners", f"M/1-2#{n}", {"person_name": name}, ROW),)
            if n == 1
            else (Said("property", "owners", f"X{n}", {"person_name": name}),),
            person_name=name,
        )
        for n, name in ((1, "张三"), (2, "李四"))
    )
    table = tables.RECORD["person"]
    writing.execute(
        table.update().where(table.c.key == "X2").values(key="M/1-2#2", row_key="M/1-2")
    )
    return first, second


def test_a_record_is_found_by_its_sources_key(
    login: Login, owners: tuple[str, str], writing: Connection
) -> None:
    batch_id = a_batch(writing, "property", "owners")
    an_entry(writing, batch_id, source="property", dataset="owners", key="M/1-2")
    company = login("department", "property")
    answered = company.get("/v1/sources/property/owners/records/M%2F1-2%232").json()
    assert (answered["golden_id"], answered["state"]) == (owners[1], "live")
    assert [record["fields"]["person_name"] for record in answered["records"]] == ["李四"]
    assert answered["row"] == ROW
    assert [(one["rule"], one["said"]) for one in answered["quarantine"]] == [
        ("phone.unreadable", "一二三四")
    ]
    both = company.get("/v1/sources/property/owners/records/M/1-2").json()
    assert {record["golden_id"] for record in both["records"]} == set(owners)


def test_rows_as_sent_are_for_stewards_and_their_own_source(
    login: Login, owners: tuple[str, str]
) -> None:
    path = "/v1/sources/property/owners/records/M/1-2"
    for caller in (login("steward"), login("admin"), login("department", "property")):
        assert caller.get(path).json()["row"] == ROW
    for caller in (login("worker"), login("auditor"), login("department", "public_security")):
        shown = caller.get(path).json()
        assert "row" not in shown
        assert shown["records"]
    assert login("steward", purpose=None).get(path).status_code == 403
    assert login("steward").get(path + "9").status_code == 404


def test_batches_tell_what_became_of_their_rows(login: Login, writing: Connection) -> None:
    numbers = [
        a_batch(writing, source, "residents", received=3, accepted=2, quarantined=1, state=state)
        for source, state in (
            ("public_security", "kept"),
            ("street_office", "held"),
            ("street_office", "kept"),
        )
    ]
    steward = login("steward")
    first = steward.get("/v1/batches?limit=2").json()
    assert [item["batch_id"] for item in first["items"]] == numbers[:0:-1]
    rest = steward.get(f"/v1/batches?limit=2&cursor={first['next']}").json()
    assert [item["batch_id"] for item in rest["items"]] == numbers[:1]
    held = steward.get("/v1/batches?state=held").json()["items"]
    assert [(item["batch_id"], item["held"]) for item in held] == [(numbers[1], True)]
    one = steward.get(f"/v1/batches/{numbers[0]}").json()
    ledger = {name: one[name] for name in ("received", "accepted", "quarantined", "missing")}
    assert ledger == {"received": 3, "accepted": 2, "quarantined": 1, "missing": 0}
    assert steward.get("/v1/batches/999999").status_code == 404
    police = login("department", "public_security")
    assert [item["batch_id"] for item in police.get("/v1/batches").json()["items"]] == numbers[:1]
    assert police.get(f"/v1/batches/{numbers[1]}").status_code == 404
    assert login("worker").get("/v1/batches").status_code == 403


def test_quarantine_shows_values_only_where_they_are_asked_for(
    login: Login, writing: Connection, audited: Callable[[], list[dict[str, Any]]]
) -> None:
    batch_id = a_batch(writing, "street_office", "residents")
    number = an_entry(writing, batch_id)
    an_entry(writing, batch_id, key="SQ001-000002", rule="date.future", said="2999-01-01")
    steward = login("steward")
    items = steward.get("/v1/quarantine?rule=phone.unreadable").json()["items"]
    assert [item["quarantine_id"] for item in items] == [number]
    assert "said" not in items[0]
    assert audited() == []
    shown = steward.get("/v1/quarantine?include=said&source=street_office").json()["items"]
    assert [item["said"] for item in shown] == ["2999-01-01", "一二三四"]
    assert [entry["fields"] for entry in audited()] == [["said"]]
    silent = login("steward", purpose=None)
    assert silent.get("/v1/quarantine").status_code == 200
    assert silent.get("/v1/quarantine?include=said").status_code == 403
    assert login("auditor").get("/v1/quarantine?include=said").status_code == 403
    assert steward.get("/v1/quarantine?state=released").json()["items"] == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"field": "contact_phone"}, {"SQ001-000001", "SQ001-000002", "M1"}),
        ({"rule": "date.future"}, {"SQ001-000003"}),
        ({"fate": "quarantine"}, {"SQ001-000004"}),
        ({"fate": "warn"}, {"SQ001-000002"}),
        ({"source": "property"}, {"M1"}),
        (
            {"source": "street_office", "dataset": "residents"},
            {f"SQ001-00000{n}" for n in range(1, 5)},
        ),
        ({"source": "street_office", "dataset": "houses"}, set()),
        ({"field": "contact_phone", "fate": "blank", "source": "street_office"}, {"SQ001-000001"}),
        ({"field": "contact_phone", "rule": "date.future"}, set()),
    ],
    ids=[
        *("field", "rule", "fate quarantine", "fate warn", "source", "dataset"),
        *("empty dataset", "field, fate and source", "field and rule"),
    ],
)
def test_quarantine_is_narrowed_down_by_everything_at_once(
    login: Login, writing: Connection, asked: dict[str, str], found: set[str]
) -> None:
    street = a_batch(writing, "street_office", "residents")
    an_entry(writing, street)
    an_entry(writing, street, key="SQ001-000002", rule="phone.doubtful", fate="warn")
    an_entry(writing, street, key="SQ001-000003", field="birth_date", rule="date.future")
    an_entry(
        writing, street, key="SQ001-000004", field=None, rule="person.no_name", fate="quarantine"
    )
    an_entry(
        writing,
        a_batch(writing, "property", "owners"),
        source="property",
        dataset="owners",
        key="M1",
    )
    steward = login("steward")
    items = steward.get("/v1/quarantine", params=asked).json()["items"]
    assert {item["key"] for item in items} == found
    paged, cursor = set(), {}
    while cursor is not None:
        page = steward.get("/v1/quarantine", params={**asked, **cursor, "limit": "1"}).json()
        paged |= {item["key"] for item in page["items"]}
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert paged == found
    theirs = login("department", "property").get("/v1/quarantine", params=asked).json()["items"]
    assert {item["key"] for item in theirs} == found & {"M1"}


def test_a_filter_that_does_not_exist_is_refused(login: Login) -> None:
    for query in ("kind=x", "fate=gone", "state=shut"):
        assert login("steward").get(f"/v1/quarantine?{query}").status_code == 422, query


def a_signal(writing: Connection, column: str, **said: str) -> int:
    batch_id = a_batch(writing, "street_office", "residents")
    row = {"source": "street_office", "dataset": "residents", "kind": "column.unexpected", **said}
    query = tables.signal.insert().values(batch_id=batch_id, column_name=column, count=7, **row)
    return int(writing.scalar(query.returning(tables.signal.c.signal_id)) or 0)


def test_signals_tell_what_changed_about_a_source(login: Login, writing: Connection) -> None:
    a_signal(writing, "微信号")
    (item,) = login("steward").get("/v1/signals?dataset=residents").json()["items"]
    assert (item["kind"], item["column_name"], item["count"]) == ("column.unexpected", "微信号", 7)
    assert login("department", "property").get("/v1/signals").json()["items"] == []


def test_a_steward_closes_a_signal_once_and_for_all_to_see(
    login: Login, writing: Connection, audited: Callable[[], list[dict[str, Any]]]
) -> None:
    number, other = a_signal(writing, "微信号"), a_signal(writing, "心情")
    steward = login("steward")
    closed = steward.post(f"/v1/signals/{number}/close").json()
    assert (closed["signal_id"], closed["column_name"]) == (number, "微信号")
    assert closed["closed_at"]
    assert closed["closed_by"].startswith("c-")
    assert login("admin").post(f"/v1/signals/{number}/close").json() == closed
    assert [item["signal_id"] for item in steward.get("/v1/signals").json()["items"]] == [other]
    shut = steward.get("/v1/signals?state=closed").json()["items"]
    assert [item["signal_id"] for item in shut] == [number]
    assert [(one["action"], one["about"]) for one in audited()] == [
        ("close", f"signal {number}"),
        ("close", f"signal {number}"),
    ]


def test_signals_are_closed_by_stewards_alone(login: Login, writing: Connection) -> None:
    number = a_signal(writing, "微信号")
    callers = [login("department", "street_office"), login("auditor"), login("worker")]
    assert {one.post(f"/v1/signals/{number}/close").status_code for one in callers} == {403}
    assert login("steward").post("/v1/signals/999999/close").status_code == 404
    (item,) = login("steward").get("/v1/signals").json()["items"]
    assert item["closed_at"] is None
