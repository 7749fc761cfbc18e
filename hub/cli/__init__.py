"""The command line. Each command calls one job and shows what came of it.

    app         the commands put together; from any end of a command to its exit code
    running     migrate, serve, up
    showing     demo
    resident    one golden record as a client reads it, laid out
    flow        sync, resolve, rebuild, export
    stewards    source, batch, schema
    quarantine  what is in quarantine
    signals     what is new about the sources
    weights     match
    matches     match, judgement
    audits      audit
    users       user
    clients     client
    bench       bench
    printing    results as a table or as one JSON document, progress bars

What a command needs is imported when it runs: `hub --help` is to be there at once.
"""

from hub.cli.app import main

__all__ = ["main"]
