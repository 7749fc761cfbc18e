"""The hub's scorer and Splink give the same pairs the same weight by the same model."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from hub.matching.candidates import block_keys, candidate_pairs
from hub.matching.compare import COMPARISONS
from hub.matching.features import Features, read_features
from hub.matching.level import Comparison
from hub.matching.score import Scored, score
from hub.matching.train import Untrained, splink_linker, train
from hub.matching.weights import Weights, shipped_weights
from tests.bench.people import person_records
from tests.matching.pairs_of_people import CASES, MAN, a_person, frame_of, police

WEIGHTS = shipped_weights()

#: Pairs at the levels that neither the district nor the cases show.
RARELY_SEEN = (
    (police(**MAN), a_person(person_name="马海明", evidence='{"birth_date":"1980年1月"}')),
    (police(**MAN), a_person(birth_date="1980-01-01", sex_code="1")),
)
PAIRS = (*((case.left, case.right) for case in CASES), *RARELY_SEEN)


def by_splink(features: Features, pairs: pd.DataFrame) -> pd.DataFrame:
    """Let Splink score pairs of record ids by the shipped weights."""
    linker = splink_linker(features, WEIGHTS.frequencies, WEIGHTS, list(pairs_rule(pairs)))
    found = linker.inference.predict().as_pandas_dataframe()
    low = found[["record_id_l", "record_id_r"]].min(axis=1)
    high = found[["record_id_l", "record_id_r"]].max(axis=1)
    return found.set_index(pd.MultiIndex.from_arrays([low, high]))


def pairs_rule(pairs: pd.DataFrame) -> list[str]:
    """Block on exactly these pairs."""
    listed = ", ".join(f"({a}, {b})" for a, b in zip(pairs["left"], pairs["right"], strict=True))
    return [f"(least(l.record_id, r.record_id), greatest(l.record_id, r.record_id)) in ({listed})"]


@pytest.fixture(scope="module")
def features() -> Features:
    """Give a small district's records, and the cases with their unusual spellings."""
    records, _ = person_records(600, seed=11)
    cases = frame_of(*(side for pair in PAIRS for side in pair))
    cases = cases.assign(record_id=range(1_000_001, 1_000_001 + len(cases)))
    return read_features(pd.concat([records, cases], ignore_index=True))


def test_both_scorers_agree_on_every_pair_and_level(features: Features) -> None:
    found = candidate_pairs(*block_keys(features))
    pairs = pd.DataFrame(dict(zip(("left", "right"), found, strict=True)))
    cases = range(1_000_001, 1_000_001 + 2 * len(PAIRS), 2)
    pairs = pd.concat([pairs, pd.DataFrame({"left": cases, "right": [at + 1 for at in cases]})])
    pairs = pairs.drop_duplicates(ignore_index=True)
    own = own_scores(features, pairs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = by_splink(features, pairs).loc[pd.MultiIndex.from_frame(pairs)]
    for place, comparison in enumerate(COMPARISONS):
        assert set(own.levels[:, place]) == set(range(len(comparison.levels))), comparison.name
        found = level_numbers(comparison, own.levels[:, place])
        assert (theirs[f"gamma_{comparison.name}"].to_numpy() == found).all(), comparison.name
    assert np.abs(theirs["match_weight"].to_numpy() - own.weight).max() < 1e-6


def own_scores(features: Features, pairs: pd.DataFrame) -> Scored:
    return score(
        features.positions(pairs["left"]), features.positions(pairs["right"]), features, WEIGHTS
    )


def level_numbers(comparison: Comparison, places: np.ndarray) -> np.ndarray:
    """Number levels as Splink does: nothing said is -1, the last level 0, the best the highest."""
    levels = comparison.levels
    spoken = [at for at, level in enumerate(levels) if not level.silent]
    numbers = np.full(len(levels), -1)
    numbers[spoken] = np.arange(len(spoken))[::-1]
    return numbers[places]


@pytest.mark.parametrize(
    ("share", "what"),
    [(0.25, "no two agree in name and birth"), (1.0, "to weigh birth: one slip")],
    ids=["a pass without pairs", "a level without pairs"],
)
def test_training_fails_loudly_where_the_records_do_not_suffice(share: float, what: str) -> None:
    records, _ = person_records(500, seed=11)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Untrained, match=f"did not suffice.*{what}"):
            train(records.head(int(share * len(records))), seed=1)


def test_the_shipped_table_reads_as_it_was_written() -> None:
    assert Weights.read(WEIGHTS.dump()) == WEIGHTS
