"""Matching compounds: places of class 01 under their several names, in frames known or not.

What is compared is the name (stem, kind, part), the doors and roads of the address, the position
and the community; the weights are in ``compounds.json``. A position in an unknown frame supports
a match within 1.5 km and never decides one: without names or doors that agree it is too light.
"""

from __future__ import annotations

import json
import re
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.hashes import text_hashes
from hub.matching.compound_names import (
    compare_compound_names,
    fold_compound_names,
    read_compound_name,
    strange,
)
from hub.matching.declared import Levels, declared_weights
from hub.matching.doors import Doors, compare_doors, read_doors, with_door
from hub.matching.gather import Gathered, Held, gather
from hub.matching.spots import Spots
from schemas.distinct import read_each

#: Name of the table of weights.
WEIGHTS = "compounds"
#: From which weight on a pair can change what becomes of another: none that is not linked.
LEADS_ON = "link"
#: The class of places that are compounds.
_COMPOUND = "01"
#: What records must say: columns of text, and ``record_id`` as a number.
COLUMNS = ("record_id", "source", "dataset", "key", "geo_entity_name", "geo_entity_class",
           "boundary_geometry", "source_crs", "positional_accuracy_m",
           "community_code", "evidence")  # fmt: skip

#: Kinds of equality by name, and by door, that let one list name a compound twice.
_SURE_NAMES = ("same", "spelling", "kind left out", "long name in front", "name in front")
_SURE_DOORS = ("same doors", "same door", "crossing", "same words")
#: Equality in part only, which must not chain the names of two compounds.
_LOOSE_NAMES = ("long name in front", "name in front", "shortened", "slip", "kinds alike")
#: Names that are never linked directly, whatever else agrees.
_NEVER = ("whole and part", "other part")

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


class Compounds:
    """What records say of compounds, read for comparing."""

    def __init__(self, records: pd.DataFrame) -> None:
        self.records = records.reset_index(drop=True)
        self.record_ids = self.records["record_id"].to_numpy(np.int64)
        self._order = np.argsort(self.record_ids, kind="stable")

    def __len__(self) -> int:
        return len(self.records)

    def positions(self, record_ids: pd.Series) -> Places:
        """Find the rows of records."""
        wanted = record_ids.to_numpy(np.int64)
        return self._order[np.searchsorted(self.record_ids, wanted, sorter=self._order)]

    @cached_property
    def names(self) -> list[str]:
        """Return the folded name of each record; empty where it has none."""
        codes, distinct = pd.factorize(self.records["geo_entity_name"])
        folded = [*fold_compound_names(distinct.tolist()), ""]
        return [folded[code] for code in codes]

    @cached_property
    def addresses(self) -> pd.Series:
        """Return the address that each record tells beside its fields."""
        return read_each(self.records["evidence"], _address)

    @cached_property
    def doors(self) -> list[Doors]:
        """Return the roads and doors of each record's address and name."""
        found = [read_doors(said) for said in self.addresses.fillna("")]
        read = [read_compound_name(name) for name in self.names]
        return [
            with_door(doors, name.road, name.doors) if name.doors else doors
            for doors, name in zip(found, read, strict=True)
        ]

    @cached_property
    def spots(self) -> Spots:
        """Return where each record lies."""
        columns = ("boundary_geometry", "source_crs", "positional_accuracy_m")
        return Spots(*(self.records[name] for name in columns))

    @cached_property
    def registers(self) -> list[str | None]:
        """Return the list that each record is numbered in: a source's keys of one series."""
        series = self.records["key"].str.replace("[0-9]+$", "", regex=True).fillna("")
        register = self.records["source"] + "|" + self.records["dataset"] + "|" + series
        return list(register)


def _address(evidence: str) -> str | None:
    said = json.loads(evidence).get("address")
    return said if isinstance(said, str) else None


def index_keys(records: pd.DataFrame) -> pd.DataFrame:
    """Return the keys by which records are found that are worth comparing: ``record_id, key``."""
    read = Compounds(records[records["geo_entity_class"] == _COMPOUND])
    pairs = [
        (record_id, word)
        for record_id, name, doors in zip(read.record_ids, read.names, read.doors, strict=True)
        for word in dict.fromkeys((*_name_words(name), *_door_words(doors)))
    ]
    frame = pd.DataFrame(pairs, columns=["record_id", "word"])
    outlines = read.records.loc[~np.isnan(read.spots.readings[0][0]), "record_id"]
    lying = pd.DataFrame({"record_id": outlines, "word": _cells(read, outlines.index)})
    frame = pd.concat([frame, lying], ignore_index=True)
    keys = text_hashes("compound|" + frame["word"].astype("str"))
    return pd.DataFrame({"record_id": frame["record_id"], "key": keys}).drop_duplicates()


def _name_words(name: str) -> list[str]:
    if not name:
        return []
    read = read_compound_name(name)
    words = [f"name|{read.plain}", f"stem|{read.stem}"]
    if len(read.plain) >= 3:
        words.append(f"end|{read.plain[-3:]}")
    if len(read.stem) >= 3:
        words.append(f"end of stem|{read.stem[-3:]}")
    if len(read.plain) >= 4:
        words.append(f"ends|{read.plain[0]}{read.plain[-2:]}")
        words.append(f"front|{read.plain[:3]}")
    return words


def _door_words(doors: Doors) -> list[str]:
    return [f"door|{road[-3:]}|{one:g}" for road, run in doors.runs for one in dict.fromkeys(run)]


def _cells(read: Compounds, rows: pd.Index) -> pd.Series:
    """Name the spot where something lies to some ten metres: outlines of one thing share it."""
    lon, lat = (numbers[rows.to_numpy()] for numbers in read.spots.readings[0])
    east, north = (pd.Series(np.round(said * 1e4).astype(np.int64)) for said in (lon, lat))
    return ("spot|" + east.astype("str") + "|" + north.astype("str")).set_axis(rows)


def weigh(records: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Score pairs of record ids; return those worth keeping: ``left, right, weight, levels``."""
    weights, read = declared_weights(WEIGHTS), Compounds(records)
    left, right = read.positions(pairs["left"]), read.positions(pairs["right"])
    levels = _levels(read, left, right)
    return weights.kept(pairs, levels)


def _levels(read: Compounds, left: Places, right: Places) -> Levels:
    pairs = list(zip(left.tolist(), right.tolist(), strict=True))
    names, doors = read.names, read.doors
    by_doors = [compare_doors(doors[a], doors[b]) for a, b in pairs]
    by_name = [
        _name_level(names[a], names[b], by_door)
        for (a, b), by_door in zip(pairs, by_doors, strict=True)
    ]
    community = read.records["community_code"].fillna("").to_numpy(dtype=object)
    one, other = community[left], community[right]
    found = {
        "name": by_name,
        "doors": by_doors,
        "place": read.spots.compare(left, right),
        "community": np.select(
            [(one == "") | (other == ""), one == other], ["silent", "same"], "other"
        ).tolist(),
    }
    return declared_weights(WEIGHTS).levels(found)


def _name_level(one: str, other: str, by_doors: str) -> str:
    level = compare_compound_names(one, other) if one and other else "different"
    # A name that is a door says something only to an address that has this very door.
    if level == "door" and by_doors not in ("same doors", "same door", "within"):
        return "different"
    return level


def unite(
    records: pd.DataFrame, keys: pd.DataFrame, kept: pd.DataFrame, judgements: pd.DataFrame
) -> tuple[Gathered, pd.DataFrame]:
    """Make compounds out of records by all pairs among them that `weigh` has kept.

    ``keys`` (``record_id, key``) link as well. Returns the clusters, and the pairs that a steward
    is asked about: ``left, right, review``.
    """
    weights, read = declared_weights(WEIGHTS), Compounds(records)
    by = _by_aspect(kept)
    never = by["name"].isin(_NEVER)
    edges = kept[(kept["weight"] >= weights.link) & ~never]
    sure = by["name"].isin(_SURE_NAMES) & by["doors"].isin(_SURE_DOORS)
    near = by["place"].isin(("here", "vaguely near", "same outline"))
    sure |= by["name"].isin(("same", "spelling")) & near
    sure |= by["name"].isin(_SURE_NAMES[:4]) & near & (by["doors"] == "road")
    edges = edges.assign(sure=sure[edges.index], loose=by["name"].isin(_LOOSE_NAMES)[edges.index])
    parts = [read_compound_name(name).part for name in read.names]
    classes = {part[0] for part in parts if part}
    exclusive = {
        "two parts" if one == "way" else f"two parts ({one})": [
            frozenset({part[1]} if part and part[0] == one else ()) for part in parts
        ]
        for one in sorted(classes)
    }
    held = Held(exclusive, read.registers, read.names, strange)
    gathered = gather(records, keys, edges, judgements, held)
    return gathered, gathered.reviews(_asked(kept, by["name"], weights.link))


def _by_aspect(kept: pd.DataFrame) -> dict[str, pd.Series]:
    """Read the levels of pairs back from their text."""
    rows = [[int(place) for place in row.split(",")] for row in kept["levels"]]
    return {
        aspect.name: pd.Series(
            [aspect.levels[row[at]] for row in rows], index=kept.index, dtype="str"
        )
        for at, aspect in enumerate(declared_weights(WEIGHTS).aspects)
    }


def _asked(kept: pd.DataFrame, names: pd.Series, link: float) -> pd.DataFrame:
    """Say of pairs why a steward would be asked; parts of one compound are known to be two."""
    heavy = kept["weight"] >= link
    reason = pd.Series("weak", index=kept.index, dtype="str")
    reason = reason.mask(heavy & (names == "whole and part"), "whole and part")
    return kept.assign(review=reason)[names != "other part"]


def waterfall(records: pd.DataFrame, left: int, right: int) -> pd.DataFrame:
    """Explain how a pair of records comes to its weight; see `Declared.explain`."""
    read = Compounds(records)
    rows = read.positions(pd.Series([left, right]))
    spoken = read.records.iloc[rows].fillna("")
    said = {
        "name": tuple(spoken["geo_entity_name"]),
        "doors": tuple(read.addresses.iloc[rows].fillna("")),
        "place": tuple(re.sub("^$", "CGCS2000", frame) for frame in spoken["source_crs"]),
        "community": tuple(spoken["community_code"]),
    }
    levels = _levels(read, rows[:1], rows[1:])
    return declared_weights(WEIGHTS).explain(levels[0], said)
