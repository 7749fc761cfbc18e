"""Commands about the keys that identity numbers are sealed by."""

from __future__ import annotations

from dataclasses import asdict

import typer

from hub.cli.printing import Json, show

key = typer.Typer(no_args_is_help=True, help="密钥. The keys that identity numbers are sealed by.")


@key.command("rotate")
def rotate(as_json: Json = False) -> None:
    """换新. Make a key that seals from now on; what older ones sealed still opens."""
    from hub.config import load_settings
    from hub.jobs import keys

    settings = load_settings()
    made = keys.rotate(settings)
    show({"key": made}, as_json, f"key {made} in {settings.key_file}: keep a copy elsewhere")


@key.command("reseal")
def reseal(as_json: Json = False) -> None:
    """重封. Seal by the newest key whatever older ones sealed, or nothing has."""
    from hub.config import load_settings
    from hub.jobs import keys

    done = keys.reseal(load_settings())
    lines = f"{done.rows} rows and {done.entries} quarantine entries sealed anew by {done.key}"
    show(asdict(done), as_json, lines)
