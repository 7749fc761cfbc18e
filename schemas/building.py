"""The public fields of the record type `building`."""

from __future__ import annotations

from typing import ClassVar

from schemas.address import Address
from schemas.field import Section, public, refer
from schemas.geo_entity import GeoEntity
from schemas.house import House
from schemas.kinds import Coded, Identifier, Integer, Number, Uri
from schemas.territory import Territory


class Building(Section):
    """A building as surveyed: heights, storeys, structure and its model in three dimensions."""

    record_type: ClassVar[str] = "building"
    collection: ClassVar[str] = "buildings"
    title_zh: ClassVar[str] = "建筑"
    letter: ClassVar[str] = "B"

    model_object_id: str | None = public(
        "G3D-001",
        Identifier(r"[0-9A-Za-z_.:-]{1,64}"),
        "三维模型对象标识",
        "3D model object identifier",
        "Key of the CityObject in the city model; joined to HOU-002 building_code.",
        authority="surveying",
        sharing="unconditional",
        level="L2",
        standard="CityJSON 2.0 (OGC 20-072r5) CityObject key",
        required=True,
    )
    level_of_detail: str | None = public(
        "G3D-002",
        Identifier(r"[0-3](\.[0-3])?"),
        "细节层次",
        "Level of detail",
        "LoD of the best geometry present: 0 footprint, 1 block, 2 roof shape, 3 openings; "
        "refined form such as 2.2 allowed.",
        authority="surveying",
        sharing="unconditional",
        level="L1",
        standard="CityJSON 2.0 lod string (CityGML 3.0 LoD 0-3)",
        required=True,
    )
    building_height_m: float | None = public(
        "G3D-003",
        Number(0, 1000, 2),
        "建筑高度",
        "Building height",
        "Height from ground to highest roof point in metres; used for fire-engine access and "
        "line-of-sight work.",
        authority="surveying",
        sharing="unconditional",
        level="L2",
        standard="CityGML/CityJSON building height attribute",
    )
    ground_elevation_m: float | None = public(
        "G3D-004",
        Number(-200, 9000, 2),
        "室外地坪高程",
        "Ground elevation",
        "Elevation of the ground at the entrance in the datum named by G3D-005.",
        authority="surveying",
        sharing="conditional",
        level="L2",
        standard="1985国家高程基准 (EPSG:5737)",
    )
    vertical_datum: str | None = public(
        "G3D-005",
        Coded("HUB-VDATUM"),
        "高程基准",
        "Vertical datum",
        "CN1985, CGCS2000_ELLIPSOID or LOCAL. Required when G3D-004 is given.",
        authority="surveying",
        sharing="unconditional",
        level="L1",
        standard="1985国家高程基准 (EPSG:5737); CGCS2000 ellipsoid (EPSG:4480)",
    )
    storeys_above_ground: int | None = public(
        "G3D-006",
        Integer(0, 200),
        "地上层数",
        "Storeys above ground",
        "Number of storeys above ground; a room's floor (ADR-009) may not exceed it.",
        authority="surveying",
        sharing="unconditional",
        level="L1",
        standard="CityGML/CityJSON storeysAboveGround",
        required=True,
    )
    storeys_below_ground: int | None = public(
        "G3D-007",
        Integer(0, 20),
        "地下层数",
        "Storeys below ground",
        "Number of basement storeys; the lowest ADR-009 value is its negative.",
        authority="surveying",
        sharing="unconditional",
        level="L1",
        standard="CityGML/CityJSON storeysBelowGround",
    )
    model_uri: str | None = public(
        "G3D-008",
        Uri(500),
        "三维模型资源地址",
        "3D model resource address",
        "Address of the CityJSON or 3D Tiles resource inside the government network. No model "
        "file is copied into the hub.",
        authority="surveying",
        sharing="conditional",
        level="L2",
        standard="CityJSON 2.0; CJJ/T 315-2022",
    )
    building_code: str | None = refer(House, "building_code")
    building_structure: str | None = refer(House, "building_structure")
    completion_year: int | None = refer(House, "completion_year")
    geo_entity_id: str | None = refer(GeoEntity, "geo_entity_id")
    address_code: str | None = refer(Address, "address_code")
    community_code: str | None = refer(Territory, "community_code")
    grid_code: str | None = refer(Territory, "grid_code")
