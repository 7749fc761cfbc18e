"""A replica that knows of the hub by its feed alone; killed at any moment, it goes on after it.

Run as a program: ADDRESS TOKEN FILE [UNTIL]. What was read and how far is kept in one transaction.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import httpx

_SCHEMA = """
CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), cursor TEXT);
CREATE TABLE IF NOT EXISTS seen (seq INTEGER PRIMARY KEY, entity TEXT, version INTEGER);
CREATE TABLE IF NOT EXISTS grid (entity TEXT PRIMARY KEY, version INTEGER, name TEXT);
"""


def follow(address: str, token: str, file: Path, until: int | None) -> None:
    kept = sqlite3.connect(file)
    kept.executescript(_SCHEMA)
    headers = {"Authorization": f"Bearer {token}", "Hub-Purpose": "steward"}
    with httpx.Client(base_url=address, headers=headers, timeout=60) as hub:
        while not _has_come_to(kept, until):
            _take(kept, hub)


def _has_come_to(kept: sqlite3.Connection, until: int | None) -> bool:
    (last,) = kept.execute("SELECT coalesce(max(seq), 0) FROM seen").fetchone()
    return until is not None and last >= until


def _take(kept: sqlite3.Connection, hub: httpx.Client) -> None:
    found = kept.execute("SELECT cursor FROM place").fetchone()
    said = {"limit": 50, "wait": 0.5, **({"cursor": found[0]} if found else {})}
    answered = hub.get("/v1/changes", params=said)
    answered.raise_for_status()
    page = answered.json()
    with kept:
        for event in page["items"]:
            seq, one = int(event["id"].split("-")[1]), event["data"]
            # A change that is told twice breaks the key.
            kept.execute("INSERT INTO seen VALUES (?, ?, ?)", (seq, one["id"], one["version"]))
        for entity in {event["data"]["id"] for event in page["items"]}:
            record = hub.get(f"/v1/grids/{entity}").raise_for_status().json()
            values = (entity, record["version"], record["fields"]["grid_name"])
            kept.execute("INSERT OR REPLACE INTO grid VALUES (?, ?, ?)", values)
        kept.execute("INSERT OR REPLACE INTO place VALUES (1, ?)", (page["next"],))


if __name__ == "__main__":
    address, token, file, *until = sys.argv[1:]
    follow(address, token, Path(file), int(until[0]) if until else None)
