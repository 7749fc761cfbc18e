"""What is dead or talks nonsense is told in one clear line, and delays nothing but itself."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from hub.config import PREFIX, Settings
from hub.errors import DatabaseUnavailable
from hub.jobs.resolve import resolve
from hub.jobs.sync import sync
from tests.build import a_component, a_grid, a_resident
from tests.connectors import rest_server
from tests.jobs.world import CITY, STREET, World

#: A value that must not be seen in what is told.
SECRET = "马秘密"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken, on which nobody answers calls."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def with_city(world: World, **said: str) -> Settings:
    city = world.settings.sources[CITY] | {"tries": "2"} | said
    return world.settings.model_copy(update={"sources": world.settings.sources | {CITY: city}})


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as its user does."""
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    return subprocess.run(
        [sys.executable, "-m", "hub.cli", *arguments],
        env=surroundings | settings.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_dead_server_is_named_and_the_others_are_read(world: World, closed_port: int) -> None:
    world.deliver(grids=[a_grid(1)], residents=[a_resident(1, 姓名=SECRET)])
    ended = run(with_city(world, url=f"http://127.0.0.1:{closed_port}"), "sync")
    assert ended.returncode == 3
    (told,) = ended.stderr.splitlines()
    assert told.startswith(f"hub: {CITY}: ")
    assert "no answer (ConnectError), 2 times in a row" in told
    assert set(world.states(STREET, "residents").values()) == {"live"}
    world.city.rows["components"] = [a_component(1)]
    assert world.sync().failures == {}
    assert len(world.live("component")) == 1


def test_a_wrong_token_is_told_without_the_token(world: World) -> None:
    world.city.rows["components"] = [a_component(1)]
    done = sync(with_city(world, token="a-wrong-token-of-ours"))
    assert list(done.failures) == [CITY]
    assert "the token was refused" in done.failures[CITY]
    assert "of-ours" not in done.failures[CITY]
    assert world.states(CITY, "components") == {}


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"{",
        b"<html>502</html>",
        b'{"code": 200}',
        b'{"code": 200, "total": 1, "rows": [' + SECRET.encode(),
        b'{"code": 200, "total": "many", "rows": []}',
        b'{"code": 200, "total": 1, "rows": {"a": 1}}',
        b"[" * 100_000,
        b"\xff\xfe\x00",
        SECRET.encode("gb18030"),
    ],
)
def test_nonsense_instead_of_json_is_told_in_one_line(world: World, said: bytes) -> None:
    world.city.faults += [rest_server.body(said)] * 2
    world.city.rows["components"] = [a_component(1)]
    done = sync(with_city(world))
    assert "an answer that is not as agreed, 2 times in a row" in done.failures[CITY]
    assert "\n" not in done.failures[CITY]
    assert SECRET not in done.failures[CITY]
    assert sync(with_city(world)).failures == {}
    assert len(world.live("component")) == 1


def test_a_server_that_dies_between_pages_is_read_again_from_where_it_was_known(
    world: World,
) -> None:
    world.city.rows["components"] = [a_component(n) for n in range(1, 121)]

    def dies(dataset: str, number: int) -> None:
        if (dataset, number) == ("components", 2):
            world.city.faults += [rest_server.disconnect] * 2

    world.city.before_page = dies
    assert list(sync(with_city(world)).failures) == [CITY]
    assert world.live("component") == set()
    world.city.before_page = lambda dataset, number: None
    assert sync(with_city(world)).failures == {}
    assert len(world.live("component")) == 120


def test_a_dead_database_is_one_line_and_an_exit_code(world: World, closed_port: int) -> None:
    nowhere = SecretStr(f"postgresql://hub:{SECRET}@127.0.0.1:{closed_port}/hub")
    settings = world.settings.model_copy(update={"database_url": nowhere})
    for command in ("sync", "resolve"):
        ended = run(settings, command)
        assert ended.returncode == 3, ended.stderr
        assert "PostgreSQL cannot be reached" in ended.stderr
        assert SECRET not in ended.stderr
        assert "Traceback" not in ended.stderr
    with pytest.raises(DatabaseUnavailable):
        resolve(settings)
