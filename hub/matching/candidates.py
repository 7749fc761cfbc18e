"""Candidates: which records are worth comparing, by keys they have in common.

The keys of all records stand in an index. A whole set and a single record are looked up by the
same keys and give the same pairs: two records are compared when they share a key that no more
than `LARGEST` records hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.hashes import cells, text_hash
from hub.matching.features import BUILDINGS, COMPOUNDS, DOORS, PHONES, ROOMS, SHARED, Features

#: A key on more records than this tells nobody apart; what it alone would pair is not compared.
LARGEST = 60

#: The keys: an aspect's name and the columns whose values in common make two records candidates.
#: Of columns given as a group each value makes a key of its own.
BLOCKS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("number", (("number",),)),
    ("ends", (("digit_ends",), ("head",))),
    ("front", (("digit_front",), ("head",))),
    ("back", (("digit_back",),)),
    ("name, birth year", (("name", "former"), ("birth_year",))),
    ("sound, birth", (("sound",), ("birth",))),
    ("surname, birth", (("head",), ("birth",))),
    ("given name, birth", (("given",), ("birth",))),
    ("phone", (PHONES,)),
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


def block_keys(features: Features) -> pd.DataFrame:
    """Return the keys of records for the index: ``record_id`` and ``key`` (a hash)."""
    parts = list(_said(features))
    keys = [text_hash(f"{block}|{said}") for block, _, words in parts for said in words]
    record_ids = np.concatenate([np.zeros(0, np.int64), *(ids for _, ids, _ in parts)])
    frame = pd.DataFrame({"record_id": record_ids, "key": pd.Series(keys, dtype="str")})
    return frame.drop_duplicates(ignore_index=True)


def block_words(features: Features) -> pd.DataFrame:
    """Return the keys of records in words: ``record_id``, ``block``, ``said``."""
    parts = [
        pd.DataFrame({"record_id": ids, "block": block, "said": words})
        for block, ids, words in _said(features)
    ]
    columns = pd.DataFrame({"record_id": [], "block": [], "said": []})
    return pd.concat(parts or [columns], ignore_index=True)


def _said(
    features: Features,
) -> Iterator[tuple[str, npt.NDArray[np.int64], npt.NDArray[np.object_]]]:
    frame = features.frame.assign(**_parts(features.frame))
    columns = {str(name): cells(frame[name]) for name in frame}
    for block, groups in BLOCKS:
        for at, words in _words(columns, groups):
            yield block, features.record_ids[at], words


def candidate_pairs(keys: pd.DataFrame, around: Iterable[int] | None = None) -> pd.DataFrame:
    """Return the pairs of records that share a key: ``left`` < ``right``, each pair once.

    ``keys`` has ``record_id`` and ``key``. With ``around`` only pairs with one of these records
    are returned; then ``keys`` needs no more than all holders of the keys of those records.
    """
    record_ids, records = np.unique(keys["record_id"].to_numpy(np.int64), return_inverse=True)
    codes, _ = pd.factorize(keys["key"])
    sizes = np.bincount(codes) if len(codes) else np.zeros(0, np.int64)
    kept = (sizes[codes] > 1) & (sizes[codes] <= LARGEST)
    left, right = _within(codes[kept], records[kept])
    if around is not None:
        wanted = np.isin(record_ids, np.fromiter(around, np.int64))
        touched = wanted[left] | wanted[right]
        left, right = left[touched], right[touched]
    pairs = np.unique(np.minimum(left, right) * len(record_ids) + np.maximum(left, right))
    low, high = np.divmod(pairs, max(len(record_ids), 1))
    return pd.DataFrame({"left": record_ids[low], "right": record_ids[high]})


def _within(
    codes: npt.NDArray[np.intp], records: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pair every two members of each block."""
    order = np.argsort(codes, kind="stable")
    codes, records = codes[order], records[order]
    ends = np.searchsorted(codes, codes, side="right")
    # Each member is paired with those that stand behind it in its block.
    after = ends - np.arange(len(codes)) - 1
    first = np.repeat(np.arange(len(codes)), after)
    offset = np.arange(len(first)) - np.repeat(np.cumsum(after) - after, after)
    return records[first], records[first + offset + 1]


def _parts(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Derive what keys are made of beside the features themselves."""
    digits = frame["digits"]
    whole = digits.where(~digits.str.contains("?", regex=False, na=True))
    first = frame["name"].fillna(frame["legible"]).str[:1]
    front, ends = digits.str[:14], digits.str[:6] + digits.str[14:]
    return {
        # Names without a surname count by their first sign.
        "head": frame["surname"].fillna(first),
        "digit_front": front.where(~front.str.contains("?", regex=False, na=True)),
        "digit_ends": ends.where(~ends.str.contains("?", regex=False, na=True)),
        "digit_back": whole.str[6:],
        "birth_year": frame["birth_month"].str[:4],
    }


def _words(
    columns: dict[str, npt.NDArray[np.object_]], groups: tuple[tuple[str, ...], ...]
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.object_]]]:
    """Give, for each choice of one column out of each group, where all are said and what."""
    for chosen in product(*groups):
        known = np.logical_and.reduce([columns[name] != None for name in chosen])  # noqa: E711
        at = np.flatnonzero(known)
        words = columns[chosen[0]][at]
        for name in chosen[1:]:
            words = words + "|" + columns[name][at]
        if len(at):
            yield at, words
