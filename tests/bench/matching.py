"""How well persons are matched: `python -m tests.bench.matching --people 37000 --seeds 1 2 3 4 5`.

Figures stand beside exact valid id numbers alone, and beside Splink 5 alone with a good model
that it trains on the very records it scores. The hub's weights were trained on another seed.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import sys
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.matching.candidates import block_keys, candidate_pairs
from hub.matching.features import Features, read_features
from hub.matching.grow import grow
from hub.matching.score import score
from hub.matching.weights import shipped_weights
from tests.bench.people import person_records, with_other_errors, without_numbers

Labels = npt.NDArray[np.int64]
Said = dict[str, Any]

CLASSES = ("no number", "homonyms", "twins", "married", "two homes", "foreigners")


def hub(records: pd.DataFrame) -> tuple[Labels, Said]:
    """Match as the hub does."""
    weights, clock = shipped_weights(), _Clock()
    features = read_features(records)
    clock.stop("features")
    pairs = candidate_pairs(block_keys(features))
    clock.stop("candidates")
    scored = score(
        features.positions(pairs["left"]), features.positions(pairs["right"]), features, weights
    )
    clock.stop("score")
    grown = grow(features, scored, weights.link, weights.review)
    clock.stop("grow")
    said = {"pairs": len(pairs), "reviews": len(grown.reviews), **clock.said}
    truth = records.attrs.get("truth")
    if truth is not None:
        said["blocking recall"] = blocking_recall(pairs, truth)
    return grown.labels, said


def exact_number(records: pd.DataFrame) -> tuple[Labels, Said]:
    """Match by equal valid numbers and nothing else."""
    clock = _Clock()
    frame = read_features(records).frame
    alone = pd.Series([f"#{at}" for at in range(len(frame))], dtype="str")
    labels, _ = pd.factorize(frame["number"].fillna(alone))
    clock.stop("all")
    return labels.astype(np.int64), clock.said


def splink_alone(records: pd.DataFrame, threshold: float = 0.95) -> tuple[Labels, Said]:
    """Match by Splink alone: a good model of the usual comparisons, trained on these records."""
    import pyarrow
    from splink import DuckDBAPI, Linker, block_on

    clock = _Clock()
    features = read_features(records)
    api = DuckDBAPI()
    table = pyarrow.Table.from_pandas(_columns(features))
    linker = Linker([api.register(table, dataset_display_name="records")], _splink_model())
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        ["l.number = r.number", "l.name = r.name and l.birth = r.birth"], recall=0.75
    )
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for columns in (("name", "birth"), ("phone_1", "birth"), ("name", "phone_1")):
        training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    clock.stop("train")
    edges = linker.inference.predict(threshold_match_probability=threshold)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(edges, threshold)
    clusters = found.as_pandas_dataframe().set_index("record_id")["cluster_id"]
    clock.stop("predict and cluster")
    labels, _ = pd.factorize(clusters.reindex(features.record_ids))
    return labels.astype(np.int64), clock.said


WAYS: dict[str, Callable[[pd.DataFrame], tuple[Labels, Said]]] = {
    "hub": hub,
    "exact number": exact_number,
    "splink": splink_alone,
}


def figures(true: pd.Series, labels: Labels) -> Said:
    """Return pairwise precision, recall and F1, and B-cubed F1."""
    truth, found = pd.factorize(true)[0].astype(np.int64), pd.factorize(labels)[0].astype(np.int64)
    both = truth * (found.max() + 1) + found
    sizes = [_sizes(codes) for codes in (both, truth, found)]
    together, real, claimed = (float((size - 1).sum()) for size in sizes)
    precision, recall = together / max(claimed, 1), together / max(real, 1)
    b_precision, b_recall = (sizes[0] / sizes[2]).mean(), (sizes[0] / sizes[1]).mean()
    return {
        "precision": precision,
        "recall": recall,
        "f1": _f1(precision, recall),
        "b3": _f1(float(b_precision), float(b_recall)),
    }


def by_class(truth: pd.DataFrame, labels: Labels) -> Said:
    """Return the figures over pairs with at least one record of each hard class."""
    real, claimed = _together(truth["true_id"]), _together(labels)
    found = {}
    for name in CLASSES:
        flags = truth[name].to_numpy(dtype=bool)
        one, other = (
            {pair for pair in pairs if flags[list(pair)].any()} for pairs in (real, claimed)
        )
        precision, recall = (
            len(one & other) / max(len(other), 1),
            len(one & other) / max(len(one), 1),
        )
        found[name] = {"pairs": len(one), "precision": precision, "recall": recall}
    return found


def blocking_recall(pairs: pd.DataFrame, true_ids: pd.Series) -> float:
    """Return the share of all true pairs that is looked at."""
    same = true_ids.reindex(pairs["left"]).to_numpy() == true_ids.reindex(pairs["right"]).to_numpy()
    return float(same.sum() / max(len(_together(true_ids)), 1))


def run(people: int, seed: int, ways: list[str]) -> Iterator[Said]:
    """Measure one district: as it is, without any numbers, and with errors of other kinds."""
    records, truth = person_records(people, seed)
    for name, given in (
        ("as is", records),
        ("no numbers", without_numbers(records)),
        ("other errors", with_other_errors(records, seed)),
    ):
        bare = read_features(given).frame["number"].isna().to_numpy()
        given.attrs["truth"] = truth["true_id"]
        for way in ways:
            labels, said = WAYS[way](given)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            yield {
                "seed": seed,
                "records": len(given),
                "ids": name,
                "way": way,
                **figures(truth["true_id"], labels),
                **said,
                "peak MB": memory,
                "classes": by_class(truth.assign(**{"no number": bare}), labels),
            }


def main(arguments: list[str] | None = None) -> None:
    """Print one line of JSON a measurement, and the means at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=37_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    asked = parser.parse_args(arguments)
    lines = []
    for seed in asked.seeds:
        for said in run(asked.people, seed, asked.ways):
            lines.append(said)
            sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    columns = ["precision", "recall", "f1", "b3", "seconds"]
    means = pd.DataFrame(lines).groupby(["ids", "way"])[columns].mean()
    sys.stdout.write(means.round(4).to_string() + "\n")


class _Clock:
    """Seconds of each stage."""

    def __init__(self) -> None:
        self._begun = self._last = perf_counter()
        self.said: Said = {}

    def stop(self, stage: str) -> None:
        now = perf_counter()
        self.said[f"s {stage}"], self.said["seconds"] = now - self._last, now - self._begun
        self._last = now


def _columns(features: Features) -> pd.DataFrame:
    frame = features.frame.assign(record_id=features.record_ids)
    for place in ("room", "building", "compound"):
        frame[place] = frame[f"{place}_1"].fillna(frame[f"{place}_2"])
    ends = frame["digits"].str[:6] + frame["digits"].str[14:]
    return frame.assign(ends=ends.where(~ends.str.contains("?", regex=False, na=True)))


def _splink_model() -> Said:
    def levels(name: str, *conditions: str, rare: str | None = None) -> Said:
        first: Said = {"sql_condition": conditions[0], "is_null_level": True}
        others: list[Said] = [{"sql_condition": one} for one in (*conditions[1:], "ELSE")]
        if rare:
            others[0]["tf_adjustment_column"] = rare
        return {"output_column_name": name, "comparison_levels": [first, *others]}

    def none(column: str) -> str:
        return f"{column}_l is null or {column}_r is null"

    alike = "list_has_any(string_split(slips_l, '|'), string_split(slips_r, '|'))"
    blocks = (
        "l.number = r.number", "l.ends = r.ends and l.surname = r.surname",
        "l.name = r.name and l.birth = r.birth", "l.sound = r.sound and l.birth = r.birth",
        "l.phone_1 = r.phone_1 and l.surname = r.surname",
        "l.room = r.room and l.surname = r.surname", "l.name = r.name and l.building = r.building",
        "l.birth = r.birth and l.room = r.room", "l.name = r.name and l.phone_1 = r.phone_1",
    )  # fmt: skip
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_id",
        "comparisons": [
            levels("name_c", none("name"), "name_l = name_r", "sound_l = sound_r",
                   f"surname_l = surname_r and {alike}", "surname_l = surname_r", rare="name"),
            levels("birth_c", none("birth"), "birth_l = birth_r",
                   "damerau_levenshtein(birth_l, birth_r) <= 1"),
            levels("address_c", none("compound"), "room_l = room_r", "building_l = building_r",
                   "compound_l = compound_r"),
            levels("phone_c", none("phone_1"), "phone_1_l = phone_1_r"),
            levels("sex_c", none("sex"), "sex_l = sex_r"),
            levels("digits_c", none("digits"), "digits_l = digits_r", "ends_l = ends_r",
                   "damerau_levenshtein(digits_l, digits_r) <= 2"),
        ],
        "blocking_rules_to_generate_predictions": list(blocks),
    }  # fmt: skip


def _sizes(codes: Labels) -> npt.NDArray[np.int64]:
    return np.bincount(pd.factorize(codes)[0])[pd.factorize(codes)[0]]


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / max(precision + recall, 1e-12)


def _together(groups: npt.ArrayLike | pd.Series) -> set[tuple[int, int]]:
    """List the pairs of rows of one group."""
    codes, _ = pd.factorize(np.asarray(groups, dtype=object))
    rows = pd.DataFrame({"code": codes, "row": np.arange(len(codes))})
    pairs = rows.merge(rows, on="code")
    pairs = pairs[pairs["row_x"] < pairs["row_y"]]
    return set(zip(pairs["row_x"], pairs["row_y"], strict=True))


if __name__ == "__main__":
    main()
