"""What checks across records read, and the warnings that they open and close."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.database import copy_in, copy_out

#: Columns of a frame of warnings: whose value it is, what is strange about it, what it says.
WARNINGS = ["source", "dataset", "key", "record_type", "field", "rule", "said", "batch_id"]

_COMPONENTS = """
SELECT r.source, r.dataset, r.row_key AS key, r.batch_id, r.component_point::text AS point,
    r.component_name AS name, r.component_class_code AS class, r.unit_grid_code
FROM record_component r WHERE r.withdrawn_at IS NULL AND r.component_point IS NOT NULL
ORDER BY r.source, r.dataset, r.key
"""

_UNIT_GRIDS = """
SELECT unit_grid_code, grid_boundary::text AS area FROM golden_grid
WHERE retired_at IS NULL AND grid_type = '4' AND grid_boundary IS NOT NULL
ORDER BY unit_grid_code
"""

# Who is dead, gone or long absent lives in no flat, whatever the registers still say.
_HOUSES = """
SELECT r.source, r.dataset, r.row_key AS key, 'house' AS record_type,
    'resident_count' AS field, r.resident_count::text AS said, r.batch_id
FROM record_house r JOIN link l ON l.record_id = r.record_id
JOIN golden_house g ON g.entity_id = l.entity_id AND g.house_code IS NOT NULL
LEFT JOIN (SELECT house_code, count(*) AS people FROM golden_person
    WHERE retired_at IS NULL AND coalesce(person_status, '1') NOT IN ('2', '3', '4', '5')
    GROUP BY house_code) lives ON lives.house_code = g.house_code
WHERE r.withdrawn_at IS NULL AND r.resident_count <> coalesce(lives.people, 0)
"""


def components(connection: Connection) -> pd.DataFrame:
    """Return the components that have a position, with their unit grid, class and name."""
    return copy_out(connection, _COMPONENTS)


def unit_grids(connection: Connection) -> pd.DataFrame:
    """Return the areas of the unit grids."""
    return copy_out(connection, _UNIT_GRIDS)


def houses_unlike_their_people(connection: Connection) -> pd.DataFrame:
    """Return what houses say of their number of people where others are known to live there."""
    return copy_out(connection, _HOUSES)


def keep_warnings(connection: Connection, warnings: pd.DataFrame, rules: Sequence[str]) -> None:
    """Let these be the open warnings of the rules: others close, new ones open."""
    connection.execute(sa.text("DROP TABLE IF EXISTS crossed"))
    connection.execute(
        sa.text(
            "CREATE TEMP TABLE crossed (source text, dataset text, key text, record_type text,"
            " field text, rule text, said text, batch_id bigint) ON COMMIT DROP"
        )
    )
    copy_in(connection, "crossed", WARNINGS, warnings[WARNINGS])
    # The planner may not have heard yet of the warnings of such rules, and then would read all that
    # is crossed for each of them.
    connection.execute(sa.text("CREATE INDEX ix_crossed ON crossed (key)"))
    connection.execute(sa.text("ANALYZE crossed"))
    for statement in (_CLOSE, _OPEN):
        connection.execute(sa.text(statement).bindparams(rules=list(rules)))


_CLOSE = """
UPDATE quarantine q SET released_at = now()
WHERE q.released_at IS NULL AND q.rule = ANY(:rules) AND NOT EXISTS (
    SELECT FROM crossed c WHERE c.source = q.source AND c.dataset = q.dataset AND c.key = q.key
      AND c.rule = q.rule AND c.field = q.field AND c.said = q.said)
"""

_OPEN = """
INSERT INTO quarantine (source, dataset, key, record_type, field, rule, fate, said, batch_id)
SELECT source, dataset, key, record_type, field, rule, 'warn', said, batch_id
FROM crossed WHERE rule = ANY(:rules) ORDER BY source, dataset, key
ON CONFLICT DO NOTHING
"""


def keep_pairs(connection: Connection, kind: str, column: str, pairs: pd.DataFrame) -> None:
    """Let these be the pairs signalled: ``source, dataset, detail, batch_id``.

    Others close; those that a steward has closed are not told again.
    """
    connection.execute(sa.text("DROP TABLE IF EXISTS paired"))
    connection.execute(
        sa.text(
            "CREATE TEMP TABLE paired (source text, dataset text, detail text, batch_id bigint)"
            " ON COMMIT DROP"
        )
    )
    copy_in(connection, "paired", ["source", "dataset", "detail", "batch_id"], pairs)
    for statement in (_SETTLE, _TELL):
        connection.execute(sa.text(statement).bindparams(kind=kind, column=column))


_SETTLE = """
UPDATE signal s SET closed_at = now()
WHERE s.kind = :kind AND s.column_name = :column AND s.closed_at IS NULL AND NOT EXISTS (
    SELECT FROM paired p
    WHERE p.source = s.source AND p.dataset = s.dataset AND p.detail = s.detail)
"""

_TELL = """
INSERT INTO signal (source, dataset, batch_id, kind, column_name, detail, count)
SELECT p.source, p.dataset, p.batch_id, :kind, :column, p.detail, 2 FROM paired p
WHERE NOT EXISTS (SELECT FROM signal s WHERE s.source = p.source AND s.dataset = p.dataset
    AND s.kind = :kind AND s.detail = p.detail
    AND (s.closed_at IS NULL OR s.closed_by IS NOT NULL))
ORDER BY p.detail
"""
