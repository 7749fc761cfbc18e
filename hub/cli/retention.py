"""Commands for what is kept: how long, why, and disposing of what is over."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hub.cli.printing import Json, progress, show, table

retention = typer.Typer(no_args_is_help=True, help="保存期限. What is kept how long, and its end.")


@retention.command("list")
def list_periods(as_json: Json = False) -> None:
    """列出. List what is kept, for how many days, and why."""
    from hub.jobs.retention import periods

    rows = [(one.name, one.title.zh, one.title.en, one.days, one.why) for one in periods()]
    columns = ("name", "内容", "what", "days", "why")
    document = [{"name": n, "zh": zh, "en": en, "days": d, "why": w} for n, zh, en, d, w in rows]
    show({"retention": document}, as_json, table(columns, rows))


@retention.command("run")
def run(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count what would be disposed of.")
    ] = False,
    as_json: Json = False,
) -> None:
    """处置. Dispose of what ended grants delivered, and of what was kept long enough."""
    from hub.config import load_settings
    from hub.jobs import retention as jobs

    settings = load_settings()
    if dry_run:
        found = jobs.due(settings)
    else:
        with progress("retention") as say:
            found = jobs.run(settings, say)
    rows = [asdict(one) for one in found]
    show({"disposed": rows}, as_json, table(("name", "count"), (row.values() for row in rows)))
