"""The public fields of the record type `geo_entity`."""

from __future__ import annotations

from typing import Any, ClassVar

from schemas.field import Section, public, refer
from schemas.kinds import Coded, DivisionCode, Geometry, Identifier, Number, Text
from schemas.territory import Territory


class GeoEntity(Section):
    """A residential compound, community area, public facility, road or other named place."""

    record_type: ClassVar[str] = "geo_entity"
    collection: ClassVar[str] = "places"
    title_zh: ClassVar[str] = "地理实体"
    letter: ClassVar[str] = "L"

    geo_entity_id: str | None = public(
        "GEO-001",
        Identifier(r"[0-9A-Za-z_-]{6,40}"),
        "地理实体标识码",
        "Geographic entity identifier",
        "Identifier that the surveying department gives to a 2D entity (residential compound, "
        "community area, public facility, road). Kept as issued; never re-numbered by the hub.",
        authority="surveying",
        sharing="unconditional",
        level="L2",
        standard="HUB (GB/T 47678.7 when its text is at hand)",
        required=True,
    )
    geo_entity_name: str | None = public(
        "GEO-002",
        Text(100),
        "地理实体名称",
        "Geographic entity name",
        "Standard name of the entity as in the national place-name information base; common "
        "names go to ADR-011 address_aliases.",
        authority="surveying",
        sharing="unconditional",
        level="L1",
        standard="地名管理条例 (2022) Art 3(6), 18, 21",
        required=True,
    )
    geo_entity_class: str | None = public(
        "GEO-003",
        Coded("HUB-GEO-CLASS"),
        "地理实体类别",
        "Geographic entity class",
        "Kind of entity: 01 residential compound, 02 community area, 03 public service "
        "facility, 04 road, 05 green space, 06 water, 07 building footprint, 99 other.",
        authority="surveying",
        sharing="unconditional",
        level="L1",
        standard="HUB; map to GB/T 13923-2022",
        required=True,
    )
    division_code: str | None = public(
        "GEO-004",
        DivisionCode(),
        "县级行政区划代码",
        "County-level division code",
        "Six-digit code of the county or district, e.g. 630102. Checked against the table valid "
        "on the record's date, so merged or renamed counties still pass for old records.",
        authority="hub",
        sharing="unconditional",
        level="L1",
        standard="GB/T 2260-2007 with amendment 1; current list of the Ministry of Civil Affairs",
        required=True,
    )
    boundary_geometry: dict[str, Any] | None = public(
        "GEO-006",
        Geometry(("Polygon", "MultiPolygon", "Point"), anywhere=True),
        "实体边界",
        "Entity boundary",
        "Outline of the entity in CGCS2000 longitude and latitude. Large-scale survey data may "
        "be classified; the surveying department decides what may enter the hub. A point where "
        "only a point is known.",
        authority="surveying",
        sharing="unconditional",
        level="L2",
        standard="测绘法 Art 10-11; RFC 7946 layout with CGCS2000 instead of WGS 84",
    )
    source_crs: str | None = public(
        "GEO-007",
        Coded("HUB-CRS"),
        "原始坐标系",
        "Source coordinate system",
        "Coordinate system of the record before conversion: CGCS2000, WGS84, GCJ02, BD09, LOCAL "
        "(independent city system), UNKNOWN. UNKNOWN coordinates are kept but not used for "
        "matching.",
        authority="hub",
        sharing="unconditional",
        level="L2",
        standard="HUB open list; 测绘法 Art 10-11; EPSG:4490, 4543, 4522, 4326",
        required=True,
    )
    positional_accuracy_m: float | None = public(
        "GEO-008",
        Number(0, 10_000, 2),
        "平面位置精度",
        "Horizontal positional accuracy",
        "Estimated horizontal error in metres after conversion. Round trip GCJ-02 below 0.01 m, "
        "BD-09 below 0.3 m, unknown systems 1000 m.",
        authority="surveying",
        sharing="unconditional",
        level="L2",
        standard="GB/T 47678.5-2026 classes A/B/C (secondary source)",
    )
    community_code: str | None = refer(Territory, "community_code")
    grid_code: str | None = refer(Territory, "grid_code")
