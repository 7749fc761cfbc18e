"""What jobs write in English is told to people in their own language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hub.delivery.put import lost, turned_away
from hub.parse.cells import Unreadable
from hub.parse.delimited import read_csv
from hub.parse.workbook import read_workbook
from hub.quality.expectations import of_batch
from hub.web.console.desk.flaws import told_failure, told_flaw
from hub.web.console.desk.labels import EXPECTATIONS
from hub.web.console.sentences import DELIVERIES, FILES, told
from hub.web.console.words import Words
from schemas import MODELS
from schemas.rules import RULES

ZH, EN = Words("zh"), Words("en")


def broken(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what the hub says of each sort of file that cannot be read, and the file's name."""
    contents = {"空.csv": b"", "表头.csv": "姓名\n".encode(), "乱码.csv": b"a\n\xff\xfe\xfd\n"}
    contents |= {"空.xlsx": b"", "假.xlsx": b"no workbook"}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        reader = read_workbook if name.endswith("xlsx") else read_csv
        with pytest.raises(Unreadable) as found:
            list(reader(folder / name, ["姓名"] if reader is read_workbook else "utf-8"))  # type: ignore[operator]
        yield str(found.value), name


def test_why_a_file_cannot_be_read_is_told_in_chinese(tmp_path: Path) -> None:
    for said, name in broken(tmp_path):
        flaw = told_flaw(ZH, "street_office", "residents", said)
        assert flaw is not None
        assert name in flaw.text
        assert said not in flaw.text
        assert told(EN, said, FILES) != told(ZH, said, FILES)


def test_what_became_of_a_delivery_is_told_in_the_reader_s_language() -> None:
    unanswered = lost(httpx.ConnectError("nobody is there")).reason or ""
    failed = turned_away(httpx.Response(503)).reason or ""
    assert told(ZH, unanswered, DELIVERIES) == "对方系统没有应答"
    assert told(ZH, failed, DELIVERIES) == "对方系统报错（HTTP 503）"
    assert told(EN, failed, DELIVERIES) == "its system failed (HTTP 503)"
    # A department's own words stay its own.
    assert told(EN, "与户籍不符", DELIVERIES) == "与户籍不符"


def test_a_reading_that_failed_is_told_by_what_went_wrong() -> None:
    failures = {
        "source property, dataset rooms: no answer (ConnectError)": "对方系统没有应答",
        "source property, dataset rooms: the token was refused (HTTP 401)": "对方系统拒绝了登录",
        "source public_security: there is no database file": "文件夹或数据库打不开",
        "something else": "读取中断",
    }
    assert {said: told_failure(ZH, said) for said in failures} == failures
    assert told_failure(ZH, None) is None


def test_every_expectation_over_a_batch_has_words() -> None:
    named = {one.rule for model in MODELS.values() for one in of_batch(model)}
    assert named - set(EXPECTATIONS) - set(RULES) == set()
    flaw = told_flaw(
        ZH, "street_office", "residents", "not as expected: key (unique), rows (codes)"
    )
    assert flaw is not None
    assert flaw.text == "整批检查不符：整行未满足“主键不重复”，整行未满足“代码在代码表中”"
