"""Persons matched one by one, as they come, are the people that matching all at once makes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hub.matching.candidates import block_keys, candidate_pairs
from hub.matching.features import Features, read_features
from hub.matching.persons import unite, waterfall, weigh
from hub.matching.score import together
from hub.matching.weights import shipped_weights
from tests.matching.pairs_of_people import frame_of
from tests.matching.test_grow import a_household, people_of

WEIGHTS = shipped_weights()


def read(records: pd.DataFrame) -> Features:
    """Read records of which no telephone is crowded."""
    return read_features(records, frozenset())


def all_at_once(records: pd.DataFrame) -> set[frozenset[str]]:
    features = read(records)
    kept = weigh(features, candidate_pairs(*block_keys(features)), WEIGHTS)
    return people_of(records, unite(features, kept, [], WEIGHTS))


def one_by_one(records: pd.DataFrame) -> set[frozenset[str]]:
    """Index, look up and weigh each record alone when it comes; make people at the end."""
    index, kept = [], []
    for nth in range(len(records)):
        came = records.iloc[: nth + 1]
        index.append(block_keys(read(records.iloc[[nth]])))
        holders, keys = map(np.concatenate, zip(*index, strict=True))
        held = np.isin(keys, index[-1][1])
        pairs = candidate_pairs(holders[held], keys[held], around=[nth + 1])
        kept.append(weigh(read(came), pairs, WEIGHTS))
    return people_of(records, unite(read(records), together(*kept), [], WEIGHTS))


def test_one_by_one_and_all_at_once_make_the_same_people() -> None:
    said = [one for seed in range(6) for one in a_household(seed)]
    records = frame_of(*said)
    records["key"] = "K" + records["record_id"]
    assert one_by_one(records) == all_at_once(records)


def test_a_kept_pair_can_be_explained_to_the_same_weight() -> None:
    records = frame_of(*a_household(3), *a_household(4))
    records["key"] = "K" + records["record_id"]
    features = read(records)
    kept = weigh(features, candidate_pairs(*block_keys(features)), WEIGHTS)
    steps = waterfall(features, int(kept.left[0]), int(kept.right[0]), WEIGHTS)
    assert abs(steps["weight"].sum() - kept.weight[0]) < 1e-9


def test_nothing_to_weigh_is_nothing_kept() -> None:
    records = frame_of(*a_household(3))
    none = np.zeros(0, np.int64)
    features = read(records)
    kept = weigh(features, (none, none), WEIGHTS)
    assert len(kept) == 0
    grown = unite(features, kept, [], WEIGHTS)
    assert len(set(grown.labels)) == len(records)
