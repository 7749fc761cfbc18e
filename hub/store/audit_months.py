"""Keeping the audit: a root for each day that is over, months made ahead and dropped in time."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import execute
from hub.store.audit_reads import Root

#: Decree 809, Art 29: what was done with shared data stays on record for three years at least.
YEARS_KEPT = 3

# Whoever appends holds this lock until it is committed: behind it, days that are over are complete.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('audit', 0))"

_SEAL = """
INSERT INTO audit_root (day, audit_id, hash)
SELECT DISTINCT ON (day) day, audit_id, hash
FROM (
    SELECT (at AT TIME ZONE 'Asia/Shanghai')::date AS day, audit_id, hash FROM audit
    WHERE at >= coalesce((SELECT max(day) + 1 FROM audit_root), '1970-01-01')::timestamp
            AT TIME ZONE 'Asia/Shanghai'
        AND at < date_trunc('day', now(), 'Asia/Shanghai')
) entry
ORDER BY day, audit_id DESC
RETURNING day, audit_id, encode(hash, 'hex') AS hash
"""

# Of the ends of the chain only the last counts.
_TRIM = "DELETE FROM audit_head WHERE audit_id < (SELECT max(audit_id) FROM audit_head)"

_AHEAD = "SELECT audit_month(now()), audit_month(now() + interval '1 month')"

_MONTHS = """
SELECT part.relname AS name FROM pg_inherits i
JOIN pg_class part ON part.oid = i.inhrelid
WHERE i.inhparent = 'audit'::regclass AND part.relname ~ '^audit_[0-9]{4}_[0-9]{2}$'
    AND to_date(right(part.relname, 7), 'YYYY_MM') + interval '1 month'
        <= (now() AT TIME ZONE 'Asia/Shanghai') - make_interval(years => :years)
ORDER BY part.relname
"""

# The root of its last day is what the chain will be checked from.
_ROOTED = """
SELECT last.audit_id IS NULL OR EXISTS (
    SELECT FROM audit_root r WHERE r.audit_id = last.audit_id AND r.hash = last.hash)
FROM (SELECT) one LEFT JOIN (
    SELECT audit_id, hash FROM audit_months.{name} ORDER BY at DESC, audit_id DESC LIMIT 1
) last ON true
"""


def seal(connection: Connection) -> list[Root]:
    """Keep the root of each day that is over and has none yet; return those."""
    execute(connection, _LOCK)
    execute(connection, _TRIM)
    rows = execute(connection, _SEAL).all()
    return sorted(
        (Root(row.day, row.audit_id, row.hash) for row in rows), key=lambda root: root.day
    )


def last_sealed(connection: Connection) -> date | None:
    """Return the last day that has a root."""
    found: date | None = execute(connection, "SELECT max(day) FROM audit_root").scalar_one()
    return found


def turn_months(connection: Connection) -> list[str]:
    """Make the months to come; drop those kept long enough that have their root; return these."""
    execute(connection, _AHEAD)
    names = execute(connection, _MONTHS, years=YEARS_KEPT).scalars().all()
    dropped = [name for name in names if execute(connection, _ROOTED.format(name=name)).scalar()]
    for name in dropped:
        connection.execute(sa.text(f"ALTER TABLE audit DETACH PARTITION audit_months.{name}"))
        connection.execute(sa.text(f"DROP TABLE audit_months.{name}"))
    return dropped
