"""Airflow over the hub's PostgreSQL: its settings, and its runs by its own REST API.

Airflow is spoken to from outside only, as any other program would: nothing is imported of it.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import URL

import hub
from hub.errors import Unavailable

USER = "admin"
DAGS = Path(hub.__file__).parent.parent / "dags"
#: Tasks at once; each holds some hundred megabytes.
TASKS = 2
PRELOADED = ("airflow.executors.local_executor", "hub.jobs.sync", "hub.jobs.resolve")
ENDED = {"success", "failed"}


class NoAnswer(Unavailable):
    """Airflow did not answer in time; it may be busy."""


@dataclass(frozen=True)
class Run:
    """One run of a DAG."""

    dag: str
    run: str
    state: str


class Secrets:
    """What Airflow's processes have to agree on, made once for a home and kept in it."""

    def __init__(self, folder: Path) -> None:
        self.passwords = folder / "passwords.json"
        keys = folder / "keys.json"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not keys.exists():
            fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
            _write_secretly(keys, {"fernet": fernet, "jwt": secrets.token_urlsafe(48)})
        if not self.passwords.exists():
            _write_secretly(self.passwords, {USER: secrets.token_urlsafe(12)})
        kept = json.loads(keys.read_text())
        self.fernet, self.jwt = kept["fernet"], kept["jwt"]
        self.password: str = json.loads(self.passwords.read_text())[USER]


def _write_secretly(file: Path, content: dict[str, str]) -> None:
    aside = file.with_suffix(".new")
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        json.dump(content, opened)
    aside.rename(file)


def environment(home: Path, metadata: URL, port: int, dags: Path = DAGS) -> dict[str, str]:
    """Return Airflow's settings as environment variables; nothing of its own configuration file."""
    folder = home / "airflow"
    agreed = Secrets(folder)
    here = f"http://127.0.0.1:{port}"
    settings: dict[str, dict[str, object]] = {
        "core": _core(agreed, here, dags),
        "database": {
            "sql_alchemy_conn": _text(metadata),
            "sql_alchemy_conn_async": _text(_for_asyncpg(metadata)),
            "sql_alchemy_pool_size": 3,
        },
        "api": {"host": "127.0.0.1", "port": port, "base_url": here, "workers": 1},
        "api_auth": {"jwt_secret": agreed.jwt},
        "scheduler": {"scheduler_idle_sleep_time": 0.5, "enable_health_check": False},
        "dag_processor": {"parsing_processes": 1, "min_file_process_interval": 60},
        "logging": {
            "base_log_folder": folder / "logs",
            # A scheduler says several lines a second, and nobody cuts its log.
            "logging_level": "WARNING",
            "colored_console_log": False,
        },
        "metrics": {"statsd_on": False, "otel_on": False},
        "traces": {"otel_on": False},
    }
    said = {"AIRFLOW_HOME": str(folder), "SCARF_ANALYTICS": "false", "DO_NOT_TRACK": "1"}
    for section, values in settings.items():
        for name, value in values.items():
            said[f"AIRFLOW__{section}__{name}".upper()] = str(value)
    return said


def _core(agreed: Secrets, here: str, dags: Path) -> dict[str, object]:
    return {
        "dags_folder": dags,
        "executor": "LocalExecutor",
        "parallelism": TASKS,
        "max_active_tasks_per_dag": TASKS,
        # Each task is a new process: what it imports is there already when it begins.
        "mp_start_method": "forkserver",
        "mp_forkserver_preload": ",".join(PRELOADED),
        "load_examples": False,
        "default_timezone": "Asia/Shanghai",
        "fernet_key": agreed.fernet,
        "execution_api_server_url": f"{here}/execution/",
        "simple_auth_manager_users": f"{USER}:admin",
        "simple_auth_manager_passwords_file": agreed.passwords,
    }


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _for_asyncpg(url: URL) -> URL:
    """Write an address for the other driver, which has its own word for encryption."""
    query = {"ssl" if name == "sslmode" else name: value for name, value in url.query.items()}
    return url.set(drivername="postgresql+asyncpg", query=query)


class Airflow:
    """A running Airflow, spoken to by its REST API."""

    def __init__(self, home: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.user, self.password = USER, Secrets(home / "airflow").password
        self._client = httpx.Client(base_url=self.address, timeout=30)

    def close(self) -> None:
        """Give up the connections."""
        self._client.close()

    def is_up(self) -> bool:
        """Tell whether API, database, scheduler and DAG processor are all well."""
        try:
            answer = self._client.get("/api/v2/monitor/health")
        except httpx.TransportError:
            return False
        if answer.status_code != httpx.codes.OK:
            return False
        parts: dict[str, dict[str, str | None]] = answer.json()
        return all(
            parts.get(part, {}).get("status") == "healthy"
            for part in ("metadatabase", "scheduler", "dag_processor")
        )

    def dags(self) -> frozenset[str]:
        """Return the names of the DAGs Airflow has read; raise where one cannot be read."""
        broken = self._ask("GET", "importErrors")["import_errors"]
        if broken:
            files = ", ".join(sorted(Path(each["filename"]).name for each in broken))
            raise Unavailable(f"Airflow cannot read the DAGs of {files}")
        found = self._ask("GET", "dags", params={"limit": 500, "exclude_stale": True})
        return frozenset(dag["dag_id"] for dag in found["dags"])

    def switch_on(self, dags: Iterable[str]) -> None:
        """Let DAGs run when they are due."""
        for dag in dags:
            patch = {"is_paused": False}
            self._ask("PATCH", f"dags/{dag}", params={"update_mask": "is_paused"}, json=patch)

    def trigger(self, dag: str) -> str:
        """Have a DAG run now, and return the name of the run."""
        made = self._ask("POST", f"dags/{dag}/dagRuns", json={"logical_date": None})
        return str(made["dag_run_id"])

    def runs(self) -> list[Run]:
        """List the latest runs of all DAGs, the newest first."""
        asked = {"limit": 100, "order_by": "-run_after"}
        found = self._ask("GET", "dags/~/dagRuns", params=asked)["dag_runs"]
        return [Run(each["dag_id"], each["dag_run_id"], each["state"]) for each in found]

    def _ask(self, method: str, path: str, **words: Any) -> Any:
        try:
            if "Authorization" not in self._client.headers:
                self._log_in()
            answer = self._client.request(method, f"/api/v2/{path}", **words)
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                # Tokens last a day; the hub may run longer.
                self._log_in()
                answer = self._client.request(method, f"/api/v2/{path}", **words)
            answer.raise_for_status()
        except httpx.HTTPStatusError as error:
            code = error.response.status_code
            raise Unavailable(f"Airflow answered {code} to {method} {path}") from error
        except httpx.TransportError as error:
            raise NoAnswer(f"Airflow does not answer at {self.address}") from error
        return answer.json()

    def _log_in(self) -> None:
        login = {"username": self.user, "password": self.password}
        answer = self._client.post("/auth/token", json=login)
        answer.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
