"""Who would need help in an evacuation: told as numbers by building, never as persons.

A property company has to know how many helpers a building needs, and nothing about anybody in it
(Regulation on property management, Art 46; PIPL Art 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql as pg

from hub.store import tables
from hub.store.areas import Area

#: Groups smaller than this are told as "fewer than": a number of one or two is a person.
SMALLEST_GROUP = 5
#: Living alone, of high age, unable to look after oneself, a child left behind (HUB-CARE).
_CARE = ("01", "03", "04", "05")
#: The fields that are counted by, for the audit.
COUNTED = ("care_categories", "disability_category_code")


@dataclass(frozen=True, slots=True)
class Building:
    """A building with the number of its residents who need help; None: fewer than can be told."""

    community_code: str | None
    compound_name: str | None
    building_no: str | None
    building_code: str | None
    needing_help: int | None


def evacuation_counts(
    connection: Connection, area: Area, *, after: tuple[str, ...] | None = None, limit: int = 100
) -> list[Building]:
    """Return the buildings of an area in their order, with how many of their residents need help.

    All buildings are listed, also those where nobody does: that a building is missing would tell.
    """
    house, person = tables.GOLDEN["house"], tables.GOLDEN["person"]
    names = ("community_code", "compound_name", "building_no")
    place = [sa.func.coalesce(house.c[name], "").label(name) for name in names]
    code = sa.func.min(house.c.building_code).label("building_code")
    helped = sa.func.count(sa.distinct(person.c.entity_id)).filter(_needs_help(person))
    needing = helped.label("needing_help")
    query = (
        sa.select(*place, code, needing)
        .select_from(house.outerjoin(person, _lives_in(person, house)))
        .where(house.c.retired_at.is_(None), area.rows("house", house.c.entity_id))
        .where(house.c.building_no.is_not(None))
        .group_by(*place)
        .order_by(*place)
        .limit(limit)
    )
    if after is not None:
        behind = [sa.literal(one, sa.Text) for one in after]
        query = query.where(sa.tuple_(*place) > sa.tuple_(*behind))
    return [_told(row) for row in connection.execute(query)]


def _told(row: Any) -> Building:
    said = (row.community_code or None, row.compound_name or None, row.building_no or None)
    enough = row.needing_help >= SMALLEST_GROUP
    return Building(*said, row.building_code, row.needing_help if enough else None)


def _lives_in(person: sa.Table, house: sa.Table) -> sa.ColumnElement[bool]:
    living = sa.func.coalesce(person.c.person_status, "1") == "1"
    return sa.and_(person.c.house_code == house.c.house_code, person.c.retired_at.is_(None), living)


def _needs_help(person: sa.Table) -> sa.ColumnElement[bool]:
    cared = person.c.care_categories.op("?|")(sa.cast(list(_CARE), pg.ARRAY(sa.Text)))
    return sa.or_(
        sa.func.coalesce(cared, sa.false()), person.c.disability_category_code.is_not(None)
    )
