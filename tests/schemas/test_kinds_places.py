"""Codes of places and things, numbers on doors."""

import pytest

from schemas.kinds import (
    BuildingNo,
    Coded,
    CommunityCode,
    ComponentClass,
    ComponentId,
    DeviceCode,
    DivisionCode,
    Doorplate,
    GridCode,
    Identifier,
    Kind,
    PoliceOrganCode,
    RoomNo,
    SubdistrictCode,
    UnitGridCode,
    UnitNo,
    Verdict,
)


@pytest.mark.parametrize(
    ("kind", "said", "value", "note"),
    [
        (DivisionCode(), "630102", "630102", None),
        (DivisionCode(), "630102000000", "630102", None),
        (DivisionCode(), "６３０１０２", "630102", None),
        (DivisionCode(), "630122", "630122", None),
        (DivisionCode(), "630102.0", "630102", None),
        (DivisionCode(), "990101", "990101", "division.unknown"),
        (SubdistrictCode(), "630102001", "630102001", None),
        (SubdistrictCode(), "630102001000", "630102001", None),
        (SubdistrictCode(), "630102999", "630102999", "subdistrict.unusual"),
        (SubdistrictCode(), "990101001", "990101001", "division.unknown"),
        (CommunityCode(), "630102001001", "630102001001", None),
        (CommunityCode(), "630102400498", "630102400498", None),
        (CommunityCode(), "630102001777", "630102001777", "community.unusual"),
        (CommunityCode(), "990101001001", "990101001001", "division.unknown"),
        (GridCode(), "630102001001003", "630102001001003", None),
        (UnitGridCode(), "630102001001003", "630102001001003", None),
        (UnitGridCode(), "63010200100103", "63010200100103", "unit_grid.legacy"),
        (ComponentId(), " 6301020102000001", "6301020102000001", None),
        (ComponentId(), "63010201002000001", "63010201002000001", None),
        (ComponentClass(), "0102", "0102", None),
        (ComponentClass(), "01002", "01002", None),
        (DeviceCode(), "63010200001310000001", "63010200001310000001", None),
        (PoliceOrganCode(), "63010200q105", "63010200Q105", None),
        (Identifier("[0-9A-Z-]{8,64}"), "house-0001 ", "HOUSE-0001", None),
        (Identifier("[0-9A-Za-z_-]{6,40}"), "Ab_12-x", "Ab_12-x", None),
        (Identifier("P[0-9a-f]{32}"), "P" + "0a" * 16, "P" + "0a" * 16, None),
        (Doorplate(), "36号", "36", None),
        (Doorplate(), "36-2号", "36-2", None),
        (Doorplate(), "36号附1号", "36附1", None),
        (Doorplate(), "36附1", "36附1", None),
        (Doorplate(), "三十六号", "36", None),
        (Doorplate(), "甲36号", "36甲", None),
        (Doorplate(), "36号院", "36", None),
        (BuildingNo(), "3号楼", "3", None),
        (BuildingNo(), "3栋", "3", None),
        (BuildingNo(), "三幢", "3", None),
        (BuildingNo(), "3#", "3", None),
        (BuildingNo(), "3#楼", "3", None),
        (BuildingNo(), "３座", "3", None),
        (BuildingNo(), "第十二号楼", "12", None),
        (BuildingNo(), "a座", "A", None),
        (BuildingNo(), "1-2", "1-2", None),
        (UnitNo(), "2单元", "2", None),
        (UnitNo(), "二单元", "2", None),
        (UnitNo(), "两单元", "2", None),
        (RoomNo(), "501室", "501", None),
        (RoomNo(), "五〇一", "501", None),
        (RoomNo(), "0501", "0501", None),
        (RoomNo(), "1-501", "1-501", None),
        (RoomNo(), "501.0", "501", None),
    ],
)
def test_a_code_is_kept_in_its_own_form(
    kind: Kind, said: str, value: str, note: str | None
) -> None:
    assert kind.verdict(said) == Verdict(value, None, note)


@pytest.mark.parametrize(
    ("kind", "said", "rule"),
    [
        (DivisionCode(), "6301", "division.unreadable"),
        (DivisionCode(), "城东区", "division.unreadable"),
        (SubdistrictCode(), "63010200", "subdistrict.unreadable"),
        (CommunityCode(), "63010200100", "community.unreadable"),
        (GridCode(), "W-07", "grid_code.unreadable"),
        (UnitGridCode(), "6301020010010", "unit_grid.unreadable"),
        (ComponentId(), "123456789012345", "component_id.unreadable"),
        (ComponentClass(), "012", "component_class.unreadable"),
        (DeviceCode(), "6301020000131000000", "device_code.unreadable"),
        (PoliceOrganCode(), "63010200Q10", "police_organ.unreadable"),
        (Identifier("[0-9A-Z]{6,40}"), "a-b-c-d", "identifier.unreadable"),
        (Doorplate(), "无号码", "doorplate.unreadable"),
        (BuildingNo(), "东楼", "building_no.unreadable"),
        (UnitNo(), "东单元", "unit_no.unreadable"),
        (RoomNo(), "3-1-0501", "room_no.unreadable"),
    ],
)
def test_a_code_of_another_form_is_blanked(kind: Kind, said: str, rule: str) -> None:
    assert kind.verdict(said) == Verdict(None, rule)


@pytest.mark.parametrize("kind", [DivisionCode(), GridCode(), BuildingNo(), RoomNo(), UnitNo()])
def test_a_zero_is_nothing_said(kind: Kind) -> None:
    assert kind.verdict("0") == Verdict(None)


@pytest.mark.parametrize(
    ("table", "said", "code"),
    [
        ("GB/T 2261.1", "男", "1"),
        ("GB/T 2261.1", "01", "1"),
        ("GB/T 2261.1", "0", "0"),
        ("GB/T 2261.1", "1.0", "1"),
        ("GB/T 2261.2", "1", "10"),
        ("GB/T 2261.2", "离异", "40"),
        ("GB/T 3304", "汉", "01"),
        ("GB/T 3304", "汉族", "01"),
        ("GB/T 3304", "3", "03"),
        ("GB/T 4762", "1", "01"),
        ("GB/T 4762", "群众", "13"),
        ("GB/T 4658", "大专", "30"),
        ("FWJG", "钢混", "02"),
        ("FWJG", "钢筋混凝土", "03"),
        ("HUB-CRS", "gcj-02", "GCJ02"),
        ("HUB-CMP-STATUS", " 完 好 ", "1"),
        ("GA/T 517", "111", "111"),
    ],
)
def test_a_code_is_found_for_a_code_a_label_or_a_short_form(
    table: str, said: str, code: str
) -> None:
    assert Coded(table).verdict(said) == Verdict(code)


@pytest.mark.parametrize(
    ("table", "said"),
    [("GB/T 4658", "文盲"), ("GB/T 2261.4", "在业"), ("GB/T 3304", "57"), ("GB/T 2261.1", "3")],
)
def test_what_the_table_lacks_is_blanked(table: str, said: str) -> None:
    assert Coded(table).verdict(said) == Verdict(None, "code.unknown")
