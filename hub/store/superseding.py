"""Values of sources that the hub has superseded: silent until the source has answered.

While a new value is on its way to a source, what that source still says disputes nothing; and
when the new value comes back, it is the hub's own word and no evidence (design §4.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection

from hub.database import run
from hub.store.batches import BatchRow
from schemas.distinct import cells, text_array

Flags = npt.NDArray[np.bool_]

#: Beyond so many entities, all values that are being superseded cost less to read than theirs.
_FEW = 1_000

_SILENT = """
SELECT d.record_id, f.field, f.superseded, f.value FROM delivery d
JOIN delivery_field f ON f.delivery_id = d.delivery_id
WHERE d.kind = 'update' AND d.state IN ('queued', 'sent', 'accepted', 'confirmed')
  AND d.record_type = :type AND f.settled_at IS NULL AND f.superseded <> f.value {chosen}
"""


def silenced(
    connection: Connection, record_type: str, members: dict[str, Any], entity_ids: Sequence[str]
) -> dict[str, Any]:
    """Leave out of the members of entities what is being superseded by what another one says.

    ``members``: one row a record with ``record_id`` (a number) and the public fields as canonical
    text.
    """
    few = len(entity_ids) <= _FEW
    chosen = "AND d.record_id = ANY(CAST(:ids AS bigint[]))" if few else ""
    said: dict[str, Any] = {"type": record_type}
    said |= {"ids": members["record_id"].tolist()} if few else {}
    rows = run(connection, _SILENT.format(chosen=chosen), said).rows
    if not rows:
        return members
    told = pd.DataFrame(rows, columns=["record_id", "field", "superseded", "value"])
    told["row"] = pd.Index(members["record_id"]).get_indexer(pd.Index(told["record_id"]))
    entities, _ = pd.factorize(cells(members["entity_id"]))
    for name, ours in told[told["row"] >= 0].groupby("field"):
        words = cells(members[str(name)])
        silent = _overtaken(entities, words, ours)
        if silent.any():
            members[str(name)] = text_array(np.where(silent, np.array(None), words))
    return members


def _overtaken(entities: np.ndarray, words: np.ndarray, told: pd.DataFrame) -> Flags:
    """Tell which records say what is superseded, while another of their entity says its better.

    ``told``: the ``row`` of a record, and what is ``superseded`` there by which ``value``.
    """
    silent = np.zeros(len(words), dtype=np.bool_)
    still = told[words[told["row"].to_numpy()] == told["superseded"].to_numpy(dtype=object)]
    theirs = entities[still["row"].to_numpy()]
    near = np.flatnonzero(np.isin(entities, theirs))
    saying = set(zip(entities[near].tolist(), words[near].tolist(), strict=True))
    wanted = zip(theirs.tolist(), still["value"].tolist(), strict=True)
    heard = np.fromiter((one in saying for one in wanted), np.bool_, len(still))
    silent[still["row"].to_numpy()[heard]] = True
    return silent


# A source may show what was overtaken before it shows what has overtaken it: that is on its way
# yet, and what it shows meanwhile is what the newer value supersedes.
_LATE = """
UPDATE delivery_field f SET superseded = to_jsonb(r) ->> f.field
FROM staged_row w
JOIN delivery d ON d.source = :source AND d.dataset = :dataset AND d.key = w.key
    AND d.kind = 'update' AND d.state IN ('queued', 'sent', 'accepted', 'confirmed')
JOIN record_{type} r ON r.record_id = d.record_id AND r.batch_id = :batch
WHERE f.delivery_id = d.delivery_id AND f.settled_at IS NULL AND w.batch_id = :batch
  AND d.record_type = '{type}' AND to_jsonb(r) ->> f.field <> f.value
  AND EXISTS (SELECT FROM delivery e JOIN delivery_field p ON p.delivery_id = e.delivery_id
      WHERE e.record_id = d.record_id AND e.number < d.number AND p.field = f.field
        AND p.word = 'overtaken' AND p.value = to_jsonb(r) ->> f.field)
"""

# What a batch has brought of values that are on their way: ours again, or theirs.
_SETTLE = """
WITH news AS (
    SELECT f.delivery_id, f.field, to_jsonb(r) ->> f.field = f.value AS ours
    FROM staged_row w
    JOIN delivery d ON d.source = :source AND d.dataset = :dataset AND d.key = w.key
        AND d.kind = 'update' AND d.state IN ('queued', 'sent', 'accepted', 'confirmed')
    JOIN delivery_field f ON f.delivery_id = d.delivery_id AND f.settled_at IS NULL
    JOIN record_{type} r ON r.record_id = d.record_id AND r.batch_id = :batch
    WHERE w.batch_id = :batch AND d.record_type = '{type}'
      AND to_jsonb(r) ->> f.field IS DISTINCT FROM f.superseded
      -- What has not left cannot have been answered.
      AND (d.state <> 'queued' OR to_jsonb(r) ->> f.field = f.value))
UPDATE delivery_field f SET settled_at = now(),
    word = CASE WHEN news.ours THEN 'ours' ELSE 'theirs' END
FROM news WHERE f.delivery_id = news.delivery_id AND f.field = news.field
RETURNING f.delivery_id
"""

# An echo is as old as the value it repeats.
_DATE = """
UPDATE record_{type} r SET since = coalesce(r.since, '{{}}') || echo.dates FROM (
    SELECT d.record_id, jsonb_object_agg(f.field, f.since) AS dates
    FROM delivery d JOIN delivery_field f ON f.delivery_id = d.delivery_id AND f.word = 'ours'
    JOIN record_{type} r ON r.record_id = d.record_id AND r.batch_id = :batch
    WHERE d.delivery_id = ANY(:ids) AND to_jsonb(r) ->> f.field = f.value
    GROUP BY d.record_id) echo
WHERE r.record_id = echo.record_id
"""

_TELL = """
UPDATE delivery d SET at = now(), leased_until = NULL,
    state = CASE WHEN said.theirs THEN 'differs' ELSE 'confirmed' END,
    reason = CASE WHEN said.theirs THEN 'the source has changed the value itself' END
FROM (
    SELECT delivery_id, bool_or(word = 'theirs') AS theirs FROM delivery_field
    WHERE delivery_id = ANY(:ids) GROUP BY delivery_id
    HAVING bool_and(settled_at IS NOT NULL)) said
WHERE d.delivery_id = said.delivery_id
  AND (d.state IN ('sent', 'accepted') OR d.state = 'queued' AND NOT said.theirs
       OR d.state = 'confirmed' AND said.theirs)
"""


def settle(connection: Connection, batch: BatchRow, types: Sequence[str]) -> None:
    """Recognise what the hub wrote itself among the records that a batch has just changed.

    Runs while the batch's rows are staged and its records are kept.
    """
    said = {"batch": batch.batch_id, "source": batch.source, "dataset": batch.dataset}
    expecting = "SELECT EXISTS (SELECT FROM delivery WHERE source = :source AND dataset = :dataset)"
    if not run(connection, expecting, said).scalar():
        return
    for name in types:
        run(connection, _LATE.format(type=name), said)
        ids = list(run(connection, _SETTLE.format(type=name), said).scalars())
        if ids:
            told = {**said, "ids": ids}
            run(connection, _DATE.format(type=name), told)
            run(connection, _TELL, told)
