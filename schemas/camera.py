"""The public fields of the record type `camera`."""

from __future__ import annotations

from typing import Any, ClassVar

from schemas.address import Address
from schemas.field import Section, public, refer
from schemas.kinds import Coded, DeviceCode, Geometry, Integer, Number, Text, Uri, Uscc
from schemas.territory import Territory


class Camera(Section):
    """A video camera of the public-security video system."""

    record_type: ClassVar[str] = "camera"
    collection: ClassVar[str] = "cameras"
    title_zh: ClassVar[str] = "视频设备"
    letter: ClassVar[str] = "V"

    device_code: str | None = public(
        "VID-001",
        DeviceCode(),
        "视频设备编码",
        "Video device code",
        "Twenty-digit device number. Property cameras without one get none; the hub does not "
        "invent device codes.",
        authority="public_security",
        sharing="conditional",
        level="L2",
        standard="GB/T 28181-2022 (8 centre + 2 industry + 3 type + 1 network + 6 sequence)",
        required=True,
    )
    device_name: str | None = public(
        "VID-002",
        Text(100),
        "视频点位名称",
        "Video device name",
        "Name of the point, e.g. 康东小区东门人行道.",
        authority="public_security",
        sharing="conditional",
        level="L2",
        standard="GB/T 28181-2022",
        required=True,
    )
    device_type: str | None = public(
        "VID-003",
        Coded("GB28181-PTZTYPE"),
        "摄像机类型",
        "Camera type",
        "Type of camera.",
        authority="public_security",
        sharing="conditional",
        level="L2",
        standard="GB/T 28181 catalogue PTZType (values from memory)",
    )
    managing_unit_code: str | None = public(
        "VID-004",
        Uscc(),
        "视频系统管理单位代码",
        "Managing unit code",
        "Unit that manages the system and answers for retention and the look-up register.",
        authority="public_security",
        sharing="conditional",
        level="L2",
        standard="GB 32100-2015; Order 799 Art 7, 9, 14",
        required=True,
    )
    device_point: dict[str, Any] | None = public(
        "VID-005",
        Geometry(("Point",)),
        "设备安装位置",
        "Device location",
        "Camera position. Never unconditional: a full map of cameras shows where there are none.",
        authority="public_security",
        sharing="conditional",
        level="L2",
        standard="GB/T 28181-2022; Order 799 Art 13-14",
        required=True,
    )
    azimuth_deg: float | None = public(
        "VID-006",
        Number(0, 360, 2),
        "主视方向方位角",
        "Viewing azimuth",
        "Main viewing direction. GB/T 28181 gives only eight directions, turned into multiples "
        "of 45 degrees and flagged coarse.",
        authority="public_security",
        sharing="conditional",
        level="L2",
        standard="HUB; Order 799 Art 13 (angle and range)",
    )
    field_of_view_deg: float | None = public(
        "VID-007",
        Number(0, 360, 2),
        "水平视场角",
        "Horizontal field of view",
        "Horizontal angle of view; with VID-005, VID-006 gives the view sector that must not "
        "reach into homes.",
        authority="public_security",
        sharing="conditional",
        level="L2",
        standard="HUB; Order 799 Art 13",
    )
    device_status: str | None = public(
        "VID-008",
        Coded("HUB-DEVICE-STATUS"),
        "设备状态",
        "Device status",
        "Current state, from the police or property platform.",
        authority="public_security",
        sharing="conditional",
        level="L2",
        standard="GB/T 28181 Status ON/OFF",
        required=True,
    )
    retention_days: int | None = public(
        "VID-009",
        Integer(0, 3650),
        "视频存储期限",
        "Retention period",
        "Days kept. At least 30 for systems of Order 799 Art 7; systems of Art 9 are exempt "
        "from Art 14 and 17.",
        authority="public_security",
        sharing="conditional",
        level="L2",
        standard="Order 799 Art 14, 17",
    )
    police_filing_no: str | None = public(
        "VID-010",
        Text(40),
        "公安备案编号",
        "Police filing number",
        "Receipt of the filing with the county police; the number's form is local.",
        authority="public_security",
        sharing="conditional",
        level="L2",
        standard="Order 799 Art 14 (filing within 30 days of use)",
    )
    stream_uri: str | None = public(
        "VID-011",
        Uri(500),
        "视频流调用地址",
        "Video stream address",
        "Not shared through the hub: viewing needs a unit's own legal duty and procedure (Art "
        "20) and entry in the look-up register (Art 16). The public-security bureau must state "
        "reason and legal basis in the catalogue (Order 809 Art 15); until then the hub denies "
        "it by default.",
        authority="public_security",
        sharing="restricted",
        level="L4",
        standard="Order 799 Art 16, 20, 21, 23(1), 23(4); GB/T 28181-2022",
    )
    grid_code: str | None = refer(Territory, "grid_code")
    address_code: str | None = refer(Address, "address_code")
    community_code: str | None = refer(Territory, "community_code")
