"""Where things are: spellings of one home, ties between rows, positions in grids."""

from __future__ import annotations

from typing import Any

import pytest

from tests.build import a_square
from tests.fates import city, estate, police, street
from tests.fates.cases import Row, a_name
from tests.fates.conftest import Hub
from tests.fates.sources import a_workbook

COMMUNITY = "630102001001"


def a_house(number: int, building: str, unit: str, room: str) -> Row:
    said = {"小区": "为民小区", "楼栋": building, "单元": unit, "房号": room}
    return street.a_house(number) | said


def a_room(number: int, **said: str) -> Row:
    usual = {"community_name": "为民小区", "floor_num": "3", "unit_num": "1", "room_num": "501"}
    return estate.a_room(number) | usual | said


@pytest.fixture
def placed(hub: Hub) -> Hub:
    """A hub that knows in which community the compound 为民小区 lies."""
    hub.deliver(
        grids=[street.a_grid(1) | {"网格类型": "社区网格", "边界": a_square(101.79, 36.61)}]
    )
    hub.answer(places=[
        city.a_place(1) | {"Name": "为民小区", "Class": "01", "SZSQDM": COMMUNITY,
                           "Boundary": "POINT (101.795 36.615)"},
    ])  # fmt: skip
    hub.sync()
    return hub


def homes(hub: Hub) -> list[set[Any]]:
    """Return the keys of the records of each house."""
    hub.resolve()
    query = """SELECT array_agg(r.key) FROM link l JOIN record_house r USING (record_id)
        WHERE l.entity_id IS NOT NULL GROUP BY l.entity_id ORDER BY min(r.key)"""
    return [set(keys) for (keys,) in hub.ask(query)]


def test_one_home_in_every_spelling_is_one_house(placed: Hub) -> None:
    spellings = [
        ("3号楼", "1单元"),
        ("3栋", "一单元"),
        ("三幢", "1"),
        ("3#", "1单元"),
        ("３号楼", "1"),
    ]
    rows = [a_house(n, *spelling, "501室") for n, spelling in enumerate(spellings)]
    placed.deliver(houses=[*rows, a_house(90, "4号楼", "1单元", "501")])
    placed.load(rooms=[
        a_room(1), a_room(2, room_num="3-1-0501", floor_num="", unit_num=""), a_room(3, room_num="3-1-501"),
        a_room(4, floor_num="3栋", unit_num="1单元", room_num="0501"), a_room(5, floor_num="4"),
        a_room(6, floor_num="", unit_num="", room_num="", location="城东区为民小区3号楼1单元501室"),
    ])  # fmt: skip
    placed.sync()
    same = {row["房屋编号"] for row in rows} | {
        "RM00001",
        "RM00002",
        "RM00003",
        "RM00004",
        "RM00006",
    }
    assert homes(placed) == [same, {"FW00090", "RM00005"}]


def test_people_live_in_the_house_that_their_address_names(placed: Hub) -> None:
    where = (
        "为民小区3号楼1单元501室",
        "为民小区3栋1单元501",
        "城东区为民小区三幢一单元501室",
        "为民小区3-1-501",
    )
    placed.deliver(
        houses=[a_house(1, "3号楼", "1单元", "501")],
        residents=a_workbook({("北关社区", "x"): [
            street.a_resident(n) | {"现住址": said} for n, said in enumerate(where)]}),
    )  # fmt: skip
    placed.register(
        residents=[police.a_resident(9) | {"jzdzxz": "青海省西宁市城东区为民小区3号楼1单元501室"}]
    )
    placed.sync()
    placed.resolve()
    (code,) = placed.golden("house", "house_code")
    assert placed.golden("person", "house_code") == {code}
    assert placed.one("SELECT count(*) FROM relation WHERE role = 'resident'") == 5


def test_an_owner_belongs_to_the_room_and_gives_it_a_name_and_a_telephone(placed: Hub) -> None:
    placed.load(
        rooms=[a_room(1), a_room(2, floor_num="7")],
        owners=[
            estate.an_owner(1) | {"room_id": "RM00001", "link": "13997001111", "name": "张三、李四"},
            estate.an_owner(2) | {"room_id": "RM00001", "owner_type_cd": "1002"},
            estate.an_owner(3) | {"room_id": "RM00001", "owner_type_cd": "1003"},
            estate.an_owner(4) | {"room_id": "RM00002", "name": "某某置业有限公司", "id_card": ""},
        ],
    )  # fmt: skip
    placed.sync("property")
    placed.resolve()
    assert placed.golden("house", "building_no", "owner_name", "owner_phone") == {
        ("3", "张三、李四", "13997001111"), ("7", "某某置业有限公司", None),
    }  # fmt: skip
    query = """SELECT p.person_name, r.role FROM relation r JOIN golden_person p ON p.entity_id = r.from_id
        JOIN golden_house h ON h.entity_id = r.to_id AND h.building_no = '3'"""
    assert set(placed.ask(query)) == {
        ("张三", "owner"), ("李四", "owner"), (a_name(90_002), "family"), (a_name(90_003), "tenant"),
    }  # fmt: skip


def test_the_street_office_says_who_lives_in_a_room_and_the_property_company_only_till_then(
    placed: Hub,
) -> None:
    placed.load(rooms=[a_room(1, state="2002")])
    placed.sync("property")
    placed.resolve()
    assert placed.golden("house", "occupancy_status", "marks ->> 'occupancy_status'") == {
        ("9", "provisional")
    }
    placed.deliver(houses=[a_house(1, "3号楼", "1单元", "501") | {"居住状态": "出租"}])
    placed.sync("street_office")
    placed.resolve()
    assert placed.golden("house", "occupancy_status") == {("2",)}


def test_a_position_says_in_which_grid_and_community_something_is(placed: Hub) -> None:
    here = {"PointX": "101.7951", "PointY": "36.6151"}
    placed.answer(
        components=[city.a_component(1) | here, city.a_component(2) | here | {"SZSQDM": "630102001004"},
                    city.a_component(3) | {"PointX": "101.9", "PointY": "36.6"}],
        places=[city.a_place(7) | {"CRS": "", "Boundary": "POINT (101.7951 36.6151)"},
                city.a_place(8) | {"CRS": "WGS84", "Boundary": "POINT (101.7951 36.6151)"}],
    )  # fmt: skip
    placed.register(
        addresses=[police.an_address(1) | {"zbx": "36.6151", "zby": "101.7951"}],
        cameras=[police.a_camera(1) | {"jd": "101.7951", "wd": "36.6151"}],
    )  # fmt: skip
    placed.sync()
    placed.resolve()
    grid = f"{COMMUNITY}001"
    assert placed.golden("component", "component_id", "community_code", "grid_code") == {
        ("6301020200000001", COMMUNITY, grid), ("6301020200000002", "630102001004", grid),
        ("6301020200000003", None, None),
    }  # fmt: skip
    # A place whose frame nobody knows decides nothing.
    assert placed.golden("geo_entity", "geo_entity_id", "community_code") >= {
        ("CD-C-0007", None), ("CD-C-0008", COMMUNITY),
    }  # fmt: skip
    assert placed.golden("address", "community_code", "grid_code") == {(COMMUNITY, grid)}
    assert placed.golden("camera", "community_code", "grid_code") == {(COMMUNITY, grid)}


# What spans records


def warnings(hub: Hub) -> set[tuple[Any, ...]]:
    query = """SELECT key, field, rule, fate, said FROM quarantine
        WHERE released_at IS NULL AND rule IN ('component.outside_grid', 'house.people_differ')"""
    return set(hub.ask(query))


def test_a_component_outside_its_unit_grid_is_warned_of_until_it_is_inside(hub: Hub) -> None:
    grid = {"BGID": "630102001001001", "Boundary": a_square(101.79, 36.61)}
    inside, outside = (
        {"BGID": grid["BGID"], "PointX": x, "PointY": "36.615"} for x in ("101.795", "101.81")
    )
    hub.answer(
        unitGrids=[city.a_unit_grid(1) | grid],
        components=[city.a_component(1) | inside, city.a_component(2) | outside,
                    city.a_component(3) | outside | {"BGID": "630102001001009"},
                    city.a_component(4) | inside | {"PointX": "101.79"}],
    )  # fmt: skip
    hub.sync()
    hub.resolve(full=True)
    expected = (
        "6301020200000002",
        "unit_grid_code",
        "component.outside_grid",
        "warn",
        "630102001001001",
    )
    assert warnings(hub) == {expected}
    assert ("6301020200000002", "630102001001001") in hub.golden(
        "component", "component_id", "unit_grid_code"
    )
    before = hub.rows_written()["quarantine"]
    hub.resolve(full=True)
    assert hub.rows_written()["quarantine"] == before
    # News of the row do not close a warning that a check across records opened.
    moved = city.a_component(2) | outside | {"ObjState": "1", "UpdateTime": "2026-08-02 09:00:00"}
    hub.city.rows["components"][1] = moved
    hub.sync()
    hub.resolve()
    assert warnings(hub) == {expected}
    hub.city.rows["components"][1] = moved | inside | {"UpdateTime": "2026-08-03 09:00:00"}
    hub.sync()
    hub.resolve(full=True)
    assert warnings(hub) == set()


def test_one_cover_listed_by_two_companies_is_two_components_and_a_signal(hub: Hub) -> None:
    cover = {"LargeClass": "01", "PointX": "101.7950000", "PointY": "36.615"}
    water, telecom = (
        {"ObjName": "上水井盖", "SmallClass": "01"},
        {"ObjName": "通讯井盖", "SmallClass": "07"},
    )
    near, far, lamp = (
        {"PointX": "101.7950050"},
        {"PointX": "101.7950500"},
        {"ObjName": "路灯", "SmallClass": "20"},
    )
    hub.answer(components=[
        city.a_component(1) | cover | water, city.a_component(2) | cover | telecom | near,
        city.a_component(3) | cover | telecom | far, city.a_component(4) | cover | lamp,
    ])  # fmt: skip
    hub.sync()
    for _ in range(2):
        hub.resolve(full=True)
        query = "SELECT source, dataset, detail, count FROM signal WHERE kind = 'component.twice'"
        assert hub.ask(query) == [
            ("urban_management", "components", "6301020200000001 6301020200000002", 2)
        ]
    assert len(hub.golden("component", "component_id")) == 4
    moved = city.a_component(2) | cover | telecom | {"PointX": "101.7952000"}
    hub.answer(components=[moved | {"UpdateTime": "2026-08-30 09:30:00"}])
    hub.sync()
    hub.resolve(full=True)
    closed = "SELECT closed_at IS NOT NULL, closed_by FROM signal WHERE kind = 'component.twice'"
    assert hub.ask(closed) == [(True, None)]


def test_a_house_that_counts_other_people_than_live_there_is_warned_of(placed: Hub) -> None:
    home = {"现住址": "为民小区3号楼1单元501室"}
    houses = [
        a_house(1, "3号楼", "1单元", "501") | {"实住人数": "3"},
        a_house(2, "4号楼", "1", "101"),
    ]
    people = [street.a_resident(n) | home for n in (1, 2)]
    placed.deliver(houses=houses, residents=a_workbook({("北关社区", "x"): people}))
    placed.sync()
    placed.resolve(full=True)
    assert warnings(placed) == {("FW00001", "resident_count", "house.people_differ", "warn", "3")}
    assert ("3", 3) in placed.golden("house", "building_no", "resident_count")
    people = [street.a_resident(n) | home for n in (1, 2, 3)]
    dead = street.a_resident(4) | home | {"姓名": "马四(已故)"}
    placed.deliver(residents=a_workbook({("北关社区", "x"): [*people, dead]}))
    placed.sync()
    placed.resolve(full=True)
    assert warnings(placed) == set()


def test_a_grids_police_area_is_that_of_most_of_its_addresses(placed: Hub) -> None:
    here = {"zbx": "101.795", "zby": "36.615"}

    def say(*organs: str, full: bool = False) -> set[tuple[Any, ...]]:
        rows = [police.an_address(n) | here | {"jwqdm": organ, "gxsj": f"2026080{len(organs)}090000"}
                for n, organ in enumerate(organs)]  # fmt: skip
        placed.register(addresses=rows)
        placed.sync("public_security")
        placed.resolve(full=full)
        return placed.golden("grid", "police_organ_code")

    assert say("63010200Q102", "63010200Q101", "什么") == {("63010200Q101",)}
    assert say("63010200Q102", "63010200q102", "63010200Q101", "") == {("63010200Q102",)}
    versions = placed.golden("grid", "version")
    placed.resolve(full=True)
    assert placed.golden("grid", "police_organ_code", "version") == {
        ("63010200Q102", *versions.pop())
    }
    origins = placed.one("SELECT origins FROM golden_grid")
    assert any(origin >= 0 and origin % 8 == 6 for origin in origins)
    withdrawn = [police.an_address(n) | here | {"jwqdm": "63010200Q102", "czlx": "D", "gxsj": "20260809090000"}
                 for n in (0, 1)]  # fmt: skip
    placed.register(addresses=withdrawn)
    placed.sync("public_security")
    placed.resolve()
    assert placed.golden("grid", "police_organ_code") == {("63010200Q101",)}


# Who is who, where dirt might mix people up


def test_one_person_registered_twice_is_one_and_people_with_an_agents_telephone_are_many(
    placed: Hub,
) -> None:
    twice = [police.a_resident(n) | {"gmsfhm": police.a_resident(1)["gmsfhm"]} for n in (1, 2)]
    placed.register(residents=[row | {"xm": "马一"} for row in twice])
    agent = {"link": "13997001111", "id_card": "", "owner_type_cd": "1003"}
    placed.load(owners=[estate.an_owner(n) | agent | {"room_id": f"R{n}"} for n in range(8)])
    placed.sync()
    placed.resolve()
    names = [name for (name,) in placed.ask("SELECT person_name FROM golden_person")]
    assert sorted(names) == sorted(["马一", *(a_name(90_000 + n) for n in range(8))])
