"""The commands put together, and what any end of a command means to its caller.

Exit codes: 0 done; 2 wrong use or a wrong setting; 3 a source, the database or the hub failed.
"""

from __future__ import annotations

import os
import secrets
import sys
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import typer

from hub.cli import (
    audits,
    bench,
    clients,
    deliveries,
    flow,
    keys,
    matches,
    quarantine,
    residents,
    retention,
    running,
    sharing,
    showing,
    signals,
    stewards,
    subscriptions,
    users,
    weights,
)
from hub.cli.printing import tell
from hub.errors import HubError

WRONG_USE, FAILED, INTERRUPTED = 2, 3, 130

app = typer.Typer(
    name="hub",
    help="区级人房地数据枢纽. One golden record of each resident, home and street lamp.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    *(showing.demo, running.up, running.migrate, running.serve, running.libraries),
    *(flow.sync, flow.resolve, flow.export, flow.rebuild, stewards.schema, bench.bench),
    deliveries.deliver,
)
for command in COMMANDS:
    app.command()(command)
for name in ("source", "batch"):
    app.add_typer(getattr(stewards, name), name=name)
app.add_typer(clients.client, name="client")
app.add_typer(users.user, name="user")
app.add_typer(deliveries.delivery, name="delivery")
app.add_typer(subscriptions.subscription, name="subscription")
app.add_typer(quarantine.quarantine, name="quarantine")
app.add_typer(signals.signal, name="signal")
app.add_typer(sharing.share, name="share")
app.add_typer(sharing.grant, name="grant")
app.add_typer(residents.request, name="request")
app.add_typer(weights.match, name="match")
app.add_typer(matches.judgement, name="judgement")
app.add_typer(audits.audit, name="audit")
app.add_typer(keys.key, name="key")
app.add_typer(retention.retention, name="retention")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    sys.exit(_run(sys.argv[1:] if arguments is None else list(arguments)))


def _run(arguments: list[str]) -> int:
    try:
        return app(arguments, prog_name="hub", standalone_mode=False) or 0
    except typer.TyperException as error:
        return _wrong_use(error)
    except HubError as error:
        tell(f"hub: {error}")
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough; there is nowhere left to write to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        tell(f"hub: {_failure(error)}")
        return FAILED


def _wrong_use(error: typer.TyperException) -> int:
    message = error.format_message()
    context = getattr(error, "ctx", None)
    if message.startswith("Usage:") or "\n" in message:
        tell(message)
    else:
        path = context.command_path if context else "hub"
        tell(f"hub: {message.rstrip('.')}; see {path} --help")
    return WRONG_USE


def _failure(error: Exception) -> str:
    """Say in one line that something nobody expected has happened, and log where."""
    reference = secrets.token_hex(4)
    log = Path(os.environ.get("HUB_HOME", ".hub")).expanduser() / "logs" / "hub.log"
    # Where it failed, not what the error says: that may quote a row.
    places = "".join(traceback.format_tb(error.__traceback__))
    said = (
        f"{datetime.now().astimezone():%Y-%m-%dT%H:%M:%S%z} {reference} {_names(error)}\n{places}"
    )
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as lines:
            lines.write(said)
    except OSError:
        return f"{_names(error)} (and {log} cannot be written)"
    return f"unexpected {_names(error)}; reference {reference} in {log}"


def _names(error: BaseException) -> str:
    cause = error.__cause__ or error.__context__
    return type(error).__name__ + (f" from {type(cause).__name__}" if cause else "")
