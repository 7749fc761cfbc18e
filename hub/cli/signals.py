"""Commands for signals: what is new about the sources themselves."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from hub.cli.printing import Json, show, table

signal = typer.Typer(
    no_args_is_help=True, help="信号. News about sources: new columns, unknown words."
)

_SHOWN = ("signal_id", "source", "dataset", "column_name", "detail", "count", "at", "closed_by")


@signal.command("list")
def list_signals(
    of: Annotated[str | None, typer.Option("--source", help="Of one source only.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Of one dataset only.")] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Those that are closed.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    as_json: Json = False,
) -> None:
    """列出. List signals, newest first."""
    from hub.config import load_settings
    from hub.jobs.signals import read_signals
    from hub.store.source_reads import Asked

    asked = Asked(of, dataset, "closed" if closed else "open")
    found = read_signals(load_settings(), asked, limit)
    show({"signals": found}, as_json, _laid_out(found))


@signal.command("close")
def close(
    signal_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="Number of the signal.")],
    as_json: Json = False,
) -> None:
    """关闭. Close a signal that is known: it is not told again while the source goes on so."""
    from hub.config import load_settings
    from hub.jobs import signals as jobs

    closed = jobs.close(load_settings(), signal_id, getpass.getuser())
    show(closed, as_json, _laid_out([closed]))


def _laid_out(found: Iterable[Mapping[str, Any]]) -> Any:
    from hub.model import SIGNALS

    rows = ([SIGNALS[one["kind"]].zh, *(one[name] for name in _SHOWN)] for one in found)
    return table(("signal", *_SHOWN), rows)
