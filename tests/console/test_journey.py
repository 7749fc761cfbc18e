"""The worker's journey in a real browser: find, read why, enter, follow."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from hub.database import engine
from hub.store.users import add_account, new_link
from tests.console.build import axe, kept, log_in
from tests.delivery.town import OWNERS, POLICE, STREET, Town

pytestmark = pytest.mark.browser
PHONE = "13997001234"
#: One character of 马海明 is wrong.
MISTYPED = "马海鸣"


def journey(page: Page, town: Town) -> None:
    """Log in, find a resident by a mistyped name, read why, enter a telephone, see it arrive."""
    log_in(page)
    kept(page, "home")
    page.fill("#q", MISTYPED)
    page.click("main form button")
    expect(page.locator("#hits")).to_contain_text("马海明")
    kept(page, "found")
    page.click("#hits a >> nth=0")
    expect(page.locator("h1")).to_contain_text("马海明")
    kept(page, "person")
    page.locator("dl.summary div", has_text="联系电话").first.get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("街道办事处")
    kept(page, "why")
    page.click(".back a")
    page.click("text=填写或更正")
    expect(page.locator("#contact_phone")).to_have_value("13997000001")
    kept(page, "enter")
    page.fill("#contact_phone", "12")
    page.click("main form button")
    expect(page.locator(".errors")).to_contain_text("联系电话")
    kept(page, "enter-wrong")
    page.fill("#contact_phone", PHONE)
    page.click("main form button")
    page.wait_for_url(re.compile("/deliveries$"))
    expect(page.locator("#carried tbody tr")).to_have_count(4)
    kept(page, "queued")


def arrive(town: Town) -> None:
    """Let the departments take what was sent, and have it read back."""
    for source in (POLICE, STREET, OWNERS):
        town.answer(source, town.delivery(source).delivery_id)
    town.deliver(later=timedelta(minutes=2))


@pytest.mark.parametrize("width", [1280, 360])
def test_a_worker_finds_reads_enters_and_sees_it_arrive(
    opened: Callable[..., Any], town: Town, width: int
) -> None:
    with opened(width) as page:
        journey(page, town)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
        town.deliver()
        # The page asks by itself how things stand.
        expect(page.locator("#carried")).not_to_contain_text("等待发送", timeout=15_000)
        kept(page, "under-way")
        arrive(town)
        expect(page.locator("#carried .badge.good")).to_have_count(4, timeout=15_000)
        assert "every 3s" not in page.content()
        kept(page, "confirmed")
    assert town.phone()[0] == PHONE


def test_the_journey_works_without_scripts(opened: Callable[..., Any], town: Town) -> None:
    with opened(360, scripts=False) as page:
        journey(page, town)
        town.deliver()
        page.click("text=刷新")
        expect(page.locator("#carried")).not_to_contain_text("等待发送")
    assert town.phone()[0] == PHONE


def test_results_come_while_one_types(opened: Callable[..., Any], fetched: Path | None) -> None:
    if fetched is None:
        pytest.skip("htmx could not be fetched from npm")
    with opened() as page:
        log_in(page)
        page.locator("#q").press_sequentially(MISTYPED, delay=30)
        expect(page.locator("#hits")).to_contain_text("马海明")
        assert page.url.endswith("/console")


def test_who_may_be_known_already_is_shown_while_one_types(
    opened: Callable[..., Any], fetched: Path | None
) -> None:
    if fetched is None:
        pytest.skip("htmx could not be fetched from npm")
    with opened(360) as page:
        log_in(page)
        page.goto("/console/new/person")
        page.locator("#person_name").press_sequentially(MISTYPED, delay=30)
        expect(page.locator("#alike")).to_contain_text("可能已有此人")
        expect(page.locator("#alike a")).to_contain_text(["马海明"])
        assert page.evaluate("document.activeElement.id") == "person_name"
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        kept(page, "new-person-alike")


def test_a_part_that_is_waited_for_or_could_not_be_had_says_so(
    opened: Callable[..., Any], fetched: Path | None
) -> None:
    if fetched is None:
        pytest.skip("htmx could not be fetched from npm")
    with opened() as page:
        log_in(page)
        hits, failed = page.locator("#hits"), page.locator("#failed")
        expect(failed).to_be_hidden()
        asked = []

        def wait(route: Route) -> None:
            asked.append(hits.get_attribute("aria-busy"))
            route.fulfill(status=503, content_type="text/html", body="")

        page.route("**/console/search", wait)
        page.locator("#q").press_sequentially(MISTYPED, delay=30)
        expect(failed).to_be_visible()
        expect(failed).to_contain_text("没能取到最新内容")
        assert set(asked) == {"true"}
        assert hits.get_attribute("aria-busy") is None
        page.unroute("**/console/search")
        page.fill("#q", "马海明")
        expect(hits).to_contain_text("马海明")
        expect(failed).to_be_hidden()


def link(town: Town, name: str) -> str:
    """Return what ends a one-time link for somebody new."""
    with engine(town.settings).begin() as connection:
        return new_link(connection, add_account(connection, name, "worker"))


def test_axe_finds_nothing_on_any_page_in_either_language(
    opened: Callable[..., Any], town: Town, fetched: Path | None
) -> None:
    person = f"/console/persons/{town.person()}"
    town.enter(contact_phone=PHONE)
    wrong: list[str] = []
    with opened() as page:
        for language in ("en", "zh"):
            page.goto("/login")
            page.click(f"button[value={language}]")
            for path in ("/login", "/welcome/nothing", f"/welcome/{link(town, language)}"):
                page.goto(path)
                wrong += axe(page, fetched)
                kept(page, f"{language}-{path[1:8]}")
            log_in(page)
            for path in (
                *("/console", "/console/purpose", "/console/components", "/console/new/person"),
                *(person, f"{person}/why/contact_phone", f"{person}/history", f"{person}/enter"),
                *(f"{person}/deliveries", "/console/nowhere/nothing"),
            ):
                page.goto(path)
                wrong += axe(page, fetched)
                kept(page, f"{language}-{path.split('/')[-1]}"[:40])
            page.goto("/console")
            page.fill("#q", "马海明")
            page.click("main form button")
            expect(page.locator("#hits li").first).to_be_visible()
            wrong += axe(page, fetched)
            page.click("form.who button")
            page.wait_for_url("**/login")
    assert wrong == []
