"""Resolving: what changed is linked to its entities, and their golden records are published.

The record types are resolved in an order in which each can take values from those before it:
positions lie in grids, houses stand at addresses, people live in houses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from hub import matching
from hub.config import Settings
from hub.database import advisory_lock, engine
from hub.jobs import ahead, likeness, persons, relinking
from hub.jobs.aliases import find_aliases
from hub.jobs.carrying import Carrying
from hub.jobs.cross_checks import check_records
from hub.jobs.making import Chosen, Maker
from hub.jobs.placing import place
from hub.jobs.publish import Publisher
from hub.jobs.spoken import MANY, Spoken
from hub.jobs.whereabouts import Areas, place_compounds
from hub.matching.weights import Weights, shipped_weights
from hub.store import aliases, attachments, feed, golden, link_keys, linking, matches
from hub.store.compounds import unplaced_records
from hub.store.golden import Published
from hub.store.grids import grids_around
from hub.store.resolve_queue import Waiting, take_queue
from schemas import MODELS, Section
from schemas.distinct import Columns, cells, chosen_rows

#: Called with what is being done now, for a progress bar.
Watch = Callable[[str], None]

CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a resolve did, in numbers of records, entities and pairs to be reviewed."""

    records: int = 0
    entities: int = 0
    created: int = 0
    changed: int = 0
    merged: int = 0
    split: int = 0
    review: int = 0
    seconds: float = 0.0


def resolve(
    settings: Settings,
    *,
    full: bool = False,
    watch: Watch | None = None,
    cause: dict[str, Any] | None = None,
) -> Resolved:
    """Link and publish what waits in the queue, or everything there is."""
    began = perf_counter()
    with engine(settings).begin() as connection:
        done = resolve_queued(
            connection, full=full, watch=watch, cause=cause, aside=settings, carrying=settings
        )
    with engine(settings).begin() as connection:
        feed.number_changes(connection)
    return replace(done, seconds=perf_counter() - began)


def resolve_queued(
    connection: Connection,
    *,
    only: Sequence[int] | None = None,
    full: bool = False,
    watch: Watch | None = None,
    cause: dict[str, Any] | None = None,
    today: date | None = None,
    weights: Weights | None = None,
    aside: Settings | None = None,
    carrying: Settings | None = None,
) -> Resolved:
    """Resolve within a transaction of the caller's; only one resolve runs at a time.

    ``only``: the entries of the queue to resolve, where not all; the others go on waiting.
    ``weights``: by which persons are matched, where not by those that the project ships.
    ``aside``: the transaction has just begun, so that records may be read on other connections;
    by what settings another process finds the database.
    ``carrying``: the settings by which sources' own changes are carried to the others, if at all.
    """
    advisory_lock(connection, "resolve")
    waiting = take_queue(connection, only)
    weights = weights or shipped_weights()
    cause = cause or {"kind": "resolve"}
    carried = None
    if carrying is not None:
        carried = Carrying(carrying, cause, waiting.changed, datetime.now(CHINA))
    foresee = carried.plan if carried is not None else None
    with ExitStack() as stack:
        second = stack.enter_context(ahead.second_connection(connection, wanted=aside is not None))
        maker = Maker(connection, today or datetime.now(CHINA).date(), second, aside)
        publisher = Publisher(connection, cause, maker, foresee, feed_at_once=aside is not None)
        run = _Run(connection, waiting, publisher, weights, full=full)
        if aside and run.many_persons(ahead.MANY):
            run.ahead = stack.enter_context(ahead.people_ahead(aside, weights))
        for name in MODELS:
            (watch or (lambda _: None))(name)
            run.take(name)
        run.finish()
    if carried is not None:
        carried.ask(connection)
    return run.done


@dataclass(frozen=True, slots=True)
class _Linked:
    """Records of a type that were linked anew, and what became of entities by that."""

    #: Those whose records changed, came or went.
    entity_ids: set[str]
    assigned: matching.Assignment
    #: Every live record of these entities, with its link.
    links: Columns
    #: Writes the links, where that is left to be done.
    keep: Callable[[], None] | None


class _Run:
    """One resolve: goes through the record types, carrying along what each touches further on."""

    def __init__(
        self,
        connection: Connection,
        waiting: Waiting,
        publisher: Publisher,
        weights: Weights,
        *,
        full: bool,
    ) -> None:
        self._connection = connection
        self._full = full
        self._weights = weights
        self._changed = waiting.changed
        self._areas = Areas(connection)
        changed = sum(map(len, waiting.changed.values()))
        #: What changed records say of compounds; None: too many to pick out.
        self._spoken = None if full or changed > MANY else Spoken(connection, waiting.moved)
        #: Entities to publish again although their own records stayed as they were.
        self._touched = waiting.attached
        self._publisher = publisher
        #: Persons' records being matched while what comes before them is resolved.
        self.ahead: ahead.Ahead | None = None
        self._matched: persons.People | None = None
        self.done = Resolved()

    def many_persons(self, least: int = 0) -> bool:
        """Tell whether all persons are to be matched anew, and are as many as that."""
        changed = len(self._changed["person"])
        if not self._full and not persons.many_changed(self._connection, changed):
            return False
        return not least or matches.live_records(self._connection, "person") >= least

    def take(self, record_type: str) -> None:
        """Link the changed records of a type and publish what that touches."""
        if record_type == "house":
            self._place_compounds()
        if record_type == "person" and not self._full:
            self._look_at_tied()
        if record_type not in ("grid", "geo_entity"):
            self._resolve(MODELS[record_type])
        elif self._full or self._changed[record_type]:
            self._areas.read()
            self._resolve(MODELS[record_type])
            if self._areas.changed():
                # Areas are redrawn rarely, and then everything with a position is looked at,
                # the places themselves too.
                self._full = True
                if record_type == "geo_entity":
                    self._resolve(MODELS[record_type])

    def _resolve(self, model: type[Section]) -> None:
        name, connection = model.record_type, self._connection
        chosen = self._touched[name]
        linked: _Linked | None = None
        if self._changed[name] or self._full:
            linked = self._link(model)
            chosen |= linked.entity_ids
        if self._full:
            chosen |= set(golden.entity_ids(connection, name))
        grids = self._grids_around(chosen) if name == "address" else set()
        published = self._publish(model, chosen, linked)
        if name in _TAKERS and chosen and not self._full:
            other, use = _TAKERS[name]
            self._touched[other] |= link_keys.beside_entities(connection, chosen, other, use)
        changed = published.changed + published.withdrawn
        self._count(entities=len(chosen), created=published.created, changed=changed)
        if name == "address":
            self._count_again(grids | self._grids_around(chosen))

    def _publish(
        self, model: type[Section], entity_ids: set[str], linked: _Linked | None
    ) -> Published:
        locate, publisher = self._areas.locate, self._publisher
        if linked is None:
            return publisher.publish(model, Chosen(entity_ids), locate)
        assigned = linked.assigned
        # What is published because of something else has records besides.
        links = linked.links if entity_ids <= linked.entity_ids else None
        chosen = Chosen(entity_ids, [*assigned.merged], assigned.minted, links, linked.keep)
        published = publisher.publish(model, chosen, locate)
        moves = (assigned.merged, assigned.split, publisher.cause)
        golden.tell_moves(self._connection, model.record_type, *moves)
        return published

    def _grids_around(self, addresses: set[str]) -> set[str]:
        if self._full:
            return set(golden.entity_ids(self._connection, "grid"))
        return grids_around(self._connection, addresses)

    def _count_again(self, grids: set[str]) -> None:
        """Publish grids again whose police area follows from addresses that were published."""
        published = self._publish(MODELS["grid"], grids, None)
        self._count(changed=published.changed)

    def finish(self) -> None:
        """Check across records where everything has been looked at."""
        if self._full:
            check_records(self._connection)
        if self.ahead:
            self.ahead.settle(self._connection)

    def _link(self, model: type[Section]) -> _Linked:
        """Link the affected records."""
        name, connection = model.record_type, self._connection
        whole = self._full
        if name == "person":
            whole = self.ahead is not None or self.many_persons()
        placed = place(connection, self._areas, model, self._said(name, whole=whole))
        if name in _TAKERS and not self._full:
            # Who took values from where these records were before must look elsewhere.
            other, use = _TAKERS[name]
            self._touched[other] |= link_keys.beside_affected(connection, other, use)
        keys = matching.record_keys(name, placed)
        link_keys.replace_keys(connection, name, keys, likeness.block_keys(name, placed))
        self._count(records=len(placed))
        labels = self._labels(name, placed, keys, whole=whole)
        before, gone, links = relinking.links_so_far(connection, name, placed, whole=whole)
        members = {**links, "label": labels.reindex(links["record_id"]).to_numpy()}
        assigned = matching.assign_ids(members, model.letter, partial(linking.ended, connection))
        alive = set(assigned.entity_ids)
        concerned = before | alive
        if not whole:
            concerned = relinking.concerned(links, placed, assigned.entity_ids)
            concerned |= linking.bereft(connection, name) if gone else set()
        # Whoever has records already lives.
        again = alive.difference(before, assigned.minted)
        linking.keep_entities(connection, name, assigned.minted, assigned.redirects, again)
        former, links = links, relinking.links_now(links, placed, assigned.entity_ids)
        if before and gone:
            linking.clear_links(connection, name, links["record_id"])
        keep = partial(linking.keep_links, connection, name, links, former, relinking.fresh(placed))
        # Of new people nothing asks for their links until they are published.
        later = name == "person" and not before
        if not later:
            keep()
        self._move(name, before, assigned)
        return _Linked(concerned, assigned, links, keep if later else None)

    def _move(self, record_type: str, before: set[str], assigned: matching.Assignment) -> None:
        """Let homes, redirects and what was entered go where merges and splits lead them."""
        connection = self._connection
        if assigned.split:
            linking.move_homes(connection, assigned.minted)
        linking.give_homes(connection, assigned.homes)
        if assigned.redirects or assigned.split:
            met = {*assigned.split, *assigned.redirects.values()}
            linking.redirect_to_records(connection, record_type, met)
            # Whose record comes back to others had nobody until now.
            attachments.follow(connection, record_type, before | assigned.redirects.keys())
        split = sum(map(len, assigned.split.values()))
        self._count(merged=len(assigned.merged), split=split)

    def _said(self, record_type: str, *, whole: bool) -> Columns:
        """Read the affected records, having begun their set."""
        connection, columns = self._connection, matching.KEY_FIELDS[record_type]
        if not whole:
            linking.start_affected(connection, self._changed[record_type])
            return linking.affected_records(connection, record_type, columns)
        linking.start_affected_by_all(connection, record_type)
        said = linking.affected_records(connection, record_type, columns)
        if record_type != "person" or not self.ahead:
            return said
        # Whoever came after the reading is not among the people.
        self._matched = self.ahead.people(connection)
        known = np.isin(cells(said["record_id"]).astype(np.int64), self._matched.labels.index)
        return chosen_rows(said, known)

    def _labels(
        self, record_type: str, placed: pd.DataFrame, keys: pd.DataFrame, *, whole: bool
    ) -> pd.Series:
        """Add to the affected records all they lead on to; say by record which are one entity."""
        connection, changed = self._connection, self._changed[record_type]
        if record_type in likeness.COMPARED:
            united = likeness.unite(connection, record_type, placed, keys, whole=whole)
            self._count(review=united.reviews)
            if record_type == "geo_entity" and self._spoken is not None:
                self._spoken.add_names_of_places()
            return united.labels
        if record_type != "person":
            if not whole:
                linking.spread_affected(connection)
            return matching.cluster(likeness.common_keys(connection, record_type, placed, keys))
        if whole:
            people = self._match_all(placed)
        else:
            people = persons.match_changed(connection, changed, self._weights)
            linking.add_affected(connection, people.labels.index)
        self._count(review=people.reviews)
        return people.labels

    def _match_all(self, placed: pd.DataFrame) -> persons.People:
        people = self._matched or persons.match_all(self._connection, self._weights)
        if linking.affected_count(self._connection) > len(placed):
            # What came after the reading waits in the queue for the next resolve.
            here = linking.affected_live(self._connection, "person")
            linking.leave_out(self._connection, here.difference(people.labels.index))
        return people

    def _look_at_tied(self) -> None:
        """Look again at persons tied to a dwelling whose address may have changed."""
        if houses := self._changed["house"]:
            tied = matches.tied_records(self._connection, "person", houses)
            self._changed["person"] = sorted({*self._changed["person"], *tied})

    def _spoken_by(self, *record_types: str) -> list[str] | None:
        """Return the compounds that changed records of these types name or named; None: any."""
        return None if self._full or self._spoken is None else self._spoken.by(*record_types)

    def _place_compounds(self) -> None:
        """Bring the compounds up to date; look again at records that are elsewhere by that."""
        moved = place_compounds(self._connection, self._spoken_by(*MODELS))
        # Only places and houses tell by which names a compound goes, and that in its community.
        naming = self._spoken_by("geo_entity", "house")
        naming = None if naming is None else sorted({*naming, *moved})
        renamed = find_aliases(self._connection, naming)
        for name in ("house", "person") if moved else ():
            unplaced = unplaced_records(self._connection, name, moved)
            self._changed[name] = sorted({*self._changed[name], *unplaced})
        for name in ("house", "person") if renamed else ():
            called = aliases.records_in(self._connection, name, renamed)
            self._changed[name] = sorted({*self._changed[name], *called})
        if renamed:
            # Addresses came before the compounds, which they help to place.
            self._resolve_again("address", aliases.records_in(self._connection, "address", renamed))

    def _resolve_again(self, record_type: str, record_ids: list[int]) -> None:
        """Resolve some records of a type that has had its turn."""
        full, self._full = self._full, False
        self._changed[record_type], self._touched[record_type] = record_ids, set()
        self._resolve(MODELS[record_type])
        self._full = full

    def _count(self, **more: int) -> None:
        added = {name: getattr(self.done, name) + count for name, count in more.items()}
        self.done = replace(self.done, **added)


#: Who takes values from entities of a type that are at the same place, and the use of its key.
_TAKERS = {"address": ("house", "same"), "house": ("person", "home")}
