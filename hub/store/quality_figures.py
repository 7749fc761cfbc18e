"""How good the values of sources are: measured over all live records at once, kept by day.

Everything is kept as counts, so that what is summed up over fields or datasets stays right:

- *completeness*: of the records, those that say something in the field (`filled` / `records`);
- *validity*: of what was said, what broke no rule (`filled` / (`filled` + `invalid`));
- *agreement*: of the values on which another source speaks too, those that are as the golden
  record's (`agreed` / `compared`);
- *timeliness*: of the records that the source changed lately, those that reached the hub within
  a day (`timely` / `recent`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert as pg_insert

from hub.store.tables import quality_figure
from hub.store.visible import SourcesView

#: Changes of so many days are looked at for timeliness, and what reached the hub within so many
#: hours was timely.
RECENT_DAYS, TIMELY_HOURS = 30, 24
#: The field of figures about the records as such.
WHOLE = ""
COUNTS = ("records", "filled", "invalid", "compared", "agreed", "recent", "timely")
MEASURES = ("completeness", "validity", "timeliness", "agreement")


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted of some values; each measure is a share of them, None of nothing."""

    records: int = 0
    filled: int = 0
    invalid: int = 0
    compared: int = 0
    agreed: int = 0
    recent: int = 0
    timely: int = 0

    @property
    def completeness(self) -> float | None:
        """Return the share of records that say something."""
        return _share(self.filled, self.records)

    @property
    def validity(self) -> float | None:
        """Return the share of what was said that broke no rule."""
        return _share(self.filled, self.filled + self.invalid)

    @property
    def timeliness(self) -> float | None:
        """Return the share of late changes that reached the hub within a day."""
        return _share(self.timely, self.recent)

    @property
    def agreement(self) -> float | None:
        """Return the share of values that agree, where others speak too."""
        return _share(self.agreed, self.compared)

    def measures(self) -> dict[str, float | None]:
        """Return every measure by its name."""
        return {name: getattr(self, name) for name in MEASURES}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class Figure:
    """The counts of one field of one dataset on one day; `WHOLE`: of its records as such."""

    day: date
    source: str
    dataset: str
    record_type: str
    field: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figures are asked for; None asks nothing."""

    source: str | None = None
    dataset: str | None = None
    record_type: str | None = None
    field: str | None = None
    since: date | None = None
    until: date | None = None


#: By dataset, the fields of a record type that it speaks of.
Spoken = Mapping[tuple[str, str], frozenset[str]]


def measure(
    connection: Connection, record_type: str, names: Sequence[str], spoken: Spoken, day: date
) -> list[Figure]:
    """Count what datasets say of their fields, in one pass over the records of a type."""
    said = {"days": RECENT_DAYS, "hours": TIMELY_HOURS}
    found = connection.execute(sa.text(_counting(record_type, names)), said)
    figures: list[Figure] = []
    for source, dataset, *counts in found:
        records, recent, timely, *by_field = counts
        about = (day, source, dataset, record_type)
        # A record that is there at all says something.
        whole = Counts(records, records, recent=recent, timely=timely)
        figures.append(Figure(*about, WHOLE, whole))
        for name, *three in zip(names, *(by_field[place::3] for place in range(3)), strict=True):
            if name in spoken.get((source, dataset), ()):
                filled, compared, agreed = three
                figures.append(Figure(*about, name, Counts(records, filled, 0, compared, agreed)))
    return figures


def _counting(record_type: str, names: Sequence[str]) -> str:
    """Write the query; on which fields more than one source speaks is told entity by entity."""
    several = ", ".join(
        f"min(r.source) FILTER (WHERE r.{name} IS NOT NULL)"
        f" < max(r.source) FILTER (WHERE r.{name} IS NOT NULL) AS {name}"
        for name in names
    )
    counted = ", ".join(
        f"count(r.{name}), count(r.{name}) FILTER (WHERE s.{name}),"
        f" count(*) FILTER (WHERE s.{name} AND r.{name} = g.{name})"
        for name in names
    )
    late = "r.recorded_at > now() - make_interval(days => :days)"
    return f"""
WITH several AS MATERIALIZED (
    SELECT l.entity_id, {several}
    FROM record_{record_type} r JOIN link l USING (record_id)
    WHERE r.withdrawn_at IS NULL AND l.entity_id IS NOT NULL
    GROUP BY l.entity_id HAVING min(r.source) < max(r.source))
SELECT r.source, r.dataset, count(*), count(*) FILTER (WHERE {late}),
    count(*) FILTER (WHERE {late}
        AND b.received_at <= r.recorded_at + make_interval(hours => :hours)), {counted}
FROM record_{record_type} r
JOIN batch b ON b.batch_id = r.batch_id
LEFT JOIN link l ON l.record_id = r.record_id
LEFT JOIN several s ON s.entity_id = l.entity_id
LEFT JOIN golden_{record_type} g ON g.entity_id = s.entity_id
WHERE r.withdrawn_at IS NULL
GROUP BY r.source, r.dataset"""


def invalid_counts(connection: Connection) -> dict[tuple[str, str, str | None, str], int]:
    """Count by dataset, record type and field the rows whose value, or record, is not used."""
    found = connection.execute(sa.text(_INVALID))
    return {(row[0], row[1], row[2], row[3]): int(row[4]) for row in found}


_INVALID = f"""
SELECT source, dataset, record_type, coalesce(field, '{WHOLE}'), count(DISTINCT key)
FROM quarantine WHERE released_at IS NULL AND fate IN ('quarantine', 'blank')
GROUP BY 1, 2, 3, 4
"""


def keep_figures(connection: Connection, figures: Iterable[Figure]) -> int:
    """Keep the figures of a day, in place of what was measured earlier on it."""
    rows = [
        {name: getattr(one, name) for name in Figure.__slots__ if name != "counts"}
        | asdict(one.counts)
        for one in figures
    ]
    if rows:
        insert = pg_insert(quality_figure)
        changed = {name: insert.excluded[name] for name in COUNTS}
        keys = [column.name for column in quality_figure.primary_key]
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), rows)
    return len(rows)


_KEY = ("source", "dataset", "record_type", "field")
#: Where a list of figures goes on: the last one that was told.
Place = Sequence[str]


def list_figures(
    connection: Connection,
    view: SourcesView,
    asked: Asked,
    *,
    after: Place | None = None,
    limit: int = 10_000,
) -> list[Figure]:
    """List figures, the oldest day first."""
    table = quality_figure
    order = [table.c.day, *(table.c[name] for name in _KEY)]
    query = sa.select(table).where(*_conditions(view, asked)).order_by(*order).limit(limit)
    if after is not None:
        day, *others = after
        query = query.where(
            sa.tuple_(*order) > sa.tuple_(sa.cast(day, sa.Date), *map(sa.literal, others))
        )
    return [_figure(row) for row in connection.execute(query).mappings()]


def daily(
    connection: Connection, view: SourcesView, asked: Asked, *, by: Sequence[str] = ()
) -> dict[tuple[Any, ...], Counts]:
    """Sum figures up by day and, further, by source, dataset, record type or field."""
    table = quality_figure
    aspects = [table.c.day, *(table.c[name] for name in by)]
    # Timeliness is of records; completeness and agreement are of their fields.
    of_fields = table.c.field != WHOLE
    sums = [
        sa.func.coalesce(sa.func.sum(table.c[name]).filter(condition), 0).label(name)
        for name in COUNTS
        for condition in (sa.true() if name in ("invalid", "recent", "timely") else of_fields,)
    ]
    query = sa.select(*aspects, *sums).where(*_conditions(view, asked)).group_by(*aspects)
    found = connection.execute(query.order_by(*aspects))
    width = len(aspects)
    return {tuple(row[:width]): Counts(*map(int, row[width:])) for row in found}


def last_day(connection: Connection, until: date | None = None) -> date | None:
    """Return the newest day that figures are of, at most until a day; None without any."""
    table = quality_figure
    query = sa.select(sa.func.max(table.c.day))
    found: date | None = connection.scalar(
        query if until is None else query.where(table.c.day <= until)
    )
    return found


def _conditions(view: SourcesView, asked: Asked) -> list[sa.ColumnElement[bool]]:
    table = quality_figure
    conditions = [view.rows(table.c.source)]
    for name in _KEY:
        wanted = getattr(asked, name)
        conditions += [] if wanted is None else [table.c[name] == wanted]
    conditions += [] if asked.since is None else [table.c.day >= asked.since]
    conditions += [] if asked.until is None else [table.c.day <= asked.until]
    return conditions


def _figure(row: Mapping[Any, Any]) -> Figure:
    about = {name: row[name] for name in ("day", *_KEY)}
    return Figure(**about, counts=Counts(**{name: row[name] for name in COUNTS}))
