"""What subscribers are sent is what the official library of npm takes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from httpx import Client
from sqlalchemy import Connection

from connectors import CONNECTORS
from hub.connector import Connector
from hub.delivery.parcel import Parcel
from hub.delivery.webhook import SignedWebhook
from hub.jobs.deliver import now_here
from hub.jobs.subscriptions import Told
from tests.delivery.town import OWNERS
from tests.web.hooks import Hooks
from tests.web.test_subscriptions import act, grids, hooks, settings, subscribed, tell

__all__ = ["hooks", "settings", "tell"]

#: Tells of each request whether each secret has signed it, and whether a stale one is refused.
CHECK = """
const { Webhook } = require("standardwebhooks");
const said = JSON.parse(require("fs").readFileSync(0, "utf8"));
const takes = (secret, headers, body) => {
  try { new Webhook(secret).verify(body, headers); return true; } catch { return false; }
};
const old = (headers) => ({ ...headers, "webhook-timestamp": "1600000000" });
console.log(JSON.stringify(said.requests.map(([headers, body]) => ({
  taken: said.secrets.map((secret) => takes(secret, headers, body)),
  stale: takes(said.secrets[0], old(headers), body),
  changed: takes(said.secrets[0], headers, body + " "),
}))));
"""


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Node finds the library, fetched by name."""
    folder, beside = tmp_path_factory.mktemp("node"), str(Path(sys.executable).parent)
    npm = which("npm", path=beside) or which("npm")
    if npm is None:
        pytest.skip("there is no npm")
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    command = [npm, "install", "--prefix", str(folder), *quiet, "standardwebhooks"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=folder)
    except (subprocess.SubprocessError, OSError):
        pytest.skip("npm could not fetch standardwebhooks from its registry")
    return folder


def checked(node: Path, requests: list[tuple[dict[str, str], str]], *secrets: str) -> list[Any]:
    beside = str(Path(sys.executable).parent)
    program = which("node", path=beside) or which("node")
    assert program is not None
    said = json.dumps({"requests": requests, "secrets": secrets})
    done = subprocess.run(
        [program, "-e", CHECK], input=said, capture_output=True, text=True, check=True, cwd=node
    )
    found: list[Any] = json.loads(done.stdout)
    return found


def test_the_library_takes_messages_by_either_secret_and_no_stale_ones(
    node: Path, steward: Client, hooks: Hooks, writing: Connection, tell: Callable[..., Told]
) -> None:
    made = subscribed(steward, hooks)
    grids(writing, 1)
    tell()
    new = act(steward, made, "rotate")["secret"]
    grids(writing, 1)
    tell()
    first, second = checked(node, hooks.requests, made["secret"], new)
    assert first == {"taken": [True, False], "stale": False, "changed": False}
    assert second == {"taken": [True, True], "stale": False, "changed": False}


def test_the_library_takes_what_a_department_is_delivered(node: Path, hooks: Hooks) -> None:
    connector: Connector = CONNECTORS[OWNERS]
    dataset = connector.dataset("owners")
    assert dataset is not None
    secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    hooks.secrets = [secret]
    parcel = Parcel("D1", dataset, "MB1", {"link": ("1", "13997001234")}, "核实", now_here())
    target = SignedWebhook(connector, hooks.url, secret)
    assert target.send(parcel).fate == "accepted"
    target.close()
    (found,) = checked(node, hooks.requests, secret)
    assert found == {"taken": [True], "stale": False, "changed": False}
