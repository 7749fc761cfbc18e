"""Making: what records of entities say becomes golden records, part by part, ready to be written.

One part is read while another is made and a third is written by who takes them; of many parts,
another process reads and makes all, or every other one where little of them is new.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, zip_longest
from typing import Any

import numpy as np
import orjson
import pandas as pd
from sqlalchemy import Connection

from hub.config import Settings
from hub.database import engine
from hub.golden import POSITION, Golden, Surroundings, derive, merge
from hub.golden.derive import Locate
from hub.golden.frames import prefer_known_frames
from hub.hashes import column_hashes
from hub.jobs.authorities import authorities
from hub.matching import place_words
from hub.processes import made_beside
from hub.store.attachments import attached
from hub.store.golden import filled_fields
from hub.store.grids import police_organs
from hub.store.members import homes_of, linked_members, live_members
from schemas import MODELS, Section, fields
from schemas.distinct import Columns, cells, chosen_rows, is_said, text_array

#: Entities made golden at a time: enough for whole-column work, little enough for memory.
CHUNK = 20_000

#: So many chunks are being read or made while one is written.
_AHEAD = 2

#: From so many chunks on, another process makes them sooner than it begins.
PAYS = 6


@dataclass(frozen=True, slots=True)
class Chosen:
    """Entities of one type to publish, and what is known of them already."""

    entity_ids: Collection[str]
    #: Ids that gave way to others just now.
    merged: Sequence[str] = ()
    #: Ids that are new just now.
    minted: Collection[str] = ()
    #: All their records, where known: ``record_id``, ``entity_id``, ``community_code``.
    links: Columns | None = None
    #: Writes what is left to be written of them, which may be while the first are being made.
    settle: Callable[[], None] | None = None

    def settled(self) -> None:
        """Have all of them written down."""
        if self.settle is not None:
            self.settle()


@dataclass(frozen=True, slots=True)
class Made:
    """Golden records as the store takes them, and the entities that have none any more."""

    rows: Columns
    gone: Sequence[str]
    #: The names of the fields that say something, as array text, where worked out beforehand.
    filled: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """What entities' golden records are made of."""

    entity_ids: Sequence[str]
    members: Columns
    homes: Columns
    census: pd.DataFrame | None = None


#: Some entities, and their records where these are known.
_Part = tuple[Sequence[str], Columns | None]


class Maker:
    """Makes golden records of entities of any type as of one day.

    ``aside``: another connection, on which records may be read while golden ones are written.
    ``beside``: by what settings another process finds the database, where it may help.
    """

    def __init__(
        self,
        connection: Connection,
        today: date,
        aside: Connection | None = None,
        beside: Settings | None = None,
    ) -> None:
        self._connection = connection
        self._today = today
        self._aside = aside
        self._beside = beside

    def made(self, model: type[Section], chosen: Chosen, locate: Locate) -> Iterator[Made]:
        """Make golden records part by part: one is made, one read, one written at a time."""
        ids = sorted(chosen.entity_ids)
        if self._is_worth_a_process(model, chosen):
            parts, homes = self._parts(model, ids, chosen.links), self._homes(model, None)
            # Who writes what is new is busy; of what is there already little is to be written.
            here = parts[1::2] if 2 * len(chosen.minted) < len(ids) else []
            there = parts[::2] if here else parts
            about = (self._beside, model.record_type, self._today, there, homes)
            made = made_beside(_made_elsewhere, *about)
            chosen.settled()
            both = zip_longest(made, self.in_turn(model, here, homes, locate))
            yield from filter(None, chain.from_iterable(both))
            return
        chosen.settled()
        if len(ids) <= CHUNK:
            yield self.make_again(model, ids, locate)
        else:
            parts = self._parts(model, ids, chosen.links)
            yield from self.in_turn(model, parts, self._homes(model, None), locate)

    def _is_worth_a_process(self, model: type[Section], chosen: Chosen) -> bool:
        # What has a position asks for areas, which are of this transaction.
        return (
            self._beside is not None
            and chosen.links is not None
            and len(chosen.entity_ids) > (PAYS - 1) * CHUNK
            and model.record_type not in POSITION
        )

    def make_again(self, model: type[Section], ids: Sequence[str], locate: Locate) -> Made:
        """Make the golden records of a few entities, by all that is said by now."""
        return self._make(model, self._read(model, ids), locate)

    def in_turn(
        self, model: type[Section], parts: Sequence[_Part], homes: Columns, locate: Locate
    ) -> Iterator[Made]:
        """Make parts one after the other, reading ahead of who takes them."""
        with ThreadPoolExecutor(1) as reading, ThreadPoolExecutor(1) as making:
            ahead: deque[Future[Made]] = deque()
            for ids, links in parts:
                if links is None:
                    read = Future[_Read]()
                    read.set_result(self._read(model, ids, homes))
                else:
                    read = reading.submit(self._read_aside, model, ids, links, homes)
                ahead.append(making.submit(self._make_of, model, read, locate))
                if len(ahead) > _AHEAD:
                    yield ahead.popleft().result()
            yield from (one.result() for one in ahead)

    def _parts(self, model: type[Section], ids: list[str], links: Columns | None) -> list[_Part]:
        """Cut entities into parts, each with its own records where these can be read aside."""
        parts = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
        # What addresses say of grids is of this transaction: nobody else sees it.
        if self._aside is None or links is None or model.record_type == "grid":
            return [(part, None) for part in parts]
        both = (links, attached(self._connection, model.record_type))
        links = {name: np.concatenate([cells(one[name]) for one in both]) for name in both[1]}
        which = pd.Index(ids).get_indexer(pd.Index(links["entity_id"])) // CHUNK
        return [(part, chosen_rows(links, which == number)) for number, part in enumerate(parts)]

    def _read_aside(
        self,
        model: type[Section],
        part: Sequence[str],
        links: Columns,
        homes: Columns,
    ) -> _Read:
        assert self._aside is not None
        return _Read(part, linked_members(self._aside, model, links), homes)

    def _make_of(self, model: type[Section], read: Future[_Read], locate: Locate) -> Made:
        made = self._make(model, read.result(), locate)
        return replace(made, filled=filled_fields(model, made.rows))

    def _read(
        self, model: type[Section], part: Sequence[str], homes: Columns | None = None
    ) -> _Read:
        members = live_members(self._connection, model, part)
        if homes is None:
            homes = self._homes(model, part)
        census = None
        if model.record_type == "grid":
            codes = {*cells(members["grid_code"])} - {None}
            census = police_organs(self._connection, sorted(codes))
        return _Read(part, members, homes, census)

    def _homes(self, model: type[Section], part: Sequence[str] | None) -> Columns:
        """Read what is known of the dwellings that records of some entities, or any, name."""
        if model.record_type not in ("house", "person"):
            return {}
        return homes_of(self._connection, model.record_type, part)

    def _make(self, model: type[Section], read: _Read, locate: Locate) -> Made:
        golden = merge(model, prefer_known_frames(read.members), authorities())
        words = place_words(read.members["place_community"], read.members["address_key"])
        named = is_said(words)
        record_ids = read.members["record_id"][named].tolist()
        places = dict(zip(record_ids, cells(words)[named].tolist(), strict=True))
        around = Surroundings(locate, places, read.homes, self._today, read.census)
        derive(model, golden, around)
        gone = sorted(set(read.entity_ids).difference(golden.entity_ids))
        return Made(_rows(model, golden), gone)


def _made_elsewhere(
    settings: Settings,
    record_type: str,
    today: date,
    parts: Sequence[_Part],
    homes: Columns,
) -> Iterator[Made]:
    """Make parts in another process than who takes them."""
    with engine(settings).connect().execution_options(isolation_level="AUTOCOMMIT") as aside:
        maker = Maker(aside, today, aside)
        yield from maker.in_turn(MODELS[record_type], parts, homes, _nowhere)


def _nowhere(_shapes: pd.Series) -> pd.DataFrame:
    raise AssertionError("nothing of a type without a position lies anywhere")


def _rows(model: type[Section], golden: Golden) -> Columns:
    """Write golden records as the store takes them: text, JSON and array text."""
    names = [spec.name for spec in fields(model)]
    said: dict[str, Any] = {name: text_array(golden.values[name]) for name in names}
    said["marks"] = text_array(_marks(golden, names))
    said["content_hash"] = text_array(column_hashes(said.values()))
    said["entity_id"] = golden.entity_ids
    members = ["{" + ",".join(map(str, ids)) + "}" for ids in golden.members]
    said["members"] = text_array(members)
    said["origins"] = _origins(golden, names)
    return said


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
