"""People: one-time links, passwords, lock-out, sessions, forms, an OpenID provider."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import oidc_provider_mock
import pytest
from httpx import Client
from pydantic import SecretStr
from sqlalchemy import Connection, Engine

from hub.config import Oidc, Settings
from hub.database import execute
from hub.store import users
from hub.store.users import add_account, new_link, set_password, wait_after
from hub.web.app import create_app
from hub.web.limits import Limits
from hub.web.sessions import COOKIE, HEADER
from tests.web.build import a_golden
from tests.web.served import served

PASSWORD = "correct horse 电池"
PAGE = {"Accept": "text/html"}


@pytest.fixture
def people(engine: Engine) -> dict[str, str]:
    """A person of each role, with a password; the ids by the names."""
    with engine.begin() as connection:
        return {role: someone(connection, role) for role in ("worker", "steward", "auditor")}


def someone(connection: Connection, role: str, **said: Any) -> str:
    account = add_account(connection, f"王{role}", role, **said)
    set_password(connection, new_link(connection, account), PASSWORD)
    return account.account_id


def log_in(client: Client, role: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
    return client.post("/login", data={"name": f"王{role}", "password": password}, **more)


def test_a_person_sets_a_password_by_a_link_that_counts_once(
    anybody: Client, engine: Engine, writing: Connection
) -> None:
    areas = {"630102001001", "630102001002003"}
    with engine.begin() as connection:
        account = add_account(connection, "李网格", "worker", areas=areas)
        former, token = new_link(connection, account), new_link(connection, account)
        assert users.recognise(connection, "李网格", "") is None
    assert anybody.get(f"/welcome/{former}", headers=PAGE).status_code == 404
    shown = anybody.get(f"/welcome/{token}", headers=PAGE)
    assert "李网格" in shown.text
    assert 'lang="zh-CN"' in shown.text
    assert all(f'for="{name}"' in shown.text for name in ("password", "again"))
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert shown.headers["Referrer-Policy"] == "same-origin"
    form = {"password": PASSWORD, "again": "something else"}
    refused = anybody.post(f"/welcome/{token}", data=form, headers=PAGE)
    assert (refused.status_code, "不一致" in refused.text) == (422, True)
    assert anybody.post(f"/welcome/{token}", data={"password": "short"}).status_code == 400
    done = anybody.post(f"/welcome/{token}", data=form | {"again": PASSWORD}, headers=PAGE)
    assert (done.status_code, done.headers["Location"]) == (303, "/console")
    assert anybody.get("/login").json()["areas"] == sorted(areas)
    assert anybody.post(f"/welcome/{token}", data={"password": PASSWORD}).status_code == 404
    execute(writing, "UPDATE login_link SET used_at = NULL, expires_at = now()")
    assert anybody.get(f"/welcome/{token}").status_code == 404
    kept = str(execute(writing, "SELECT * FROM account, login_link, session").all())
    assert "$argon2id$" in kept
    assert not any(secret in kept for secret in (PASSWORD, token, former))


def test_a_session_gives_what_a_token_gives(
    anybody: Client,
    people: dict[str, str],
    writing: Connection,
    audited: Callable[[], list[dict[str, Any]]],
) -> None:
    person = a_golden(writing, person_name="张三")
    purpose = {"Hub-Purpose": "steward"}
    assert anybody.get(f"/v1/persons/{person}", headers=purpose).status_code == 401
    logged = log_in(anybody, "steward")
    assert logged.json()["role"] == "steward"
    cookie = logged.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Path=/"))
    assert "Secure" not in cookie
    assert anybody.get(f"/v1/persons/{person}").status_code == 403
    read = anybody.get(f"/v1/persons/{person}", headers=purpose)
    assert read.json()["fields"]["person_name"] == "张三"
    search = {"url": "/v1/persons/search", "json": {"name": "张三"}, "headers": purpose}
    assert anybody.post(**search).status_code == 403
    search["headers"] = purpose | {HEADER: logged.json()["form_token"]}
    assert anybody.post(**search).status_code == 200
    told = [(one["caller"], one["action"]) for one in audited()]
    assert told == [(people["steward"], word) for word in ("login", "read", "search")]
    # A token that is sent counts, whatever cookie is sent with it.
    headers = {"Authorization": "Bearer x"}
    assert anybody.get(f"/v1/persons/{person}", headers=headers).status_code == 401


def test_logging_out_needs_the_form_token_and_ends_the_session(
    anybody: Client, people: dict[str, str]
) -> None:
    shown = log_in(anybody, "auditor", headers=PAGE)
    assert (shown.status_code, shown.headers["Location"]) == (303, "/console")
    token = anybody.cookies[COOKIE]
    assert anybody.get("/v1/audit").status_code == 200
    assert anybody.post("/logout", data={"form_token": "x"}).status_code == 403
    page = anybody.get("/login", headers=PAGE).text
    (form_token,) = set(re.findall('name="form_token" value="([^"]+)"', page))
    out = anybody.post("/logout", data={"form_token": form_token}, headers=PAGE)
    assert out.status_code == 303
    anybody.cookies.set(COOKIE, token)
    assert anybody.get("/v1/audit").status_code == 401
    assert people["auditor"].startswith("u-")


def test_sessions_end_idle_after_a_day_and_with_the_account(
    anybody: Client, people: dict[str, str], writing: Connection, engine: Engine
) -> None:
    for end in (
        "UPDATE session SET seen_at = now() - interval '31 minutes'",
        "UPDATE session SET expires_at = now()",
        "UPDATE account SET disabled_at = now()",
    ):
        log_in(anybody, "worker")
        assert anybody.get("/v1/grids").status_code == 200
        execute(writing, end)
        assert anybody.get("/v1/grids").status_code == 401
    assert log_in(anybody, "worker").status_code == 401
    with engine.begin() as connection:
        execute(connection, "UPDATE account SET disabled_at = NULL")
        account = users.get_by_name(connection, "王worker")
    log_in(anybody, "worker")
    with engine.begin() as connection:
        set_password(connection, new_link(connection, account), PASSWORD + "2")
    # A new password ends what somebody else may have begun with the old one.
    assert anybody.get("/v1/grids").status_code == 401
    with engine.begin() as connection:
        users.disable(connection, account)
    assert log_in(anybody, "worker", PASSWORD + "2").status_code == 401
    assert people["worker"] == account.account_id


def test_wrong_passwords_lock_the_account_for_longer_and_longer(
    anybody: Client,
    people: dict[str, str],
    writing: Connection,
    audited: Callable[[], list[dict[str, Any]]],
) -> None:
    waits = [wait_after(failures) for failures in (4, 5, 6, 7, 8, 1_000)]
    assert waits == [timedelta(seconds=s) for s in (0, 15, 30, 60, 120, 3600)]
    for _ in range(users.FREE_FAILURES):
        assert log_in(anybody, "worker", "wrong").status_code == 401
    locked = log_in(anybody, "worker")
    assert locked.status_code == 429
    assert 0 < int(locked.headers["Retry-After"]) <= 15
    assert "尝试次数过多" in log_in(anybody, "worker", headers=PAGE).text
    execute(writing, "UPDATE account SET locked_until = now()")
    assert log_in(anybody, "worker").status_code == 200
    failures = "SELECT failures FROM account WHERE account_id = :id"
    assert execute(writing, failures, id=people["worker"]).scalar_one() == 0
    told = ["login refused"] * users.FREE_FAILURES + ["login locked"] * 2 + ["login"]
    assert [(one["caller"], one["action"]) for one in audited()] == [
        (people["worker"], action) for action in told
    ]


@pytest.mark.parametrize("limits", [Limits(failures_per_second=1e-3, failures_at_once=3)])
def test_trying_many_names_is_too_often(anybody: Client) -> None:
    form = {"password": "Sommer2026!"}
    tries = [anybody.post("/login", data=form | {"name": f"n{n}"}) for n in range(4)]
    assert [one.status_code for one in tries] == [401, 401, 401, 429]


def test_forms_of_other_sites_and_ways_to_other_sites_are_refused(
    anybody: Client, people: dict[str, str]
) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert log_in(anybody, "worker", headers=headers).status_code == 403
    for there in ("https://evil.example/", "//evil.example", "/\\evil.example", "/a\r\nX: y"):
        form = {"name": "王worker", "password": PASSWORD, "next": there}
        assert anybody.post("/login", data=form, headers=PAGE).headers["Location"] == "/console"
    form["next"] = "/persons?q=1"
    assert anybody.post("/login", data=form, headers=PAGE).headers["Location"] == "/persons?q=1"
    assert people


def test_reached_by_https_the_cookie_is_secure(settings: Settings, people: dict[str, str]) -> None:
    secured = settings.model_copy(update={"address": "https://hub.example.cn"})
    with served(create_app(secured)) as address, Client(base_url=address) as client:
        origin = {"Origin": "https://hub.example.cn"}
        assert "Secure" in log_in(client, "worker", headers=origin).headers["Set-Cookie"]
    assert people


@pytest.fixture
def provider() -> Iterator[str]:
    """A real OpenID provider that lets in whoever says who they are."""
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def through_provider(settings: Settings, provider: str, people: dict[str, str]) -> Iterator[Client]:
    """A browser at a hub that people may log in to at the provider's."""
    oidc = Oidc(issuer=provider, client_id="hub", client_secret=SecretStr("s"), claim="sub")
    app = create_app(settings.model_copy(update={"oidc": oidc}))
    with served(app) as address:
        given = app.state.hub.settings.model_copy(update={"address": address})
        app.state.hub.settings = given
        with Client(base_url=address, timeout=30) as client:
            yield client
    assert people


def way_back(browser: Client, name: str) -> str:
    """Log in at the provider's; return where it sends the browser."""
    there = browser.get("/login/oidc", params={"next": "/v1/grids"}).headers["Location"]
    assert "code_challenge_method=S256" in there
    answered = httpx.post(there, data={"sub": name}, timeout=30)
    return str(answered.headers["Location"])


def test_people_log_in_at_an_openid_provider(through_provider: Client) -> None:
    done = through_provider.get(way_back(through_provider, "王steward"), headers=PAGE)
    assert (done.status_code, done.headers["Location"]) == (303, "/v1/grids")
    assert through_provider.get("/login").json()["name"] == "王steward"
    assert through_provider.get("/v1/grids").status_code == 200


def test_who_is_unknown_or_came_another_way_is_not_let_in(
    through_provider: Client, people: dict[str, str]
) -> None:
    assert through_provider.get(way_back(through_provider, "somebody")).status_code == 403
    back = way_back(through_provider, "王steward")
    # The same answer in another browser, and with another login's state.
    stolen = httpx.get(back)
    assert stolen.status_code == 401
    other = re.sub("state=[^&]+", "state=x", back)
    assert through_provider.get(other).status_code == 401
    assert through_provider.get("/login/oidc/back?error=access_denied").status_code == 401
    assert through_provider.get(back).status_code == 200
    # A code counts once.
    assert through_provider.get(back).status_code == 401
    assert people


def test_without_a_provider_there_is_no_way_to_it(anybody: Client) -> None:
    assert anybody.get("/login/oidc").status_code == 404
    assert "/login/oidc" not in anybody.get("/login", headers=PAGE).text


def test_unknown_names_take_as_long_as_wrong_passwords(
    people: dict[str, str], engine: Engine
) -> None:
    def spent(name: str) -> float:
        began = time.process_time()
        with engine.begin() as connection:
            users.recognise(connection, name, "wrong")
        return time.process_time() - began

    known, unknown = (min(spent(name) for _ in range(4)) for name in ("王worker", "nobody"))
    assert 0.5 < known / unknown < 2
    assert people
