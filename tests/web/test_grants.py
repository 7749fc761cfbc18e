"""What grants show, and to whom: fields, masks, areas, purposes, periods - on every way to read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import Client
from sqlalchemy import Connection, Engine

from hub.config import Settings
from hub.store.areas import Area
from hub.store.default_grants import Grant
from hub.store.grants import issue, revoke_grant, set_area
from tests.web.build import Login, Said, a_change, a_golden
from tests.web.test_exports import ask, finished

NUMBER, PHONE, NAME = "63010219900101001X", "13900000001", "欧阳测"
HERE, THERE = "630102001001", "630102002001"
GRID = HERE + "001"
#: Grants a caller fields, in the words of `Grant`; returns the number of the grant.
Granting = Callable[..., int]


@pytest.fixture
def granted(engine: Engine) -> Granting:
    def made(client: Client, names: set[str], **said: Any) -> int:
        given = {
            "record_type": "person",
            "purposes": frozenset({"care"}),
            "since": datetime.now(UTC) - timedelta(days=1),
            "until": datetime.now(UTC) + timedelta(days=1),
            **said,
        }
        with engine.begin() as connection:
            grant = Grant(fields=frozenset(names), **given)
            (number,) = issue(connection, 1, who(client), "service", [grant])
        return number

    return made


def who(client: Client) -> str:
    return str(client.headers["X-Client"])


@pytest.fixture
def city(login: Login) -> Client:
    """A department that sees no resident by its role."""
    return login("department", "urban_management", purpose="care")


@pytest.fixture
def people(writing: Connection) -> tuple[str, str]:
    """Two residents, of two communities; both are in the feed."""
    made = []
    for community, name in ((HERE, NAME), (THERE, "李四海")):
        values = {
            "person_name": name,
            "citizen_id_no": NUMBER,
            "contact_phone": PHONE,
            "community_code": community,
            "grid_code": community + "001",
        }
        said = Said("street_office", "residents", f"SQ-{community}", values)
        person = a_golden(writing, said=(said,), **values)
        a_change(writing, person, "person", fields=list(values))
        made.append(person)
    return made[0], made[1]


def ways(person: str, community: str) -> list[tuple[str, str, dict[str, Any] | None]]:
    """All ways on which something of a person can be read."""
    return [
        ("GET", f"/v1/persons/{person}", None),
        ("GET", f"/v1/persons/{person}?include=provenance", None),
        ("GET", "/v1/persons", None),
        ("GET", f"/v1/persons/{person}/provenance", None),
        ("GET", f"/v1/persons/{person}/history", None),
        ("GET", f"/v1/sources/street_office/residents/records/SQ-{community}", None),
        ("POST", "/v1/persons/search", {"q": NAME}),
    ]


def test_who_was_granted_nothing_sees_no_person_anywhere(
    city: Client, people: tuple[str, str]
) -> None:
    for method, path, body in ways(people[0], HERE):
        answered = city.request(method, path, json=body)
        assert answered.status_code == 403, path
        assert answered.json()["type"] == "urn:hub:problem:forbidden"
    assert city.get("/v1/changes").json()["items"] == []
    assert city.get("/v1/changes?collection=persons").status_code == 403
    body = {"collection": "persons"}
    key = {"Idempotency-Key": "k"}
    assert city.post("/v1/exports", json=body, headers=key).status_code == 403


def test_only_granted_fields_are_shown_on_every_way(
    city: Client, people: tuple[str, str], granted: Granting
) -> None:
    granted(city, {"person_name"})
    for method, path, body in ways(people[0], HERE):
        answered = city.request(method, path, json=body)
        assert answered.status_code == 200, (path, answered.text)
        assert NAME in answered.text, path
        for hidden in (NUMBER, PHONE, "contact_phone", "citizen_id_no", "grid_code"):
            assert hidden not in answered.text, path
    events = city.get("/v1/changes").json()["items"]
    assert [event["data"]["fields"] for event in events] == [["person_name"]] * 2


def test_masked_fields_are_shown_in_part_and_cannot_be_searched(
    city: Client, people: tuple[str, str], granted: Granting
) -> None:
    names = {"person_name", "citizen_id_no", "contact_phone"}
    granted(city, names, masked=frozenset(names))
    for method, path, body in ways(people[0], HERE)[:-1]:
        text = city.request(method, path, json=body).text
        assert "630102********001X" in text, path
        for hidden in (NUMBER, PHONE, NAME):
            assert hidden not in text, path
    one = city.get(f"/v1/persons/{people[0]}").json()
    assert one["fields"] == {
        "person_name": "欧**",
        "citizen_id_no": "630102********001X",
        "contact_phone": "139****0001",
    }
    assert one["marks"] == dict.fromkeys(sorted(names), "masked")
    for criterion in ({"id_number": NUMBER}, {"phone": PHONE}, {"name": NAME}):
        answered = city.post("/v1/persons/search", json=criterion)
        assert answered.status_code == 403, criterion
        assert "reading it" in answered.json()["detail"]


def test_of_what_is_missing_not_even_a_mask_is_shown(
    city: Client, people: tuple[str, str], granted: Granting
) -> None:
    names = {"person_name", "former_name", "emergency_contact_phone", "id_document_no"}
    granted(city, names, masked=frozenset(names))
    one = city.get(f"/v1/persons/{people[0]}").json()
    assert one["fields"] == {"person_name": "欧**"}


def test_filtering_by_a_field_is_reading_it(
    city: Client, people: tuple[str, str], granted: Granting
) -> None:
    granted(city, {"person_name"})
    answered = city.get(f"/v1/persons?community={HERE}")
    assert answered.status_code == 403
    assert "community_code" in answered.json()["detail"]
    assert city.get("/v1/persons?category=01").status_code == 403


@pytest.mark.parametrize(
    "area",
    [
        Area(communities=(HERE,)),
        Area(grids=(GRID,)),
        Area(streets=(HERE[:9],)),
        Area(grids=(GRID,), streets=(HERE[:9],)),
    ],
    ids=["community", "grid", "street", "both"],
)
def test_a_grant_for_an_area_shows_nothing_beyond_it(
    city: Client, people: tuple[str, str], granted: Granting, area: Area
) -> None:
    granted(city, {"person_name", "community_code"}, area=area)
    here, there = people
    assert city.get(f"/v1/persons/{here}").json()["fields"]["person_name"] == NAME
    assert [one["id"] for one in city.get("/v1/persons?count=exact").json()["items"]] == [here]
    assert city.get("/v1/persons?count=exact").json()["count"] == 1
    assert city.get("/v1/persons?count=estimated").status_code == 200
    assert city.get(f"/v1/persons?community={THERE}").json()["items"] == []
    for method, path, _ in ways(there, THERE)[:-1]:
        answered = city.request(method, path)
        assert "李四海" not in answered.text, path
        assert answered.status_code in (200, 404), path
    for criteria in ({"name": "李四海"}, {"q": "李四海"}, {"q": there}):
        assert city.post("/v1/persons/search", json=criteria).json()["items"] == []
    assert [event["subject"] for event in city.get("/v1/changes").json()["items"]] == [here]
    export = finished(city, ask(city, "persons"))
    assert export["rows"] == 1


def test_grants_of_two_areas_each_show_their_own_fields(
    city: Client, people: tuple[str, str], granted: Granting
) -> None:
    granted(city, {"person_name"})
    granted(city, {"contact_phone"}, area=Area(communities=(HERE,)))
    here, there = people
    both = {here: {"person_name", "contact_phone"}, there: {"person_name"}}
    for person, names in both.items():
        assert set(city.get(f"/v1/persons/{person}").json()["fields"]) == names
        reasons = city.get(f"/v1/persons/{person}/provenance").json()["fields"]
        assert set(reasons) == names
        (version,) = city.get(f"/v1/persons/{person}/history").json()["items"]
        assert set(version["fields"]) == names
    listed = {one["id"]: set(one["fields"]) for one in city.get("/v1/persons").json()["items"]}
    assert listed == both
    found = city.post("/v1/persons/search", json={"phone": PHONE}).json()["items"]
    assert [hit["id"] for hit in found] == [here]
    by_key = city.get(f"/v1/sources/street_office/residents/records/SQ-{THERE}")
    assert PHONE not in by_key.text


def test_a_purpose_shows_what_was_granted_for_it(
    login: Login, people: tuple[str, str], granted: Granting
) -> None:
    police = login("department", "public_security", purpose="verification")
    path = f"/v1/persons/{people[0]}?fields=person_name,care_categories"
    granted(police, {"care_categories"}, purposes=frozenset({"emergency"}))
    assert set(police.get(path).json()["fields"]) == {"person_name"}
    denied = police.get(path, headers={"Hub-Purpose": "statistics"})
    assert denied.status_code == 403
    assert "emergency" in denied.json()["detail"]
    said = police.get(path.replace("person_name,", ""), headers={"Hub-Purpose": "verification"})
    assert said.status_code == 403
    missing = police.get(path, headers={"Hub-Purpose": ""})
    assert missing.status_code in (403, 422)


def test_a_worker_sees_the_residents_of_its_own_grid(
    login: Login, people: tuple[str, str], engine: Engine
) -> None:
    worker = login("worker", purpose="visit")
    with engine.begin() as connection:
        set_area(connection, who(worker), Area(grids=(GRID,)), "test")
    assert [one["id"] for one in worker.get("/v1/persons").json()["items"]] == [people[0]]
    assert worker.get(f"/v1/persons/{people[1]}").status_code == 404
    # Places are not personal: they are for everybody who serves the district.
    assert worker.get("/v1/places").status_code == 200


def test_a_grant_that_has_run_out_or_not_begun_shows_nothing(
    city: Client, people: tuple[str, str], granted: Granting
) -> None:
    now = datetime.now(UTC)
    granted(city, {"person_name"}, until=now)
    granted(city, {"person_name"}, since=now + timedelta(hours=1))
    assert city.get(f"/v1/persons/{people[0]}").status_code == 403


def test_a_revoked_grant_stops_reading_within_a_second(
    city: Client, people: tuple[str, str], granted: Granting, engine: Engine
) -> None:
    number = granted(city, {"person_name"})
    path = f"/v1/persons/{people[0]}"
    assert city.get(path).status_code == 200
    with engine.begin() as connection:
        revoke_grant(connection, number, "test", "目的已达")
    begun = datetime.now(UTC)
    # By another process: this one does not know at once, and asks again each second.
    while city.get(path).status_code == 200:
        assert datetime.now(UTC) - begun < timedelta(seconds=3)
    assert city.get(path).status_code == 403


@pytest.mark.parametrize("how", ["runs out", "is revoked"])
def test_a_grant_that_ends_during_a_long_poll_stops_it(
    city: Client,
    people: tuple[str, str],
    granted: Granting,
    engine: Engine,
    writing: Connection,
    how: str,
) -> None:
    until = datetime.now(UTC) + timedelta(seconds=2 if how == "runs out" else 60)
    number = granted(city, {"person_name"}, until=until)
    asked = {"collection": "persons", "wait": 20}
    cursor = city.get("/v1/changes?collection=persons").json()["next"]
    begun = threading.Event()

    def wait() -> Any:
        begun.set()
        return city.get("/v1/changes", params={**asked, "cursor": cursor})

    with ThreadPoolExecutor(1) as reader:
        waiting = reader.submit(wait)
        begun.wait()
        if how == "is revoked":
            with engine.begin() as connection:
                revoke_grant(connection, number, "test", "目的已达")
        answered = waiting.result(timeout=15)
    assert answered.status_code == 403
    a_change(writing, people[0], "person")
    assert city.get("/v1/changes", params={**asked, "cursor": cursor}).status_code == 403


@pytest.fixture
def slow_export(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Have exports stop after their first page until the event is set."""
    from hub.web import exporter

    goes_on, real = threading.Event(), exporter.list_golden

    def paged(*said: Any, after: str, **more: Any) -> Any:
        if after:
            assert goes_on.wait(20)
        return real(*said, after=after, **more)

    monkeypatch.setattr(exporter, "list_golden", paged)
    monkeypatch.setattr(exporter, "ROWS_AT_A_TIME", 1)
    yield goes_on
    goes_on.set()


def test_a_grant_that_is_revoked_during_an_export_stops_it(
    city: Client,
    people: tuple[str, str],
    granted: Granting,
    engine: Engine,
    slow_export: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hub.web.entitled.KEPT", 0.0)
    number = granted(city, {"person_name"})
    place = ask(city, "persons")
    while city.get(place).json()["state"] != "running":
        pass
    with engine.begin() as connection:
        revoke_grant(connection, number, "test", "目的已达")
    slow_export.set()
    assert finished(city, place)["state"] == "failed"
    assert city.get(f"{place}/files/persons-0001.ndjson").status_code in (403, 404)


def test_files_of_an_export_go_with_the_grant(
    city: Client,
    people: tuple[str, str],
    granted: Granting,
    engine: Engine,
    settings: Settings,
) -> None:
    first = granted(city, {"person_name"})
    export = finished(city, ask(city, "persons"))
    (file,) = export["files"]
    assert NAME in city.get(file["href"]).text
    granted(city, {"contact_phone"})
    with engine.begin() as connection:
        revoke_grant(connection, first, "test", "目的已达")
    stopped = threading.Event()
    while city.get(file["href"]).status_code == 200:
        stopped.wait(0.05)
    assert city.get(file["href"]).status_code == 403
    folder = settings.home / "exports" / export["export_id"]
    assert folder.exists()
    # The next export finds what is to be disposed of.
    finished(city, ask(city, "persons", key="another"))
    assert not folder.exists()
    assert city.get(file["href"]).status_code in (403, 410)


def test_relations_show_only_what_is_granted(
    login: Login, writing: Connection, people: tuple[str, str]
) -> None:
    from tests.web.build import a_tie

    house = a_golden(writing, "house", house_code="H1", owner_name="王一")
    a_tie(writing, people[0], "owner", house)
    path = f"/v1/houses/{house}?include=relations"
    police = login("department", "public_security")
    assert [tie["id"] for tie in police.get(path).json()["relations"]] == [people[0]]
    city = login("department", "urban_management", purpose="emergency")
    shown = city.get(path)
    assert shown.status_code == 200
    assert shown.json()["relations"] == []
    assert "owner_name" not in shown.text
