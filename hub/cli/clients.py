"""Commands for systems that call the API: letting in, changing secrets and keys, shutting out."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from hub.cli.printing import Json, show, table

client = typer.Typer(no_args_is_help=True, help="接口客户端. Systems that may call the API.")

_CALLER = "hub client"
_SHOWN = ("client_id", "name", "role", "source", "created_at", "revoked_at", "former_until")

Id = Annotated[str, typer.Argument(metavar="ID", help="The client_id.")]


@client.command("add")
def add_client(
    name: Annotated[str, typer.Argument(help="What the client is called in lists and audits.")],
    role: Annotated[str, typer.Option(help="department, worker, steward, auditor or admin.")],
    of: Annotated[str | None, typer.Option("--source", help="The department's source.")] = None,
    as_json: Json = False,
) -> None:
    """新增客户端. Let a system in; its secret is printed once and kept nowhere."""
    from connectors import CONNECTORS
    from hub.config import load_settings
    from hub.database import engine
    from hub.errors import WrongUse
    from hub.store import clients

    if of is not None and of not in CONNECTORS:
        raise WrongUse(f"there is no source {of}; there are {', '.join(CONNECTORS)}")
    with engine(load_settings()).begin() as connection:
        client_id, secret = clients.add_client(connection, name, role, of)
    said = {"client_id": client_id, "client_secret": secret, "role": role, "source": of}
    show(said, as_json, f"client_id      {client_id}", f"client_secret  {secret}")


@client.command("list")
def list_clients(as_json: Json = False) -> None:
    """列出客户端. List the systems that may call, and those that no longer may."""
    from hub.config import load_settings
    from hub.database import engine
    from hub.store import clients

    with engine(load_settings()).connect() as connection:
        found = clients.list_clients(connection)
    show({"clients": found}, as_json, table(_SHOWN, (each.values() for each in found)))


@client.command("rotate")
def rotate(
    client_id: Id,
    hours: Annotated[float, typer.Option(min=0, help="The secret before counts so long.")] = 24,
    as_json: Json = False,
) -> None:
    """更换密钥. Print a new secret, once; the one before counts for a while yet."""
    from hub.config import load_settings
    from hub.database import engine
    from hub.store import clients
    from hub.store.audit import Entry, record

    with engine(load_settings()).begin() as connection:
        secret = clients.rotate(connection, client_id, timedelta(hours=hours))
        record(connection, Entry(_CALLER, "rotate", about=client_id))
    said = {"client_id": client_id, "client_secret": secret, "former_counts_hours": hours}
    show(said, as_json, f"client_id      {client_id}", f"client_secret  {secret}")


@client.command("revoke")
def revoke(client_id: Id, as_json: Json = False) -> None:
    """停用. Shut a system out; its tokens count no more within seconds."""
    from hub.config import load_settings
    from hub.database import engine
    from hub.errors import NotFound
    from hub.store import clients
    from hub.store.audit import Entry, record

    with engine(load_settings()).begin() as connection:
        if not clients.revoke(connection, client_id):
            raise NotFound("there is no such client, or it was shut out before")
        record(connection, Entry(_CALLER, "revoke", about=client_id))
    show({"client_id": client_id, "revoked": True}, as_json, f"{client_id} is shut out")


@client.command("rotate-key")
def rotate_key(as_json: Json = False) -> None:
    """更换签名密钥. Sign access tokens with a new key; those of the one before count yet."""
    from hub.config import load_settings
    from hub.database import engine
    from hub.store.audit import Entry, record
    from hub.web.keys import TokenKeys

    settings = load_settings()
    key = TokenKeys(settings.home).rotate()
    with engine(settings).begin() as connection:
        record(connection, Entry(_CALLER, "rotate key", about=key))
    show({"kid": key}, as_json, f"tokens are signed with {key}")
