"""Databases of the benchmarks: on one embedded server, empty each time."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psycopg2
from pydantic import SecretStr

from hub.config import Settings
from hub.postgres import embedded_url


def fresh_database(home: Path, name: str) -> Settings:
    """Return settings for an empty database."""
    with closing(psycopg2.connect(_plain(embedded_url(home, "postgres")))) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {name}")
    return Settings(home=home, database_url=SecretStr(embedded_url(home, name)))


def _plain(url: str) -> str:
    return url.replace("+psycopg2", "")
