"""Forms by the API: the workbook or a report of it, as much as the caller may see."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
from httpx import Client
from sqlalchemy import Connection

from hub.web.form import XLSX
from tests.web.build import Login, a_golden

NUMBER = "630102198001010015"


def form() -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].append(("姓名", "身份证号", "xb", "联系电话"))
    book.worksheets[0].append((None, NUMBER, None, None))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def sent(client: Client, content: bytes, **said: Any) -> Any:
    return client.post("/v1/forms", content=content, **{"headers": {"Content-Type": XLSX}, **said})


def test_a_form_is_answered_filled_or_told_of(
    login: Login, writing: Connection, audited: Any
) -> None:
    said = {"person_name": "马海明", "sex_code": "1", "contact_phone": "13997000001"}
    person = a_golden(writing, citizen_id_no=NUMBER, **said)
    worker = login("worker")
    answered = sent(worker, form())
    assert (answered.status_code, answered.headers["Hub-Form-Cells"]) == (200, "3")
    row = [*openpyxl.load_workbook(io.BytesIO(answered.content)).worksheets[0].values][1]
    assert row == ("马海明", NUMBER, "1", "13997000001")
    headers = {"Content-Type": XLSX, "Accept": "application/json"}
    report = sent(worker, form(), headers=headers).json()
    assert report["cells"] == {"filled": 3, "agrees": 1}
    assert [one["field"] for one in report["columns"]][2] == "sex_code"
    assert "马海明" not in str(report)
    files = {"file": ("a.xlsx", form(), XLSX)}
    assert worker.post("/v1/forms", files=files).headers["Hub-Form-Rows"] == "1"
    told = [one for one in audited() if one["action"] == "fill form"]
    assert [one["entity_ids"] for one in told] == [[person]] * 3


def test_what_may_not_or_cannot_be_filled_is_refused(login: Login, writing: Connection) -> None:
    a_golden(writing, citizen_id_no=NUMBER, person_name="马海明")
    worker = login("worker")
    assert sent(login("worker", purpose=None), form()).status_code == 403
    assert sent(login("auditor"), form()).status_code == 403
    assert sent(login("department", "urban_management"), form()).status_code == 403
    assert sent(worker, b"nothing").status_code == 422
    assert sent(worker, form(), params={"department": "x"}).status_code == 422
    assert sent(worker, form(), headers={"Content-Type": "text/plain"}).status_code == 415
    assert sent(worker, b"x" * (10 << 20)).status_code == 413
