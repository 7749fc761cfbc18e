"""The public fields of the record type `grid`."""

from __future__ import annotations

from typing import Any, ClassVar

from schemas.field import Section, public, refer
from schemas.kinds import (
    Coded,
    DutyPhone,
    Geometry,
    ListOf,
    PersonName,
    PoliceOrganCode,
    Text,
    UnitGridCode,
)
from schemas.territory import Territory


class Grid(Section):
    """A governance grid or an urban-management unit grid; the grid type tells which."""

    record_type: ClassVar[str] = "grid"
    collection: ClassVar[str] = "grids"
    title_zh: ClassVar[str] = "网格"
    letter: ClassVar[str] = "G"

    grid_code: str | None = refer(Territory, "grid_code")
    grid_name: str | None = public(
        "GRD-002",
        Text(60),
        "网格名称",
        "Grid name",
        "Name of the grid, e.g. 学院社区第三网格.",
        authority="street_office",
        sharing="unconditional",
        level="L1",
        standard="HUB",
        required=True,
    )
    grid_type: str | None = public(
        "GRD-003",
        Coded("HUB-GRID-TYPE"),
        "网格类型",
        "Grid type",
        "1 community grid, 2 dedicated grid (school, market, hospital), 3 micro grid (building "
        "or stairwell), 4 urban-management unit grid.",
        authority="street_office",
        sharing="unconditional",
        level="L1",
        standard="HUB; GB/T 30428.1 and GB/T 47678.3-2026 for type 4",
        required=True,
    )
    unit_grid_code: str | None = public(
        "GRD-004",
        UnitGridCode(),
        "单元网格标识码",
        "Unit grid identifier",
        "Urban-management unit grid. Old 14-digit codes are kept as given and marked legacy; "
        "only the department's own table may turn them into 15 digits.",
        authority="urban_management",
        sharing="unconditional",
        level="L1",
        standard=(
            "GB/T 47678.3-2026 (15 digits: 6+3+3+3, secondary source); GB/T 30428.1 and CJ/T "
            "213 (14 digits: seq 2)"
        ),
    )
    grid_boundary: dict[str, Any] | None = public(
        "GRD-005",
        Geometry(("Polygon", "MultiPolygon")),
        "网格边界",
        "Grid boundary",
        "Boundary of the grid; grids of one type may not overlap and together cover the community.",
        authority="street_office",
        sharing="unconditional",
        level="L2",
        standard="GB/T 30428.1; GB/T 47678.3-2026",
    )
    grid_leader_name: str | None = public(
        "GRD-006",
        PersonName(),
        "网格长姓名",
        "Grid leader name",
        "Name of the grid leader in his or her duty, as on the public notice board.",
        authority="street_office",
        sharing="unconditional",
        level="L2",
        standard="HUB; published on the grid notice board",
    )
    grid_leader_phone: str | None = public(
        "GRD-007",
        DutyPhone(),
        "网格长工作电话",
        "Grid leader duty phone",
        "Duty phone as published. A private mobile number that is not published must not be "
        "entered here.",
        authority="street_office",
        sharing="unconditional",
        level="L2",
        standard="HUB; national telephone numbering practice",
    )
    grid_worker_names: list[str] | None = public(
        "GRD-008",
        ListOf(PersonName(), 30),
        "网格员姓名",
        "Grid worker names",
        "Names of full-time and part-time grid workers on duty in the grid.",
        authority="street_office",
        sharing="unconditional",
        level="L2",
        standard="HUB",
    )
    police_organ_code: str | None = public(
        "GRD-009",
        PoliceOrganCode(),
        "辖区公安机关(警务区)代码",
        "Responsible police organ code",
        "Code of the police station or community police area that covers the grid.",
        authority="public_security",
        sharing="conditional",
        level="L2",
        standard="GA/T 380 (from memory); form seen in a police system: 41016300Q105",
    )
    community_code: str | None = refer(Territory, "community_code")
