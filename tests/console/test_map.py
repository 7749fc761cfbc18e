"""The map and the day: grids with their numbers, whom to visit; with a map, without, and in need."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import Client
from playwright.sync_api import Browser, BrowserType, Page, expect

from hub.config import Settings
from hub.database import engine
from hub.store import tables
from hub.store.tables import correction
from hub.store.users import add_account, new_link, set_password
from hub.web.app import create_app
from hub.web.console.libraries import HTMX, MAPLIBRE, MAPLIBRE_WORKER
from tests.console.build import PASSWORD, axe, install, kept, let_in, log_in
from tests.console.conftest import a_drawing_browser
from tests.console.ground import (
    COMMUNITY,
    GRID,
    NAME,
    OTHER_NAME,
    a_person,
    ago,
    people,
    things,
    today,
)
from tests.web.served import served

Opened = Callable[..., Any]
Visitor = Callable[[str], Client]


@pytest.fixture(scope="module")
def browser(chromium: BrowserType) -> Iterator[Browser]:
    with a_drawing_browser(chromium) as made:
        yield made


@pytest.fixture
def lives(settings: Settings) -> dict[str, str]:
    let_in(settings, "worker", areas={COMMUNITY})
    let_in(settings, "steward")
    with engine(settings).begin() as connection:
        things(connection)
        return people(connection)


@pytest.fixture
def address(
    settings: Settings, lives: dict[str, str], fetched: Path | None, drawing: Path | None
) -> Iterator[str]:
    install(settings, fetched, HTMX)
    install(settings, drawing, MAPLIBRE, MAPLIBRE_WORKER)
    with served(create_app(settings)) as address:
        yield address


def figures(page: Page) -> dict[str, str]:
    """Return the numbers that a page shows of a grid."""
    names = page.locator("#grid dl.tally dt").all_inner_texts()
    return dict(zip(names, page.locator("#grid dl.tally dd").all_inner_texts(), strict=True))


@contextmanager
def ready(opened: Opened, width: int, role: str = "worker") -> Iterator[Page]:
    """Open the map, and wait until everything has been loaded."""
    with opened(width) as page:
        page.set_default_timeout(60_000)
        log_in(page, role)
        page.goto("/console/map")
        page.locator("#map-frame[data-ready]").wait_for()
        yield page


@pytest.mark.browser
def test_without_scripts_the_page_is_the_list_of_grids_with_their_numbers(opened: Opened) -> None:
    for width in (1280, 360):
        with opened(width, scripts=False) as page:
            log_in(page)
            page.goto("/console/map")
            row = page.locator("tbody tr", has_text=NAME)
            assert row.locator("td").all_inner_texts() == ["5", "2", "1", "1", "1", "1", "4"]
            expect(page.locator("#map-frame")).to_be_hidden()
            kept(page, "map-list")
            row.get_by_role("link").click()
            assert figures(page)["居民"].startswith("5")
            kept(page, "map-grid-list")
            page.locator("#grid a.button").click()
            expect(page.locator(".hits li")).to_have_count(5)
            expect(page.locator("main")).not_to_contain_text("钱已故")
            kept(page, "map-people")


@pytest.mark.browser
def test_a_grid_is_chosen_on_the_map_and_its_numbers_are_shown(
    opened: Opened, drawing: Path | None, fetched: Path | None
) -> None:
    if drawing is None:
        pytest.skip("MapLibre could not be fetched from npm")
    for width in (1280, 360):
        with ready(opened, width) as page:
            kept(page, "map")
            page.locator("th a", has_text=NAME).click()
            expect(page.locator("#grid h2")).to_contain_text(NAME)
            page.locator("th a", has_text=OTHER_NAME).click()
            expect(page.locator("#grid h2")).to_contain_text(OTHER_NAME)
            # Its middle is where the map's is now; what lies there is looked up by the map.
            page.locator("th a", has_text=NAME).click()
            expect(page.locator("#grid h2")).not_to_contain_text(OTHER_NAME)
            page.evaluate("document.getElementById('grid').textContent = ''")
            page.locator("#map canvas").click()
            expect(page.locator("#grid h2")).to_contain_text(NAME)
            assert figures(page)["独居老人"].startswith("1")
            page.locator("[data-tilt]").click()
            page.locator("#map-frame[data-still]").wait_for()
            kept(page, "map-grid")
            assert axe(page, fetched) == []
            page.get_by_role("button", name="English").click()
            page.locator("#map-frame[data-ready]").wait_for()
            assert axe(page, fetched) == []


@pytest.mark.browser
def test_a_worker_s_day_is_on_the_first_page(opened: Opened, fetched: Path | None) -> None:
    for width in (1280, 360):
        with opened(width) as page:
            log_in(page)
            expect(page.locator(".today")).to_contain_text("马独居")
            kept(page, "today")
            assert axe(page, fetched) == []
            page.get_by_role("button", name="English").click()
            assert axe(page, fetched) == []
            page.goto("/console/today/unvisited")
            assert axe(page, fetched) == []
            kept(page, "unvisited")


def cards(text: str) -> dict[str, str]:
    """Return the parts of the first page about the day, by what they are about."""
    parts = text.split('<section class="card" aria-labelledby="today-')[1:]
    return {part.split('"', 1)[0]: part.split("</section>")[0] for part in parts}


def test_the_day_names_those_who_have_waited_longest_and_who_is_new(
    visitor: Visitor, lives: dict[str, str], settings: Settings
) -> None:
    with engine(settings).begin() as connection:
        asked = {"record_type": "person", "field": "person_name", "authority": "public_security"}
        said = {"raised_by": "王worker", "proposed": "马独", "state": "open"}
        for who, due_on in (("alone", today()), ("aged", today() + timedelta(days=60))):
            row = {**asked, **said, "entity_id": lives[who], "due_on": due_on}
            connection.execute(correction.insert().values(row))
    shown = cards(visitor("worker").get("/console").text)
    assert [*shown] == ["unvisited", "alone", "aged", "disabled", "arrived", "due"]
    named = {
        "unvisited": ["李残疾", "孙隔壁", "韩高龄"],
        "alone": ["孙隔壁", "马独居"],
        "aged": ["韩高龄"],
        "disabled": ["李残疾"],
        "arrived": ["王新来"],
        "due": ["马独居"],
    }
    for name, expected in named.items():
        assert f'<span class="figure">{len(expected)}</span>' in shown[name], name
        found = {who: shown[name].find(who) for who in expected}
        assert -1 not in found.values(), (name, found)
        assert "钱已故" not in shown[name]
    # Never visited comes before visited long ago.
    assert shown["unvisited"].index("李残疾") < shown["unvisited"].index("韩高龄")
    # A steward has other work on the first page.
    assert "today-unvisited" not in visitor("steward").get("/console").text


def test_the_day_and_the_numbers_end_with_the_area_and_the_grants(
    address: str, visitor: Visitor, settings: Settings
) -> None:
    with engine(settings).begin() as connection:
        account = add_account(connection, "王远方", "worker", areas={"630102999"})
        set_password(connection, new_link(connection, account), PASSWORD)
    with Client(base_url=address, follow_redirects=True) as far:
        far.post("/login", data={"name": "王远方", "password": PASSWORD})
        assert "马独居" not in far.get("/console").text
        assert NAME not in far.get("/console/map").text
        # Grids are seen everywhere, people only where one works.
        whole = far.get(f"/console/map/{GRID}").text
        assert ">0<" in whole.split('class="tally"')[1]
        assert "马独居" not in far.get(f"/console/map/{GRID}/people").text
    # Cameras are counted and drawn by grant.
    worker, steward = visitor("worker").get("/console/map"), visitor("steward").get("/console/map")
    assert "摄像机" not in worker.text
    assert "摄像机" in steward.text
    for path in ("/console/map/1", f"/console/map/{GRID}0", "/console/today/robots"):
        assert visitor("worker").get(path).status_code == 404, path


def test_looking_into_needs_is_audited(visitor: Visitor, settings: Settings) -> None:
    worker = visitor("worker")
    with engine(settings).connect() as connection:
        last = connection.scalar(sa.select(sa.func.max(tables.audit.c.audit_id)))
    worker.get("/console")
    worker.get("/console/map")
    worker.get(f"/console/map/{GRID}/people?need=alone")
    query = sa.select(tables.audit).where(tables.audit.c.audit_id > last)
    with engine(settings).connect() as connection:
        rows = connection.execute(query.order_by(tables.audit.c.audit_id)).all()
    counts, lists = "count by grid", "list"
    assert [row.action for row in rows] == [lists, counts, counts, lists]
    assert {row.purpose for row in rows} == {"visit"}
    for row in rows:
        assert {"care_categories", "disability_category_code"} <= {*row.fields}


def test_lists_go_on_where_a_page_ends(visitor: Visitor, settings: Settings) -> None:
    with engine(settings).begin() as connection:
        for n in range(60):
            said = {"care_categories": '["01"]', "last_visit_date": ago(100 + n % 7)}
            a_person(connection, f"周{n:03}", **said)
    worker, path = visitor("worker"), "/console/today/alone"
    seen: list[str] = []
    while path:
        page = worker.get(path).text
        seen += re.findall('href="(/console/persons/[^"]+)"', page)
        path = page.split('rel="next" href="')[1].split('"')[0] if 'rel="next"' in page else ""
    assert len(seen) == len(set(seen)) == 62
