"""Keys of records: equal ones link them, have them compared, or only lead from one to another.

What they are made of knows `hub.matching`; here each is a hash with what it is used for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
from sqlalchemy import Connection

from hub.database import copy_in, copy_out, indexed_afterwards, run
from hub.store import linking, tables
from schemas.distinct import cells


def replace_keys(connection: Connection, record_type: str, *keys: pd.DataFrame) -> None:
    """Give the affected records these keys instead of those they had."""
    count, same = sum(map(len, keys)), {"record_type": record_type}
    if count > linking.FEW and run(connection, _HAVE_KEYS).scalar():
        _change_keys(connection, record_type, keys)
        return
    if count <= linking.FEW and _each(keys) == {*run(connection, _KEYS)}:
        # Most changes of a record leave it the keys it had.
        return
    run(connection, _CLEAR_KEYS)
    with indexed_afterwards(connection, tables.link_key, count):
        for part in keys:
            copy_in(connection, "link_key", list(part.columns), part, same=same)
    if count > 10_000:
        run(connection, "ANALYZE link_key")


def _each(keys: Sequence[pd.DataFrame]) -> set[tuple[str, str, str]]:
    names = ("record_id", "key", "use")
    return {
        row for part in keys for row in zip(*(cells(part[name]) for name in names), strict=True)
    }


_KEYS = """
SELECT CAST(k.record_id AS text), replace(CAST(k.key AS text), '-', ''), k.use
FROM affected a JOIN link_key k ON k.record_id = a.record_id
"""

_CLEAR_KEYS = "DELETE FROM link_key k USING affected a WHERE k.record_id = a.record_id"

_HAVE_KEYS = """
SELECT EXISTS (SELECT FROM affected a JOIN link_key k ON k.record_id = a.record_id)
"""

_KEYS_NEW = """
CREATE TEMP TABLE IF NOT EXISTS link_key_new (LIKE link_key) ON COMMIT DELETE ROWS;
TRUNCATE link_key_new
"""

_CHANGE_KEYS = """
ANALYZE link_key_new;
DELETE FROM link_key k USING affected a WHERE a.record_id = k.record_id
  AND NOT EXISTS (SELECT FROM link_key_new n
    WHERE n.record_id = k.record_id AND n.key = k.key AND n.use = k.use);
INSERT INTO link_key SELECT * FROM link_key_new n WHERE NOT EXISTS (SELECT FROM link_key k
    WHERE k.record_id = n.record_id AND k.key = n.key AND k.use = n.use)
"""


def _change_keys(connection: Connection, record_type: str, keys: Sequence[pd.DataFrame]) -> None:
    """Write of the affected records' keys only what differs: of many, few have changed."""
    run(connection, _KEYS_NEW)
    for part in keys:
        same = {"record_type": record_type}
        copy_in(connection, "link_key_new", list(part.columns), part, same=same)
    if run(connection, _CHANGE_KEYS).rowcount > 10_000:
        run(connection, "ANALYZE link_key")


def affected_keys(connection: Connection, record_type: str) -> pd.DataFrame:
    """Return the keys that link the affected live records: ``record_id``, ``key``.

    A record without any is there with an empty key.
    """
    query = f"""
        SELECT r.record_id, k.key FROM affected a
        JOIN record_{record_type} r ON r.record_id = a.record_id AND r.withdrawn_at IS NULL
        LEFT JOIN link_key k ON k.record_id = a.record_id AND k.use = 'same'"""
    return copy_out(connection, query, {"record_id": "int64"})


def beside_affected(connection: Connection, record_type: str, use: str) -> set[str]:
    """Return entities of a type that have a key, for this use, that an affected record has."""
    return _beside(connection, "affected", record_type, use)


def beside_entities(
    connection: Connection, entity_ids: Iterable[str], record_type: str, use: str
) -> set[str]:
    """Return entities of a type that have a key, for this use, that one of these has."""
    found = "(SELECT o.record_id FROM link o WHERE o.entity_id = ANY(:ids))"
    return _beside(connection, found, record_type, use, ids=list(entity_ids))


def _beside(
    connection: Connection, records: str, record_type: str, use: str, **said: object
) -> set[str]:
    query = f"""
        SELECT DISTINCT l.entity_id FROM {records} a
        JOIN link_key mine ON mine.record_id = a.record_id
        JOIN link_key theirs ON theirs.key = mine.key AND theirs.use = :use
            AND theirs.record_type = :type
        JOIN link l ON l.record_id = theirs.record_id
        WHERE l.entity_id IS NOT NULL"""
    return set(run(connection, query, {"use": use, "type": record_type, **said}).scalars())
