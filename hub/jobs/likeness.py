"""Which records of places and dwellings are one, where no key alone says so.

A change is followed to whatever it can reach: candidates share a key, what is heavy enough hangs
together. So the answer is the same, be records looked at one by one or all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from types import ModuleType

import pandas as pd
from sqlalchemy import Connection

from hub.jobs.aliases import placed_words
from hub.matching import cluster, compounds, houses, keys_in_common
from hub.matching.declared import declared_weights
from hub.store import likeness, link_keys, linking, matches

#: The record types that are compared, by what compares them.
COMPARED: dict[str, ModuleType] = {"geo_entity": compounds, "house": houses}

_PAIR = ["left", "right", "weight", "levels"]
_NUMBERS = {"left": "int64", "right": "int64", "weight": "float64"}


@dataclass(frozen=True)
class United:
    """Which affected records are one (record_id → label), and how many pairs await a word."""

    labels: pd.Series
    reviews: int


def block_keys(record_type: str, placed: pd.DataFrame) -> pd.DataFrame:
    """Return the keys by which records, with their places, find what to be compared with.

    The columns are those of `hub.matching.record_keys`: ``record_id``, ``key``, ``use``.
    """
    if record_type not in COMPARED:
        return _NO_KEYS
    keys: pd.DataFrame = COMPARED[record_type].index_keys(placed)
    if keys.empty:
        return _NO_KEYS
    return keys.assign(record_id=keys["record_id"].astype("str"), use="block")


_NO_KEYS = pd.DataFrame({"record_id": [], "key": [], "use": []}, dtype="str")


def unite(
    connection: Connection,
    record_type: str,
    placed: pd.DataFrame,
    keys: pd.DataFrame,
    *,
    whole: bool,
) -> United:
    """Compare the affected records anew, add all they lead on to, and say which are one.

    ``placed``: the affected live records as they are placed now.
    ``keys``: the keys of these records, which are written already.
    ``whole``: all records are affected, so that nothing leads anywhere else.
    """
    compared = COMPARED[record_type]
    before, candidates = likeness.compared(connection, record_type)
    if before or candidates:
        ids = {*chain.from_iterable(candidates)}
        read = likeness.records(connection, record_type, compared.COLUMNS, [*ids])
        pairs = pd.DataFrame(candidates, columns=_PAIR[:2], dtype="int64")
        kept = compared.weigh(_placed(connection, read, placed), pairs)
        asked = {pair: review for pair, (_, _, review) in before.items()}
        matches.change_pairs(connection, record_type, before, _pairs(kept, asked))
    lead = None if whole else getattr(declared_weights(compared.WEIGHTS), compared.LEADS_ON)
    # Affected is also what pairs led to that are no more.
    once = {*chain.from_iterable(before)}
    within = likeness.within(connection, record_type, spread=lead, beside=once)
    keys = _common_keys(connection, record_type, placed, keys, within.affected)
    return _unite(connection, record_type, placed, keys, within)


def _pairs(kept: pd.DataFrame, asked: Mapping[tuple[int, int], str | None]) -> matches.Pairs:
    """Say of scored pairs what is kept: ``left, right, weight, levels``, and why one is asked."""
    left, right, *said = (kept[name].tolist() for name in _PAIR)
    pairs = [*zip(left, right, strict=True)]
    reviews = (asked.get(pair) for pair in pairs)
    return dict(zip(pairs, zip(*said, reviews, strict=True), strict=True))


def common_keys(
    connection: Connection, record_type: str, placed: pd.DataFrame, keys: pd.DataFrame
) -> pd.DataFrame:
    """Return the keys that link the affected records: ``record_id``, ``key``.

    ``placed`` and ``keys`` are of those that changed: often there are no others.
    """
    affected = linking.affected_count(connection)
    return _common_keys(connection, record_type, placed, keys, affected)


def _common_keys(
    connection: Connection,
    record_type: str,
    placed: pd.DataFrame,
    keys: pd.DataFrame,
    affected: int,
) -> pd.DataFrame:
    if affected == len(placed):
        return keys_in_common(placed, keys)
    return link_keys.affected_keys(connection, record_type)


def explain_pair(
    connection: Connection, record_type: str, left: int, right: int
) -> pd.DataFrame | None:
    """Explain how two live records come to their weight; None for types linked by keys alone.

    The columns are those of `hub.matching.declared.Declared.explain`.
    """
    if record_type not in COMPARED:
        return None
    compared = COMPARED[record_type]
    read = likeness.records(connection, record_type, compared.COLUMNS, [left, right])
    nothing = pd.DataFrame({"record_id": [], "community_code": []}, dtype="str")
    steps: pd.DataFrame = compared.waterfall(_placed(connection, read, nothing), left, right)
    return steps


def link_weights() -> dict[str, float]:
    """Return by record type the weight from which a pair is linked."""
    return {name: declared_weights(one.WEIGHTS).link for name, one in COMPARED.items()}


def _unite(
    connection: Connection,
    record_type: str,
    placed: pd.DataFrame,
    keys: pd.DataFrame,
    within: likeness.Within,
) -> United:
    compared = COMPARED[record_type]
    labels = cluster(keys)
    # Where no pair and no word is about anybody, nothing but keys has a say.
    judged = ((left, right) for left, right, _ in within.judgements)
    spoken = {*chain.from_iterable((*within.pairs, *judged))}
    if not spoken:
        return United(labels, 0)
    contested = labels.index[labels.isin(labels.reindex([*spoken]))]
    records = likeness.records(connection, record_type, compared.COLUMNS, contested.tolist())
    records = _placed(connection, records, placed)
    theirs = keys[keys["record_id"].isin(contested)].dropna()
    scored = [(*pair, weight, levels) for pair, (weight, levels, _) in within.pairs.items()]
    pairs = pd.DataFrame(scored, columns=_PAIR).astype(_NUMBERS)
    words = pd.DataFrame(within.judgements, columns=[*_PAIR[:2], "judgement"])
    gathered, asked = compared.unite(records, theirs, pairs, words)
    sides = zip(asked["left"].tolist(), asked["right"].tolist(), strict=True)
    reviews = dict(zip(sides, asked["review"].tolist(), strict=True))
    matches.change_pairs(connection, record_type, within.pairs, _pairs(pairs, reviews))
    labels[gathered.record_ids] = gathered.labels + len(labels)
    return United(labels, len(asked))


def _placed(connection: Connection, records: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Say where records are: the affected ones as placed now, others as they were linked last."""
    now = placed.set_index(placed["record_id"].astype("int64"))["community_code"]
    known = records["record_id"].isin(now.index)
    community = records["placed_in"].mask(known, records["record_id"].map(now)).astype("str")
    records = records.assign(community_code=community)
    if "address_key" not in records:
        return records
    return records.assign(place=placed_words(connection, community, records["address_key"]))
