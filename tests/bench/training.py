"""Train the weights that the project ships: `python -m tests.bench.training --out FILE`.

The district they are trained on has a seed of its own, which no benchmark scores.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from hub.matching.train import train
from hub.matching.weights import SHIPPED
from tests.bench.people import person_records

#: The seed of the training district; `tests.bench.matching` scores small numbers.
SEED = 1001


def main(arguments: list[str] | None = None) -> None:
    """Train on a district and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--version", default="2026.1")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    asked = parser.parse_args(arguments)
    records, _ = person_records(asked.people, asked.seed)
    weights = train(records, seed=asked.seed, version=asked.version)
    asked.out.write_text(weights.dump(), encoding="utf-8")


if __name__ == "__main__":
    main()
