"""Resolving: what changed is linked to its entities, and their golden records are published.

The record types are resolved in an order in which each can take values from those before it:
positions lie in grids, houses stand at addresses, people live in houses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection

from hub import matching
from hub.config import Settings
from hub.database import advisory_lock, engine
from hub.jobs.cross_checks import check_records
from hub.jobs.publish import Publisher
from hub.jobs.whereabouts import Areas, place_compounds
from hub.store import feed, golden, linking
from schemas import MODELS, Section

#: Called with what is being done now, for a progress bar.
Watch = Callable[[str], None]

CHINA = ZoneInfo("Asia/Shanghai")

#: Beyond so many changed records, counting all compounds costs less than picking them out.
_MANY = 20_000


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a resolve did, in numbers of records and entities."""

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
        done = resolve_queued(connection, full=full, watch=watch, cause=cause)
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
) -> Resolved:
    """Resolve within a transaction of the caller's; only one resolve runs at a time."""
    advisory_lock(connection, "resolve")
    queue = linking.take_queue(connection)
    changed = {
        name: [int(said) for said in queue.loc[queue["record_type"] == name, "record_id"]]
        for name in MODELS
    }
    run = _Run(connection, changed, cause or {"kind": "resolve"}, today, full=full)
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
        *,
        full: bool,
    ) -> None:
        self._connection = connection
        self._full = full
        self._changed = changed
        self._areas = Areas(connection)
        #: Compounds that the changed records name or named; None: too many to pick out.
        self._spoken_of = self._compounds_spoken_of()
        #: Entities to publish again although their own records stayed as they were.
        self._touched: dict[str, set[str]] = {name: set() for name in MODELS}
        self._publisher = Publisher(connection, cause, today or datetime.now(CHINA).date())
        self.done = Resolved()

    def take(self, record_type: str) -> None:
        """Link the changed records of a type and publish what that touches."""
        if record_type == "house":
            self._place_compounds()
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
        if self._full:
            linking.start_affected_by_all(connection, name)
        else:
            linking.start_affected(connection, self._changed[name])
        said = linking.affected_records(connection, name, matching.KEY_FIELDS[name])
        placed = self._place(model, said)
        if name in _TAKERS and not self._full:
            # Who took values from where these records were before must look elsewhere.
            other, use = _TAKERS[name]
            self._touched[other] |= linking.beside_affected(connection, other, use)
        linking.replace_keys(connection, name, matching.record_keys(name, placed))
        if not self._full:
            linking.spread_affected(connection)
        before = linking.linked_before(connection)
        links, keys = linking.affected_links(connection, name)
        assigned = _assign(model, links, keys)
        alive = set(assigned.entity_ids)
        linking.keep_entities(connection, name, assigned.minted, assigned.redirects, alive)
        linking.keep_links(connection, name, _links(links, placed, assigned.entity_ids))
        split = sum(map(len, assigned.split.values()))
        self._count(records=len(said), merged=len(assigned.merged), split=split)
        return before | alive, assigned

    def _place(self, model: type[Section], said: pd.DataFrame) -> pd.DataFrame:
        """Say of each record where it is: its community, and the words of its place."""
        community = said["said_community"]
        if model.record_type in ("address", "geo_entity", "component", "camera"):
            located = self._areas.locate_records(self._connection, model)
            community = community.fillna(said["record_id"].map(located).astype("str"))
        if model.record_type in ("house", "person"):
            compounds = said["compound_key"]
            known = linking.compounds_placed(self._connection, list(compounds.dropna().unique()))
            community = community.fillna(compounds.map(known).astype("str"))
        community = community.astype("str")
        return said.assign(
            community_code=community,
            place=matching.place_words(community, said["address_key"]),
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

    def _place_compounds(self) -> None:
        """Bring the compounds up to date; look again at records whose community follows them."""
        every = self._full or self._spoken_of is None
        touched = None if every else sorted(self._spoken_of or ())
        moved = place_compounds(self._connection, touched)
        if not moved:
            return
        for name in ("house", "person"):
            unplaced = linking.unplaced_records(self._connection, name, moved)
            self._changed[name] = sorted({*self._changed[name], *unplaced})

    def _count(self, **more: int) -> None:
        added = {name: getattr(self.done, name) + count for name, count in more.items()}
        self.done = replace(self.done, **added)


#: Who takes values from entities of a type that are at the same place, and the use of its key.
_TAKERS = {"address": ("house", "same"), "house": ("person", "home")}


def _assign(model: type[Section], links: pd.DataFrame, keys: pd.DataFrame) -> matching.Assignment:
    links = links.sort_values("record_id", ignore_index=True)
    record_ids = links["record_id"].to_numpy()
    identities = None
    if "citizen_id_no" in links:
        identities = links.set_index("record_id")["citizen_id_no"]
    keys = keys[keys["record_id"].isin(record_ids)]
    clusters = matching.cluster(record_ids, keys, identities)
    return matching.assign_ids(links.assign(label=clusters.labels), model.letter)


def _links(links: pd.DataFrame, placed: pd.DataFrame, entity_ids: pd.Series) -> pd.DataFrame:
    """Write the links of all affected records; those not looked at anew keep their place."""
    frame = links.set_index("record_id")[["community_code", "compound_key"]]
    said = placed.set_index(placed["record_id"].astype("int64"))[["community_code", "compound_key"]]
    frame.loc[said.index] = said
    frame["entity_id"] = entity_ids
    return frame.reset_index().astype("str")
