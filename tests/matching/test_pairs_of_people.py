"""What becomes of two records, case by case."""

from __future__ import annotations

import pytest

from hub.matching.candidates import block_keys, candidate_pairs
from hub.matching.compare import COMPARISONS
from hub.matching.features import read_features
from hub.matching.grow import grow
from hub.matching.score import explain, score
from hub.matching.weights import shipped_weights
from tests.matching.pairs_of_people import CASES, MA, Case, frame_of

WEIGHTS = shipped_weights()


def fate(case: Case) -> tuple[str, str]:
    """Match two records alone; return what becomes of them, and the waterfall."""
    features = read_features(frame_of(case.left, case.right), crowded=())
    scored = score([0], [1], features, WEIGHTS)
    grown = grow(features, scored, WEIGHTS.link, WEIGHTS.review)
    shown = explain(scored, 0, features, WEIGHTS).to_string()
    if grown.labels[0] == grown.labels[1]:
        return "same", shown
    return ("review" if len(grown.reviews) else "different"), shown


@pytest.mark.parametrize("case", CASES, ids=[case.why for case in CASES])
def test_each_pair_becomes_what_a_reader_would_say(case: Case) -> None:
    found, shown = fate(case)
    assert found == case.becomes, shown


@pytest.mark.parametrize("case", CASES, ids=[case.why for case in CASES])
def test_left_and_right_do_not_matter(case: Case) -> None:
    features = read_features(frame_of(case.left, case.right), crowded=())
    one = score([0], [1], features, WEIGHTS)
    other = score([1], [0], features, WEIGHTS)
    assert one.weight[0] == other.weight[0]
    assert (one.levels == other.levels).all()


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.becomes == "same"],
    ids=[case.why for case in CASES if case.becomes == "same"],
)
def test_what_is_the_same_is_looked_at(case: Case) -> None:
    features = read_features(frame_of(case.left, case.right), crowded=())
    left, _ = candidate_pairs(*block_keys(features))
    assert len(left) == 1


def test_a_waterfall_tells_every_step_and_adds_up_to_the_weight() -> None:
    case = CASES[0]
    features = read_features(frame_of(case.left, case.right), crowded=())
    scored = score([0], [1], features, WEIGHTS)
    steps = explain(scored, 0, features, WEIGHTS)
    assert list(steps["field"]) == ["prior", *(comparison.name for comparison in COMPARISONS)]
    assert steps["total"].iloc[-1] == pytest.approx(scored.weight[0])
    number = steps.set_index("field").loc["number"]
    assert (number["left"], number["right"], number["level"]) == (MA, MA, "same")
    assert scored.probability[0] > 0.99
