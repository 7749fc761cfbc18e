"""The public fields of the record type `address`."""

from __future__ import annotations

from typing import Any, ClassVar

from schemas.field import Section, public, refer
from schemas.geo_entity import GeoEntity
from schemas.kinds import (
    BuildingNo,
    Coded,
    Doorplate,
    Floor,
    Geometry,
    Identifier,
    ListOf,
    RoomNo,
    SubdistrictCode,
    Text,
    UnitNo,
)
from schemas.territory import Territory


class Address(Section):
    """A standard address of the public-security address base."""

    record_type: ClassVar[str] = "address"
    collection: ClassVar[str] = "addresses"
    title_zh: ClassVar[str] = "标准地址"
    letter: ClassVar[str] = "A"

    address_code: str | None = public(
        "ADR-001",
        Identifier(r"[0-9A-Z]{6,40}"),
        "地址编码",
        "Address code",
        "Code of the standard address. The city's issued code where one exists (public-security "
        "standard address or place-name office); otherwise hub-built from division + street or "
        "yard + building + unit + room.",
        authority="public_security",
        sharing="unconditional",
        level="L2",
        standard="GB/T 39609-2020; GB/T 23705-2009; DB63/T 1964-2021 (Qinghai)",
        required=True,
    )
    standard_address: str | None = public(
        "ADR-002",
        Text(200, form="NFKC", spaces=False),
        "标准地址",
        "Standard address",
        "Full address text rebuilt from the parts: province, city, county, street/town, "
        "community, road, doorplate, compound, building, unit, room.",
        authority="public_security",
        sharing="unconditional",
        level="L2",
        standard="GB/T 39609-2020 (division-type address); GB/T 35639-2017; 地名管理条例 Art 21",
        required=True,
    )
    subdistrict_code: str | None = public(
        "ADR-003",
        SubdistrictCode(),
        "街道(乡镇)代码",
        "Subdistrict (town) code",
        "Nine-digit code: 6 division + 3 (001-099 street office, 100-199 town, 200-399 "
        "township, 400-599 merged with enterprise or park; ranges warn, the table decides).",
        authority="street_office",
        sharing="unconditional",
        level="L1",
        standard="GB/T 10114-2003",
        required=True,
    )
    thoroughfare_name: str | None = public(
        "ADR-004",
        Text(60),
        "街路巷名称",
        "Thoroughfare name",
        "Standard name of street, road or lane (jlxmc in police systems).",
        authority="public_security",
        sharing="unconditional",
        level="L1",
        standard="GB/T 39609-2020; 地名管理条例 Art 3",
    )
    doorplate_no: str | None = public(
        "ADR-005",
        Doorplate(),
        "门牌号",
        "Doorplate number",
        "Doorplate on the thoroughfare without the suffix character, half-width digits: 36, "
        "36-2, 36附1. Empty in old compounds; then ADR-006 is required.",
        authority="public_security",
        sharing="unconditional",
        level="L2",
        standard="GB/T 39609-2020",
    )
    compound_name: str | None = public(
        "ADR-006",
        Text(60),
        "小区(院落)名称",
        "Residential compound name",
        "Name of the residential compound, courtyard or dormitory area.",
        authority="public_security",
        sharing="unconditional",
        level="L1",
        standard="GB/T 39609-2020; 地名管理条例 Art 3(6)",
    )
    building_no: str | None = public(
        "ADR-007",
        BuildingNo(),
        "楼栋号",
        "Building number",
        "Building number inside the compound: digits or letter, Chinese numerals converted, "
        "suffix 栋/幢/号楼/座 removed.",
        authority="public_security",
        sharing="unconditional",
        level="L2",
        standard="GB/T 39609-2020",
    )
    unit_no: str | None = public(
        "ADR-008",
        UnitNo(),
        "单元号",
        "Unit (stairwell) number",
        "Unit or stairwell number with the suffix 单元 removed. A one-unit building has 1 only "
        "where a unit plate exists; otherwise empty.",
        authority="public_security",
        sharing="unconditional",
        level="L2",
        standard="GB/T 39609-2020",
    )
    floor_no: int | None = public(
        "ADR-009",
        Floor(),
        "楼层号",
        "Floor number",
        "Real floor; B1 becomes -1. Taken from the room number only when the compound's "
        "numbering rule is known (skipped floors 4, 13, 14 exist).",
        authority="public_security",
        sharing="unconditional",
        level="L2",
        standard="GB/T 39609-2020",
    )
    room_no: str | None = public(
        "ADR-010",
        RoomNo(),
        "户室号",
        "Room number",
        "Room (flat) number. Conditional and personal, because with a name it tells where a "
        "person lives.",
        authority="public_security",
        sharing="conditional",
        level="L3",
        standard="GB/T 39609-2020",
    )
    address_aliases: list[str] | None = public(
        "ADR-011",
        ListOf(Text(200), 50),
        "别名地址",
        "Address aliases",
        "Former names, popular names and spellings met in source systems. Only down to the "
        "building; room-level variants are kept in the match log.",
        authority="hub",
        sharing="unconditional",
        level="L2",
        standard="GB/T 23705-2009 alias element (from memory)",
    )
    address_point: dict[str, Any] | None = public(
        "ADR-012",
        Geometry(("Point",), anywhere=True),
        "地址点位置",
        "Address point",
        "Entrance point of the building, else centroid of its footprint.",
        authority="surveying",
        sharing="unconditional",
        level="L2",
        standard="GB/T 39609-2020 (coordinate-type address); 测绘法 Art 10",
    )
    address_status: str | None = public(
        "ADR-013",
        Coded("HUB-LIFECYCLE"),
        "地址状态",
        "Address status",
        "1 in use, 2 planned, 3 suspended, 4 abolished. Abolished addresses stay so that old "
        "records resolve.",
        authority="public_security",
        sharing="unconditional",
        level="L1",
        standard="HUB",
        required=True,
    )
    division_code: str | None = refer(GeoEntity, "division_code")
    community_code: str | None = refer(Territory, "community_code")
    source_crs: str | None = refer(GeoEntity, "source_crs")
    grid_code: str | None = refer(Territory, "grid_code")
