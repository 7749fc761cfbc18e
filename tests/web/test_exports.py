"""Bulk exports: files that hold what reading would show, and the feed that goes on from them."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Client
from sqlalchemy import Connection

from hub.config import Settings
from hub.store import tables
from hub.web.app import create_app
from tests.web.build import Login, a_change, a_golden
from tests.web.served import served


def ask(client: Client, collection: str, key: str = "k", **said: Any) -> str:
    body = {"collection": collection, **said}
    answered = client.post("/v1/exports", json=body, headers={"Idempotency-Key": key})
    assert answered.status_code == 202, answered.text
    assert answered.json()["state"] == "queued"
    return str(answered.headers["Content-Location"])


def finished(client: Client, place: str) -> dict[str, Any]:
    """Ask until the export is made; each time the server is asked anew."""
    for _ in range(2_000):
        found: dict[str, Any] = client.get(place).json()
        if found["state"] in ("done", "failed"):
            return found
    raise AssertionError("the export was not made")


def lines(client: Client, export: dict[str, Any]) -> list[dict[str, Any]]:
    texts = [client.get(file["href"]).text for file in export["files"]]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def test_an_export_holds_what_reading_shows(
    steward: Client, writing: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.web.exporter.ROWS_A_FILE", 2)
    monkeypatch.setattr("hub.web.exporter.ROWS_AT_A_TIME", 3)
    ids = sorted(a_golden(writing, person_name=f"张{n}", sex_code="1") for n in "一二三四五")
    export = finished(steward, ask(steward, "persons", fields=["person_name"]))
    assert (export["state"], export["rows"]) == ("done", 5)
    assert [file["rows"] for file in export["files"]] == [2, 2, 1]
    shown = lines(steward, export)
    assert [one["id"] for one in shown] == ids
    assert shown[0] == steward.get(f"/v1/persons/{ids[0]}?fields=person_name").json()


def test_files_are_what_their_hashes_say_and_can_be_resumed(
    steward: Client, writing: Connection
) -> None:
    for number in range(20):
        a_golden(writing, "component", component_name=f"路灯{number}")
    export = finished(steward, ask(steward, "components"))
    (file,) = export["files"]
    whole = steward.get(file["href"])
    assert sha256(whole.content).hexdigest() == file["sha256"]
    assert len(whole.content) == file["bytes"]
    part = steward.get(file["href"], headers={"Range": "bytes=100-"})
    assert (part.status_code, part.content) == (206, whole.content[100:])
    assert part.headers["Content-Range"] == f"bytes 100-{file['bytes'] - 1}/{file['bytes']}"
    changed = {"Range": "bytes=100-", "If-Range": '"other"'}
    assert steward.get(file["href"], headers=changed).status_code == 200
    beyond = steward.get(file["href"], headers={"Range": f"bytes={file['bytes']}-"})
    assert (beyond.status_code, beyond.json()["type"]) == (416, "urn:hub:problem:range")
    assert steward.get(file["href"], headers={"Range": "bytes=x"}).status_code == 400


def test_the_feed_goes_on_from_an_export(steward: Client, writing: Connection) -> None:
    grid = a_golden(writing, "grid", grid_name="第一网格")
    a_change(writing, grid, "grid")
    export = finished(steward, ask(steward, "grids"))
    follow = {"cursor": export["cursor"], "collection": "grids"}
    assert steward.get("/v1/changes", params=follow).json()["items"] == []
    a_change(writing, grid, "grid", version=2, change="updated")
    items = steward.get("/v1/changes", params=follow).json()["items"]
    assert [item["data"]["version"] for item in items] == [2]


def test_exports_are_their_callers_own_and_need_a_purpose(
    login: Login, steward: Client, writing: Connection, audited: Callable[[], list[dict[str, Any]]]
) -> None:
    person = a_golden(writing, person_name="张三")
    place = ask(steward, "persons")
    export = finished(steward, place)
    other = login("admin")
    assert other.get(place).status_code == 404
    assert other.get(export["files"][0]["href"]).status_code == 404
    assert steward.get(f"{place}/files/..%2F..%2Fkeys%2Ftoken.pem").status_code == 404
    silent = login("steward", purpose=None)
    refused = silent.post(
        "/v1/exports", json={"collection": "persons"}, headers={"Idempotency-Key": "k"}
    )
    assert refused.status_code == 403
    told = [(entry["action"], entry["entity_ids"]) for entry in audited()]
    assert told == [("ask for export", []), ("export", [person])]


def test_asking_again_with_the_same_key_makes_one_export(
    steward: Client, writing: Connection
) -> None:
    a_golden(writing, "grid", grid_name="第一网格")
    assert ask(steward, "grids", "one") == ask(steward, "grids", "one")
    assert ask(steward, "grids", "two") != ask(steward, "grids", "one")
    wrong = steward.post(
        "/v1/exports", json={"collection": "robots"}, headers={"Idempotency-Key": "k"}
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/collection")


def test_an_export_left_undone_is_made_by_the_next_server(
    app: FastAPI, settings: Settings, steward: Client, writing: Connection
) -> None:
    a_golden(writing, "grid", grid_name="第一网格")
    place = ask(steward, "grids")
    finished(steward, place)
    writing.execute(tables.export.update().values(state="running", files=[]))
    shutil.rmtree(settings.home / "exports")
    with served(create_app(settings)) as address:
        headers = {"Authorization": steward.headers["Authorization"]}
        with Client(base_url=address, headers=headers) as again:
            export = finished(again, place)
            assert export["rows"] == 1
            assert len(lines(again, export)) == 1


def test_files_can_be_read_by_the_hub_alone(
    steward: Client, writing: Connection, settings: Settings
) -> None:
    a_golden(writing, "grid", grid_name="第一网格")
    export = finished(steward, ask(steward, "grids"))
    folder = settings.home / "exports" / export["export_id"]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes == {0o700, 0o600}
