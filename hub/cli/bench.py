"""The command that measures: `hub bench`, with the benchmarks of a checkout."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer

import hub
from hub.cli.printing import Json, progress, show
from hub.errors import WrongUse

CHECKOUT = Path(hub.__file__).parents[1]
FOLDER = CHECKOUT / "tests" / "bench"


def bench(
    name: Annotated[str, typer.Argument(help="The benchmark, such as sync.")],
    people: Annotated[
        int, typer.Option(min=100, help="Residents of the invented district.")
    ] = 200_000,
    as_json: Json = False,
) -> None:
    """测速. Measure the hub beside the usual tools, on the same rows in one run."""
    from hub.config import load_settings

    known = {file.stem for file in FOLDER.glob("*.py") if "def measure(" in file.read_text()}
    if name not in known:
        there = f"there are {', '.join(sorted(known))}" if known else "they come with a checkout"
        raise WrongUse(f"there is no benchmark {name}; {there}")
    sys.path.insert(0, str(CHECKOUT))
    benchmark = importlib.import_module(f"tests.bench.{name}")
    folder = load_settings().home / "bench"
    with progress(f"bench {name}") as watch:
        said = benchmark.measure(folder, people, watch)
    show(said, as_json, *benchmark.tables(said))
