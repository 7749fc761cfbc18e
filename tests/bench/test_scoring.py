"""The figures of the matching benchmark, on clusters small enough to count by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.bench import scoring
from tests.bench.matching import scored_seeds

IDS = pd.Index([11, 12, 13, 14, 15, 16], name="record_id")
TRUTH = pd.Series(["a", "a", "a", "b", "b", "c"], index=IDS)


def labels(*said: int) -> pd.Series:
    return pd.Series(said, index=IDS)


def rates(found: dict[str, float], *names: str) -> list[float]:
    return [found[name] for name in names]


def test_right_clusters_are_right_whatever_they_are_called() -> None:
    found = scoring.figures(TRUTH, labels(7, 7, 7, 3, 3, 9))
    assert set(found.values()) == {1.0}


def test_pairs_and_records_are_counted_as_by_hand() -> None:
    # Of four true pairs one is found, and one of the two that are claimed is wrong.
    found = scoring.figures(TRUTH, labels(1, 1, 2, 2, 3, 4))
    assert rates(found, "precision", "recall", "f1") == [0.5, 0.25, pytest.approx(1 / 3, abs=1e-6)]
    # Each record's own cluster: 1, 1, 1/2, 1/2, 1, 1 of it right; 2/3, 2/3, 1/3, 1/2, 1/2, 1 found.
    assert rates(found, "b3_precision", "b3_recall") == [
        pytest.approx(5 / 6, abs=1e-6),
        pytest.approx(11 / 18, abs=1e-6),
    ]


def test_nothing_claimed_is_nothing_wrong_and_nothing_found() -> None:
    found = scoring.figures(TRUTH, labels(1, 2, 3, 4, 5, 6))
    assert rates(found, "precision", "recall", "f1") == [1.0, 0.0, 0.0]


def test_a_class_counts_the_pairs_that_touch_it() -> None:
    flags = pd.DataFrame(False, index=IDS, columns=list(scoring.CLASSES))
    flags.loc[11, "twins"] = True
    found = scoring.by_class(TRUTH, flags, labels(1, 1, 2, 2, 3, 4))
    assert found["twins"] == {
        "pairs": 2,
        "precision": 1.0,
        "recall": 0.5,
        "f1": pytest.approx(2 / 3, abs=1e-6),
    }
    assert found["homonyms"]["pairs"] == 0


def test_each_missed_pair_has_its_reason() -> None:
    records = pd.DataFrame(
        {name: [None] * 6 for name in scoring.TELLING}, index=range(6), dtype="str"
    )
    records.loc[[0, 2], "contact_phone"] = "13997000001"
    compared = pd.DataFrame({"left": [12], "right": [13], "fate": ["too little said"]})
    reviews = pd.DataFrame({"left": [15], "right": [14]})
    recall, reasons = scoring.missed(TRUTH, labels(1, 1, 2, 3, 4, 5), records, compared, reviews)
    assert recall == 0.25
    assert reasons == {"too little said": 1, "not compared": 1, "a steward is asked": 1}
    records["contact_phone"] = pd.Series([None] * 6, dtype="str")
    _, reasons = scoring.missed(TRUTH, labels(1, 1, 2, 3, 4, 5), records, compared, reviews)
    assert reasons["at most the name in common"] == 1


def test_a_dwelling_is_in_common_whichever_column_says_it() -> None:
    records = pd.DataFrame({name: [None] * 6 for name in scoring.TELLING}, dtype="str")
    records.loc[0, "address_key"] = records.loc[2, "tied_address_key"] = "康乐|3|1|501"
    nothing = pd.DataFrame({"left": [], "right": []}, dtype="int64").assign(fate="")
    _, reasons = scoring.missed(TRUTH, labels(1, 1, 2, 3, 3, 4), records, nothing, nothing)
    assert reasons == {"not compared": 1, "at most the name in common": 1}


def test_no_district_is_scored_that_taught_the_weights() -> None:
    assert scored_seeds(5, training=1001) == [1, 2, 3, 4, 5]
    assert scored_seeds(5, training=3) == [1, 2, 4, 5, 6]
