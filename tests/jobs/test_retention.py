"""What is over is disposed of: after its period, or when the grant that brought it has ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from hub.config import Settings
from hub.jobs import retention
from hub.store import exports, tables
from hub.store.callers import entitled, find_caller
from hub.store.clients import add_client
from hub.store.default_grants import Grant
from hub.store.feed_reads import Position
from hub.store.grants import issue, revoke_grants_of
from hub.store.request_steps import StepBy
from hub.store.resident_requests import Wish, finish, receive, verify
from hub.store.retention import PERIODS
from hub.store.share_materials import Clock
from hub.store.subscriptions import add_subscription
from hub.store.tables import metadata
from hub.store.visible import visible
from schemas import Person
from tests.web.build import Said, a_batch, a_golden, a_new_version, a_record, an_entry

SECRET = "13997001234"


@pytest.fixture
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection of which every statement counts at once."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def count(connection: Connection, table: str, condition: str = "true") -> int:
    query = f"SELECT count(*) FROM {table} WHERE {condition}"
    return int(connection.scalar(sa.text(query)) or 0)


def told(connection: Connection) -> list[str]:
    query = "SELECT about FROM audit WHERE caller = 'hub retention' ORDER BY audit_id"
    return list(connection.scalars(sa.text(query)))


def test_every_period_names_tables_that_there_are_and_says_why() -> None:
    names = [one.name for one in retention.periods()]
    assert len(set(names)) == len(names)
    for one in retention.periods():
        assert set(one.tables) <= set(metadata.tables), one.name
        assert one.why
        assert one.title.zh
        assert one.days >= 0
    assert {one.name: one.days for one in retention.periods()}["audit"] >= 3 * 365


def outlived(connection: Connection) -> str:
    """Write down a person of four years ago, withdrawn and mended since, and one of today."""
    long_ago = datetime.now(UTC) - timedelta(days=1_500)
    person = a_golden(connection, contact_phone=SECRET, updated_at=long_ago)
    a_new_version(connection, "person", person, contact_phone=SECRET)
    record = a_record(connection, "person", Said(key="W1", values={"contact_phone": SECRET}), None)
    old = {"at": long_ago}
    for statement in (
        "UPDATE batch SET received_at = :at",
        "UPDATE landing SET state = 'withdrawn'",
        "UPDATE record_person SET withdrawn_at = :at",
        "UPDATE golden_person SET retired_at = :at",
    ):
        connection.execute(sa.text(statement), old)
    connection.execute(
        tables.record_history.insert().values(
            record_id=record, until=long_ago, record={"a": SECRET}
        )
    )
    batch = a_batch(connection, "street_office", "residents", received_at=long_ago)
    an_entry(connection, batch, released_at=long_ago, said=SECRET)
    a_golden(connection, contact_phone="13997005678")
    an_entry(connection, batch, said="一二三")
    return person


def test_what_was_kept_long_enough_is_gone_and_what_is_served_stays(
    settings: Settings, writing: Connection
) -> None:
    person = outlived(writing)
    foreseen = {one.name: one.count for one in retention.due(settings) if one.count}
    assert count(writing, "golden_history") == 1
    done = {one.name: one.count for one in retention.run(settings)}
    assert done == foreseen
    assert set(done) == {
        *("raw_rows", "quarantine", "record_versions", "golden_versions"),
        *("withdrawn_records", "retired_golden"),
    }
    for table in ("landing", "quarantine", "record_history", "golden_history", "record_person"):
        held = f"strpos(to_jsonb({table})::text, '{SECRET}') > 0"
        assert count(writing, table, held) == 0, table
    # The id, the key and the link stay: the same person comes back under the same id.
    assert count(writing, "golden_person", f"entity_id = '{person}'") == 1
    assert count(writing, "record_person", "key = 'W1'") == 1
    assert count(writing, "golden_person", "contact_phone = '13997005678'") == 1
    assert count(writing, "quarantine") == 1
    assert any(about.startswith("golden_versions: 1 of golden_history") for about in told(writing))
    assert SECRET not in str(told(writing))
    assert retention.run(settings) == []


def test_a_run_that_was_killed_is_taken_up_by_the_next(
    settings: Settings, writing: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlived(writing)
    monkeypatch.setattr("hub.store.retention.AT_ONCE", 1)

    def killed(name: str) -> None:
        if name == "golden_versions":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retention.run(settings, killed)
    assert count(writing, "golden_history") == 1
    assert count(writing, "landing", "state = 'withdrawn'") == 0
    retention.run(settings)
    assert count(writing, "golden_history") == 0
    assert all(one.count == 0 for one in retention.due(settings))


def granted(connection: Connection) -> tuple[str, Any]:
    """Grant somebody persons, and make an export and a subscription by that."""
    client, _ = add_client(connection, "民政局", "department")
    now = datetime.now(UTC)
    fields = frozenset({"person_name", "contact_phone"})
    span = {"since": now - timedelta(days=9), "until": now + timedelta(days=9)}
    issue(connection, 7, client, "batch", [Grant("person", fields, frozenset({"care"}), **span)])
    found = find_caller(connection, client)
    assert found is not None
    caller = entitled(connection, found)
    view = visible(caller, Person, purpose="care")
    exports.ask_export(connection, "e-1", client, "person", None, "care")
    file = exports.File("persons-0001.ndjson", 1, 10, "0" * 64)
    exports.finish_export(connection, "e-1", [file], Position(1, 1), view.signature)
    said = {"url": "https://example.org/hook", "collections": ["persons"], "purpose": "care"}
    add_subscription(connection, client, "sealed", Position(1, 1), said)
    return client, view


def test_what_a_grant_delivered_is_disposed_of_when_it_ends(
    settings: Settings, writing: Connection
) -> None:
    granted(writing)
    folder = settings.home / "exports" / "e-1"
    folder.mkdir(parents=True)
    (folder / "persons-0001.ndjson").write_text(SECRET)
    assert retention.run(settings) == []
    assert (folder.exists(), count(writing, "subscription")) == (True, 1)
    revoke_grants_of(writing, 7, "steward", "目的已达")
    assert retention.due(settings)[0] == retention.Disposed("grants", 1)
    assert retention.run(settings) == [retention.Disposed("grants", 1)]
    assert not folder.exists()
    assert count(writing, "subscription") == 0
    assert exports.get_export(writing, "e-1").state == "expired"
    assert count(writing, "field_grant", "disposed_at IS NOT NULL") == 1
    (about,) = told(writing)
    assert about.startswith("grant ")
    assert "export e-1, subscription s-" in about
    assert retention.run(settings) == []


def test_files_that_a_killed_run_has_left_are_removed_by_the_next(
    settings: Settings, writing: Connection
) -> None:
    granted(writing)
    left = settings.home / "exports" / "e-0"
    left.mkdir(parents=True)
    kept = settings.home / "exports" / "e-1"
    kept.mkdir()
    retention.run(settings)
    assert (left.exists(), kept.exists()) == (False, True)


def test_who_had_asked_to_be_erased_is_once_no_source_has_them(
    settings: Settings, writing: Connection
) -> None:
    person = a_golden(writing, person_name="祁生莲", contact_phone=SECRET)
    a_new_version(writing, "person", person, contact_phone=SECRET)
    wish = Wish("erasure", "请删除", entity_id=person)
    number = receive(writing, wish, "steward", Clock()).request_id
    step = StepBy("steward", Clock())
    finish(writing, verify(writing, number, "身份证", None, step), {}, step)
    assert retention.run(settings) == []
    for table, ended in (("record_person", "withdrawn_at"), ("golden_person", "retired_at")):
        writing.execute(sa.text(f"UPDATE {table} SET {ended} = now()"))
    assert retention.run(settings) == [retention.Disposed("erased_residents", 1)]
    for table in ("golden_history", "golden_person", "record_person"):
        assert count(writing, table, f"strpos(to_jsonb({table})::text, '{SECRET}') > 0") == 0
    assert count(writing, "audit", f"action = 'erase' AND entity_ids = ARRAY['{person}']") == 1
    assert retention.run(settings) == []


def test_the_order_of_periods_ends_nothing_before_what_refers_to_it() -> None:
    names = [one.name for one in PERIODS]
    assert names.index("resident_requests") < names.index("request_trails")
