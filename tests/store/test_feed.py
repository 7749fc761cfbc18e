"""Numbering changes: all that was committed, whatever the planner believes of the outbox."""

from __future__ import annotations

import pandas as pd
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


#: What is the same of all news here.
SAME = {"record_type": "person", "version": "1", "change": "created", "fields": "{}", "cause": "{}"}


def _news(*entity_ids: str) -> pd.DataFrame:
    return pd.DataFrame({"entity_id": [*entity_ids]})


def test_what_is_numbered_at_once_stands_in_one_order_with_what_waited(engine: Engine) -> None:
    with engine.begin() as before:
        feed.tell(before, _news("P1"), SAME, numbered=True)
        feed.tell(before, _news("P4"), SAME, numbered=False)
    with engine.begin() as after:
        feed.tell(after, _news("P2", "P3"), SAME, numbered=True)
    with engine.begin() as numbering:
        assert feed.number_changes(numbering) == 1
    with engine.connect() as reading:
        found = execute(reading, "SELECT seq, entity_id, at IS NOT NULL FROM change ORDER BY seq")
        assert [*found] == [(1, "P1", True), (2, "P2", True), (3, "P3", True), (4, "P4", True)]
        assert feed.last_number(reading)[1] == 4


def test_numbers_that_were_rolled_back_are_given_again(engine: Engine) -> None:
    with engine.connect() as broken:
        feed.tell(broken, _news("P1", "P2"), SAME, numbered=True)
        broken.rollback()
    with engine.begin() as again:
        feed.tell(again, _news("P3"), SAME, numbered=True)
        assert feed.last_number(again)[1] == 1
