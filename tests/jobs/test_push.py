"""Pushing: told what became of each row, all of it or nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
from sqlalchemy import Connection

from connectors import CONNECTORS
from hub.config import Settings
from hub.connector import Delivery
from hub.database import engine, run
from hub.jobs import steps
from hub.jobs.push import finish_landed, landed, pushed, try_push, warm_up
from hub.jobs.sync import sync
from hub.model import PushResult
from hub.parse import read_json
from hub.store.audit import Entry, record
from hub.store.batches import PUSH
from tests.build import a_component, a_resident, an_id_number, rows_frame
from tests.jobs.world import CITY, STREET, World


@pytest.fixture
def hub(settings: Settings) -> Iterator[World]:
    """Give a hub that nobody but the test speaks to."""
    yield World(settings, settings.home, None)  # type: ignore[arg-type]
    engine(settings).dispose()


def push(world: World, *rows: dict[str, str], to: str = "components") -> PushResult:
    source = CITY if to == "components" else STREET
    with pushed(world.settings, source, to, [rows_frame(*rows)]) as (_, result):
        assert result.ledger.balanced
    return result


def outcomes(result: PushResult) -> list[str]:
    assert result.rows is not None
    assert [row.index for row in result.rows] == list(range(len(result.rows)))
    return [row.outcome for row in result.rows]


def test_each_row_is_told_what_became_of_it(hub: World) -> None:
    push(hub, a_component(1))
    result = push(
        hub,
        a_component(1),
        a_component(2, ObjState="不明"),
        a_component(3),
        a_component(3, ObjName="新"),
        a_component(4, ObjID=""),
        a_component(5, Deleted="1"),
    )
    told = ["unchanged", "accepted", "repeated", "accepted", "quarantined", "withdrawn"]
    assert outcomes(result) == told
    assert result.rows is not None
    keys = [row.key for row in result.rows]
    assert keys == [a_component(n)["ObjID"] for n in (1, 2, 3, 3)] + [None, a_component(5)["ObjID"]]
    problems = [[(p.field, p.rule) for p in row.problems] for row in result.rows]
    assert problems[1] == [("component_status", "code.unknown")]
    assert problems[4] == [(None, "record.no_key")]
    assert (problems[0], problems[3]) == ([], [])


def test_the_golden_id_is_readable_when_the_push_has_answered(hub: World) -> None:
    result = push(hub, a_component(1), a_component(2))
    assert result.rows is not None
    ids = {row.golden_id for row in result.rows}
    assert ids == {entity for (entity,) in hub.golden("component", "entity_id")}
    assert len(ids) == 2
    assert [row[0] for row in hub.ask("SELECT seq FROM change ORDER BY seq")] == [1, 2]


def test_the_same_push_again_has_no_effect(hub: World) -> None:
    push(hub, a_component(1))
    before = hub.rows_written()
    assert outcomes(push(hub, a_component(1))) == ["unchanged"]
    after = hub.rows_written()
    assert {name for name in after if after[name] != before[name]} <= {"feed", "cursor"}


def test_pushing_nothing_is_no_reason_to_hold_anything(hub: World) -> None:
    result = push(hub)
    assert (result.state, outcomes(result)) == ("kept", [])


def test_rows_nobody_can_read_are_held_and_the_others_are_kept(hub: World) -> None:
    rows = rows_frame(a_component(1), a_component(2))
    pages = [pd.concat([rows, read_json(b"[7]")], ignore_index=True)]
    with pushed(hub.settings, CITY, "components", pages) as (_, result):
        assert outcomes(result) == ["accepted", "accepted", "quarantined"]
    for _ in range(2):
        with pushed(hub.settings, CITY, "components", [read_json(b"[7, 8]")]) as (_, result):
            assert outcomes(result) == ["quarantined", "quarantined"]
            assert result.ledger.balanced


def test_a_push_without_an_agreed_column_waits_for_a_steward(hub: World) -> None:
    rows = [{k: v for k, v in a_component(n).items() if k != "ObjName"} for n in (1, 2)]
    result = push(hub, *rows)
    assert (result.state, outcomes(result)) == ("held", ["held", "held"])
    assert "ObjName" in str(result.flaw)
    assert hub.live("component") == set()


def test_no_later_push_takes_the_place_of_one_that_is_held(hub: World) -> None:
    row = a_component(1)
    del row["ObjName"]
    held = push(hub, row)
    push(hub, a_component(2))
    assert hub.one("SELECT state FROM batch WHERE batch_id = :b", b=held.batch_id) == "held"
    released = hub.release(hub.batch(held.batch_id))
    assert (released.state, released.accepted) == ("kept", 1)
    assert len(hub.live("component")) == 2


def test_what_was_held_does_not_overwrite_what_came_later(hub: World) -> None:
    row = a_component(1, ObjState="破损")
    del row["ObjName"]
    held = push(hub, row, *({**row, "ObjID": str(6301020201000000 + n)} for n in (7, 8)))
    push(hub, a_component(1, ObjName="后来"))
    released = hub.release(hub.batch(held.batch_id))
    assert (released.accepted, released.repeated) == (2, 1)
    names = dict(hub.golden("component", "component_id", "component_name"))
    assert names[a_component(1)["ObjID"]] == "后来"
    assert hub.one("SELECT count(*) FROM staged_component") == 0


def test_a_dry_run_tells_the_same_and_changes_nothing(hub: World) -> None:
    push(hub, a_component(1))
    before = hub.rows_written()
    batches = hub.one("SELECT count(*) FROM batch")
    rows = [a_component(1), a_component(2), a_component(3, ObjID="")]
    result = try_push(hub.settings, CITY, "components", [rows_frame(*rows)])
    assert outcomes(result) == ["unchanged", "accepted", "quarantined"]
    assert hub.rows_written() == before
    assert hub.one("SELECT count(*) FROM batch") == batches


class Killed(Exception):
    pass


def test_leaving_the_block_by_an_exception_undoes_everything(hub: World) -> None:
    before = hub.rows_written()

    def die() -> None:
        with pushed(hub.settings, CITY, "components", [rows_frame(a_component(1))]):
            raise Killed

    with pytest.raises(Killed):
        die()
    assert hub.rows_written() == before
    assert outcomes(push(hub, a_component(1))) == ["accepted"]


def test_what_the_caller_writes_is_committed_with_the_rows(hub: World) -> None:
    page = [rows_frame(a_component(1))]
    with pushed(hub.settings, CITY, "components", page) as (connection, result):
        record(connection, Entry("c", "a", about=str(result.batch_id)))
    assert hub.one("SELECT about FROM audit") == str(result.batch_id)


def test_a_large_push_is_landed_first_and_finished_later(hub: World) -> None:
    rows = rows_frame(*(a_component(number) for number in range(1_200)))
    pages = (rows.iloc[start : start + 500] for start in range(0, 1_200, 500))
    with landed(hub.settings, CITY, "components", pages) as (_, result):
        assert (result.state, result.rows) == ("landed", None)
    assert hub.live("component") == set()
    finish_landed(hub.settings, result.batch_id)
    finish_landed(hub.settings, result.batch_id)
    assert len(hub.golden("component", "component_id")) == 1_200
    assert hub.one("SELECT accepted FROM batch WHERE batch_id = :b", b=result.batch_id) == 1_200


def test_a_landed_push_whose_finisher_died_is_finished_by_the_next_sync(world: World) -> None:
    page = [rows_frame(a_component(1))]
    with landed(world.settings, CITY, "components", page) as (_, result):
        pass
    (batch,) = sync(world.settings, [CITY]).batches
    assert (batch.batch_id, batch.state, batch.accepted) == (result.batch_id, "kept", 1)


def test_rows_at_hand_say_what_they_say_when_they_are_read_back(hub: World) -> None:
    names = ('马"海\\燕', "李\t四\n", "买买提·艾力😀", "enc:12345678:AAAA", "", "王\x00五")
    rows = [a_resident(n, 姓名=name, 民族="没有的") for n, name in enumerate(names)]
    rows += [
        rows[0] | {"人员编号": ""},
        rows[1] | {"人员编号": "X", "身份证号": "enc:12345678:AAAA"},
    ]
    dataset, said = steps.dataset_of(STREET, "residents"), []
    with engine(hub.settings).connect() as connection:
        for at_hand in (True, False):
            with connection.begin() as transaction:
                delivery = Delivery(dataset, PUSH, [rows_frame(*rows)], lambda: None)
                journey = steps.Journey.land(connection, STREET, delivery)
                if at_hand:
                    journey.translate(hub.settings.district)
                else:
                    journey.write()
                    steps.translate(connection, journey.batch.batch_id, hub.settings.district)
                said.append([staged(connection, name) for name in ("row", "person", "fault")])
                transaction.rollback()
    assert said[0] == said[1]
    assert len(said[0][1]) > 4


def staged(connection: Connection, name: str) -> list[object]:
    query = f"SELECT to_jsonb(s) - 'batch_id' AS said FROM staged_{name} s ORDER BY said"
    return run(connection, query).scalars()


def test_one_key_pushed_many_times_at_once_is_one_record(hub: World) -> None:
    def one(number: int) -> list[str]:
        return outcomes(push(hub, a_component(1, ObjName=f"灯{number % 4}")))

    with ThreadPoolExecutor(8) as many:
        told = [outcome for (outcome,) in many.map(one, range(20))]
    assert set(told) <= {"accepted", "unchanged"}
    assert len(hub.live("component")) == hub.one("SELECT count(*) FROM entity") == 1
    accepted = told.count("accepted")
    assert hub.one("SELECT version FROM golden_component") == accepted
    assert [row[0] for row in hub.ask("SELECT seq FROM change ORDER BY seq")] == [
        *range(1, accepted + 1)
    ]


def test_the_feed_has_neither_gap_nor_duplicate_under_eight_writers(hub: World) -> None:
    def write(writer: int) -> None:
        for turn in range(5):
            said = an_id_number(turn, born="19700101")
            row = a_resident(writer * 10 + turn, 身份证号=said) | {"@工作表": "北关社区"}
            page = [rows_frame(row)]
            try:
                with pushed(hub.settings, STREET, "residents", page):
                    if (writer + turn) % 4 == 0:
                        raise Killed
            except Killed:
                continue

    with ThreadPoolExecutor(8) as many:
        list(many.map(write, range(8)))
    changes = hub.ask("SELECT seq, entity_id, version, change FROM change ORDER BY seq")
    assert [change[0] for change in changes] == list(range(1, len(changes) + 1))
    assert len({change[1:] for change in changes}) == len(changes)
    assert hub.one("SELECT count(*) FROM outbox") == 0
    alive = {change[1]: change[2] for change in changes}
    assert alive == dict(hub.golden("person", "entity_id", "version"))
    kept = {writer * 10 + turn for writer in range(8) for turn in range(5) if (writer + turn) % 4}
    assert hub.live("person") == {a_resident(number)["人员编号"] for number in kept}
    assert len(alive) == len({number % 10 for number in kept})


def test_a_warm_hub_has_read_what_every_dataset_needs(settings: Settings) -> None:
    steps.types_of.cache_clear()
    warm_up(settings.district)
    datasets = sum(len(one.datasets) for one in CONNECTORS.values())
    assert steps.types_of.cache_info().currsize == datasets
