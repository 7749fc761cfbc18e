"""Runs the migrations over the connection that the caller hands in (`hub.store.migrations`)."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine

from hub.config import load_settings
from hub.database import database_url
from hub.store.tables import metadata


def belongs(_thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Leave views to the migrations that define them."""
    return not (kind == "table" and name in metadata.info["views"])


def migrate(connection: Connection) -> None:
    """Run the migrations; nobody waits long for a lock, and two never run at once."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=belongs,
        compare_type=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        connection.exec_driver_sql("SET LOCAL lock_timeout = '4s'")
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('migrations'))")
        context.run_migrations()


def main() -> None:
    """Use the caller's connection, or open the hub's own database."""
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    with create_engine(database_url(load_settings())).connect() as connection:
        migrate(connection)


main()
