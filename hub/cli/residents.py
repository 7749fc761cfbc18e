"""Commands for what residents ask about what is held of them."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.printing import Json, show, table, tell

request = typer.Typer(no_args_is_help=True, help="居民申请. A copy, a correction, an erasure.")

_SHOWN = ("request_id", "kind", "state", "entity_id", "due_on", "overdue")
Id = Annotated[int, typer.Argument(metavar="ID", min=1, help="Number of the request.")]
Person = Annotated[str | None, typer.Option("--person", help="Id of the person it is about.")]


@request.command("list")
def list_requests(
    state: Annotated[str | None, typer.Option(help="Such as received or verified.")] = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only those that should have been answered.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    as_json: Json = False,
) -> None:
    """列出. List requests, newest first."""
    from hub.config import load_settings
    from hub.errors import WrongUse
    from hub.jobs.residents import read_requests
    from hub.store.resident_requests import STATES, Asked

    known = next((one for one in STATES if one == state), None)
    if state is not None and known is None:
        raise WrongUse(f"states are {', '.join(STATES)}")
    found = read_requests(load_settings(), Asked(state=known), overdue=overdue, limit=limit)
    show({"resident_requests": found}, as_json, _laid_out(found))


@request.command("show")
def show_request(request_id: Id, as_json: Json = False) -> None:
    """查看. Show a request with its steps and what departments were asked."""
    from hub.config import load_settings
    from hub.jobs.residents import read_request

    said = read_request(load_settings(), request_id)
    asks = ([one[n] for n in ("source", "state", "due_on", "reason")] for one in said["asks"])
    show(
        said,
        as_json,
        _laid_out([said]),
        table(
            ("step", "by", "at", "reason"), (one.values() for one in said["steps"]), "办理 Steps"
        ),
        table(("source", "state", "due_on", "reason"), asks, "部门答复 Asked"),
    )


@request.command("receive")
def receive(
    kind: Annotated[str, typer.Argument(help="access or erasure; corrections by the API.")],
    said: Annotated[str, typer.Option(help="What is asked for, in the words of who asks.")],
    person: Person = None,
    as_json: Json = False,
) -> None:
    """受理. Write down what a resident asks for at the counter."""
    from hub.config import load_settings
    from hub.errors import WrongUse
    from hub.jobs import residents as jobs
    from hub.store.resident_requests import KINDS, Wish

    known = next((one for one in KINDS if one == kind), None)
    if known is None:
        raise WrongUse(f"kinds are {', '.join(KINDS)}")
    made = jobs.receive(load_settings(), Wish(known, said, entity_id=person), _by())
    show(made, as_json, _laid_out([made]))


@request.command("verify")
def verify(
    request_id: Id,
    checked: Annotated[str, typer.Option(help="How it was seen to who asks.")],
    person: Person = None,
    as_json: Json = False,
) -> None:
    """核验. Say how it was seen to that it is this person who asks."""
    from hub.store import resident_requests as store

    _step(
        "verify",
        lambda connection, step: store.verify(connection, request_id, checked, person, step),
        None,
        as_json,
    )


@request.command("answer")
def answer(
    request_id: Id,
    reason: Annotated[str | None, typer.Option(help="By which law a part is kept.")] = None,
    keep: Annotated[list[str] | None, typer.Option(help="A field that is not erased.")] = None,
    as_json: Json = False,
) -> None:
    """答复. Hand over the copy, enter the correction, or erase what the hub alone holds."""
    from hub.config import load_settings
    from hub.jobs import residents as jobs

    said = jobs.answer(load_settings(), request_id, _by(), reason, keep or [])
    show(said, as_json, _laid_out([said]))


@request.command("refuse")
def refuse(
    request_id: Id,
    reason: Annotated[str, typer.Option("--reason", help="Why; the resident is told.")],
    as_json: Json = False,
) -> None:
    """不予办理. Refuse a request with the reason that is owed."""
    from hub.store import resident_requests as store

    _step(
        "refuse",
        lambda connection, step: store.refuse(connection, request_id, step),
        reason,
        as_json,
    )


@request.command("copy")
def copy(
    request_id: Id,
    file: Annotated[Path, typer.Option("-o", "--output", help="The file that is written.")],
) -> None:
    """查阅. Write all that is held of the person, with who has read it, as JSON."""
    import orjson

    from hub.config import load_settings
    from hub.jobs.export import whole_file
    from hub.jobs.residents import read_copy

    said = read_copy(load_settings(), request_id, _by())
    with whole_file(file) as target:
        target.write(orjson.dumps(said, option=orjson.OPT_INDENT_2))
    tell(f"{file}: {len(said['served'])} fields")


def _step(name: str, take: Any, reason: str | None, as_json: bool) -> None:
    from hub.config import load_settings
    from hub.jobs.residents import take_step

    said = take_step(load_settings(), _by(), name, take, reason)
    show(said, as_json, _laid_out([said]))


def _by() -> str:
    return f"hub request ({getpass.getuser()})"


def _laid_out(found: Iterable[Mapping[str, Any]]) -> Any:
    return table(_SHOWN, ([one[name] for name in _SHOWN] for one in found))
