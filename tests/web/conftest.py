"""The API, served for real over a test's own database, and callers of every role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Client
from sqlalchemy import Connection, Engine

from hub.config import Settings
from hub.store import tables
from hub.store.clients import add_client
from hub.store.spooled import settle
from hub.web.app import create_app
from hub.web.limits import Limits
from tests.web.build import Login
from tests.web.served import served


@pytest.fixture
def limits() -> Limits:
    return Limits()


@pytest.fixture
def app(settings: Settings, limits: Limits) -> FastAPI:
    return create_app(settings, limits)


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.fixture
def anybody(address: str) -> Iterator[Client]:
    """A caller without a token."""
    with Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture
def login(address: str, anybody: Client, engine: Engine) -> Iterator[Login]:
    opened: list[Client] = []

    def made(role: str, source: str | None = None, purpose: str | None = "") -> Client:
        # Unless a test says so, one that the role's own grants cover.
        usual = "verification" if role in ("department", "worker") else "steward"
        purpose = usual if purpose == "" else purpose
        with engine.begin() as connection:
            client_id, secret = add_client(connection, f"a {role}", role, source)
        form = {"grant_type": "client_credentials"}
        answered = anybody.post("/oauth/token", data=form, auth=(client_id, secret))
        headers = {"Authorization": f"Bearer {answered.json()['access_token']}"}
        headers |= {"Hub-Purpose": purpose} if purpose else {}
        # For tests, which grant this caller something; the API takes no notice of it.
        headers |= {"X-Client": client_id}
        opened.append(Client(base_url=address, headers=headers, timeout=30))
        return opened[-1]

    yield made
    for client in opened:
        client.close()


@pytest.fixture
def steward(login: Login) -> Client:
    return login("steward")


@pytest.fixture
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection of which every statement counts at once."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


@pytest.fixture
def audited(engine: Engine, settings: Settings) -> Callable[[], list[dict[str, Any]]]:
    """Read what the audit holds besides the issuing of tokens."""

    def read() -> list[dict[str, Any]]:
        assert settle(engine, settings.home, patience=30) == 0
        with engine.connect() as connection:
            rows = connection.execute(tables.audit.select().order_by(tables.audit.c.audit_id))
            return [dict(row._mapping) for row in rows if row.action != "token"]

    return read
