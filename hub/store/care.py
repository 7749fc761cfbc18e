"""Whom workers see to before others: who they are, how many, and who has waited longest.

Every question is asked through a view: a need whose fields the caller may not look into is none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store.tables import CARED_FOR, GOLDEN
from hub.store.visible import View

Condition = sa.ColumnElement[bool]
_PERSON = GOLDEN["person"].c

#: The state's guidance on visiting the elderly asks for a visit a month.
VISITED_WITHIN = timedelta(days=30)
NEW_WITHIN = timedelta(days=30)
#: Codes of `care_categories`.
_ALONE, _AGED = "01", "03"
#: Codes of `person_status`: moved away, dead, registration cancelled.
_GONE = ("2", "3", "4")
# As the index declares it: only then the planner knows that the index holds them all.
_CARED_FOR: Condition = sa.literal_column(f"({CARED_FOR})", sa.Boolean())
_BEFORE_ALL, _AFTER_ALL = date(1900, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Need:
    """Why a worker sees to somebody, and by which fields that is known."""

    name: str
    reads: tuple[str, ...]
    holds: Callable[[date], Condition]


def _categorised(code: str) -> Callable[[date], Condition]:
    return lambda _: _PERSON.care_categories.contains([code])


def _disabled(_: date) -> Condition:
    return _PERSON.disability_category_code.is_not(None)


def _unvisited(today: date) -> Condition:
    return sa.func.coalesce(_PERSON.last_visit_date, _BEFORE_ALL) < today - VISITED_WITHIN


def _arrived(today: date) -> Condition:
    return _PERSON.residence_start_date.between(today - NEW_WITHIN, today)


_CARED = ("care_categories", "disability_category_code")
ARRIVED = Need("arrived", ("residence_start_date",), _arrived)
#: In the order in which they are shown; those of whom somebody has to be visited come first.
TO_VISIT = (
    Need("unvisited", (*_CARED, "last_visit_date"), _unvisited),
    Need("alone", ("care_categories",), _categorised(_ALONE)),
    Need("aged", ("care_categories",), _categorised(_AGED)),
    Need("disabled", ("disability_category_code",), _disabled),
)
NEEDS: Mapping[str, Need] = {need.name: need for need in (*TO_VISIT, ARRIVED)}
#: What is read to tell who is still here, and who has waited longest.
READS = frozenset({name for need in NEEDS.values() for name in need.reads} | {"person_status"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many have a need, and the ids of those who have waited longest."""

    count: int
    ids: Sequence[str]


def knowable(view: View, needs: Collection[Need]) -> list[Need]:
    """Return the needs that the caller may know of."""
    return [need for need in needs if all(map(view.searchable, need.reads))]


def living(view: View) -> list[Condition]:
    """Return which people of a view are here, as far as the caller may know."""
    said: list[Condition] = [_PERSON.retired_at.is_(None), view.rows(_PERSON.entity_id)]
    if view.searchable("person_status"):
        said.append(sa.func.coalesce(_PERSON.person_status, "").not_in(_GONE))
    return said


def _holds(view: View, need: Need, today: date) -> Condition:
    return sa.and_(need.holds(today), view.sought(need.reads, _PERSON.entity_id))


def _cared_for(needs: Collection[Need]) -> list[Condition]:
    """Return what all who have these needs have in common, by which an index finds them."""
    return [_CARED_FOR] if all(need in TO_VISIT for need in needs) else []


def _rank(view: View, need: Need) -> sa.ColumnElement[int]:
    """Return what people are put in order by: the least comes first."""
    if need is ARRIVED:
        return _AFTER_ALL - _PERSON.residence_start_date
    if not view.searchable("last_visit_date"):
        return sa.literal(0)
    return sa.func.coalesce(_PERSON.last_visit_date, _BEFORE_ALL) - _BEFORE_ALL


def waiting(
    connection: Connection, view: View, needs: Sequence[Need], today: date, *, most: int
) -> dict[str, Waiting]:
    """Return, by need, how many there are and who comes first; all is read in one go."""
    if not needs:
        return {}
    holds = [_holds(view, need, today) for need in needs]
    columns = [held.label(need.name) for held, need in zip(holds, needs, strict=True)]
    everybody = (
        sa.select(_PERSON.entity_id, _rank(view, needs[0]).label("rank"), *columns)
        .where(*living(view), *(_cared_for(needs) or [sa.or_(*holds)]))
        .cte("everybody")
        .prefix_with("MATERIALIZED")
    )
    found = sa.union_all(*(_first(everybody, need, most) for need in needs))
    rows = connection.execute(found)
    return {row.need: Waiting(row.total, row.ids or ()) for row in rows}


def _first(everybody: sa.CTE, need: Need, most: int) -> sa.Select[Any]:
    has = everybody.c[need.name]
    first = (
        sa.select(everybody.c.entity_id)
        .where(has)
        .order_by(everybody.c.rank, everybody.c.entity_id)
        .limit(most)
    )
    return sa.select(
        sa.literal(need.name).label("need"),
        sa.select(sa.func.count()).where(has).scalar_subquery().label("total"),
        sa.func.array(first.scalar_subquery()).label("ids"),
    )


def in_need(
    connection: Connection,
    view: View,
    need: Need | None,
    today: date,
    *,
    grid: str | None = None,
    after: tuple[int, str] | None,
    limit: int,
) -> list[tuple[int, str]]:
    """Return who has a need, or everybody, with their place in the order, behind a place in it."""
    rank = _rank(view, need) if need else sa.literal(0)
    said = living(view)
    if need is not None:
        said += [_holds(view, need, today), *_cared_for([need])]
    if grid is not None:
        said += [_PERSON.grid_code == grid, view.sought({"grid_code"}, _PERSON.entity_id)]
    if after is not None:
        said.append(sa.tuple_(rank, _PERSON.entity_id) > sa.tuple_(*map(sa.literal, after)))
    # By its name: PostgreSQL takes a bare number there for the number of a column.
    named = rank.label("rank")
    query = sa.select(named, _PERSON.entity_id).where(*said)
    rows = connection.execute(query.order_by(named, _PERSON.entity_id).limit(limit))
    return [(int(place), entity_id) for place, entity_id in rows]


def count_by_grid(
    connection: Connection, view: View, grids: Sequence[str], today: date
) -> dict[str, dict[str, int]]:
    """Count the people of grids, and those among them with each need that the caller may know."""
    needs = knowable(view, TO_VISIT)
    sums = [
        sa.func.count().filter(_CARED_FOR, _holds(view, need, today)).label(need.name)
        for need in needs
    ]
    query = (
        sa.select(_PERSON.grid_code, sa.func.count().label("people"), *sums)
        .where(*living(view), _PERSON.grid_code.in_(list(grids)))
        .where(view.sought({"grid_code"}, _PERSON.entity_id))
        .group_by(_PERSON.grid_code)
    )
    nobody = {"people": 0, **{need.name: 0 for need in needs}}
    found = {row.grid_code: dict(row._mapping) for row in connection.execute(query)}
    return {grid: {name: found.get(grid, nobody)[name] for name in nobody} for grid in grids}


def lived_in(view: View, grid: sa.ColumnElement[str]) -> Condition:
    """Return the condition that somebody lives in a grid, as far as the caller may know."""
    here = (_PERSON.grid_code == grid, view.sought({"grid_code"}, _PERSON.entity_id))
    # With a limit it is looked up grid by grid, by the index, and never joined to everybody.
    anybody = sa.select(sa.literal(1)).where(*living(view), *here).limit(1)
    return anybody.correlate(GOLDEN["grid"]).scalar_subquery().is_not(None)


def count_things(connection: Connection, view: View, grids: Sequence[str]) -> dict[str, int]:
    """Count what is served of a view's record type in each of these grids."""
    table = GOLDEN[view.model.record_type]
    query = (
        sa.select(table.c.grid_code, sa.func.count())
        .where(
            table.c.retired_at.is_(None),
            table.c.grid_code.in_(list(grids)),
            view.sought({"grid_code"}, table.c.entity_id),
        )
        .group_by(table.c.grid_code)
    )
    found = {grid: int(count) for grid, count in connection.execute(query)}
    return {grid: found.get(grid, 0) for grid in grids}
