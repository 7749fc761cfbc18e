"""Commands for sharing: requests with their statutory periods, grants, and where callers work."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from hub.cli.printing import Json, show, table

share = typer.Typer(no_args_is_help=True, help="共享申请. Share requests and their periods.")
grant = typer.Typer(no_args_is_help=True, help="授权. What callers may read beyond their role.")

_SHOWN = ("request_id", "client_id", "state", "conditional", "received_on", "due_on", "overdue")
_GRANTED = ("grant_id", "request_id", "client_id", "state", "collection", "since", "until")

Id = Annotated[int, typer.Argument(metavar="ID", min=1, help="Number of the request.")]
Why = Annotated[str, typer.Option("--reason", help="Why; the asking side is told.")]
MayWhy = Annotated[str | None, typer.Option("--reason", help="Why.")]


@share.command("list")
def list_shares(
    state: Annotated[str | None, typer.Option(help="Such as asked, approved, delivered.")] = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only those whose period has run out.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    as_json: Json = False,
) -> None:
    """列出. List share requests, newest first."""
    from hub.config import load_settings
    from hub.errors import WrongUse
    from hub.jobs.sharing import read_requests
    from hub.store.share_requests import STATES

    if state is not None and state not in STATES:
        raise WrongUse(f"states are {', '.join(STATES)}")
    found = read_requests(load_settings(), state=state, overdue=overdue, limit=limit)
    show({"share_requests": found}, as_json, _laid_out(found))


@share.command("show")
def show_share(request_id: Id, as_json: Json = False) -> None:
    """查看. Show a share request with its steps and grants."""
    from hub.config import load_settings
    from hub.jobs.sharing import read_request

    said = read_request(load_settings(), request_id)
    steps = [step.values() for step in said["steps"]]
    stated = ([name, said[name]] for name in ("wanted", "masked", "area", "purposes", "basis"))
    show(
        said,
        as_json,
        _laid_out([said]),
        table(("part", "stated"), stated),
        table(("step", "by", "at", "reason"), steps, "办理 Steps"),
        _grants(said["grants"]),
    )


@share.command("approve")
def approve(request_id: Id, reason: MayWhy = None, as_json: Json = False) -> None:
    """同意. Grant what is asked for."""
    from hub.store.share_requests import approve as take

    _step(request_id, "approve", take, reason, as_json)


@share.command("refuse")
def refuse(request_id: Id, reason: Why, as_json: Json = False) -> None:
    """不同意. Refuse a request with the reason that is owed."""
    from hub.store.share_requests import refuse as take

    _step(request_id, "refuse", take, reason, as_json)


@share.command("extend")
def extend(
    request_id: Id,
    reason: Why,
    days: Annotated[int, typer.Option(min=1, max=10, help="Working days.")] = 10,
    as_json: Json = False,
) -> None:
    """延期. Take up to 10 working days more for the answer to a conditional request, once."""
    from hub.store import share_requests as store

    _step(
        request_id,
        "extend",
        lambda connection, number, step: store.extend(connection, number, days, step),
        reason,
        as_json,
    )


@share.command("return")
def give_back(
    request_id: Id,
    missing: Annotated[list[str], typer.Option("--missing", help="Each thing that is missing.")],
    as_json: Json = False,
) -> None:
    """补正. Tell once all that is missing."""
    from hub.store import share_requests as store

    _step(
        request_id,
        "return",
        lambda connection, number, step: store.tell_missing(connection, number, missing, step),
        None,
        as_json,
    )


@share.command("deliver")
def deliver(request_id: Id, as_json: Json = False) -> None:
    """已提供. Say that the asking side has what it asked for."""
    from hub.store.share_requests import deliver as take

    _step(request_id, "deliver", take, None, as_json)


@share.command("revoke")
def revoke_share(request_id: Id, reason: Why, as_json: Json = False) -> None:
    """终止. End all grants of a request."""
    from hub.store.share_requests import revoke_request

    _step(request_id, "revoke", revoke_request, reason, as_json)


def _step(request_id: int, name: str, take: Any, reason: str | None, as_json: bool) -> None:
    from hub.config import load_settings
    from hub.jobs.sharing import take_step

    said = take_step(load_settings(), request_id, _by("share"), name, take, reason)
    show(said, as_json, _laid_out([said]))


@grant.command("list")
def list_grants(
    client_id: Annotated[str | None, typer.Option("--client", help="Of one caller only.")] = None,
    in_force: Annotated[
        bool, typer.Option("--in-force", help="Only those that count now.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    as_json: Json = False,
) -> None:
    """列出. List grants, newest first."""
    from hub.config import load_settings
    from hub.jobs.sharing import read_grants

    state = "in force" if in_force else None
    found = read_grants(load_settings(), client_id=client_id, state=state, limit=limit)
    show({"grants": found}, as_json, _grants(found))


@grant.command("revoke")
def revoke(
    grant_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="Number of the grant.")],
    reason: Why,
    as_json: Json = False,
) -> None:
    """撤销. End a grant before its time: nothing is read by it any more."""
    from hub.config import load_settings
    from hub.jobs import sharing as jobs

    said = jobs.revoke(load_settings(), grant_id, _by("grant"), reason)
    show(said, as_json, _grants([said]))


@grant.command("area")
def area(
    client_id: Annotated[str, typer.Argument(help="A worker or a street office.")],
    grid: Annotated[list[str] | None, typer.Option(help="Code of a grid.")] = None,
    community: Annotated[list[str] | None, typer.Option(help="Code of a community.")] = None,
    street: Annotated[list[str] | None, typer.Option(help="Code of a street.")] = None,
    as_json: Json = False,
) -> None:
    """辖区. Say where a caller works; without a code, everywhere."""
    from hub.config import load_settings
    from hub.jobs.sharing import limit_area

    codes = {"grids": grid or [], "communities": community or [], "streets": street or []}
    said = limit_area(load_settings(), client_id, codes, _by("grant"))
    show(said, as_json, table(("client_id", "area"), [said.values()]))


def _by(command: str) -> str:
    return f"hub {command} ({getpass.getuser()})"


def _laid_out(found: Iterable[Mapping[str, Any]]) -> Any:
    return table(_SHOWN, ([one[name] for name in _SHOWN] for one in found))


def _grants(found: Iterable[Mapping[str, Any]]) -> Any:
    rows = ([*(one[name] for name in _GRANTED), ", ".join(one["fields"])] for one in found)
    return table((*_GRANTED, "fields"), rows)
