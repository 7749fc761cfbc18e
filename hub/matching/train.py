"""Training: Splink learns from records without labels what each level of agreement is worth.

The same settings let Splink score by trained weights, on one machine or on many.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from hub.errors import HubError
from hub.matching.compare import COMPARISONS
from hub.matching.features import Features, read_features
from hub.matching.level import Comparison, Level
from hub.matching.weights import Frequencies, Weights

#: Blocks in which expectation maximisation learns; each comparison must be free in one of them.
PASSES = (("name", "birth"), ("phone_1", "birth"), ("name", "phone_1"), ("name", "room_1"))
#: Pairs that are surely of one person, and how many of all such pairs they find.
SURE = ("l.number = r.number", "l.name = r.name and l.birth = r.birth")
SURE_RECALL = 0.75

#: Records that say the same in all of these are taken for one person's when sampling others.
SAME = (("number",), ("name", "birth"), ("name", "phone_1"), ("name", "room_1"), ("name", "room_2"))
SAMPLED = 3e6
#: Whatever the training records did not show may yet happen so often.
LEAST = 2e-4

#: From so many bits on a pair is linked (94 %), and from so many a steward is asked (67 %).
LINK, REVIEW = 4.0, 1.0

#: (comparison, level) → u
Different = dict[tuple[str, str], float]


class Untrained(HubError):
    """Some levels of agreement did not occur often enough to be weighed."""


def train(records: pd.DataFrame, seed: int, version: str = "trained") -> Weights:
    """Learn weights from records of persons (see `hub.matching.features.RECORD_COLUMNS`)."""
    features = read_features(records)
    frequencies = count_names(features)
    linker = splink_linker(features, frequencies, different=_sample(features, frequencies, seed))
    _learn(linker)
    levels = {one["output_column_name"]: one for one in _saved(linker)["comparisons"]}
    return Weights(
        version=version,
        prior=float(_saved(linker)["probability_two_random_records_match"]),
        link=LINK,
        review=REVIEW,
        levels={one.name: dict(_learnt(one, levels[one.name])) for one in COMPARISONS},
        frequencies=frequencies,
        trained={"records": len(features), "seed": seed, "by": "Splink 5, " + _passes()},
    )


def count_names(features: Features) -> Frequencies:
    """Count how common names are among the records; what is too rare to count is left out."""
    frame = features.frame
    surnames, givens, names = (
        frame[name].value_counts(normalize=True) for name in ("surname", "given", "name")
    )
    product = names.index.to_series().map(
        frame.drop_duplicates("name")
        .set_index("name")
        .apply(lambda row: surnames.get(row["surname"], 0) * givens.get(row["given"], 0), axis=1)
    )
    whole = names[(names >= 2e-4) & (names > 1.25 * product)]
    return Frequencies(
        _rounded(surnames[surnames >= 1e-4]),
        _rounded(givens[givens >= 5e-5]),
        _rounded(whole),
        least_surname=5e-5,
        least_name=1e-5,
    )


def splink_settings(
    weights: Weights | None = None,
    different: Different | None = None,
    blocks: Sequence[str] = (),
) -> dict[str, Any]:
    """Write the model as Splink settings: with its weights, or as it is before training.

    ``different``: how often different people agree, where that is known already. ``blocks``: the
    conditions in SQL under which Splink, asked to predict, compares two records.
    """
    said: dict[str, Any] = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_id",
        "comparisons": [_comparison(one, weights, different or {}) for one in COMPARISONS],
        "blocking_rules_to_generate_predictions": list(blocks),
        "retain_intermediate_calculation_columns": True,
    }
    if weights:
        said["probability_two_random_records_match"] = weights.prior
    return said


def splink_linker(
    features: Features,
    frequencies: Frequencies,
    weights: Weights | None = None,
    blocks: Sequence[str] = (),
    different: Different | None = None,
) -> Any:
    """Let Splink see the records, with these frequencies of names."""
    # Splink and DuckDB take long to load, and only training and comparing with Splink need them.
    import pyarrow
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI()
    frame = features.frame.assign(record_id=features.record_ids)
    table = api.register(pyarrow.Table.from_pandas(frame), dataset_display_name="records")
    linker = Linker([table], splink_settings(weights, different, blocks))
    # What it says while training is looked for in the saved model instead.
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    for column in ("name", "surname"):
        shares = {column: frame[column], f"tf_{column}": frequencies.of(column, features)}
        lookup = pd.DataFrame(shares).dropna(subset=column).drop_duplicates(column)
        linker.table_management.register_term_frequency_lookup(
            api.register(pyarrow.Table.from_pandas(lookup, preserve_index=False)), column
        )
    return linker


def _comparison(
    comparison: Comparison, weights: Weights | None, different: Different
) -> dict[str, Any]:
    levels = [_level(comparison, one, weights, different) for one in comparison.levels]
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def _level(
    comparison: Comparison, level: Level, weights: Weights | None, different: Different
) -> dict[str, Any]:
    said: dict[str, Any] = {"sql_condition": level.sql, "label_for_charts": level.name}
    if level.silent:
        return said | {"is_null_level": True}
    m, u = level.m, level.u or different.get((comparison.name, level.name))
    if weights:
        m, u = weights.levels[comparison.name][level.name]
    if m is not None:
        said |= {"m_probability": m, "fix_m_probability": True}
    if u is not None:
        said |= {"u_probability": u, "fix_u_probability": True}
    if level.rarity:
        said["tf_adjustment_column"] = level.rarity
    return said


def _sample(features: Features, frequencies: Frequencies, seed: int) -> Different:
    """Sample how often different people agree, among records of which no two are surely one's.

    Of all pairs as few are of one person as share a telephone by chance, so that a sample of
    pairs of all records would take the former for the latter.
    """
    order = np.argsort(features.ranks)
    frame = features.frame.iloc[order]
    alone = np.ones(len(frame), dtype=np.bool_)
    for columns in SAME:
        alone &= ~frame.duplicated(list(columns)) | frame[list(columns)].isna().any(axis=1)
    linker = splink_linker(features.only(order[alone]), frequencies)
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED, seed=seed)
    return {
        (one["output_column_name"], level["label_for_charts"]): float(level["u_probability"])
        for one in _saved(linker)["comparisons"]
        for level in one["comparison_levels"]
        if "u_probability" in level
    }


def _learn(linker: Any) -> None:
    from splink import block_on
    from splink.internals.exceptions import EMTrainingException

    training = linker.training
    training.estimate_probability_two_random_records_match(list(SURE), recall=SURE_RECALL)
    for columns in PASSES:
        try:
            training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
        except EMTrainingException as error:
            raise Untrained(
                f"the records did not suffice: no two agree in {' and '.join(columns)}"
            ) from error


def _saved(linker: Any) -> dict[str, Any]:
    saved: dict[str, Any] = linker.misc.save_model_to_json()
    return saved


def _learnt(comparison: Comparison, saved: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give each level's chances; a level that was never seen is an error, not a guess."""
    for level, said in zip(comparison.levels, saved["comparison_levels"], strict=True):
        if level.silent:
            continue
        if "m_probability" not in said or "u_probability" not in said:
            raise Untrained(f"the records did not suffice to weigh {comparison.name}: {level.name}")
        m, u = float(said["m_probability"]), float(said["u_probability"])
        yield level.name, (max(m, LEAST), u)


def _rounded(shares: pd.Series) -> dict[str, float]:
    return {str(name): round(float(share), 6) for name, share in shares.items()}


def _passes() -> str:
    return ", ".join("+".join(columns) for columns in PASSES)
