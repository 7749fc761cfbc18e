"""Fields × callers × operations: nothing is in any answer that its caller was not granted.

What each caller may read is said here once more, in other words than the table of default grants,
so that the table cannot drift unseen. The fields are those declared, which a test of their own
holds to the published list of 108.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from httpx import Client, Response
from sqlalchemy import Connection

from hub.store import tables
from hub.store.masks import MASKABLE
from hub.store.search_reads import SOUGHT
from hub.web.limits import Limits
from schemas import COLLECTIONS, MODELS, FieldSpec, field, fields
from tests.web.build import Login, Said, a_change, a_golden, a_record
from tests.web.test_every_route import OPEN

COMMUNITY, GRID, COMPOUND = "630102001001", "630102001001001", "康东小区"
PLACES = {"geo_entity", "building", "address", "grid"}
#: The source whose records speak of everything here; none of the callers stands for it.
SOURCE = "surveying"
May = Callable[[str, FieldSpec], bool]
Who = tuple[str, str | None]


def _shared(_: str, spec: FieldSpec) -> bool:
    return spec.name != "stream_uri"


def _police(record_type: str, spec: FieldSpec) -> bool:
    if record_type == "house":
        return spec.name not in ("owner_name", "owner_id_no", "owner_phone")
    if record_type == "person":
        return spec.level != "L4" or spec.name in ("citizen_id_no", "id_document_no")
    return True


def _street(record_type: str, _: FieldSpec) -> bool:
    return record_type != "camera"


def _city(record_type: str, spec: FieldSpec) -> bool:
    personal = ("floor_area_m2", "tenure_type", "occupancy_status", "safety", "resident_count")
    if record_type == "house":
        allowed = not spec.name.startswith(("owner_", *personal)) or spec.name == "safety_hazards"
        return allowed and spec.name != "resident_count"
    return record_type in PLACES | {"component"}


def _company(record_type: str, spec: FieldSpec) -> bool:
    if record_type == "house":
        return spec.name not in ("real_estate_unit_code", "owner_id_no")
    if record_type in PLACES:
        drawn = ("model_uri", "boundary_geometry", "grid_boundary")
        return spec.level in ("L1", "L2") and spec.name not in drawn
    return record_type == "component"


def _stranger(record_type: str, spec: FieldSpec) -> bool:
    return record_type not in ("person", "camera") and spec.sharing == "unconditional"


MAY: Mapping[Who, May] = {
    ("department", "public_security"): _police,
    ("department", "street_office"): _street,
    ("department", "urban_management"): _city,
    ("department", "property"): _company,
    ("department", None): _stranger,
    ("worker", None): _street,
    ("steward", None): _shared,
    ("auditor", None): _shared,
    ("admin", None): _shared,
}
callers = pytest.mark.parametrize("who", MAY, ids=["-".join(filter(None, who)) for who in MAY])


def granted(who: Who, record_type: str) -> set[str]:
    specs = fields(MODELS[record_type])
    return {spec.name for spec in specs if MAY[who](record_type, spec)}


def marker(record_type: str, spec: FieldSpec) -> str:
    """Return a value of a field that is nowhere else, as far as its column can hold one."""
    fixed = {"community_code": COMMUNITY, "grid_code": GRID, "compound_name": COMPOUND}
    text = fixed.get(spec.name, f"秘{record_type}_{spec.name}密")
    other = {"date": "2020-01-01", "integer": "7", "numeric": "7.5", "boolean": "true"}
    return other.get(spec.kind.sql, f'["{text}"]' if spec.kind.sql == "jsonb" else text)


@pytest.fixture
def limits() -> Limits:
    """Let callers ask as often as they like: here every operation is asked."""
    return Limits(calls_per_second=1e6, calls_at_once=1_000_000)


@pytest.fixture
def world(writing: Connection) -> dict[str, str]:
    """One entity of each type, every field of it filled, in the compound of the company."""
    made = {}
    for record_type, model in MODELS.items():
        values = {spec.name: marker(record_type, spec) for spec in fields(model)}
        said = (Said(SOURCE, "things", f"T-{record_type}", values, dict(values)),)
        entity = a_golden(writing, record_type, said=said, **values)
        a_change(writing, entity, record_type, fields=list(values))
        made[record_type] = entity
    a_record(writing, "house", Said("property", "rooms", "R1"), made["house"])
    place = {"community_code": COMMUNITY, "compound_key": COMPOUND}
    writing.execute(tables.link.update().values(place))
    return made


def requests(
    document: Mapping[str, Any], world: Mapping[str, str]
) -> Iterator[tuple[str, str, Any]]:
    """Yield a request for every operation that is described, and for all ways to ask it."""
    for path, operations in document["paths"].items():
        for method in operations:
            for place in _places(path, world):
                yield from _ways(method.upper(), place)


def _places(path: str, world: Mapping[str, str]) -> Iterator[str]:
    known = {"batch_id": "1", "match_id": "1-2", "export_id": "e-1", "name": "persons-0001.ndjson"}
    known |= {"source": SOURCE, "dataset": "things", "signal_id": "1", "judgement_id": "1"}
    known |= {"request_id": "1", "grant_id": "1"}
    of = next((name for name in COLLECTIONS if path.startswith(f"/v1/{name}/")), None)
    if "{entity_id}" in path and "{collection}" not in path:
        assert of is not None
        known["entity_id"] = world[COLLECTIONS[of].record_type]
    if "{key}" in path:
        for record_type in MODELS:
            yield _filled(path, {**known, "key": f"T-{record_type}"})
        return
    if "{collection}" in path:
        for collection, model in COLLECTIONS.items():
            of_it = {"collection": collection, "entity_id": world[model.record_type]}
            yield _filled(path, {**known, **of_it})
        return
    yield _filled(path, known)


def _filled(path: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], "1"), path)


def _ways(method: str, path: str) -> Iterator[tuple[str, str, Any]]:
    collection = path.split("/")[2] if path.count("/") > 1 else ""
    if path.endswith("/search"):
        record_type = COLLECTIONS[collection].record_type
        for criterion, names in SOUGHT[record_type].items():
            for name in names:
                text = marker(record_type, field(COLLECTIONS[collection], name))
                yield method, path, {criterion: text}
                yield method, path, {"q": text}
    elif method == "GET":
        yield method, path, None
        if collection in COLLECTIONS and path.count("/") == 3:
            yield method, f"{path}?include=provenance,relations", None
        if collection in COLLECTIONS and path.count("/") == 2:
            yield method, f"{path}?community={COMMUNITY}&count=exact", None
    else:
        yield method, path, {"collection": "persons"} if path.endswith("/exports") else {}


def sent(client: Client, method: str, path: str, body: Any) -> Response:
    headers = {"Idempotency-Key": f"{method} {path}".replace(" ", "-"), "If-Match": '"1"'}
    return client.request(method, path, json=body, headers=headers)


def test_nothing_but_health_and_metadata_answers_without_a_token(
    anybody: Client, world: dict[str, str]
) -> None:
    document = anybody.get("/openapi.json").json()
    asked = 0
    for method, path, body in requests(document, world):
        if path not in OPEN:
            answered = sent(anybody, method, path, body)
            assert answered.status_code == 401, (method, path)
            assert "秘" not in answered.text
            asked += 1
    assert asked > 100


@callers
def test_no_answer_holds_a_field_beyond_the_grant(
    who: Who, login: Login, anybody: Client, world: dict[str, str]
) -> None:
    client = login(
        *who, purpose="steward" if who[0] in ("steward", "auditor", "admin") else "emergency"
    )
    allowed = {record_type: granted(who, record_type) for record_type in MODELS}
    hidden = {
        spec.name: marker(record_type, spec)
        for record_type, model in MODELS.items()
        for spec in fields(model)
        if spec.name not in allowed[record_type] or (who[0] == "auditor" and spec.name in MASKABLE)
    }
    texts = [text for text in hidden.values() if "秘" in text]
    names = set().union(*allowed.values())
    document = anybody.get("/openapi.json").json()
    for method, path, body in requests(document, world):
        if path.startswith(("/oauth", "/v1/catalogue", "/v1/code-tables")):
            continue
        answered = sent(client, method, path, body)
        assert answered.status_code < 500, (method, path)
        for text in texts:
            assert text not in answered.text, (method, path, text)
        if answered.headers["Content-Type"] == "application/json":
            # Rights, and what was told of others, name fields that the caller has no record of.
            silent = path not in ("/v1/rights", "/v1/audit")
            shown = set(named(answered.json())) if silent else set()
            assert shown <= names, (method, path, shown - names)


def named(document: Any, of: str | None = None) -> Iterator[str]:
    """Yield the names of fields that an answer speaks of."""
    if isinstance(document, dict):
        if of in ("fields", "marks"):
            yield from document
        for key, part in document.items():
            yield from named(part, key if of is None or of not in ("fields", "marks") else None)
    elif isinstance(document, list):
        if of in ("fields", "changed"):
            yield from (one for one in document if isinstance(one, str))
        for part in document:
            yield from named(part, None)


@callers
def test_a_record_shows_all_that_is_granted(who: Who, login: Login, world: dict[str, str]) -> None:
    purpose = "steward" if who[0] in ("steward", "auditor", "admin") else "emergency"
    client = login(*who, purpose=purpose)
    for record_type, model in MODELS.items():
        answered = client.get(f"/v1/{model.collection}/{world[record_type]}")
        expected = granted(who, record_type)
        if who == ("department", "property") and record_type == "camera":
            expected = set()
        if expected:
            assert answered.status_code == 200, (record_type, answered.text)
            assert set(answered.json()["fields"]) == expected, record_type
        else:
            assert answered.status_code in (403, 404), record_type
    if who[0] == "auditor":
        marks = client.get(f"/v1/persons/{world['person']}").json()["marks"]
        assert set(marks) == MASKABLE & granted(who, "person")


@callers
def test_values_beyond_the_grant_find_nothing(
    who: Who, login: Login, world: dict[str, str]
) -> None:
    purpose = "steward" if who[0] in ("steward", "auditor", "admin") else "emergency"
    client = login(*who, purpose=purpose)
    for record_type, model in MODELS.items():
        for spec in fields(model):
            text = marker(record_type, spec)
            whole = spec.name in granted(who, record_type)
            if "秘" not in text or (whole and not (who[0] == "auditor" and spec.name in MASKABLE)):
                continue
            answered = client.post(f"/v1/{model.collection}/search", json={"q": text})
            found = answered.json().get("items", []) if answered.status_code == 200 else []
            assert not [hit for hit in found if hit["score"] == 1], (record_type, spec.name)
