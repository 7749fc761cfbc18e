"""What commands show: results on standard output, progress on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

#: Tables keep their columns where nobody looks: in a file or a pipe.
WIDE = 200


def show(document: Mapping[str, Any], as_json: bool, *tables: Any) -> None:
    """Print a result once: as JSON if asked for, else as the tables and texts given."""
    if as_json:
        # Whoever reads a pipe waits for it, and the command may go on (`hub serve`).
        print(json.dumps(document, ensure_ascii=False, default=str), flush=True)  # noqa: T201
        return
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    for table in tables:
        console.print(table)


def table(columns: Sequence[str], rows: Iterable[Iterable[object]], title: str = "") -> Any:
    """Lay out rows; numbers stand to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    listed = [list(row) for row in rows]
    laid_out = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left")
    for place, column in enumerate(columns):
        numbers = bool(listed) and all(isinstance(row[place], int | float) for row in listed)
        laid_out.add_column(column, justify="right" if numbers else "left")
    for row in listed:
        laid_out.add_row(*(Text(_text(cell)) for cell in row))
    return laid_out


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else ""
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def tell(line: str) -> None:
    """Print a line for people on standard error."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def progress(beginning: str) -> Iterator[Callable[[object], None]]:
    """Show what is being done, where somebody is looking; give the function that says it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (BarColumn(bar_width=24), TextColumn("{task.description}"), TimeElapsedColumn())
    shown = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task(beginning, total=None)
        yield lambda word: bar.update(task, description=str(word))
