"""Quarantine and rebuilding: what broke a rule waits, and the last good state is served."""

from __future__ import annotations

from hub.jobs.batches import rebuild
from tests.build import a_component, a_grid, a_place, a_resident
from tests.jobs.world import CITY, STREET, World

GRIDS = [a_grid(number) for number in range(1, 61)]


def grids(*numbers: int, **said: str) -> list[dict[str, str]]:
    return [a_grid(number, **said) for number in numbers]


def test_an_entry_opens_once_and_is_released_by_a_row_that_passes(world: World) -> None:
    world.deliver(residents=[a_resident(1, 姓名=""), a_resident(2, 联系电话="打不通")])
    batch = world.sync_one()
    assert (batch.accepted, batch.quarantined) == (1, 1)
    nameless, mute = a_resident(1)["人员编号"], a_resident(2)["人员编号"]
    faults = {(nameless, None, "person.no_name"), (mute, "contact_phone", "phone.unreadable")}
    assert world.open_faults() == faults
    opened = world.ask("SELECT quarantine_id, opened_at FROM quarantine ORDER BY 1")
    # The rows change in other columns and still do not pass.
    world.deliver(
        residents=[a_resident(1, 姓名="", 民族="汉"), a_resident(2, 民族="汉", 联系电话="打不通")]
    )
    world.sync_one()
    assert world.open_faults() == faults
    assert world.ask("SELECT quarantine_id, opened_at FROM quarantine ORDER BY 1") == opened
    world.deliver(residents=[a_resident(1), a_resident(2, 民族="汉", 联系电话="打不通")])
    passing = world.sync_one()
    assert world.open_faults() == {(mute, "contact_phone", "phone.unreadable")}
    released = world.ask("SELECT key, released_by FROM quarantine WHERE released_at IS NOT NULL")
    assert released == [(nameless, passing.batch_id)]


def test_a_record_keeps_its_last_good_state_while_its_row_is_held(world: World) -> None:
    key = a_resident(1)["人员编号"]
    world.deliver(residents=[a_resident(1)])
    world.sync_one()
    world.resolve()
    world.deliver(residents=[a_resident(1, 姓名="测试", 民族="汉")])
    assert world.sync_one().quarantined == 1
    world.resolve()
    assert world.states(STREET, "residents") == {key: "quarantined"}
    assert world.golden("person", "person_name", "ethnic_group_code") == {
        (a_resident(1)["姓名"], "03")
    }
    world.deliver(residents=[a_resident(1, 民族="汉")])
    world.sync_one()
    world.resolve()
    assert world.golden("person", "ethnic_group_code") == {("01",)}
    assert world.open_faults() == set()


def test_a_held_batch_opens_no_quarantine_entry(world: World) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    world.deliver(grids=grids(1, 2, 联系电话="打不通"))
    batch = world.sync_one()
    assert batch.held
    assert world.open_faults() == set()
    world.release(batch)
    assert len(world.open_faults()) == 2


def test_rows_read_again_take_the_place_of_those_that_are_held(world: World) -> None:
    whole = [a_component(number) for number in range(3)]
    world.city.rows["components"] = [
        {name: said for name, said in row.items() if name != "ObjName"} for row in whole
    ]
    first, second = world.sync_one(CITY), world.sync_one(CITY)
    assert first.held
    assert second.held
    assert world.one("SELECT count(*) FROM batch WHERE state = 'held'") == 1
    world.city.rows["components"] = whole
    assert world.sync_one(CITY).accepted == 3
    assert world.one("SELECT count(*) FROM batch WHERE state = 'held'") == 0


def test_rebuilding_changes_nothing_that_follows_from_the_same_rows(world: World) -> None:
    world.deliver(grids=GRIDS, residents=[a_resident(1), a_resident(2, 联系电话="打不通")])
    world.city.rows["components"] = [a_component(1), a_component(2, Deleted="1")]
    world.city.rows["places"] = [a_place(1)]
    world.sync()
    world.resolve()
    names = ("grid", "person", "component", "geo_entity")
    before = [world.golden(name, "entity_id", "version", "content_hash") for name in names]
    faults, landed = world.open_faults(), world.states(CITY, "components")
    rebuild(world.settings)
    assert [world.golden(name, "entity_id", "version", "content_hash") for name in names] == before
    assert (world.open_faults(), world.states(CITY, "components")) == (faults, landed)
    assert world.one("SELECT count(*) FROM change WHERE change <> 'created'") == 0


def test_rebuilding_leaves_what_is_held_to_the_steward(world: World) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    world.deliver(grids=GRIDS[:24])
    held = world.sync_one()
    rebuild(world.settings)
    assert world.batch(held.batch_id).held
    assert world.release(held).missing == 36
    assert len(world.live("grid")) == 24
