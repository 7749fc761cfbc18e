"""Publishing: entities' live records become golden records, written where they differ."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
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
from hub.store.attachments import attached
from hub.store.golden import Published
from schemas import Section, fields
from schemas.distinct import text_array

#: Entities made golden at a time: enough for whole-column work, little enough for memory.
CHUNK = 20_000

#: So many chunks are being read or made while one is written.
_AHEAD = 2

#: Looks at golden records that are staged; returns the ids of those that are otherwise by that.
Foresee = Callable[[Connection, type[Section]], Collection[str]]

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
class Chosen:
    """Entities of one type to publish, and what is known of them already."""

    entity_ids: Collection[str]
    #: Ids that gave way to others just now.
    merged: Sequence[str] = ()
    #: Ids that are new just now.
    minted: Collection[str] = ()
    #: All their records, where known: ``record_id``, ``entity_id``, ``community_code``.
    links: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """What entities' golden records are made of."""

    entity_ids: Sequence[str]
    members: pd.DataFrame
    homes: pd.DataFrame
    census: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True, slots=True)
class _Made:
    """Golden records as the store takes them, and the entities that have none any more."""

    frame: pd.DataFrame
    gone: Sequence[str]
    #: The names of the fields that say something, as array text, where worked out beforehand.
    filled: pd.Series | None = None


class Publisher:
    """Publishes entities of any type with one cause and as of one day.

    ``aside``: another connection, on which records may be read while golden ones are written.
    ``foresee``: called when golden records of a type are staged; what it does is in the way of
    how some of them are, and it returns which.
    """

    def __init__(
        self,
        connection: Connection,
        cause: dict[str, Any],
        today: date,
        aside: Connection | None = None,
        foresee: Foresee | None = None,
    ) -> None:
        self._connection = connection
        self._foresee = foresee
        self._aside = aside
        self._today = today
        self.cause = cause

    def publish(self, model: type[Section], chosen: Chosen, locate: Locate) -> Published:
        """Publish the chosen entities of a type."""
        if not chosen.entity_ids:
            return Published()
        done, new = Published(), pd.Index(list(chosen.minted), dtype="str")
        with store.room(self._connection, model.record_type, len(new)) as first:
            # Whoever only looks what would become of a transaction asks the outbox.
            numbered = first and self._aside is not None
            for made in self._made(model, chosen, locate):
                done += self._write(model, made, chosen.merged, new, locate, numbered=numbered)
        if done.created > MANY:
            store.renew_statistics(self._connection, model.record_type)
        return done

    def _write(
        self,
        model: type[Section],
        made: _Made,
        merged: Sequence[str],
        minted: pd.Index,
        locate: Locate,
        *,
        numbered: bool,
    ) -> Published:
        new = minted.get_indexer(pd.Index(made.frame["entity_id"], dtype="str")) >= 0
        done = Published()
        if new.any():
            frame = made.frame[new]
            filled = store.filled_fields(model, frame) if made.filled is None else made.filled[new]
            done += store.create(
                self._connection, model, frame, filled, self.cause, numbered=numbered
            )
        if made.gone or not new.all():
            self._stage(model, made.frame[~new] if new.any() else made.frame, locate)
            done += store.publish(self._connection, model, made.gone, self.cause, merged)
        return done

    def _stage(self, model: type[Section], old: pd.DataFrame, locate: Locate) -> None:
        """Stage golden records that were published before, as they are by what they cause."""
        store.stage(self._connection, model, old)
        if self._foresee is None or old.empty:
            return
        if ids := sorted(self._foresee(self._connection, model)):
            again = self._make(model, self._read(model, ids), locate).frame
            others = old[~old["entity_id"].isin(ids)]
            store.stage(self._connection, model, pd.concat([others, again], ignore_index=True))

    def _made(self, model: type[Section], chosen: Chosen, locate: Locate) -> Iterator[_Made]:
        """Make golden records part by part: one is made, one read, one written at a time."""
        ids = sorted(chosen.entity_ids)
        parts = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
        if len(parts) == 1:
            yield self._make(model, self._read(model, ids), locate)
        if len(parts) <= 1:
            return
        known = self._known(model, ids, chosen.links)
        homes = self._homes(model, None)
        with ThreadPoolExecutor(1) as reading, ThreadPoolExecutor(1) as making:
            ahead: deque[Future[_Made]] = deque()
            for part, links in zip(parts, known, strict=True):
                if links is None:
                    read = Future[_Read]()
                    read.set_result(self._read(model, part, homes))
                else:
                    read = reading.submit(self._read_aside, model, part, links, homes)
                ahead.append(making.submit(self._make_of, model, read, locate))
                if len(ahead) > _AHEAD:
                    yield ahead.popleft().result()
            yield from (one.result() for one in ahead)

    def _known(
        self, model: type[Section], ids: list[str], links: pd.DataFrame | None
    ) -> list[pd.DataFrame | None]:
        """Return for each part the records of its entities, where they can be read aside."""
        count = -(-len(ids) // CHUNK)
        # What addresses say of grids is of this transaction: nobody else sees it.
        if self._aside is None or links is None or model.record_type == "grid":
            return [None] * count
        links = links[["record_id", "entity_id", "community_code"]].astype("str")
        links = pd.concat([links, attached(self._connection, model.record_type)])
        part = pd.Index(ids, dtype="str").get_indexer(pd.Index(links["entity_id"])) // CHUNK
        return [links[part == number] for number in range(count)]

    def _read_aside(
        self,
        model: type[Section],
        part: Sequence[str],
        links: pd.DataFrame,
        homes: pd.DataFrame,
    ) -> _Read:
        assert self._aside is not None
        members = store.linked_members(self._aside, model, links)
        return _Read(part, members, _of_these(homes, members))

    def _make_of(self, model: type[Section], read: Future[_Read], locate: Locate) -> _Made:
        made = self._make(model, read.result(), locate)
        return replace(made, filled=store.filled_fields(model, made.frame))

    def _read(
        self, model: type[Section], part: Sequence[str], homes: pd.DataFrame | None = None
    ) -> _Read:
        members = store.live_members(self._connection, model, part)
        if homes is None:
            homes = self._homes(model, part)
        census = pd.DataFrame()
        if model.record_type == "grid":
            codes = members["grid_code"].dropna().unique()
            census = store.police_organs(self._connection, sorted(codes))
        return _Read(part, members, _of_these(homes, members), census)

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
        frame = _frame(model, golden)
        return _Made(frame, gone)


def _of_these(homes: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of the dwellings that these records name."""
    if homes.empty:
        return homes
    rows = homes.index.get_indexer(pd.Index(members["record_id"].astype("int64")))
    return homes.take(rows[rows >= 0])


def _frame(model: type[Section], golden: Golden) -> pd.DataFrame:
    """Write golden records as the store takes them: text, JSON and array text."""
    names = [spec.name for spec in fields(model)]
    said: dict[str, Any] = {name: text_array(golden.values[name]) for name in names}
    said["marks"] = text_array(_marks(golden, names))
    said["content_hash"] = column_hashes(said.values())
    said["entity_id"] = golden.entity_ids
    said["members"] = ["{" + ",".join(map(str, members)) + "}" for members in golden.members]
    said["origins"] = _origins(golden, names)
    return pd.DataFrame(said, copy=False)


def _origins(golden: Golden, names: Sequence[str]) -> np.ndarray:
    """Write where each record's values come from, as array text; many records are alike in it."""
    rows = np.column_stack([golden.origins[name] for name in names])
    packed, width = rows.tobytes(), rows.dtype.itemsize * len(names)
    each = [packed[start : start + width] for start in range(0, len(packed), width)]
    which, alike = pd.factorize(np.array(each, dtype=object))
    ways = np.frombuffer(b"".join(alike), rows.dtype).reshape(-1, len(names))
    texts = ["{" + ",".join(map(str, way)) + "}" for way in ways.tolist()]
    return np.array(texts, dtype=object)[which]


def _marks(golden: Golden, names: Sequence[str]) -> list[str]:
    marks: dict[int, dict[str, str]] = {}
    # Disputed is said last and so over provisional: it is what somebody has to act on.
    for word, columns in (("provisional", golden.provisional), ("disputed", golden.disputed)):
        for name in names:
            for row in columns[name].nonzero()[0].tolist():
                marks.setdefault(row, {})[name] = word
    size = len(golden.entity_ids)
    return [orjson.dumps(marks[row]).decode() if row in marks else "{}" for row in range(size)]
