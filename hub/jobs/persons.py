"""Who is who among the records of persons: all of them at once, or what a change touches.

Both ways lead to the same people: a change is followed to whatever it can reach, by the keys that
records are looked up by, the pairs that were scored, stewards' judgements and the links so far.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from hub.allocation import STRICT, return_freed_memory
from hub.config import Settings
from hub.database import engine
from hub.matching.candidates import (
    LARGEST,
    Sides,
    block_keys,
    candidate_pairs,
    crowded,
    phone_keys,
)
from hub.matching.features import (
    CROWDED,
    RECORD_COLUMNS,
    Features,
    crowded_phones,
    joined,
    read_apart,
)
from hub.matching.grow import Grown
from hub.matching.persons import unite, waterfall, weigh
from hub.matching.score import Scored, read_scored, together
from hub.matching.weights import Weights
from hub.store import matches
from hub.store.aside import Aside
from schemas.distinct import text_array

PERSON = "person"

#: Of more changed records than these, and of more than this share of all, all are matched anew.
_MANY, _SHARE = 20_000, 0.3


@dataclass(frozen=True)
class People:
    """Which records are one person; and how many pairs a steward is asked about."""

    #: record_id → label; records with one label are one person.
    labels: pd.Series
    reviews: int


def many_changed(connection: Connection, changed: int) -> bool:
    """Tell whether so many records have changed that matching all of them anew costs less."""
    if changed <= _MANY:
        return False
    return changed > _SHARE * matches.live_records(connection, PERSON)


def match_all(connection: Connection, weights: Weights) -> People:
    """Match all records anew, and keep what they were compared by."""
    return _match_all(connection, weights, matches.replace_block_keys, matches.replace_pairs)


def match_aside(settings: Settings, weights: Weights, token: str) -> People:
    """Match all records anew in a transaction of its own, which puts nothing in force.

    What they were compared by waits as `hub.store.aside.Aside` of this token.
    """
    # The resolve waits for other things meanwhile: memory is dearer here than time.
    return_freed_memory(STRICT)
    aside = Aside(token)
    with engine(settings).begin() as connection:
        return _match_all(connection, weights, aside.set_block_keys, aside.set_pairs)


def _match_all(
    connection: Connection,
    weights: Weights,
    keep_keys: Callable[[Connection, pd.DataFrame], None],
    keep_pairs: Callable[[Connection, str, pd.DataFrame], None],
) -> People:
    read = joined(*map(read_apart, matches.all_person_records(connection, RECORD_COLUMNS)))
    features = read.crowd(crowded_phones(read.phones[1]))
    # There are millions of keys: they are gone before people are made of pairs.
    holders, keys = block_keys(features)
    keep_keys(connection, pd.DataFrame({"record_id": holders, "key": keys}, copy=False))
    candidates = candidate_pairs(holders, keys)
    del holders, keys, read
    scored = weigh(features, candidates, weights)
    grown = unite(features, scored, matches.judgements(connection, PERSON), weights)
    keep_pairs(connection, PERSON, _pairs(scored, grown))
    return _people(features, grown)


def match_changed(connection: Connection, changed: list[int], weights: Weights) -> People:
    """Match records that have changed, come or gone, and whatever that touches."""
    if not changed:
        return People(pd.Series(dtype="int64"), 0)
    look = _Changed(connection, changed)
    left, right = look.candidates()
    ids = look.ids.union(left.tolist(), right.tolist())
    near = matches.hanging_together(connection, ids, CROWDED)
    features = look.read(near)
    # Of records that are gone nobody may have resolved that yet.
    here = np.isin(left, features.record_ids) & np.isin(right, features.record_ids)
    scored = weigh(features, (left[here], right[here]), weights)
    others = {*features.record_ids.tolist()} - look.ids
    kept = {pair: said for pair, said in near.pairs.items() if others.issuperset(pair)}
    scored = together(_scored(kept), scored) if kept else scored
    grown = unite(features, scored, near.judgements, weights)
    matches.change_pairs(connection, PERSON, near.pairs, _kept(scored, grown))
    return _people(features, grown)


def _scored(kept: matches.Pairs) -> Scored:
    """Read scored pairs as they are kept."""
    left, right = zip(*kept, strict=True)
    weight, levels, _ = zip(*kept.values(), strict=True)
    return read_scored(left, right, levels, weight)


def explain_pair(connection: Connection, left: int, right: int, weights: Weights) -> pd.DataFrame:
    """Explain how two live records come to their weight; see `hub.matching.score.explain`."""
    features = read_apart(matches.person_records(connection, RECORD_COLUMNS, [left, right]))
    phones = _Phones(features)
    counts = matches.key_counts(connection, phones.keys, CROWDED + 1)
    return waterfall(features.crowd(phones.named(_full(counts))), left, right, weights)


def _asked(scored: Scored, grown: Grown) -> list[str | None]:
    """Say of scored pairs why a steward is asked about one, where one is."""
    # Reviews name the two records in an order of their own.
    why = {frozenset((one.left, one.right)): one.reason for one in grown.reviews}
    sides = zip(scored.left.tolist(), scored.right.tolist(), strict=True)
    return [why.get(frozenset(pair)) for pair in sides]


def _pairs(scored: Scored, grown: Grown) -> pd.DataFrame:
    """Write scored pairs down as they are kept."""
    numbers = {"left": scored.left, "right": scored.right, "weight": scored.weight}
    texts = {"levels": scored.texts(), "review": _asked(scored, grown)}
    said = {name: text_array(column) for name, column in texts.items()}
    return pd.DataFrame({**numbers, **said}, copy=False)


def _kept(scored: Scored, grown: Grown) -> matches.Pairs:
    """Say of scored pairs what is kept."""
    sides = zip(scored.left.tolist(), scored.right.tolist(), strict=True)
    said = zip(scored.weight.tolist(), scored.texts(), _asked(scored, grown), strict=True)
    return dict(zip(sides, said, strict=True))


def _people(features: Features, grown: Grown) -> People:
    return People(pd.Series(grown.labels, index=features.record_ids), len(grown.reviews))


class _Phones:
    """The telephones of records, each with its key."""

    def __init__(self, features: Features) -> None:
        rows, said = features.phones
        keys = phone_keys(said).tolist()
        self.held = set(zip(features.record_ids[rows].tolist(), keys, strict=True))
        self._by_key = dict(zip(keys, said.said(), strict=True))

    @property
    def keys(self) -> set[int]:
        """Return the keys, each once."""
        return set(self._by_key)

    def named(self, keys: Iterable[int]) -> frozenset[str]:
        """Return those of the telephones that have one of these keys."""
        return frozenset(self._by_key[key] for key in keys if key in self._by_key)


class _Changed:
    """Records that have changed, and those whose keys or candidates change along with them."""

    def __init__(self, connection: Connection, changed: list[int]) -> None:
        self._connection = connection
        #: All whose pairs are to be scored anew.
        self.ids = set(changed)
        self._records: matches.Said = {}
        self._asked: set[int] = set()
        self._read(changed)
        self._full = self._count_phones(changed)

    def candidates(self) -> Sides:
        """Index the records; return the pairs of records of which one is among them."""
        columns = block_keys(self._features.crowd(self._full))
        now = set(zip(*(column.tolist() for column in columns), strict=True))
        more = _gained(self._before, now)
        keys = {key for _, key in now} | more.keys()
        most = LARGEST + 1 + _largest(more)
        changes = (self._before - now, now - self._before)
        held = matches.change_block_keys(self._connection, *changes, keys, most)
        counts = Counter(key for _, key in held)
        crossed = _crossed({key: counts[key] - gained for key, gained in more.items()}, more)
        if others := {record_id for record_id, key in held if key in crossed} - self.ids:
            self.ids |= others
            theirs = {key for _, key in matches.block_keys(self._connection, list(others))}
            held += matches.key_holders(self._connection, theirs - keys, most)
        holders, said = np.array(held, dtype=np.int64).reshape(-1, 2).T
        return candidate_pairs(holders, said, around=self.ids)

    def read(self, near: matches.Near) -> Features:
        """Read records, of which the changed ones are some, as they are to be compared."""
        self._read(near.record_ids)
        return self._features.crowd(_Phones(self._features).named(near.crowded))

    def _read(self, record_ids: Iterable[int]) -> None:
        """Read records that are not read yet beside those that are."""
        others = [one for one in record_ids if one not in self._asked]
        if others:
            self._asked.update(others)
            more = matches.person_records(self._connection, RECORD_COLUMNS, others)
            said = self._records
            self._records = {name: (*said.get(name, ()), *more[name]) for name in more}
            self._features = read_apart(self._records)

    def _count_phones(self, changed: list[int]) -> frozenset[str]:
        """Find the telephones that are crowded, or by this no longer: who has one changes too."""
        phones, most = _Phones(self._features), CROWDED + 1 + len(changed)
        found = matches.keys_so_far(self._connection, changed, phones.keys, most)
        self._before, counts = found
        more = _gained({pair for pair in self._before if pair[1] & 1}, phones.held)
        if crossed := _crossed(counts, more):
            held = matches.key_holders(self._connection, crossed, most)
            others = [*{record_id for record_id, _ in held} - self.ids]
            self.ids.update(others)
            self._read(others)
            self._before |= matches.block_keys(self._connection, others)
            phones = _Phones(self._features)
            counts |= matches.key_counts(self._connection, phones.keys - counts.keys(), CROWDED + 1)
        full = _full({key: count + more.get(key, 0) for key, count in counts.items()})
        return phones.named(full)


def _full(counts: Mapping[int, int]) -> set[int]:
    """Return the keys of telephones that too many records hold, by how many hold each."""
    return {key for key, count in counts.items() if count > CROWDED}


def _gained(before: set[matches.Key], now: set[matches.Key]) -> dict[int, int]:
    """Count by how many more records a key is held now, or, below zero, by how many fewer."""
    gained = Counter(key for _, key in now - before)
    gained.subtract(key for _, key in before - now)
    return gained


def _largest(gained: Mapping[int, int]) -> int:
    return max(map(abs, gained.values()), default=0)


def _crossed(before: Mapping[int, int], gained: Mapping[int, int]) -> set[int]:
    """Return the keys that got crowded, or no longer are, by what they have gained."""
    keys = [key for key, more in gained.items() if more]
    counts = np.array([before[key] for key in keys], dtype=np.int64)
    more = np.array([gained[key] for key in keys], dtype=np.int64)
    of = np.array(keys, dtype=np.int64)
    return set(of[crowded(of, counts) != crowded(of, counts + more)].tolist())
