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
from typing import Any

import psutil

from hub.errors import HubError

#: Often enough to see a page being read, seldom enough not to disturb.
EVERY = 0.1
MEGABYTE = 2**20


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
    while not ended.wait(EVERY):
        held = 0
        with suppress(psutil.NoSuchProcess):
            for one in (first, *first.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    # PostgreSQL is measured by others, though the hub may have started it.
                    # What processes share is counted once.
                    held += 0 if one.name() == "postgres" else one.memory_full_info().pss
        peaks[stage[0]] = max(peaks.get(stage[0], 0.0), held / MEGABYTE)
