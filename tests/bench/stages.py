"""The hub at work, stage by stage, telling on standard output what it does: run as a process.

Stages are the functions that the DAGs call; each line is the stage that begins now, the last one
what came of it all.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from time import perf_counter
from typing import Any

from hub.config import load_settings
from hub.database import engine
from hub.jobs import sync
from hub.jobs.resolve import resolve
from hub.store import batches


class Clock:
    """Adds up the seconds of stages; says which one begins."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._stage = ""
        self._since = perf_counter()

    def begin(self, stage: str) -> None:
        now = perf_counter()
        if self._stage:
            self.seconds[self._stage] += now - self._since
        self._stage, self._since = stage, now
        tell({"stage": stage})


def tell(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def main() -> None:
    settings, clock = load_settings(), Clock()
    rows: Counter[str] = Counter()
    for source in sync.connected(settings):
        clock.begin("land")
        batch_ids = sync.land(settings, source)
        for stage in (sync.translate, sync.validate, sync.keep):
            clock.begin(stage.__name__)
            for batch_id in batch_ids:
                stage(settings, batch_id)
        with engine(settings).connect() as connection:
            for batch_id in batch_ids:
                batch = batches.get_batch(connection, batch_id)
                rows["received"] += batch.received
                rows["changed"] += batch.received - batch.unchanged - batch.repeated
                rows["held"] += batch.held
    resolved = resolve(settings, watch=lambda name: clock.begin(f"resolve {name}"))
    clock.begin("")
    tell({"seconds": clock.seconds, "rows": rows, "records": resolved.records})


if __name__ == "__main__":
    main()
