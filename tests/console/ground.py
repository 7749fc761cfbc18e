"""Ground for the map: grids, what stands in them, and people with their needs."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from hub.jobs.resolve import CHINA
from tests.web.build import a_golden

COMMUNITY, GRID, OTHER = "630102004005", "630102004005003", "630102004005004"
NAME, OTHER_NAME = "白家河湾社区第三网格", "白家河湾社区第四网格"
WEST, SOUTH, SIZE = 101.80, 36.59, 0.006


def square(west: float, south: float, size: float) -> str:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def point(lon: float, lat: float) -> str:
    return json.dumps({"type": "Point", "coordinates": [lon, lat]})


def today() -> date:
    return datetime.now(CHINA).date()


def ago(days: int) -> str:
    return f"{today() - timedelta(days=days)}"


def a_person(connection: Connection, name: str, grid: str = GRID, **said: str) -> str:
    place = {"grid_code": grid, "community_code": COMMUNITY, "person_status": "1"}
    return a_golden(connection, "person", person_name=name, **(place | said))


def people(connection: Connection) -> dict[str, str]:
    """One person for each need, one without any, one who is dead, one of another grid."""
    seen = ago(3)
    return {
        "alone": a_person(connection, "马独居", care_categories='["01"]', last_visit_date=seen),
        "aged": a_person(connection, "韩高龄", care_categories='["03"]', last_visit_date=ago(90)),
        "disabled": a_person(connection, "李残疾", disability_category_code="4"),
        "arrived": a_person(connection, "王新来", residence_start_date=ago(5)),
        "nobody": a_person(connection, "赵平常", care_categories="[]"),
        "dead": a_person(connection, "钱已故", care_categories='["01"]', person_status="3"),
        "elsewhere": a_person(connection, "孙隔壁", OTHER, care_categories='["01"]'),
    }


def things(connection: Connection) -> None:
    """Two grids; in the first a building of 54 m, a lamp, a camera, a school."""
    place = {"grid_code": GRID, "community_code": COMMUNITY}
    for code, name, west in ((GRID, NAME, WEST), (OTHER, OTHER_NAME, WEST + SIZE)):
        a_golden(
            connection,
            "grid",
            grid_code=code,
            grid_name=name,
            grid_type="1",
            community_code=COMMUNITY,
            grid_boundary=square(west, SOUTH, SIZE),
        )
    for n in range(3):
        footprint = square(WEST + 0.001 + n * 0.0015, SOUTH + 0.004, 0.0008)
        said = {"geo_entity_id": f"FT00000{n}", "boundary_geometry": footprint}
        a_golden(connection, "geo_entity", geo_entity_class="07", **said)
        said = {"building_code": f"630102B{n}", "building_height_m": f"{18 * (n + 1)}.00"}
        a_golden(connection, "building", geo_entity_id=f"FT00000{n}", **said)
    a_golden(
        connection,
        "geo_entity",
        geo_entity_name="河湾小学",
        geo_entity_class="03",
        boundary_geometry=point(WEST + 0.001, SOUTH + 0.001),
        **place,
    )
    for n in range(4):
        spot = point(WEST + 0.0015 + n * 0.001, SOUTH + 0.0035)
        a_golden(connection, "component", component_name="路灯", component_point=spot, **place)
    spot = point(WEST + 0.005, SOUTH + 0.001)
    a_golden(connection, "camera", device_name="东门", device_point=spot, **place)
    a_golden(connection, "house", house_use="01", **place)
