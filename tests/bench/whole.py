"""The hub at work as `hub sync` and `hub resolve` have it work: run as a process of its own.

With ``--full`` it is at work as `hub resolve --full` has it.
"""

from __future__ import annotations

import sys

from tests.bench.telling import Clock, tell


def main(*, full: bool = False) -> None:
    # As the command line has it: whatever the main module imports, each process beside it would
    # import again.
    from psutil import Process

    from hub.allocation import return_freed_memory
    from hub.config import load_settings
    from hub.jobs.resolve import resolve
    from hub.jobs.sync import sync
    from tests.bench.watched import processor_seconds

    return_freed_memory()
    settings, clock = load_settings(), Clock()
    clock.begin("sync")
    batches = () if full else sync(settings).batches
    resolved = resolve(settings, full=full, watch=lambda name: clock.begin(f"resolve {name}"))
    clock.begin("")
    unchanged = sum(batch.unchanged + batch.repeated for batch in batches)
    received = sum(batch.received for batch in batches)
    rows = {
        "received": received,
        "changed": received - unchanged,
        "held": sum(batch.held for batch in batches),
    }
    outcome = {name: getattr(resolved, name) for name in ("records", "entities", "changed")}
    processor = processor_seconds(Process())
    tell({"seconds": clock.seconds, "rows": rows, "processor_seconds": processor, **outcome})


if __name__ == "__main__":
    main(full="--full" in sys.argv[1:])
