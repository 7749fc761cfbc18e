"""Growing clusters: best pair first, never against a veto, and never over a steward's word.

Stewards' judgements are taken first, then pairs by their weight, ties by the fingerprint of the
records' names at their sources. So the result depends on what the records say and on nothing
else: not on the order in which they came, nor on the order of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hub.matching.candidates import distinct
from hub.matching.features import Features
from hub.matching.forest import Forest, birth_conflict, facts_of
from hub.matching.groups import hanging_together
from hub.matching.score import Scored

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

#: A record that fits a second entity this nearly (in bits) as well is not linked to the first.
MARGIN = 3.0

#: Levels at which names speak of two people.
_OTHER_NAME = frozenset({"same surname", "different"})

#: Levels at which nothing speaks of two births.
_NO_OTHER_BIRTH = ["absent", "same month, day unknown", "one slip"]

#: A steward's word on a pair: the numbers of the two records, and what was said.
Judged = tuple[int, int, str]


class Review(NamedTuple):
    """A pair a steward is asked about: what might be one person and was not linked."""

    left: int
    right: int
    weight: float
    reason: str


@dataclass(frozen=True)
class Grown:
    """Clusters, and the pairs a steward is asked about; by record id."""

    record_ids: Places
    #: Records with one label are one person.
    labels: Places
    reviews: list[Review]
    #: Judgements *same* that others of *different* stand against.
    contradictions: list[tuple[int, int]]


def grow(
    features: Features,
    scored: Scored,
    link: float,
    review: float,
    judgements: Sequence[Judged] = (),
) -> Grown:
    """Cluster records by their scored pairs.

    ``link`` and ``review``: the bits from which a pair is linked, and from which a steward is
    asked. ``judgements``: on each pair one.
    """
    edges = _Edges(features, scored, review, _judged(features, judgements))
    nobody = np.zeros(len(features), dtype=np.bool_)
    clusters = _clusters(features, edges, link, nobody)
    torn = _torn(features, edges, clusters.labels, link)
    if torn.any():
        clusters = _clusters(features, edges, link, torn)
    ids = features.record_ids
    reviews = edges.reviews(ids, clusters, torn, link)
    against = [(int(ids[left]), int(ids[right])) for left, right in clusters.against]
    return Grown(ids, clusters.labels, reviews, against)


@dataclass(frozen=True)
class _Judged:
    """Stewards' words on pairs, by position, in a settled order."""

    left: Places
    right: Places
    words: list[str]

    def pairs(self, word: str | None = None) -> list[tuple[int, int]]:
        """Return the pairs of which this was said, or anything."""
        said = zip(self.left.tolist(), self.right.tolist(), self.words, strict=True)
        return [(left, right) for left, right, one in said if word in (None, one)]


def _judged(features: Features, judgements: Sequence[Judged]) -> _Judged:
    """Give judgements by position; those about other records are left out."""
    if not judgements:
        return _Judged(np.zeros(0, np.int64), np.zeros(0, np.int64), [])
    sides = np.array([pair for *pair, _ in judgements], dtype=np.int64)
    at = np.flatnonzero(np.isin(sides, features.record_ids).all(axis=1))
    left, right = (features.positions(side) for side in sides[at].T)
    left, right = _ranked(features, left, right)
    order = np.lexsort((features.ranks[right], features.ranks[left]))
    words = [judgements[nth][2] for nth in at[order].tolist()]
    return _Judged(left[order], right[order], words)


def _ranked(features: Features, left: Places, right: Places) -> tuple[Places, Places]:
    """Turn pairs so that the record whose rank comes first stands left."""
    turned = features.ranks[left] > features.ranks[right]
    return np.where(turned, right, left), np.where(turned, left, right)


class _Edges:
    """The pairs worth knowing of, best first, and what speaks against linking them directly."""

    def __init__(self, features: Features, scored: Scored, review: float, judged: _Judged) -> None:
        scored = scored.worth_knowing(review)
        left, right = _ranked(features, scored.left, scored.right)
        ranks = features.ranks
        order = np.lexsort((ranks[right], ranks[left], -scored.weight))
        self.left, self.right = left[order], right[order]
        self.weight = scored.weight[order]
        self.judged = judged
        names, numbers = scored.level("name")[order], scored.level("number")[order]
        # Twins' numbers differ in two or three digits: a number merely like the other is no proof.
        self.same_number = numbers == "same"
        self.named = ~np.isin(names, ["surname and title", "absent", *_OTHER_NAME])
        doubtful = self.same_number & np.isin(names, list(_OTHER_NAME))
        self.borrowed = _borrowed(features, self.left, self.right, doubtful)
        like_kin = _like_kin(features, self.left, self.right, names)
        self.kin = self.borrowed | (~self.same_number & like_kin)
        self.two_people = self.kin & (numbers == "different")
        births, contacts = scored.level("birth")[order], scored.level("contact")[order]
        reached = (contacts == "phone and home") & np.isin(births, _NO_OTHER_BIRTH)
        self.sure = self.same_number | ((names == "same") & ((births == "same") | reached))

    def reviews(self, ids: Places, clusters: _Clusters, torn: Flags, link: float) -> list[Review]:
        """List the pairs between clusters, each two clusters once, and why they were not linked."""
        labels = clusters.labels
        # Kin with numbers of their own are known to be two.
        apart = np.flatnonzero((labels[self.left] != labels[self.right]) & ~self.two_people)
        if not len(apart):
            return []
        sides = np.sort([labels[self.left[apart]], labels[self.right[apart]]], axis=0)
        _, first = np.unique(sides, axis=1, return_index=True)
        known, reasons = set(self.judged.pairs()), self._reasons(torn, link)
        found = []
        for at in apart[np.sort(first)].tolist():
            left, right = int(self.left[at]), int(self.right[at])
            if (left, right) not in known:
                reason = clusters.refused.get(at, str(reasons[at]))
                weight = float(self.weight[at])
                found.append(Review(int(ids[left]), int(ids[right]), weight, reason))
        return found

    def _reasons(self, torn: Flags, link: float) -> npt.NDArray[np.str_]:
        """Say of each pair why it was not linked, unless a veto stopped it."""
        doubted = self.borrowed | (self.same_number & (self.weight < link))
        said = {
            "one number": doubted,
            "kin": self.kin & (self.weight >= link),
            "weak": self.weight < link,
            "fits two": torn[self.left] | torn[self.right],
        }
        return np.select([*said.values()], [*said], "apart")


def _like_kin(features: Features, left: Places, right: Places, names: npt.ArrayLike) -> Flags:
    """Tell which names are rather those of twins, siblings or spouses than one person's."""
    lengths = features.name_lengths
    short = np.minimum(lengths[left], lengths[right]) <= 3
    slip = np.flatnonzero((np.asarray(names) == "one slip") & short)
    found = np.isin(names, list(_OTHER_NAME))
    said = features.text("name")
    # The same signs the other way round are a typist's doing, not a parent's.
    found[slip] = [sorted(said[a]) != sorted(said[b]) for a, b in _sides(left, right, slip)]
    return np.asarray(found)


def _borrowed(features: Features, left: Places, right: Places, doubtful: Flags) -> Flags:
    """Tell which doubtful pairs have one number because one of a family bears another's.

    A home or a telephone in common then proves nothing: a family has them in common.
    """
    said, belied = features.text("name"), features.known("belied")
    # A name in two scripts has nothing in common with itself.
    comparable = features.known("name") & ~features.known("latin")
    at = np.flatnonzero(doubtful & comparable[left] & comparable[right])
    found = np.zeros(len(left), dtype=np.bool_)
    found[at] = [
        belied[a] or belied[b] or set(said[a]).isdisjoint(said[b])
        for a, b in _sides(left, right, at)
    ]
    return found


def _sides(left: Places, right: Places, at: Places) -> list[tuple[int, int]]:
    return list(zip(left[at].tolist(), right[at].tolist(), strict=True))


@dataclass(frozen=True)
class _Clusters:
    """Labels by position; for each edge that a veto stopped, why; judgements that contradict."""

    labels: Places
    refused: dict[int, str]
    against: list[tuple[int, int]]


def _clusters(features: Features, edges: _Edges, link: float, torn: Flags) -> _Clusters:
    """Join records along judgements and edges; torn records only along judgements.

    What hangs together and holds nothing that could be refused is joined at once; only the rest
    is grown edge by edge.
    """
    usable = (edges.weight >= link) & ~edges.kin & ~torn[edges.left] & ~torn[edges.right]
    at = np.flatnonzero(usable)
    left = np.concatenate([edges.left[at], edges.judged.left])
    right = np.concatenate([edges.right[at], edges.judged.right])
    labels = hanging_together(len(features), left, right)
    contested = np.isin(labels, _contested(features, edges, at, labels))
    concerned = np.flatnonzero(contested)
    forest = Forest(len(features), facts_of(features, concerned.tolist()))
    against = _join_judged(forest, edges.judged)
    for nth in at[contested[edges.left[at]]].tolist():
        forest.join(
            nth,
            int(edges.left[nth]),
            int(edges.right[nth]),
            same_number=bool(edges.same_number[nth]),
            named=bool(edges.named[nth]),
            sure=bool(edges.sure[nth]),
        )
    # Roots of trees and places that label components must not meet.
    labels[concerned] = [len(features) + forest.find(one) for one in concerned.tolist()]
    return _Clusters(labels, forest.refused, against)


def _contested(features: Features, edges: _Edges, at: Places, labels: Places) -> Places:
    """Find the components in which a veto or a judgement may have a say."""
    found = [labels[edges.left[at[~edges.named[at]]]]]
    found += [labels[edges.judged.left], labels[edges.judged.right]]
    for name in ("number", "birth"):
        # Components that say several things; a register, though, one that is named twice.
        said = distinct(_with_labels(features, name, labels))
        found.append(_repeated(said >> 32))
    found.append(_repeated(_with_labels(features, "register", labels)) >> 32)
    return np.unique(np.concatenate(found))


def _with_labels(features: Features, column: str, labels: Places) -> Places:
    """Pack label and word of each record that says something into one number."""
    codes = features.codes((column,))[0].astype(np.int64)
    return np.asarray((labels << 32 | codes)[codes >= 0])


def _repeated(numbers: Places) -> Places:
    """Return the numbers that occur more than once."""
    ordered = np.sort(numbers)
    return np.asarray(ordered[1:][ordered[1:] == ordered[:-1]])


def _join_judged(forest: Forest, judged: _Judged) -> list[tuple[int, int]]:
    """Take the stewards' words; return those of *same* that others stand against."""
    for left, right in judged.pairs("different"):
        forest.keep_apart(left, right)
    return [pair for pair in judged.pairs("same") if not forest.join_judged(*pair)]


def _torn(features: Features, edges: _Edges, labels: Places, link: float) -> Flags:
    """Find the records without a number that fit another cluster nearly as well as their own."""
    size = len(features)
    usable = ~edges.kin & ~_impossible(features, edges)
    sides = (edges.left[usable], edges.right[usable])
    weight = edges.weight[usable]
    within = labels[sides[0]] == labels[sides[1]]
    own, other = np.full(size, -np.inf), np.full(size, -np.inf)
    for side in sides:
        np.maximum.at(own, side[within], weight[within])
        np.maximum.at(other, side[~within], weight[~within])
    judged = np.zeros(size, dtype=np.bool_)
    for pair in edges.judged.pairs("same"):
        judged[list(pair)] = True
    unnumbered = ~features.known("number")
    return np.asarray(unnumbered & ~judged & (own >= link) & (other >= own - MARGIN))


def _impossible(features: Features, edges: _Edges) -> Flags:
    """Tell which edges join what can never be one person: then they are no rival claim."""
    births = features.text("birth")
    left, right = births[edges.left], births[edges.right]
    known = (left != "") & (right != "") & (left != right)
    found = np.zeros(len(left), dtype=np.bool_)
    at = np.flatnonzero(known)
    found[at] = [birth_conflict(a, b) for a, b in zip(left[at], right[at], strict=True)]
    return found
