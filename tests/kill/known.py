"""All that a hub knows, in words that do not depend on who came first: no numbers, no times."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.golden import origin_of
from hub.store import tables
from schemas import MODELS

#: Work in hand: nothing may be left of it.
IN_HAND = {*(name for name in tables.metadata.tables if name.startswith("staged_"))}
IN_HAND |= {"outbox", "resolve_queue"}
#: How the hub came to know it, and who asked.
_BESIDE = {"batch", "source_run", "layout", "feed", "client", "audit", "idempotency", "export"}
#: A second reading tells the same news of a source again; news that was settled between the
#: readings it may never hear of.
_NEWS = "signal"

_RECORDS = {"record_id"}
_ENTITIES = {"entity_id", "home_id", "superseded_by", "from_id", "to_id", "person_id", "into"}
_NUMBERS = {
    "delivery_id",
    "number",
    "batch_id",
    "quarantine_id",
    "signal_id",
    "queue_id",
    "epoch",
    "seq",
    "released_by",
}

#: Rows of each table with how often each is there.
Known = dict[str, Counter[str]]


def known(connection: Connection, since: datetime) -> Known:
    """Return the rows of every table; times after ``since`` are times of the work itself."""
    names = tables.metadata.tables.keys() - IN_HAND - _BESIDE
    rows = {name: _rows(connection, name) for name in sorted(names)}
    rows[_NEWS] = [news for news in rows[_NEWS] if news["closed_at"] is None]
    words = _Words(connection, rows, since)
    told = {name: Counter(words.row(row) for row in found) for name, found in rows.items()}
    return told | {_NEWS: Counter(set(told[_NEWS]))}


def work_in_hand(connection: Connection) -> set[str]:
    """Return the tables in which something is left that should have been finished."""
    return {name for name in IN_HAND if _rows(connection, name)}


def _rows(connection: Connection, table: str) -> list[dict[str, Any]]:
    found = connection.execute(sa.text(f'SELECT to_jsonb(t)::text FROM "{table}" t'))
    return [json.loads(text) for (text,) in found]


class _Words:
    """Names for what is numbered: records by their keys, entities by the keys of their records."""

    def __init__(
        self, connection: Connection, rows: dict[str, list[dict[str, Any]]], since: datetime
    ) -> None:
        self._since = since
        self._layouts = {row["layout_id"]: row["names"] for row in _rows(connection, "layout")}
        self._records = {
            row["record_id"]: f"{name} {row['source']}/{row['dataset']}/{row['key']}"
            for name in MODELS
            for row in rows[f"record_{name}"]
        }
        members: dict[str, set[str]] = defaultdict(set)
        for link in rows["link"]:
            members[link["home_id"]].add(self._records[link["record_id"]])
        self._entities = {entity: min(keys) for entity, keys in members.items()}

    def row(self, row: dict[str, Any]) -> str:
        return json.dumps(self._said("", row), ensure_ascii=False, sort_keys=True)

    def _said(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            value = self._unordered(self._with_origins(value))
            return {key: self._said(key, said) for key, said in value.items()}
        if value is None or name in _NUMBERS:
            return value is None
        if name in _RECORDS:
            return self._records[value]
        if name in _ENTITIES:
            return self._entities.get(value, value)
        if name == "layout_id":
            return self._layouts[value]
        if isinstance(value, list):
            return [self._said("", said) for said in value]
        return "now" if self._is_of_the_work(value) else value

    def _with_origins(self, row: dict[str, Any]) -> dict[str, Any]:
        """Say of a golden record by name whose value each one is; its hash holds its own id."""
        if "members" not in row:
            return row
        if "origins" not in row:
            # The cause of a merge or a split names entities.
            return row | {"members": sorted(self._entities.get(one, one) for one in row["members"])}
        keys = [self._records[number] for number in row["members"]]
        origins = [origin_of(code) for code in row["origins"]]
        named = [origin and (keys[origin[0]], origin[1]) for origin in origins]
        return row | {"members": sorted(keys), "origins": named, "content_hash": ""}

    def _unordered(self, row: dict[str, Any]) -> dict[str, Any]:
        """Name the two records of a pair; which has the lower number is of no account."""
        if "left_id" not in row:
            return row
        low, high = sorted(self._records[row[name]] for name in ("left_id", "right_id"))
        return row | {"left_id": low, "right_id": high}

    def _is_of_the_work(self, value: Any) -> bool:
        if not isinstance(value, str) or len(value) < 20 or value[10] != "T":
            return False
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return False
        return at.tzinfo is not None and at >= self._since
