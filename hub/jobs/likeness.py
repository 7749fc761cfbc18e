"""Which records of places and dwellings are one, where no key alone says so.

A change is followed to whatever it can reach: candidates share a key, what is heavy enough hangs
together. So the answer is the same, be records looked at one by one or all at once.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    weights = declared_weights(compared.WEIGHTS)
    before = likeness.pairs_of_affected(connection)
    pairs = likeness.candidates(connection, record_type)
    if len(pairs) or len(before):
        ids = pd.concat([pairs["left"], pairs["right"]]).drop_duplicates()
        read = likeness.records(connection, record_type, compared.COLUMNS, ids.tolist())
        kept = compared.weigh(_placed(connection, read, placed), pairs)
        kept = kept.merge(before[["left", "right", "review"]], on=["left", "right"], how="left")
        now = matches.by_pair(kept)
        matches.change_pairs(connection, record_type, matches.by_pair(before), now)
    if not whole:
        # Affected is also what pairs led to that are no more.
        linking.add_affected(connection, {*before["left"], *before["right"]})
        likeness.spread(connection, getattr(weights, compared.LEADS_ON))
    keys = common_keys(connection, record_type, placed, keys)
    return _unite(connection, record_type, placed, keys)


def common_keys(
    connection: Connection, record_type: str, placed: pd.DataFrame, keys: pd.DataFrame
) -> pd.DataFrame:
    """Return the keys that link the affected records: ``record_id``, ``key``.

    ``placed`` and ``keys`` are of those that changed: often there are no others.
    """
    if linking.affected_count(connection) == len(placed):
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
    connection: Connection, record_type: str, placed: pd.DataFrame, keys: pd.DataFrame
) -> United:
    compared = COMPARED[record_type]
    pairs = likeness.pairs_within(connection, record_type)
    judgements = likeness.judgements_within(connection, record_type)
    labels = cluster(keys)
    if pairs.empty and judgements.empty:
        return United(labels, 0)
    # Where no pair and no word is about anybody, nothing but keys has a say.
    spoken = pd.concat([said[side] for said in (pairs, judgements) for side in ("left", "right")])
    contested = labels.index[labels.isin(labels.reindex(spoken))]
    records = likeness.records(connection, record_type, compared.COLUMNS, contested.tolist())
    records = _placed(connection, records, placed)
    theirs = keys[keys["record_id"].isin(contested)].dropna()
    gathered, asked = compared.unite(records, theirs, pairs[_PAIR], judgements)
    now = pairs[_PAIR].merge(asked, on=["left", "right"], how="left")
    kept = (matches.by_pair(one) for one in (pairs, now))
    matches.change_pairs(connection, record_type, *kept)
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
