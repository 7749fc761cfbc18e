"""Previews: what a judgement or other weights would change, found out by doing it and undoing it.

Nothing is guessed: the real resolve runs behind a savepoint, what it told is read, the savepoint
is rolled back, and the entities it touched are read again as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection

from hub.config import Settings
from hub.database import advisory_lock, engine
from hub.errors import WrongUse
from hub.jobs.resolve import Watch, resolve_queued
from hub.matching.weights import Weights, shipped_weights
from hub.store.effects import State, Told, known_ids, read_state, told_of
from hub.store.match_reads import Party
from hub.store.resolve_queue import queued
from hub.store.visible import View

#: What becomes of an entity: it gives way to another one, parts of it go their own way, its id is
#: new, its id lives again, its last record goes, or only its records or values change.
Becomes = Literal["merged", "split", "created", "returned", "ended", "changed"]


@dataclass(frozen=True, slots=True)
class Flip:
    """A golden field that would have another value or mark."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Affected:
    """An entity that something would happen to."""

    #: None for an entity that begins: its id is only made up when it really does.
    entity_id: str | None
    record_type: str
    becomes: Becomes
    #: Where its records go: the winner of a merge, the parts of a split.
    into: tuple[str | None, ...]
    before: tuple[Party, ...]
    after: tuple[Party, ...]
    flips: tuple[Flip, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What would change: so many entities of each sort, the first of them, and who would hear."""

    counts: Mapping[Becomes, int]
    entities: tuple[Affected, ...]
    #: Sources with a record of an affected entity, before or after.
    sources: tuple[str, ...]


def begin_resolving(connection: Connection, settings: Settings) -> None:
    """Wait for other resolves, and resolve what they left, so that what follows is told apart."""
    advisory_lock(connection, "resolve")
    if queued(connection):
        resolve_queued(connection, carrying=settings)


def tried(
    connection: Connection,
    act: Callable[[], Mapping[str, Any]],
    views: Mapping[str, View],
    most: int,
) -> Effect:
    """Do something within a savepoint, undo it, and say what it changed.

    ``act`` returns the cause by which the outbox tells of it. Entities that moved come first, no
    more than ``most`` are described; values only of the types that there are views of.
    """
    savepoint = connection.begin_nested()
    try:
        told = told_of(connection, act())
        ids = _touched(told)
        after = read_state(connection, ids, views)
    finally:
        savepoint.rollback()
    known = known_ids(connection, [one for listed in ids.values() for one in listed])
    seen = _Seen(told, known, read_state(connection, ids, views), after, views)
    return _effect(ids, seen, most)


def try_weights(
    settings: Settings, weights: Weights, *, most: int = 20, watch: Watch | None = None
) -> Effect:
    """Say what resolving everything by other weights would change; nothing is changed.

    Other resolves wait meanwhile, as they do for a full one.
    """
    with engine(settings).connect() as connection, connection.begin() as transaction:
        begin_resolving(connection, settings)

        def act() -> Mapping[str, Any]:
            cause = {"kind": "preview"}
            resolve_queued(connection, full=True, watch=watch, cause=cause, weights=weights)
            return cause

        effect = tried(connection, act, {}, most)
        transaction.rollback()
    return effect


def other_weights(
    file: Path | None = None, *, link: float | None = None, review: float | None = None
) -> Weights:
    """Return the weights shipped, or those of a file, with other bounds where they are given."""
    weights = shipped_weights()
    if file is not None:
        try:
            weights = Weights.read(file.read_text(encoding="utf-8"))
        except OSError:
            raise WrongUse(f"{file} cannot be read") from None
        except (ValueError, KeyError, TypeError):
            raise WrongUse(f"{file} is no table of weights") from None
    link = weights.link if link is None else link
    review = weights.review if review is None else review
    if review > link:
        raise WrongUse("pairs that are linked are asked about no more: review is above link")
    return replace(weights, link=link, review=review)


def _touched(told: Collection[Told]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in told:
        found.setdefault(one.record_type, set()).update((one.entity_id, *one.members))
    return found


_ORDER: tuple[Becomes, ...] = ("merged", "split", "created", "returned", "ended", "changed")


def _effect(ids: Mapping[str, Collection[str]], seen: _Seen, most: int) -> Effect:
    found = [seen.affected(name, one) for name, listed in ids.items() for one in listed]
    found.sort(key=lambda one: (_ORDER.index(one.becomes), one.record_type, one.entity_id or ""))
    counts = {name: sum(one.becomes == name for one in found) for name in _ORDER}
    sources = {party.source for one in found for party in (*one.before, *one.after)}
    return Effect(counts, tuple(found[:most]), tuple(sorted(sources)))


class _Seen:
    """Entities before and after, and what the outbox told of the way between."""

    def __init__(
        self,
        told: Collection[Told],
        known: Collection[str],
        before: State,
        after: State,
        views: Mapping[str, View],
    ) -> None:
        self._known, self._before, self._after, self._views = known, before, after, views
        self._moves = {one.entity_id: one for one in told if one.change in ("merged", "split")}
        self._flipped: dict[str, dict[str, None]] = {}
        for one in told:
            self._flipped.setdefault(one.entity_id, {}).update(dict.fromkeys(one.fields))

    def affected(self, record_type: str, entity_id: str) -> Affected:
        """Say what becomes of one entity."""
        before = tuple(self._before.members.get(entity_id, ()))
        after = tuple(self._after.members.get(entity_id, ()))
        move = self._moves.get(entity_id)
        into = tuple(part for part in move.members if part != entity_id) if move else ()
        return Affected(
            self._lasting(entity_id),
            record_type,
            self._becomes(entity_id, before, after),
            tuple(map(self._lasting, into)),
            before,
            after,
            self._flips(entity_id, self._views.get(record_type)),
        )

    def _lasting(self, entity_id: str) -> str | None:
        return entity_id if entity_id in self._known else None

    def _becomes(
        self, entity_id: str, before: Collection[Party], after: Collection[Party]
    ) -> Becomes:
        if entity_id not in self._known:
            return "created"
        if not after:
            return "merged" if entity_id in self._moves else "ended"
        if not before:
            return "returned"
        return "split" if entity_id in self._moves else "changed"

    def _flips(self, entity_id: str, view: View | None) -> tuple[Flip, ...]:
        """List the fields that change; without a view their names alone."""
        names = self._flipped.get(entity_id, {})
        if view is None:
            return tuple(Flip(name, None, None) for name in names)
        before, after = (state.values.get(entity_id, {}) for state in (self._before, self._after))
        shown = (name for name in names if name in view.names)
        return tuple(Flip(name, before.get(name), after.get(name)) for name in shown)
