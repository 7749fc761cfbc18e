"""`hub bench matching`: how well persons are matched, beside exact numbers and Splink 5 alone.

Demo districts of several seeds, none of them the one the weights were trained on, at the error
rates of `hub.demo.errors`; then the same without any id number, and with errors of other kinds,
which the district does not know. Each way of matching is a process of its own, and gets the
records, not the truth. Time counts from when a process has loaded its code and its records.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from hub.cli.printing import table
from hub.errors import ConfigError
from hub.matching.weights import shipped_weights
from tests.bench import matchers, scoring
from tests.bench.people import person_records, with_other_errors, without_numbers
from tests.bench.watched import Watched, watched

Watch = Callable[[object], None]
Line = dict[str, Any]

#: What is measured unless something else is asked for.
DEFAULTS = {"people": 37_000, "seeds": 5}

CHECKOUT = Path(__file__).parents[2]
RATES = ("precision", "recall", "f1", "b3_precision", "b3_recall", "b3_f1")
COSTS = ("seconds", "untrained_seconds", "processor_seconds", "peak_mb")


def measure(folder: Path, people: int, watch: Watch, seeds: int) -> dict[str, Any]:
    """Measure so many districts of so many people."""
    if find_spec("splink") is None:
        raise ConfigError("Splink, to be measured beside, is not installed; see requirements.txt")
    folder = folder / "matching"
    folder.mkdir(parents=True, exist_ok=True)
    weights = shipped_weights()
    lines = [
        line
        for seed in scored_seeds(seeds, int(weights.trained["seed"]))
        for line in _district(folder, people, seed, watch)
    ]
    return {
        "people": people,
        "weights": {"version": weights.version, **weights.trained},
        "runs": lines,
        "ahead": _ahead(lines),
    }


def scored_seeds(count: int, training: int) -> list[int]:
    """Choose seeds of districts; the one that taught the weights is none of them."""
    return [seed for seed in range(1, count + 2) if seed != training][:count]


def _district(folder: Path, people: int, seed: int, watch: Watch) -> Iterator[Line]:
    watch(f"seed {seed}: a district of {people:,} people")
    records, truth = person_records(people, seed)
    for name, given in (
        ("as is", records),
        ("no ids", without_numbers(records)),
        ("other errors", with_other_errors(records, seed)),
    ):
        given.to_parquet(folder / matchers.RECORDS, index=False)
        bare = given["citizen_id_no"].isna() & given["id_document_no"].isna()
        known = truth.assign(**{"no id": bare.to_numpy()})
        for way in matchers.WAYS:
            watch(f"seed {seed}, {name}: {way}")
            line = {"seed": seed, "records": len(given), "data": name, "way": way}
            yield line | costs(matched(way, folder)) | _found(folder, way, given, known)


def matched(way: str, folder: Path) -> Watched:
    """Have the records in a folder matched in one way, by a process of its own."""
    command = [sys.executable, "-m", "tests.bench.matchers", way, str(folder)]
    return watched(way, command, {}, CHECKOUT)


def costs(ran: Watched) -> Line:
    """Return what a way of matching took."""
    spent = ran.said["seconds"]
    timed = {"start", *spent}
    return {
        "seconds": round(sum(spent.values()), 2),
        "untrained_seconds": round(sum(spent.values()) - spent.get("train", 0.0), 2),
        "processor_seconds": round(sum(ran.said["processor"].values()), 2),
        "stages": {stage: round(seconds, 2) for stage, seconds in spent.items()},
        "processor_stages": ran.said["processor"],
        "peak_mb": round(max(peak for stage, peak in ran.peaks.items() if stage in timed)),
    }


def _found(folder: Path, way: str, records: pd.DataFrame, known: pd.DataFrame) -> Line:
    """Score what a process left; of several ways of cutting the best."""
    cuts = pd.read_parquet(folder / matchers.LABELS)
    truth = known["true_id"]
    rates = {cut: scoring.figures(truth, cuts[cut]) for cut in cuts}
    best = max(rates, key=lambda cut: rates[cut]["f1"])
    found = {"cut": best, **rates[best]}
    if way == "hub":
        kept = [pd.read_parquet(folder / name) for name in (matchers.PAIRS, matchers.REVIEWS)]
        recall, reasons = scoring.missed(truth, cuts[best], records, *kept)
        found |= {"blocking_recall": round(recall, 6), "pairs": len(kept[0])}
        found |= {"reviews": len(kept[1]), "missed": reasons}
    return found | {"classes": scoring.by_class(truth, known, cuts[best])}


def _ahead(lines: list[Line]) -> dict[str, float]:
    """Say by how much the hub is ahead of Splink in F1, on the worst seed of each kind of data."""
    f1 = pd.DataFrame(lines).pivot(index=["data", "seed"], columns="way", values="f1")
    worst = (f1["hub"] - f1["splink"]).groupby(level="data", sort=False).min()
    return {str(data): round(float(gap), 6) for data, gap in worst.items()}


def tables(said: dict[str, Any]) -> list[Any]:
    """Lay out what was measured."""
    runs, weights = said["runs"], said["weights"]
    each = [
        [*(run[name] for name in ("data", "seed", "way", "cut")), *_figures(run)] for run in runs
    ]
    mean = scoring.means(runs, ("data", "way"), (*RATES, *COSTS)).to_dict("records")
    means = [[line["data"], "mean", line["way"], "", *_figures(line)] for line in mean]
    head = ("data", "seed", "way", "cut", *RATES, "s", "s untrained", "cpu s", "MB")
    title = (
        f"{said['people']:,} people; weights {weights['version']} of seed {weights['seed']}; "
        "Splink cut where it does best"
    )
    return [
        table(head, [*each, *means], title),
        table(("data", "class", "way", "pairs", *RATES[:3]), _classes(runs), "mean by hard class"),
        table(("data", "seed", "what", "value"), _bounds(runs), "what bounds the hub"),
        table(("data", "hub - Splink in F1, worst seed"), _gaps(said["ahead"])),
    ]


def _gaps(ahead: dict[str, float]) -> Iterator[tuple[str, str]]:
    return ((data, f"{gap:+.4f}") for data, gap in ahead.items())


def _figures(line: Line) -> list[str]:
    return [*(f"{line[name]:.4f}" for name in RATES), *_plain(line)]


def _plain(line: Line) -> list[str]:
    seconds = [f"{line[name]:.1f}" for name in COSTS[:3]]
    return [*seconds, f"{line['peak_mb']:.0f}"]


def _classes(runs: list[Line]) -> list[list[object]]:
    lines = [
        {"data": run["data"], "class": name, "way": run["way"], **found}
        for run in runs
        for name, found in run["classes"].items()
    ]
    mean = scoring.means(lines, ("data", "class", "way"), ("pairs", *RATES[:3]))
    return [
        [*row[:3], f"{row[3]:.0f}", *(f"{rate:.4f}" for rate in row[4:])]
        for row in mean.itertuples(index=False)
    ]


def _bounds(runs: list[Line]) -> Iterator[tuple[object, ...]]:
    for run in (one for one in runs if one["way"] == "hub"):
        place = run["data"], run["seed"]
        yield *place, "blocking recall", f"{run['blocking_recall']:.4f}"
        yield *place, "pairs compared", str(run["pairs"])
        yield *place, "reviews", str(run["reviews"])
        for reason, count in run["missed"].items():
            yield *place, f"true pairs missed: {reason}", str(count)
