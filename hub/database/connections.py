"""Engines and connections: at which address, as whom, and what is said where one breaks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from select import POLLIN, poll
from typing import Any, Literal

import asyncpg
import psycopg2
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import ArgumentError, DisconnectionError

from hub.config import Settings
from hub.database.cursor import Discreet
from hub.database.plans import Keeping
from hub.database.statements import BROKEN, execute
from hub.errors import ConfigError, DatabaseUnavailable
from hub.postgres import embedded_url

Level = Literal["READ COMMITTED", "AUTOCOMMIT"]

OLDEST = 15
# Only statements whose plans are kept are prepared.
_OPTIONS = "-c timezone=Asia/Shanghai -c plan_cache_mode=force_generic_plan"


def engine(
    settings: Settings, *, name: str = "hub", pool: int = 5, level: Level = "READ COMMITTED"
) -> Engine:
    """Return this process's connections to the hub's database; see to the embedded server.

    ``name`` is what PostgreSQL's own lists of connections show, ``pool`` how many stay open.
    On connections of the level AUTOCOMMIT each statement is a transaction of its own.
    """
    # A forked child must not speak on the connections of its parent.
    door = _Door(_embedded_home(settings), settings.database_role)
    return _engine(database_url(settings), door, settings.key_file, name, pool, level, os.getpid())


@cache
def _engine(
    url: URL, door: _Door, keys: Path, name: str, pool: int, level: Level, _process: int
) -> Engine:
    # What the address itself says goes before.
    usual: dict[str, Any] = {"application_name": name, "connect_timeout": 10}
    leveled: dict[str, Any] = {} if level == "READ COMMITTED" else {"isolation_level": level}
    options = f"{_OPTIONS} {url.query.get('options', '')}".rstrip()
    made = create_engine(
        url,
        pool_size=pool,
        max_overflow=pool,
        # What was used last has its plans and tables at hand.
        pool_use_lifo=True,
        **leveled,
        hide_parameters=True,
        # Whoever is on a connection can read what lies sealed behind it (`hub.sealing`).
        execution_options={"keys": keys},
        connect_args={key: usual[key] for key in usual if key not in url.query}
        | {
            "client_encoding": "utf8",
            "connection_factory": Keeping,
            "cursor_factory": Discreet,
            "options": options,
        },
    )
    event.listen(made, "do_connect", door)
    event.listen(made, "handle_error", _told)
    event.listen(made, "checkout", _check)
    return made


def _embedded_home(settings: Settings) -> Path | None:
    return settings.home if settings.database_url is None else None


def database_url(settings: Settings) -> URL:
    """Return the address of the hub's database, by setting or of the embedded server."""
    if settings.database_url is None:
        return make_url(embedded_url(settings.home))
    return checked_url(settings.database_url.get_secret_value(), "HUB_DATABASE_URL")


def checked_url(said: str, setting: str) -> URL:
    """Read the address of a PostgreSQL database, whichever way its scheme is written."""
    try:
        url = make_url(said)
    except (ArgumentError, ValueError):
        raise ConfigError(f"setting {setting} is not a database URL") from None
    if url.drivername not in {"postgresql", "postgres", "postgresql+psycopg2"}:
        raise ConfigError(f"setting {setting} has to begin with postgresql://")
    return url.set(drivername="postgresql+psycopg2")


def check_server(connection: Connection) -> None:
    """Raise DatabaseUnavailable where a server or database cannot hold the hub."""
    version = int(execute(connection, "SHOW server_version_num").scalar_one()) // 10_000
    if version < OLDEST:
        raise DatabaseUnavailable(f"PostgreSQL {version} is too old: {OLDEST} or newer is needed")
    encoding, letters = connection.execute(
        text("SELECT current_setting('server_encoding'), '西宁' ~ '^[[:alpha:]]+$'")
    ).one()
    if encoding != "UTF8":
        raise DatabaseUnavailable(f"the database's encoding is {encoding}: it has to be UTF8")
    if not letters:
        message = "the database's LC_CTYPE knows no Chinese letters: create it with C.UTF-8"
        raise DatabaseUnavailable(message)


_TAKE_ON = """
SELECT set_config('role', rolname, false) FROM pg_roles
WHERE rolname = %s AND pg_has_role(session_user, oid, 'MEMBER')
"""

#: What only the other driver understands of an address.
_OF_DRIVER = ("connect_timeout", "client_encoding", "keepalives")


#: What is raised where a connection for an event loop fails. The driver takes what a server says
#: that ends for something of its own that went wrong.
FAILURES = (
    *(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError),
    *(OSError, TimeoutError),
)


async def connect(settings: Settings, name: str) -> asyncpg.Connection:
    """Open a connection for an event loop, of which every statement counts at once.

    It is as those of an engine are, but for its driver; an address that this one does not
    understand is an error of its own.
    """
    url = database_url(settings).set(drivername="postgresql").difference_update_query(_OF_DRIVER)
    said = {"application_name": name, "plan_cache_mode": "force_generic_plan"}
    opened = await asyncpg.connect(
        url.render_as_string(hide_password=False), timeout=10, server_settings=said
    )
    if settings.database_role is not None:
        await opened.execute(_TAKE_ON.replace("%s", "$1"), settings.database_role)
    return opened


@dataclass(frozen=True)
class _Door:
    """Opens connections: sees to the embedded server, and says in one line what is wrong."""

    home: Path | None
    role: str | None

    def __call__(self, _dialect: Any, _record: Any, words: list[Any], named: dict[str, Any]) -> Any:
        opened = self._opened(words, named)
        if self.role is not None:
            with opened, opened.cursor() as asking:
                asking.execute(_TAKE_ON, [self.role])
        return opened

    def _opened(self, words: list[Any], named: dict[str, Any]) -> Any:
        try:
            return psycopg2.connect(*words, **named)
        except psycopg2.OperationalError as error:
            failed = error
        try:
            if self.home is not None:
                # Somebody killed the server, perhaps with its keeper: bring it back.
                embedded_url(self.home, anew=True)
                return psycopg2.connect(*words, **named)
        except psycopg2.OperationalError as error:
            failed = error
        raise DatabaseUnavailable(f"PostgreSQL cannot be reached: {failed}") from None


def _told(context: ExceptionContext) -> DatabaseUnavailable | None:
    """Turn a broken connection into our own error."""
    if context.is_disconnect:
        return DatabaseUnavailable(BROKEN)
    return None


def _check(driver: Any, _record: Any, _proxy: Any) -> None:
    """Have a connection that broke while it was idle replaced, before anything is asked on it.

    A server that ends says so: there is something to read where nothing was asked. To look for
    that costs nothing, and to ask the server would cost each read a round trip.
    """
    looking = poll()
    looking.register(driver.fileno(), POLLIN)
    if looking.poll(0):
        raise DisconnectionError
