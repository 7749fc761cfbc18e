"""Commands for those who look after the hub: sources, batches, the schema."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from hub.cli.flow import LEDGER, ledger
from hub.cli.printing import Json, progress, show, table, tell

source = typer.Typer(no_args_is_help=True, help="来源系统. The departments' systems.")
batch = typer.Typer(no_args_is_help=True, help="批次. Batches, and those held for a steward.")


@source.command("list")
def list_sources(as_json: Json = False) -> None:
    """列出来源. List the sources, whether they are connected, and their datasets."""
    from connectors import CONNECTORS
    from hub.config import load_settings
    from hub.jobs.sync import connected

    known = connected(load_settings())
    said: list[dict[str, Any]] = [
        {
            "source": name,
            "title": connector.title.zh,
            "connected": name in known,
            "datasets": [dataset.name for dataset in connector.datasets],
        }
        for name, connector in CONNECTORS.items()
    ]
    rows = ([*list(each.values())[:3], ", ".join(each["datasets"])] for each in said)
    columns = ("source", "title", "connected", "datasets")
    show({"sources": said}, as_json, table(columns, rows, "来源 Sources"))


@source.command("test")
def try_sources(
    names: Annotated[list[str] | None, typer.Argument(help="All connected ones if none.")] = None,
    as_json: Json = False,
) -> None:
    """测试连接. Try to reach sources with their settings; read nothing."""
    from hub.config import load_settings
    from hub.jobs.sync import connected

    known = connected(load_settings())
    failures: dict[str, str | None] = {}
    with progress("test") as watch:
        for name in names or known:
            watch(name)
            failures[name] = _answer(name, known)
    said = [{"source": name, "failure": failure} for name, failure in failures.items()]
    rows = [(each["source"], each["failure"] or "ok") for each in said]
    show({"sources": said}, as_json, table(("source", "answer"), rows))
    for name, failure in failures.items():
        if failure:
            tell(f"hub: {name}: {failure}")
    if any(failures.values()):
        raise typer.Exit(3)


def _answer(name: str, known: dict[str, Any]) -> str | None:
    from hub.errors import SourceUnavailable, WrongUse

    if name not in known:
        raise WrongUse(
            f"source {name} is not connected; connected are {', '.join(known) or 'none'}"
        )
    connector, said = known[name]
    try:
        connector.check(said)
    except SourceUnavailable as error:
        return str(error)
    return None


@batch.command("list")
def list_batches(
    of: Annotated[str | None, typer.Option("--source", help="Of one source only.")] = None,
    held: Annotated[bool, typer.Option("--held", help="Only those that wait.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    as_json: Json = False,
) -> None:
    """列出批次. List batches, newest first."""
    from hub.config import load_settings
    from hub.database import engine
    from hub.store.batches import find_batches

    with engine(load_settings()).connect() as connection:
        states = ["held"] if held else []
        found = find_batches(connection, source=of, states=states, limit=limit)
    said = [{**ledger(each), "state": each.state, "flaw": each.flaw} for each in found]
    columns = (*LEDGER, "state", "flaw")
    show({"batches": said}, as_json, table(columns, (each.values() for each in said)))


Id = Annotated[int, typer.Argument(metavar="ID", min=1, help="Number of the batch.")]
Reason = Annotated[str | None, typer.Option(help="Why; it is kept with the batch.")]


@batch.command("release")
def release_batch(batch_id: Id, reason: Reason = None, as_json: Json = False) -> None:
    """放行. Keep a held batch after all."""
    from hub.config import load_settings
    from hub.jobs.batches import release

    _decided(release(load_settings(), batch_id, _steward(), reason), as_json)


@batch.command("refuse")
def refuse_batch(batch_id: Id, reason: Reason = None, as_json: Json = False) -> None:
    """拒收. Put a held batch aside for good; the last good state stays."""
    from hub.config import load_settings
    from hub.jobs.batches import refuse

    _decided(refuse(load_settings(), batch_id, _steward(), reason), as_json)


def _decided(after: Any, as_json: bool) -> None:
    said = {**ledger(after), "state": after.state}
    show(said, as_json, table((*LEDGER, "state"), [said.values()]))


def _steward() -> str:
    return f"hub batch ({getpass.getuser()})"


def schema(
    record_type: Annotated[str | None, typer.Argument(help="Only this one.")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the files of schemas/published.")
    ] = False,
    as_json: Json = False,
) -> None:
    """公共字段. Show the record types and their public fields, or write what is published."""
    from hub import catalogue

    if write:
        found = {
            name: [f"{one.field} {one.what}" for one in differing]
            for name, differing in catalogue.compared().items()
        }
        touched = catalogue.write()
        lines = [f"{name}: {change}" for name, differing in found.items() for change in differing]
        fresh = ["schemas/published is fresh"]
        show({"written": touched, "changes": found}, as_json, *(touched or fresh), *lines)
    elif record_type is None:
        said = catalogue.catalogue()
        rows = (
            (each["name"], each["title_zh"], each["collection"], len(each["fields"]))
            for each in said["record_types"]
        )
        show(said, as_json, table(("record type", "名称", "collection", "fields"), rows))
    else:
        _show_type(record_type, as_json)


def _show_type(record_type: str, as_json: bool) -> None:
    from hub import catalogue
    from hub.errors import NotFound
    from schemas import MODELS

    if record_type not in MODELS:
        raise NotFound(f"there is no record type {record_type}; there are {', '.join(MODELS)}")
    said = catalogue.entry(MODELS[record_type])
    columns = ("code", "name", "title_zh", "format", "authority", "sharing", "level", "required")
    rows = ([each[column] for column in columns] for each in said["fields"])
    show(said, as_json, table(columns, rows, f"{said['title_zh']} {record_type}"))
