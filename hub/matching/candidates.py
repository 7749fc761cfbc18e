"""Candidates: which records are worth comparing, by keys they have in common.

The keys of all records stand in an index. A whole set and a single record are looked up by the
same keys and give the same pairs: two records are compared when they share a key that is not
crowded.

A key is a number: odd for a telephone, which more than `CROWDED` records crowd, even for anything
else, which more than `LARGEST` do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt

from hub.hashes import number_hash
from hub.matching.coded import Column
from hub.matching.features import (
    BUILDINGS,
    COMPOUNDS,
    CROWDED,
    DOORS,
    ROOMS,
    SHARED,
    Features,
)

Keys = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int64]
#: Pairs of records: the numbers of those on the left, and of those on the right.
Sides = tuple[Ids, Ids]
Places = npt.NDArray[np.int32]
#: Words as numbers; 0 where nothing is said.
Numbers = npt.NDArray[np.uint64]

#: A key on more records than this tells nobody apart; what it alone would pair is not compared.
LARGEST = 60

#: Keys looked through at a time: enough for whole-column work, little enough for memory.
_AT_ONCE = 1_000_000

#: The keys: an aspect's name and the columns whose values in common make two records candidates.
#: Of columns given as a group each value makes a key of its own. Telephones have keys beside.
BLOCKS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("number", (("number",),)),
    ("ends", (("digit_ends",), ("head",))),
    ("front", (("digit_front",), ("head",))),
    ("back", (("digit_back",),)),
    ("name, birth year", (("name", "former"), ("birth_year",))),
    ("sound, birth", (("sound",), ("birth",))),
    ("surname, birth", (("head",), ("birth",))),
    ("given name, birth", (("given",), ("birth",))),
    ("shared phone, name", (SHARED, ("name",))),
    ("room, surname", (ROOMS, ("head",))),
    ("room, given name", (ROOMS, ("given",))),
    ("room, birth", (ROOMS, ("birth",))),
    ("household, name", (("household",), ("sound",))),
    ("household, birth", (("household",), ("birth",))),
    ("registered, name", (("registered",), ("sound",))),
    ("building, name", (BUILDINGS, ("sound",))),
    ("compound, name", (COMPOUNDS, ("name",))),
    ("door, name", (DOORS, ("sound",))),
)

# Odd numbers that spread bits well: those of the generator SplitMix64.
_SPREAD, _STIR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


def block_keys(features: Features) -> tuple[Ids, Keys]:
    """Return the keys of records for the index, the record's number beside each, each once."""
    rows, phones = features.phones
    places, keys = [rows.astype(np.int32)], [phone_keys(phones)]
    columns = _Columns(features)
    for block in BLOCKS:
        for at, made in columns.keys(*block):
            # There are many of these, and half as much memory will do.
            places.append(at.astype(np.int32))
            keys.append(made)
    del columns
    record_ids = features.record_ids[np.concatenate(places)]
    del places
    return record_ids, np.concatenate(keys)


def phone_keys(phones: Column) -> Keys:
    """Return the key of each telephone."""
    numbers = _numbered(phones, _itself)
    return (_mixed(_seed("telephone"), numbers) | np.uint64(1)).view(np.int64)


def is_phone(keys: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell which keys are those of telephones."""
    return np.asarray(np.asarray(keys, dtype=np.int64) & 1 == 1)


def crowded(keys: Keys, counts: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell which keys, each on so many records, tell nobody apart."""
    return np.asarray(np.asarray(counts) > np.where(is_phone(keys), CROWDED, LARGEST))


def candidate_pairs(holders: Ids, keys: Keys, around: Iterable[int] | None = None) -> Sides:
    """Return the pairs of records that share a key, the lower number left, each pair once.

    ``holders`` has the record that holds each of the keys. With ``around`` only pairs with one of
    these records are returned; then all holders of the keys of those records are enough.
    """
    record_ids, size = distinct(holders), max(len(keys), 1)
    records: Places = np.searchsorted(record_ids, holders).astype(np.int32)
    order = np.argsort(keys)
    said, records = keys[order], records[order]
    del order
    wanted = np.isin(record_ids, np.fromiter(around, np.int64)) if around is not None else None
    starts = np.append(_starts(said), len(said))
    # All holders of a key are looked at together.
    ends = starts[np.searchsorted(starts, np.arange(0, len(said) + _AT_ONCE, _AT_ONCE)[:-1])]
    parts = [np.zeros(0, np.int64)]
    for here in map(slice, ends, [*ends[1:], len(said)]):
        left, right = _within(said[here], records[here])
        if wanted is not None:
            touched = wanted[left] | wanted[right]
            left, right = left[touched], right[touched]
        low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right)
        parts.append(distinct(low * size + high))
    low, high = np.divmod(distinct(np.concatenate(parts)), size)
    return record_ids[low], record_ids[high]


def distinct(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return numbers in order, each once; `numpy.unique` takes much longer for millions."""
    ordered = np.sort(numbers)
    return np.asarray(ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0])


def _starts(keys: Keys) -> npt.NDArray[np.intp]:
    """Find where each of the keys begins that stand in order."""
    begins = np.append(np.ones(min(len(keys), 1), np.bool_), keys[1:] != keys[:-1])
    return np.flatnonzero(begins)


def _within(keys: Keys, records: Places) -> tuple[Places, Places]:
    """Pair every two holders of each key that is not crowded; equal keys stand side by side."""
    starts = _starts(keys)
    sizes = np.diff(starts, append=len(keys))
    after = np.repeat(starts + sizes, sizes) - np.arange(len(keys)) - 1
    # Each holder is paired with those that stand behind it.
    after[np.repeat(crowded(keys[starts], sizes), sizes)] = 0
    first = np.repeat(np.arange(len(after)), after)
    offset = np.arange(len(first)) - np.repeat(np.cumsum(after) - after, after)
    return records[first], records[first + offset + 1]


class _Columns:
    """What keys are made of, column by column, as numbers that stay the same for ever."""

    def __init__(self, features: Features) -> None:
        self._features = features
        self._known: dict[str, Numbers | None] = {}

    def keys(
        self, block: str, groups: tuple[tuple[str, ...], ...]
    ) -> Iterator[tuple[npt.NDArray[np.intp], Keys]]:
        """Give, for each choice of one column out of each group, where all are said and the key."""
        before: list[Numbers] = []
        for chosen in product(*groups):
            said = [numbers for name in chosen if (numbers := self._numbers(name)) is not None]
            if len(said) < len(chosen):
                continue
            keys = np.full(len(self._features), _seed(block))
            for numbers in said:
                keys = _mixed(keys, numbers)
            keys &= ~np.uint64(1)
            where = np.logical_and.reduce([numbers != 0 for numbers in said])
            for other in before:
                where &= keys != other
            before.append(keys)
            at = np.flatnonzero(where)
            yield at, keys[at].view(np.int64)

    def _numbers(self, column: str) -> Numbers | None:
        """Return a column's words as numbers; None where nobody says anything."""
        if column not in self._known:
            parts = [
                _numbered(self._features.numbered(source), part)
                for source, part in _PARTS.get(column, ((column, _itself),))
            ]
            # What the first source does not say, the next may.
            numbers = parts[0]
            for other in parts[1:]:
                numbers = np.where(numbers == 0, other, numbers)
            self._known[column] = numbers if numbers.any() else None
        return self._known[column]


def _numbered(column: Column, part: Callable[[str], str | None]) -> Numbers:
    parts = map(part, column.words)
    # A missing word has code -1 and so takes the nothing at the end.
    table = [*(0 if said is None else number_hash(said) for said in parts), 0]
    return np.asarray(np.array(table, dtype=np.uint64)[column.codes])


def _mixed(numbers: Numbers | np.uint64, other: Numbers) -> Numbers:
    mixed = np.bitwise_xor(other, numbers) * _SPREAD
    mixed ^= mixed >> np.uint64(31)
    mixed *= _STIR
    return mixed ^ (mixed >> np.uint64(29))


@cache
def _seed(block: str) -> np.uint64:
    return np.uint64(number_hash(block))


def _itself(word: str) -> str:
    return word


def _first_sign(word: str) -> str:
    return word[:1]


def _legible(said: str) -> str | None:
    return None if "?" in said else said


#: Columns made of others: each source in turn, and what of its words is taken.
_PARTS: dict[str, tuple[tuple[str, Callable[[str], str | None]], ...]] = {
    # Names without a surname count by their first sign.
    "head": (("surname", _itself), ("name", _first_sign), ("legible", _first_sign)),
    "digit_front": (("digits", lambda said: _legible(said[:14])),),
    "digit_ends": (("digits", lambda said: _legible(said[:6] + said[14:])),),
    "digit_back": (("digits", lambda said: _legible(said[6:])),),
    "birth_year": (("birth_month", lambda month: month[:4]),),
}
