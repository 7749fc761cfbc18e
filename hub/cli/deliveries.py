"""Commands for what goes to the departments: sending, what became of it, sending again."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.printing import Json, show, table, tell

if TYPE_CHECKING:
    from hub.config import Settings
    from hub.store.deliveries import DeliveryRow

delivery = typer.Typer(no_args_is_help=True, help="回流. Changes on their way to the departments.")

#: How long `--follow` rests between two looks.
PAUSE = 1.0
_COLUMNS = (
    *("delivery_id", "source", "dataset", "key", "fields", "state"),
    *("reason", "owner", "attempts", "due_at", "at"),
)


def deliver(
    follow: Annotated[bool, typer.Option("--follow", help="Go on until interrupted.")] = False,
    as_json: Json = False,
) -> None:
    """回流. Send what is due to the departments, and note what they have answered."""
    from hub.config import load_settings

    settings = load_settings()
    states, failures = _followed(settings) if follow else _once(settings)
    document = {"states": dict(states), "failures": failures}
    lines = (f"{state} {count}" for state, count in sorted(states.items()))
    show(document, as_json, "，".join(lines) or "没有待回流的变更. Nothing is due.")
    for source, reason in failures.items():
        tell(f"hub: {source}: {reason}")
    if failures and not follow:
        raise typer.Exit(3)


def _once(settings: Settings) -> tuple[Counter[str], dict[str, str]]:
    from hub.jobs.deliver import deliver as send

    done = send(settings)
    return done.states, done.failures


def _followed(settings: Settings) -> tuple[Counter[str], dict[str, str]]:
    """Send until told to end; the departments' and the database's failures pass by."""
    from hub.errors import Unavailable
    from hub.jobs.deliver import deliver as send

    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    states: Counter[str] = Counter()
    failing: dict[str, str] = {}
    while not ending.is_set():
        try:
            done = send(settings)
        except Unavailable as error:
            done = None
            _tell_news(failing, {"hub": str(error)})
        if done is not None:
            states += done.states
            _tell_news(failing, done.failures)
        ending.wait(PAUSE)
    return states, {}


def _tell_news(failing: dict[str, str], now: dict[str, str]) -> None:
    """Tell of failures that were not there a moment ago."""
    for source, reason in now.items():
        if failing.get(source) != reason:
            tell(f"hub: {source}: {reason}")
    failing.clear()
    failing.update(now)


@delivery.command("list")
def list_deliveries(
    of: Annotated[str | None, typer.Option("--source", help="To one source only.")] = None,
    state: Annotated[list[str] | None, typer.Option(help="In these states only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    as_json: Json = False,
) -> None:
    """列出回流. List deliveries, newest first; no values are shown."""
    from hub.config import load_settings
    from hub.database import engine
    from hub.errors import WrongUse
    from hub.store import deliveries

    unknown = set(state or ()) - set(deliveries.STATES)
    if unknown:
        raise WrongUse(
            f"there is no state {min(unknown)}; there are {', '.join(deliveries.STATES)}"
        )
    with engine(load_settings()).connect() as connection:
        found = deliveries.list_deliveries(
            connection, source=of, states=state or (), kind=None, limit=limit
        )
    said = [_line(row) for row in found]
    show({"deliveries": said}, as_json, table(_COLUMNS, (each.values() for each in said)))


def _line(row: DeliveryRow) -> dict[str, Any]:
    said = {name: getattr(row, name) for name in _COLUMNS if name != "fields"}
    return {name: said.get(name, ", ".join(sorted(row.values))) for name in _COLUMNS}


@delivery.command("replay")
def replay(
    delivery_ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="These; else all that are dead.")
    ] = None,
    of: Annotated[str | None, typer.Option("--source", help="To one source only.")] = None,
    as_json: Json = False,
) -> None:
    """重新回流. Queue dead deliveries again, or those named, however they ended."""
    from hub.config import load_settings
    from hub.errors import NotFound
    from hub.jobs.deliver import replay as queue_again

    done = queue_again(load_settings(), delivery_ids or None, of)
    missing = set(delivery_ids or ()) - set(done)
    if missing:
        raise NotFound(f"{len(missing)} of these deliveries cannot be sent again")
    show({"queued": done}, as_json, f"重新排队 queued again: {len(done)}")
