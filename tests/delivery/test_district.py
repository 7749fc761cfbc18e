"""Enter once, shown over the demo district: its four systems as real servers, read and written."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from httpx import Client
from openpyxl import load_workbook
from sqlalchemy import Engine

from hub.config import Settings
from hub.database import engine as engine_of
from hub.demo import Departments, district
from hub.jobs.deliver import deliver
from hub.jobs.resolve import resolve
from hub.jobs.sync import sync
from hub.store.clients import add_client
from hub.web.app import create_app
from tests.web.people import a_key
from tests.web.served import served

PHONE = "13997001234"
#: However busy the machine is, by then everybody has answered.
PATIENCE = 120.0


@pytest.fixture
def departments(tmp_path: Path) -> Iterator[Departments]:
    folder = tmp_path / "departments"
    with Departments(folder, district(500, seed=3), refuses=0.0) as found:
        yield found


@pytest.fixture
def hub(settings: Settings, departments: Departments) -> Iterator[Settings]:
    """The hub, having read all of the district."""
    sources: dict[str, dict[str, str]] = {}
    for name, value in departments.environment().items():
        _, source, setting = name.lower().split("__")
        sources.setdefault(source, {})[setting] = value
    made = settings.model_copy(update={"sources": sources})
    assert sync(made).failures == {}
    resolve(made)
    yield made
    engine_of(made).dispose()


@pytest.fixture
def worker(hub: Settings, departments: Departments) -> Iterator[Client]:
    """A worker at the running API, to which the property system pushes."""
    with served(create_app(hub)) as address, Client(base_url=address, timeout=120) as client:
        with engine_of(hub).begin() as connection:
            mine = add_client(connection, "a worker", "worker", None)
            theirs = add_client(connection, "property", "department", "property")
        departments.property.connect(address, *theirs)
        form = {"grant_type": "client_credentials"}
        token = client.post("/oauth/token", data=form, auth=mine).json()["access_token"]
        client.headers.update({"Authorization": f"Bearer {token}", "Hub-Purpose": "visit"})
        yield client


#: Persons of whom all four have one record each, and the police one with a telephone.
_HELD_BY_ALL = """
SELECT l.entity_id FROM link l JOIN record_person r USING (record_id)
WHERE r.withdrawn_at IS NULL GROUP BY l.entity_id
HAVING count(*) = 4 AND count(DISTINCT r.source) = 4 AND count(r.contact_phone) = 4
ORDER BY l.entity_id
"""


def held_by_all(engine: Engine) -> str:
    with engine.connect() as connection:
        found = connection.scalars(sa.text(_HELD_BY_ALL)).all()
    assert found
    return str(found[0])


def state_of(engine: Engine, person: str) -> tuple[Any, ...]:
    """Everything that would tell of a change: the person's version, and all there is in the feed."""
    query = """SELECT (SELECT version FROM golden_person WHERE entity_id = :id),
        (SELECT members FROM golden_person WHERE entity_id = :id),
        (SELECT count(*) FROM change), (SELECT count(*) FROM outbox)"""
    with engine.connect() as connection:
        return tuple(connection.execute(sa.text(query), {"id": person}).one())


def patched(client: Client, person: str, **said: Any) -> dict[str, Any]:
    answered = client.patch(
        f"/v1/persons/{person}", json={"fields": said}, headers={**a_key(), "If-Match": "*"}
    )
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def until(done: Callable[[], bool]) -> None:
    """Do something until it is done; departments answer in threads of their own."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, "they have not answered"


def test_what_is_entered_once_reaches_all_four_and_comes_back_confirmed(
    hub: Settings, departments: Departments, worker: Client, engine: Engine
) -> None:
    person = held_by_all(engine)
    made = patched(worker, person, contact_phone=PHONE)
    assert made["fields"]["contact_phone"] == PHONE
    by_source = {one["source"]: one for one in made["deliveries"]}
    assert len(by_source) == 4

    deliver(hub)

    # In each department's own form:
    police = by_source["public_security"]
    with sa.create_engine(departments.public_security.url).connect() as connection:
        rows = connection.execute(sa.text("SELECT * FROM zk_hcfk")).mappings().all()
    (row,) = [dict(one) for one in rows]
    assert row["fkbh"] == f"{police['delivery_id']}-1"
    assert (row["ywb"], row["ywbh"], row["zdmc"]) == ("zk_rkxx", police["key"], "dh")
    assert PHONE in row["xz"]
    street = by_source["street_office"]
    outbox = departments.street_office.folder / "outbox"
    sheet = load_workbook(outbox / f"回流_{street['delivery_id']}.xlsx").worksheets[0]
    header, line = (tuple(cell.value for cell in cells) for cells in sheet.iter_rows())
    assert header == ("数据集", "编号", "字段", "原值", "新值", "来源", "时间")
    assert line[:3] == ("residents", street["key"], "联系电话")
    assert PHONE in str(line[4])
    city = departments.urban_management.journal.entries[-1]
    assert (city["dataset"], city["key"]) == ("reporters", by_source["urban_management"]["key"])
    assert (city["fields"], city["code"]) == (["Phone"], 200)
    events = [one["received"] for one in departments.property.journal.entries if "received" in one]
    (event,) = events
    assert isinstance(event, dict)
    assert (event["dataset"], event["key"]) == ("owners", by_source["property"]["key"])
    assert (event["fields"], event["reason"]) == (["link"], "")

    def states() -> dict[str, str]:
        deliver(hub)
        found = worker.get(f"/v1/persons/{person}/deliveries").json()["items"]
        return {one["source"]: one["state"] for one in found}

    until(lambda: set(states().values()) == {"confirmed"})

    # And what comes back is no news.
    before = state_of(engine, person)
    origin = worker.get(f"/v1/persons/{person}/provenance").json()["fields"]["contact_phone"]
    departments.street_office.deliver(
        departments.state.views["street_office"],
        departments.state.world.now + np.timedelta64(1, "h"),
    )
    assert sync(hub).failures == {}
    done = resolve(hub)
    assert (done.created, done.changed, done.merged, done.split) == (0, 0, 0, 0)
    assert state_of(engine, person) == before
    after = worker.get(f"/v1/persons/{person}/provenance").json()["fields"]["contact_phone"]
    assert after["value"] == PHONE
    assert after["mark"] is None
    assert after["origin"] == origin["origin"]
    assert after["lost"] == []


def test_a_care_category_reaches_the_street_office_alone_and_an_address_the_police_as_a_question(
    hub: Settings, departments: Departments, worker: Client, engine: Engine
) -> None:
    person = held_by_all(engine)

    care = patched(worker, person, care_categories=["08"])
    assert [one["source"] for one in care["deliveries"]] == ["street_office"]

    before = state_of(engine, person)
    asked = patched(worker, person, household_register_address="没有这条街1号")
    assert state_of(engine, person) == before
    assert asked["deliveries"] == []
    (correction,) = asked["corrections"]
    assert correction["authority"] == correction["source"] == "public_security"
    deliver(hub)
    with sa.create_engine(departments.public_security.url).connect() as connection:
        rows = connection.execute(sa.text("SELECT zdmc, xz FROM zk_hcfk")).all()
    ((column, wanted),) = rows
    assert column == "hjdz"
    assert wanted.endswith("没有这条街1号")

    def answered() -> bool:
        deliver(hub)
        found = worker.get(f"/v1/corrections/{correction['correction_id']}").json()
        return bool(found["state"] == "accepted")

    until(answered)
    # The answer is no value: that comes with the police's next sync, as their own word.
    assert state_of(engine, person) == before
    assert sync(hub, ["public_security"]).failures == {}
    resolve(hub)
    found = worker.get(f"/v1/persons/{person}").json()
    assert found["fields"]["household_register_address"] == "没有这条街1号"
    told = json.dumps(worker.get(f"/v1/persons/{person}/history").json()["items"][0]["cause"])
    assert "entry" not in told
