"""Every error is a problem document that repeats nothing of what was sent."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Client, Response
from pydantic import SecretStr
from sqlalchemy import Connection

from hub.config import Settings
from hub.web.app import create_app
from hub.web.limits import Limits
from tests.web.build import Login, a_golden
from tests.web.served import served

SECRET = "630102199001010013"


def is_problem(answered: Response, status: int, kind: str) -> None:
    assert answered.status_code == status, answered.text
    assert answered.headers["Content-Type"] == "application/problem+json"
    document = answered.json()
    assert document["type"] == f"urn:hub:problem:{kind}"
    assert document["status"] == status
    assert document["title"]
    assert SECRET not in answered.text


def test_unknown_addresses_and_methods(anybody: Client, steward: Client) -> None:
    for path in ("/nothing", "/v1", "/v1/nothing", "/v2/persons"):
        is_problem(anybody.get(path), 404, "not-found")
    missed = anybody.delete("/v1/exports")
    is_problem(missed, 405, "method-not-allowed")
    assert missed.headers["Allow"] == "POST"
    assert anybody.put("/v1/persons/search").headers["Allow"] == "POST"
    assert anybody.put("/v1/grids").headers["Allow"] == "GET"


def test_bodies_that_cannot_be_read(steward: Client) -> None:
    path = "/v1/persons/search"
    for body in (b"{", b'{"name": "\xff"}', b"[" * 100_000, b""):
        answered = steward.post(path, content=body, headers={"Content-Type": "application/json"})
        assert answered.status_code in (400, 422), body[:10]
        assert answered.headers["Content-Type"] == "application/problem+json"
    is_problem(
        steward.post(path, json={"name": "张三"}, headers={"Content-Type": "text/xml"}),
        415,
        "media-type",
    )
    is_problem(steward.post(path, content=b"{}"), 415, "media-type")


def test_impossible_values_are_named_by_place_not_by_content(steward: Client) -> None:
    answered = steward.post(
        "/v1/persons/search", json={"limit": 1000, "name": ["x"], SECRET: 1, "q": "a\x00b"}
    )
    is_problem(answered, 422, "invalid")
    places = {error["pointer"] for error in answered.json()["errors"]}
    assert {"/limit", "/name", "", "/q"} <= places
    query = steward.get("/v1/grids", params={"limit": "0", SECRET: "1", "grid": SECRET})
    is_problem(query, 422, "invalid")
    assert {error["parameter"] for error in query.json()["errors"]} >= {"limit", "grid"}
    is_problem(steward.get("/v1/grids?fields=grid_name,no_such"), 422, "invalid")
    is_problem(steward.get("/v1/batches/99999999999999999999999"), 422, "invalid")
    is_problem(steward.get("/v1/batches/x"), 422, "invalid")
    is_problem(steward.get("/v1/catalogue?x=1"), 422, "invalid")


def test_what_cannot_be_stored_is_refused(steward: Client) -> None:
    is_problem(steward.get("/v1/persons/a%00b"), 400, "malformed")
    is_problem(steward.get("/v1/signals?source=a%00b"), 400, "malformed")
    surrogate = b'{"name": "\\ud800\\ud800"}'
    answered = steward.post(
        "/v1/persons/search", content=surrogate, headers={"Content-Type": "application/json"}
    )
    is_problem(answered, 422, "invalid")


def test_bodies_that_are_too_large(steward: Client) -> None:
    large = b'{"q": "' + b"x" * 2_000_000 + b'"}'
    headers = {"Content-Type": "application/json"}
    is_problem(steward.post("/v1/persons/search", content=large, headers=headers), 413, "too-large")

    def chunks() -> Iterator[bytes]:
        yield b'{"q": "'
        for _ in range(200):
            yield b"x" * 10_000

    unsaid = steward.post("/v1/persons/search", content=chunks(), headers=headers)
    is_problem(unsaid, 413, "too-large")


@pytest.mark.parametrize("limits", [Limits(calls_per_second=0.1, calls_at_once=3)])
def test_callers_that_come_too_often_are_told_when_to_come_again(
    login: Login, limits: Limits
) -> None:
    steward = login("steward")
    answers = [steward.get("/v1/catalogue") for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    is_problem(answers[-1], 429, "too-many-requests")
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 20
    # Others are not kept waiting by it.
    assert login("steward").get("/v1/catalogue").status_code == 200


def test_a_failure_tells_and_logs_nothing_of_the_data(
    steward: Client, writing: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    person = a_golden(writing, person_name="张三", citizen_id_no=SECRET)
    writing.exec_driver_sql("ALTER TABLE golden_person ALTER citizen_id_no TYPE bytea USING NULL")
    writing.exec_driver_sql("ALTER TABLE golden_person RENAME person_name TO gone")
    with caplog.at_level(logging.DEBUG):
        answered = steward.get(f"/v1/persons/{person}")
    is_problem(answered, 500, "failed")
    assert "GET /v1/persons/{entity_id}" in caplog.text
    assert SECRET not in caplog.text
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("hub")]
    assert person not in "".join(ours)


def test_while_the_database_is_away_it_is_said_when_to_come_again(tmp_path: Path) -> None:
    nowhere = SecretStr("postgresql://127.0.0.1:1/none")
    app = create_app(Settings(home=tmp_path / "home", database_url=nowhere))
    with served(app) as address, Client(base_url=address) as anybody:
        assert anybody.get("/healthz").json() == {"status": "ok"}
        for path in ("/readyz", "/metrics"):
            answered = anybody.get(path)
            is_problem(answered, 503, "unavailable")
            assert int(answered.headers["Retry-After"]) > 0


def test_no_answer_is_taken_for_anything_else_than_it_says(
    anybody: Client, steward: Client, writing: Connection
) -> None:
    person = a_golden(writing, person_name="张三")
    one = f"/v1/persons/{person}"
    answers = [steward.get(one), steward.get(one), anybody.get(one), anybody.get("/v1/%00")]
    answers += [anybody.get("/nowhere"), anybody.get("/health"), anybody.get("/openapi.json")]
    answers.append(anybody.get("/console", follow_redirects=True))
    assert {said.status_code for said in answers} >= {200, 400, 401, 404}
    assert {said.headers["X-Content-Type-Options"] for said in answers} == {"nosniff"}
