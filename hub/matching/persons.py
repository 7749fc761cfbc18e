"""Matching persons, in the steps that resolving takes, each for any number of records.

`hub.matching.features.read_features` reads what records say, `hub.matching.candidates` finds by
keys which of them to compare; `weigh` scores those pairs, `unite` makes people out of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from hub.matching.candidates import Sides
from hub.matching.features import Features
from hub.matching.grow import Grown, Judged, grow
from hub.matching.score import Scored, explain, score, together
from hub.matching.weights import Weights

#: Pairs scored at a time: enough for whole-column work, little enough for memory.
CHUNK = 1_000_000


def weigh(features: Features, pairs: Sides, weights: Weights) -> Scored:
    """Score pairs of records, given by their numbers; return those worth keeping."""
    left, right = (features.positions(side) for side in pairs)
    parts = []
    for start in range(0, max(len(left), 1), CHUNK):
        here = slice(start, start + CHUNK)
        scored = score(left[here], right[here], features, weights)
        parts.append(scored.worth_knowing(weights.review).named(features))
    return together(*parts)


def unite(
    features: Features, kept: Scored, judgements: Sequence[Judged], weights: Weights
) -> Grown:
    """Make people out of records by all pairs among them that `weigh` has kept."""
    return grow(features, kept.placed(features), weights.link, weights.review, judgements)


def waterfall(features: Features, left: int, right: int, weights: Weights) -> pd.DataFrame:
    """Explain how a pair of records comes to its weight; see `hub.matching.score.explain`."""
    scored = score(features.positions([left]), features.positions([right]), features, weights)
    return explain(scored, 0, features, weights)
