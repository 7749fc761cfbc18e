"""Everything that `hub up` starts, in its order, and where it is to be found."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import ProgrammingError

from hub.config import PREFIX, Settings
from hub.database import checked_url, database_url, engine, execute
from hub.errors import ConfigError, Unavailable
from hub.postgres import embedded_url, release
from hub.running.airflow import DAGS, ENDED, Airflow, NoAnswer, Run, environment
from hub.running.group import Group, until_told
from hub.store.migrations import migrate

METADATA = "airflow"
AIRFLOW = (sys.executable, "-m", "airflow")
READY_WITHIN = 300.0
PARTS = ("api-server", "scheduler --skip-serve-logs", "dag-processor")


@dataclass(frozen=True)
class Running:
    """A hub that runs: its addresses, and what its DAGs have done."""

    address: str
    airflow: Airflow
    group: Group

    def run_once(self, dags: Sequence[str], within: float = 900) -> list[Run]:
        """Have each of the DAGs run now; return the runs when all have ended."""
        self.group.until(lambda: self._known() >= set(dags), READY_WITHIN, "the DAGs")
        # Begun before they are switched on, so that nothing comes before them.
        begun = {(dag, self.airflow.trigger(dag)) for dag in dags}
        self.airflow.switch_on(sorted(self._known()))
        ours: list[Run] = []

        def ended() -> bool:
            ours[:] = [run for run in self._runs() if (run.dag, run.run) in begun]
            return len(ours) == len(begun) and all(run.state in ENDED for run in ours)

        self.group.until(ended, within, "the runs of the DAGs")
        return sorted(ours, key=lambda run: run.dag)

    def _known(self) -> frozenset[str]:
        with suppress(NoAnswer):
            return self.airflow.dags()
        return frozenset()

    def _runs(self) -> list[Run]:
        with suppress(NoAnswer):
            return self.airflow.runs()
        return []

    def watch(self) -> None:
        """Stay until ctrl-c; raise Unavailable when one of the processes ends by itself."""
        self.group.until(lambda: False, float("inf"), "ctrl-c")


@contextmanager
def up(
    settings: Settings, *, dags: Path = DAGS, tell: Callable[[str], None] = lambda _: None
) -> Iterator[Running]:
    """Run database, API and Airflow for a block of code; leaving it ends every process.

    ``tell`` is called with a word about each step. ctrl-c and SIGTERM leave the block.
    """
    port = _port(settings, "port")
    airflow_port = _port(settings, "airflow_port")
    try:
        with until_told(), Group(settings.home) as group:
            tell("PostgreSQL")
            theirs = environment(settings.home, airflow_url(settings), airflow_port, dags)
            theirs |= settings.environment()
            tell("migrations")
            group.begin("airflow-migrate", [*AIRFLOW, "db", "migrate"], theirs)
            migrate(engine(settings))
            group.finish("airflow-migrate")
            tell("API and Airflow")
            ours = settings.environment()
            # The console leads to Airflow's runs.
            ours.setdefault(f"{PREFIX}AIRFLOW_ADDRESS", f"http://127.0.0.1:{airflow_port}")
            _start(group, ours, theirs, port)
            with closing(Airflow(settings.home, airflow_port)) as airflow:
                running = Running(f"{settings.scheme}://127.0.0.1:{port}", airflow, group)
                group.until(lambda: _is_ready(running.address), READY_WITHIN, "the API")
                group.until(airflow.is_up, READY_WITHIN, "Airflow")
                yield running
    finally:
        release(settings.home)


def _start(group: Group, ours: dict[str, str], theirs: dict[str, str], port: int) -> None:
    serve = ["-m", "hub.cli", "serve", "--port", str(port)]
    group.start("api", [sys.executable, *serve], ours)
    for part in PARTS:
        name, *arguments = part.split()
        group.start(f"airflow-{name}", [*AIRFLOW, name, *arguments], theirs)


def _is_ready(address: str) -> bool:
    try:
        # Its certificate is for those who come from elsewhere; it names no such address.
        return httpx.get(f"{address}/readyz", verify=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def airflow_url(settings: Settings) -> URL:
    """Return the address of Airflow's metadata, a database of its own that is there from now on."""
    said = settings.airflow_database_url
    if said is not None:
        return checked_url(said.get_secret_value(), "HUB_AIRFLOW_DATABASE_URL")
    if settings.database_url is None:
        return make_url(embedded_url(settings.home, METADATA))
    _make_beside(engine(settings))
    return database_url(settings).set(database=METADATA)


def _make_beside(hub: Engine) -> None:
    """Make Airflow's database on the server of the hub's, if the role may."""
    with hub.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        known = "SELECT FROM pg_database WHERE datname = :name"
        if execute(connection, known, name=METADATA).rowcount:
            return
        try:
            execute(connection, f"CREATE DATABASE {METADATA}")
        except ProgrammingError as error:
            message = f"there is no database {METADATA}, and no right to make one: "
            raise ConfigError(message + "make it or set HUB_AIRFLOW_DATABASE_URL") from error


def _port(settings: Settings, name: str) -> int:
    """Return a port nobody listens on: the one that was set, or any where none was."""
    wanted: int = getattr(settings, name)
    for port in (wanted, 0):
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                if name in settings.model_fields_set:
                    raise ConfigError(
                        f"port {port} is in use: set {PREFIX}{name.upper()}"
                    ) from None
            else:
                return int(probe.getsockname()[1])
    raise Unavailable("no free port on 127.0.0.1")
