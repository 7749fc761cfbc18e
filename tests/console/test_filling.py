"""The pages by which a form is filled: sent, recognised, taught, taken back."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from httpx import Client, Response
from playwright.sync_api import expect

from hub.web.form import XLSX
from tests.console.build import axe, form_token, kept, log_in
from tests.delivery.town import Town

Visitor = Callable[[str], Client]
PHONE = "13997000001"


def form(*more: str) -> bytes:
    """Return a form that names both residents of the town."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(("姓名", "联系电话", "POP-007", *more))
    sheet.append(("马海明", PHONE))
    sheet.append(("韩永福", "13997000002"))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def send(client: Client, content: bytes, **said: str) -> Response:
    token = form_token(client.get("/console/forms").text)
    files = {"file": ("走访表.xlsx", content, XLSX)}
    return client.post("/console/forms", data={"form_token": token, **said}, files=files)


def fill(client: Client, page: Response, **said: str) -> Response:
    return client.post(page.url.path, data={"form_token": form_token(page.text), **said})


def cells(content: bytes) -> list[tuple[Any, ...]]:
    return [*openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values]


def test_a_form_is_sent_recognised_and_taken_back_filled(
    visitor: Visitor, audited: Callable[[], list[dict[str, Any]]], town: Town
) -> None:
    worker = visitor("worker")
    page = send(worker, form("身份证号"))
    assert page.status_code == 200
    assert "字段代码" in page.text
    before = len(audited())
    made = fill(worker, page)
    assert made.headers["Content-Type"] == XLSX
    assert "attachment" in made.headers["Content-Disposition"]
    rows = cells(made.content)
    assert [row[3] is not None for row in rows[1:]] == [True, True]
    (told,) = audited()[before:]
    assert (told["action"], told["purpose"], told["record_type"]) == (
        *("fill form", "visit"),
        "person",
    )
    assert sorted(told["entity_ids"]) == sorted(town.person(n) for n in (1, 2))
    assert {"citizen_id_no", "contact_phone", "person_name"} <= set(told["fields"])
    filled = sum(cell is not None for row in rows[1:] for cell in row[2:])
    assert f"<strong>{filled}</strong>" in worker.get("/console").text
    # Nobody else gets at what somebody has sent.
    assert visitor("steward").get(page.url.path).status_code == 404


def test_only_a_steward_s_choice_is_remembered(visitor: Visitor, town: Town) -> None:
    worker, steward = visitor("worker"), visitor("steward")
    content = form("证件号")
    once = {"column-1": "citizen_id_no", "teach": "everywhere"}
    page = send(worker, content)
    assert cells(fill(worker, page, **once).content)[1][3]
    page = send(worker, content)
    assert cells(fill(worker, page).content)[1][3] is None
    assert cells(fill(steward, send(steward, content), **once).content)[1][3]
    page = send(worker, content)
    assert "已教过" in page.text
    assert cells(fill(worker, page).content)[1][3]
    listed = steward.get("/console/forms/taught")
    assert "证件号" in listed.text
    number = listed.text.split('name="header" value="')[1].split('"')[0]
    forget = {"form_token": form_token(listed.text), "header": number}
    assert worker.post("/console/forms/taught", data=forget).status_code == 403
    assert "还没有教过" in steward.post("/console/forms/taught", data=forget).text


def test_what_is_no_form_is_said_kindly(visitor: Visitor) -> None:
    worker = visitor("worker")
    for content in (b"", b"PK nothing", form()[:500]):
        answered = send(worker, content)
        assert (answered.status_code, 'class="errors"' in answered.text) == (422, True)
    answered = send(worker, form(), grid="12")
    assert (answered.status_code, "15 位" in answered.text) == (422, True)
    assert worker.get("/console/forms/nothing").status_code == 404
    assert visitor("auditor").get("/console/forms").status_code == 200
    assert send(visitor("auditor"), form()).status_code == 403


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_the_journey_of_a_form(
    opened: Callable[..., Any], town: Town, tmp_path: Path, *, scripts: bool
) -> None:
    with opened(360, scripts=scripts) as page:
        log_in(page, "steward")
        page.click("nav >> text=代填表格")
        file = {"name": "走访表.xlsx", "mimeType": XLSX, "buffer": form("证件号")}
        page.set_input_files("#file", file)
        kept(page, "form-upload")
        page.click("main form button.main")
        expect(page.locator("h1")).to_contain_text("识别结果")
        kept(page, "form-columns")
        page.select_option("#column-1", "citizen_id_no")
        with page.expect_download() as waiting:
            page.click("main form button.main")
        saved = tmp_path / "filled.xlsx"
        waiting.value.save_as(saved)
        assert waiting.value.suggested_filename == "走访表-已填.xlsx"
    assert cells(saved.read_bytes())[1][3]


@pytest.mark.browser
def test_axe_finds_nothing_on_the_pages_of_forms(
    opened: Callable[..., Any], town: Town, fetched: Path | None, visitor: Visitor
) -> None:
    wrong: list[str] = []
    steward = visitor("steward")
    taught = {"column-1": "citizen_id_no", "teach": "everywhere"}
    fill(steward, send(steward, form("证件号")), **taught)
    with opened() as page:
        for language in ("en", "zh"):
            page.goto("/login")
            page.click(f"button[value={language}]")
            log_in(page, "steward")
            for path in ("/console", "/console/forms", "/console/forms/taught"):
                page.goto(path)
                wrong += axe(page, fetched)
            page.goto("/console/forms")
            page.click("main form button.main")
            wrong += axe(page, fetched)
            file = {"name": "a.xlsx", "mimeType": XLSX, "buffer": form("证件编号", "别的")}
            page.set_input_files("#file", file)
            page.click("main form button.main")
            expect(page.locator("#column-1")).to_be_visible()
            wrong += axe(page, fetched)
            page.click("form.who button")
            page.wait_for_url("**/login")
    assert wrong == []
