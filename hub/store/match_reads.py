"""Reading scored pairs: what waits for a steward, what was linked, and what both records say.

Who sees pairs at all, and which fields of their records, comes from views; nothing here decides it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import NotFound
from hub.store import tables
from hub.store.visible import View

#: Which pairs: those that wait for a word, all a steward was ever asked about, linked ones, all.
Zone = Literal["waiting", "review", "link", "all"]

#: Where a page ends: the weight of its last pair, and the pair.
Place = tuple[float, int, int]


@dataclass(frozen=True, slots=True)
class Party:
    """One of the records that a match, a judgement or an entity is made of, by its name."""

    record_id: int
    source: str
    dataset: str
    key: str
    #: The entity that it belongs to; None while it is withdrawn or not linked yet.
    golden_id: str | None


@dataclass(frozen=True, slots=True)
class Match:
    """A scored pair of records and what a steward last said of it."""

    record_type: str
    left: Party
    right: Party
    #: None where the pair was never worth comparing.
    weight: float | None
    #: Why a steward is asked; None: nobody is.
    review: str | None
    judgement_id: int | None
    verdict: str | None

    @property
    def linked(self) -> bool:
        """Tell whether both records belong to one entity."""
        return self.left.golden_id is not None and self.left.golden_id == self.right.golden_id


@dataclass(frozen=True, slots=True)
class Asked:
    """Which pairs are asked for; None asks nothing."""

    zone: Zone = "waiting"
    review: str | None = None
    min_weight: float | None = None
    entity_id: str | None = None
    #: Pairs with one of these records.
    record_ids: tuple[int, ...] | None = None


_MATCH, _SAID = tables.match.c, tables.judgement.c
_LEFT, _RIGHT = tables.link.alias("left_link"), tables.link.alias("right_link")
_COLUMNS = (
    *(_MATCH.left_id, _MATCH.right_id, _MATCH.record_type, _MATCH.weight, _MATCH.review),
    *(_SAID.judgement_id, _SAID.verdict),
)
_SPOKEN_OF = sa.and_(
    _SAID.left_id == _MATCH.left_id,
    _SAID.right_id == _MATCH.right_id,
    _SAID.ended_at.is_(None),
)
_PAIRS: sa.Select[Any] = (
    sa.select(*_COLUMNS)
    .join_from(tables.match, _LEFT, _LEFT.c.record_id == _MATCH.left_id)
    .join(_RIGHT, _RIGHT.c.record_id == _MATCH.right_id)
    .outerjoin(tables.judgement, _SPOKEN_OF)
)
_ZONES: Mapping[Zone, sa.ColumnElement[bool]] = {
    "waiting": sa.and_(_MATCH.review.is_not(None), _SAID.judgement_id.is_(None)),
    "review": _MATCH.review.is_not(None),
    "link": _LEFT.c.entity_id == _RIGHT.c.entity_id,
    "all": sa.true(),
}


def list_matches(
    connection: Connection,
    views: Mapping[str, View],
    asked: Asked,
    *,
    after: Place | None,
    limit: int,
) -> list[Match]:
    """Return the pairs of the views' record types behind a place, the heaviest first."""
    query = _PAIRS.where(*_conditions(views, asked))
    if asked.entity_id is not None:
        members = sa.select(tables.link.c.record_id).where(
            tables.link.c.entity_id == asked.entity_id
        )
        # Read first: an entity has few records, and the pairs of each are found by an index.
        query = query.where(_with(tuple(connection.scalars(members))))
    if after is not None:
        weight, *pair = after
        behind = sa.tuple_(_MATCH.left_id, _MATCH.right_id) > sa.tuple_(*pair)
        lighter = sa.or_(_MATCH.weight < weight, sa.and_(_MATCH.weight == weight, behind))
        query = query.where(lighter)
    order = (_MATCH.weight.desc(), _MATCH.left_id, _MATCH.right_id)
    rows = connection.execute(query.order_by(*order).limit(limit)).all()
    return _matches(connection, rows)


def _conditions(views: Mapping[str, View], asked: Asked) -> list[sa.ColumnElement[bool]]:
    shown = [
        sa.and_(
            _MATCH.record_type == name,
            *(_may_see(view, side.c.entity_id) for side in (_LEFT, _RIGHT)),
        )
        for name, view in views.items()
    ]
    said = [sa.or_(*shown), _ZONES[asked.zone]]
    said += [_MATCH.review == asked.review] if asked.review is not None else []
    said += [_MATCH.weight >= asked.min_weight] if asked.min_weight is not None else []
    said += [_with(asked.record_ids)] if asked.record_ids is not None else []
    return said


def _with(record_ids: tuple[int, ...]) -> sa.ColumnElement[bool]:
    return sa.or_(*(side.in_(record_ids) for side in (_MATCH.left_id, _MATCH.right_id)))


def _may_see(view: View, entity_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    # A record not yet linked belongs to nobody, and so to no area that could be hidden.
    return sa.or_(entity_id.is_(None), view.rows(entity_id))


def pair_type(connection: Connection, left_id: int, right_id: int) -> str:
    """Return the record type of two records; NotFound where it is not one, or one is missing."""
    table = tables.link
    query = sa.select(table.c.record_type).where(table.c.record_id.in_((left_id, right_id)))
    types = list(connection.scalars(query))
    if len(types) < 2 or len(set(types)) > 1 or left_id >= right_id:
        raise NotFound("there is no such pair of records")
    return str(types[0])


def get_match(connection: Connection, view: View, left_id: int, right_id: int) -> Match:
    """Return what is known of a pair, also of one that was never worth comparing."""
    name = view.model.record_type
    parties = parties_of(connection, {name: (left_id, right_id)}, views={name: view})
    if len(parties) < 2:
        raise NotFound("there is no such pair of records")
    pair = (_MATCH.left_id == left_id, _MATCH.right_id == right_id)
    found = connection.execute(_PAIRS.where(*pair)).one_or_none()
    if found is not None:
        return _match(found, parties)
    said = sa.select(_SAID.judgement_id, _SAID.verdict).where(
        _SAID.left_id == left_id, _SAID.right_id == right_id, _SAID.ended_at.is_(None)
    )
    judged = connection.execute(said).one_or_none()
    judgement_id, verdict = (judged.judgement_id, judged.verdict) if judged else (None, None)
    sides = (parties[left_id], parties[right_id])
    return Match(name, *sides, None, None, judgement_id, verdict)


def _matches(connection: Connection, rows: Iterable[sa.Row[Any]]) -> list[Match]:
    listed = list(rows)
    wanted: dict[str, set[int]] = {}
    for row in listed:
        wanted.setdefault(row.record_type, set()).update((row.left_id, row.right_id))
    parties = parties_of(connection, wanted)
    return [_match(row, parties) for row in listed]


def _match(row: sa.Row[Any], parties: Mapping[int, Party]) -> Match:
    return Match(
        row.record_type,
        parties[row.left_id],
        parties[row.right_id],
        row.weight,
        row.review,
        row.judgement_id,
        row.verdict,
    )


def parties_of(
    connection: Connection,
    wanted: Mapping[str, Collection[int]],
    views: Mapping[str, View] | None = None,
) -> dict[int, Party]:
    """Return records by their numbers, which are asked for by record type."""
    found: dict[int, Party] = {}
    for name, record_ids in wanted.items():
        view = (views or {}).get(name)
        shown = _may_see(view, tables.link.c.entity_id) if view else sa.true()
        ids = sa.literal(list(record_ids), sa.ARRAY(sa.BigInteger))
        query = _parties(name).where(tables.RECORD[name].c.record_id == sa.any_(ids), shown)
        found |= {row.record_id: Party(*row) for row in connection.execute(query)}
    return found


def numbers_of(connection: Connection, source: str, dataset: str, key: str) -> tuple[int, ...]:
    """Return the numbers of the records that have a key, or whose row has it, of any type."""
    parts = [
        sa.select(table.c.record_id).where(
            table.c.source == source,
            table.c.dataset == dataset,
            sa.or_(table.c.key == key, table.c.row_key == key),
        )
        for table in tables.RECORD.values()
    ]
    return tuple(connection.scalars(sa.union_all(*parts)))


def find_party(
    connection: Connection, record_type: str, source: str, dataset: str, key: str
) -> Party | None:
    """Return the record of a type that a source knows by this key, or None."""
    table = tables.RECORD[record_type]
    named = (table.c.source == source, table.c.dataset == dataset, table.c.key == key)
    row = connection.execute(_parties(record_type).where(*named)).one_or_none()
    return Party(*row) if row else None


def members_of(
    connection: Connection, record_type: str, entity_ids: Collection[str]
) -> dict[str, list[Party]]:
    """Return the records of entities, in the order of their names."""
    table, found = tables.RECORD[record_type], dict[str, list[Party]]()
    ids = sa.literal(list(entity_ids), sa.ARRAY(sa.Text))
    query = _parties(record_type).where(tables.link.c.entity_id == sa.any_(ids))
    for row in connection.execute(query.order_by(table.c.source, table.c.dataset, table.c.key)):
        party = Party(*row)
        found.setdefault(str(party.golden_id), []).append(party)
    return found


def _parties(record_type: str) -> sa.Select[Any]:
    table, link = tables.RECORD[record_type], tables.link
    return sa.select(
        table.c.record_id, table.c.source, table.c.dataset, table.c.key, link.c.entity_id
    ).outerjoin_from(table, link, link.c.record_id == table.c.record_id)
