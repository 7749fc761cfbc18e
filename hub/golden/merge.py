"""Survivorship (design §4): which of the values that records of one entity hold is served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hub.golden.rules import NOBODY, encode_origin
from schemas import FieldSpec, Section, fields
from schemas.distinct import Columns, arrow, cells, is_said

#: The most members whose place an origin can name.
MOST_MEMBERS = 4_000


@dataclass(frozen=True, slots=True)
class Authorities:
    """Whose word counts: how far each dataset is trusted, and for which authorities it speaks.

    Both are keyed by ``source|dataset``; ``speaks_for`` maps an authority to the fields it is
    spoken for on (None: all of that authority's fields).
    """

    trust: Mapping[str, int]
    speaks_for: Mapping[str, Mapping[str, frozenset[str] | None]]
    #: Fields on which a dataset's values are provisional whoever it speaks for.
    tentative: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def has_word(self, origin: str, spec: FieldSpec) -> bool:
        """Tell whether a dataset is, or acts for, the field's authoritative source."""
        if spec.authority == "hub":
            # The hub has no system of its own: nobody stands in, the most trusted says it.
            return True
        if origin.split("|")[0] == spec.authority:
            return True
        names = self.speaks_for.get(origin, {}).get(spec.authority, frozenset())
        return names is None or spec.name in names


@dataclass(slots=True)
class Golden:
    """Golden values of a set of entities: a column a field, all in the order of ``entity_ids``.

    A value is canonical text, or None. ``members`` lists the record ids that origins count in.
    """

    entity_ids: np.ndarray
    values: dict[str, np.ndarray]
    disputed: dict[str, np.ndarray]
    provisional: dict[str, np.ndarray]
    origins: dict[str, np.ndarray]
    members: list[list[int]]


def merge(model: type[Section], records: Columns, authorities: Authorities) -> Golden:
    """Choose every golden value of the entities that the records belong to.

    ``records``: one row a live record with ``entity_id``, ``record_id`` (a number), ``source``,
    ``dataset``, ``key``, ``address_key``, ``first_at`` and ``since`` (JSON by field) as sortable
    times, and the public fields as canonical text. The order of rows is irrelevant.
    """
    bench = _Bench(records, authorities)
    specs = fields(model)
    chosen = {spec.name: bench.choose(spec) for spec in specs}
    values, disputed, provisional, origins = (
        {name: part[place] for name, part in chosen.items()} for place in range(4)
    )
    starts = np.append(bench.starts, len(bench.entity))
    ids = bench.column("record_id").tolist()
    members = [ids[start:end] for start, end in pairwise(starts.tolist())]
    return Golden(bench.entity_ids, values, disputed, provisional, origins, members)


#: Fields whose values are spelt in many ways, and by which column of a record they are one.
_ONE_BY = {"standard_address": "address_key"}


class _Bench:
    """The records of many entities, laid out so that each field is chosen in one pass."""

    def __init__(self, records: Columns, authorities: Authorities) -> None:
        self._records = records
        names = ("entity_id", "source", "dataset", "key")
        order = pa.table({name: arrow(records[name]) for name in names})
        self._order = pc.sort_indices(order, [(name, "ascending") for name in names]).to_numpy()
        self.authorities = authorities
        self.entity, self.entity_ids = pd.factorize(self.column("entity_id"))
        self.starts = np.searchsorted(self.entity, np.arange(len(self.entity_ids)))
        size = len(self.entity)
        place = np.arange(size) - self.starts[self.entity]
        self.place = np.minimum(place, MOST_MEMBERS)
        self.source, _ = pd.factorize(self.column("source"))
        both = zip(self.column("source"), self.column("dataset"), strict=True)
        told = np.array(["|".join(one) for one in both], dtype=object)
        self.dataset, origins = pd.factorize(told)
        self.origins = [str(origin) for origin in origins]
        self.trust = np.array([authorities.trust.get(name, 99) for name in self.origins], dtype=int)
        self.since = _since(self.column("since"))
        whens = sorted({when for told in self.since.values() for when in told.values()})
        times = np.concatenate([self.column("first_at", ""), np.array(whens, dtype=object)])
        ranks, self._moments = pd.factorize(times, sort=True)
        #: The place of each record's time among all times, and that of each time told by field.
        self._told_at = ranks[:size]
        self._moment = dict(zip(whens, ranks[size:].tolist(), strict=True))
        # What nobody says of a field is the same for all fields.
        count = len(self.entity_ids)
        none, silent = np.zeros(count, bool), np.full(count, None, dtype=object)
        self._silence = silent, none, none, np.full(count, NOBODY, dtype=np.int16)

    def column(self, name: str, absent: str | None = None) -> np.ndarray:
        """Return a column of the records, sorted by entity, source, dataset and key."""
        return np.asarray(cells(self._records[name], absent)[self._order])

    def choose(self, spec: FieldSpec) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Choose one field's value for every entity: value, disputed, provisional, origin."""
        told = is_said(self._records[spec.name])
        if not told.any():
            return self._silence
        said = self.column(spec.name)
        rows = np.flatnonzero(told[self._order])
        values, disputed, provisional, origin = map(np.copy, self._silence)
        word = np.array([self.authorities.has_word(name, spec) for name in self.origins], bool)
        winners = self._best(rows, spec, word)
        entity = self.entity[winners]
        values[entity] = said[winners]
        own = word[self.dataset[winners]]
        tentative = [spec.name in self.authorities.tentative.get(one, ()) for one in self.origins]
        provisional[entity] = ~own | np.array(tentative, bool)[self.dataset[winners]]
        origin[entity] = np.where(
            own,
            encode_origin(self.place[winners], "authority"),
            encode_origin(self.place[winners], "stand_in"),
        )
        if len(winners) == len(rows):
            return values, disputed, provisional, origin
        # Only others can disagree: within one voice, the word that counts is simply the word.
        voice = self._voices(spec, word)
        speaker = np.full(len(values), -1)
        speaker[entity] = voice[winners]
        other = rows[speaker[self.entity[rows]] != voice[rows]]
        differs = said[other] != values[self.entity[other]]
        if spec.name in _ONE_BY:
            differs &= ~self._are_one(_ONE_BY[spec.name], other, winners)
        disputed[self.entity[other[differs]]] = True
        return values, disputed, provisional, origin

    def _are_one(self, name: str, other: np.ndarray, winners: np.ndarray) -> np.ndarray:
        """Tell which records mean the same as the one that was chosen, however they spell it."""
        meant = self.column(name)
        chosen = np.full(len(self.entity_ids), None, dtype=object)
        chosen[self.entity[winners]] = meant[winners]
        return np.asarray(pd.notna(meant[other]) & (meant[other] == chosen[self.entity[other]]))

    def _voices(self, spec: FieldSpec, word: np.ndarray) -> np.ndarray:
        """Number who speaks in each record: its source, or all who speak for the authority."""
        if spec.authority == "hub":
            return self.source
        return np.where(word[self.dataset], len(self.source), self.source)

    def _best(self, rows: np.ndarray, spec: FieldSpec, word: np.ndarray) -> np.ndarray:
        """Choose of the rows that say something of a field, in their order, one an entity."""
        starts = np.flatnonzero(_differ_from_last(self.entity[rows]))
        if len(starts) == len(rows):
            return rows
        trust = self.trust[self.dataset[rows]]
        if spec.authority != "hub":
            trust = np.where(word[self.dataset[rows]], -1, trust)
        # Best is the most trusted, then the newest, then the highest key, which is the highest row:
        # one number says all of it.
        size, moments = len(self.entity), len(self._moments)
        order = (trust + 1) * moments + moments - 1 - self._ages(spec.name)[rows]
        best = np.minimum.reduceat(order * size + size - 1 - rows, starts)
        return np.asarray(size - 1 - best % size)

    def _ages(self, name: str) -> np.ndarray:
        """Rank the records by when they first said what they say of a field, oldest first."""
        if name not in self.since:
            return self._told_at
        ranks = self._told_at.copy()
        for row, when in self.since[name].items():
            ranks[row] = self._moment[when]
        return ranks


def _differ_from_last(codes: np.ndarray) -> np.ndarray:
    return np.append(True, codes[1:] != codes[:-1]) if len(codes) else np.zeros(0, dtype=np.bool_)


def _since(column: np.ndarray) -> dict[str, dict[int, str]]:
    """Read the times of values that appeared later than their record: field → row → time."""
    found: dict[str, dict[int, str]] = {}
    for row in np.flatnonzero(pd.notna(column)):
        for name, when in orjson.loads(column[row]).items():
            found.setdefault(name, {})[int(row)] = when
    return found
