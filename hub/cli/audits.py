"""Commands for auditors: who did what, and whether the audit is as it was written."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.printing import Json, progress, show, table, tell

if TYPE_CHECKING:
    from hub.config import Settings

audit = typer.Typer(no_args_is_help=True, help="审计. Who read and wrote what; checking it.")

_SHOWN = ("at", "caller", "caller_name", "action", "purpose", "origin", "about")


def _settled() -> Settings:
    """Return the settings once the audit holds what was told before; say where it does not."""
    from hub.config import load_settings
    from hub.jobs import audit as jobs

    settings = load_settings()
    if left := jobs.settle(settings):
        tell(f"spools of running processes hold {left} more, not taken over yet: {settings.home}")
    return settings


@audit.command("verify")
def verify(
    roots: Annotated[
        Path | None, typer.Option(help="Daily roots as kept elsewhere; else those of HUB_HOME.")
    ] = None,
    as_json: Json = False,
) -> None:
    """校验. Say where a row was deleted, changed or reordered; exit code 3 if one was."""
    from hub.errors import WrongUse
    from hub.jobs import audit as jobs

    if roots is not None and not roots.exists():
        raise WrongUse(f"there is no file {roots}")
    settings = _settled()
    with progress("verify") as watch:
        faults = jobs.verify(settings, roots=roots, watch=watch)
    show({"faults": faults}, as_json, *(faults or ["every entry is as it was written"]))
    if faults:
        raise typer.Exit(3)


@audit.command("export")
def export(
    file: Annotated[Path, typer.Option("-o", "--output", help="Where to.")],
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="From this day on.")
    ] = None,
    as_json: Json = False,
) -> None:
    """导出. Write the audit to a file that outsiders can check with `hub audit script`."""
    from hub.jobs import audit as jobs

    entries = jobs.export(_settled(), file, since and since.date())
    show({"file": str(file), "entries": entries}, as_json, f"{entries} entries in {file}")


@audit.command("script")
def script() -> None:
    """校验脚本. Print the script that checks an export, with nothing but Python."""
    from hub import audit_check

    typer.echo(Path(audit_check.__file__).read_text(encoding="utf-8"), nl=False)


@audit.command("seal")
def seal(as_json: Json = False) -> None:
    """封存. Keep the root of each day that is over; print those that are new."""
    from hub.config import load_settings
    from hub.jobs import audit as jobs

    sealed = jobs.seal(load_settings())
    said = [{"day": str(one.day), "audit_id": one.audit_id, "hash": one.hash} for one in sealed]
    columns = ("day", "audit_id", "hash")
    show({"roots": said}, as_json, table(columns, (each.values() for each in said)))


@audit.command("who")
def who(
    entity_id: Annotated[str, typer.Argument(metavar="ID", help="Id of a golden record.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 100,
    as_json: Json = False,
) -> None:
    """谁看过. Tell who has looked at a resident, or any other record."""
    from hub.jobs import audit as jobs

    found = jobs.who(_settled(), entity_id, limit)
    rows = ([f"{each[name] or ''}" for name in _SHOWN] for each in found)
    show({"entries": found}, as_json, table(_SHOWN, rows))
