"""The hub at work as `hub sync` and `hub resolve` have it work: run as a process of its own."""

from __future__ import annotations

from tests.bench.telling import Clock, tell


def main() -> None:
    # As the command line has it: whatever the main module imports, each process beside it would
    # import again.
    from hub.allocation import return_freed_memory
    from hub.config import load_settings
    from hub.jobs.resolve import resolve
    from hub.jobs.sync import sync

    return_freed_memory()
    settings, clock = load_settings(), Clock()
    clock.begin("sync")
    synced = sync(settings)
    resolved = resolve(settings, watch=lambda name: clock.begin(f"resolve {name}"))
    clock.begin("")
    unchanged = sum(batch.unchanged + batch.repeated for batch in synced.batches)
    received = sum(batch.received for batch in synced.batches)
    rows = {
        "received": received,
        "changed": received - unchanged,
        "held": sum(batch.held for batch in synced.batches),
    }
    tell({"seconds": clock.seconds, "rows": rows, "records": resolved.records})


if __name__ == "__main__":
    main()
