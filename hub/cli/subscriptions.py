"""Commands for subscriptions: who is told of changes, disabling, enabling, sending again."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hub.cli.printing import Json, show, table

subscription = typer.Typer(no_args_is_help=True, help="订阅. Addresses that are told of changes.")

_CALLER = "hub subscription"
_SHOWN = (
    *("subscription_id", "client_id", "url", "state", "reason", "attempts"),
    *("failing_since", "due_at", "sent_at", "epoch", "seq"),
)

Id = Annotated[str, typer.Argument(metavar="ID", help="The subscription.")]


@subscription.command("list")
def list_subscriptions(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    as_json: Json = False,
) -> None:
    """列出订阅. List subscriptions, newest first; no secret is shown."""
    from hub.config import load_settings
    from hub.database import engine
    from hub.store import subscriptions

    with engine(load_settings()).connect() as connection:
        found = subscriptions.list_subscriptions(connection, limit=limit)
    said = [{name: getattr(one, name) for name in _SHOWN} for one in found]
    show({"subscriptions": said}, as_json, table(_SHOWN, (each.values() for each in said)))


@subscription.command("disable")
def disable(subscription_id: Id, as_json: Json = False) -> None:
    """停用. Send nothing there any more; what comes meanwhile waits."""
    _changed(subscription_id, as_json, "disable", state="disabled")


@subscription.command("enable")
def enable(subscription_id: Id, as_json: Json = False) -> None:
    """启用. Send again, from where it stopped."""
    _changed(subscription_id, as_json, "enable", state="active")


@subscription.command("replay")
def replay(subscription_id: Id, as_json: Json = False) -> None:
    """重新发送. Send all changes that are kept again."""
    from hub.config import load_settings
    from hub.database import engine
    from hub.store.feed_reads import first_position

    with engine(load_settings()).connect() as connection:
        first = first_position(connection)
    _changed(subscription_id, as_json, "replay", epoch=first.epoch, seq=first.seq)


def _changed(subscription_id: str, as_json: bool, action: str, **said: Any) -> None:
    from hub.config import load_settings
    from hub.database import engine
    from hub.store import subscriptions
    from hub.store.audit import Entry, record

    with engine(load_settings()).begin() as connection:
        done = subscriptions.change_subscription(connection, subscription_id, None, said)
        about = f"subscription {subscription_id}"
        record(connection, Entry(_CALLER, f"{action} subscription", about=about))
    told = {name: getattr(done, name) for name in _SHOWN}
    show(told, as_json, table(_SHOWN, [told.values()]))
