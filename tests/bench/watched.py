"""Processes that are watched while they work: how long, and with how much memory."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import psutil

from hub.errors import HubError

#: Often enough to see a stage of some seconds.
EVERY = 1.0
MEGABYTE = 2**20
KILOBYTE = 2**10


@dataclass
class Watched:
    """What a process said last, and the most memory it and its children held in each stage."""

    said: dict[str, Any] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)


def watched(
    name: str, command: Sequence[str], settings: Mapping[str, str], folder: Path
) -> Watched:
    """Run a process to its end; its lines of JSON tell the stages and, last, the outcome."""
    found, stage = Watched(), ["start"]
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
    with subprocess.Popen(
        command, env=surroundings | dict(settings), cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        ended = threading.Event()
        sampling = threading.Thread(target=_sample, args=(process.pid, stage, found.peaks, ended))
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


def _sample(pid: int, stage: list[str], peaks: dict[str, float], ended: threading.Event) -> None:
    first = psutil.Process(pid)
    # At least once, however soon the process ends.
    waits = chain([0.0], repeat(EVERY))
    while not ended.wait(next(waits)):
        peak = peaks.get(stage[0], 0.0)
        processes = _processes(first)
        # Counting a process's pages holds it up, the larger it is the longer: only where there
        # may be more of them than ever, each process for itself.
        if sum(map(_resident, processes)) > peak * MEGABYTE:
            peaks[stage[0]] = max(peak, sum(map(_share, processes)) / MEGABYTE)


def _processes(first: psutil.Process) -> list[psutil.Process]:
    """Return a process and its children; PostgreSQL is measured by others, whoever started it."""
    found = []
    with suppress(psutil.NoSuchProcess):
        for one in (first, *first.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                if one.name() != "postgres":
                    found.append(one)
    return found


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
