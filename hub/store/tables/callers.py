"""Systems that call and people who log in."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.store.tables.columns import Column, count, digest, metadata, text, time

client = sa.Table(
    "client",
    metadata,
    text("client_id", primary_key=True),
    text("name", nullable=False),
    text("role", nullable=False),
    text("source", comment="The source a department's system may push for."),
    text("secret_hash", nullable=False),
    time("created_at", nullable=False, server_default=sa.func.now()),
    time("revoked_at"),
    text("former_hash", comment="Of the secret before the last change."),
    time("former_until", comment="So long the secret before counts too."),
    comment="Systems that may call the API.",
)

account = sa.Table(
    "account",
    metadata,
    text("account_id", primary_key=True),
    text("name", nullable=False, unique=True),
    text("role", nullable=False),
    text("source", comment="The department an officer stands for."),
    sa.Column(
        "areas",
        pg.ARRAY(sa.Text),
        nullable=False,
        comment="Codes of the communities and grids that are theirs.",
    ),
    text("password_hash"),
    count("failures"),
    time("locked_until"),
    time("created_at", nullable=False, server_default=sa.func.now()),
    time("disabled_at"),
    comment="People who log in.",
)


def _of_account() -> Column:
    key = sa.ForeignKey("account.account_id")
    return sa.Column("account_id", sa.Text, key, nullable=False, index=True)


login_link = sa.Table(
    "login_link",
    metadata,
    digest("link_hash", primary_key=True),
    _of_account(),
    time("expires_at", nullable=False),
    time("used_at"),
    comment="Links by which people set a password, once.",
)

session = sa.Table(
    "session",
    metadata,
    digest("session_hash", primary_key=True),
    _of_account(),
    time("begun_at", nullable=False, server_default=sa.func.now()),
    time("seen_at", nullable=False, server_default=sa.func.now()),
    time("expires_at", nullable=False),
    time("ended_at"),
    comment="Where people are logged in; of the cookie only a hash is kept.",
)

revoked_token = sa.Table(
    "revoked_token",
    metadata,
    text("token_id", primary_key=True),
    time("expires_at", nullable=False),
    comment="Access tokens taken back before their time.",
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    text("client_id", primary_key=True),
    text("route", primary_key=True),
    text("key", primary_key=True),
    text("fingerprint", nullable=False, comment="Hash of the request the key was used for."),
    sa.Column("answer", pg.JSONB, nullable=False, comment="What to answer again."),
    time("at", nullable=False, server_default=sa.func.now()),
    comment="Answers to requests that must have one effect only, kept with the effect.",
)
