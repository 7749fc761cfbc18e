"""The way to PostgreSQL.

    connections  `engine` and the addresses it knows; a connection for an event loop
    statements   `execute`, `run`, locks that whole processes hold
    copying      COPY of text frames in and out; tables filled before they are indexed
    cursor       what every statement goes through: it silences errors and shortens long lists
    plans        statements that PostgreSQL plans once for each connection

Nothing here knows a table. Errors that leave this package hold no value of a row: statements are
shown without their parameters, and PostgreSQL's own words without what it quotes.
"""

from hub.database.connections import (
    FAILURES,
    check_server,
    checked_url,
    connect,
    database_url,
    engine,
)
from hub.database.copying import (
    FEW_ROWS,
    Numbers,
    copy_in,
    copy_out,
    filled_from_nothing,
    indexed_afterwards,
    read_columns,
)
from hub.database.statements import (
    SEPARATOR,
    advisory_lock,
    execute,
    execute_plain,
    kept_plans,
    run,
    try_advisory_lock,
)

__all__ = [
    "FAILURES",
    "FEW_ROWS",
    "SEPARATOR",
    "Numbers",
    "advisory_lock",
    "check_server",
    "checked_url",
    "connect",
    "copy_in",
    "copy_out",
    "database_url",
    "engine",
    "execute",
    "execute_plain",
    "filled_from_nothing",
    "indexed_afterwards",
    "kept_plans",
    "read_columns",
    "run",
    "try_advisory_lock",
]
