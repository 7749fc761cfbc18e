"""The hub at work, stage by stage, telling on standard output what it does: run as a process.

Stages are the functions that the DAGs call; each line is the stage that begins now, the last one
what came of it all.
"""

from __future__ import annotations

from collections import Counter

from hub.allocation import return_freed_memory
from hub.config import load_settings
from hub.database import engine
from hub.jobs import sync
from hub.jobs.resolve import resolve
from hub.store import batches
from tests.bench.telling import Clock, tell


def main() -> None:
    return_freed_memory()
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
