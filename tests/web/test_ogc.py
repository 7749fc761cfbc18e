"""OGC API - Features: what the standard asks for, and that nothing is shown beyond the grants."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import Client
from openapi_spec_validator import OpenAPIV30SpecValidator
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from hub.store import tables
from hub.store.positions import POSITIONS, Box, lies
from hub.store.visible import Caller, visible
from schemas import MODELS
from tests.web.build import BEGINNING, Login, a_golden

GRID, OTHER_GRID, COMMUNITY = "630102001001001", "630102001001002", "630102001001"
PROBLEM = "application/problem+json"
GEOJSON = "application/geo+json"
#: Its bounds hold the point 101.79, 36.61; itself it does not.
CORNER = [[[101.78, 36.60], [101.80, 36.60], [101.78, 36.62], [101.78, 36.60]]]


def point(lon: float, lat: float) -> str:
    return json.dumps({"type": "Point", "coordinates": [lon, lat]})


def polygon(rings: list[list[list[float]]]) -> str:
    return json.dumps({"type": "Polygon", "coordinates": rings})


def square(west: float, south: float, size: float) -> str:
    east, north = west + size, south + size
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return polygon([corners])


@pytest.fixture
def town(writing: Connection) -> dict[str, str]:
    """One thing of each kind that lies somewhere, in one grid."""
    place = {"community_code": COMMUNITY, "grid_code": GRID}
    a_golden(
        writing,
        "address",
        address_code="6301020010010001",
        address_point=point(101.79, 36.61),
        **place,
    )
    return {
        "grid": a_golden(
            writing,
            "grid",
            grid_name="康东第一网格",
            grid_type="1",
            grid_boundary=square(101.78, 36.6, 0.02),
            **place,
        ),
        "component": a_golden(
            writing,
            "component",
            component_name="路灯",
            component_point=point(101.785, 36.605),
            **place,
        ),
        "camera": a_golden(
            writing,
            "camera",
            device_name="东门",
            device_point=point(101.786, 36.606),
            stream_uri="rtsp://10.0.0.8/live/1",
            **place,
        ),
        "geo_entity": a_golden(
            writing,
            "geo_entity",
            geo_entity_id="FT000001",
            geo_entity_class="07",
            boundary_geometry=square(101.7899, 36.6099, 0.0002),
            **place,
        ),
        "building": a_golden(
            writing, "building", geo_entity_id="FT000001", building_height_m="53.50", **place
        ),
        "house": a_golden(
            writing, "house", address_code="6301020010010001", house_use="01", **place
        ),
    }


def features(client: Client, collection: str, **asked: object) -> list[dict[str, Any]]:
    answered = client.get(f"/ogc/collections/{collection}/items", params=asked)
    assert answered.status_code == 200, answered.text
    assert answered.headers["Content-Type"] == GEOJSON
    document = answered.json()
    assert document["type"] == "FeatureCollection"
    assert document["numberReturned"] == len(document["features"])
    found: list[dict[str, Any]] = document["features"]
    return found


def test_the_landing_page_leads_to_all_there_is_and_to_a_description_in_openapi_3_0(
    steward: Client,
) -> None:
    landing = steward.get("/ogc").json()
    led = {one["rel"]: one for one in landing["links"]}
    assert set(led) == {"self", "service-desc", "conformance", "data"}
    for one in led.values():
        answered = steward.get(one["href"])
        assert answered.status_code == 200
        assert answered.headers["Content-Type"] == one["type"]
    classes = {
        one.rsplit("/", 1)[1] for one in steward.get("/ogc/conformance").json()["conformsTo"]
    }
    assert classes == {"core", "geojson", "oas30"}
    document = steward.get("/ogc/api").json()
    assert document["openapi"].startswith("3.0")
    assert not list(OpenAPIV30SpecValidator(document).iter_errors())
    assert "/ogc/collections/{collection}/items" in document["paths"]
    assert not [path for path in document["paths"] if not path.startswith("/ogc")]


def test_every_collection_that_is_listed_has_its_features(
    steward: Client, town: dict[str, str]
) -> None:
    listed = steward.get("/ogc/collections").json()["collections"]
    assert [one["id"] for one in listed] == [
        *("places", "grids", "components", "cameras", "buildings", "houses")
    ]
    for one in listed:
        record_type = next(name for name, model in MODELS.items() if model.collection == one["id"])
        assert steward.get(f"/ogc/collections/{one['id']}").json() == one
        assert "CRS84" in one["crs"][0]
        (shown,) = features(steward, one["id"])
        assert shown["id"] == town[record_type]
        assert shown["geometry"]["type"] in ("Point", "Polygon")
        alone = steward.get(f"/ogc/collections/{one['id']}/items/{shown['id']}").json()
        assert {name: alone[name] for name in shown} == shown


def test_a_building_stands_on_its_footprint_with_its_height(
    steward: Client, town: dict[str, str]
) -> None:
    (shown,) = features(steward, "buildings")
    assert shown["properties"]["building_height_m"] == 53.5
    assert shown["geometry"] == json.loads(square(101.7899, 36.6099, 0.0002))
    assert [one["id"] for one in features(steward, "buildings", bbox="101.78,36.6,101.8,36.62")]
    assert not features(steward, "buildings", bbox="101.80,36.6,101.81,36.62")


def test_pages_go_on_where_the_last_one_ended(steward: Client, writing: Connection) -> None:
    made = {
        a_golden(writing, "component", component_point=point(101.7 + n / 100, 36.6))
        for n in range(7)
    }
    seen: list[str] = []
    address = "/ogc/collections/components/items?limit=3&bbox=101,36,102,37"
    while address:
        page = steward.get(address).json()
        seen += [one["id"] for one in page["features"]]
        address = next((one["href"] for one in page["links"] if one["rel"] == "next"), "")
    assert (len(seen), set(seen)) == (7, made)
    # A page cannot be larger than the largest one; to ask for that is no error.
    assert len(features(steward, "components", limit=100_000)) == 7


def test_a_box_finds_what_meets_it_not_what_only_its_bounds_meet(
    steward: Client, writing: Connection
) -> None:
    corner = a_golden(writing, "geo_entity", boundary_geometry=polygon(CORNER))
    assert not features(steward, "places", bbox="101.795,36.615,101.799,36.619")
    (shown,) = features(steward, "places", bbox="101.781,36.601,101.782,36.602")
    assert shown["id"] == corner
    (shown,) = features(steward, "places", bbox="101.781,36.601,-50,101.782,36.602,9000")
    assert shown["id"] == corner
    assert features(steward, "places", bbox="1e-7,-90,180.0,90")
    assert features(steward, "places", bbox="101,36,-170,37")
    assert not features(steward, "places", bbox="102,36,-170,37")


def test_features_are_asked_for_by_grid_community_and_time(
    steward: Client, town: dict[str, str]
) -> None:
    assert features(steward, "components", grid_code=GRID, community_code=COMMUNITY)
    assert not features(steward, "components", grid_code=OTHER_GRID)
    at = BEGINNING.isoformat()
    assert features(steward, "components", datetime=at)
    assert features(steward, "components", datetime=f"{at}/..")
    assert features(steward, "components", datetime=f"../{at}")
    assert not features(steward, "components", datetime="2026-09-02T00:00:00Z/..")
    (shown,) = features(steward, "components", properties="component_name")
    assert set(shown["properties"]) == {"component_name", "updated_at"}


WRONG = (
    *("bbox=1,2,3", "bbox=a,b,c,d", "bbox=1,2,3,4,5", "bbox=nan,1,2,3", "bbox=0,0,0,95"),
    *("bbox=6%3F", "bbox=181,0,0,0", "bbox=1e3,1,2,3", "bbox=", "bbox=1,2,3,4,"),
    *("limit=0", "limit=x", "datetime=yesterday", "unheard_of=1", "cursor=abc$", "f=html"),
)
#: What the API's description cannot exclude.
IMPOSSIBLE = (
    "bbox=101,37,102,36",
    *("datetime=2026-02-30T00:00:00Z", "datetime=2026-03-02T00:00:00Z/2026-03-01T00:00:00Z"),
)


def test_a_parameter_that_is_wrong_is_answered_with_400(steward: Client) -> None:
    for query in WRONG:
        answered = steward.get(f"/ogc/collections/grids/items?{query}")
        assert (answered.status_code, answered.headers["Content-Type"]) == (400, PROBLEM), query
        assert answered.json()["type"] == "urn:hub:problem:malformed", query
    for query in IMPOSSIBLE:
        answered = steward.get(f"/ogc/collections/grids/items?{query}")
        assert (answered.status_code, answered.headers["Content-Type"]) == (422, PROBLEM), query


def test_what_is_not_there_is_a_problem_document(steward: Client) -> None:
    for path in ("persons", "robots/items", "grids/items/D0", "grids/items/" + "0" * 33):
        answered = steward.get(f"/ogc/collections/{path}")
        assert (answered.status_code, answered.headers["Content-Type"]) == (404, PROBLEM)


def test_what_no_frame_places_has_no_geometry_and_a_home_that_is_nowhere_is_no_feature(
    steward: Client, writing: Connection
) -> None:
    a_golden(writing, "house", house_use="01")
    assert not features(steward, "houses")
    a_golden(writing, "geo_entity", boundary_geometry=point(101.79, 36.61), source_crs="UNKNOWN")
    (shown,) = features(steward, "places")
    assert shown["geometry"] is None
    assert not features(steward, "places", bbox="101,36,102,37")


def test_cameras_are_shown_by_grant_and_never_where_they_can_be_watched(
    login: Login, town: dict[str, str]
) -> None:
    worker, police = login("worker"), login("department", "public_security")
    assert "cameras" not in [
        one["id"] for one in worker.get("/ogc/collections").json()["collections"]
    ]
    for path in ("cameras", "cameras/items", f"cameras/items/{town['camera']}"):
        answered = worker.get(f"/ogc/collections/{path}")
        assert (answered.status_code, answered.headers["Content-Type"]) == (403, PROBLEM)
    (shown,) = features(police, "cameras")
    assert shown["properties"]["device_name"] == "东门"
    assert "rtsp" not in police.get("/ogc/collections/cameras/items").text
    assert not features(police, "cameras", properties="stream_uri")[0]["properties"].get(
        "stream_uri"
    )


def test_boundaries_that_are_not_granted_are_neither_shown_nor_looked_into(
    login: Login, town: dict[str, str], writing: Connection
) -> None:
    # What the company's own record speaks of lies where its compound does.
    link = {"community_code": COMMUNITY, "compound_key": "康东小区"}
    writing.execute(tables.link.update().values(link))
    writing.execute(tables.RECORD["house"].update().values(source="property"))
    company = login("department", "property")
    for collection in ("places", "grids", "buildings"):
        assert [one["geometry"] for one in features(company, collection)] == [None], collection
        answered = company.get(f"/ogc/collections/{collection}/items?bbox=101,36,102,37")
        assert answered.status_code == 403


def test_reading_homes_needs_a_purpose_and_is_audited(
    login: Login, town: dict[str, str], audited: Callable[[], list[dict[str, Any]]]
) -> None:
    silent = login("worker", purpose=None)
    assert silent.get("/ogc/collections/houses/items").status_code == 403
    assert features(silent, "houses", properties="house_use")
    before = len(audited())
    worker = login("worker", purpose="household")
    features(worker, "houses")
    worker.get(f"/ogc/collections/houses/items/{town['house']}")
    told = [(one["action"], one["entity_ids"], one["purpose"]) for one in audited()[before:]]
    assert told == [
        ("list", [town["house"]], "household"),
        ("read", [town["house"]], "household"),
    ]


def steps(plan: dict[str, Any]) -> Iterator[str]:
    yield plan.get("Index Name", plan["Node Type"])
    for part in plan.get("Plans", ()):
        yield from steps(part)


def test_a_box_is_looked_up_in_an_index(writing: Connection) -> None:
    steward = Caller("test", "steward")
    writing.exec_driver_sql("SET enable_seqscan = off")
    for record_type, position in POSITIONS.items():
        models = (MODELS[record_type], position.holder)
        view, holder = (visible(steward, one, names=(), purpose="steward") for one in models)
        golden = tables.GOLDEN[record_type]
        query = sa.select(golden.c.entity_id).where(lies(view, holder, [Box(101, 36, 102, 37)]))
        said = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
        explained = f"EXPLAIN (FORMAT JSON) {said}".replace("%", "%%")
        plan = writing.exec_driver_sql(explained).scalar_one()[0]["Plan"]
        assert f"ix_golden_{position.holder.record_type}_box" in set(steps(plan)), record_type
