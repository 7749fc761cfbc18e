"""PostGraphile 4, which serves a table's bare rows as GraphQL; installed by name, into a folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import which
from time import monotonic, sleep
from typing import Any

import httpx
import psutil

from hub.errors import SourceUnavailable

PACKAGE = "postgraphile@4"
#: As its handbook advises for production.
OPTIONS = (
    *("--no-setof-functions-contain-nulls", "--no-ignore-rbac", "--dynamic-json"),
    *("--disable-default-mutations", "--disable-graphiql", "--disable-query-log"),
)
INSTALLED_WITHIN, STARTED_WITHIN = 600, 300


class PostGraphile:
    """A running PostGraphile: where it is, its process, its version."""

    def __init__(self, address: str, process: psutil.Process, version: str) -> None:
        self.address, self.process, self.version = address, process, version

    def columns(self, name: str) -> list[str]:
        """Return what it calls the columns of a type, without its relations."""
        query = f'{{ __type(name: "{name}") {{ fields {{ name type {{ kind ofType {{ kind }} }} }} }} }}'
        fields = self.ask(query)["__type"]["fields"]
        plain = ({"kind": "SCALAR"}, None)
        return [
            one["name"]
            for one in fields
            if one["name"] != "nodeId"
            and "OBJECT" not in str(one["type"])
            and one["type"]["ofType"] in plain
        ]

    def ask(self, query: str) -> dict[str, Any]:
        """Ask for what a query names."""
        said = httpx.post(f"{self.address}/graphql", json={"query": query}).json()
        found: dict[str, Any] = said["data"]
        return found


def install(folder: Path) -> Path:
    """Install PostGraphile in a folder unless it is there; return its command."""
    package = folder / "node_modules" / "postgraphile"
    if not (package / "cli.js").exists():
        folder.mkdir(parents=True, exist_ok=True)
        quiet = ("--no-package-lock", "--no-audit", "--no-fund", "--no-save", "--loglevel=error")
        command = [_node("npm"), "install", "--prefix", str(folder), "--ignore-scripts", *quiet]
        try:
            subprocess.run([*command, PACKAGE], check=True, cwd=folder, timeout=INSTALLED_WITHIN)
        except (subprocess.SubprocessError, OSError) as error:
            raise SourceUnavailable(f"npm could not install {PACKAGE}") from error
    return package / "cli.js"


@contextmanager
def serving(folder: Path, url: str, schema: str) -> Iterator[PostGraphile]:
    """Serve a schema of a database."""
    cli = install(folder)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    place = ("--connection", url, "--schema", schema, "--host", "127.0.0.1", "--port", str(port))
    log = (folder / "postgraphile.log").open("w")
    surroundings = {"NODE_ENV": "production", "PATH": str(Path(_node("node")).parent)}
    with (
        log,
        subprocess.Popen(
            [_node("node"), str(cli), *place, *OPTIONS],
            env=surroundings,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(address, process)
            version = json.loads(cli.with_name("package.json").read_text())["version"]
            yield PostGraphile(address, psutil.Process(process.pid), version)
        finally:
            # It works in a child, which would outlive it.
            os.killpg(process.pid, signal.SIGTERM)


def _node(name: str) -> str:
    """Find Node's command: the one that comes with the environment goes before."""
    found = which(name, path=str(Path(sys.executable).parent)) or which(name)
    if found is None:
        raise SourceUnavailable(f"there is no {name}: PostGraphile cannot be measured")
    return found


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    end = monotonic() + STARTED_WITHIN
    while monotonic() < end and process.poll() is None:
        try:
            httpx.post(f"{address}/graphql", json={"query": "{ __typename }"}, timeout=30)
        except httpx.TransportError:
            sleep(0.1)
        else:
            return
    raise SourceUnavailable("PostGraphile does not answer; see postgraphile.log in its folder")
