"""A town whose hub is killed at any moment: its sources stay as they are, its database is reset.

The server is one of its own that promises durability; the one of the other tests does not.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import psycopg2
import psycopg2.extensions

from hub.config import PREFIX, Settings
from hub.database import advisory_lock
from hub.database import engine as engine_of
from hub.demo import Departments, district
from hub.jobs.push import ledger_of
from hub.jobs.resolve import resolve
from hub.jobs.sync import sync
from hub.postgres import embedded_url
from hub.postgres.place import Place
from hub.store import batches
from hub.store.migrations import migrate
from tests.kill.known import Known, known, work_in_hand

PEOPLE = 500
#: Long enough for any run on a machine with much else to do.
PATIENCE = 300


@dataclass(frozen=True)
class Undisturbed:
    """What a command comes to when nobody disturbs it, and for how long it used the database."""

    seconds: float
    known: Known


class Town:
    """The departments of a small district, and a hub with a server of its own."""

    def __init__(self, folder: Path, *, known_before: bool) -> None:
        self.began = datetime.now(UTC)
        self.departments = Departments(folder / "departments", district(PEOPLE, seed=11)).start()
        said: dict[str, dict[str, str]] = {}
        for name, value in self.departments.environment().items():
            source, setting = name.removeprefix(f"{PREFIX}SOURCES__").split("__")
            said.setdefault(source.lower(), {})[setting.lower()] = value
        self.settings = Settings(home=folder / "home", sources=said)
        migrate(engine_of(self.settings))
        if known_before:
            # The hub knows the town of two days ago: now its rows change, move and go.
            self.run_again()
            self.departments.advance(2, 0.05)
        self._outcomes: dict[str, Undisturbed] = {}
        self._save("before_sync")
        self._has_synced = False

    def go_back_before(self, command: str) -> None:
        """Bring the database back to where a command begins."""
        if command == "resolve" and not self._has_synced:
            self.go_back_before("sync")
            sync(self.settings)
            self._save("before_resolve")
            self._has_synced = True
        engine_of(self.settings).dispose()
        self._administer("DROP DATABASE hub WITH (FORCE)")
        self._administer(f"CREATE DATABASE hub TEMPLATE before_{command} STRATEGY file_copy")

    def undisturbed(self, command: str) -> Undisturbed:
        """Run a command to its end and everything after it; return what is known then."""
        if command not in self._outcomes:
            self.go_back_before(command)
            process = self.start(command)
            self.wait_for_work(process)
            began = perf_counter()
            said = end_of(process)
            assert process.returncode == 0, said
            seconds = perf_counter() - began
            self.run_again()
            self._outcomes[command] = Undisturbed(seconds, self.known())
        return self._outcomes[command]

    def start(self, command: str) -> subprocess.Popen[str]:
        """Start a command as its user does."""
        surroundings = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
        return subprocess.Popen(
            [sys.executable, "-m", "hub.cli", command, "--json"],
            env=surroundings | self.settings.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for_work(self, process: subprocess.Popen[str]) -> None:
        """Wait until a process has loaded its code and uses the database."""
        with closing(self._server()) as server, server.cursor() as cursor:
            while process.poll() is None:
                cursor.execute("SELECT FROM pg_stat_activity WHERE datname = 'hub'")
                if cursor.rowcount:
                    return
                cursor.execute("SELECT pg_sleep(0.01)")

    def kill_server(self) -> None:
        """Kill the first process of PostgreSQL, as the kernel does when memory runs out."""
        data = Place(self.settings.home / "postgres").data
        os.kill(int((data / "postmaster.pid").read_text().split("\n")[0]), signal.SIGKILL)

    def run_again(self) -> None:
        """Run everything once more, as a scheduler does after a failure."""
        engine = engine_of(self.settings)
        with engine.begin() as connection:
            # PostgreSQL sees that a client is gone when it has done what that had asked for.
            for source in self.settings.sources:
                advisory_lock(connection, "source", source)
        done = sync(self.settings)
        assert done.failures == {}
        resolve(self.settings)

    def known(self) -> Known:
        """Return all that the hub knows, having checked that its books are in order."""
        with engine_of(self.settings).connect() as connection:
            for batch in batches.find_batches(connection):
                assert batch.state == "kept", batch
                assert ledger_of(batch).balanced, batch
            assert work_in_hand(connection) == set()
            return known(connection, self.began)

    def close(self) -> None:
        """Let the departments go home; the server ends with its last user."""
        engine_of(self.settings).dispose()
        self.departments.stop()

    def _save(self, name: str) -> None:
        engine_of(self.settings).dispose()
        self._administer(f"CREATE DATABASE {name} TEMPLATE hub STRATEGY file_copy")

    def _administer(self, statement: str) -> None:
        with closing(self._server()) as server, server.cursor() as cursor:
            cursor.execute(statement)

    def _server(self) -> psycopg2.extensions.connection:
        url = embedded_url(self.settings.home, "postgres", anew=True)
        connection = psycopg2.connect(url.replace("+psycopg2", ""))
        connection.autocommit = True
        return connection


def end_of(process: subprocess.Popen[str]) -> str:
    """Wait for the end of a process; return what it has said of errors."""
    return process.communicate(timeout=PATIENCE)[1]
