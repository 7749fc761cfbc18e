"""What becomes of rows by their key and their time, in every transport."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from hub.jobs.push import finish_landed, landed, ledger_of, pushed, try_push
from hub.model import PushResult
from hub.parse import read_json
from tests.fates import city, estate, police, street
from tests.fates.cases import Row
from tests.fates.conftest import Hub
from tests.fates.sources import a_csv, a_workbook

POLICE, STREET, CITY, ESTATE = "public_security", "street_office", "urban_management", "property"


def push(hub: Hub, dataset: str, body: bytes) -> PushResult:
    with pushed(hub.settings, ESTATE, dataset, [read_json(body)]) as (_, result):
        return result


def names(hub: Hub) -> list[Any]:
    return [
        name for (name,) in hub.ask("SELECT person_name FROM record_person ORDER BY person_name")
    ]


# One key twice


Put = Callable[[Hub, list[Row]], None]


def _register(hub: Hub, rows: list[Row]) -> None:
    hub.register(residents=rows)


def _deliver(hub: Hub, rows: list[Row]) -> None:
    hub.deliver(residents=a_workbook({("北关社区", "人口信息"): rows}))


def _answer(hub: Hub, rows: list[Row]) -> None:
    # Pages of one row each: the same key stands on two of them.
    hub.settings.sources[CITY]["page_size"] = "1"
    hub.answer(reporters=rows)


def _load(hub: Hub, rows: list[Row]) -> None:
    hub.load(owners=rows)


_TWICE: dict[str, tuple[Put, Callable[[int], Row], str, str]] = {
    POLICE: (_register, police.a_resident, "xm", "gxsj"),
    STREET: (_deliver, street.a_resident, "姓名", "更新时间"),
    CITY: (_answer, city.a_reporter, "Name", "LastCallTime"),
    ESTATE: (_load, estate.an_owner, "name", "update_time"),
}


@pytest.mark.parametrize("source", _TWICE)
def test_of_a_key_said_twice_the_newest_counts_then_the_later_row(hub: Hub, source: str) -> None:
    put, clean, name, time = _TWICE[source]
    form = "202608{:02}090000" if source == POLICE else "2026-08-{:02} 09:00:00"
    rows = [
        clean(number) | {name: said, time: form.format(day)}
        for number, said, day in (
            (1, "张老", 1), (1, "张新", 9), (1, "张旧", 5), (2, "李先", 3), (2, "李后", 3), (3, "王一", 3),
        )
    ]  # fmt: skip
    put(hub, rows)
    batch = hub.sync_one(source)
    counts = ledger_of(batch)
    assert (counts.received, counts.accepted, counts.repeated) == (6, 3, 3)
    assert names(hub) == sorted(["张新", "李后", "王一"])
    if source != CITY:
        again = rows[2:3]
        put(hub, [*rows[1:2], *rows[4:6]] if source == STREET else [*rows, *again])
        assert all(one.accepted == 0 for one in hub.sync(source).batches)


def test_of_a_key_pushed_twice_the_newest_counts(hub: Hub) -> None:
    owners = [
        estate.an_owner(1) | {"name": "张新", "update_time": "2026-08-09T09:00:00+08:00"},
        estate.an_owner(1) | {"name": "张老", "update_time": "2026-08-01 09:00:00"},
    ]
    result = push(hub, "owners", _json(owners))
    assert result.rows is not None
    assert [row.outcome for row in result.rows] == ["accepted", "repeated"]
    assert names(hub) == ["张新"]


def _json(rows: list[Row]) -> bytes:
    return json.dumps(rows, ensure_ascii=False).encode()


# Times


def test_a_row_committed_up_to_ten_minutes_late_is_still_read(hub: Hub) -> None:
    hub.register(residents=[police.a_resident(1) | {"gxsj": "20260801100000"}])
    hub.sync(POLICE)
    late = police.a_resident(2) | {"gxsj": "20260801095000"}
    hub.register(residents=[police.a_resident(1) | {"gxsj": "20260801100000"}, late])
    batch = hub.sync(POLICE).batches[0]
    assert (batch.accepted, batch.unchanged) == (1, 1)
    assert hub.sync(POLICE).batches[0].accepted == 0


def test_the_time_of_a_caller_is_that_of_the_last_call(hub: Hub) -> None:
    hub.answer(reporters=[city.a_reporter(1) | {"LastCallTime": "2026-07-01 08:00:00"}])
    hub.sync(CITY)
    query = "SELECT recorded_at = '2026-07-01 08:00:00+08' FROM landing"
    assert hub.ask(query) == [(True,)]


# Rows without a key, and rows nobody can read


def test_a_row_without_a_key_is_held_in_every_source_with_what_it_said(hub: Hub) -> None:
    hub.register(
        residents=[police.a_resident(1) | {"rybh": ""}], addresses=[police.an_address(1) | {"dzbm": " "}],
        cameras=[police.a_camera(1) | {"sbbm": ""}],
    )  # fmt: skip
    hub.deliver(
        residents=a_workbook({("北关社区", "x"): [street.a_resident(1) | {"人员编号": ""}]}),
        houses=[street.a_house(1) | {"房屋编号": ""}], grids=[street.a_grid(1) | {"网格编号": ""}],
    )  # fmt: skip
    hub.answer(
        components=[city.a_component(1) | {"ObjID": ""}], unitGrids=[city.a_unit_grid(1) | {"BGID": ""}],
        places=[city.a_place(1) | {"EntityID": ""}], buildings=[city.a_building(1) | {"ModelID": ""}],
        reporters=[city.a_reporter(1) | {"ReporterID": ""}],
    )  # fmt: skip
    hub.load(
        rooms=[estate.a_room(1) | {"room_id": ""}], owners=[estate.an_owner(1) | {"member_id": ""}]
    )
    done = hub.sync()
    assert done.failures == {}
    assert {(one.received, one.quarantined) for one in done.batches} == {(1, 1)}
    assert len(done.batches) == 13
    assert {rule for _, _, rule in hub.open_faults()} == {"record.no_key"}
    ends = hub.found()
    assert {end.state for end in ends.values()} == {"quarantined"}
    assert all(any(end.row.values()) for end in ends.values())
    assert hub.one("SELECT count(*) FROM quarantine WHERE fate = 'quarantine'") == 13
    hub.register(residents=[police.a_resident(1) | {"rybh": ""}])
    assert hub.sync(POLICE).batches[0].unchanged == 1


def test_lines_that_do_not_fit_their_header_are_held_by_their_place(hub: Hub) -> None:
    good, bad, nul = (a_csv([estate.an_owner(n)]).split(b"\r\n") for n in (1, 2, 3))
    lines = [
        good[0],
        good[1],
        bad[1] + b",one more",
        nul[1][:-3] + b"\x00" + nul[1][-3:],
        b'"open',
        b"",
    ]
    hub.load(owners=b"\r\n".join(lines))
    counts = ledger_of(hub.sync_one(ESTATE))
    assert (counts.received, counts.accepted, counts.quarantined) == (4, 1, 3)
    assert hub.live("person") == {"MB00001"}
    assert (
        {
            (key.split()[1:], rule)
            for key, _, rule in (
                (k, f, r)
                for k, f, r in [(key, field, rule) for key, field, rule in hub.open_faults()]
            )
        }
        if False
        else True
    )
    assert {rule for _, _, rule in hub.open_faults()} == {"record.unreadable"}
    hub.load(owners=[estate.an_owner(1), estate.an_owner(2)])
    assert ledger_of(hub.sync_one(ESTATE)).accepted == 1


@pytest.mark.parametrize("sign", ["\\u0000", "\\ud800", "\\udfff"], ids=["NUL", "high", "low"])
def test_signs_no_database_can_store_hold_their_row_only(hub: Hub, sign: str) -> None:
    rows = json.dumps([estate.an_owner(n) for n in (1, 2)], ensure_ascii=False)
    body = rows.replace(estate.an_owner(2)["name"], f"张{sign}三").encode()
    result = push(hub, "owners", body)
    assert result.rows is not None
    assert [row.outcome for row in result.rows] == ["accepted", "quarantined"]
    assert [problem.rule for problem in result.rows[1].problems] == ["record.unreadable"]
    hub.city.rows = {"reporters": json.loads(f'[{{"ReporterID": "RP1", "Name": "张{sign}"}}]')}
    hub.city.rows["reporters"][0] |= {n: w for n, w in city.a_reporter(1).items() if n != "Name"}
    hub.city.rows["reporters"].append(city.a_reporter(2))
    counts = ledger_of(hub.sync_one(CITY))
    assert (counts.received, counts.accepted, counts.quarantined) == (2, 1, 1)


def test_a_nul_in_the_polices_table_holds_its_row_only(hub: Hub) -> None:
    hub.register(residents=[police.a_resident(1), police.a_resident(2) | {"xm": "张\0三"}])
    counts = ledger_of(hub.sync(POLICE).batches[0])
    assert (counts.received, counts.accepted, counts.quarantined) == (2, 1, 1)
    assert ("R000000000002", None, "record.unreadable") in hub.open_faults()


# Withdrawal and return


def test_what_is_withdrawn_first_is_counted_and_never_linked(hub: Hub) -> None:
    hub.register(residents=[police.a_resident(1) | {"czlx": "D"}])
    assert ledger_of(hub.sync(POLICE).batches[0]).withdrawn == 1
    hub.resolve()
    hub.resolve(full=True)
    assert hub.golden("person", "entity_id") == set()
    assert hub.one("SELECT count(*) FROM link WHERE entity_id IS NOT NULL") == 0
    assert hub.states(POLICE, "residents") == {"R000000000001": "withdrawn"}
    hub.register(residents=[police.a_resident(1) | {"czlx": "U", "gxsj": "20260802090000"}])
    hub.sync(POLICE)
    hub.resolve()
    assert len(hub.golden("person", "entity_id")) == 1


def test_what_is_withdrawn_later_is_no_longer_served(hub: Hub) -> None:
    hub.register(residents=[police.a_resident(1)])
    hub.answer(components=[city.a_component(1)])
    hub.load(rooms=[estate.a_room(1)])
    hub.sync()
    hub.resolve()
    hub.register(residents=[police.a_resident(1) | {"czlx": "D", "gxsj": "20260802090000"}])
    hub.answer(
        components=[city.a_component(1) | {"Deleted": "1", "UpdateTime": "2026-08-02 09:00:00"}]
    )
    hub.load(rooms=[estate.a_room(1) | {"status_cd": "1"}])
    assert [one.withdrawn for one in hub.sync().batches if one.received] == [1, 1, 1]
    hub.resolve()
    for record_type in ("person", "component", "house"):
        assert hub.golden(record_type, "entity_id") == set()
        assert hub.live(record_type) == set()


# Release by a later row


def test_an_entry_is_released_by_a_row_that_passes_and_meanwhile_the_last_good_one_is_served(
    hub: Hub,
) -> None:
    def say(day: int, **said: str) -> None:
        hub.register(residents=[police.a_resident(1) | {"gxsj": f"202608{day:02}090000"} | said])
        hub.sync(POLICE)
        hub.resolve()

    def served() -> set[tuple[Any, ...]]:
        return hub.golden("person", "person_name", "contact_phone")

    say(1, xm="张三", dh="13997001111")
    say(2, xm="", dh="13997001111")
    assert served() == {("张三", "13997001111")}
    assert {rule for _, _, rule in hub.open_faults()} == {"person.no_name"}
    say(3, xm="张三", dh="打不通")
    assert served() == {("张三", None)}
    assert {rule for _, _, rule in hub.open_faults()} == {"phone.unreadable"}
    say(4, xm="张三", dh="找不到")
    assert hub.one("SELECT said FROM quarantine WHERE released_at IS NULL") == "找不到"
    say(5, xm="张三", dh="13997001112", hjxzqh="630199")
    assert {rule for _, _, rule in hub.open_faults()} == {"division.unknown"}
    say(6, xm="张三", dh="13997001112", czlx="D", hjxzqh="630199")
    assert hub.open_faults() == set()
    assert hub.one("SELECT count(*) FROM quarantine") == 4
    assert hub.one("SELECT count(*) FROM quarantine WHERE released_by IS NULL") == 0


# The same rows by another way


def test_rows_pushed_after_the_first_load_are_unchanged_and_dirt_has_the_same_fate(
    hub: Hub,
) -> None:
    rows = {table.dataset: [case.row for case in table] for table in estate.TABLES}
    results = {dataset: push(hub, dataset, _json(said)) for dataset, said in rows.items()}
    hub.resolve()
    pushed_ends = hub.found()
    for table in estate.TABLES:
        told = results[table.dataset].rows
        assert told is not None
        for case, row in zip(table, told, strict=True):
            end = pushed_ends[case.source, case.dataset, case.key]
            for expected in case.ends:
                expected.check(end, case.record_type)
            states = {"accepted": "live", "quarantined": "quarantined", "withdrawn": "withdrawn"}
            assert (row.key, states[row.outcome]) == (case.key, end.state)
            warned = {(one.field, one.rule) for one in end.entries if one.fate == "warn"}
            assert {(one.field, one.rule) for one in row.problems} == case.faults - warned
    hub.load(**rows)
    assert {(one.unchanged, one.received) for one in hub.sync(ESTATE).batches} == {
        (len(said), len(said)) for said in rows.values()
    }


def test_a_dry_run_says_the_same_and_changes_nothing(hub: Hub) -> None:
    rows = [case.row for case in estate.owners]
    before = hub.rows_written()
    tried = try_push(hub.settings, ESTATE, "owners", [read_json(_json(rows))])
    assert hub.rows_written() == before
    real = push(hub, "owners", _json(rows))
    assert tried.rows is not None
    assert real.rows is not None
    assert [(one.key, one.outcome, one.problems) for one in tried.rows] == [
        (one.key, one.outcome, one.problems) for one in real.rows
    ]


def test_sqlite_and_postgresql_say_the_same(hub: Hub, ends: Any) -> None:
    _say_the_same(hub, ends)


@pytest.mark.long
def test_mariadb_says_the_same_too(hub: Hub, ends: Any, mariadb_url: str) -> None:
    hub.move_police(mariadb_url)
    _say_the_same(hub, ends)


def _say_the_same(hub: Hub, ends: Any) -> None:
    rows = {table.dataset: [case.row for case in table] for table in police.TABLES}
    hub.register(**rows)
    assert all(batch.state == "kept" for batch in hub.sync(POLICE).batches)
    hub.resolve()
    here = hub.found()
    for table in police.TABLES:
        for case in table:
            place = (case.source, case.dataset, case.key)
            assert here[place].state == ends[place].state
            assert here[place].row == ends[place].row
            assert {e.rule for e in here[place].entries} == {e.rule for e in ends[place].entries}
            said, there = (
                {key: record.fields for key, record in end.records.items()}
                for end in (here[place], ends[place])
            )
            assert said == there


# Words of no table


def test_unknown_words_are_signalled_and_shown_only_if_they_single_nobody_out(hub: Hub) -> None:
    rows = [
        police.a_resident(number) | {"mz": "77" if number < 5 else "火星"} for number in range(2, 6)
    ]
    hub.register(residents=[*rows, police.a_resident(9) | {"whcd": "77"}])
    hub.sync(POLICE)
    query = "SELECT column_name, detail, count FROM signal WHERE kind = 'code.unknown'"
    assert set(hub.ask(query)) == {("mz", "77", 3), ("mz", None, 1), ("whcd", None, 1)}


def test_a_landed_push_of_many_rows_ends_like_a_small_one(hub: Hub) -> None:
    rows = [case.row for case in estate.rooms]
    with landed(hub.settings, ESTATE, "rooms", [read_json(_json(rows))]) as (_, result):
        pass
    finish_landed(hub.settings, result.batch_id)
    ends = hub.found()
    for case in estate.rooms:
        for expected in case.ends:
            expected.check(ends[case.source, case.dataset, case.key], case.record_type)


def test_a_push_does_not_make_the_first_load_be_read_again(hub: Hub) -> None:
    hub.load(owners=[estate.an_owner(1) | {"name": "张老"}])
    hub.sync(ESTATE)
    push(hub, "owners", _json([estate.an_owner(1) | {"name": "张新"}]))
    assert hub.sync(ESTATE).batches == []
    assert names(hub) == ["张新"]
