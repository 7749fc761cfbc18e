"""The whole API by its own description, asked by schemathesis in the name of several roles.

What it asks and what it may be answered is in schemathesis.toml beside this file.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from hub.store.clients import add_client
from hub.web.limits import Limits
from schemas import COLLECTIONS
from tests.web.build import a_batch, a_golden, an_entry

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
#: Who asks, and of which source.
ROLES = {
    "admin": ("admin", None),
    "worker": ("worker", None),
    "police": ("department", "public_security"),
}
Asked = Callable[..., None]
by_role = pytest.mark.parametrize("role", ROLES)


@pytest.fixture
def limits() -> Limits:
    """Who asks all day asks no faster than others; wrong secrets are part of what is asked.

    Nobody waits long for changes of a feed that has none: of sixty who may, all but a few do.
    """
    return Limits(failures_per_second=1_000, failures_at_once=10_000, wait=1.0)


@pytest.fixture
def something(writing: Connection) -> None:
    """Let there be one of most things, so that not every answer is that there is none."""
    for model in COLLECTIONS.values():
        a_golden(writing, model.record_type)
    an_entry(writing, a_batch(writing, "property", "rooms"))


@pytest.fixture
def asked(address: str, engine: Engine, tmp_path: Path) -> Asked:
    """Run schemathesis in a process of its own; what it found wrong is what the test says."""

    def ask(role: str, *options: str) -> None:
        with engine.begin() as connection:
            client_id, secret = add_client(connection, role, *ROLES[role])
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)),
            *("run", f"{address}/openapi.json", "--checks", "all", "--no-color", *options),
        ]
        said = {"CLIENT_ID": client_id, "CLIENT_SECRET": secret, "COLUMNS": "120"}
        ran = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, env=os.environ | said
        )
        assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr[-2_000:]
        assert " 500 " not in ran.stdout

    return ask


@by_role
def test_what_the_description_covers_is_answered_as_it_says(
    asked: Asked, something: None, role: str
) -> None:
    asked(role, "--phases", "examples,fuzzing", "--max-examples", "2")


@pytest.mark.long
@pytest.mark.timeout(3_600)
@by_role
def test_what_nobody_thought_of_is_answered_as_described(
    asked: Asked, something: None, role: str
) -> None:
    asked(role, "--max-examples", "60")
