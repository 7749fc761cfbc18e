"""The embedded PostgreSQL: a real server, started by whoever needs it, ended with its last user.

    place    where its programs, data and socket lie, and the account it runs under
    keeper   the process that starts the server, starts it again, and ends it
    server   what the rest of the hub calls: `embedded_url`, `release`

Users hold a shared lock on a file of ``$HUB_HOME/postgres`` for as long as they live. The kernel
lets go of it however a process ends, so that nothing is left behind by kill -9 either.
"""

from hub.postgres.server import embedded_url, release

__all__ = ["embedded_url", "release"]
