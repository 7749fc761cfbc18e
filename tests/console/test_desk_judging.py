"""The desk's second half, as it comes from the server: who sees what, and what each form does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from httpx import Client
from playwright.sync_api import Page, expect

from hub.web.console.desk.matches import KEYS
from tests.console.build import axe, form_token, kept, log_in
from tests.console.desk import a_correction, a_share_request, dead_letters, pairs_to_judge
from tests.delivery.town import POLICE, Town

Visitor = Callable[[str], Client]
Audited = Callable[[], list[dict[str, Any]]]
DESK = "/console/desk"
#: Who sees which page.
SEEN = {
    "matches": {"steward", "admin", "auditor"},
    "judgements": {"steward", "admin", "auditor"},
    "conflicts": {"steward", "admin", "auditor"},
    "corrections": {"worker", "steward", "admin", "auditor"},
    "sharing": {"worker", "steward", "admin", "auditor"},
    "requests": {"steward", "admin", "auditor"},
    "grants": {"worker", "steward", "admin", "auditor"},
    "deliveries": {"steward", "admin", "auditor"},
    "people": {"admin"},
    "audit": {"admin", "auditor"},
}


def send(client: Client, page: str, path: str, **said: Any) -> Any:
    """Send a form as a page has it."""
    return client.post(path, data={"form_token": form_token(client.get(page).text), **said})


def test_every_page_is_for_those_whom_it_concerns(visitor: Visitor) -> None:
    for role in ("worker", "steward", "admin", "auditor"):
        client = visitor(role)
        for page, roles in SEEN.items():
            answered = client.get(f"{DESK}/{page}")
            assert answered.status_code == (200 if role in roles else 403), (role, page)
            if role in roles:
                assert (
                    'class="empty"' in answered.text
                    or 'class="lead"' in answered.text
                    or ("<table" in answered.text)
                ), (role, page)
            else:
                assert "您无权查看此页" in answered.text
    for page in SEEN:
        wrong = visitor("admin").get(f"{DESK}/{page}?nonsense=1")
        assert (wrong.status_code, "无法处理此请求" in wrong.text) == (422, True), page
    assert "审计" in visitor("auditor").get("/console").text
    assert f'href="{DESK}/audit"' not in visitor("worker").get("/console").text


def test_a_pair_is_judged_previewed_skipped_and_undone(
    visitor: Visitor, town: Town, audited: Audited
) -> None:
    pairs_to_judge(town, 2)
    steward = visitor("steward")
    queue = steward.get(f"{DESK}/matches").text
    first, second = re.findall(rf'class="lead"><a href="({DESK}/matches/[0-9]+-[0-9]+)"', queue)
    for word in ("公安 R100", "赵桂兰", "1950-05-12", "南山小区2号楼2单元201"):
        assert word in queue
    told = [one for one in audited() if one["action"] == "list matches"]
    assert any("birth_date" in one["fields"] for one in told)
    assert "赵桂兰" not in visitor("auditor").get(f"{DESK}/matches").text
    shown = steward.get(first).text
    for word in ("不同", "相同", "只有一方有", "<mark>", "aria-keyshortcuts", "waterfall.svg"):
        assert word in shown
    picture = steward.get(f"{first}/waterfall.svg")
    assert (picture.headers["Content-Type"], b"<svg" in picture.content) == ("image/svg+xml", True)
    assert steward.get(f"{first}/next").url.path == second
    assert steward.get(f"{second}/next").url.path == first
    before = town.ask("SELECT count(*) FROM judgement")
    tried = send(steward, first, f"{first}/preview", verdict="same", reason="问过本人")
    assert "影响预览" in tried.text
    assert "并入 1 个" in tried.text
    assert 'value="问过本人"' in tried.text
    assert town.ask("SELECT count(*) FROM judgement") == before
    done = send(steward, first, first, verdict="same")
    assert done.url.path == second
    assert "撤销" in done.text
    assert town.ask("SELECT verdict, reason FROM judgement") == [("same", "逐项对照两条记录后判定")]
    number = town.ask("SELECT judgement_id FROM judgement")[0][0]
    undone = send(steward, first, f"{DESK}/judgements/{number}/revert", next=first)
    assert undone.url.path == first
    assert town.ask("SELECT count(*) FROM judgement WHERE ended_at IS NULL") == [(0,)]
    assert {"match", "judge", "revert judgement", "preview judgement"} <= {
        one["action"] for one in audited()
    }
    assert send(steward, first, first, verdict="perhaps").status_code == 422
    listed = steward.get(f"{DESK}/judgements").text
    for word in ("王steward", "已失效", "祁生莲|赵桂兰", "南山小区"):
        assert re.search(word, listed)
    assert "撤销此判定" not in steward.get(f"{DESK}/judgements/{number}").text
    auditor = visitor("auditor")
    assert "不包括此内容" in auditor.get(first).text
    assert send(auditor, f"{DESK}/matches", first, verdict="same").status_code == 403


def test_contradicted_judgements_say_by_what(visitor: Visitor, town: Town) -> None:
    pairs_to_judge(town, 1)
    steward = visitor("steward")
    left, right = town.ask("SELECT left_id, right_id FROM match WHERE review IS NOT NULL")[0]
    known = town.ask("SELECT record_id FROM record_person ORDER BY record_id LIMIT 1")[0][0]
    for pair, verdict in (
        ((left, right), "same"),
        ((known, left), "same"),
        ((known, right), "different"),
    ):
        path = f"{DESK}/matches/{pair[0]}-{pair[1]}"
        send(steward, path, path, verdict=verdict, reason="档案")
    listed = steward.get(f"{DESK}/judgements?contradicted=true&verdict=&live=").text
    numbers = re.findall(rf'{DESK}/judgements/([0-9]+)"', listed)
    assert numbers
    one = steward.get(f"{DESK}/judgements/{numbers[0]}").text
    assert "有矛盾" in one
    tried = send(
        steward, f"{DESK}/judgements/{numbers[0]}", f"{DESK}/judgements/{numbers[0]}/preview"
    )
    assert "影响预览" in tried.text


def test_conflicts_are_listed_oldest_first_and_can_be_asked_about(
    visitor: Visitor, town: Town, audited: Audited
) -> None:
    steward = visitor("steward")
    listed = steward.get(f"{DESK}/conflicts").text
    assert "部门分歧" in listed
    assert "马海明" in listed
    ways = re.findall(rf'href="({DESK}/conflicts/persons/[^"]+)"', listed)
    assert ways
    assert steward.get(f"{DESK}/conflicts?field=persons.no_such").status_code == 404
    none = steward.get(f"{DESK}/conflicts?field=houses.house_use&source=").text
    assert "没有部门分歧" in none
    one = steward.get(ways[0]).text
    choice = re.findall('name="said" type="radio" value="([0-9]+)"', one)[0]
    assert "请选择一个说法" in send(steward, ways[0], ways[0]).text
    asked = send(steward, ways[0], ways[0], said=choice, reason="电话核实")
    assert re.fullmatch(rf"{DESK}/corrections/[0-9]+", asked.url.path), asked.text
    assert "电话核实" in asked.text
    assert {"list conflicts", "ask for correction"} <= {one["action"] for one in audited()}
    again = {"said": "999999"}
    assert send(steward, ways[0], ways[0], **again).status_code in (400, 409)
    assert send(visitor("auditor"), f"{DESK}/conflicts", ways[0], said=choice).status_code == 403


def test_corrections_come_overdue_first_and_are_answered_once(visitor: Visitor, town: Town) -> None:
    number = a_correction(town, due_in=-3)
    steward, path = visitor("steward"), f"{DESK}/corrections/{number}"
    listed = steward.get(f"{DESK}/corrections").text
    assert "逾期" in listed
    assert "马海鸣" in listed
    assert "请选择核对结果" in send(steward, path, path).text
    assert "请说明不采纳的理由" in send(steward, path, path, state="refused").text
    done = send(steward, path, path, state="refused", reason="经核实，原登记无误")
    assert "部门不采纳" in done.text
    assert "经核实" in done.text
    assert send(steward, "/console", path, state="accepted").status_code in (400, 409)
    assert "没有符合条件" in steward.get(f"{DESK}/corrections?state=&source=&escalated=true").text
    # What a department's own system answered is told by the department's name.
    town.ask_and_keep("UPDATE correction SET answered_by = 'public_security'")
    told = steward.get(path).text
    assert "<bdi>公安</bdi>" in told
    assert "public_security" not in told
    worker = visitor("worker")
    assert send(worker, "/console", path, state="accepted").status_code == 403


def test_a_share_request_is_answered_step_by_step_with_reasons(
    visitor: Visitor, town: Town
) -> None:
    number = a_share_request(town)
    steward, path = visitor("steward"), f"{DESK}/sharing/{number}"
    assert "民政局" in steward.get(f"{DESK}/sharing").text
    shown = steward.get(path).text
    for word in ("独居老人巡访", "还剩", "批准", "拒绝", "延长答复期限", "一次性告知"):
        assert word in shown
    version = {"version": "1"}
    assert "法定要求" in send(steward, path, f"{path}/refuse", **version).text
    assert "请填写完整" in send(steward, path, f"{path}/return", **version).text
    longer = {"days": "5", "extend-reason": "涉及多个部门", **version}
    assert "已延长 5 个工作日" in send(steward, path, f"{path}/extend", **longer).text
    stale = send(steward, path, f"{path}/approve", **version)
    assert (stale.status_code, "在此期间已有变化" in stale.text) == (409, True)
    assert "已批准" in send(steward, path, f"{path}/approve", version="2").text
    assert "已提供" in send(steward, path, f"{path}/deliver", version="3").text
    granted = steward.get(f"{DESK}/grants").text
    assert "收回授权" in granted
    (grant,) = re.findall(rf"{DESK}/grants/([0-9]+)/revoke", granted)
    revoke = f"{DESK}/grants/{grant}/revoke"
    assert "法定要求" in send(steward, path, revoke, version="1").text
    assert "目的已达" in send(steward, path, revoke, version="1", reason="目的已达").text
    worker = visitor("worker")
    assert worker.get(path).status_code == 404
    assert "没有符合条件" in worker.get(f"{DESK}/sharing?overdue=true").text
    again = {"version": "4", "revoke-reason": "目的已达"}
    assert send(worker, "/console", f"{path}/revoke", **again).status_code == 403


def test_dead_letters_are_sent_again_one_or_all(
    visitor: Visitor, town: Town, audited: Audited
) -> None:
    count = dead_letters(town)
    steward, path = visitor("steward"), f"{DESK}/deliveries"
    listed = steward.get(path).text
    assert "对方系统停机" in listed
    assert "13997001234" not in listed
    assert "数据变更：居民的联系电话" in listed
    assert re.search('打开记录<span class="unseen"> R000000000001', listed)
    ids = re.findall('name="delivery" value="(D[0-9a-f]+)"', listed)
    assert len(ids) == count
    one = send(steward, path, f"{path}/replay", which="chosen", delivery=ids[0])
    assert "已重新排队 1 条" in one.text
    rest = send(steward, path, f"{path}/replay", which="dead", source=POLICE)
    assert "没有符合条件" in steward.get(f"{path}?source={POLICE}").text, rest.text
    send(steward, path, f"{path}/replay", which="dead")
    assert "没有符合条件" in steward.get(path).text
    assert "等待发送" in steward.get(f"{path}?state=queued&source=").text
    assert "replay deliveries" in {one["action"] for one in audited()}
    auditor = visitor("auditor")
    assert "重新发送所选" not in auditor.get(f"{path}?state=queued").text
    assert send(auditor, path, f"{path}/replay", which="dead").status_code == 403


def test_people_are_invited_locked_and_let_in_again(visitor: Visitor, town: Town) -> None:
    admin, path = visitor("admin"), f"{DESK}/people"
    wrong = send(admin, path, path, name="", role="king", source=POLICE).text
    for word in ("请填写姓名", "请选择角色", "部门人员必须选择"):
        assert word in wrong
    assert "已有同名" in send(admin, path, path, name="王worker", role="worker").text
    assert "9、12 或 15" in send(admin, path, path, name="李", role="worker", areas="x").text
    made = send(admin, path, path, name="李新", role="worker", areas="630102001 630102002")
    assert "东关大街街道 (630102001)" in made.text
    assert "北关社区</dt>" in made.text
    link = re.findall("/welcome/[A-Za-z0-9_-]+", made.text)[0]
    assert "李新" in admin.get(link).text
    assert link not in admin.get(path).text
    account = town.ask("SELECT account_id FROM account WHERE name = '王worker'")[0][0]
    worker = visitor("worker")
    send(admin, path, f"{path}/{account}/lock")
    assert worker.get("/console").url.path == "/login"
    assert "已停用" in admin.get(path).text
    send(admin, path, f"{path}/{account}/unlock")
    assert visitor("worker").get("/console").url.path == "/console"
    new = send(admin, path, f"{path}/{account}/link")
    assert "/welcome/" in new.text
    mine = town.ask("SELECT account_id FROM account WHERE name = '王admin'")[0][0]
    assert send(admin, path, f"{path}/{mine}/lock").status_code == 403
    assert send(visitor("steward"), "/console", path, name="x", role="admin").status_code == 403


def test_an_auditor_finds_who_looked_at_a_resident(
    visitor: Visitor, town: Town, audited: Audited
) -> None:
    person = town.person()
    visitor("worker").get(f"/console/persons/{person}")
    auditor = visitor("auditor")
    record = auditor.get(f"/console/persons/{person}").text
    assert "谁查看过" in record
    path = f"{DESK}/audit?entity={person}"
    assert path in record
    found = auditor.get(path).text
    assert "王worker" in found
    assert "走访" in found
    # Whom one asks about stands above the list, and leads there; it is not read for that.
    assert re.search(f'<p>居民 <a href="/console/persons/{person}"', found)
    assert "用途： 走访" in found
    assert re.search('<span class="unbroken">[0-9-]{10} [0-9:]{5}</span> 用途', found)
    told = audited()[-1]
    assert (told["action"], told["entity_ids"]) == ("read audit", [person])
    by_name = auditor.get(f"{DESK}/audit?caller=王worker&action=&since=&until=&entity=").text
    assert by_name.count("王worker") >= 2
    assert "没有符合条件" in auditor.get(f"{DESK}/audit?until=2020-01-01").text
    assert "王worker" in auditor.get(f"{DESK}/audit?since=2020-01-01&action=read").text
    assert auditor.get(f"{DESK}/audit?since=yesterday").status_code == 422
    assert 'rel="next"' in auditor.get(f"{DESK}/audit?limit=1").text
    assert "谁查看过" not in visitor("steward").get(f"/console/persons/{person}").text


def judging(page: Page, town: Town, press: Callable[[str], None]) -> None:
    """Judge ten pairs one after the other, and undo the last word."""
    log_in(page, "steward")
    page.goto(f"{DESK}/matches")
    kept(page, "matches")
    page.click("a.button")
    # A key pressed before the page is there is nobody's.
    page.wait_for_url("**/matches/*")
    kept(page, "match")
    for number, verdict in enumerate(VERDICTS * 3 + VERDICTS[:1]):
        here = page.url.split("?")[0]
        press(verdict)
        page.wait_for_url(lambda url, here=here: url.split("?")[0] != here)
        expect(page.locator(".notice.good")).to_contain_text(SAID[verdict])
        assert town.ask("SELECT count(*) FROM judgement") == [(number + 1,)]
    assert page.url.split("?")[0].endswith("/matches")
    expect(page.locator(".empty")).to_be_visible()
    kept(page, "judged")


VERDICTS = ("same", "different", "unsure")
SAID = {"same": "同一", "different": "不同", "unsure": "不确定"}


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_a_steward_judges_answers_and_approves(
    opened: Callable[..., Any], town: Town, width: int
) -> None:
    pairs_to_judge(town, 10)
    correction, request = a_correction(town, due_in=-3), a_share_request(town)
    with opened(width) as page:

        def press(verdict: str) -> None:
            page.keyboard.press(KEYS[verdict])

        judging(page, town, press)
        page.keyboard.press("z")
        expect(page.locator("h1")).to_contain_text("两条记录对照")
        assert town.ask("SELECT count(*) FROM judgement WHERE ended_at IS NULL") == [(9,)]
        # A key is a letter while somebody types, and nothing where keys are switched off.
        page.locator("#reason").press_sequentially("1")
        page.locator("#keys").uncheck()
        page.keyboard.press("1")
        assert page.input_value("#reason") == "1"
        page.click("text=若判为同一")
        expect(page.locator("#effect")).to_contain_text("并入 1 个")
        kept(page, "preview")
        page.goto(f"{DESK}/corrections")
        kept(page, "corrections")
        page.click(f"text=校核 {correction}")
        page.check("input[value=accepted]")
        kept(page, "correction")
        page.click("main form button")
        expect(page.locator("h1")).to_contain_text("部门已采纳")
        page.goto(f"{DESK}/sharing")
        kept(page, "shares")
        page.click(f"text=申请 {request}")
        kept(page, "share")
        page.click("#approve button")
        expect(page.locator("#share-state")).to_contain_text("已批准")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert town.ask("SELECT count(*) FROM field_grant") == [(1,)]


@pytest.mark.browser
def test_judging_works_without_scripts(opened: Callable[..., Any], town: Town) -> None:
    pairs_to_judge(town, 10)
    with opened(360, scripts=False) as page:
        judging(page, town, lambda verdict: page.click(f".judge [value={verdict}]"))
        page.click("text=撤销")
        page.click("text=若判为不同")
        expect(page.locator("#effect")).to_contain_text("影响预览")


@pytest.mark.browser
def test_a_steward_answers_approves_and_sends_again_without_scripts(
    opened: Callable[..., Any], town: Town, tmp_path: Path
) -> None:
    correction, request = a_correction(town), a_share_request(town)
    dead = dead_letters(town)
    with opened(360, scripts=False) as page:
        log_in(page, "steward")
        page.goto(f"{DESK}/corrections")
        page.click(f"text=校核 {correction}")
        # Nothing chosen is said to be wrong, beside the question and on top.
        page.click("main form button")
        expect(page.locator(".errors")).to_be_visible()
        page.check("input[value=refused]")
        page.fill("main form textarea", "与户籍登记一致")
        kept(page, "correction-plain")
        page.click("main form button")
        expect(page.locator("h1")).to_contain_text("部门不采纳")
        page.goto(f"{DESK}/sharing")
        page.click(f"text=申请 {request}")
        page.click("#approve button")
        expect(page.locator("#share-state")).to_contain_text("已批准")
        kept(page, "share-plain")
        page.goto(f"{DESK}/deliveries")
        page.locator(".pick input").first.check()
        page.click("main button[value=chosen]")
        expect(page.locator(".notice.good")).to_be_visible()
        expect(page.locator(".pick")).to_have_count(dead - 1)
    assert town.ask("SELECT count(*) FROM field_grant") == [(1,)]


@pytest.mark.browser
def test_axe_finds_nothing_on_the_desk_in_either_language(
    opened: Callable[..., Any], town: Town, fetched: Path | None
) -> None:
    pairs_to_judge(town, 1)
    correction, request = a_correction(town), a_share_request(town)
    dead_letters(town)
    left, right = town.ask("SELECT left_id, right_id FROM match WHERE review IS NOT NULL")[0]
    pair = f"matches/{left}-{right}"
    pages = [*SEEN, pair, f"corrections/{correction}", f"sharing/{request}"]
    pages.append(f"conflicts/persons/{town.person()}/contact_phone")
    wrong: list[str] = []
    with opened(360) as page:
        log_in(page, "admin")
        for language in ("en", "zh"):
            page.click(f"button[value={language}]")
            for path in pages:
                page.goto(f"{DESK}/{path}")
                wrong += axe(page, fetched)
                kept(page, f"{language}-{path.split('/')[0]}-{path.count('/')}")
                if page.evaluate("document.documentElement.scrollWidth") > 360:
                    wrong.append(f"{path} is too wide")
                if language == "zh" and path == pair:
                    page.click(".judge [value=same]")
                    page.goto(f"{DESK}/judgements/1")
                    wrong += axe(page, fetched)
    assert wrong == []
