"""Commands for what goes to the departments: sending, what became of it, sending again."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.printing import Json, show, table, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.config import Settings
    from hub.jobs.subscriptions import Told
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
    """回流. Send what is due to departments and subscribers; note what they have answered."""
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
    from hub.jobs.subscriptions import tell_subscribers

    done, told = send(settings), tell_subscribers(settings)
    return done.states + _messages(told), done.failures | told.failures


def _messages(told: Told) -> Counter[str]:
    return Counter({f"messages {what}": count for what, count in told.counts.items()})


def _followed(settings: Settings) -> tuple[Counter[str], dict[str, str]]:
    """Send until told to end; whoever does not answer keeps nobody else waiting."""
    from hub.jobs.deliver import deliver as send
    from hub.jobs.subscriptions import tell_subscribers

    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    states: Counter[str] = Counter()

    def departments() -> tuple[Counter[str], dict[str, str]]:
        done = send(settings)
        return done.states, done.failures

    def subscribers() -> tuple[Counter[str], dict[str, str]]:
        told = tell_subscribers(settings, ending=ending)
        return _messages(told), told.failures

    beside = threading.Thread(target=_go_on, args=(subscribers, ending, states))
    beside.start()
    try:
        _go_on(departments, ending, states)
    finally:
        ending.set()
        beside.join()
    return states, {}


def _go_on(
    step: Callable[[], tuple[Counter[str], dict[str, str]]],
    ending: threading.Event,
    states: Counter[str],
) -> None:
    """Do a step over and over; the failures of others, and of the database, pass by."""
    from hub.errors import Unavailable

    failing: dict[str, str] = {}
    while not ending.is_set():
        try:
            done, failures = step()
        except Unavailable as error:
            _tell_news(failing, {"hub": str(error)})
        else:
            states.update(done)
            _tell_news(failing, failures)
        ending.wait(PAUSE)


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
