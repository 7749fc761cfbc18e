"""The public fields of the record type `component`."""

from __future__ import annotations

from typing import Any, ClassVar

from schemas.field import Section, public, refer
from schemas.grid import Grid
from schemas.kinds import Coded, ComponentClass, ComponentId, Date, Geometry, Text, Uscc
from schemas.territory import Territory


class Component(Section):
    """A city component: a street lamp, manhole cover, litter bin or public facility."""

    record_type: ClassVar[str] = "component"
    collection: ClassVar[str] = "components"
    title_zh: ClassVar[str] = "城市部件"
    letter: ClassVar[str] = "C"

    component_id: str | None = public(
        "CMP-001",
        ComponentId(),
        "部件标识码",
        "Component identifier",
        "Identifier on the component's plate. Sixteen-digit codes stay valid as legacy until "
        "the department re-issues them.",
        authority="urban_management",
        sharing="unconditional",
        level="L1",
        standard=(
            "GB/T 47678.5-2026 (17: 6+2+3+6, secondary source); GB/T 30428.2-2013 and CJ/T "
            "214-2007 (16: 6+2+2+6)"
        ),
        required=True,
    )
    component_name: str | None = public(
        "CMP-002",
        Text(60),
        "部件名称",
        "Component name",
        "Name of the kind of component, e.g. 雨水箅子.",
        authority="urban_management",
        sharing="unconditional",
        level="L1",
        standard="GB/T 47678.5-2026; CJ/T 214-2007 ObjName",
        required=True,
    )
    component_class_code: str | None = public(
        "CMP-003",
        ComponentClass(),
        "部件分类代码",
        "Component class code",
        "Big class (2) + small class (3, legacy 2).",
        authority="urban_management",
        sharing="unconditional",
        level="L1",
        standard="GB/T 47678.5-2026; GB/T 30428.2-2013",
        required=True,
    )
    supervising_unit_code: str | None = public(
        "CMP-004",
        Uscc(),
        "主管部门代码",
        "Supervising unit code",
        "Department in charge. CJ/T 214 systems hold short local codes (DeptCode1), turned into "
        "credit codes by a table.",
        authority="urban_management",
        sharing="unconditional",
        level="L1",
        standard="GB 32100-2015; GB/T 47678.5-2026 ZGBMDM",
    )
    owner_unit_code: str | None = public(
        "CMP-005",
        Uscc(),
        "权属单位代码",
        "Ownership unit code",
        "Unit that owns the component (DeptCode2).",
        authority="urban_management",
        sharing="unconditional",
        level="L1",
        standard="GB 32100-2015; GB/T 47678.5-2026 QSDWDM",
    )
    owner_unit_name: str | None = public(
        "CMP-006",
        Text(100),
        "权属单位名称",
        "Ownership unit name",
        "Name of the owner; inside compounds often the owners represented by the property company.",
        authority="urban_management",
        sharing="unconditional",
        level="L1",
        standard="GB/T 47678.5-2026 QSDWMC",
        required=True,
    )
    maintenance_unit_code: str | None = public(
        "CMP-007",
        Uscc(),
        "养护单位代码",
        "Maintenance unit code",
        "Unit that keeps the component (DeptCode3).",
        authority="urban_management",
        sharing="unconditional",
        level="L1",
        standard="GB 32100-2015; GB/T 47678.5-2026 YHDWDM",
    )
    maintenance_unit_name: str | None = public(
        "CMP-008",
        Text(100),
        "养护单位名称",
        "Maintenance unit name",
        "Name of the unit that keeps the component; receives the repair order.",
        authority="urban_management",
        sharing="unconditional",
        level="L1",
        standard="GB/T 47678.5-2026 YHDWMC",
    )
    component_status: str | None = public(
        "CMP-009",
        Coded("HUB-CMP-STATUS"),
        "部件状态",
        "Component status",
        "State of the component. Reports by grid workers enter as a correction request (校核) and "
        "not as an overwrite.",
        authority="urban_management",
        sharing="unconditional",
        level="L1",
        standard="GB/T 47678.5-2026 GLBJZT (names; digits are the hub's); CJ/T 214 ObjState",
        required=True,
    )
    component_point: dict[str, Any] | None = public(
        "CMP-010",
        Geometry(("Point",)),
        "部件位置",
        "Component location",
        "Location in CGCS2000. Old systems hold local projected PointX/PointY. Some kinds (gas, "
        "power) may be sensitive in bulk.",
        authority="urban_management",
        sharing="unconditional",
        level="L2",
        standard="GB/T 47678.5-2026 accuracy A/B/C; 测绘法 Art 10",
        required=True,
    )
    installed_date: str | None = public(
        "CMP-011",
        Date(),
        "初始日期",
        "Initial (installation) date",
        "Date of installation or first survey.",
        authority="urban_management",
        sharing="unconditional",
        level="L1",
        standard="GB/T 47678.5-2026 CSRQ; CJ/T 214 ORDate",
    )
    status_changed_date: str | None = public(
        "CMP-012",
        Date(),
        "变更日期",
        "Date of last change",
        "Date of the last change of status or attributes.",
        authority="urban_management",
        sharing="unconditional",
        level="L1",
        standard="GB/T 47678.5-2026 BGRQ; CJ/T 214 CHDate",
    )
    grid_code: str | None = refer(Territory, "grid_code")
    unit_grid_code: str | None = refer(Grid, "unit_grid_code")
    community_code: str | None = refer(Territory, "community_code")
