"""Matching dwellings beyond their keys: records that leave the unit out.

Equal places (community, compound by any of its names, building, unit, room, however written) link
by key. A record without a unit fits the room of that number where only one unit has such a room:
a building with one stair is written with or without 1单元. Where two units have one, it is a
steward's case.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pandas as pd

from hub.hashes import text_hash
from hub.matching.coded import column_of
from hub.matching.declared import declared_weights
from hub.matching.doors import compare_doors, read_doors
from hub.matching.gather import Gathered, Held, gather
from schemas.distinct import read_parts, text_array

#: Name of the table of weights.
WEIGHTS = "houses"
#: From which weight on a pair can change what becomes of another: any that is kept, since a
#: record that fits two rooms is linked to neither.
LEADS_ON = "review"
#: What records must say: columns of text, and ``record_id`` as a number.
COLUMNS = ("record_id", "source", "dataset", "key", "address_key", "standard_address", "house_use")

#: Units that a record without one is looked up in.
_UNITS = ("1", "2", "3", "4", "5", "6")


def index_keys(records: pd.DataFrame) -> pd.DataFrame:
    """Return the keys by which records without a unit find others: ``record_id, key``.

    ``place`` holds community, compound, building, unit and room, joined by ``|``; the keys are
    those that link records of the same place.
    """
    places = column_of(records["place"])
    # What says nothing has code -1 and so takes the nothing at the end.
    keys = [*map(_open_keys, places.words), ()]
    held = [keys[code] for code in places.codes.tolist()]
    ids = records["record_id"].array.take(np.repeat(np.arange(len(held)), [*map(len, held)]))
    key = text_array([*chain.from_iterable(held)])
    return pd.DataFrame({"record_id": ids, "key": key}, copy=False)


def _open_keys(place: str) -> Sequence[str]:
    """Return the keys of the rooms that a place without a unit may be."""
    ahead, unit, room = _cut(place)
    if unit or not room:
        return ()
    return [text_hash(f"place|{ahead}|{one}|{room}") for one in _UNITS]


def _parts(places: pd.Series) -> pd.DataFrame:
    """Return of places what stands ahead of unit and room, and these."""
    names = ("ahead", "unit", "room")
    return pd.DataFrame(dict(zip(names, read_parts(places, _cut, len(names)), strict=True)))


def _cut(place: str) -> tuple[str | None, ...]:
    parts = place.rsplit("|", 2)
    return tuple(parts) if len(parts) == 3 else (None, None, None)


def weigh(records: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Score pairs of record ids; return those worth keeping: ``left, right, weight, levels``."""
    weights = declared_weights(WEIGHTS)
    levels = weights.levels(_levels(records, pairs))
    return weights.kept(pairs, levels)


def _levels(records: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, list[str]]:
    known = records.set_index("record_id")
    said = known.assign(unit=_parts(known["place"])["unit"])
    left, right = (said.reindex(pairs[side]) for side in ("left", "right"))
    units = zip(left["unit"].fillna(""), right["unit"].fillna(""), strict=True)
    addresses = zip(
        left["standard_address"].fillna(""), right["standard_address"].fillna(""), strict=True
    )
    one, other = (side["house_use"].fillna("").to_numpy(object) for side in (left, right))
    silent = (one == "") | (other == "")
    return {
        "unit": [_unit_level(*pair) for pair in units],
        "doors": [compare_doors(read_doors(a), read_doors(b)) for a, b in addresses],
        "use": np.select([silent, one == other], ["silent", "same"], "different").tolist(),
    }


def _unit_level(left: str, right: str) -> str:
    if left == right:
        return "same"
    if left and right:
        return "different"
    return "first left out" if (left or right) == "1" else "left out"


def unite(
    records: pd.DataFrame, keys: pd.DataFrame, kept: pd.DataFrame, judgements: pd.DataFrame
) -> tuple[Gathered, pd.DataFrame]:
    """Make dwellings out of records, by keys and by the pairs among them that `weigh` has kept.

    Returns the clusters, and the pairs that a steward is asked about: ``left, right, review``.
    """
    weights = declared_weights(WEIGHTS)
    unit = _parts(records["place"])["unit"].fillna("")
    of = pd.Series(unit.to_numpy(), index=records["record_id"].to_numpy(np.int64))
    torn = _torn(kept, of)
    usable = (kept["weight"] >= weights.link) & ~torn
    edges = kept[usable].assign(sure=True, loose=False)
    held = Held({"two units": [frozenset({one} if one else ()) for one in unit]})
    gathered = gather(records, keys, edges, judgements, held)
    reason = pd.Series("weak", index=kept.index, dtype="str").mask(torn, "fits two")
    return gathered, gathered.reviews(kept.assign(review=reason))


def _torn(kept: pd.DataFrame, unit: pd.Series) -> pd.Series:
    """Tell which pairs have a record that would fit the rooms of two units."""
    sides = pd.concat([kept, kept.rename(columns={"left": "right", "right": "left"})])
    sides = sides.assign(own=sides["left"].map(unit), other=sides["right"].map(unit))
    open_ = sides[(sides["own"] == "") & sides["other"].fillna("").ne("")]
    several = open_.groupby("left")["other"].nunique()
    torn = several.index[several > 1]
    return kept["left"].isin(torn) | kept["right"].isin(torn)


def waterfall(records: pd.DataFrame, left: int, right: int) -> pd.DataFrame:
    """Explain how a pair of records comes to its weight; see `Declared.explain`."""
    pair = pd.DataFrame({"left": [left], "right": [right]})
    said = records.set_index("record_id").loc[[left, right]]
    both = {
        "unit": tuple(_parts(said["place"])["unit"].fillna("")),
        "doors": tuple(said["standard_address"].fillna("")),
        "use": tuple(said["house_use"].fillna("")),
    }
    weights = declared_weights(WEIGHTS)
    return weights.explain(weights.levels(_levels(records, pair))[0], both)
