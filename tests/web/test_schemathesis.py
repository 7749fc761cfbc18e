"""The whole API by its own description, asked by schemathesis in the name of several roles.

What it asks and what it may be answered is in schemathesis.toml beside this file.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection

from hub.web.limits import Limits
from schemas import COLLECTIONS
from tests.web.build import Login, a_batch, a_golden, an_entry

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
#: Who asks, of which source, and for what.
ROLES = {
    "admin": ("admin", None, "steward"),
    "worker": ("worker", None, "visit"),
    "police": ("department", "public_security", "verification"),
}
by_role = pytest.mark.parametrize("role", ROLES)


@pytest.fixture
def limits() -> Limits:
    """Who asks all day asks no faster than others; wrong secrets are part of what is asked."""
    return Limits(failures_per_second=1_000, failures_at_once=10_000)


@pytest.fixture
def something(writing: Connection) -> None:
    """Let there be one of most things, so that not every answer is that there is none."""
    for model in COLLECTIONS.values():
        a_golden(writing, model.record_type)
    an_entry(writing, a_batch(writing, "property", "rooms"))


def asked(login: Login, role: str, folder: Path, *options: str) -> None:
    """Run schemathesis in a process of its own; what it found wrong is what the test says."""
    name, source, purpose = ROLES[role]
    client = login(name, source, purpose)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run"),
        *(
            f"{str(client.base_url).rstrip('/')}/openapi.json",
            "--checks",
            "all",
            "--no-color",
            *options,
        ),
        *("-H", f"Authorization: {client.headers['Authorization']}"),
    ]
    ran = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={**os.environ, "COLUMNS": "120"}
    )
    assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr[-2_000:]
    assert " 500 " not in ran.stdout


@by_role
def test_what_the_description_covers_is_answered_as_it_says(
    login: Login, something: None, tmp_path: Path, role: str
) -> None:
    asked(login, role, tmp_path, "--phases", "examples,fuzzing", "--max-examples", "2")


@pytest.mark.long
@pytest.mark.timeout(3_600)
@by_role
def test_what_nobody_thought_of_is_answered_as_described(
    login: Login, something: None, tmp_path: Path, role: str
) -> None:
    asked(login, role, tmp_path, "--max-examples", "60")
