"""Ids that stay: which entity id a cluster carries on, which ids give way, which come back.

Conventions (pitfall 4.2): an id is random and minted once; a merge keeps the id with the most
members, the older one where they are equal; after a split the id stays with the part that holds
the record it was minted for, and the other parts get back the ids they had before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from secrets import token_hex

import numpy as np
import pandas as pd

from hub.matching.coded import column_of
from schemas.distinct import Columns, cells, text_array


@dataclass(frozen=True, slots=True)
class Assignment:
    """What becomes of ids: each record's, the new ones, and who gave way to whom."""

    #: record_id → entity_id
    entity_ids: pd.Series
    minted: list[str]
    #: losing id → winning id
    merged: dict[str, str]
    #: every id that lives no more → the id by which its record is found now
    redirects: dict[str, str]
    #: id that stays → ids that members of it went to
    split: dict[str, list[str]] = field(default_factory=dict)
    #: record_id → the id that is its home from now on
    homes: dict[int, str] = field(default_factory=dict)


#: Says of ids that live no more when each gave way, as far as they did.
Ended = Callable[[Collection[str]], Mapping[str, float]]


def assign_ids(members: Columns, letter: str, ended: Ended = lambda _: {}) -> Assignment:
    """Give each cluster an id.

    ``members``: one row a record with ``record_id``, ``label``, ``entity_id`` (its id so far) and
    ``home_id`` (the id it had before any merge); both empty for a record not linked before.
    """
    said = _Members(members)
    chosen = said.simple()
    _contest(said, chosen, ended)
    fresh = np.flatnonzero(pd.isna(chosen))
    minted = [letter + token_hex(16) for _ in range(len(fresh))]
    chosen[fresh] = minted
    now = chosen[said.label]
    merged, split = _moves(said, now)
    redirects = merged | _former_homes(said, now)
    entity_ids = pd.Series(text_array(now), index=said.record, copy=False)
    return Assignment(entity_ids, minted, merged, redirects, split, _homes(said, now))


class _Members:
    """Records in the order of their numbers: the number of each one's cluster, and its ids."""

    def __init__(self, members: Columns) -> None:
        record = members["record_id"]
        order = np.argsort(record, kind="stable")
        self.record = record[order]
        clusters, self.label = np.unique(members["label"][order], return_inverse=True)
        self.clusters = len(clusters)
        self.before = cells(members["entity_id"])[order]
        self.home = cells(members["home_id"])[order]
        #: The ids among these, and where in them each record's id so far and its home are.
        codes, self.ids = column_of([*self.before, *self.home])
        self.before_code, self.home_code = codes[: len(order)], codes[len(order) :]
        self.linked, self.began = self.before_code >= 0, self.home_code >= 0

    def simple(self) -> np.ndarray:
        """Choose for clusters whose records all have one id that no other cluster's records have.

        The others have None.
        """
        known, size = self.linked, np.int64(max(len(self.ids), 1))
        both = np.unique(self.label[known] * size + self.before_code[known])
        label, entity = np.divmod(both, size)
        alone = _only_once(label) & _only_once(entity)
        # A record that comes back without an id may claim its old one: that needs the long way.
        back = ~known & self.began
        alone &= ~np.isin(label, self.label[back]) & ~np.isin(entity, self.home_code[back])
        chosen = np.full(self.clusters, None, dtype=object)
        chosen[label[alone]] = [self.ids[one] for one in entity[alone].tolist()]
        return chosen


def _only_once(codes: np.ndarray) -> np.ndarray:
    return np.asarray(np.bincount(codes)[codes] == 1) if len(codes) else codes.astype(bool)


def _contest(said: _Members, chosen: np.ndarray, ended: Ended) -> None:
    """Choose where clusters and ids have met or parted: strongest claim first, each id once."""
    rows = np.flatnonzero(pd.isna(chosen)[said.label] & (said.linked | said.began))
    if not len(rows):
        return
    taken = set(chosen[pd.notna(chosen)])
    columns = (said.record, said.label, said.before, said.home)
    contested = list(zip(*(one[rows] for one in columns), strict=True))

    def choose(claims: Iterable[tuple[int, str]]) -> None:
        for label, entity_id in claims:
            if chosen[label] is None and entity_id not in taken:
                chosen[label] = entity_id
                taken.add(entity_id)

    choose(_claims(contested))
    former = dict.fromkeys((label, home) for _, label, _, home in contested if home is not None)
    choose(_latest([one for one in former if chosen[one[0]] is None], ended))


def _latest(former: list[tuple[int, str]], ended: Ended) -> list[tuple[int, str]]:
    """Let the id that gave way last come back first, where a cluster's records had several."""
    if len({label for label, _ in former}) == len(former):
        return former
    times = ended({home for _, home in former})
    return sorted(former, key=lambda one: -times.get(one[1], 0.0))


@dataclass(slots=True)
class _Claim:
    """What a cluster's records of one id make of its claim to it."""

    oldest: int
    size: int = 0
    #: The first record that the id was minted for, if any.
    anchor: int | None = None


def _claims(rows: list[tuple[int, int, str | None, str | None]]) -> list[tuple[int, str]]:
    held: dict[tuple[int, str], _Claim] = {}
    first: dict[str, int] = {}
    for record, label, entity_id, home in rows:
        if entity_id is None:
            continue
        claim = held.setdefault((label, entity_id), _Claim(record))
        claim.size += 1
        if entity_id == home:
            claim.anchor = record if claim.anchor is None else claim.anchor
            first.setdefault(entity_id, record)

    def strength(pair: tuple[int, str]) -> tuple[bool, int, int]:
        claim = held[pair]
        # The part with the record an id was minted for has the first claim to it.
        rival = pair[1] in first and claim.anchor != first[pair[1]]
        return rival, -claim.size, claim.oldest

    return sorted(held, key=strength)


def _moves(said: _Members, now: np.ndarray) -> tuple[dict[str, str], dict[str, list[str]]]:
    rows = np.flatnonzero(said.linked & (said.before != now))
    moved = sorted(set(zip(said.before[rows], now[rows], strict=True)))
    alive = set(now) if moved else set()
    merged: dict[str, str] = {}
    split: dict[str, list[str]] = {}
    for old, new in moved:
        if old in alive:
            split.setdefault(old, []).append(new)
        else:
            # An id whose members parted to several gives way to the first; redirects are single.
            merged.setdefault(old, new)
    return merged, split


def _former_homes(said: _Members, now: np.ndarray) -> dict[str, str]:
    """Say of ids that records once began with, and nobody has now, where their record is."""
    rows = np.flatnonzero(said.began & (said.home != now))
    alive = set(now) if len(rows) else set()
    gone: dict[str, str] = {}
    for home, entity_id in zip(said.home[rows], now[rows], strict=True):
        if home not in alive:
            gone.setdefault(home, entity_id)
    return gone


def _homes(said: _Members, now: np.ndarray) -> dict[int, str]:
    """Say whose home the ids are that meet others now, so that a split finds out who had them.

    A record's home may be the id of others by now; and who began with an id may be gone.
    """
    codes = said.before_code
    # Who was nobody's before counts as another, too.
    least, most = np.full((2, said.clusters), [[len(said.ids)], [-2]])
    np.minimum.at(least, said.label, codes)
    np.maximum.at(most, said.label, codes)
    met = np.flatnonzero((least != most)[said.label])
    known = met[codes[met] >= 0]
    if not len(known):
        return {}
    ids = {*zip(said.label[known], said.before[known], strict=True)}
    taken = [
        one
        for one in known
        if said.home[one] != said.before[one] and (said.label[one], said.home[one]) in ids
    ]
    homes = {int(said.record[one]): said.before[one] for one in taken}
    # Whoever comes back to the id that they began with holds it again.
    held = {*said.before[said.home == said.before], *homes.values()}
    held |= {*said.home[met[said.home[met] == now[met]]]}
    heirs: dict[str, int] = {}
    # Those who keep an id come before those who leave it.
    for row in sorted(known, key=lambda one: bool(said.before[one] != now[one])):
        if said.before[row] not in held:
            heirs.setdefault(said.before[row], int(said.record[row]))
    return homes | {record: entity_id for entity_id, record in heirs.items()}
