"""Commands for the quarantine: what is in it, and what departments should mend."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.printing import Json, show, table

quarantine = typer.Typer(no_args_is_help=True, help="隔离区. Records and values that broke a rule.")

Source = Annotated[str | None, typer.Option("--source", help="Of one source only.")]
_SHOWN = ("source", "dataset", "key", "field", "rule", "fate", "opened_at", "released_at")


@quarantine.command("count")
def count(
    by: Annotated[
        str, typer.Option(help="Any of source, dataset, record_type, field, rule, fate; commas.")
    ] = "source,dataset,field,rule,fate",
    as_json: Json = False,
) -> None:
    """统计. Count open entries, the most first."""
    from hub.config import load_settings
    from hub.jobs.quarantine import count_quarantine

    names = [name.strip() for name in by.split(",") if name.strip()]
    counts = count_quarantine(load_settings(), names)
    columns = (*names, "entries", "keys", "since")
    rows = [(*one.aspects, one.entries, one.keys, one.since) for one in counts]
    said = [dict(zip(columns, row, strict=True)) for row in rows]
    show({"counts": said}, as_json, table(columns, rows, "隔离区 Quarantine"))


@quarantine.command("list")
def list_entries(
    of: Source = None,
    dataset: Annotated[str | None, typer.Option(help="Of one dataset only.")] = None,
    rule: Annotated[str | None, typer.Option(help="Such as citizen_id.checksum.")] = None,
    field: Annotated[str | None, typer.Option(help="Such as contact_phone.")] = None,
    fate: Annotated[str | None, typer.Option(help="quarantine, blank or warn.")] = None,
    released: Annotated[bool, typer.Option("--released", help="Those mended since.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    as_json: Json = False,
) -> None:
    """列出. List entries, newest first; what was said stays in the hub."""
    from hub.config import load_settings
    from hub.jobs.quarantine import read_quarantine
    from hub.store.source_reads import Asked

    asked = Asked(of, dataset, "released" if released else "open", rule, field, fate)
    found = read_quarantine(load_settings(), asked, limit)
    said: list[dict[str, Any]] = [{name: one[name] for name in _SHOWN} for one in found]
    show({"entries": said}, as_json, table(_SHOWN, (each.values() for each in said)))


@quarantine.command("export")
def export(
    source: Annotated[str, typer.Argument(help="Whose list it is.")],
    file: Annotated[Path, typer.Option("-o", "--output", help="The workbook to write.")],
    warnings: Annotated[
        bool, typer.Option("--warnings", help="With values that are only doubted.")
    ] = False,
    as_json: Json = False,
) -> None:
    """导出待整改清单. Write what a department should mend, with what it said, as a workbook."""
    from hub.config import load_settings
    from hub.jobs.quarantine import export_quarantine

    done = export_quarantine(load_settings(), source, file, warnings=warnings)
    said = {"source": done.source, "file": done.file, "entries": dict(done.entries)}
    show(said, as_json, table(("dataset", "entries"), done.entries.items(), done.file))
