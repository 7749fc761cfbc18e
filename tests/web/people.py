"""People of several sources, pushed as their departments push them, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from httpx import Client, Response

from connectors import CONNECTORS

_numbers = count(1)

Name = dict[str, str]
POLICE = {"source": "public_security", "dataset": "residents"}
STREET = {"source": "street_office", "dataset": "residents"}
OWNERS = {"source": "property", "dataset": "owners"}
#: The column that each dataset's key is in.
_KEYS = {"public_security": "rybh", "street_office": "人员编号", "property": "member_id"}


def police(key: str, **said: str) -> tuple[Name, dict[str, str]]:
    """Return a record of the police by its name, and its row: a man of 1980, without a number."""
    usual = {"gmsfhm": "", "xm": "马海明", "cym": "", "hh": "", "hjdz": ""}
    return _row(POLICE, key, {**usual, **said})


def street(key: str, **said: str) -> tuple[Name, dict[str, str]]:
    """Return a record of the street office; what is not said is as the police say it."""
    usual = {"姓名": "马海明", "身份证号": "", "户号": "", "户籍地址": "", "网格编号": ""}
    return _row(STREET, key, {**usual, **said})


def owner(key: str, **said: str) -> tuple[Name, dict[str, str]]:
    """Return a record of the property company."""
    return _row(OWNERS, key, {"name": "马海明", "id_card": "", "room_id": "", **said})


def _row(of: Mapping[str, str], key: str, said: dict[str, str]) -> tuple[Name, dict[str, str]]:
    dataset = CONNECTORS[of["source"]].dataset(of["dataset"])
    assert dataset is not None
    return {**of, "key": key}, {**dataset.sample()[0], _KEYS[of["source"]]: key, **said}


def push(client: Client, *people: tuple[Name, dict[str, str]]) -> list[str]:
    """Push records one after the other; return the ids of their entities."""
    for name, row in people:
        path = f"/v1/sources/{name['source']}/{name['dataset']}/records"
        answered = client.post(path, json=[row], headers=a_key())
        assert answered.status_code == 200, answered.text
        (told,) = answered.json()["results"]
        assert told["outcome"] == "accepted", told
    return [golden_id(client, name) for name, _ in people]


def golden_id(client: Client, name: Name) -> str:
    """Return the id of the entity that a record belongs to."""
    path = "/v1/sources/{source}/{dataset}/records/{key}".format(**name)
    return str(client.get(path).json()["golden_id"])


def judge(
    client: Client,
    verdict: str,
    left: Name,
    right: Name,
    *,
    collection: str = "persons",
    **asked: Any,
) -> Response:
    """Say something of two records."""
    said = {"collection": collection, "left": left, "right": right, "verdict": verdict}
    body = {**said, "reason": "核对了档案"}
    return client.post("/v1/judgements", json=body, params=asked, headers=a_key())


def a_key() -> dict[str, str]:
    """Return the header of a request that was never sent before."""
    return {"Idempotency-Key": f"k-{next(_numbers)}"}
