"""Stewards' judgements: whether two records speak of the same thing; superseded, never deleted.

A word counts from the moment it is written down until another takes its place or it is taken
back. Records spoken of are queued, so that the next resolve heeds it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import Conflict, NotFound
from hub.store import tables
from hub.store.match_reads import Party, parties_of

Verdict = Literal["same", "different", "unsure"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

#: How a word can be contradicted: *same*, and yet two entities; *different*, and yet one;
#: *different*, and yet a third record is, or looks, the same as both.
Against = Literal["apart", "together", "between"]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What stands against a judgement: other judgements, and records between its two."""

    kind: Against
    judgement_ids: tuple[int, ...]
    thirds: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A steward's word on a pair of records."""

    judgement_id: int
    record_type: str
    left: Party
    right: Party
    verdict: Verdict
    reason: str
    said_by: str
    said_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    contradiction: Contradiction | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which judgements are asked for; None asks nothing."""

    live: bool | None = None
    record_type: str | None = None
    verdict: Verdict | None = None
    said_by: str | None = None
    #: Those about one of these records.
    record_ids: tuple[int, ...] | None = None
    contradicted: bool = False


_TABLE, _SAID = tables.judgement, tables.judgement.c


def write_judgement(
    connection: Connection, pair: tuple[Party, Party], word: Mapping[str, str]
) -> int:
    """Write down a word (``record_type, verdict, reason, said_by``) instead of the one before.

    Returns the judgement's number; both records are queued.
    """
    left, right = sorted(party.record_id for party in pair)
    before = (_SAID.left_id == left, _SAID.right_id == right, _SAID.ended_at.is_(None))
    ended = {"ended_at": sa.func.now(), "ended_by": word["said_by"]}
    connection.execute(_TABLE.update().where(*before).values(ended))
    made = _TABLE.insert().values(left_id=left, right_id=right, **word)
    number = connection.scalar(made.returning(_SAID.judgement_id))
    _queue(connection, word["record_type"], (left, right))
    return int(number)


def end_judgement(connection: Connection, judgement_id: int, ended_by: str) -> None:
    """Take a word back; its records are queued. Conflict where it counts no more."""
    ended = {"ended_at": sa.func.now(), "ended_by": ended_by}
    live = (_SAID.judgement_id == judgement_id, _SAID.ended_at.is_(None))
    statement = _TABLE.update().where(*live).values(ended)
    row = connection.execute(statement.returning(*_TABLE.c)).one_or_none()
    if row is None:
        known = sa.select(_SAID.judgement_id).where(_SAID.judgement_id == judgement_id)
        if connection.scalar(known) is None:
            raise NotFound("there is no judgement of this number")
        raise Conflict("the judgement was superseded or taken back before")
    _queue(connection, row.record_type, (row.left_id, row.right_id))


def _queue(connection: Connection, record_type: str, record_ids: Collection[int]) -> None:
    rows = [{"record_id": one, "record_type": record_type} for one in record_ids]
    connection.execute(tables.resolve_queue.insert(), rows)


def get_judgement(
    connection: Connection, judgement_id: int, links: Mapping[str, float]
) -> Judgement:
    """Return a judgement with what stands against it; see `list_judgements`."""
    query = sa.select(*_TABLE.c).where(_SAID.judgement_id == judgement_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no judgement of this number")
    return _judgements(connection, [row], links)[0]


def list_judgements(
    connection: Connection,
    types: Collection[str],
    asked: Asked,
    links: Mapping[str, float],
    *,
    before: int | None,
    limit: int,
) -> list[Judgement]:
    """Return judgements on records of these types below a number, newest first.

    ``links`` gives, by record type, the weight from which records look the same.
    """
    query = sa.select(*_TABLE.c).where(_SAID.record_type.in_(list(types)))
    for name in ("record_type", "verdict", "said_by"):
        wanted = getattr(asked, name)
        query = query if wanted is None else query.where(_TABLE.c[name] == wanted)
    if asked.live is not None:
        query = query.where(_SAID.ended_at.is_(None) if asked.live else _SAID.ended_at.is_not(None))
    if asked.record_ids is not None:
        sides = (side.in_(asked.record_ids) for side in (_SAID.left_id, _SAID.right_id))
        query = query.where(sa.or_(*sides))
    if asked.contradicted:
        query = query.where(_SAID.judgement_id.in_(list(_against(connection, None, links))))
    if before is not None:
        query = query.where(_SAID.judgement_id < before)
    rows = connection.execute(query.order_by(_SAID.judgement_id.desc()).limit(limit)).all()
    return _judgements(connection, rows, links)


def _judgements(
    connection: Connection, rows: Collection[sa.Row[Any]], links: Mapping[str, float]
) -> list[Judgement]:
    against = _against(connection, [row.judgement_id for row in rows], links)
    wanted: dict[str, set[int]] = {}
    for row in rows:
        thirds = against[row.judgement_id].thirds if row.judgement_id in against else []
        wanted.setdefault(row.record_type, set()).update((row.left_id, row.right_id, *thirds))
    parties = parties_of(connection, wanted)
    found = []
    for row in rows:
        said = dict(row._mapping)
        left, right = parties[said.pop("left_id")], parties[said.pop("right_id")]
        told = against.get(row.judgement_id)
        stands = told and Contradiction(
            told.kind, tuple(told.against), tuple(parties[one] for one in told.thirds)
        )
        found.append(Judgement(left=left, right=right, contradiction=stands, **said))
    return found


def _against(
    connection: Connection, judgement_ids: Collection[int] | None, links: Mapping[str, float]
) -> dict[int, sa.Row[Any]]:
    """Find what stands against these judgements, or against any, by their numbers."""
    said = {
        "ids": judgement_ids if judgement_ids is None else list(judgement_ids),
        "types": list(links),
        "weights": list(links.values()),
    }
    return {row.judgement_id: row for row in connection.execute(_AGAINST, said)}


# Near are records that a steward called the same, that belong to one entity, or that weigh enough
# for being linked and were not told apart.
_AGAINST = sa.text(
    """
WITH live AS (
    SELECT j.judgement_id, j.verdict, j.left_id, j.right_id, a.entity_id AS a, b.entity_id AS b
    FROM judgement j JOIN link a ON a.record_id = j.left_id JOIN link b ON b.record_id = j.right_id
    WHERE j.ended_at IS NULL AND a.entity_id IS NOT NULL AND b.entity_id IS NOT NULL),
asked AS (SELECT * FROM live WHERE CAST(:ids AS bigint[]) IS NULL
    OR judgement_id = ANY(CAST(:ids AS bigint[]))),
alike AS NOT MATERIALIZED (
    SELECT left_id, right_id FROM judgement WHERE ended_at IS NULL AND verdict = 'same'
    UNION ALL SELECT m.left_id, m.right_id FROM match m
    JOIN unnest(CAST(:types AS text[]), CAST(:weights AS float[])) AS zone (record_type, weight)
        ON zone.record_type = m.record_type AND m.weight >= zone.weight
    WHERE NOT EXISTS (SELECT FROM judgement d WHERE d.left_id = m.left_id
        AND d.right_id = m.right_id AND d.ended_at IS NULL AND d.verdict = 'different')),
near AS NOT MATERIALIZED (
    SELECT left_id AS one, right_id AS other FROM alike
    UNION ALL SELECT right_id, left_id FROM alike
    UNION ALL SELECT x.record_id, y.record_id FROM link x
    JOIN link y ON y.entity_id = x.entity_id AND y.record_id <> x.record_id)
SELECT s.judgement_id, 'apart' AS kind, ARRAY(SELECT d.judgement_id FROM live d
    WHERE d.verdict = 'different' AND (d.a, d.b) IN ((s.a, s.b), (s.b, s.a)) ORDER BY 1) AS against,
    CAST('{}' AS bigint[]) AS thirds
FROM asked s WHERE s.verdict = 'same' AND s.a <> s.b
UNION ALL
SELECT d.judgement_id, 'together', ARRAY(SELECT s.judgement_id FROM live s
    WHERE s.verdict = 'same' AND s.a = d.a AND s.b = d.a ORDER BY 1), '{}'
FROM asked d WHERE d.verdict = 'different' AND d.a = d.b
UNION ALL
SELECT d.judgement_id, 'between', ARRAY(SELECT s.judgement_id FROM live s WHERE s.verdict = 'same'
    AND (s.left_id = ANY(found.thirds) AND s.right_id IN (d.left_id, d.right_id)
        OR s.right_id = ANY(found.thirds) AND s.left_id IN (d.left_id, d.right_id)) ORDER BY 1),
    found.thirds
FROM asked d CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT mine.other ORDER BY mine.other) AS thirds FROM near mine
    JOIN near theirs ON theirs.one = d.right_id AND theirs.other = mine.other
    JOIN link l ON l.record_id = mine.other AND l.entity_id IS NOT NULL
    WHERE mine.one = d.left_id) found
WHERE d.verdict = 'different' AND d.a <> d.b AND found.thirds IS NOT NULL
"""
)
