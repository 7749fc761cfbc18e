"""Where golden records lie: by a geometry of their own, or by that of what they name.

Stored positions are longitude and latitude in CGCS2000, which the hub takes as equal to WGS 84
(`schemas.frames`): they differ by centimetres. What an unknown or local frame has been given in
is not known to lie anywhere, and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store.golden_reads import GoldenRecord
from hub.store.tables import GEOMETRY, GOLDEN
from hub.store.visible import View, golden_table
from schemas import MODELS, Section
from schemas.frames import UNPLACED

Condition = sa.ColumnElement[bool]
Shape = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of longitudes and latitudes."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Position:
    """How a record type is placed: whose geometry it has, and by which field it names the other."""

    holder: type[Section]
    named_by: str | None = None

    @property
    def geometry(self) -> str:
        """Return the field that holds the geometry."""
        return GEOMETRY[self.holder.record_type]

    def key(self, table: sa.FromClause) -> sa.ColumnElement[str]:
        """Return what a record and the one that holds its geometry have in common."""
        return table.c[self.named_by or "entity_id"]


#: Record types that can be shown on a map. A building stands on its footprint, a home at its door.
POSITIONS: Mapping[str, Position] = {
    **{name: Position(MODELS[name]) for name in ("geo_entity", "grid", "component", "camera")},
    "building": Position(MODELS["geo_entity"], "geo_entity_id"),
    "house": Position(MODELS["address"], "address_code"),
}


def lies(view: View, holder: View, boxes: Sequence[Box] = ()) -> Condition:
    """Return the condition that a record has a position that the caller sees, in one of the boxes.

    ``holder`` is the view of the type that has the geometry.
    """
    position, table = POSITIONS[view.model.record_type], golden_table(holder)
    shape = table.c[position.geometry]
    found = sa.select(position.key(table)).where(_placed(holder, position), shape.is_not(None))
    if boxes:
        bounds = sa.func.geometry_box(shape)
        found = found.where(sa.or_(*(bounds.op("&&")(_corners(box)) for box in boxes)))
    return position.key(GOLDEN[view.model.record_type]).in_(found.correlate(None))


def _corners(box: Box) -> sa.ColumnElement[Any]:
    point = sa.func.point
    return sa.func.box(point(box.west, box.south), point(box.east, box.north))


def _placed(holder: View, position: Position) -> Condition:
    """Return which records of the holding type are placed, as far as the caller sees it."""
    table = golden_table(holder)
    said = [
        table.c.retired_at.is_(None),
        holder.rows(table.c.entity_id),
        holder.sought({position.geometry}, table.c.entity_id),
    ]
    if "source_crs" in table.c:
        said.append(sa.func.coalesce(table.c.source_crs, "").not_in(sorted(UNPLACED)))
    return sa.and_(*said)


def shapes_of(
    connection: Connection, view: View, holder: View, records: Sequence[GoldenRecord]
) -> dict[str, Shape]:
    """Return the geometries of these records, by their ids, as far as they have one."""
    position, table = POSITIONS[view.model.record_type], golden_table(holder)
    own = GOLDEN[view.model.record_type].alias()
    query = (
        sa.select(own.c.entity_id, table.c[position.geometry])
        .join_from(own, table, position.key(own) == position.key(table))
        .where(own.c.entity_id.in_([one.id for one in records]), _placed(holder, position))
        .order_by(table.c.entity_id)
    )
    rows = connection.execute(query) if records else ()
    return {entity_id: shape for entity_id, shape in rows if isinstance(shape, dict)}
