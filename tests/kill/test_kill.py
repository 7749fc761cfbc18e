"""Killed at any moment and run again, the hub knows what it would have known, row for row."""

from __future__ import annotations

import random
import subprocess

import pytest

from hub.cli.app import FAILED
from tests.kill.town import Town, end_of

MOMENTS = range(20)
COMMANDS = ("sync", "resolve")
TOWNS = ("new_town", "known_town")
# They share a town, which takes as long to make as to be killed in.
pytestmark = pytest.mark.xdist_group("kill")


def drawn(what: str, moment: int, *among: str) -> tuple[float, str]:
    """Draw when to kill, as a part of the time a command takes, and another thing to choose."""
    chance = random.Random(f"{what} {moment}")
    return chance.random(), chance.choice(among)


def ends_within(process: subprocess.Popen[str], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def kill_command(town: Town, command: str, part: float) -> None:
    undisturbed = town.undisturbed(command)
    town.go_back_before(command)
    process = town.start(command)
    town.wait_for_work(process)
    ended = ends_within(process, part * undisturbed.seconds)
    process.kill()
    said = end_of(process)
    assert not ended or process.returncode == 0, said
    town.run_again()
    assert town.known() == undisturbed.known


def kill_server(town: Town, command: str, part: float) -> None:
    undisturbed = town.undisturbed(command)
    town.go_back_before(command)
    process = town.start(command)
    town.wait_for_work(process)
    ends_within(process, part * undisturbed.seconds)
    town.kill_server()
    said = end_of(process)
    assert process.returncode in (0, FAILED), said
    assert said.count("\n") <= 1, said
    assert "unexpected" not in said, said
    town.run_again()
    assert town.known() == undisturbed.known


def test_a_killed_sync_leaves_nothing_behind(new_town: Town) -> None:
    kill_command(new_town, "sync", 0.6)


def test_a_killed_database_loses_nothing(new_town: Town) -> None:
    kill_server(new_town, "sync", 0.8)


@pytest.mark.long
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_can_be_killed_at_any_moment(
    command: str, moment: int, request: pytest.FixtureRequest
) -> None:
    part, town = drawn(command, moment, *TOWNS)
    kill_command(request.getfixturevalue(town), command, part)


@pytest.mark.long
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("command", COMMANDS)
def test_the_database_can_be_killed_at_any_moment(
    command: str, moment: int, request: pytest.FixtureRequest
) -> None:
    part, town = drawn(f"server {command}", moment, *TOWNS)
    kill_server(request.getfixturevalue(town), command, part)
