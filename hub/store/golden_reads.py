"""Reading golden records: one by id, pages of them, and the record types' own filters.

What is read and of whom comes from a `View`; nothing here decides who may see what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from hub.errors import HubError, NotFound
from hub.store import tables
from hub.store.visible import View, golden_table
from schemas import Section

#: The field by which records of a type are commonly told apart.
CATEGORY: dict[str, str] = {
    "person": "care_categories",
    "house": "house_use",
    "address": "address_status",
    "grid": "grid_type",
    "component": "component_class_code",
    "camera": "device_type",
    "geo_entity": "geo_entity_class",
    "building": "building_structure",
}


class Superseded(HubError):
    """The entity was merged into another one, which answers for it."""

    status = 308

    def __init__(self, winner: str) -> None:
        super().__init__(f"merged into {winner}")
        self.winner = winner


class Retired(HubError):
    """No live record speaks of the entity any more."""

    status = 410


@dataclass(frozen=True, slots=True)
class GoldenRecord:
    """A golden record as one caller sees it."""

    id: str
    version: int
    updated_at: datetime
    fields: dict[str, object]
    marks: dict[str, str]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which golden records are asked for; None asks nothing."""

    grid: str | None = None
    community: str | None = None
    changed_since: datetime | None = None
    category: str | None = None

    def names(self, model: type[Section]) -> frozenset[str]:
        """Return the fields that are filtered by: to filter by a value is to read it."""
        asked = {
            "grid_code": self.grid,
            "community_code": self.community,
            CATEGORY[model.record_type]: self.category,
        }
        return frozenset(name for name, value in asked.items() if value is not None)


@dataclass(frozen=True, slots=True)
class Relation:
    """A tie to another entity, seen from one of the two."""

    role: str
    #: Which end the entity asked about is: it is ``from`` in "a person owns a house".
    end: str
    id: str
    record_type: str
    from_date: str | None
    to_date: str | None


@lru_cache(1_000)
def _columns(view: View) -> tuple[sa.ColumnElement[Any], ...]:
    table = golden_table(view)
    return (
        table.c.entity_id.label("entity_id"),
        table.c.version.label("version"),
        table.c.updated_at.label("updated_at"),
        table.c.marks.label("golden_marks"),
        *view.columns(table),
    )


@lru_cache(1_000)
def _one(view: View) -> sa.Select[Any]:
    table = golden_table(view)
    return sa.select(*_columns(view), table.c.retired_at.label("retired_at")).where(
        table.c.entity_id == sa.bindparam("sought"), view.rows(table.c.entity_id)
    )


#: What `live_golden` calls the ids.
SOUGHT = "sought"


def live_golden(view: View) -> sa.Select[Any]:
    """Return the query for the golden records that are served of these."""
    table = golden_table(view)
    sought = sa.bindparam(SOUGHT, [], ARRAY(sa.Text))
    return sa.select(*_columns(view)).where(
        table.c.entity_id == sa.func.any(sought),
        table.c.retired_at.is_(None),
        view.rows(table.c.entity_id),
    )


def golden_record(view: View, said: Mapping[Any, Any]) -> GoldenRecord:
    """Read a row of the view's columns as a golden record."""
    return GoldenRecord(
        said["entity_id"],
        said["version"],
        said["updated_at"],
        view.read(said),
        view.marks(said["golden_marks"]),
    )


def get_golden(connection: Connection, view: View, entity_id: str) -> GoldenRecord:
    """Return a golden record; raise NotFound, Superseded or Retired where it is not served."""
    row = connection.execute(_one(view), {"sought": entity_id}).one_or_none()
    if row is None or row.retired_at is not None:
        raise gone(connection, view, entity_id, known=row is not None)
    return golden_record(view, row._mapping)


def gone(connection: Connection, view: View, entity_id: str, *, known: bool = False) -> HubError:
    """Say why an entity is not served: it gave way to another, retired, or never was.

    Of what lies beyond the caller's areas nothing is said.
    """
    model, table = view.model, tables.entity
    if not known and not view.everywhere:
        return NotFound(f"there is no {model.record_type} of this id")
    query = sa.select(table.c.superseded_by).where(
        table.c.entity_id == entity_id, table.c.record_type == model.record_type
    )
    winner = connection.scalar(query)
    if winner is not None:
        return Superseded(winner)
    if known:
        return Retired(f"no source speaks of this {model.record_type} any more")
    return NotFound(f"there is no {model.record_type} of this id")


def list_golden(
    connection: Connection,
    view: View,
    asked: Filter,
    *,
    after: str,
    limit: int,
    also: Sequence[sa.ColumnElement[bool]] = (),
    by: str = "entity_id",
) -> list[GoldenRecord]:
    """Return the golden records behind an id, in the order of their ids, or behind another code.

    ``also`` are further conditions; whoever states them, or another order, has seen to it that
    the caller may. What they are put in order by tells each from all others.
    """
    table = golden_table(view)
    order = table.c[by]
    query = (
        sa.select(*_columns(view))
        .where(*_conditions(view, asked), *also, order > after)
        .order_by(order)
        .limit(limit)
    )
    return [golden_record(view, row._mapping) for row in connection.execute(query)]


def golden_of(connection: Connection, view: View, ids: Sequence[str]) -> dict[str, GoldenRecord]:
    """Return the golden records that are served of these, by their ids, in one query."""
    found = connection.execute(live_golden(view), {SOUGHT: list(ids)}) if ids else ()
    return {row.entity_id: golden_record(view, row._mapping) for row in found}


def golden_with(
    connection: Connection, view: View, name: str, values: Sequence[str]
) -> list[GoldenRecord]:
    """Return golden records that have one of these values of a field that the view shows whole."""
    table = golden_table(view)
    if not values:
        return []
    query = sa.select(*_columns(view)).where(
        table.c[name].in_(list(values)),
        table.c.retired_at.is_(None),
        view.sought([name], table.c.entity_id),
        view.rows(table.c.entity_id),
    )
    return [golden_record(view, row._mapping) for row in connection.execute(query)]


def count_golden(connection: Connection, view: View, asked: Filter) -> int:
    """Count the golden records asked for."""
    query = sa.select(sa.func.count()).select_from(golden_table(view))
    return int(connection.scalar(query.where(*_conditions(view, asked))) or 0)


def estimate_golden(connection: Connection, view: View, asked: Filter) -> int:
    """Estimate the number of golden records asked for as PostgreSQL's planner does."""
    query = sa.select(golden_table(view).c.entity_id).where(*_conditions(view, asked))
    # Lists of codes become parameters of their own, which the driver has to see written out.
    compiled = query.compile(
        dialect=connection.dialect, compile_kwargs={"render_postcompile": True}
    )
    explain = f"EXPLAIN (FORMAT JSON) {compiled}"
    plan = connection.exec_driver_sql(explain, dict(compiled.params)).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])


def _conditions(view: View, asked: Filter) -> list[sa.ColumnElement[bool]]:
    table = golden_table(view)
    said = [table.c.retired_at.is_(None), view.rows(table.c.entity_id)]
    if by := asked.names(view.model):
        said.append(view.sought(by, table.c.entity_id))
    if asked.grid is not None:
        said.append(table.c.grid_code == asked.grid)
    if asked.community is not None:
        said.append(table.c.community_code == asked.community)
    if asked.changed_since is not None:
        said.append(table.c.updated_at >= asked.changed_since)
    if asked.category is not None:
        column = table.c[CATEGORY[view.model.record_type]]
        held = isinstance(column.type, JSONB)
        said.append(column.contains([asked.category]) if held else column == asked.category)
    return said


def relations_of(connection: Connection, views: Sequence[View], entity_id: str) -> list[Relation]:
    """Return the ties of an entity to what the views show, each once, however many say so.

    Ties are worked out where they are read, so that to plan the question costs more than to answer
    it: it is asked once for each end, of things of all types together.
    """
    table = tables.relation
    ends = (("from", table.c.from_id, table.c.to_id), ("to", table.c.to_id, table.c.from_id))
    types = {view.model.letter: view.model.record_type for view in views}
    parts = [
        sa.select(
            table.c.role,
            sa.literal(end).label("end"),
            other.label("id"),
            sa.cast(sa.func.min(table.c.from_date), sa.Text).label("from_date"),
            sa.cast(sa.func.max(table.c.to_date), sa.Text).label("to_date"),
        )
        .where(own == entity_id, _seen(views, other))
        .group_by(table.c.role, other)
        for end, own, other in ends
    ]
    found = connection.execute(sa.union_all(*parts).order_by("role", "end", "id"))
    return [Relation(**row._mapping, record_type=types[row.id[0]]) for row in found]


def _seen(views: Sequence[View], entity_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Return the condition that one of the views shows an entity."""
    within = (
        sa.and_(entity_id.startswith(view.model.letter), view.rows(entity_id)) for view in views
    )
    return sa.or_(sa.false(), *within)


def exists_golden(connection: Connection, view: View, entity_id: str) -> None:
    """Raise as `get_golden` does where the entity is not served, without reading its values."""
    table = golden_table(view)
    query = sa.select(table.c.retired_at).where(
        table.c.entity_id == entity_id, view.rows(table.c.entity_id)
    )
    row = connection.execute(query).one_or_none()
    if row is None or row.retired_at is not None:
        raise gone(connection, view, entity_id, known=row is not None)
