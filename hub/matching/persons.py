"""Matching persons, in the three steps that resolving takes, each for any number of records.

`index_keys` says under which keys records are looked up; `weigh` scores the pairs that
`hub.matching.candidates.candidate_pairs` finds by them; `unite` makes people out of scored pairs.
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from hub.matching.candidates import block_keys
from hub.matching.features import read_features
from hub.matching.grow import Grown, grow
from hub.matching.score import explain, read_scored, score
from hub.matching.weights import Weights


def index_keys(records: pd.DataFrame, crowded: Collection[str]) -> pd.DataFrame:
    """Return the keys of records for the index: ``record_id`` and ``key`` (a hash).

    ``records`` has the columns `hub.matching.features.RECORD_COLUMNS`; ``crowded`` are the
    telephones that too many records hold (`hub.matching.features.crowded_phones`).
    """
    return block_keys(read_features(records, crowded))


def weigh(
    records: pd.DataFrame, pairs: pd.DataFrame, crowded: Collection[str], weights: Weights
) -> pd.DataFrame:
    """Score pairs of record ids; return those worth keeping: ``left, right, weight, levels``."""
    features = read_features(records, crowded)
    left, right = features.positions(pairs["left"]), features.positions(pairs["right"])
    scored = score(left, right, features, weights)
    return scored.worth_knowing(weights.review).frame(features)


def unite(
    records: pd.DataFrame,
    kept: pd.DataFrame,
    judgements: pd.DataFrame,
    crowded: Collection[str],
    weights: Weights,
) -> Grown:
    """Make people out of records by all pairs among them that `weigh` has kept."""
    features = read_features(records, crowded)
    scored = read_scored(kept, features, weights)
    return grow(features, scored, weights.link, weights.review, judgements)


def waterfall(
    records: pd.DataFrame, left: int, right: int, crowded: Collection[str], weights: Weights
) -> pd.DataFrame:
    """Explain how a pair of records comes to its weight; see `hub.matching.score.explain`."""
    features = read_features(records, crowded)
    scored = score(features.positions([left]), features.positions([right]), features, weights)
    return explain(scored, 0, features, weights)
