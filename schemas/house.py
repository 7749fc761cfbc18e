"""The public fields of the record type `house`."""

from __future__ import annotations

from typing import ClassVar

from schemas.address import Address
from schemas.field import Section, public, refer
from schemas.kinds import (
    Boolean,
    Coded,
    Identifier,
    Integer,
    ListOf,
    Number,
    OwnerId,
    Phone,
    Text,
    Uscc,
)
from schemas.territory import Territory


class House(Section):
    """A dwelling or other unit of a building."""

    record_type: ClassVar[str] = "house"
    collection: ClassVar[str] = "houses"
    title_zh: ClassVar[str] = "房屋"
    letter: ClassVar[str] = "H"

    house_code: str | None = public(
        "HOU-001",
        Identifier(r"[0-9A-Z-]{8,64}"),
        "房屋编码",
        "House (dwelling unit) code",
        "Code of one flat or house. The city's official house code where issued; otherwise "
        "hub-built as building code + unit + room and replaced when the official one comes.",
        authority="hub",
        sharing="unconditional",
        level="L2",
        standard="JGJ/T 496-2022; local rules (e.g. Shenzhen 25 digits)",
        required=True,
    )
    building_code: str | None = public(
        "HOU-002",
        Identifier(r"[0-9A-Z-]{8,64}"),
        "楼栋编码",
        "Building code",
        "Code of the building; parent of HOU-001 and key to the 3D model and the footprint.",
        authority="hub",
        sharing="unconditional",
        level="L2",
        standard="JGJ/T 496-2022",
        required=True,
    )
    real_estate_unit_code: str | None = public(
        "HOU-003",
        Identifier(r"[0-9]{12}[A-Z]{2}[0-9]{5}[FLQW][0-9]{8}"),
        "不动产单元代码",
        "Real-estate unit code",
        "Code of the registered real-estate unit. Only through the natural-resources sharing "
        "service and for the purpose applied for.",
        authority="surveying",
        sharing="conditional",
        level="L3",
        standard=(
            "GB/T 37346-2019 (28 digits; inner layout from memory); 不动产登记暂行条例 Art 25-28"
        ),
    )
    house_use: str | None = public(
        "HOU-004",
        Coded("HUB-HOUSE-USE"),
        "房屋用途",
        "House use",
        "01 dwelling, 02 shop below dwelling, 03 shop, 04 office, 05 industry or storage, 06 "
        "school, 07 medical, 08 elderly care, 09 garage, 99 other.",
        authority="surveying",
        sharing="unconditional",
        level="L2",
        standard="GB/T 31000-2015 建筑用途 (table text not read)",
        required=True,
    )
    building_structure: str | None = public(
        "HOU-005",
        Coded("FWJG"),
        "建筑结构",
        "Building structure",
        "Structure class. Some systems use another order (e.g. 2 = reinforced concrete), so "
        "each connector needs its own map.",
        authority="surveying",
        sharing="unconditional",
        level="L2",
        standard="Housing-registration practice (table seen in a registry schema)",
    )
    floor_area_m2: float | None = public(
        "HOU-006",
        Number(0, 100_000, 2),
        "建筑面积",
        "Floor area",
        "Registered floor area; the property company's charging area is only a fallback and "
        "marked so.",
        authority="surveying",
        sharing="conditional",
        level="L3",
        standard="GB/T 17986 (from memory)",
    )
    tenure_type: str | None = public(
        "HOU-007",
        Coded("HUB-TENURE"),
        "产权性质",
        "Tenure type",
        "1 market-bought, 2 reformed public housing, 3 municipal public housing, 4 unit-owned "
        "dormitory, 5 public rental, 6 self-built, 7 collective land, 9 other or unknown.",
        authority="surveying",
        sharing="conditional",
        level="L3",
        standard="HUB",
    )
    occupancy_status: str | None = public(
        "HOU-008",
        Coded("HUB-OCCUPANCY"),
        "居住状态",
        "Occupancy status",
        "1 owner-occupied, 2 rented, 3 lent, 4 vacant, 5 not handed over, 6 business use, 9 "
        "unknown. Vacancy lists attract burglars, hence conditional.",
        authority="street_office",
        sharing="conditional",
        level="L3",
        standard="HUB; GB/T 31000-2015 住所类型 as input",
        required=True,
    )
    owner_name: str | None = public(
        "HOU-009",
        Text(100),
        "房屋产权人姓名",
        "Owner name",
        "Owner as recorded by the property company or the street office; it does not prove "
        "title. May be a company.",
        authority="property",
        sharing="conditional",
        level="L3",
        standard="GB/T 31000-2015 房主姓名; PIPL Art 6, 21, 23",
    )
    owner_id_no: str | None = public(
        "HOU-010",
        OwnerId(),
        "产权人证件号码",
        "Owner identity number",
        "Used only to match owner with resident; stored encrypted (SM4) with a keyed digest "
        "(HMAC-SM3) for joins; never returned in clear to the property company.",
        authority="property",
        sharing="conditional",
        level="L4",
        standard="GB 11643-1999; GB 32100-2015",
    )
    owner_phone: str | None = public(
        "HOU-011",
        Phone(),
        "产权人联系电话",
        "Owner phone",
        "Phone for leaks, lifts and fire-lane calls.",
        authority="property",
        sharing="conditional",
        level="L3",
        standard="HUB; PIPL Art 23",
    )
    safety_hazards: list[str] | None = public(
        "HOU-012",
        ListOf(Coded("HUB-HAZARD"), 10),
        "安全隐患类型",
        "Safety hazard types",
        "Hazards found on visits: 01 fire, 02 gas, 03 electric, 04 structure, 05 group renting, "
        "06 e-bike charging, 07 public order, 99 other; empty array means checked and none.",
        authority="street_office",
        sharing="conditional",
        level="L2",
        standard="GB/T 31000-2015 隐患类型 (table text not read)",
    )
    resident_count: int | None = public(
        "HOU-013",
        Integer(0, 200),
        "实际居住人数",
        "Number of actual residents",
        "People who live there now; recomputed by the hub from person records and compared with "
        "the visit's figure.",
        authority="street_office",
        sharing="conditional",
        level="L2",
        standard="HUB",
    )
    completion_year: int | None = public(
        "HOU-014",
        Integer(1900, 2100),
        "建成年份",
        "Year of completion",
        "Year of completion; used for old-compound renewal and lift retrofit.",
        authority="surveying",
        sharing="unconditional",
        level="L1",
        standard="CityGML/CityJSON yearOfConstruction",
    )
    has_elevator: bool | None = public(
        "HOU-015",
        Boolean(),
        "是否有电梯",
        "Has elevator",
        "Lift in the unit; source codes differ (1010 yes / 2020 no in one open-source property "
        "system).",
        authority="property",
        sharing="unconditional",
        level="L1",
        standard="HUB",
    )
    property_company_code: str | None = public(
        "HOU-016",
        Uscc(),
        "物业服务企业统一社会信用代码",
        "Property company social credit code",
        "Company (or owners' committee, or community in compounds without property management) "
        "that runs the compound.",
        authority="property",
        sharing="unconditional",
        level="L1",
        standard="GB 32100-2015 with 2016 amendment; check digit GB/T 17710",
    )
    address_code: str | None = refer(Address, "address_code")
    standard_address: str | None = refer(
        Address, "standard_address", level="L3", sharing="conditional"
    )
    compound_name: str | None = refer(Address, "compound_name")
    building_no: str | None = refer(Address, "building_no")
    unit_no: str | None = refer(Address, "unit_no")
    floor_no: int | None = refer(Address, "floor_no")
    room_no: str | None = refer(Address, "room_no", level="L3", sharing="conditional")
    community_code: str | None = refer(Territory, "community_code")
    grid_code: str | None = refer(Territory, "grid_code")
