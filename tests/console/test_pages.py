"""Pages as they come from the server: rights, audit, forms, errors, hostile values, sizes."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import Client

from hub.database import engine
from hub.store.users import add_account, new_link, set_password
from hub.web.console.areas import MOST as MOST_OFFERED
from hub.web.console.maps import PAGE
from hub.web.console.maps import PATH as MAP
from schemas import MODELS
from tests.console.build import PASSWORD, form_token, hidden
from tests.console.ground import COMMUNITY, GRID, NAME, OTHER, OTHER_NAME, a_person, things
from tests.delivery.town import Town
from tests.web.build import a_golden, a_tie

Visitor = Callable[[str], Client]
Audited = Callable[[], list[dict[str, Any]]]
HOSTILE = '<script>alert(1)</script>=cmd|"\u202eabc\u2066' + "长" * 470
MOST = 100_000


def search(client: Client, text: str, **more: Any) -> Any:
    token = form_token(client.get("/console").text)
    form = {"q": text, "form_token": token}
    return client.post("/console/search", data=form, **more)


def test_the_hub_s_address_leads_to_the_console_and_strangers_to_the_login(address: str) -> None:
    with Client(base_url=address) as nobody:
        assert nobody.get("/").headers["Location"] == "/console"
        asked = nobody.get("/console/persons/P0")
        assert (asked.status_code, asked.headers["Location"]) == (
            303,
            "/login?next=/console/persons/P0",
        )
        part = nobody.get("/console", headers={"HX-Request": "true"})
        assert part.headers["HX-Redirect"] == "/login?next=/console"


def test_pages_take_scripts_and_styles_from_the_hub_alone(visitor: Visitor) -> None:
    worker = visitor("worker")
    home = worker.get("/console")
    policy = home.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert home.headers["Cache-Control"] == "no-store"
    assert "<style" not in home.text
    assert " style=" not in home.text
    assert "<script>" not in home.text
    sheet = home.text.split('rel="stylesheet" href="')[1].split('"')[0]
    kept = worker.get(sheet)
    assert "immutable" in kept.headers["Cache-Control"]
    assert worker.get(sheet.replace("console.css", "pages.py")).status_code == 404


def test_forms_count_only_with_the_session_s_token(visitor: Visitor, town: Town) -> None:
    worker = visitor("worker")
    for path in ("/console/search", "/console/purpose", f"/console/persons/{town.person()}/enter"):
        assert worker.post(path, data={"q": "马海明"}).status_code == 403, path
    assert search(worker, "马海明").status_code == 200


def test_every_read_is_audited_with_the_purpose_that_was_stated(
    visitor: Visitor, town: Town, audited: Audited
) -> None:
    worker, person = visitor("worker"), f"/console/persons/{town.person()}"
    worker.get(person)
    token = form_token(worker.get("/console/purpose").text)
    form = {"purpose": "care", "form_token": token, "next": person}
    assert worker.post("/console/purpose", data=form).url.path == person
    worker.get(f"{person}/why/contact_phone")
    worker.get(f"{person}/history")
    worker.get(f"{person}/deliveries")
    search(worker, "马海明")
    told = [(one["action"], one["purpose"]) for one in audited() if one["action"] != "login"]
    assert told.count(("read", "visit")) >= 1
    assert {
        ("provenance", "care"),
        ("history", "care"),
        ("search", "care"),
        ("read", "care"),
    } <= set(told)
    # A purpose that the role's grants do not cover is none.
    form["purpose"] = "delivery"
    assert worker.post("/console/purpose", data=form).status_code == 422


def test_each_value_says_where_it_comes_from_and_since_when(visitor: Visitor, town: Town) -> None:
    worker = visitor("worker")
    page = worker.get(f"/console/persons/{town.person()}").text
    for word in ("马海明", "身份", "联系方式", "公安", "街道办事处", "2026-08-30 起", "为什么"):
        assert word in page
    assert "有分歧" in page
    why = worker.get(f"/console/persons/{town.person()}/why/contact_phone").text
    assert "负责部门" in why
    assert "13997000001" in why


def test_a_page_names_what_codes_stand_for_and_counts_say_of_what(
    visitor: Visitor, town: Town
) -> None:
    with engine(town.settings).begin() as connection:
        home = {"community_code": "630102001001"}
        person = a_golden(connection, person_name="马无忧", **home)
        house = a_golden(connection, "house", standard_address="康乐小区3号楼", resident_count="3")
        a_tie(connection, person, "owner", house)
    page = visitor("steward").get(f"/console/persons/{person}").text
    assert "北关社区 (630102001001)" in page
    assert "实际居住人数 3" in page


def test_a_grid_is_named_wherever_its_code_is_shown(visitor: Visitor, town: Town) -> None:
    with engine(town.settings).begin() as connection:
        things(connection)
        person = a_person(connection, "马无忧")
    steward, named = visitor("steward"), f"{NAME} ({GRID})"
    for page in ("", "/history", "/why/grid_code"):
        assert named in steward.get(f"/console/persons/{person}{page}").text, page
    (own,) = re.findall(r'"/console/grids/(G[0-9a-f]{32})"', steward.get(f"{MAP}/{GRID}").text)
    # A grid's own page has the name for its title.
    assert named not in steward.get(f"/console/grids/{own}").text
    asked = {"asked": "access", "said": "想看看", "channel": "counter", "person_id": person}
    token = {"form_token": form_token(steward.get("/console").text)}
    request = steward.post("/console/desk/requests", data={**token, **asked, "key": "1" * 32})
    checked = {"checked": "身份证", "person_id": person, "key": "2" * 32, "version": "1"}
    steward.post(f"{request.url.path}/verify", data={**token, **checked})
    assert named in steward.get(f"{request.url.path}/copy").text


def test_codes_of_places_are_offered_by_name_and_any_code_can_be_typed(
    visitor: Visitor, town: Town
) -> None:
    with engine(town.settings).begin() as connection:
        things(connection)
        person = a_person(connection, "马无忧")
    worker = visitor("worker")
    path = entering(person)
    form = worker.get(path).text
    assert f'<option value="{GRID}">{NAME}</option>' in form
    assert f'<option value="{COMMUNITY}">白家河湾社区</option>' in form
    assert 'list="grid_code-offered"' in form
    assert f"现为：{NAME}。" in form
    assert f'<option value="{OTHER}">{OTHER_NAME}</option>' in worker.get("/console/forms").text
    worker.post(path, data={**whole(worker, path), "grid_code": "630102004005099"})
    assert town.ask("SELECT grid_code FROM golden_person WHERE person_name = '马无忧'") == [
        ("630102004005099",)
    ]


def test_of_too_many_grids_those_of_the_community_are_offered(visitor: Visitor, town: Town) -> None:
    with engine(town.settings).begin() as connection:
        things(connection)
        for number in range(MOST_OFFERED):
            code = f"63010200100{number // 50 + 1}{number:03}"
            a_golden(connection, "grid", grid_code=code, community_code=code[:12], grid_type="1")
        person = a_person(connection, "马无忧")
    worker = visitor("worker")
    offered = re.findall('<option value="([0-9]{15})">', worker.get(entering(person)).text)
    assert offered == [GRID, OTHER]
    assert "grid-offered" not in worker.get("/console/forms").text


def entering(person: str) -> str:
    return f"/console/persons/{person}/enter"


def test_grids_with_people_stand_before_those_without(visitor: Visitor, town: Town) -> None:
    first = "630102001001001"
    with engine(town.settings).begin() as connection:
        things(connection)
        empty = [f"{COMMUNITY}{number:03}" for number in range(100, 100 + PAGE)]
        for code in empty:
            a_golden(connection, "grid", grid_code=code, community_code=COMMUNITY, grid_type="1")
        a_golden(connection, "grid", grid_code=first, community_code=first[:12], grid_type="1")
        a_person(connection, "马无忧", OTHER)
        a_person(connection, "钱已故", GRID, person_status="3")
    page, listed = MAP, list[str]()
    steward = visitor("steward")
    while page:
        said = steward.get(page).text
        listed += re.findall('<th scope="row"><a href="/console/map/([0-9]+)">', said)
        onward = re.search('rel="next" href="([^"]+)"', said)
        page = onward[1].replace("&amp;", "&") if onward else ""
    # Residents of the town live in the first one; whoever is dead lives nowhere.
    assert listed == [first, OTHER, GRID, *empty]


def test_the_history_says_what_a_value_was_before(visitor: Visitor, town: Town) -> None:
    town.enter(contact_phone="13997001234")
    page = visitor("worker").get(f"/console/persons/{town.person()}/history").text
    newest, _, older = page.partition("<h2>第 1 版")
    assert "原为：" in newest
    assert newest.index("13997001234") < newest.index("原为：") < newest.index("13997000001")
    assert "原为：" not in older


def test_what_a_visit_changes_most_often_is_asked_first(visitor: Visitor, town: Town) -> None:
    form = visitor("worker").get(f"/console/persons/{town.person()}/enter").text
    fields = re.findall('<(?:input|select|fieldset)[^>]* name="([a-z_]+)"', form)
    asked = [
        one for one in dict.fromkeys(fields) if one in {"contact_phone", "marital_status_code"}
    ]
    assert asked == ["contact_phone", "marital_status_code"]
    assert "手机 11 位" in form


def test_that_there_is_none_is_a_value_and_a_page_tells_its_number(
    visitor: Visitor, town: Town
) -> None:
    with engine(town.settings).begin() as connection:
        person = a_golden(connection, person_name="马无忧", care_categories="[]")
    page = visitor("steward").get(f"/console/persons/{person}").text
    assert re.search("<dt>关爱服务类别</dt>\\s*<dd><bdi>无</bdi>", page)
    # Forms of the desk ask for it.
    assert f'<span class="id">{person}</span>' in page


def test_an_auditor_sees_masked_values_said_to_be_so(visitor: Visitor, town: Town) -> None:
    page = visitor("auditor").get(f"/console/persons/{town.person()}").text
    assert "马**" in page
    assert "部分隐藏" in page
    assert "马海明" not in page
    assert "13997000001" not in page
    assert f"{town.person()}/enter" not in page
    assert visitor("auditor").get("/console/new/person").status_code == 403


def test_nothing_is_seen_beyond_the_area_one_works_in(address: str, town: Town) -> None:
    with engine(town.settings).begin() as connection:
        account = add_account(connection, "远方", "worker", areas={"630102999"})
        set_password(connection, new_link(connection, account), PASSWORD)
    headers = {"Accept": "text/html"}
    with Client(base_url=address, headers=headers, follow_redirects=True) as worker:
        worker.post("/login", data={"name": "远方", "password": PASSWORD})
        asked = worker.get(f"/console/persons/{town.person()}")
        assert (asked.status_code, "不在您的工作范围内" in asked.text) == (404, True)
        assert "没有找到" in search(worker, "马海明").text


def test_errors_are_pages_in_plain_words(visitor: Visitor) -> None:
    worker = visitor("worker")
    for path, status in (
        ("/console/persons/P0", 404),
        ("/console/robots/x", 404),
        ("/console/x/y/z/0", 404),
    ):
        answered = worker.get(path)
        assert (answered.status_code, answered.headers["Content-Type"]) == (
            status,
            "text/html; charset=utf-8",
        )
        assert "找不到此页" in answered.text
    assert worker.get("/v1/nowhere").headers["Content-Type"] == "application/problem+json"


def test_too_little_is_said_kindly_and_nothing_typed_is_an_error(visitor: Visitor) -> None:
    worker = visitor("worker")
    assert "内容太少" in search(worker, "3").text
    empty = search(worker, " ")
    assert (empty.status_code, "请输入要查找的内容" in empty.text) == (422, True)
    part = search(worker, "马海明", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "马海明" in part.text


def test_addresses_without_an_id_lead_to_the_search_box(visitor: Visitor) -> None:
    worker = visitor("worker")
    for path in ("/console/search", "/console/houses"):
        assert worker.get(path).url.path == "/console"


def test_logging_out_forgets_what_was_read_for(visitor: Visitor) -> None:
    worker = visitor("worker")
    form = {"purpose": "care", "form_token": form_token(worker.get("/console/purpose").text)}
    worker.post("/console/purpose", data=form)
    assert "hub_purpose" in worker.cookies
    assert worker.post("/logout", data=form).url.path == "/login"
    assert "hub_purpose" not in worker.cookies


def test_the_language_is_remembered(visitor: Visitor) -> None:
    worker = visitor("worker")
    english = worker.post("/language", data={"language": "en", "next": "/console/purpose"})
    assert english.url.path == "/console/purpose"
    assert '<html lang="en">' in english.text
    assert (
        worker.post("/language", data={"language": "en", "next": "//evil"}).url.path == "/console"
    )
    assert "Visiting residents" in worker.get("/console").text


def test_what_was_entered_on_an_older_state_is_kept_and_shown_again(
    visitor: Visitor, town: Town
) -> None:
    worker, path = visitor("worker"), f"/console/persons/{town.person()}/enter"
    shown = worker.get(path).text
    town.enter(contact_phone="13997009999")
    form = {name: hidden(shown, name) for name in ("form_token", "if_match", "key")}
    stale = worker.post(path, data={**form, "contact_phone": "13997001111"})
    assert (stale.status_code, "填写期间记录有更新" in stale.text) == (412, True)
    assert 'value="13997001111"' in stale.text
    assert town.phone()[0] == "13997009999"


def test_a_form_sent_twice_counts_once_and_an_unchanged_one_not_at_all(
    visitor: Visitor, town: Town
) -> None:
    worker, path = visitor("worker"), f"/console/persons/{town.person()}/enter"
    form = whole(worker, path)
    assert worker.post(path, data=form).status_code == 422
    form["contact_phone"] = "13997001111"
    for _ in range(2):
        # The second one comes with what the first one was sent with.
        answered = worker.post(path, data=form)
    assert answered.status_code in (200, 412)
    assert town.ask("SELECT count(*) FROM entry") == [(1,)]


def whole(client: Client, path: str) -> dict[str, Any]:
    """Read a form as a browser would send it back."""

    form: dict[str, Any] = {}

    class Reader(HTMLParser):
        select: str = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            said = dict(attrs)
            name = said.get("name") or ""
            if tag == "input" and said.get("type") in ("checkbox", "radio"):
                if "checked" in said:
                    form.setdefault(name, []).append(said["value"])
            elif tag in ("input", "textarea") and name:
                form[name] = said.get("value") or ""
            elif tag == "select":
                self.select = name
            elif tag == "option" and "selected" in said:
                form[self.select] = said["value"]

    Reader().feed(client.get(path).text.split('class="narrow"')[1])
    return form


def test_who_may_be_known_already_is_shown_before_somebody_new_is_described(
    visitor: Visitor, town: Town
) -> None:
    worker, path = visitor("worker"), "/console/new/person"
    assert "请填写姓名" in worker.post(path, data=whole(worker, path)).text
    form = {**whole(worker, path), "person_name": "马海明", "contact_phone": "13997005555"}
    asked = worker.post(path, data=form)
    assert "可能已有此人" in asked.text
    assert f"/console/persons/{town.person()}" in asked.text
    done = worker.post(path, data={**form, "confirmed": "1"})
    assert done.url.path.endswith("/deliveries"), done.text
    assert town.ask("SELECT count(*) FROM entry") == [(1,)]


def test_who_may_be_known_already_is_a_part_of_the_page_while_one_types(
    visitor: Visitor, town: Town, audited: Audited
) -> None:
    worker, path = visitor("worker"), "/console/new/person"
    form = whole(worker, path)
    for little in ({}, {"person_name": "马"}, {"contact_phone": "1399"}):
        part = worker.post(f"{path}/alike", data={**form, **little})
        assert (part.status_code, part.text.strip()) == (200, "")
    before = len(audited())
    part = worker.post(f"{path}/alike", data={**form, "person_name": "马海鸣"})
    assert f"/console/persons/{town.person()}" in part.text
    assert "<html" not in part.text
    assert "search" in {one["action"] for one in audited()[before:]}
    auditor = visitor("auditor")
    token = {"form_token": form_token(auditor.get("/console").text)}
    assert auditor.post(f"{path}/alike", data={**form, **token}).status_code == 403


def test_a_hostile_name_is_text_everywhere(visitor: Visitor, town: Town) -> None:
    with engine(town.settings).begin() as connection:
        person = a_golden(connection, person_name=HOSTILE[:500], contact_phone="13999990000")
        places = [
            (
                a_golden(connection, "grid", grid_name=HOSTILE[:500], grid_code="630102001001099"),
                "grids",
            ),
            (a_golden(connection, "house", standard_address=HOSTILE[:500]), "houses"),
        ]
    steward = visitor("steward")
    base = f"/console/persons/{person}"
    paths = [
        base,
        f"{base}/why/person_name",
        f"{base}/history",
        f"{base}/enter",
        f"{base}/deliveries",
    ]
    paths += [f"/console/{collection}/{one}" for one, collection in places]
    answers = [steward.get(path) for path in paths] + [search(steward, "13999990000")]
    for answered in answers:
        assert answered.status_code == 200, answered.url
        assert "&lt;script&gt;" in answered.text or "长" not in answered.text, answered.url
        assert "<script>alert" not in answered.text
        assert len(answered.content) <= MOST


def test_pages_are_small_and_ask_no_question_for_each_row(
    visitor: Visitor, town: Town, address: str
) -> None:
    worker = visitor("worker")
    asked: list[str] = []

    def count(*said: Any) -> None:
        asked.append(said[2])

    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    try:
        few = _asked(asked, lambda: search(worker, "海明"))
        with engine(town.settings).begin() as connection:
            for number in range(19):
                a_golden(
                    connection,
                    person_name=f"马海明{'一二三四五'[number % 5]}",
                    birth_date="1950-01-01",
                )
        many = _asked(asked, lambda: search(worker, "海明"))
        one = _asked(asked, lambda: worker.get(f"/console/persons/{town.person()}"))
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", count)
    assert many <= few
    assert one <= 30
    for path in ("/console", f"/console/persons/{town.person()}/enter", "/console/components"):
        assert len(worker.get(path).content) <= MOST


def _asked(asked: list[str], call: Callable[[], Any]) -> int:
    asked.clear()
    assert call().status_code == 200
    return len(asked)


@pytest.mark.parametrize(
    "record_type", ["grid", "component", "camera", "geo_entity", "building", "address"]
)
def test_things_of_every_type_have_a_page(visitor: Visitor, town: Town, record_type: str) -> None:
    said = {
        "grid": {
            "grid_name": "康乐一网格",
            "grid_boundary": '{"type": "Point", "coordinates": [101.78, 36.61]}',
        },
        "component": {
            "component_name": "路灯",
            "component_point": '{"type": "Point", "coordinates": [101.78, 36.61]}',
        },
        "camera": {"device_name": "北小街路口"},
        "geo_entity": {"geo_entity_name": "康乐小区"},
        "building": {"building_code": "KL-0000003", "storeys_above_ground": "6"},
        "address": {"standard_address": "康乐小区3号楼"},
    }[record_type]
    with engine(town.settings).begin() as connection:
        thing = a_golden(connection, record_type, **said)
    path = f"/console/{MODELS[record_type].collection}/{thing}"
    steward = visitor("steward")
    assert next(iter(said.values())) in steward.get(path).text
    assert steward.get(f"{path}/enter").status_code == 200
