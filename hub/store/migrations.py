"""Bringing a database to the schema that this code needs."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from hub.database import check_server
from hub.store.roles import entitle

_ROOT = Path(__file__).parents[2]


def migrate(engine: Engine) -> str:
    """Upgrade the database to the newest schema; return its revision."""
    config = _config()
    with engine.begin() as connection:
        check_server(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        entitle(connection)
    return newest()


def revision_of(engine: Engine) -> str | None:
    """Return the revision of the database's schema; None before the first migration."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Return the newest revision this code knows."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _config() -> Config:
    return Config(_ROOT / "alembic.ini")
