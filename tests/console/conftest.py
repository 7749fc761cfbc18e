"""The console over a town whose departments are real servers, in a real browser where there is one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import Client
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, sync_playwright

from hub.config import Settings
from hub.database import engine
from hub.errors import SourceUnavailable
from hub.store import tables
from hub.store.spooled import settle
from hub.web.app import create_app
from hub.web.console import libraries
from tests.conftest import a_hub_like
from tests.console.build import AXE, install, let_in, logged_in
from tests.delivery.town import Town, a_town
from tests.web.served import served

CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """Fetch htmx and axe-core once; None where there is no way to npm's registry."""
    folder = tmp_path_factory.mktemp("libraries")
    try:
        libraries.fetch(folder, (libraries.HTMX, AXE))
    except SourceUnavailable:
        return None
    return folder


@pytest.fixture(scope="session")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """Fetch what draws the map, once; None where there is no way to npm's registry."""
    folder = tmp_path_factory.mktemp("drawing")
    try:
        libraries.fetch(folder, (libraries.MAPLIBRE, libraries.MAPLIBRE_WORKER))
    except SourceUnavailable:
        return None
    return folder


@pytest.fixture(scope="session")
def staffed(settled: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Make one hub of a town in which people of every role have their passwords."""
    with a_hub_like(settled, tmp_path_factory.mktemp("staffed")) as settings:
        let_in(settings, "worker", "steward", "auditor", "admin")
        engine(settings).dispose()
        yield settings


@pytest.fixture
def town(staffed: Settings, tmp_path: Path) -> Iterator[Town]:
    with a_hub_like(staffed, tmp_path) as settings, a_town(settings, tmp_path) as town:
        yield town


@pytest.fixture
def address(town: Town, fetched: Path | None) -> Iterator[str]:
    install(town.settings, fetched, libraries.HTMX)
    with served(create_app(town.settings)) as address:
        yield address


@pytest.fixture
def visitor(address: str) -> Iterator[Callable[[str], Client]]:
    """Log people in, as a browser without scripts would."""
    opened: list[Client] = []

    def made(role: str) -> Client:
        opened.append(logged_in(address, role))
        return opened[-1]

    yield made
    for client in opened:
        client.close()


@pytest.fixture
def audited(town: Town) -> Callable[[], list[dict[str, Any]]]:
    def read() -> list[dict[str, Any]]:
        assert settle(engine(town.settings), town.settings.home, patience=30) == 0
        with engine(town.settings).connect() as connection:
            rows = connection.execute(sa.select(tables.audit).order_by(tables.audit.c.audit_id))
            return [dict(row._mapping) for row in rows]

    return read


@pytest.fixture(scope="session")
def chromium() -> Iterator[BrowserType]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium; `.ci/run` as root installs it")
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="session")
def browser(chromium: BrowserType) -> Iterator[Browser]:
    with a_browser(chromium) as made:
        yield made


@contextmanager
def a_drawing_browser(chromium: BrowserType) -> Iterator[Browser]:
    """Open a browser that draws maps without a graphics card, at twice the work for any page."""
    more = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
    with a_browser(chromium, *more) as made:
        yield made


@contextmanager
def a_browser(chromium: BrowserType, *more: str) -> Iterator[Browser]:
    arguments = ["--no-sandbox", "--disable-background-networking", *more]
    made = chromium.launch(executable_path=CHROMIUM, args=arguments)
    yield made
    made.close()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[..., Any]]:
    yield from windows(browser, address)


def windows(browser: Browser, address: str) -> Iterator[Callable[..., Any]]:
    """Open windows; whatever their pages complain of, or ask of other hosts, fails the test."""
    complaints: list[str] = []

    @contextmanager
    def window(width: int = 1280, *, scripts: bool = True) -> Iterator[Page]:
        size = {"width": width, "height": 800}
        context: BrowserContext = browser.new_context(
            base_url=address, viewport=size, java_script_enabled=scripts, locale="zh-CN"
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(f"{error}"))
        page.on(
            "console",
            lambda said: (
                complaints.append(f"{said.text} {said.location.get('url')}")
                if said.type == "error"
                else None
            ),
        )
        page.on(
            "request",
            lambda asked: (
                complaints.append(asked.url) if not asked.url.startswith(address) else None
            ),
        )
        yield page
        context.close()

    yield window
    # Chromium itself complains of statuses, which pages with errors are meant to have, and htmx of
    # a hub that is away; what a page is made of has to be there.
    page = "/(console(?!/static)|login|welcome)"
    meant = f"status of (4|503).*{page}|Status Error Code 503"
    assert [one for one in complaints if not re.search(meant, one)] == []
