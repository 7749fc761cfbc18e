"""Commands that move records: sync, resolve, rebuild, export."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.printing import Json, progress, show, table, tell

if TYPE_CHECKING:
    from hub.jobs.resolve import Resolved
    from hub.jobs.sync import Synced
    from hub.store.batches import BatchRow

COUNTS = (
    "received",
    "accepted",
    "unchanged",
    "quarantined",
    "withdrawn",
    "repeated",
    "missing",
)
LEDGER = ("source", "dataset", "batch_id", *COUNTS, "held", "seconds")
RESOLVED = ("records", "entities", "created", "changed", "merged", "split", "review", "seconds")


def sync(
    sources: Annotated[list[str] | None, typer.Argument(help="All connected ones if none.")] = None,
    as_json: Json = False,
) -> None:
    """读取来源系统. Read sources to their end: extract, land, translate, validate, keep."""
    from hub.allocation import return_freed_memory
    from hub.config import load_settings
    from hub.jobs.sync import connected
    from hub.jobs.sync import sync as read

    return_freed_memory()
    settings = load_settings()
    if not sources and not connected(settings):
        tell("hub: no source is connected; hub source list shows them")
    with progress("sync") as watch:
        done = read(settings, sources or None, watch)
    document: dict[str, Any] = {
        "batches": [ledger(batch) for batch in done.batches],
        "seconds": round(done.seconds, 3),
    }
    document |= {"failures": done.failures} if done.failures else {}
    show(document, as_json, *_shown(done))
    for source, reason in done.failures.items():
        tell(f"hub: {source}: {reason}")
    if done.failures:
        raise typer.Exit(3)


def ledger(batch: BatchRow) -> dict[str, Any]:
    """Return a batch's line of the ledger."""
    return {name: getattr(batch, name) for name in LEDGER} | {"seconds": round(batch.seconds, 3)}


def _shown(done: Synced) -> list[Any]:
    if not done.batches:
        return [] if done.failures else ["没有新批次. Nothing new has come."]
    lines = (ledger(batch).values() for batch in done.batches)
    waiting = (
        f"批次 {batch.batch_id} 待处理 held: {batch.flaw}" for batch in done.batches if batch.held
    )
    received = sum(batch.received for batch in done.batches)
    return [
        table(LEDGER, lines, "台账 Ledger"),
        *waiting,
        f"{received} rows in {done.seconds:.1f} s",
    ]


def resolve(
    full: Annotated[
        bool, typer.Option("--full", help="Link everything, not what changed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """归并并发布. Link what changed, publish golden records and changes."""
    from hub.allocation import return_freed_memory
    from hub.config import load_settings
    from hub.jobs.resolve import resolve as link

    return_freed_memory()
    with progress("resolve") as watch:
        done = link(load_settings(), full=full, watch=watch)
    _show_resolved(done, as_json)


def rebuild(as_json: Json = False) -> None:
    """重建. Translate all landed rows again by today's rules, then link and publish everything."""
    from hub.allocation import return_freed_memory
    from hub.config import load_settings
    from hub.jobs.batches import rebuild as build

    return_freed_memory()
    with progress("rebuild") as watch:
        done = build(load_settings(), watch)
    _show_resolved(done, as_json)


def _show_resolved(done: Resolved, as_json: bool) -> None:
    said = asdict(done)
    document = {name: said[name] for name in RESOLVED} | {"seconds": round(done.seconds, 3)}
    show(document, as_json, table(RESOLVED, [list(document.values())], "归并 Resolved"))


def export(
    what: Annotated[str, typer.Argument(help="links, or a collection such as persons.")],
    file: Annotated[Path, typer.Option("--output", "-o", help="File to write.")],
    form: Annotated[str, typer.Option("--format", help="csv, ndjson or parquet.")] = "csv",
    purpose: Annotated[str, typer.Option(help="What personal fields are read for.")] = "steward",
    as_json: Json = False,
) -> None:
    """导出. Write links or golden records to a file.

    CSV of golden records puts an apostrophe before text that a spreadsheet would take for a
    formula; links, NDJSON and Parquet keep every character.
    """
    from hub.config import load_settings
    from hub.jobs.export import export as write

    with progress(f"export {what}") as watch:
        counted = lambda rows: watch(f"export {what}: {rows:,} rows")  # noqa: E731
        done = write(load_settings(), what, form, file, purpose=purpose, watch=counted)
    show(asdict(done), as_json, f"{done.rows} rows of {what} in {done.file}")
