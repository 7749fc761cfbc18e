"""Ways of matching persons, each a process of its own: `python -m tests.bench.matchers WAY FOLDER`.

The folder holds ``records.parquet``; what is found is left there. A line of JSON tells each stage
that begins, the last one the seconds of all. Who is who in truth no process is told.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from tests.bench.splink_model import PASSES, SURE, SURE_RECALL, columns, model
from tests.bench.telling import Clock, tell

#: Splink's clusters are made at each of these; the best is taken, though only the truth tells it.
THRESHOLDS = (0.5, 0.8, 0.95, 0.99, 0.999, 0.9999)
#: After this stage nothing is timed.
ASIDE = "aside"

RECORDS, LABELS = "records.parquet", "labels.parquet"
#: What the hub compared, with the fate of what it did not link; and what it asks a steward about.
PAIRS, REVIEWS = "pairs.parquet", "reviews.parquet"

#: For each record (a row) its cluster: a column for each way of cutting.
Found = pd.DataFrame


def hub(records: pd.DataFrame, folder: Path, clock: Clock) -> Found:
    """Match as the hub does, with the weights it ships."""
    from hub.matching.candidates import block_keys, candidate_pairs
    from hub.matching.features import read_features
    from hub.matching.grow import grow
    from hub.matching.score import score
    from hub.matching.weights import shipped_weights

    clock.begin("read")
    weights = shipped_weights()
    features = read_features(records)
    clock.begin("candidates")
    pairs = dict(zip(("left", "right"), candidate_pairs(*block_keys(features)), strict=True))
    clock.begin("score")
    left, right = map(features.positions, pairs.values())
    scored = score(left, right, features, weights)
    clock.begin("cluster")
    grown = grow(features, scored, weights.link, weights.review)
    clock.begin(ASIDE)
    fate = np.where(scored.weight >= weights.review, "refused", "too little said")
    pd.DataFrame({**pairs, "fate": fate}).to_parquet(folder / PAIRS, index=False)
    asked = [(review.left, review.right) for review in grown.reviews]
    pd.DataFrame(asked, columns=["left", "right"]).to_parquet(folder / REVIEWS, index=False)
    return pd.DataFrame({"shipped weights": grown.labels})


def exact(records: pd.DataFrame, _folder: Path, clock: Clock) -> Found:
    """Match by equal valid numbers of whatever document and nothing else."""
    clock.begin("cluster")
    number = records["citizen_id_no"].fillna(records["id_document_no"])
    alone = "#" + pd.Series(range(len(records)), index=records.index).astype("str")
    labels, _ = pd.factorize(number.fillna(alone))
    return pd.DataFrame({"exact number": labels})


def splink(records: pd.DataFrame, _folder: Path, clock: Clock) -> Found:
    """Match by Splink alone: a good model, trained on these records, of cleaned columns."""
    import pyarrow
    from splink import DuckDBAPI, Linker, block_on

    from hub.matching.features import read_features

    clock.begin("read")
    features = read_features(records)
    table = pyarrow.Table.from_pandas(columns(features))
    clock.begin("train")
    linker = Linker([DuckDBAPI().register(table, dataset_display_name="records")], model())
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    training = linker.training
    training.estimate_probability_two_random_records_match(list(SURE), recall=SURE_RECALL)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for names in PASSES:
        training.estimate_parameters_using_expectation_maximisation(block_on(*names))
    clock.begin("score")
    edges = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    clock.begin("cluster")
    labels = {}
    for threshold in THRESHOLDS:
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(edges, threshold)
        clusters = found.as_pandas_dataframe().set_index("record_id")["cluster_id"]
        labels[f"from {threshold}"] = pd.factorize(clusters.reindex(features.record_ids))[0]
        clock.begin(ASIDE)
    return pd.DataFrame(labels)


WAYS: dict[str, Callable[[pd.DataFrame, Path, Clock], Found]] = {
    "hub": hub,
    "splink": splink,
    "exact": exact,
}


def _without_aside(stages: Mapping[str, float]) -> dict[str, float]:
    return {stage: seconds for stage, seconds in stages.items() if stage != ASIDE}


def main(way: str, folder: Path) -> None:
    records, clock = pd.read_parquet(folder / RECORDS), Clock()
    found = WAYS[way](records, folder, clock)
    clock.begin(ASIDE)
    found.set_index(records["record_id"]).to_parquet(folder / LABELS)
    spent = {"seconds": clock.seconds, "processor": clock.processor}
    tell({name: _without_aside(stages) for name, stages in spent.items()})


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
