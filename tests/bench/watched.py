"""Processes that are watched while they work: how long, and with how much memory."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import psutil

from hub.errors import HubError

#: Looking at processes holds them up: that is done for this part of the time, and at least once
#: in so many seconds.
LOOKING, SELDOM = 0.02, 1.0
MEGABYTE = 2**20
KILOBYTE = 2**10


@dataclass
class Watched:
    """What a process said last, and the most memory it and its children held in each stage."""

    said: dict[str, Any] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)
    #: The same with the processes of a PostgreSQL server, where one was named.
    peaks_with_server: dict[str, float] = field(default_factory=dict)


def watched(
    name: str,
    command: Sequence[str],
    settings: Mapping[str, str],
    folder: Path,
    server: psutil.Process | None = None,
) -> Watched:
    """Run a process to its end; its lines of JSON tell the stages and, last, the outcome."""
    found, stage = Watched(), ["start"]
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
    with subprocess.Popen(
        command, env=surroundings | dict(settings), cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        ended = threading.Event()
        sampling = threading.Thread(target=_sample, args=(process.pid, stage, found, ended, server))
        sampling.start()
        assert process.stdout is not None
        for line in process.stdout:
            found.said = json.loads(line)
            stage[0] = found.said.get("stage", stage[0])
        ended.set()
        sampling.join()
    if process.returncode:
        raise HubError(f"{name} ended with {process.returncode}")
    return found


def _sample(
    pid: int,
    stage: list[str],
    found: Watched,
    ended: threading.Event,
    server: psutil.Process | None,
) -> None:
    first, looking = psutil.Process(pid), 0.0
    # At least once, however soon the process ends.
    while not ended.wait(min(looking / LOOKING, SELDOM)):
        began = perf_counter()
        # PostgreSQL is measured by others, though the hub may have started it.
        own = [one for one in _tree(first) if not _is_postgres(one)]
        peak = found.peaks.get(stage[0], 0.0)
        # Counting a process's pages takes long, the larger it is the longer: only where there may
        # be more of them than ever, each process for itself.
        if server is not None or sum(map(_resident, own)) > peak * MEGABYTE:
            held = sum(map(_share, own))
            _raise_to(found.peaks, stage[0], held)
            if server is not None:
                _raise_to(found.peaks_with_server, stage[0], held + sum(map(_share, _tree(server))))
        looking = perf_counter() - began


def processor_seconds(first: psutil.Process) -> float:
    """Return the processor time of a process and its children, those that have ended too."""
    spent = 0.0
    for one in _tree(first):
        with suppress(psutil.NoSuchProcess):
            spent += sum(one.cpu_times()[:4])
    return spent


def _tree(first: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [first, *first.children(recursive=True)]
    return []


def _is_postgres(one: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return one.name() == "postgres"
    return False


def _raise_to(peaks: dict[str, float], stage: str, held: int) -> None:
    peaks[stage] = max(peaks.get(stage, 0.0), held / MEGABYTE)


def _resident(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess):
        return int(process.memory_info().rss)
    return 0


def _share(process: psutil.Process) -> int:
    """Return a process's memory in bytes, what it shares with others divided among them.

    The kernel adds it up: psutil would read and parse each mapping, a tenth of a second for a
    process of a gigabyte.
    """
    try:
        told = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    except OSError:
        # It has ended.
        return 0
    return next(int(line.split()[1]) * KILOBYTE for line in told.splitlines() if "Pss:" in line)
