"""Publishing: entities' live records become golden records, written where they differ."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import orjson
import pandas as pd
from sqlalchemy import Connection

import connectors
from hub.golden import Authorities, Golden, Surroundings, derive, merge
from hub.golden.derive import Locate
from hub.golden.frames import prefer_known_frames
from hub.hashes import column_hashes
from hub.matching import place_words
from hub.store import golden as store
from hub.store.golden import Published
from schemas import Section, fields
from schemas.distinct import text_array

#: Entities made golden at a time: enough for whole-column work, little enough for memory.
CHUNK = 20_000

#: So many new golden records change what the planner has to know.
MANY = 10_000


@cache
def authorities() -> Authorities:
    """Gather from the connectors how far each dataset is trusted and for whom it speaks."""
    trust, speaks_for, tentative = {}, {}, {}
    for source, connector in connectors.CONNECTORS.items():
        for dataset in connector.datasets:
            trust[f"{source}|{dataset.name}"] = dataset.trust
            speaks_for[f"{source}|{dataset.name}"] = dict(dataset.acts_for)
            tentative[f"{source}|{dataset.name}"] = dataset.tentative
    return Authorities(trust, speaks_for, tentative)


@dataclass(frozen=True, slots=True)
class _Read:
    """What entities' golden records are made of."""

    entity_ids: Sequence[str]
    members: pd.DataFrame
    homes: pd.DataFrame
    census: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Made:
    """Golden records as the store takes them, and the entities that have none any more."""

    frame: pd.DataFrame
    gone: Sequence[str]


class Publisher:
    """Publishes entities of any type with one cause and as of one day."""

    def __init__(self, connection: Connection, cause: dict[str, Any], today: date) -> None:
        self._connection = connection
        self._today = today
        self.cause = cause

    def publish(
        self,
        model: type[Section],
        chosen: set[str],
        locate: Locate,
        merged: Sequence[str] = (),
        minted: Collection[str] = (),
    ) -> Published:
        """Publish the chosen entities of a type.

        ``merged``: ids that gave way to others just now. ``minted``: ids that are new just now.
        """
        done, new = Published(), pd.Index(list(minted), dtype="str")
        for made in self._made(model, sorted(chosen), locate):
            done += self._write(model, made, merged, new)
        if done.created > MANY:
            store.renew_statistics(self._connection, model.record_type)
        return done

    def _write(
        self, model: type[Section], made: _Made, merged: Sequence[str], minted: pd.Index
    ) -> Published:
        new = minted.get_indexer(pd.Index(made.frame["entity_id"], dtype="str")) >= 0
        done = Published()
        if new.any():
            done += store.create(self._connection, model, made.frame[new], self.cause)
        if made.gone or not new.all():
            old = made.frame[~new]
            done += store.publish(self._connection, model, old, made.gone, self.cause, merged)
        return done

    def _made(self, model: type[Section], chosen: Sequence[str], locate: Locate) -> Iterator[_Made]:
        """Make golden records part by part; one part is made while others are read and written."""
        parts = _parts(chosen)
        if len(chosen) <= CHUNK:
            yield from (self._make(model, self._read(model, part), locate) for part in parts)
            return
        homes = self._homes(model, None)
        with ThreadPoolExecutor(1) as aside:
            ahead: deque[Future[_Made]] = deque()
            for part in parts:
                read = self._read(model, part, homes)
                ahead.append(aside.submit(self._make, model, read, locate))
                if len(ahead) > 1:
                    yield ahead.popleft().result()
            yield from (one.result() for one in ahead)

    def _read(
        self, model: type[Section], part: Sequence[str], homes: pd.DataFrame | None = None
    ) -> _Read:
        members = store.live_members(self._connection, model, part)
        if homes is None:
            homes = self._homes(model, part)
        else:
            rows = homes.index.get_indexer(pd.Index(members["record_id"].astype("int64")))
            homes = homes.take(rows[rows >= 0])
        census = pd.DataFrame()
        if model.record_type == "grid":
            codes = members["grid_code"].dropna().unique()
            census = store.police_organs(self._connection, sorted(codes))
        return _Read(part, members, homes, census)

    def _homes(self, model: type[Section], part: Sequence[str] | None) -> pd.DataFrame:
        """Read what is known of the dwellings that records of some entities, or any, name."""
        if model.record_type not in ("house", "person"):
            return pd.DataFrame()
        return store.homes_of(self._connection, model.record_type, part)

    def _make(self, model: type[Section], read: _Read, locate: Locate) -> _Made:
        golden = merge(model, prefer_known_frames(read.members), authorities())
        record_ids = read.members["record_id"].astype("int64").to_numpy()
        words = place_words(read.members["place_community"], read.members["address_key"])
        places = pd.Series(words.array, index=record_ids)
        around = Surroundings(locate, places, read.homes, self._today, read.census)
        derive(model, golden, around)
        gone = sorted(set(read.entity_ids).difference(golden.entity_ids))
        return _Made(_frame(model, golden), gone)


def _parts(entity_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(entity_ids), CHUNK):
        yield entity_ids[start : start + CHUNK]


def _frame(model: type[Section], golden: Golden) -> pd.DataFrame:
    """Write golden records as the store takes them: text, JSON and array text."""
    names = [spec.name for spec in fields(model)]
    said: dict[str, Any] = {name: text_array(golden.values[name]) for name in names}
    said["marks"] = text_array(_marks(golden, names))
    said["content_hash"] = column_hashes(said.values())
    said["entity_id"] = golden.entity_ids
    said["members"] = ["{" + ",".join(map(str, members)) + "}" for members in golden.members]
    rows = np.column_stack([golden.origins[name] for name in names]).tolist()
    said["origins"] = ["{" + ",".join(map(str, row)) + "}" for row in rows]
    return pd.DataFrame(said)


def _marks(golden: Golden, names: Sequence[str]) -> list[str]:
    marks: dict[int, dict[str, str]] = {}
    # Disputed is said last and so over provisional: it is what somebody has to act on.
    for word, columns in (("provisional", golden.provisional), ("disputed", golden.disputed)):
        for name in names:
            for row in columns[name].nonzero()[0].tolist():
                marks.setdefault(row, {})[name] = word
    size = len(golden.entity_ids)
    return [orjson.dumps(marks[row]).decode() if row in marks else "{}" for row in range(size)]
