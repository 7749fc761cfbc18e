"""The steward's desk, first half: runs, holds, quarantine, signals, quality, catalogue."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from httpx import Client
from playwright.sync_api import Browser, Page, expect

from hub.config import Settings
from hub.database import engine
from hub.jobs.resolve import resolve
from hub.store import tables
from hub.web.app import create_app
from hub.web.console.libraries import HTMX
from schemas.rules import RULES
from tests.build import a_grid
from tests.conftest import a_hub_like
from tests.console.build import axe, form_token, install, kept, let_in, log_in, logged_in
from tests.console.conftest import windows
from tests.console.desk import HEARD, MUTE, make_busy, say_phone
from tests.delivery.town import POLICE, STREET, Town, a_town
from tests.web.build import a_batch
from tests.web.served import served

Visitor = Callable[[str], Client]
Told = Callable[[str], list[dict[str, Any]]]
DESK = "/console/desk"
HOSTILE = '<script>alert(1)</script>"\u202e=cmd|' + "长" * 400
MOST = 100_000
PAGES = (
    "",
    "/runs",
    "/runs/batches",
    "/holds",
    "/quarantine",
    "/signals",
    "/quality",
    "/catalogue",
)


@pytest.fixture(scope="module")
def shared(settled: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A busy town that the tests of this file share: they change nothing that another looks at."""
    folder = tmp_path_factory.mktemp("desk")
    with a_hub_like(settled, folder) as settings, a_town(settings, folder) as town:
        let_in(town.settings, "worker", "steward", "auditor")
        let_in(town.settings, "department", source=POLICE)
        yield make_busy(town)


@pytest.fixture(scope="module")
def desk(shared: Town, fetched: Path | None) -> Iterator[str]:
    install(shared.settings, fetched, HTMX)
    with served(create_app(shared.settings)) as address:
        yield address


@pytest.fixture(scope="module")
def officer(desk: str) -> Iterator[Callable[[str], Client]]:
    """Log people in, each once."""
    known: dict[str, Client] = {}

    def made(role: str) -> Client:
        if role not in known:
            known[role] = logged_in(desk, role)
        return known[role]

    yield made
    for client in known.values():
        client.close()


@pytest.fixture
def told(shared: Town) -> Callable[[str], list[dict[str, Any]]]:
    """Read what the audit has of an action since the test began."""
    query = "SELECT action, about, purpose FROM audit WHERE audit_id > :after AND action = :action"
    after = number_of(shared, "SELECT coalesce(max(audit_id), 0) FROM audit")

    def read(action: str) -> list[dict[str, Any]]:
        found = shared.ask(query, after=after, action=action)
        return [dict(zip(("action", "about", "purpose"), row, strict=True)) for row in found]

    return read


def number_of(town: Town, query: str) -> int:
    return int(town.ask(query)[0][0])


def held(town: Town) -> int:
    """Return the batch that is held, or was until a test decided on it."""
    return number_of(town, "SELECT max(batch_id) FROM batch WHERE dataset = 'grids'")


def mute(town: Town) -> int:
    return number_of(town, "SELECT quarantine_id FROM quarantine WHERE rule = 'phone.unreadable'")


def run_of(town: Town) -> int:
    return number_of(town, "SELECT run_id FROM source_run WHERE failure IS NOT NULL")


def every_page(town: Town) -> list[str]:
    kept = number_of(town, "SELECT batch_id FROM batch WHERE dataset = 'grids' AND state = 'kept'")
    return [
        *(DESK + page for page in PAGES),
        *(f"{DESK}/runs/{run_of(town)}", f"{DESK}/runs/batches/{kept}"),
        *(f"{DESK}/runs/batches/{held(town)}", f"{DESK}/holds/{held(town)}"),
        f"{DESK}/runs/batches?source={STREET}&dataset=grids",
        f"{DESK}/quarantine?source={POLICE}&rule=phone.unreadable",
        *(f"{DESK}/quarantine/{mute(town)}", f"{DESK}/quality/{POLICE}/2026-09"),
        *(f"{DESK}/catalogue/persons", f"{DESK}/catalogue/codes/GB/T%203304"),
    ]


def test_every_page_is_for_those_it_is_for_and_small(officer: Visitor, shared: Town) -> None:
    steward, worker, auditor = officer("steward"), officer("worker"), officer("auditor")
    for path in every_page(shared):
        shown = steward.get(path)
        assert shown.status_code == 200, path
        assert len(shown.content) <= MOST, path
        expected = 200 if "/catalogue" in path else 403
        assert worker.get(path).status_code == expected, path
        if path != DESK:
            assert auditor.get(path).status_code == 200, path
    assert auditor.get(DESK).status_code == 403
    assert "去决定" not in officer("worker").get("/console").text
    for nowhere in ("/holds/999", "/runs/999", "/quarantine/999", "/quality/nobody/2026-09"):
        assert steward.get(DESK + nowhere).status_code == 404, nowhere
    assert steward.get(f"{DESK}/quality/{POLICE}/2026-13").status_code == 422


def test_the_desk_tells_what_waits_and_leads_there(officer: Visitor, shared: Town) -> None:
    home = officer("steward").get(DESK).text
    for word in ("个批次挂起", f'href="{DESK}/holds"', "个来源上次未能读取", "项未采用"):
        assert word in home
    # Where it leads to, just what it counts is shown.
    link = r'</strong>\s*<span class="what"><a href="[^"]*/quarantine[?]fate=unused"'
    (count,) = re.findall(f'class="count">([0-9,]+){link}', home)
    shown = officer("steward").get(f"{DESK}/quarantine?fate=unused").text
    assert f"共 {count} 项" in shown
    runs = officer("steward").get(f"{DESK}/runs").text
    assert "失败" in runs
    assert "摄像机录入" not in runs
    failed = officer("steward").get(f"{DESK}/runs/{run_of(shared)}").text
    assert "未能读取" in failed


def test_empty_lists_say_so(visitor: Visitor, town: Town) -> None:
    steward = visitor("steward")
    assert "今天没有待办事项" in steward.get(DESK).text
    for page, words in (("holds", "没有挂起的批次"), ("quality", "还没有统计")):
        assert words in steward.get(f"{DESK}/{page}").text
    assert "没有符合条件的信号" in steward.get(f"{DESK}/signals?state=closed").text
    assert "没有符合条件的条目" in steward.get(f"{DESK}/quarantine?state=released").text


def test_a_hold_says_why_in_words_and_takes_a_word_with_its_reason(
    officer: Visitor, shared: Town, told: Told
) -> None:
    steward, path = officer("steward"), f"{DESK}/holds/{held(shared)}"
    shown = steward.get(path).text
    for word in ("原有 60 行，这次少了 36 行", "60.00%", a_grid(25)["网格编号"]):
        assert word in shown
    token = {"form_token": form_token(shown)}
    without = steward.post(path, data={**token, "decision": "refuse", "reason": " "})
    assert (without.status_code, "请写明理由" in without.text) == (422, True)
    assert steward.post(path, data={**token, "reason": "x"}).status_code == 422
    auditor = officer("auditor")
    foreign = {"form_token": form_token(auditor.get(path).text), "decision": "refuse"}
    assert auditor.post(path, data={**foreign, "reason": "x"}).status_code == 403
    done = steward.post(path, data={**token, "decision": "refuse", "reason": "未核实"})
    assert done.url.path == f"{DESK}/runs/batches/{path.rsplit('/', 1)[1]}"
    for word in ("已拒收", "未核实"):
        assert word in done.text
    again = steward.post(path, data={**token, "decision": "release", "reason": "x"})
    assert (again.status_code, "不能这样处理" in again.text) == (409, True)
    assert [one["about"] for one in told("refuse")] == [f"batch {path.rsplit('/', 1)[1]}"]


def test_what_was_said_is_shown_by_grant_and_audited(
    officer: Visitor, shared: Town, told: Told
) -> None:
    path = f"{DESK}/quarantine/{mute(shared)}?rule=phone.unreadable"
    shown = officer("steward").get(path).text
    for word in (MUTE, "怎样整改", "手机 11 位", "R000000000001"):
        assert word in shown
    assert f'href="{DESK}/quarantine?rule=phone.unreadable"' in shown
    assert [(one["about"], one["purpose"]) for one in told("quarantine")] == [
        (f"quarantine {mute(shared)}", "steward")
    ]
    assert MUTE not in officer("auditor").get(path).text


def test_the_workbook_goes_back_to_the_department(
    officer: Visitor, shared: Town, told: Told
) -> None:
    steward = officer("steward")
    page = steward.get(f"{DESK}/quarantine?source={POLICE}").text
    form = {"form_token": form_token(page), "source": POLICE}
    sent = steward.post(f"{DESK}/quarantine/workbook", data=form)
    book = openpyxl.load_workbook(io.BytesIO(sent.content))
    cells = {cell for sheet in book for row in sheet.values for cell in row}
    assert {MUTE, "R000000000001"} <= cells
    assert [one["about"] for one in told("export")] == [f"quarantine of {POLICE}"]
    auditor = officer("auditor")
    form["form_token"] = form_token(auditor.get(f"{DESK}/runs").text)
    assert auditor.post(f"{DESK}/quarantine/workbook", data=form).status_code == 403


def test_a_signal_that_is_known_is_closed(officer: Visitor, shared: Town) -> None:
    steward, path = officer("steward"), f"{DESK}/signals?source={POLICE}"
    shown = steward.get(path).text
    assert "新列" in shown
    signal = number_of(shared, "SELECT signal_id FROM signal WHERE column_name = '新列'")
    form = {"form_token": form_token(shown), "next": path}
    done = steward.post(f"{DESK}/signals/{signal}", data=form)
    assert str(done.url).endswith(path)
    assert "新列" not in done.text


def test_quality_is_the_same_in_charts_in_json_and_by_hand(officer: Visitor, shared: Town) -> None:
    steward = officer("steward")
    asked = {"source": POLICE, "field": "contact_phone", "from": "2026-09-01"}
    first, second, _ = steward.get("/v1/quality", params=asked).json()["items"]
    assert (first["day"], second["day"]) == ("2026-09-01", "2026-09-02")
    # Two residents, of whom one has a telephone that nobody can read.
    assert (first["records"], first["filled"], first["invalid"]) == (2, 1, 1)
    assert (first["completeness"], first["validity"]) == (0.5, 0.5)
    assert (first["compared"], first["agreement"]) == (1, first["agreed"])
    page = steward.get("/v1/quality", params={"limit": 3}).json()
    onward = steward.get("/v1/quality", params={"limit": 3, "cursor": page["next"]}).json()
    assert not {str(one) for one in page["items"]} & {str(one) for one in onward["items"]}
    month = steward.get(f"{DESK}/quality/{POLICE}/2026-09").text
    for word in ("<svg", "应当先整改", RULES["phone.unreadable"].zh, "50.00%"):
        assert word in month
    assert "<svg" in steward.get(f"{DESK}/quality").text


def test_a_department_sees_its_own_only(officer: Visitor, shared: Town) -> None:
    police = officer("department")
    assert "网格信息" not in police.get(f"{DESK}/runs").text
    assert police.get(f"{DESK}/holds/{held(shared)}").status_code == 404
    assert police.get(f"{DESK}/quality/{STREET}/2026-09").status_code == 404
    assert police.get(f"{DESK}/quality/{POLICE}/2026-09").status_code == 200
    assert MUTE in police.get(f"{DESK}/quarantine/{mute(shared)}").text
    assert police.get(DESK).status_code == 403


def test_hostile_words_of_sources_are_text_everywhere(officer: Visitor, shared: Town) -> None:
    with engine(shared.settings).begin() as connection:
        batch = a_batch(connection, POLICE, "residents", label=HOSTILE, state="held", flaw=HOSTILE)
        about = {"source": POLICE, "dataset": "residents", "batch_id": batch}
        said = {**about, "key": HOSTILE, "record_type": "person", "field": "person_name"}
        said |= {"rule": "phone.unreadable", "fate": "blank", "said": HOSTILE}
        insert = (
            tables.quarantine.insert().values(said).returning(tables.quarantine.c.quarantine_id)
        )
        broken = connection.scalar(insert)
        news = {**about, "kind": "column.unexpected", "column_name": HOSTILE, "detail": HOSTILE}
        connection.execute(tables.signal.insert().values(news))
    steward = officer("steward")
    for path in (
        *(f"{DESK}/holds", f"{DESK}/holds/{batch}", f"{DESK}/runs/batches/{batch}"),
        *(f"{DESK}/quarantine", f"{DESK}/quarantine/{broken}", f"{DESK}/signals"),
    ):
        shown = steward.get(path)
        assert shown.status_code == 200, path
        assert "&lt;script&gt;" in shown.text, path
        assert "<script>alert" not in shown.text, path


def fits(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (360, False)])
def test_a_steward_sees_a_failure_releases_a_hold_and_has_a_row_mended(
    opened: Callable[..., Any], town: Town, width: int, scripts: bool
) -> None:
    busy = make_busy(town)
    with opened(width, scripts=scripts) as page:
        log_in(page, "steward")
        page.click("text=工作台")
        expect(page.locator("h1")).to_contain_text("今日待办")
        kept(page, "desk")
        page.click("text=个来源上次未能读取")
        kept(page, "desk-runs")
        page.locator("tr", has_text="失败").get_by_role("link").first.click()
        expect(page.locator(".notice.bad")).to_be_visible()
        kept(page, "desk-run-failed")
        page.click("nav.desk-places >> text=挂起")
        page.click("text=这次少了 36 行")
        kept(page, "desk-hold")
        page.check("#decision")
        page.click("main form button")
        expect(page.locator(".errors")).to_contain_text("请写明理由")
        page.fill("#reason", "整体搬迁，已核实")
        page.click("main form button")
        expect(page.locator("h1")).to_contain_text("已采用")
        kept(page, "desk-batch")
        page.click("nav.desk-places >> text=隔离")
        page.select_option("#rule", "phone.unreadable")
        page.click("form.filters button")
        kept(page, "desk-quarantine")
        page.locator("tbody").last.get_by_role("link").first.click()
        expect(page.locator("main")).to_contain_text(MUTE)
        kept(page, "desk-quarantined")
        # The department mends it in its own system; the row passes.
        say_phone(busy, HEARD)
        page.goto(page.url)
        expect(page.locator(".notice.good")).to_contain_text("已解决")
        page.click(".back a")
        expect(page.locator("#rule")).to_have_value("phone.unreadable")
        expect(page.locator("main")).to_contain_text("没有符合条件的条目")
    assert busy.ask("SELECT count(*) FROM record_grid WHERE withdrawn_at IS NULL") == [(24,)]
    reason = "SELECT reason FROM batch WHERE reason IS NOT NULL"
    assert busy.ask(reason) == [("整体搬迁，已核实",)]
    resolve(busy.settings)


@pytest.fixture
def opened_desk(browser: Browser, desk: str) -> Iterator[Callable[..., Any]]:
    yield from windows(browser, desk)


@pytest.mark.browser
def test_axe_finds_nothing_on_the_desk_and_nothing_is_too_wide(
    opened_desk: Callable[..., Any], shared: Town, fetched: Path | None
) -> None:
    wrong: list[str] = []
    # In the one language on a wide screen, in the other on a phone.
    with opened_desk(1280) as wide, opened_desk(360) as narrow:
        for page, language in ((wide, "zh"), (narrow, "en")):
            page.goto("/login")
            page.click(f"button[value={language}]")
            log_in(page, "steward")
            for path in every_page(shared):
                page.goto(path)
                wrong += axe(page, fetched)
                fits(page, 1280 if page is wide else 360)
                name = path.removeprefix(DESK).strip("/").replace("/", "-").replace("?", "-")
                kept(page, f"{language}-desk-{name}"[:60])
    assert wrong == []
