"""Publishing: entities' live records become golden records, written where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any

import orjson
import pandas as pd
from sqlalchemy import Connection

import connectors
from hub.golden import Authorities, Golden, Surroundings, derive, merge
from hub.golden.derive import Locate
from hub.hashes import row_hashes
from hub.matching import place_words
from hub.store import golden as store
from hub.store.golden import Published
from schemas import Section, fields

#: Entities made golden at a time: enough for whole-column work, little enough for memory.
CHUNK = 40_000


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


class Publisher:
    """Publishes entities of any type with one cause and as of one day."""

    def __init__(self, connection: Connection, cause: dict[str, Any], today: date) -> None:
        self._connection = connection
        self._today = today
        self.cause = cause

    def publish(
        self, model: type[Section], chosen: set[str], locate: Locate, merged: Sequence[str]
    ) -> Published:
        """Publish the chosen entities of a type."""
        done = Published()
        for part in _parts(sorted(chosen)):
            store.choose_entities(self._connection, part)
            members = store.chosen_members(self._connection, model)
            frame = self._golden(model, members, locate)
            done += store.publish(self._connection, model, frame, self.cause, merged)
        return done

    def _golden(self, model: type[Section], members: pd.DataFrame, locate: Locate) -> pd.DataFrame:
        golden = merge(model, members, authorities())
        record_ids = members["record_id"].astype("int64").to_numpy()
        words = place_words(members["place_community"], members["address_key"])
        around = Surroundings(
            locate,
            pd.Series(words.to_numpy(), index=record_ids, dtype="str"),
            self._homes(model),
            self._today,
            self._census(model, golden),
        )
        derive(model, golden, around)
        return _frame(model, golden)

    def _homes(self, model: type[Section]) -> pd.DataFrame:
        if model.record_type not in ("house", "person"):
            return pd.DataFrame()
        homes = store.chosen_homes(self._connection, model.record_type)
        return homes.set_index(homes["record_id"].astype("int64")).drop(columns="record_id")

    def _census(self, model: type[Section], golden: Golden) -> pd.DataFrame:
        if model.record_type != "grid":
            return pd.DataFrame()
        codes = golden.values["grid_code"].dropna().unique()
        return store.police_organs(self._connection, list(codes))


def _parts(entity_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(entity_ids), CHUNK):
        yield entity_ids[start : start + CHUNK]


def _frame(model: type[Section], golden: Golden) -> pd.DataFrame:
    """Write golden records as the store takes them: text, JSON and array text."""
    names = [spec.name for spec in fields(model)]
    frame = golden.values[names].astype("str")
    frame["marks"] = _marks(golden, names)
    frame["content_hash"] = row_hashes(frame)
    frame["entity_id"] = golden.entity_ids
    frame["members"] = ["{" + ",".join(map(str, members)) + "}" for members in golden.members]
    rows = golden.origins[names].to_numpy().tolist()
    frame["origins"] = ["{" + ",".join(map(str, row)) + "}" for row in rows]
    return frame


def _marks(golden: Golden, names: Sequence[str]) -> list[str]:
    marks: dict[int, dict[str, str]] = {}
    # Disputed is said last and so over provisional: it is what somebody has to act on.
    for word, frame in (("provisional", golden.provisional), ("disputed", golden.disputed)):
        for name in names:
            for row in frame[name].to_numpy().nonzero()[0]:
                marks.setdefault(int(row), {})[name] = word
    size = len(golden.entity_ids)
    return [orjson.dumps(marks[row]).decode() if row in marks else "{}" for row in range(size)]
