"""Commands for those who let people in: accounts, and the links by which they set passwords."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.printing import Json, show, table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hub.config import Settings
    from hub.store.users import Account

user = typer.Typer(no_args_is_help=True, help="用户. People who log in.")

Name = Annotated[str, typer.Argument(help="The name the person logs in with.")]

_CALLER = "hub user"
_SHOWN = ("name", "role", "source", "areas", "has_password", "locked_until", "disabled_at")


@user.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="department, worker, steward, auditor or admin.")],
    area: Annotated[
        list[str] | None, typer.Option(help="Code of a street, community or grid of theirs.")
    ] = None,
    of: Annotated[str | None, typer.Option("--source", help="An officer's department.")] = None,
    as_json: Json = False,
) -> None:
    """新增用户. Let a person in; print the link by which they set a password, once."""
    from connectors import CONNECTORS
    from hub.config import load_settings
    from hub.errors import WrongUse
    from hub.store import users

    if of is not None and of not in CONNECTORS:
        raise WrongUse(f"there is no source {of}; there are {', '.join(CONNECTORS)}")
    settings = load_settings()
    with _told(settings, f"add {role}") as connection:
        account = users.add_account(connection, name, role, source=of, areas=area or ())
        link = settings.welcome(users.new_link(connection, account))
    said = {"id": account.account_id, "name": name, "role": role, "source": of}
    _show_link({**said, "areas": area or [], "link": link}, as_json)


@user.command("list")
def list_users(as_json: Json = False) -> None:
    """列出用户. List people, and how they are let in."""
    from hub.config import load_settings
    from hub.database import engine
    from hub.store import users

    with engine(load_settings()).connect() as connection:
        found = users.list_accounts(connection)
    rows = ([_cell(each[name]) for name in _SHOWN] for each in found)
    show({"users": found}, as_json, table(_SHOWN, rows))


@user.command("disable")
def disable(name: Name, as_json: Json = False) -> None:
    """停用. Shut a person out, wherever they are logged in."""
    from hub.config import load_settings
    from hub.store import users

    with _told(load_settings(), "disable") as connection:
        users.disable(connection, users.get_by_name(connection, name))
    show({"name": name, "disabled": True}, as_json, f"{name} is shut out")


@user.command("link")
def link(name: Name, as_json: Json = False) -> None:
    """重发链接. Print a new link for a new password; links before it count no more."""
    from hub.config import load_settings
    from hub.store import users

    settings = load_settings()
    with _told(settings, "link") as connection:
        account = users.get_by_name(connection, name)
        made = settings.welcome(users.new_link(connection, account))
    _show_link({"name": name, "link": made}, as_json)


def demo_links(connection: Connection, settings: Settings, address: str) -> dict[str, str]:
    """Return a link for one of each role of the demo's people; who is missing is added.

    The worker's street is the one where most people live: elsewhere there may be nobody to see to.
    """
    from hub.store import users
    from hub.store.bulk_reads import fullest_street

    street = fullest_street(connection)

    def account(role: str) -> Account:
        name, areas = f"demo-{role}", [street] if street and role == "worker" else []
        found = users.find_by_name(connection, name)
        return found or users.add_account(connection, name, role, areas=areas)

    return {
        role: settings.welcome(users.new_link(connection, account(role)), address)
        for role in ("worker", "steward", "auditor", "admin")
    }


@contextmanager
def _told(settings: Settings, what: str) -> Iterator[Connection]:
    """Open a transaction over which an account is changed; the audit is told."""
    from hub.database import engine
    from hub.store.audit import Entry, record

    with engine(settings).begin() as connection:
        yield connection
        record(connection, Entry(_CALLER, "account", about=what))


def _show_link(said: dict[str, Any], as_json: bool) -> None:
    lines = (f"{name:8}{_cell(value)}" for name, value in said.items() if value)
    show(said, as_json, *lines, "the link counts once, for 24 hours")


def _cell(value: object) -> object:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return value
