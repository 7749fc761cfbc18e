"""Gathering records of places and dwellings: best pair first, never against a veto or a word.

Stewards' words come first, then what shares a key, then pairs by weight; ties are settled by the
names that records have at their sources, so that the order of arrival is irrelevant.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.matching.groups import Groups

Places = npt.NDArray[np.int64]
#: What a record says of one thing, or a cluster's records together.
Said = frozenset[str]


@dataclass(frozen=True)
class Held:
    """What records hold that can keep clusters apart, a column a fact, a value a record."""

    #: Clusters that both speak of such a fact, and share nothing there, stay apart.
    exclusive: Mapping[str, Sequence[Said]] = field(default_factory=dict)
    #: Lists that name a thing once: two records of one list are two things, unless a pair is sure.
    registers: Sequence[str | None] = ()
    #: What records are called, and which two names are those of two things.
    names: Sequence[str] = ()
    strange: Callable[[str, str], bool] = operator.ne


@dataclass(frozen=True)
class Gathered:
    """Clusters by record id, and why scored pairs at or above the link weight were not joined."""

    record_ids: Places
    labels: Places
    #: left, right, reason
    refused: pd.DataFrame

    def reviews(self, asked: pd.DataFrame) -> pd.DataFrame:
        """Return those of these pairs that lie between clusters, with the reason or the veto.

        ``asked``: ``left``, ``right``, ``review``; so is what is returned.
        """
        label = pd.Series(self.labels, index=self.record_ids)
        apart = asked["left"].map(label).ne(asked["right"].map(label))
        turned = self.refused.rename(columns={"left": "right", "right": "left"})
        vetoes = pd.concat([self.refused, turned], ignore_index=True)
        found = asked.loc[apart, ["left", "right", "review"]]
        found = found.merge(vetoes, on=["left", "right"], how="left")
        found["review"] = found["reason"].fillna(found["review"])
        return found[["left", "right", "review"]]


def gather(
    records: pd.DataFrame,
    keys: pd.DataFrame,
    edges: pd.DataFrame,
    judgements: pd.DataFrame,
    held: Held,
) -> Gathered:
    """Cluster records.

    ``records``: ``record_id, source, dataset, key``, which `held` describes row by row; ``keys``:
    ``record_id, key``, equal keys link; ``edges``: ``left, right, weight``, all of them heavy
    enough, ``sure`` (of being one thing, though one register names it twice) and ``loose`` (the
    names are alike only in part, so that all names of both clusters must fit); ``judgements``:
    ``left, right, judgement``.
    """
    ranked = records[["source", "dataset", "key"]].fillna("").reset_index(drop=True)
    order = ranked.sort_values(["source", "dataset", "key"]).index.to_numpy()
    record_ids = records["record_id"].to_numpy(np.int64)[order]
    forest = _Forest(held, order)
    where = {record_id: place for place, record_id in enumerate(record_ids.tolist())}
    _judge(forest, _placed(judgements, where))
    for left, right in _chained(forest, keys, where):
        if not forest.apart(left, right):
            forest.unite(left, right)
    refused = _grow(forest, _placed(edges, where))
    labels = np.array([forest.find(place) for place in range(len(record_ids))], dtype=np.int64)
    said = [(record_ids[left], record_ids[right], why) for left, right, why in refused]
    frame = pd.DataFrame(said, columns=["left", "right", "reason"])
    frame = frame.astype({"left": "int64", "right": "int64", "reason": "str"})
    return Gathered(record_ids, labels, frame)


def _placed(pairs: pd.DataFrame, where: Mapping[int, int]) -> pd.DataFrame:
    """Give pairs by position, the lower one left; those about other records fall away."""
    left, right = (pairs[side].map(where) for side in ("left", "right"))
    here = (left.notna() & right.notna()).to_numpy(dtype=np.bool_)
    both = np.stack([left[here].to_numpy(np.int64), right[here].to_numpy(np.int64)], axis=1)
    both.sort(axis=1)
    return pairs[here].assign(left=both[:, 0], right=both[:, 1]).sort_values(["left", "right"])


def _judge(forest: _Forest, judged: pd.DataFrame) -> None:
    for verdict in ("different", "same"):
        said = judged[judged["judgement"] == verdict]
        for left, right in zip(said["left"].tolist(), said["right"].tolist(), strict=True):
            if verdict == "different":
                forest.keep_apart(left, right)
            elif not forest.apart(left, right):
                forest.unite(left, right)


def _chained(
    forest: _Forest, keys: pd.DataFrame, where: Mapping[int, int]
) -> list[tuple[int, int]]:
    """Pair the holders of each key: with the first of them, or all where a word parts some."""
    place = keys["record_id"].map(where)
    known = keys.assign(place=place)[place.notna()].astype({"place": "int64"})
    known = known[known["key"].duplicated(keep=False)].sort_values(["place", "key"])
    pairs: list[tuple[int, int]] = []
    for _, members in known.groupby("key")["place"]:
        listed = members.tolist()
        heads = listed if any(one in forest.enemies for one in listed) else listed[:1]
        pairs += [(head, one) for head in heads for one in listed if head < one]
    return sorted(pairs)


def _grow(forest: _Forest, edges: pd.DataFrame) -> list[tuple[int, int, str]]:
    edges = edges.sort_values(["weight", "left", "right"], ascending=[False, True, True])
    refused = []
    columns = (edges[name].tolist() for name in ("left", "right", "sure", "loose"))
    for left, right, sure, loose in zip(*columns, strict=True):
        if forest.find(left) == forest.find(right):
            continue
        reason = forest.veto(left, right, sure=sure, loose=loose)
        if reason:
            refused.append((left, right, reason))
        else:
            forest.unite(left, right)
    return refused


class _Forest(Groups):
    """Groups of records that know what each holds."""

    def __init__(self, held: Held, order: Places) -> None:
        super().__init__(len(order))
        self._exclusive = {
            name: [said[row] for row in order.tolist()] for name, said in held.exclusive.items()
        }
        registers = [held.registers[row] for row in order.tolist()] if held.registers else []
        self._registers = [frozenset({one} if one else ()) for one in registers]
        names = [held.names[row] for row in order.tolist()] if held.names else []
        self._names = [frozenset({one}) for one in names]
        self._strange = held.strange

    def veto(self, left: int, right: int, *, sure: bool, loose: bool) -> str | None:
        a, b = self.find(left), self.find(right)
        if self.apart(a, b):
            return "judged different"
        for name, said in self._exclusive.items():
            if said[a] and said[b] and said[a].isdisjoint(said[b]):
                return name
        if self._registers and not sure and not self._registers[a].isdisjoint(self._registers[b]):
            return "twice in one register"
        if loose and any(self._strange(x, y) for x in self._names[a] for y in self._names[b]):
            return "two names"
        return None

    def _take(self, root: int, other: int) -> None:
        for said in (*self._exclusive.values(), self._registers, self._names):
            if said:
                said[root] = said[root] | said[other]
