"""Residents' requests on the desk: written down, checked, answered, and the copy that prints."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from httpx import Client

from tests.console.build import form_token
from tests.delivery.town import Town

Visitor = Callable[[str], Client]
PAGE = "/console/desk/requests"


def send(client: Client, page: str, path: str, **said: Any) -> Any:
    """Send a form as a page has it."""
    shown = client.get(page).text
    version = re.search('name="version" value="([0-9]+)"', shown)
    known = {"form_token": form_token(shown), "version": version[1] if version else "1"}
    return client.post(path, data={**known, **said})


def test_a_request_goes_its_way_on_the_desk(visitor: Visitor, town: Town) -> None:
    steward = visitor("steward")
    assert 'class="empty"' in steward.get(PAGE).text
    missing = send(steward, PAGE, PAGE, asked="access", said="", channel="counter")
    assert (missing.status_code, "请填写完整" in missing.text) == (422, True)
    person = town.person()
    wish = {"asked": "access", "said": "想看看存了什么", "channel": "counter"}
    made = send(steward, PAGE, PAGE, **wish)
    assert (made.status_code, "想看看存了什么" in made.text) == (200, True)
    one = str(made.url.path)
    early = steward.get(f"{one}/copy")
    assert early.status_code == 409
    unknown = send(steward, one, f"{one}/verify", checked="身份证")
    assert unknown.status_code == 422
    checked = send(steward, one, f"{one}/verify", checked="身份证原件", person_id=person)
    assert "身份已核验" in checked.text
    assert re.search(f'href="/console/persons/{person}"><bdi>马海明</bdi>', checked.text)
    visitor("worker").get(f"/console/persons/{person}")
    copy = steward.get(f"{one}/copy").text
    # Who has read it is told in words, as everything that is handed over to a resident.
    readers = copy.partition("谁看过")[2]
    assert ("走访" in readers, "查看" in readers) == (True, True)
    assert "<bdi>社区工作者</bdi>" in readers
    assert re.findall("<(?:td|bdi)>[a-z_ ]+</(?:td|bdi)>", readers) == []
    for word in ("个人信息副本", "公安", "现在使用的信息", "谁看过"):
        assert word in copy
    answered = send(steward, one, f"{one}/answer")
    assert (answered.status_code, "已答复" in answered.text) == (200, True)
    assert "居民申请 1" in steward.get(PAGE).text


def test_an_erasure_on_the_desk_asks_departments(visitor: Visitor, town: Town) -> None:
    steward = visitor("steward")
    wish = {"asked": "erasure", "said": "请删除", "channel": "phone", "person_id": town.person()}
    one = str(send(steward, PAGE, PAGE, **wish).url.path)
    send(steward, one, f"{one}/verify", checked="身份证原件", person_id=town.person())
    done = send(steward, one, f"{one}/answer")
    assert "请相关部门删除" in done.text
    ask = re.search(f'action="({one}/asks/[0-9]+)"', done.text)
    assert ask is not None
    unsaid = send(steward, one, ask[1], state="kept")
    assert unsaid.status_code == 422
    kept = send(steward, one, ask[1], state="kept", reason="户口登记条例 第七条")
    assert ("依法保留" in kept.text, "户口登记条例" in kept.text) == (True, True)


def test_the_desk_shows_requests_to_those_whom_they_concern(visitor: Visitor) -> None:
    for role, status in (("worker", 403), ("steward", 200), ("admin", 200), ("auditor", 200)):
        assert visitor(role).get(PAGE).status_code == status, role
