"""Resolving: what changed is linked to its entities, and their golden records are published.

The record types are resolved in an order in which each can take values from those before it:
positions lie in grids, houses stand at addresses, people live in houses.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection, Engine

from hub import matching
from hub.config import Settings
from hub.database import advisory_lock, engine
from hub.jobs import likeness, persons
from hub.jobs.aliases import find_aliases, placed_words
from hub.jobs.cross_checks import check_records
from hub.jobs.namesakes import communities_of
from hub.jobs.publish import Publisher
from hub.jobs.whereabouts import Areas, place_compounds
from hub.matching.weights import Weights, shipped_weights
from hub.store import aliases, attachments, feed, golden, linking, matches
from schemas import MODELS, Section

#: Called with what is being done now, for a progress bar.
Watch = Callable[[str], None]

CHINA = ZoneInfo("Asia/Shanghai")

#: Beyond so many changed records, counting all compounds costs less than picking them out.
_MANY = 20_000


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
        done = resolve_queued(connection, full=full, watch=watch, cause=cause, aside=True)
    with engine(settings).begin() as connection:
        feed.number_changes(connection)
    return replace(done, seconds=perf_counter() - began)


def resolve_queued(
    connection: Connection,
    *,
    full: bool = False,
    watch: Watch | None = None,
    cause: dict[str, Any] | None = None,
    today: date | None = None,
    weights: Weights | None = None,
    aside: bool = False,
) -> Resolved:
    """Resolve within a transaction of the caller's; only one resolve runs at a time.

    ``weights``: by which persons are matched, where not by those that the project ships.
    ``aside``: the transaction has just begun, so that records may be read on other connections.
    """
    advisory_lock(connection, "resolve")
    queue = linking.take_queue(connection)
    changed: dict[str, list[int]] = {name: [] for name in MODELS}
    attached = queue["attached_to"].notna()
    alone = queue.loc[~attached, ["record_type", "record_id"]]
    for record_type, record_id in alone.itertuples(index=False, name=None):
        changed[record_type].append(int(record_id))
    weights = weights or shipped_weights()
    run = _Run(connection, changed, cause or {"kind": "resolve"}, today, weights, full=full)
    run.touch(queue.loc[attached, ["record_type", "attached_to"]])
    with ThreadPoolExecutor(1) as beside:
        if aside:
            run.weigh_persons(beside)
        for name in MODELS:
            (watch or (lambda _: None))(name)
            run.take(name)
    run.finish()
    return run.done


class _Run:
    """One resolve: goes through the record types, carrying along what each touches further on."""

    def __init__(
        self,
        connection: Connection,
        changed: dict[str, list[int]],
        cause: dict[str, Any],
        today: date | None,
        weights: Weights,
        *,
        full: bool,
    ) -> None:
        self._connection = connection
        self._full = full
        self._weights = weights
        self._changed = changed
        self._areas = Areas(connection)
        #: Compounds that the changed records name or named; None: too many to pick out.
        self._spoken_of = self._compounds_spoken_of()
        #: Entities to publish again although their own records stayed as they were.
        self._touched: dict[str, set[str]] = {name: set() for name in MODELS}
        self._publisher = Publisher(connection, cause, today or datetime.now(CHINA).date())
        #: Persons' records being compared while what comes before them is resolved.
        self._weighing: Future[persons.Weighed] | None = None
        self.done = Resolved()

    def weigh_persons(self, beside: Executor) -> None:
        """Begin to compare persons' records, where all of them will be."""
        if self._full or self._many_persons("person"):
            self._weighing = beside.submit(_weighed, self._connection.engine, self._weights)

    def touch(self, entities: pd.DataFrame) -> None:
        """Publish entities again, whatever becomes of their records: type and id."""
        for record_type, entity_id in entities.itertuples(index=False, name=None):
            self._touched[record_type].add(entity_id)

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
        assigned: matching.Assignment | None = None
        if self._changed[name] or self._full:
            entities, assigned = self._link(model)
            chosen |= entities
        if self._full:
            chosen |= set(golden.entity_ids(connection, name))
        merged = assigned.merged if assigned else {}
        grids = self._grids_around(chosen) if name == "address" else set()
        published = self._publisher.publish(model, chosen, self._areas.locate, list(merged))
        if assigned:
            cause = self._publisher.cause
            golden.tell_moves(connection, name, assigned.merged, assigned.split, cause)
        if name in _TAKERS and chosen and not self._full:
            other, use = _TAKERS[name]
            self._touched[other] |= linking.beside_entities(connection, chosen, other, use)
        changed = published.changed + published.withdrawn
        self._count(entities=len(chosen), created=published.created, changed=changed)
        if name == "address":
            self._count_again(grids | self._grids_around(chosen))

    def _grids_around(self, addresses: set[str]) -> set[str]:
        if self._full:
            return set(golden.entity_ids(self._connection, "grid"))
        return golden.grids_around(self._connection, addresses)

    def _count_again(self, grids: set[str]) -> None:
        """Publish grids again whose police area follows from addresses that were published."""
        published = self._publisher.publish(MODELS["grid"], grids, self._areas.locate, ())
        self._count(changed=published.changed)

    def finish(self) -> None:
        """Check across records where everything has been looked at."""
        if self._full:
            check_records(self._connection)

    def _link(self, model: type[Section]) -> tuple[set[str], matching.Assignment]:
        """Link the affected records; return the entities to publish, and what became of ids."""
        name, connection = model.record_type, self._connection
        whole = self._full or self._many_persons(name)
        if whole:
            linking.start_affected_by_all(connection, name)
        else:
            linking.start_affected(connection, self._changed[name])
        said = linking.affected_records(connection, name, matching.KEY_FIELDS[name])
        placed = self._place(model, said)
        if name in _TAKERS and not self._full:
            # Who took values from where these records were before must look elsewhere.
            other, use = _TAKERS[name]
            self._touched[other] |= linking.beside_affected(connection, other, use)
        keys = [matching.record_keys(name, placed), likeness.block_keys(name, placed)]
        linking.replace_keys(connection, name, pd.concat(keys, ignore_index=True))
        self._count(records=len(said))
        del said, keys
        labels = self._labels(name, placed, whole=whole)
        before = linking.linked_before(connection)
        links = linking.affected_links(connection, name)
        members = links.assign(label=links["record_id"].map(labels))
        assigned = matching.assign_ids(members, model.letter)
        alive = set(assigned.entity_ids)
        linking.keep_entities(connection, name, assigned.minted, assigned.redirects, alive)
        linking.keep_links(connection, name, _links(links, placed, assigned.entity_ids))
        if assigned.split:
            linking.move_homes(connection, assigned.minted)
        if assigned.redirects or assigned.split:
            attachments.follow(connection, name, before)
        split = sum(map(len, assigned.split.values()))
        self._count(merged=len(assigned.merged), split=split)
        return before | alive, assigned

    def _many_persons(self, record_type: str) -> bool:
        changed = len(self._changed["person"])
        if record_type != "person" or self._weighing:
            return record_type == "person"
        return persons.many_changed(self._connection, changed)

    def _labels(self, record_type: str, placed: pd.DataFrame, *, whole: bool) -> pd.Series:
        """Add to the affected records all they lead on to; say by record which are one entity."""
        connection, changed = self._connection, self._changed[record_type]
        if record_type in likeness.COMPARED:
            united = likeness.unite(connection, record_type, placed, whole=whole)
            self._count(review=united.reviews)
            self._spoken_of = self._also_spoken_of(record_type)
            return united.labels
        if record_type != "person":
            if not whole:
                linking.spread_affected(connection)
            return matching.cluster(linking.affected_keys(connection, record_type))
        if whole:
            people = self._match_all(placed)
        else:
            people = persons.match_changed(connection, changed, self._weights)
            linking.add_affected(connection, people.labels.index)
        self._count(review=people.reviews)
        return people.labels

    def _match_all(self, placed: pd.DataFrame) -> persons.People:
        if self._weighing:
            weighed, self._weighing = self._weighing.result(), None
        else:
            weighed = persons.weigh_all(self._connection, self._weights)
        people = persons.match_all(self._connection, weighed, self._weights)
        # What came after the reading waits in the queue for the next resolve.
        here = set(placed["record_id"].astype("int64"))
        linking.leave_out(self._connection, here.difference(people.labels.index))
        return people

    def _look_at_tied(self) -> None:
        """Look again at persons tied to a dwelling whose address may have changed."""
        if houses := self._changed["house"]:
            tied = matches.tied_records(self._connection, "person", houses)
            self._changed["person"] = sorted({*self._changed["person"], *tied})

    def _place(self, model: type[Section], said: pd.DataFrame) -> pd.DataFrame:
        """Say of each record where it is: its community, and the words of its place."""
        community = said["said_community"]
        if model.record_type in ("address", "geo_entity", "component", "camera"):
            located = self._areas.locate_records(self._connection, model)
            community = community.fillna(said["record_id"].map(located).astype("str"))
        if model.record_type in ("house", "person"):
            if model.record_type == "house":
                # A grid's code begins with its community's.
                community = community.fillna(said["grid_code"].str[:12])
            compounds = said["compound_key"]
            known = linking.compounds_placed(self._connection, list(compounds.dropna().unique()))
            community = community.fillna(compounds.map(known).astype("str"))
            lost = said.loc[community.isna(), ["record_id", "compound_key"]]
            found = communities_of(self._connection, lost)
            community = community.fillna(said["record_id"].map(found).astype("str"))
        community = community.astype("str")
        return said.assign(
            community_code=community,
            place=placed_words(self._connection, community, said["address_key"]),
        )

    def _compounds_spoken_of(self) -> set[str] | None:
        if self._full or sum(map(len, self._changed.values())) > _MANY:
            return None
        found = (
            linking.compounds_spoken_of(self._connection, name, self._changed[name])
            for name in ("geo_entity", "address", "house", "person")
            if self._changed[name]
        )
        return set().union(*found)

    def _also_spoken_of(self, record_type: str) -> set[str] | None:
        """Add the names of the compounds that changed places are one with, or were."""
        if record_type != "geo_entity" or self._spoken_of is None:
            return self._spoken_of
        return self._spoken_of | aliases.affected_names(self._connection)

    def _place_compounds(self) -> None:
        """Bring the compounds up to date; look again at records that are elsewhere by that."""
        every = self._full or self._spoken_of is None
        touched = None if every else sorted(self._spoken_of or ())
        moved = place_compounds(self._connection, touched)
        touched = None if touched is None else sorted({*touched, *moved})
        renamed = find_aliases(self._connection, touched)
        for name in ("house", "person") if moved else ():
            unplaced = linking.unplaced_records(self._connection, name, moved)
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


def _weighed(engine: Engine, weights: Weights) -> persons.Weighed:
    with engine.connect() as connection:
        return persons.weigh_all(connection, weights)


def _links(links: pd.DataFrame, placed: pd.DataFrame, entity_ids: pd.Series) -> pd.DataFrame:
    """Write the links of all affected records; those not looked at anew keep their place."""
    frame = links.set_index("record_id")[["community_code", "compound_key"]]
    said = placed.set_index(placed["record_id"].astype("int64"))[["community_code", "compound_key"]]
    # Of records that came or went meanwhile, the next resolve will tell.
    said = said[said.index.isin(frame.index)]
    frame.loc[said.index] = said
    frame["entity_id"] = entity_ids
    return frame.reset_index().astype("str")
