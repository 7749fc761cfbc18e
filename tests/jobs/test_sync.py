"""Reading sources: every row is accounted for, whatever interrupts the reading."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.database import engine
from hub.errors import HubError
from hub.jobs import steps
from hub.jobs.push import ledger_of
from hub.jobs.sync import finish, land, sync, unfinished
from hub.store import records
from tests.build import a_component, a_grid, a_house, a_place, a_resident
from tests.jobs.world import CITY, STREET, World, csv_bytes

GRIDS = [a_grid(number) for number in range(1, 61)]


def grids(*numbers: int, **said: str) -> list[dict[str, str]]:
    return [a_grid(number, **said) for number in numbers]


def code(number: int) -> str:
    return a_grid(number)["网格编号"]


# What becomes of rows


def test_every_received_row_is_found_again_by_its_key(world: World) -> None:
    rows = [
        *grids(1, 2, 3),
        a_grid(1, 网格名称="改名", 更新时间="2026-08-02"),
        a_grid(4, 网格编号=""),
        a_grid(4, 网格编号=""),
        a_grid(5, 联系电话="打不通"),
    ]
    world.deliver(grids=rows)
    batch = world.sync_one()
    counted = ledger_of(batch)
    assert (counted.received, counted.accepted, counted.repeated) == (7, 4, 2)
    assert counted.quarantined == 1
    states = world.states(STREET, "grids")
    keyless = {key for key in states if key.startswith("?")}
    assert states == {
        **dict.fromkeys((code(1), code(2), code(3), code(5)), "live"),
        **dict.fromkeys(keyless, "quarantined"),
    }
    assert len(keyless) == 1
    assert world.live("grid") == {code(1), code(2), code(3), code(5)}
    assert world.open_faults() == {
        (*keyless, None, "record.no_key"),
        (code(5), "grid_leader_phone", "phone.unreadable"),
    }


def test_what_has_landed_is_not_written_again_though_its_key_comes_twice(world: World) -> None:
    rows = [
        *grids(1, 2, 3),
        a_grid(1, 网格名称="改名", 更新时间="2026-08-02"),
        a_grid(2, 网格名称="旧名", 更新时间="2020-01-01"),
    ]
    world.deliver(grids=rows)
    first = world.sync_one()
    assert (first.accepted, first.unchanged, first.repeated) == (3, 0, 2)
    with engine(world.settings).begin() as connection:
        connection.execute(sa.text(FORBID_WRITING))
        for table in ("staged_row", "landing", "record_grid", "quarantine"):
            connection.execute(
                sa.text(
                    f"CREATE TRIGGER nobody BEFORE INSERT OR UPDATE OR DELETE ON {table}"
                    " FOR EACH ROW EXECUTE FUNCTION forbid_writing()"
                )
            )
    world.deliver(grids=rows)
    again = world.sync_one()
    assert (again.accepted, again.unchanged, again.repeated) == (0, 3, 2)


FORBID_WRITING = """
CREATE FUNCTION forbid_writing() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'writing % is forbidden', TG_TABLE_NAME; END $$
"""


def test_of_a_repeated_key_the_newest_row_counts_then_the_later_one(world: World) -> None:
    world.deliver(
        grids=[
            a_grid(1, 网格名称="旧", 更新时间="2026-08-01"),
            a_grid(1, 网格名称="新", 更新时间="2026-08-03"),
            a_grid(1, 网格名称="中", 更新时间="2026-08-02"),
            a_grid(2, 网格名称="先"),
            a_grid(2, 网格名称="后"),
            a_grid(3, 网格名称="有时"),
            a_grid(3, 网格名称="无时", 更新时间=""),
        ]
    )
    assert ledger_of(world.sync_one()).repeated == 4
    world.resolve()
    assert world.golden("grid", "grid_name") == {("新",), ("后",), ("有时",)}


def test_a_key_on_two_pages_is_one_row_and_one_repetition(world: World) -> None:
    # The interface gives 50 rows a page: the first component comes on both pages.
    rows = [a_component(number) for number in range(60)]
    rows[55] = a_component(0, ObjName="改名", UpdateTime="2026-08-02 00:00:00")
    world.city.rows["components"] = rows
    batch = world.sync_one(CITY)
    # The reader, told of 60 rows and given 59 keys, reads once more; each row is counted.
    assert batch.accepted == 59
    assert batch.repeated == batch.received - 59 >= 1
    world.resolve()
    assert ("改名",) in world.golden("component", "component_name")


def test_an_unchanged_row_repeated_on_a_later_page_is_counted_once_each(world: World) -> None:
    world.city.rows["components"] = [a_component(number) for number in range(55)]
    world.sync_one(CITY)
    again = [*world.city.rows["components"], a_component(3)]
    world.city.rows["components"] = again
    batch = world.sync_one(CITY)
    assert batch.unchanged == 55
    assert batch.repeated == batch.received - 55
    assert world.states(CITY, "components").keys() == {row["ObjID"] for row in again}


def test_a_row_nobody_can_read_is_kept_by_its_place(world: World) -> None:
    broken = csv_bytes(grids(1, 2)) + "一,二\r\n三,四\r\n".encode("gb18030")
    world.deliver(grids=broken)
    batch = world.sync_one()
    assert (batch.received, batch.accepted, batch.quarantined) == (4, 2, 2)
    held = {key for key, state in world.states(STREET, "grids").items() if state == "quarantined"}
    assert len(held) == 2
    assert {rule for _, _, rule in world.open_faults()} == {"record.unreadable"}


def test_a_row_marked_as_withdrawn_is_landed_counted_and_never_linked(world: World) -> None:
    world.city.rows["components"] = [a_component(1), a_component(2, Deleted="1", ObjState="0")]
    batch = world.sync_one(CITY)
    assert (batch.accepted, batch.withdrawn) == (1, 1)
    world.resolve()
    assert world.golden("component", "component_id") == {(a_component(1)["ObjID"],)}
    assert world.open_faults() == set()


def test_a_row_withdrawn_by_its_source_takes_its_evidence_away_and_may_return(world: World) -> None:
    world.city.rows["components"] = [a_component(1)]
    world.sync_one(CITY)
    world.resolve()
    ((entity,),) = world.golden("component", "entity_id")
    gone = a_component(1, Deleted="1", UpdateTime="2026-08-02 00:00:00")
    world.city.rows["components"] = [gone]
    assert world.sync_one(CITY).withdrawn == 1
    world.resolve()
    assert world.golden("component", "entity_id") == set()
    world.city.rows["components"] = [a_component(1, UpdateTime="2026-08-03 00:00:00")]
    world.sync_one(CITY)
    world.resolve()
    assert world.golden("component", "entity_id") == {(entity,)}


# Reading again


def test_reading_again_what_has_not_changed_writes_nothing(world: World) -> None:
    world.deliver(grids=GRIDS, residents=[a_resident(1), a_resident(2, 姓名="")])
    world.city.rows["components"] = [*map(a_component, range(60)), a_component(7, ObjID="")]
    world.city.rows["places"] = [a_place(1)]
    world.sync()
    world.resolve()
    world.deliver(grids=GRIDS, residents=[a_resident(1), a_resident(2, 姓名="")])
    before = world.rows_written()
    done = world.sync()
    world.resolve()
    for batch in done.batches:
        assert batch.unchanged + batch.repeated == batch.received > 0
    after = world.rows_written()
    # Only how far the street office has been read is news.
    assert {name for name in after if after[name] != before[name]} <= {"cursor", "feed"}


def test_a_run_that_is_broken_off_is_gone_on_with_by_the_next(world: World) -> None:
    world.deliver(grids=GRIDS)
    world.city.rows["places"] = [a_place(1)]

    def broken(said: str) -> None:
        if said.startswith(CITY):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(world.settings, watch=broken)
    world.sync()
    world.resolve()
    assert len(world.golden("grid", "entity_id")) == len(GRIDS)
    assert len(world.golden("geo_entity", "entity_id")) == 1


def test_a_delivery_is_taken_once(world: World) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    assert world.sync().batches == []


def test_a_change_touches_only_its_own_record(world: World) -> None:
    world.deliver(grids=GRIDS)
    world.sync_one()
    versions = dict(world.ask("SELECT key, ctid::text || xmin::text FROM record_grid"))
    world.deliver(grids=[*GRIDS[:-1], a_grid(60, 网格名称="改名")])
    batch = world.sync_one()
    assert (batch.accepted, batch.unchanged) == (1, 59)
    now = dict(world.ask("SELECT key, ctid::text || xmin::text FROM record_grid"))
    assert {key for key in now if now[key] != versions[key]} == {code(60)}


# Interruption


class Killed(Exception):
    pass


def everything(world: World) -> dict[str, list[tuple[object, ...]]]:
    """Return what the hub knows, without numbers and times of its own."""
    queries = {
        "record": "SELECT source, dataset, key, content_hash::text, withdrawn_at IS NULL,"
        " grid_name, first_at::text, since::text FROM record_grid ORDER BY 1, 2, 3",
        "landing": "SELECT source, dataset, key, hash::text, state FROM landing ORDER BY 1, 2, 3",
        "quarantine": "SELECT source, dataset, key, field, rule FROM quarantine ORDER BY 3, 4, 5",
        "cursor": "SELECT source, dataset, state::text FROM cursor ORDER BY 1, 2",
        "ledger": "SELECT dataset, state, received, accepted, unchanged, quarantined, repeated,"
        " missing FROM batch ORDER BY batch_id",
        "signal": "SELECT dataset, kind, column_name, count FROM signal ORDER BY 1, 2, 3",
        "staged": "SELECT count(*) FROM staged_row",
    }
    return {name: world.ask(query) for name, query in queries.items()}


@pytest.mark.parametrize("step", ["translate", "validate", "keep"])
def test_a_run_that_died_between_steps_is_finished_by_the_next(
    world: World, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = a_grid(3, 联系电话="打不通", 意外="列")
    rows = [*grids(1, 2), odd, a_grid(2, 网格名称="又"), a_grid(4, 网格编号="")]
    rows = [row | {"意外": row.get("意外", "")} for row in rows]
    world.deliver(grids=rows)
    with monkeypatch.context() as patch:

        def die(*_: object, **__: object) -> None:
            raise Killed

        patch.setattr(steps, step, die)
        with pytest.raises(Killed):
            sync(world.settings)
    assert len(unfinished(world.settings, STREET)) == 1
    world.sync()
    interrupted = everything(world)
    assert interrupted["ledger"] == [("grids", "kept", 5, 3, 0, 1, 1, 0)]
    assert interrupted["cursor"]
    assert interrupted["staged"] == [(0,)]
    assert world.sync().batches == []
    assert everything(world) == interrupted


def test_how_far_was_read_is_committed_with_the_data(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.city.rows["components"] = [a_component(1)]
    with monkeypatch.context() as patch:

        def fail(*_: object) -> None:
            raise Killed

        patch.setattr(records, "keep_rows", fail)
        with pytest.raises(Killed):
            sync(world.settings)
    assert world.ask("SELECT state FROM cursor") == []
    assert world.live("component") == set()
    assert world.sync(CITY).batches[0].accepted == 1
    ((state,),) = world.ask("SELECT state FROM cursor")
    assert state == {"changed_at": "2026-08-01 09:00:00"}


def test_steps_called_twice_do_nothing_the_second_time(world: World) -> None:
    world.deliver(grids=GRIDS)
    (batch_id,) = land(world.settings, STREET)
    finish(world.settings, batch_id)
    before = world.rows_written()
    finish(world.settings, batch_id)
    assert world.rows_written() == before


def test_landing_by_steps_takes_one_delivery_of_a_dataset_at_a_time(world: World) -> None:
    world.deliver(grids=grids(1))
    world.deliver(grids=grids(1, 2), residents=[a_resident(1)])
    first = land(world.settings, STREET)
    assert len(first) == 2
    assert land(world.settings, STREET) == first
    for batch_id in first:
        finish(world.settings, batch_id)
    (second,) = land(world.settings, STREET)
    finish(world.settings, second)
    assert world.live("grid") == {code(1), code(2)}


def test_a_source_is_read_by_one_at_a_time(world: World) -> None:
    world.deliver(grids=GRIDS)
    key = sa.text("SELECT pg_advisory_lock(hashtextextended(:name, 0))")
    with engine(world.settings).connect() as connection:
        connection.execute(key, {"name": f"source\x1f{STREET}"})
        assert "someone else" in sync(world.settings, [STREET]).failures[STREET]
        with pytest.raises(HubError):
            land(world.settings, STREET)


# Forbidden and unknown columns


def test_a_forbidden_column_is_stored_nowhere_and_counted_by_name(world: World) -> None:
    rows = [a_grid(1) | {"信访情况": "绝不入库", "心情": "不入库"}]
    world.deliver(grids=rows)
    world.sync_one()
    signals = world.ask("SELECT kind, column_name, count, detail FROM signal ORDER BY kind")
    assert signals == [
        ("column.forbidden", "信访情况", 1, None),
        ("column.unexpected", "心情", 1, None),
    ]
    with world.connected() as connection:
        for name in connection.scalars(
            sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ):
            found = connection.scalars(
                sa.text(f'SELECT count(*) FROM "{name}" t WHERE t::text LIKE :w'), {"w": "%入库%"}
            )
            assert found.one() == 0


# Households of houses


def test_a_house_is_read_with_its_parts(world: World, tmp_path: Path) -> None:
    world.deliver(houses=[a_house(1)])
    assert world.sync_one().accepted == 1
    ((key, compound),) = world.ask("SELECT address_key, compound_key FROM record_house")
    assert key.startswith(compound + "|")
