"""The feed: committed changes are numbered densely, in one order, by one sequencer at a time.

Writers leave changes in the outbox within their own transaction; numbering happens after they
have committed, or is the last thing they do before, so no number is ever given to what is rolled
back and none is passed over.
What fills a table that nobody can read yet is numbered as it is written: it would be written
twice otherwise.
A database that was restored from a dump begins a new epoch, so that old cursors are refused.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sqlalchemy import Connection

from hub.database import copy_in, run
from schemas.distinct import Columns

_AT_ONCE = 50_000

# What a dump does not carry over: the cluster it is restored into, and the database's own number.
_EPOCH = """
WITH here AS MATERIALIZED (
    SELECT (SELECT system_identifier::text FROM pg_control_system()) || '/' || oid AS name
    FROM pg_database WHERE datname = current_database())
INSERT INTO feed (epoch, last_seq, system_identifier)
SELECT coalesce(max(epoch), 0) + 1, 0, (SELECT name FROM here) FROM feed
HAVING coalesce(max(system_identifier) FILTER (
    WHERE epoch = (SELECT max(epoch) FROM feed)), '') <> (SELECT name FROM here)
"""

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('feed', 0))"

# A range, not a join: what the planner believes of a table that has just filled may be wrong.
_NUMBER = """
WITH taken AS (
    DELETE FROM outbox WHERE outbox_id <= (SELECT max(outbox_id) FROM (
        SELECT outbox_id FROM outbox ORDER BY outbox_id LIMIT :most) first)
    RETURNING *),
numbered AS (
    INSERT INTO change (epoch, seq, record_type, entity_id, version, change, fields, cause, at)
    SELECT feed.epoch, feed.last_seq + row_number() OVER (ORDER BY taken.outbox_id),
        record_type, entity_id, version, change, fields, cause, at
    FROM taken, feed WHERE feed.epoch = (SELECT max(epoch) FROM feed)
    RETURNING seq)
UPDATE feed SET last_seq = last_seq + (SELECT count(*) FROM numbered)
WHERE epoch = (SELECT max(epoch) FROM feed) AND EXISTS (SELECT FROM numbered)
RETURNING (SELECT count(*) FROM numbered)
"""


def number_changes(connection: Connection) -> int:
    """Number the committed changes that wait in the outbox; return how many there were.

    Runs in a transaction of its own, or last of all in that of the changes; whoever comes second
    waits until it has ended, so the order is one.
    """
    # Sent together, and yet what comes later sees what was committed while the first waited.
    begin, total, moved = f"{_LOCK}; {_EPOCH};", 0, _AT_ONCE
    while moved == _AT_ONCE:
        moved = int(run(connection, f"{begin} {_NUMBER}", {"most": _AT_ONCE}).scalar() or 0)
        begin, total = "", total + moved
    return total


_TELL = """
UPDATE feed SET last_seq = last_seq + :count WHERE epoch = (SELECT max(epoch) FROM feed)
RETURNING epoch, last_seq - :count, now()::text
"""


def tell(connection: Connection, news: Columns, same: Mapping[str, str], *, numbered: bool) -> None:
    """Leave news in the outbox; or number them at once, as only a table's first filling should.

    ``news`` and what is the ``same`` of all of them: ``record_type``, ``entity_id``, ``version``,
    ``change``, ``fields`` and ``cause``. Where they are numbered, nobody else gives out numbers
    until the transaction ends.
    """
    if not numbered:
        copy_in(connection, "outbox", list(news), news, same=same)
        return
    run(connection, f"{_LOCK}; {_EPOCH}")
    count = len(news["entity_id"])
    epoch, last, now = run(connection, _TELL, {"count": count}).one()
    numbers = {**news, "seq": np.arange(last + 1, last + 1 + count)}
    said = {**same, "epoch": str(epoch), "at": now}
    copy_in(connection, "change", list(numbers), numbers, same=said)


def is_numbered(connection: Connection) -> bool:
    """Tell whether the feed tells of all that the connection sees published."""
    return run(connection, "SELECT NOT EXISTS (SELECT FROM outbox)").scalar() is True


def last_number(connection: Connection) -> tuple[int, int]:
    """Return the epoch and the last number given out in it; (0, 0) before the first change."""
    found = run(
        connection, "SELECT epoch, last_seq FROM feed ORDER BY epoch DESC LIMIT 1"
    ).one_or_none()
    return (int(found[0]), int(found[1])) if found else (0, 0)
