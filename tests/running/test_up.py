"""Everything running for real: database, API and Airflow with its scheduler."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from connectors import CONNECTORS
from hub.config import Settings, load_settings
from hub.errors import ConfigError
from hub.running.group import MARK
from hub.running.up import up

pytestmark = [pytest.mark.airflow, pytest.mark.xdist_group("airflow")]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a home, and see that no process of it stays behind."""
    folder = Path(tempfile.mkdtemp(prefix="hub-test-"))
    folder.chmod(0o711)
    monkeypatch.setenv("HUB_HOME", str(folder))
    yield folder
    left = those_of(folder)
    for process in left:
        process.kill()
    shutil.rmtree(folder)
    assert left == []


def those_of(home: Path) -> list[psutil.Process]:
    """Find all processes of a home: by the mark they carry, or by the command that names it."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            named = str(home) in " ".join(process.cmdline())
            if named or process.environ().get(MARK) == str(home):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def soon(fact: Callable[[], bool], within: float = 60) -> bool:
    deadline = time.monotonic() + within
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.1)
    return fact()


def test_the_scheduler_runs_the_hubs_dags_and_everything_ends_with_the_block(home: Path) -> None:
    told: list[str] = []
    dags = [f"sync_{name}" for name, one in CONNECTORS.items() if one.has_system] + [
        "resolve",
        "quality",
    ]
    with up(load_settings(), tell=told.append) as running:
        runs = running.run_once(dags)
        assert {run.dag: run.state for run in runs} == dict.fromkeys(dags, "success")
        assert httpx.get(f"{running.address}/readyz").status_code == httpx.codes.OK
        login = {"username": running.airflow.user, "password": "admin"}
        refused = httpx.post(f"{running.airflow.address}/auth/token", json=login)
        assert refused.status_code == httpx.codes.UNAUTHORIZED
        logs = "".join(log.read_text() for log in (home / "logs").iterdir())
        assert running.airflow.password not in logs
    assert told[:2] == ["PostgreSQL", "migrations"]
    assert those_of(home) == []


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.long
def test_however_the_command_ends_no_process_stays_and_it_starts_again(
    home: Path, told: int
) -> None:
    for _ in range(2):
        command = subprocess.Popen(
            [sys.executable, "-m", "hub.cli", "up", "--json"], stdout=subprocess.PIPE
        )
        assert command.stdout is not None
        address = json.loads(command.stdout.readline())["address"]
        assert httpx.get(f"{address}/readyz").status_code == httpx.codes.OK
        command.send_signal(told)
        command.communicate(timeout=90)
        assert soon(lambda: those_of(home) == [])


def test_a_port_that_was_set_and_is_taken_is_one_line(home: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(ConfigError, match=f"port {port} is in use: set HUB_PORT"),
            up(Settings(home=home, port=port)),
        ):
            pass
