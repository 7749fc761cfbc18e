"""Who gets in: client credentials, tokens, scopes."""

from __future__ import annotations

import base64
import json
import stat
from datetime import timedelta
from pathlib import Path

from httpx import Client
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import Connection, Engine

from hub.config import Settings
from hub.store.clients import add_client, revoke, rotate
from hub.web.keys import TokenKeys
from tests.web.build import Login, a_golden

GRANT = {"grant_type": "client_credentials"}


def test_a_token_can_be_checked_from_the_metadata_on(anybody: Client, engine: Engine) -> None:
    with engine.begin() as connection:
        client_id, secret = add_client(connection, "police", "department", "public_security")
    metadata = anybody.get("/.well-known/oauth-authorization-server").json()
    issued = anybody.post(metadata["token_endpoint"], data=GRANT, auth=(client_id, secret)).json()
    assert (issued["token_type"], issued["scope"]) == ("Bearer", "read write")
    (key,) = anybody.get(metadata["jwks_uri"]).json()["keys"]
    assert "d" not in key
    token = jwt.decode(issued["access_token"], RSAKey.import_key(key), algorithms=["RS256"])
    assert token.header["typ"] == "at+jwt"
    claims = token.claims
    assert claims["iss"] == metadata["issuer"]
    assert {"exp", "aud", "sub", "client_id", "iat", "jti", "scope"} <= set(claims)
    assert claims["sub"] == claims["client_id"] == client_id


def test_secrets_come_in_the_form_too_and_scopes_can_be_fewer(
    anybody: Client, engine: Engine
) -> None:
    with engine.begin() as connection:
        client_id, secret = add_client(connection, "console", "steward")
    form = {**GRANT, "client_id": client_id, "client_secret": secret, "scope": "read"}
    issued = anybody.post("/oauth/token", data=form)
    assert issued.json()["scope"] == "read"
    assert issued.headers["Cache-Control"] == "no-store"
    bearer = {"Authorization": f"Bearer {issued.json()['access_token']}", "Idempotency-Key": "k"}
    refused = anybody.post("/v1/exports", json={"collection": "grids"}, headers=bearer)
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
    more = anybody.post("/oauth/token", data={**form, "scope": "read everything"})
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


def test_a_wrong_secret_is_refused_and_often_is_too_often(anybody: Client, engine: Engine) -> None:
    with engine.begin() as connection:
        client_id, secret = add_client(connection, "console", "steward")
    refused = anybody.post("/oauth/token", data=GRANT, auth=(client_id, "wrong"))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["WWW-Authenticate"].startswith("Basic")
    plain = anybody.post(
        "/oauth/token",
        data=GRANT,
        auth=(client_id, "wrong"),
        headers={"Accept": "application/json"},
    )
    assert plain.headers["Content-Type"] == "application/json"
    answers = [anybody.post("/oauth/token", data=GRANT, auth=(client_id, "x")) for _ in range(12)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    # Whoever has the secret waits with the others: that is what a lock-out is.
    assert anybody.post("/oauth/token", data=GRANT, auth=(client_id, secret)).status_code == 429


def test_a_request_for_another_grant_is_refused(anybody: Client) -> None:
    refused = anybody.post("/oauth/token", data={"grant_type": "password"})
    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_grant_type")
    for header in ("Basic ???", "Bearer x", "Basic " + base64.b64encode(b"no colon").decode()):
        answered = anybody.post("/oauth/token", data=GRANT, headers={"Authorization": header})
        assert (answered.status_code, answered.json()["error"]) == (401, "invalid_client")


def test_without_a_token_that_counts_nothing_is_read(anybody: Client, login: Login) -> None:
    good = login("steward").headers["Authorization"]
    head, body, _ = good.split(".")
    for header in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"{head}.{body}.AAAA"}):
        answered = anybody.get("/v1/grids", headers=header)
        assert (answered.status_code, answered.json()["type"]) == (
            401,
            "urn:hub:problem:unauthorised",
        )
        assert answered.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_client_that_is_shut_out_reads_nothing(
    login: Login, engine: Engine, writing: Connection, anybody: Client
) -> None:
    a_golden(writing, "grid", grid_name="第一网格")
    with engine.begin() as connection:
        client_id, secret = add_client(connection, "short", "steward")
    token = anybody.post("/oauth/token", data=GRANT, auth=(client_id, secret)).json()
    with engine.begin() as connection:
        assert revoke(connection, client_id)
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert anybody.get("/v1/grids", headers=bearer).status_code == 401
    assert anybody.post("/oauth/token", data=GRANT, auth=(client_id, secret)).status_code == 401


def test_keys_are_kept_where_nobody_else_reads_them(anybody: Client, settings: Settings) -> None:
    kept = sorted((settings.home / "keys").iterdir())
    assert [Path(file).name for file in kept] == ["cursor.key", "session.key", "token.pem"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}


def test_secrets_are_kept_as_hashes_only(engine: Engine) -> None:
    with engine.begin() as connection:
        _, secret = add_client(connection, "console", "admin")
        row = connection.exec_driver_sql("SELECT * FROM client").one()
    assert row.secret_hash.startswith("$argon2id$")
    assert secret not in str(row)


def token(anybody: Client, client_id: str, secret: str) -> str:
    issued = anybody.post("/oauth/token", data=GRANT, auth=(client_id, secret)).raise_for_status()
    return str(issued.json()["access_token"])


def reads(anybody: Client, token: str) -> int:
    return anybody.get("/v1/grids", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_changed_secret_counts_beside_the_one_before_for_a_while(
    anybody: Client, engine: Engine
) -> None:
    with engine.begin() as connection:
        client_id, first = add_client(connection, "console", "steward")
        second = rotate(connection, client_id, timedelta(hours=1))
    assert token(anybody, client_id, first)
    assert token(anybody, client_id, second)
    with engine.begin() as connection:
        third = rotate(connection, client_id, timedelta(0))
    for secret, status in ((first, 401), (second, 401), (third, 200)):
        answered = anybody.post("/oauth/token", data=GRANT, auth=(client_id, secret))
        assert answered.status_code == status


def test_a_token_is_taken_back_by_its_client_alone(anybody: Client, engine: Engine) -> None:
    with engine.begin() as connection:
        mine = add_client(connection, "console", "steward")
        other = add_client(connection, "other", "steward")
    kept, taken = token(anybody, *mine), token(anybody, *mine)
    endpoint = anybody.get("/.well-known/oauth-authorization-server").json()["revocation_endpoint"]
    assert anybody.post(endpoint, data={"token": taken}, auth=other).status_code == 200
    assert anybody.post(endpoint, data={"token": taken}, auth=(mine[0], "x")).status_code == 401
    assert anybody.post(endpoint, data={"token": "nonsense"}, auth=mine).status_code == 200
    assert anybody.post(endpoint, data={"token": taken}, auth=mine).status_code == 200
    assert (reads(anybody, taken), reads(anybody, kept)) == (401, 200)


def test_tokens_of_the_key_before_count_while_new_ones_are_signed_anew(
    anybody: Client, engine: Engine, settings: Settings
) -> None:
    with engine.begin() as connection:
        client = add_client(connection, "console", "steward")
    before = token(anybody, *client)
    assert anybody.get("/oauth/jwks").json()["keys"][0]["kid"] == kid_of(before)
    kid = TokenKeys(settings.home).rotate()
    after = token(anybody, *client)
    assert kid_of(after) == kid != kid_of(before)
    assert [one["kid"] for one in anybody.get("/oauth/jwks").json()["keys"]] == [
        kid,
        kid_of(before),
    ]
    assert (reads(anybody, before), reads(anybody, after)) == (200, 200)
    TokenKeys(settings.home).rotate()
    assert kid_of(before) not in str(anybody.get("/oauth/jwks").json())


def kid_of(token: str) -> str:
    head = token.split(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=="))["kid"])
