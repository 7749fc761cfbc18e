"""Empty, loading, error and no permission: what every list of the console has words for.

The lists are those that a walk through the console's own links finds; none is named here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from httpx import Client
from playwright.sync_api import Browser, Page, Route, TimeoutError, expect

from hub.config import Settings
from hub.database import engine
from hub.web.app import create_app
from hub.web.console.libraries import HTMX
from tests.conftest import a_hub_like
from tests.console.build import axe, form_token, install, let_in, log_in, logged_in
from tests.console.conftest import windows
from tests.console.desk import (
    a_correction,
    a_share_request,
    dead_letters,
    make_busy,
    pairs_to_judge,
)
from tests.console.ground import a_person, people, things
from tests.console.test_filling import form
from tests.console.walk import Shown, page_routes, shown, walk
from tests.delivery.town import POLICE, Town, a_town
from tests.web.served import served

#: Whoever comes later is the one by whom a page is looked at.
ROLES = ("department", "auditor", "admin", "steward", "worker")
#: Answers that are no page: a file, a picture, ways that lead on.
NO_PAGES = {"get_console_file", "show_match_picture", "lead_to_search", "skip_match"}
#: What each language says of a page that is on its way.
OPENING = {"zh": "正在打开…", "en": "Opening…"}


@pytest.fixture(scope="module")
def stocked(settled: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town with something in every list; the tests of this file only look at it."""
    folder = tmp_path_factory.mktemp("stocked")
    with a_hub_like(settled, folder) as settings, a_town(settings, folder) as town:
        let_in(settings, *ROLES[1:])
        let_in(settings, "department", source=POLICE)
        dead_letters(town)
        a_correction(town)
        a_share_request(town)
        make_busy(town)
        pairs_to_judge(town, 2)
        with engine(settings).begin() as connection:
            things(connection)
            people(connection)
            for number in range(4):
                # More than the first page names.
                a_person(connection, f"马独居{number}", care_categories='["01"]')
        yield town


@pytest.fixture(scope="module")
def app(stocked: Town, fetched: Path | None) -> FastAPI:
    install(stocked.settings, fetched, HTMX)
    return create_app(stocked.settings)


@pytest.fixture(scope="module")
def desk(app: FastAPI) -> Iterator[str]:
    with served(app) as address:
        yield address


def unlinked(client: Client, town: Town) -> list[str]:
    """Return the pages that only a form leads to, having sent the forms; and the components'."""
    token = {"form_token": form_token(client.get("/console").text)}
    sent = client.post("/console/forms", data=token, files={"file": ("表.xlsx", form())})
    asked = {"asked": "access", "said": "想看看", "channel": "counter"}
    asked["person_id"] = person = town.person()
    request = client.post("/console/desk/requests", data={**token, **asked, "key": "1" * 32})
    path = str(request.url.path)
    checked = {"checked": "身份证", "person_id": person, "key": "2" * 32, "version": "1"}
    client.post(f"{path}/verify", data={**token, **checked})
    pair = re.findall(r'"(/console/desk/matches/[0-9]+-[0-9]+)"', client.get(PAIRS).text)[0]
    client.post(pair, data={**token, "verdict": "unsure", "key": "3" * 32, "reason": "x"})
    return [f"/console/persons/{person}", str(sent.url.path), "/console/components"]


PAIRS = "/console/desk/matches"


@pytest.fixture(scope="module")
def walked(app: FastAPI, desk: str, stocked: Town) -> dict[str, list[Shown]]:
    """Walk the console as everybody: by role, the pages that were seen."""
    found = {}
    with closing(logged_in(desk, "steward")) as steward:
        more = unlinked(steward, stocked)
    for role in ROLES:
        with closing(logged_in(desk, role)) as client:
            starts = more if role in ("steward", "admin") else more[:1]
            found[role] = [one for one in walk(app, client, *starts) if one.status == 200]
    return found


def lists(walked: dict[str, list[Shown]]) -> dict[str, tuple[str, Shown]]:
    """Return every page with a list once: by its route, who saw it and what it showed."""
    return {one.route: (role, one) for role in ROLES for one in walked[role] if one.has_lists}


def test_the_walk_comes_to_every_page(app: FastAPI, walked: dict[str, list[Shown]]) -> None:
    seen = {one.route for pages in walked.values() for one in pages}
    assert set(page_routes(app)) - seen == NO_PAGES - seen
    assert len(lists(walked)) >= 30


def test_no_list_is_without_lines_or_a_word_for_it(walked: dict[str, list[Shown]]) -> None:
    for role, pages in walked.items():
        for one in pages:
            assert all(count for _, count in one.lists), (role, one.path)


def test_every_list_has_a_word_for_nothing(
    walked: dict[str, list[Shown]], staffed: Settings, tmp_path: Path
) -> None:
    """In a hub that has heard of nothing whatever is there says that there is nothing."""
    with a_hub_like(staffed, tmp_path) as settings:
        bare = create_app(settings)
        known = page_routes(bare)
        with served(bare) as address:
            for role in ("worker", "steward", "admin"):
                with closing(logged_in(address, role)) as client:
                    for one in walk(bare, client):
                        assert one.status == 200, one.path
                        assert all(count for _, count in one.lists), (role, one.path)
            for route, (role, _) in lists(walked).items():
                if "{" in known[route].path:
                    continue
                with closing(logged_in(address, role)) as client:
                    one = shown(client, known[route].path, route)
                    assert one.has_lists, (route, "shows neither lines nor that there are none")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whoever_may_not_see_a_list_is_told_so_and_led_on(
    desk: str, walked: dict[str, list[Shown]], language: str
) -> None:
    said = {"zh": "您无权查看此页", "en": "You may not see this page"}[language]
    denied = set()
    for role in ROLES:
        with closing(logged_in(desk, role)) as client:
            client.post("/language", data={"language": language, "next": "/console"})
            own = {one.path for one in walked[role]}
            for route, (_, one) in lists(walked).items():
                answered = client.get(one.path)
                # What lies beyond what somebody works on is not there at all.
                assert answered.status_code in (200, 403, 404, 409), (role, one.path)
                assert answered.status_code == 200 or one.path not in own, (role, one.path)
                assert 'href="/console"' in answered.text
                if answered.status_code == 403:
                    denied.add((role, route))
                    assert f"<h1>{said}</h1>" in answered.text, (role, one.path)
                    assert 'href="/console/purpose"' in answered.text, (role, one.path)
    assert {role for role, _ in denied} >= {"worker", "auditor", "department"}


def test_a_list_that_could_not_be_read_says_so_and_how_to_go_on(
    walked: dict[str, list[Shown]], staffed: Settings, tmp_path: Path
) -> None:
    """With the database away every list's address answers with a page that can be asked again."""
    with a_hub_like(staffed, tmp_path) as settings, served(create_app(settings)) as address:
        clients = {role: logged_in(address, role) for role in ("worker", "steward", "admin")}
        with database_away(settings):
            for route, (role, one) in lists(walked).items():
                client = clients.get(role, clients["admin"])
                answered = client.get(one.path)
                assert answered.status_code == 503, route
                again = re.search(r'class="button" href="([^"]*)"', answered.text)
                assert again is not None, route
                assert again[1].replace("&amp;", "&") == str(answered.url.raw_path, "ascii"), route
        assert clients["steward"].get("/console/desk").status_code == 200
        for client in clients.values():
            client.close()


@contextmanager
def database_away(settings: Settings) -> Iterator[None]:
    """Let nobody into a hub's database, and send away who is in it."""
    url = engine(settings).url
    server = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    away = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"

    def let_in_anybody(on: bool) -> None:
        connection.execute(sa.text(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS {on}'))

    with server.connect() as connection:
        let_in_anybody(False)
        connection.execute(sa.text(away), {"name": url.database})
        yield
        let_in_anybody(True)
    server.dispose()


@pytest.fixture
def opened_desk(browser: Browser, desk: str) -> Iterator[Callable[..., Any]]:
    yield from windows(browser, desk)


class Held:
    """Keeps the hub's next answer to a page back until it is let go."""

    def __init__(self, page: Page) -> None:
        self.page, self.waiting = page, list[Route]()

    def __enter__(self) -> Held:
        self.page.route("**/*", self._hold)
        return self

    def _hold(self, route: Route) -> None:
        self.waiting.append(route)

    def __exit__(self, *_: object) -> None:
        for route in self.waiting:
            # No content: the page stays.
            route.fulfill(status=204)
        self.page.unroute("**/*", self._hold)


def onward(page: Page) -> None:
    """Do what makes a list wait: narrow it, turn its page, follow its link, or open it again."""
    for found in (
        page.locator("form.filters button, form.inline button"),
        page.locator("nav.paging a"),
        page.locator("main a[href^='/console']"),
        page.locator("nav a[href^='/console']"),
    ):
        if found.count() and found.first.is_visible():
            found.first.click(no_wait_after=True)
            return
    raise AssertionError(f"nothing leads on from {page.url}")


def told_while(page: Page, act: Callable[[], None], word: str) -> dict[str, Any]:
    """Act, and return what the page is like when it says the word.

    It tells by its console: Playwright asks a page nothing while another one is on its way.
    """
    page.evaluate(TELLING)
    try:
        with page.expect_console_message(
            lambda said: said.text.startswith("{") and json.loads(said.text)["word"] == word
        ) as heard:
            act()
    except TimeoutError as error:
        raise AssertionError(f"{page.url} never said {word}") from error
    told: dict[str, Any] = json.loads(heard.value.text)
    return told


TELLING = """() => {
  const [main, word] = [document.querySelector("main"), document.getElementById("opening")];
  const tell = () => {
    const { top, bottom } = word.getBoundingClientRect();
    console.debug(JSON.stringify({
      word: word.textContent,
      busy: main.getAttribute("aria-busy"),
      outside: !main.contains(word) && word.getAttribute("role") === "status",
      seen: top >= 0 && bottom <= innerHeight && bottom > top,
      moving: document.getAnimations().length,
      wide: document.documentElement.scrollWidth,
    }));
  };
  new MutationObserver(tell).observe(word, { childList: true, characterData: true, subtree: true });
}"""


def once_each(walked: dict[str, list[Shown]]) -> dict[str, list[Shown]]:
    """Return every page once, by somebody who sees it."""
    last = {one.route: (role, one) for role in ROLES for one in walked[role]}
    return {role: [one for who, one in last.values() if who == role] for role in ROLES}


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width"), [("zh", 1280), ("en", 360)])
def test_every_page_is_without_fault_and_says_that_what_was_asked_for_is_on_its_way(
    opened_desk: Callable[..., Any],
    walked: dict[str, list[Shown]],
    fetched: Path | None,
    language: str,
    width: int,
) -> None:
    wrong: list[str] = []
    for role, pages in once_each(walked).items():
        with opened_desk(width) as page:
            page.emulate_media(reduced_motion="reduce")
            page.goto("/login")
            page.click(f"button[value={language}]")
            log_in(page, role)
            for path in (one.path for one in pages):
                page.goto(path)
                wrong += axe(page, fetched)
                content, word = page.locator("main"), page.locator("#opening[role=status]")
                assert content.get_attribute("aria-busy") is None, path
                expect(word).to_be_empty()
                with Held(page):
                    told = told_while(page, lambda: onward(page), OPENING[language])
                    assert told["busy"] == "true", path
                    # What says so is outside of what is busy, or it would not be read aloud.
                    assert told["outside"], path
                    assert told["seen"], path
                    assert told["moving"] == 0, path
                    assert told["wide"] <= width, path
    assert wrong == []


@pytest.mark.browser
def test_what_gives_a_file_leaves_the_page_as_it_is(opened_desk: Callable[..., Any]) -> None:
    with opened_desk() as page:
        log_in(page, "steward")
        page.goto(f"/console/desk/quarantine?source={POLICE}")
        with page.expect_download():
            page.click("form.workbook button")
        assert page.locator("main").get_attribute("aria-busy") is None
        page.click("text=清除筛选")
        expect(page.locator("#opening")).to_be_empty()


@pytest.mark.browser
def test_without_scripts_nothing_is_waited_for(
    opened_desk: Callable[..., Any], walked: dict[str, list[Shown]]
) -> None:
    with opened_desk(360, scripts=False) as page:
        log_in(page, "steward")
        page.goto("/console/desk/quarantine")
        expect(page.locator("#opening")).to_be_empty()
        page.click("form.filters button")
        assert page.locator("[aria-busy]").count() == 0
