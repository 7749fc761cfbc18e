"""Numbering changes: all that was committed, whatever the planner believes of the outbox."""

from __future__ import annotations

from sqlalchemy import Engine

from hub.database import execute
from hub.store import feed

MANY = 60_000

_FILL = """
INSERT INTO outbox (record_type, entity_id, version, change, fields, cause)
SELECT 'person', 'P' || n, 1, 'created', '{}', '{}' FROM generate_series(1, :many) n
"""


def test_an_outbox_that_was_counted_while_it_filled_is_numbered_all_the_same(
    engine: Engine,
) -> None:
    with engine.begin() as filling:
        execute(filling, _FILL, many=MANY)
        with engine.begin() as counting:
            # As autovacuum does in the middle of a long resolve: it finds no row that counts.
            execute(counting, "ANALYZE outbox")
    with engine.begin() as numbering:
        # Comparing each row with each would take many minutes.
        execute(numbering, "SET LOCAL statement_timeout = '60s'")
        assert feed.number_changes(numbering) == MANY
        assert feed.last_number(numbering)[1] == MANY
