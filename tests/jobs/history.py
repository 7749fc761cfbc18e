"""Histories of a hub: rows that arrive, change, go and return, one after the other."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pandas as pd
import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy import Connection

from hub.config import Settings
from hub.connector import Delivery
from hub.database import engine
from hub.golden import origin_of
from hub.jobs import steps
from hub.jobs.resolve import resolve_queued
from hub.store import feed, tables
from schemas import MODELS, fields
from tests.build import a_component, a_grid, a_house, a_place, a_resident, a_square, an_id_number

STREET, CITY = "street_office", "urban_management"
COMMUNITIES = ("630102001001", "630102001002")
SHEETS = ("北关社区", "没有的社区")


class Step(NamedTuple):
    """At a time a row of a dataset says something else, or is gone (``None``)."""

    dataset: str
    number: int
    variant: int | None


class Word(NamedTuple):
    """At a time a steward says something of two rows of a dataset, or takes it back (``None``)."""

    dataset: str
    one: int
    other: int
    verdict: str | None


def _grid(number: int, variant: int) -> dict[str, str]:
    # Squares side by side; a grid may move, grow over its neighbour, or lose its boundary.
    shapes = (a_square(101.70 + 0.01 * number, 36.50), a_square(101.70, 36.50, 0.03), "")
    return a_grid(
        number + 1,
        社区代码=COMMUNITIES[variant % 2],
        边界=shapes[variant % 3],
        网格长=f"长{variant}",
    )


def _place(number: int, variant: int) -> dict[str, str]:
    at = f"POINT ({101.705 + 0.01 * (variant % 3):.4f} 36.505)"
    if number == 0:
        said = ("", COMMUNITIES[variant % 2])[variant // 2 % 2]
        return a_place(
            0, Name="甲", Class="02", SZSQDM=said, Boundary=a_square(101.70, 36.49, 0.04)
        )
    return a_place(number, Name=("康乐小区", "安泰小区")[variant % 2], Boundary=at)


def _house(number: int, variant: int) -> dict[str, str]:
    return a_house(
        number,
        小区=("康乐小区", "安泰小区")[variant % 2],
        楼栋="1号楼",
        单元="1单元",
        房号=("101", "102")[variant // 2 % 2],
        网格编号=("", a_grid(1)["网格编号"])[variant // 4 % 2],
    )


def _resident(number: int, variant: int) -> dict[str, str]:
    home = (
        ("康乐小区", "安泰小区")[variant % 2] + "1号楼1单元" + ("101室", "102室")[variant // 2 % 2]
    )
    return {"@工作表": SHEETS[variant // 4 % 2]} | a_resident(
        number,
        姓名=f"马{'一二三'[number % 3]}",
        身份证号=(*(an_id_number(n, born="19400101") for n in range(3)), "")[variant % 4],
        联系电话=f"1390000000{variant}",
        现住址=home,
    )


def _component(number: int, variant: int) -> dict[str, str]:
    point = {"PointX": f"{101.705 + 0.01 * (variant % 4):.4f}", "PointY": "36.505"}
    return a_component(number, ObjName=f"路灯{variant}", **point)


ROWS = {
    "grids": _grid,
    "places": _place,
    "houses": _house,
    "residents": _resident,
    "components": _component,
}
#: The record types of which stewards speak, and the columns with their rows' keys.
NAMED = {
    "places": ("geo_entity", "EntityID"),
    "houses": ("house", "房屋编号"),
    "residents": ("person", "人员编号"),
}
TIMES = {"places": "UpdateTime", "components": "UpdateTime"}


def histories(longest: int = 14) -> st.SearchStrategy[list[Step]]:
    """Draw a history over a few rows of each dataset."""
    one = st.builds(
        Step,
        st.sampled_from(("grids", "places", "houses", "residents", "residents", "components")),
        st.integers(0, 2),
        st.one_of(st.integers(0, 7), st.integers(0, 7), st.none()),
    )
    return st.lists(one, min_size=2, max_size=longest)


def reordered(history: list[Step], seed: int) -> list[tuple[int, Step]]:
    """Let the rows' histories run together another way; each row keeps its own order and times."""
    queues: dict[tuple[str, int], list[tuple[int, Step]]] = {}
    for time, step in enumerate(history):
        queues.setdefault((step.dataset, step.number), []).append((time, step))
    chance, mixed = random.Random(seed), []
    while queues:
        row = chance.choice(sorted(queues))
        mixed.append(queues[row].pop(0))
        if not queues[row]:
            del queues[row]
    return mixed


class Hub:
    """A hub whose sources are whatever a history has come to."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._rows: dict[str, dict[int, dict[str, str]]] = {name: {} for name in ROWS}

    def clear(self) -> None:
        """Begin again with nothing known."""
        self._rows = {name: {} for name in ROWS}
        named = [table.name for table in reversed(tables.metadata.sorted_tables)]
        # What was told to the audit stays, whoever asks. Few rows go sooner than files are made.
        emptied = (f'DELETE FROM "{n}"' for n in named if n != "relation" and "audit" not in n)
        with engine(self.settings).begin() as connection:
            connection.execute(sa.text("; ".join(emptied)))

    def live_through(self, history: Iterable[tuple[int, Step]], *, resolving: bool = True) -> None:
        for time, step in history:
            self.take(time, step, resolving=resolving)

    def live_through_hastily(self, history: Iterable[tuple[int, Step]], seed: int) -> None:
        """Resolve of some steps only what they bring, of others nothing."""
        chance = random.Random(seed)
        for time, step in history:
            self.take(time, step, resolving=chance.random() < 0.5, alone=True)

    def take(self, time: int, step: Step, *, resolving: bool = True, alone: bool = False) -> None:
        """Deliver the dataset as it is now, in full; ``alone``: what else waits goes on waiting."""
        self._row_says(time, step)
        with engine(self.settings).begin() as connection:
            queued = self._deliver(connection, step.dataset)
            if resolving:
                resolve_queued(connection, only=queued if alone else None)
        if resolving:
            self.number()

    def happen_at(self, time: int, event: Step | Word, *, pushed: bool = False) -> None:
        """Let one thing happen, and queue what it concerns; ``pushed``: the row comes alone."""
        if isinstance(event, Step):
            self._row_says(time, event)
            with engine(self.settings).begin() as connection:
                only = event.number if pushed and event.variant is not None else None
                self._deliver(connection, event.dataset, only)
            return
        record_type, key = NAMED[event.dataset]
        row = ROWS[event.dataset]
        said = (row(number, 0)[key] for number in (event.one, event.other))
        self.judge_records(record_type, *said, event.verdict)

    def judge_records(self, record_type: str, one: str, other: str, verdict: str | None) -> None:
        """Write down a word on two records that were there at some time, or take it back."""
        query = f"SELECT record_id FROM record_{record_type} WHERE key IN ('{one}', '{other}')"
        ids = sorted(row.record_id for row in self.ask(query))
        if len(ids) < 2:
            return
        pair, table = {"left_id": ids[0], "right_id": ids[1]}, tables.judgement
        known = [table.c[side] == number for side, number in pair.items()]
        ended = table.update().where(*known, table.c.ended_at.is_(None))
        with engine(self.settings).begin() as connection:
            connection.execute(ended.values(ended_at=sa.func.now(), ended_by="steward"))
            if verdict:
                word = {"record_type": record_type, "reason": "seen", "said_by": "steward"}
                connection.execute(table.insert().values(**pair, **word, verdict=verdict))
            queued = [{"record_type": record_type, "record_id": number} for number in ids]
            connection.execute(tables.resolve_queue.insert(), queued)

    def words(self, record_type: str) -> set[tuple[str, str, str]]:
        """Return the judgements that count: two records' keys, and what was said of them."""
        query = f"""SELECT l.key, r.key, verdict FROM judgement
            JOIN record_{record_type} l ON l.record_id = left_id
            JOIN record_{record_type} r ON r.record_id = right_id WHERE ended_at IS NULL"""
        return {(row[0], row[1], row[2]) for row in self.ask(query)}

    def waiting(self) -> set[int]:
        """Return the entries of the queue."""
        return {row.queue_id for row in self.ask("SELECT queue_id FROM resolve_queue")}

    def resolve(self, *, full: bool = False, only: Sequence[int] | None = None) -> None:
        with engine(self.settings).begin() as connection:
            resolve_queued(connection, full=full, only=only)
        self.number()

    def number(self) -> None:
        with engine(self.settings).begin() as connection:
            feed.number_changes(connection)

    def _row_says(self, time: int, step: Step) -> None:
        rows = self._rows[step.dataset]
        if step.variant is None:
            rows.pop(step.number, None)
        else:
            at = f"{datetime(2026, 8, 1, tzinfo=UTC) + timedelta(hours=time):%Y-%m-%d %H:%M:%S}"
            column = TIMES.get(step.dataset, "更新时间")
            rows[step.number] = ROWS[step.dataset](step.number, step.variant) | {column: at}

    def _deliver(self, connection: Connection, name: str, only: int | None = None) -> list[int]:
        source = CITY if name in TIMES else STREET
        dataset = steps.dataset_of(source, name)
        columns = [*dataset.agreement.columns]
        known = self._rows[name]
        rows = list(known.values()) if only is None else [known[only]]
        page = pd.DataFrame(rows, columns=columns if not rows else None, dtype="str")
        delivery = Delivery(dataset, "all", [page], dict, snapshot=only is None)
        batch_id = steps.land(connection, source, delivery)
        steps.translate(connection, batch_id, self.settings.district)
        steps.validate(connection, batch_id)
        return steps.keep(connection, batch_id)

    def ask(self, query: str) -> list[sa.Row[Any]]:
        with engine(self.settings).connect() as connection:
            return list(connection.execute(sa.text(query)))

    def known(self) -> dict[frozenset[str], dict[str, Any]]:
        """Return all that is served, by the members' keys: values, marks, origins. No ids."""
        found: dict[frozenset[str], dict[str, Any]] = {}
        for name, model in MODELS.items():
            names = [spec.name for spec in fields(model) if spec.name != "person_id"]
            keys = {
                i: f"{name}/{k}" for i, k in self.ask(f"SELECT record_id, key FROM record_{name}")
            }
            for row in self.ask(f"SELECT * FROM golden_{name} WHERE retired_at IS NULL"):
                origins = dict(zip((s.name for s in fields(model)), row.origins, strict=True))
                said = {n: getattr(row, n) for n in names if getattr(row, n) is not None}
                rules = {n: origin_of(origins[n]) for n in said}
                members = frozenset(keys[i] for i in row.members)
                assert members not in found
                found[members] = {
                    "values": said,
                    "marks": {n: mark for n, mark in row.marks.items() if n != "person_id"},
                    "origins": {n: (keys[row.members[o[0]]], o[1]) for n, o in rules.items() if o},
                }
        return found

    def ids(self) -> dict[str, frozenset[str]]:
        """Return the entities that are alive, with their members' keys."""
        found: dict[str, set[str]] = {}
        for name in MODELS:
            query = f"""SELECT l.entity_id, '{name}/' || r.key FROM link l
                JOIN record_{name} r USING (record_id) WHERE l.entity_id IS NOT NULL"""
            for entity, key in self.ask(query):
                found.setdefault(entity, set()).add(key)
        return {entity: frozenset(keys) for entity, keys in found.items()}

    def live_keys(self) -> set[str]:
        """Return the keys of the records that are not withdrawn."""
        parts = (
            f"SELECT '{name}/' || key FROM record_{name} WHERE withdrawn_at IS NULL"
            for name in MODELS
        )
        return {row[0] for row in self.ask(" UNION ALL ".join(parts))}

    def versions(self) -> dict[str, int]:
        """Return the entities that are served, with their versions."""
        parts = (
            f"SELECT entity_id, version FROM golden_{name} WHERE retired_at IS NULL"
            for name in MODELS
        )
        return {row.entity_id: row.version for row in self.ask(" UNION ALL ".join(parts))}

    def redirects(self) -> dict[str, str]:
        query = "SELECT entity_id, superseded_by FROM entity WHERE superseded_by IS NOT NULL"
        return {row[0]: row[1] for row in self.ask(query)}

    def replayed(self) -> dict[str, int]:
        """Follow the feed from its beginning as a client would; it must be dense."""
        alive: dict[str, int] = {}
        changes = self.ask("SELECT * FROM change ORDER BY epoch, seq")
        assert [change.seq for change in changes] == list(range(1, len(changes) + 1))
        for change in changes:
            if change.change in ("withdrawn", "merged"):
                alive.pop(change.entity_id, None)
            elif change.change in ("created", "updated"):
                assert change.version > alive.get(change.entity_id, 0)
                alive[change.entity_id] = change.version
        return alive
