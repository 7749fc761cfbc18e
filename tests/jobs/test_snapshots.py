"""Snapshots: what is gone is withdrawn, but no bad delivery takes anything away."""

from __future__ import annotations

import pytest

from hub.errors import Conflict
from hub.jobs.sync import sync
from tests.build import a_component, a_grid, a_resident
from tests.connectors.rest_server import http
from tests.jobs.world import CITY, STREET, World, csv_bytes, workbook_bytes

GRIDS = [a_grid(number) for number in range(1, 61)]


def code(number: int) -> str:
    return a_grid(number)["网格编号"]


def test_rows_missing_from_a_snapshot_are_withdrawn_and_may_return(world: World) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    world.resolve()
    entity = world.one("SELECT entity_id FROM golden_grid WHERE grid_code = :c", c=code(60))
    world.deliver(grids=GRIDS[:-1])
    batch = world.sync_one()
    assert (batch.state, batch.missing, batch.unchanged) == ("kept", 1, 59)
    world.resolve()
    assert (code(60),) not in world.golden("grid", "grid_code")
    assert world.states(STREET, "grids")[code(60)] == "missing"
    world.deliver(grids=GRIDS)
    assert world.sync_one().accepted == 1
    world.resolve()
    assert (entity, code(60)) in world.golden("grid", "entity_id", "grid_code")


def test_a_dataset_without_a_file_is_not_touched(world: World) -> None:
    world.deliver(grids=GRIDS, residents=[a_resident(1)])
    world.sync()
    world.deliver(residents=[a_resident(1), a_resident(2)])
    assert world.sync_one().dataset == "residents"
    assert len(world.live("grid")) == 60


def test_a_snapshot_that_would_take_too_much_away_is_held_until_it_is_released(
    world: World,
) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    world.resolve()
    served = world.golden("grid", "entity_id", "version")
    world.deliver(grids=GRIDS[:24])
    batch = world.sync_one()
    assert batch.held
    assert batch.flaw == "36 of 60 rows are gone"
    world.resolve()
    assert world.golden("grid", "entity_id", "version") == served
    assert world.sync().batches == []
    released = world.release(batch)
    assert (released.state, released.missing) == ("kept", 36)
    assert len(world.golden("grid", "grid_code")) == 24


def test_a_refused_snapshot_leaves_everything_as_it_was(world: World) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    world.resolve()
    served = world.golden("grid", "entity_id", "version")
    world.deliver(grids=GRIDS[:24])
    batch = world.sync_one()
    assert world.refuse(batch).state == "refused"
    world.resolve()
    assert world.golden("grid", "entity_id", "version") == served
    with pytest.raises(Conflict):
        world.release(batch)
    with pytest.raises(Conflict):
        world.refuse(batch)
    assert world.one("SELECT count(*) FROM staged_row") == 0
    assert world.sync().batches == []


def test_few_rows_may_leave_a_small_dataset(world: World) -> None:
    world.deliver(grids=GRIDS[:22])
    world.sync_one()
    world.deliver(grids=GRIDS[:2])
    assert world.sync_one().missing == 20


def test_a_later_complete_delivery_takes_the_place_of_a_held_one(world: World) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    world.deliver(grids=GRIDS[:24])
    held = world.sync_one()
    world.deliver(grids=[*GRIDS, a_grid(61)])
    assert world.sync_one().state == "kept"
    assert world.one("SELECT state FROM batch WHERE batch_id = :b", b=held.batch_id) == "replaced"
    assert len(world.live("grid")) == 61
    with pytest.raises(Conflict):
        world.release(held)


def test_of_two_held_snapshots_only_the_newer_can_be_released(world: World) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    world.deliver(grids=GRIDS[:10])
    first = world.sync_one()
    world.deliver(grids=GRIDS[:20])
    second = world.sync_one()
    assert first.held
    assert second.held
    with pytest.raises(Conflict, match=str(second.batch_id)):
        world.release(first)
    world.release(second)
    assert world.live("grid") == {code(number) for number in range(1, 21)}
    assert world.one("SELECT count(*) FROM batch WHERE state = 'held'") == 0


def test_releasing_an_older_snapshot_does_not_read_the_newer_again(world: World) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    world.deliver(grids=GRIDS[:10])
    first = world.sync_one()
    world.deliver(grids=GRIDS[:20])
    world.refuse(world.sync_one())
    world.release(first)
    assert world.sync().batches == []
    assert len(world.live("grid")) == 10


@pytest.mark.parametrize("left", [30, 10])
def test_a_snapshot_that_halves_what_is_said_in_a_field_is_held(world: World, left: int) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    world.resolve()
    silent = [a_grid(n, 网格长="" if n > left else "韩梅") for n in range(1, 61)]
    world.deliver(grids=silent)
    batch = world.sync_one()
    assert batch.held
    assert "grid_leader_name" in str(batch.flaw)
    world.resolve()
    assert {name for (name,) in world.golden("grid", "grid_leader_name")} == {"韩梅"}
    world.release(batch)
    assert (None,) in world.golden("grid", "grid_leader_name")


def test_a_snapshot_that_says_a_little_less_is_kept(world: World) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    world.deliver(grids=[a_grid(n, 网格长="" if n > 40 else "韩梅") for n in range(1, 61)])
    assert world.sync_one().state == "kept"


def test_a_snapshot_without_an_agreed_column_is_held_and_withdraws_nothing(world: World) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    world.deliver(grids=[{k: v for k, v in row.items() if k != "网格长"} for row in GRIDS[:5]])
    batch = world.sync_one()
    assert batch.held
    assert "网格长" in str(batch.flaw)
    assert len(world.live("grid")) == 60
    assert world.one("SELECT count(*) FROM signal WHERE kind = 'column.missing'") == 1


def test_a_column_missing_in_any_one_sheet_holds_the_dataset(world: World) -> None:
    whole, part = a_resident(1), a_resident(2)
    del part["联系电话"]
    world.deliver(residents=workbook_bytes(北关社区=[whole], 周家泉社区=[part]))
    assert world.sync_one().held


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 no workbook",
        csv_bytes(GRIDS),
        workbook_bytes(北关社区=[a_resident()])[:900],
    ],
    ids=["empty", "not a workbook", "a text file", "cut off"],
)
def test_a_file_that_is_not_what_it_claims_is_held_and_harms_nothing(
    world: World, content: bytes
) -> None:
    world.deliver(grids=GRIDS, residents=[a_resident(n) for n in range(30)])
    world.sync()
    world.deliver(grids=[*GRIDS, a_grid(61)], residents=content)
    grids_, residents = sorted(world.sync().batches, key=lambda one: one.dataset)
    assert (grids_.state, grids_.accepted) == ("kept", 1)
    assert (residents.state, residents.received) == ("held", 0)
    assert residents.flaw
    assert len(world.live("person")) == 30
    with pytest.raises(Conflict):
        world.release(residents)
    world.deliver(residents=[a_resident(n) for n in range(31)])
    assert world.sync_one().accepted == 1
    assert world.one("SELECT count(*) FROM batch WHERE state = 'held'") == 0


@pytest.mark.parametrize("said", [csv_bytes(GRIDS).split(b"\r\n")[0] + b"\r\n", b"\xff\xfe\x00"])
def test_headers_only_or_another_encoding_hold_a_text_file(world: World, said: bytes) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    world.deliver(grids=said)
    assert world.sync_one().held
    assert len(world.live("grid")) == 60


def test_a_flawed_source_does_not_delay_another(world: World) -> None:
    world.deliver(grids=b"")
    world.city.rows["components"] = [a_component(1)]
    states = {batch.dataset: batch.state for batch in world.sync().batches}
    assert states == {"grids": "held", "components": "kept"}


def test_a_source_that_is_down_delays_only_itself(world: World) -> None:
    world.deliver(grids=GRIDS)
    world.city.faults += [http(500)] * 50
    done = sync(world.settings)
    assert set(done.failures) == {CITY}
    assert [batch.dataset for batch in done.batches] == ["grids"]
    world.city.faults.clear()
    world.city.rows["components"] = [a_component(1)]
    assert world.sync_one(CITY).accepted == 1


def test_a_source_read_in_part_leaves_no_trace(world: World) -> None:
    world.city.rows["components"] = [a_component(number) for number in range(120)]
    before = world.rows_written()
    batches = world.one("SELECT count(*) FROM batch")

    def break_down(dataset: str, number: int) -> None:
        if number == 2:
            world.city.faults += [http(500)] * 50

    world.city.before_page = break_down
    assert set(sync(world.settings, [CITY]).failures) == {CITY}
    assert world.rows_written() == before
    assert world.one("SELECT count(*) FROM batch") == batches
