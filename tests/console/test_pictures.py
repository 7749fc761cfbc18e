"""The README's pictures of the console: `make pictures` keeps them in `tests/console/pictures`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from hub.database import engine
from hub.web.console.libraries import MAPLIBRE, MAPLIBRE_WORKER
from tests.console.build import install, kept, log_in
from tests.console.conftest import a_drawing_browser
from tests.console.desk import dead_letters, make_busy, pairs_to_judge
from tests.console.ground import NAME, people, things
from tests.delivery.town import OWNERS, POLICE, Town

pytestmark = pytest.mark.browser
Opened = Callable[..., Any]
DESK, PHONE, WIDE, NARROW = "/console/desk", "13997001234", 1280, 360
#: The README's pictures, each as wide as it shows best; the journeys' tests keep all the others.
SHOWN = {
    "search": WIDE,
    "person": NARROW,
    "why": NARROW,
    "arriving": NARROW,
    "map": WIDE,
    "desk": WIDE,
    "match": WIDE,
    "quality": WIDE,
}
#: The README loads them all.
MOST_BYTES = 150_000


def picture(page: Page, name: str) -> None:
    """Keep what is seen without scrolling, if the README shows it at this width."""
    width = (page.viewport_size or {"width": 0})["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if SHOWN[name] == width:
        page.evaluate("document.activeElement?.blur()")
        file = kept(page, name, whole=False)
        assert file is None or file.stat().st_size <= MOST_BYTES, name


@pytest.fixture(scope="module")
def browser(chromium: BrowserType) -> Iterator[Browser]:
    with a_drawing_browser(chromium) as made:
        yield made


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_pictures_of_a_worker_s_day(opened: Opened, town: Town, width: int) -> None:
    with opened(width) as page:
        log_in(page)
        page.fill("#q", "马海鸣")
        page.click("main form button")
        expect(page.locator("#hits")).to_contain_text("马海明")
        picture(page, "search")
        page.click("#hits a >> nth=0")
        expect(page.locator("h1")).to_contain_text("马海明")
        picture(page, "person")
        page.locator("dl.summary div", has_text="联系电话").first.get_by_role("link").first.click()
        expect(page.locator("main")).to_contain_text("街道办事处")
        picture(page, "why")
        page.click(".back a")
        page.click("text=填写或更正")
        page.fill("#contact_phone", PHONE)
        page.click("main form button")
        expect(page.locator("#carried tbody tr")).to_have_count(4)
        town.deliver()
        for source in (POLICE, OWNERS):
            town.answer(source, town.delivery(source).delivery_id)
        town.deliver(later=timedelta(minutes=2))
        expect(page.locator("#carried .badge.good").first).to_be_visible(timeout=15_000)
        picture(page, "arriving")


def test_pictures_of_the_desk(opened: Opened, town: Town) -> None:
    dead_letters(town)
    busy = make_busy(town)
    pairs_to_judge(busy, 3)
    with opened(WIDE) as page:
        log_in(page, "steward")
        for name in ("", "quality"):
            page.goto(f"{DESK}/{name}".rstrip("/"))
            picture(page, name or "desk")
        page.goto(f"{DESK}/matches")
        page.click("a.button")
        expect(page.locator("h1")).to_contain_text("两条记录对照")
        picture(page, "match")


def test_a_picture_of_the_map(opened: Opened, town: Town, drawing: Path | None) -> None:
    if drawing is None:
        pytest.skip("MapLibre could not be fetched from npm")
    install(town.settings, drawing, MAPLIBRE, MAPLIBRE_WORKER)
    with engine(town.settings).begin() as connection:
        things(connection)
        people(connection)
    with opened(WIDE) as page:
        page.set_default_timeout(60_000)
        log_in(page, "steward")
        page.goto("/console/map")
        page.locator("#map-frame[data-ready]").wait_for()
        page.locator("th a", has_text=NAME).click()
        expect(page.locator("#grid h2")).to_contain_text(NAME)
        page.locator("[data-tilt]").click()
        page.locator("#map-frame[data-still]").wait_for()
        page.evaluate("document.getElementById('map-frame').scrollIntoView()")
        picture(page, "map")
