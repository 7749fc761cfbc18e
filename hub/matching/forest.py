"""Clusters while they grow: what each holds, and what forbids that two become one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hub.matching.features import Features
from hub.matching.groups import Groups

# A date is written YYYY-MM-DD.
_PARTS = (slice(0, 4), slice(5, 7), slice(8, 10))


#: fact → root of a cluster → what the cluster's records say
Facts = dict[str, dict[int, frozenset[str]]]


def facts_of(features: Features, concerned: Iterable[int]) -> Facts:
    """Gather what can forbid a merge, of the records (by position) that any pair concerns."""
    chosen = sorted(concerned)
    number, digits = features.text("number"), features.text("digits")
    # Passports are renewed and so may differ; a citizen's number never does.
    citizen = np.where(number == digits, number, "")
    texts = {
        "numbers": (citizen,),
        "births": (features.text("birth"),),
        "names": (features.text("sound"), features.text("former")),
        "registers": (features.text("register"),),
    }
    return {name: _held(chosen, *columns) for name, columns in texts.items()}


class Forest(Groups):
    """Groups of records that know the facts of each."""

    def __init__(self, size: int, facts: Facts) -> None:
        super().__init__(size)
        self._facts = {name: dict(held) for name, held in facts.items()}
        #: For each edge that a veto stopped, the reason.
        self.refused: dict[int, str] = {}

    def join_judged(self, left: int, right: int) -> bool:
        """Join on a steward's word, unless another word stands against it."""
        if self.apart(left, right):
            return False
        self.unite(left, right)
        return True

    def join(
        self, edge: int, left: int, right: int, *, same_number: bool, named: bool, sure: bool
    ) -> None:
        """Join the clusters of two records, unless there is a veto."""
        a, b = self.find(left), self.find(right)
        if a == b:
            return
        reason = self._veto(a, b, same_number=same_number, named=named, sure=sure)
        if reason:
            self.refused[edge] = reason
        else:
            self.unite(a, b)

    def _veto(self, a: int, b: int, *, same_number: bool, named: bool, sure: bool) -> str | None:
        if self.apart(a, b):
            return "judged different"
        mine, theirs = self._of("numbers", a), self._of("numbers", b)
        if mine and theirs and mine.isdisjoint(theirs):
            return "two numbers"
        if not same_number and any(
            birth_conflict(x, y) for x in self._of("births", a) for y in self._of("births", b)
        ):
            return "two births"
        mine, theirs = self._of("names", a), self._of("names", b)
        if not (named or same_number) and mine and theirs and mine.isdisjoint(theirs):
            return "two names"
        # A register lists a person once; twice takes more than a likeness.
        if not sure and not self._of("registers", a).isdisjoint(self._of("registers", b)):
            return "twice in one register"
        return None

    def _of(self, fact: str, root: int) -> frozenset[str]:
        return self._facts[fact].get(root, frozenset())

    def _take(self, root: int, other: int) -> None:
        for held in self._facts.values():
            if other in held:
                held[root] = held.get(root, frozenset()) | held.pop(other)


@lru_cache(maxsize=200_000)
def birth_conflict(left: str, right: str) -> bool:
    """Tell whether two birth dates are too different for either to be a slip of the other."""
    equal = [left[part] == right[part] for part in _PARTS]
    if equal[0] or sum(equal) >= 2:
        return False
    return sum(a != b for a, b in zip(left, right, strict=True)) > 1


def _held(chosen: list[int], *columns: npt.NDArray[np.object_]) -> dict[int, frozenset[str]]:
    words = zip(*(column[chosen] for column in columns), strict=True)
    said = ((at, frozenset(filter(None, word))) for at, word in zip(chosen, words, strict=True))
    return {at: word for at, word in said if word}
