"""Matching persons, in the steps that resolving takes, each for any number of records.

`hub.matching.features.read_features` reads what records say, `hub.matching.candidates` finds by
keys which of them to compare; `weigh` scores those pairs, `unite` makes people out of them.
"""

from __future__ import annotations

import pandas as pd

from hub.matching.features import Features
from hub.matching.grow import Grown, grow
from hub.matching.score import explain, read_scored, score
from hub.matching.weights import Weights

#: Pairs scored at a time: enough for whole-column work, little enough for memory.
CHUNK = 1_000_000


def weigh(features: Features, pairs: pd.DataFrame, weights: Weights) -> pd.DataFrame:
    """Score pairs of record ids; return those worth keeping: ``left, right, weight, levels``."""
    parts = []
    for start in range(0, max(len(pairs), 1), CHUNK):
        part = pairs.iloc[start : start + CHUNK]
        left, right = features.positions(part["left"]), features.positions(part["right"])
        scored = score(left, right, features, weights)
        parts.append(scored.worth_knowing(weights.review).frame(features))
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


def unite(
    features: Features, kept: pd.DataFrame, judgements: pd.DataFrame, weights: Weights
) -> Grown:
    """Make people out of records by all pairs among them that `weigh` has kept.

    ``judgements``: ``left``, ``right`` (record ids) and ``judgement``; each pair once.
    """
    scored = read_scored(kept, features, weights)
    return grow(features, scored, weights.link, weights.review, judgements)


def waterfall(features: Features, left: int, right: int, weights: Weights) -> pd.DataFrame:
    """Explain how a pair of records comes to its weight; see `hub.matching.score.explain`."""
    scored = score(features.positions([left]), features.positions([right]), features, weights)
    return explain(scored, 0, features, weights)
