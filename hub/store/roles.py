"""The database's own bounds for the API: a role that can add to the audit and not change it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError

from hub.database import execute

#: What the API's connections are, whoever they log in as.
API_ROLE = "hub_api"

#: Tables that only functions of the audit, or a job of the hub itself, write to.
_AUDIT = ("audit", "audit_head", "audit_root")
#: What the API may do to them: add to the end.
_ADDING = (
    "audit_append(jsonb)",
    "audit_take_over(uuid, bigint, jsonb)",
    "audit_taken(uuid)",
)

_MAKE = f"""
DO $$ BEGIN
    CREATE ROLE {API_ROLE} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""

_IS_SUPERUSER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"


def entitle(connection: Connection) -> bool:
    """Give the API's role its rights, again whenever the schema has changed; make it if need be.

    Return whether the API's connections, logged in as this one is, can take the role on: on a
    server that lets nobody make roles, its administrator has to make it and grant it.
    """
    known = "SELECT FROM pg_roles WHERE rolname = :name"
    if not execute(connection, known, name=API_ROLE).rowcount:
        _if_allowed(connection, _MAKE)
    if not execute(connection, known, name=API_ROLE).rowcount:
        return False
    if not execute(connection, _IS_SUPERUSER).scalar_one():
        _if_allowed(connection, f"GRANT {API_ROLE} TO CURRENT_USER")
    schema = execute(connection, "SELECT quote_ident(current_schema())").scalar_one()
    for statement in _rights(schema):
        connection.execute(sa.text(statement))
    member = "SELECT pg_has_role(current_user, :name, 'MEMBER')"
    return bool(execute(connection, member, name=API_ROLE).scalar_one())


def entitle_to(connection: Connection, table: str) -> None:
    """Give the API's role its rights to a table that is new, where there is that role."""
    if execute(connection, "SELECT FROM pg_roles WHERE rolname = :name", name=API_ROLE).rowcount:
        execute(connection, f"GRANT ALL ON {table} TO {API_ROLE}")


def _if_allowed(connection: Connection, statement: str) -> None:
    try:
        with connection.begin_nested():
            connection.execute(sa.text(statement))
    except ProgrammingError:
        # Not allowed: what is there already has to do.
        return


def _rights(schema: str) -> list[str]:
    audit = ", ".join(f"{schema}.{name}" for name in _AUDIT)
    adding = ", ".join(f"{schema}.{name}" for name in _ADDING)
    return [
        f"GRANT USAGE ON SCHEMA {schema} TO {API_ROLE}",
        f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {API_ROLE}",
        f"GRANT ALL ON ALL SEQUENCES IN SCHEMA {schema} TO {API_ROLE}",
        f"REVOKE ALL ON {audit}, {schema}.audit_spool FROM {API_ROLE}",
        f"REVOKE ALL ON {schema}.alembic_version FROM {API_ROLE}",
        f"GRANT SELECT ON {audit}, {schema}.alembic_version TO {API_ROLE}",
        f"GRANT EXECUTE ON FUNCTION {adding} TO {API_ROLE}",
    ]
