"""Warnings across records: those that stay are found again, whatever the planner believes."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Engine

from hub.database import execute
from hub.store.cross_checks import keep_warnings

MANY = 40_000
RULE = "house.people_differ"


def test_warnings_of_a_rule_that_nobody_counted_are_looked_up_by_their_keys(
    engine: Engine,
) -> None:
    words = {"source": "property", "dataset": "rooms", "record_type": "house", "said": "3"}
    said = {"field": "resident_count", "rule": RULE, "batch_id": "1"}
    keys = [f"R{n}" for n in range(MANY)]
    warnings = pd.DataFrame({"key": keys}).assign(**words, **said)
    with engine.begin() as connection:
        keep_warnings(connection, warnings, [RULE])
    with engine.begin() as connection:
        # As where the planner takes them for one or two: then comparing each with each takes minutes.
        for join in ("hashjoin", "mergejoin"):
            execute(connection, f"SET LOCAL enable_{join} = off")
        execute(connection, "SET LOCAL statement_timeout = '15s'")
        keep_warnings(connection, warnings[1:], [RULE])
        query = "SELECT key FROM quarantine WHERE rule = :rule AND released_at IS NOT NULL"
        assert execute(connection, query, rule=RULE).scalars().all() == ["R0"]
