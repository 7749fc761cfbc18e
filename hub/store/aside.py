"""Keys and pairs written beside a resolve that is still at work, to be in force when it ends."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import execute
from hub.store import matches, roles, tables

_LEFT_BEHIND = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'aside\\_%'
    AND relnamespace = current_schema()::regnamespace
"""


class Aside:
    """Keys and pairs of all records, written in a transaction of their own, not in force yet.

    ``token`` tells what one resolve has set aside from what another one left behind.
    """

    def __init__(self, token: str) -> None:
        self._keys, self._pairs = f"aside_block_key_{token}", f"aside_match_{token}"

    def set_block_keys(self, connection: Connection, keys: pd.DataFrame) -> None:
        """Set aside what `matches.replace_block_keys` would put in place, not indexed yet."""
        if matches.are_block_keys(connection, keys):
            return
        execute(connection, f"CREATE TABLE {self._keys} (LIKE block_key INCLUDING COMMENTS)")
        matches.fill_block_keys(connection, self._keys, keys)

    def set_pairs(self, connection: Connection, record_type: str, pairs: pd.DataFrame) -> None:
        """Set aside what `matches.replace_pairs` would put in place."""
        execute(connection, f"CREATE TABLE {self._pairs} (LIKE match)")
        matches.add_pairs(connection, self._pairs, record_type, pairs)
        execute(connection, f"ANALYZE {self._pairs}")

    def take_pairs(self, connection: Connection, record_type: str) -> None:
        """Let the pairs that were set aside be in force."""
        matches.take_pairs(connection, record_type, self._pairs)

    def index_keys(self, connection: Connection) -> None:
        """Index the keys that were set aside, if any were; nobody else uses them yet."""
        if not sa.inspect(connection).has_table(self._keys):
            return
        for name, index in self._indexes():
            columns = ", ".join(column.name for column in index.columns)
            execute(connection, f"CREATE INDEX {name} ON {self._keys} ({columns})")
        execute(connection, f"ANALYZE {self._keys}")

    def take_keys(self, connection: Connection) -> None:
        """Let the keys that were set aside, and indexed, be in force; what is left behind goes."""
        if sa.inspect(connection).has_table(self._keys):
            self._take_keys(connection)
        for name in execute(connection, _LEFT_BEHIND).scalars().all():
            execute(connection, f"DROP TABLE {name}")

    def _take_keys(self, connection: Connection) -> None:
        execute(connection, "DROP TABLE block_key")
        execute(connection, f"ALTER TABLE {self._keys} RENAME TO block_key")
        for name, index in self._indexes():
            execute(connection, f"ALTER INDEX {name} RENAME TO {index.name}")
        roles.entitle_to(connection, "block_key")

    def _indexes(self) -> list[tuple[str, sa.Index]]:
        return [
            (f"{self._keys}_{'_'.join(column.name for column in index.columns)}", index)
            for index in tables.block_key.indexes
        ]
