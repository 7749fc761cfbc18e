"""The command that measures: `hub bench`, with the benchmarks of a checkout."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

import hub
from hub.cli.printing import Json, progress, show
from hub.errors import WrongUse
from hub.limits import LEAST_PEOPLE, MOST_PEOPLE

CHECKOUT = Path(hub.__file__).parents[1]
FOLDER = CHECKOUT / "tests" / "bench"

#: What is measured, unless a benchmark has its own `DEFAULTS` or something else is asked for.
DEFAULTS = {"people": 200_000}


def bench(
    name: Annotated[str, typer.Argument(help="The benchmark, such as sync.")],
    people: Annotated[
        int | None,
        typer.Option(
            min=LEAST_PEOPLE,
            max=MOST_PEOPLE,
            help="Residents of the invented district.",
            show_default="its own",
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            min=1, max=100, help="Districts, where one is not enough.", show_default="its own"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """测速. Measure the hub beside the usual tools, on the same rows in one run."""
    from hub.config import load_settings

    benchmark = _benchmark(name)
    defaults = getattr(benchmark, "DEFAULTS", DEFAULTS)
    asked = {"people": people, "seeds": seeds}
    given = {option: value for option, value in asked.items() if value is not None}
    if strange := given.keys() - defaults.keys():
        raise WrongUse(f"bench {name} takes no --{', --'.join(strange)}")
    folder = load_settings().home / "bench"
    with progress(f"bench {name}") as watch:
        said = benchmark.measure(folder, watch=watch, **(defaults | given))
    show(said, as_json, *benchmark.tables(said))


def _benchmark(name: str) -> ModuleType:
    known = {file.stem for file in FOLDER.glob("*.py") if "\ndef measure(" in file.read_text()}
    if name not in known:
        there = f"there are {', '.join(sorted(known))}" if known else "they come with a checkout"
        raise WrongUse(f"there is no benchmark {name}; {there}")
    sys.path.insert(0, str(CHECKOUT))
    return importlib.import_module(f"tests.bench.{name}")
