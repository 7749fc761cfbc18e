"""What holds of every route: rights, audit, description."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from httpx import Client
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy import Connection

from hub.store import visible as rights
from hub.web.access import access
from schemas import COLLECTIONS, MODELS, fields
from tests.web.build import Login, Said, a_change, a_golden

OPEN = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/oauth/token",
    "/oauth/revoke",
    "/oauth/jwks",
    "/login",
    "/login/oidc",
    "/login/oidc/back",
    "/logout",
    "/welcome/{token}",
    "/",
    "/language",
    "/console/static/{digest}/{name}",
    "/.well-known/oauth-authorization-server",
}
#: Values that personal fields have in these tests, and that must not be anywhere unaudited.
NAME = "欧阳测"


def routes(app: FastAPI) -> list[APIRoute]:
    return [route for route in app.routes if isinstance(route, APIRoute)]


def calls(dependant: Dependant) -> Iterator[Callable[..., Any] | None]:
    yield dependant.call
    for part in dependant.dependencies:
        yield from calls(part)


def test_nothing_but_health_and_metadata_is_open(app: FastAPI) -> None:
    free = {route.path for route in routes(app) if access not in set(calls(route.dependant))}
    assert free == OPEN


def test_every_route_has_a_name_that_stays(app: FastAPI) -> None:
    names = [route.operation_id for route in routes(app)]
    assert all(names)
    assert len(set(names)) == len(names)
    assert {"get_person", "list_persons", "search_persons", "push_records"} <= set(names)


@pytest.fixture
def somebody(writing: Connection) -> str:
    said = Said("street_office", "residents", "SQ1", {"person_name": NAME}, {"姓名": NAME})
    person = a_golden(writing, said=(said,), person_name=NAME)
    a_change(writing, person, "person")
    return person


def reads(person: str) -> dict[str, tuple[str, str, dict[str, Any] | None]]:
    """One request for every route that shows something of a person."""
    return {
        "get_person": ("GET", f"/v1/persons/{person}", None),
        "list_persons": ("GET", "/v1/persons", None),
        "search_persons": ("POST", "/v1/persons/search", {"name": NAME}),
        "explain_person": ("GET", f"/v1/persons/{person}/provenance", None),
        "list_person_versions": ("GET", f"/v1/persons/{person}/history", None),
        "get_source_record": ("GET", "/v1/sources/street_office/residents/records/SQ1", None),
        "list_changes": ("GET", "/v1/changes", None),
    }


#: Routes that show no field of any record; exports have tests of their own.
NO_FIELDS = {
    *("list_batches", "get_batch", "list_signals", "list_quarantine"),
    "list_quality",
    *("list_catalogue", "get_catalogue_entry", "get_schema", "get_contract"),
    "list_code_tables",
    *("push_records", "ask_export", "get_export", "get_export_file", "close_signal"),
}

#: Routes about what residents ask; tests/web/test_residents_requests.py sees to them.
RESIDENTS = {
    *(f"{step}_resident_request" for step in ("receive", "get", "verify", "answer", "refuse")),
    *("list_resident_requests", "withdraw_resident_request"),
    *("get_resident_copy", "answer_erasure_ask"),
}

#: Routes about who may read what; tests/web/test_sharing.py sees to them.
SHARING = {
    *("ask_to_share", "list_share_requests", "get_share_request", "supplement_share_request"),
    *(f"{step}_share_request" for step in ("withdraw", "approve", "refuse", "extend", "return")),
    *("deliver_share_request", "revoke_share_request"),
    *("list_grants", "get_grant", "revoke_grant", "get_rights"),
}

#: Routes that are for stewards alone; tests/web/test_matches.py and test_judgements.py see to them.
STEWARDS = {
    *("list_matches", "get_match", "get_match_picture"),
    *("judge", "revert_judgement", "list_judgements", "get_judgement"),
}

#: Routes that tell numbers of people, not whom; tests/web/test_sharing.py sees to them.
SERVICES = {"count_evacuation_help"}

#: Routes that are for auditors; tests/web/test_audit.py sees to them.
AUDITORS = {"list_audit", "list_audit_roots"}

#: Routes by which workers enter, and authorities answer; test_entries.py and test_corrections.py.
ENTERING = {"describe_person", "list_corrections", "get_correction", "answer_correction"}
ENTERING |= {"open_correction"}

#: Routes by which changes are sent elsewhere; tests/web/test_subscriptions.py sees to them.
SUBSCRIBING = {
    *("subscribe", "list_subscriptions", "get_subscription"),
    *(f"{step}_subscription" for step in ("change", "delete", "rotate", "replay", "test")),
}

#: The route by which a form is filled; test_forms.py sees to it.
FORMS = {"fill_form"}


def test_every_read_route_passes_visible_and_audit(
    app: FastAPI,
    login: Login,
    somebody: str,
    audited: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[type] = []
    real = rights.visible

    def watched(caller: Any, model: Any, **said: Any) -> Any:
        seen.append(model)
        return real(caller, model, **said)

    monkeypatch.setattr("hub.web.access.visible", watched)
    monkeypatch.setattr("hub.store.visible.visible", watched)
    caller = login("worker", purpose="care")
    asked = reads(somebody)
    for name, (method, path, body) in asked.items():
        seen.clear()
        before = len(audited())
        answered = caller.request(method, path, json=body)
        assert answered.status_code == 200, name
        assert NAME in answered.text or somebody in answered.text, name
        assert MODELS["person"] in seen, name
        told = audited()[before:]
        assert [entry["caller"].startswith("c-") for entry in told] == [True], name
        assert (told[0]["entity_ids"], told[0]["record_type"]) == ([somebody], "person"), name
        assert told[0]["purpose"] == "care", name
        assert told[0]["origin"] == "127.0.0.1", name
        assert NAME not in str(told), name
    kinds = {name: model.record_type for name, model in COLLECTIONS.items()}
    ofall = {
        form.format(one=one, many=many)
        for many, one in kinds.items()
        for form in (
            *("get_{one}", "list_{many}", "search_{many}"),
            *("explain_{one}", "list_{one}_versions"),
            *("enter_{one}", "list_{one}_deliveries", "list_{one}_entries"),
        )
    }
    others = {route.operation_id for route in routes(app) if route.path.startswith("/v1")} - ofall
    known = NO_FIELDS | STEWARDS | SHARING | AUDITORS | ENTERING | SERVICES
    known |= SUBSCRIBING | FORMS | RESIDENTS
    assert others == known | {"get_source_record", "list_changes"}


def test_a_field_that_is_not_granted_is_nowhere(
    login: Login, writing: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "rtsp://10.0.0.8/live/1"
    said = (Said("public_security", "cameras", "63010200001320000001", {"stream_uri": secret}),)
    camera = a_golden(writing, "camera", said=said, stream_uri=secret, device_name="北小街路口")
    a_change(writing, camera, "camera", fields=["stream_uri", "device_name"])
    paths = [
        f"/v1/cameras/{camera}",
        f"/v1/cameras/{camera}?include=provenance",
        "/v1/cameras",
        f"/v1/cameras/{camera}/provenance",
        f"/v1/cameras/{camera}/history",
        "/v1/sources/public_security/cameras/records/63010200001320000001",
        "/v1/changes",
    ]
    # The city's own departments see no camera at all before they have asked for it.
    for role, source, status in (
        ("worker", None, {403}),
        ("department", "urban_management", {403}),
        ("department", "property", {404, 200}),
        ("auditor", None, {200}),
    ):
        caller = login(role, source)
        for path in paths:
            answered = caller.get(path)
            allowed = {*status, 200} if path == "/v1/changes" else status
            assert answered.status_code in allowed, (role, path)
            assert secret not in answered.text, path
            assert "stream_uri" not in answered.text, path
    police = login("department", "public_security")
    assert police.get(paths[0]).json()["fields"]["stream_uri"] == secret
    assert police.get(paths[0] + "?fields=device_name").json()["fields"] == {
        "device_name": "北小街路口"
    }


def test_the_description_is_valid_and_its_examples_too(app: FastAPI, anybody: Client) -> None:
    document = anybody.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert not list(OpenAPIV31SpecValidator(document).iter_errors())
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                schema = parameter["schema"]
                for example in schema.get("examples", []):
                    Draft202012Validator(schema).validate(example)
            assert {"400", "401", "422", "500"} <= set(operation["responses"])


def test_answers_have_the_shape_that_is_described(
    anybody: Client, steward: Client, somebody: str, writing: Connection
) -> None:
    a_golden(writing, "house", floor_area_m2="89.50", has_elevator="true", floor_no="3")
    a_golden(
        writing,
        "geo_entity",
        geo_entity_name="康东小区",
        boundary_geometry='{"type": "Point", "coordinates": [101.79, 36.61]}',
    )
    document = anybody.get("/openapi.json").json()
    asked = reads(somebody)
    asked |= {f"list_{name}": ("GET", f"/v1/{name}", None) for name in COLLECTIONS}
    asked |= {
        name: ("GET", f"/v1/{path}", None)
        for name, path in (
            *(("list_batches", "batches"), ("list_signals", "signals")),
            *(("list_quarantine", "quarantine"), ("list_catalogue", "catalogue")),
            *(("get_catalogue_entry", "catalogue/persons"), ("list_code_tables", "code-tables")),
            *(("list_matches", "matches"), ("list_judgements", "judgements")),
            ("list_quality", "quality"),
        )
    }
    for name, (method, path, body) in asked.items():
        answered = steward.request(method, path, json=body)
        operation = next(
            one
            for item in document["paths"].values()
            for one in item.values()
            if one["operationId"] == name
        )
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": document["components"]}).validate(
            answered.json()
        )


def test_the_catalogue_tells_of_every_field(steward: Client) -> None:
    listed = {entry["collection"]: entry for entry in steward.get("/v1/catalogue").json()["items"]}
    assert set(listed) == set(COLLECTIONS)
    codes = set()
    for collection, model in COLLECTIONS.items():
        entry = steward.get(f"/v1/catalogue/{collection}").json()
        assert [one["name"] for one in entry["fields"]] == [spec.name for spec in fields(model)]
        codes |= {one["code"] for one in entry["fields"]}
        schema = steward.get(f"/v1/catalogue/{collection}/schema").json()
        Draft202012Validator.check_schema(schema)
        contract = yaml.safe_load(steward.get(f"/v1/catalogue/{collection}/contract").text)
        assert contract["apiVersion"] == "v3.1.0"
    assert len(codes) == 108
    assert {one["source"] for one in listed["persons"]["datasets"]} >= {"street_office"}
    assert steward.get("/v1/catalogue/robots").status_code == 404


def test_health_and_metrics_need_no_token(
    anybody: Client, writing: Connection, somebody: str
) -> None:
    assert anybody.get("/healthz").json() == {"status": "ok"}
    assert anybody.get("/readyz").json() == {"status": "ok"}
    assert anybody.get(f"/v1/persons/{somebody}").status_code == 401
    text = anybody.get("/metrics").text
    assert 'hub_source_age_seconds{dataset="residents",source="street_office"}' in text
    for name in ("hub_quarantine_rows", "hub_feed_lag_seconds", "hub_outbox_oldest_seconds"):
        assert f"# TYPE {name} gauge" in text
    assert 'hub_http_requests_total{route="/v1/persons/{entity_id}",status="401"} 1.0' in text
    assert somebody not in text
