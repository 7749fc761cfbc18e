"""The command that shows the hub at work: `hub demo`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.printing import Json, progress, show, table
from hub.cli.resident import laid_out, read_golden
from hub.cli.users import demo_links
from hub.errors import ConfigError, SourceUnavailable
from hub.limits import LEAST_PEOPLE, MOST_PEOPLE

if TYPE_CHECKING:
    from hub.config import Settings
    from hub.running.up import Running


def demo(
    people: Annotated[
        int,
        typer.Option(min=LEAST_PEOPLE, max=MOST_PEOPLE, help="Residents of the invented district."),
    ] = 3000,
    real: Annotated[
        bool, typer.Option("--real", help="The real district's places instead, where at hand.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="End when all has been shown.")] = False,
    as_json: Json = False,
) -> None:
    """演示. Run everything over a demo district and its departments' systems, until ctrl-c."""
    from hub.config import load_settings
    from hub.running.up import up

    with progress("departments") as tell, _departments(people, real):
        settings = load_settings()
        with up(settings, tell=tell) as running:
            tell("the first runs of the DAGs")
            said = _shown(settings, running)
            show(said, as_json, *_laid_out(said))
            failed = [dag for dag, state in said["runs"].items() if state != "success"]
            if once and failed:
                raise SourceUnavailable(
                    f"runs of {', '.join(failed)} failed; see {said['airflow']}"
                )
            if not once:
                tell("running; ctrl-c ends it")
                with suppress(KeyboardInterrupt):
                    running.watch()


@contextmanager
def _departments(people: int, real: bool) -> Iterator[None]:
    """Run the departments' systems and let the settings point to them."""
    from hub.config import load_settings
    from hub.demo import Departments, district
    from hub.demo.real_district import FILES, RealDistrict

    folder = load_settings().home / "demo"
    if real and not FILES.exists():
        raise ConfigError(f"the real district is not at hand: there is no {FILES}")
    systems = RealDistrict(folder) if real else Departments(folder, district(people))
    with systems:
        os.environ.update(systems.environment())
        yield


def _shown(settings: Settings, running: Running) -> dict[str, Any]:
    from hub.database import engine
    from hub.jobs.sync import connected
    from hub.store.clients import add_client

    syncs = [f"sync_{source}" for source in connected(settings)]
    # Those of the night, too: the desk has something to show, and each DAG is seen to run.
    stages = (syncs, ["resolve"], ["audit", "deliver", "quality", "reconcile"])
    runs = [run for dags in stages for run in running.run_once(dags)]
    with engine(settings).begin() as connection:
        client_id, secret = add_client(connection, "demo", "admin")
        logins = demo_links(connection, settings, running.address)
    return {
        "address": running.address,
        "console": f"{running.address}/console",
        "client_id": client_id,
        "client_secret": secret,
        "logins": logins,
        "airflow": running.airflow.address,
        "airflow_user": running.airflow.user,
        "airflow_password": running.airflow.password,
        "runs": {run.dag: run.state for run in runs},
        "golden_record": _golden_record(settings, running.address, client_id, secret),
    }


def _golden_record(
    settings: Settings, address: str, client_id: str, secret: str
) -> dict[str, Any] | None:
    """Read the person that most sources speak of, or else any record, as a client would."""
    import httpx

    from hub.database import engine
    from hub.store.bulk_reads import best_known_person, fullest_street, most_witnessed

    with engine(settings).connect() as connection:
        # Somebody whom the demo's worker, who sees to that street, can look up as well.
        person = best_known_person(connection, fullest_street(connection))
        found = ("person", person) if person else most_witnessed(connection)
    if found is None:
        return None
    with httpx.Client(base_url=address, headers={"Hub-Purpose": "steward"}) as api:
        login = {"grant_type": "client_credentials"}
        token = api.post("/oauth/token", data=login, auth=(client_id, secret)).raise_for_status()
        api.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
        return read_golden(api, *found)


def _laid_out(said: dict[str, Any]) -> Iterator[Any]:
    if golden := said["golden_record"]:
        yield from laid_out(golden)
    yield table(("DAG", "state"), said["runs"].items())
    # What is needed next stands last, where a terminal shows it.
    for name in ("address", "client_id", "client_secret"):
        yield f"{name:18}{said[name]}"
    for name in ("airflow", "airflow_user", "airflow_password"):
        yield f"{name:18}{said[name]}"
    yield f"{'console':18}{said['console']}"
    yield "设置密码的链接，各用一次 Links to choose a password by, each good once:"
    for role, link in said["logins"].items():
        yield f"{'demo-' + role:18}{link}"
