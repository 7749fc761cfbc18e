"""Large batches are finished in other processes: to the same end, and never behind our back."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from hub.config import Settings
from hub.errors import HubError, NotFound
from hub.jobs import finishing, steps
from hub.jobs.finishing import Finishers, finished
from tests.build import a_grid, a_house
from tests.jobs.world import World

#: Begins to finish a batch that never ends, tells that it does, and waits.
ENDLESS = """
import sys, time
from hub.config import Settings
from hub.jobs.finishing import Finishers
from tests.jobs.test_finishing import leave_alone, tell_and_wait

if __name__ == "__main__":
    with Finishers(Settings(), tell_and_wait, leave_alone, leave_alone) as finishers:
        finishers.begin(1, 10**6).result()
"""


def kill_myself(_settings: Settings, _batch_id: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave_alone(_settings: Settings, _batch_id: int) -> None:
    """Take no step."""


def sign(settings: Settings, _batch_id: int) -> None:
    with (settings.home / "signed").open("a") as file:
        file.write(f"{os.getpid()} ")


def find_nothing(_settings: Settings, batch_id: int) -> None:
    raise NotFound(f"there is no batch {batch_id}")


def tell_and_wait(_settings: Settings, _batch_id: int) -> None:
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    signal.pause()


STEPS = ("translate", "validate", "keep")


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every batch finished in another process, on however few cores."""
    monkeypatch.setattr(finishing, "PAYS", 0)
    monkeypatch.setattr(finishing, "PAYS_SOON", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.mark.usefixtures("beside")
def test_batches_finished_in_other_processes_are_kept_like_any_other(world: World) -> None:
    world.deliver(grids=[a_grid(n) for n in range(1, 5)], houses=[a_house(1), a_house(2)])
    world.deliver(grids=[a_grid(n) for n in range(1, 6)])
    kept = world.sync().batches
    counted = sorted((batch.dataset, batch.accepted, batch.unchanged) for batch in kept)
    assert counted == [("grids", 1, 4), ("grids", 4, 0), ("houses", 2, 0)]
    assert len(world.live("grid")) == 5
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("beside")
def test_what_goes_wrong_in_another_process_is_told_here() -> None:
    with Finishers(Settings(), find_nothing, leave_alone, leave_alone) as finishers:
        begun = finishers.begin(7, 1)
        with pytest.raises(NotFound, match="there is no batch 7"):
            finished(begun)


@pytest.mark.usefixtures("beside")
def test_a_killed_process_is_a_clear_error_and_no_endless_wait() -> None:
    with Finishers(Settings(), kill_myself, leave_alone, leave_alone) as finishers:
        begun = finishers.begin(1, 1)
        with pytest.raises(HubError, match="a process of the hub was killed"):
            finished(begun)


def test_small_batches_are_finished_here() -> None:
    here: list[str] = []
    each = [lambda _, batch_id, word=word: here.append(f"{word} {batch_id}") for word in STEPS]
    with Finishers(Settings(), *each) as finishers:
        # Fewer than pay even where a process more starts at once, as after another test it may.
        finished(finishers.begin(1, finishing.PAYS_SOON - 1))
    assert here == ["translate 1", "validate 1", "keep 1"]


@pytest.mark.usefixtures("beside")
def test_one_process_validates_for_all_others(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with Finishers(settings, leave_alone, sign, leave_alone) as finishers:
        for begun in [finishers.begin(number, steps.TABLE) for number in range(20)]:
            finished(begun)
    signed = (tmp_path / "signed").read_text().split()
    assert len(signed) == 20
    assert len({*signed, str(os.getpid())}) == 2


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has no use for a second process")
def test_the_other_processes_end_when_the_first_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        other = psutil.Process(int(first.stdout.readline()))
        first.kill()
        other.wait(timeout=30)
    assert not other.is_running()
