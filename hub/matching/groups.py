"""Groups of records: what hangs together; and while they grow, which of them are kept apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]


def hanging_together(size: int, left: npt.ArrayLike, right: npt.ArrayLike) -> Places:
    """Label so many places: those that pairs lead to from each other get the least of them."""
    lefts, rights = np.asarray(left, np.int64), np.asarray(right, np.int64)
    labels = np.arange(size)
    while (labels[lefts] != labels[rights]).any():
        # Those that each end was told of hear of it as well: long chains grow short soon.
        one, other = labels[lefts], labels[rights]
        np.minimum.at(labels, np.maximum(one, other), np.minimum(one, other))
        labels = labels[labels]
    return labels


class Groups:
    """A union-find over records, by position, that knows which groups may never become one.

    Who holds something for each group extends `_take`.
    """

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))
        self._size = [1] * size
        #: root → records that must never come into its group
        self.enemies: dict[int, set[int]] = {}

    def find(self, at: int) -> int:
        """Return the root of a record's group."""
        parent = self._parent
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    def keep_apart(self, left: int, right: int) -> None:
        """Never let these two records into one group."""
        for one, other in ((left, right), (right, left)):
            self.enemies.setdefault(self.find(one), set()).add(other)

    def apart(self, left: int, right: int) -> bool:
        """Tell whether a word keeps the groups of two records apart."""
        if not self.enemies:
            return False
        a, b = self.find(left), self.find(right)
        few, other = (a, b) if len(self._hated(a)) <= len(self._hated(b)) else (b, a)
        return any(self.find(enemy) == other for enemy in self._hated(few))

    def unite(self, left: int, right: int) -> None:
        """Make one group of those of two records."""
        a, b = self.find(left), self.find(right)
        if a == b:
            return
        if self._size[a] < self._size[b]:
            a, b = b, a
        self._parent[b] = a
        self._size[a] += self._size[b]
        self._take(a, b)
        if b in self.enemies:
            self.enemies.setdefault(a, set()).update(self.enemies.pop(b))

    def _take(self, root: int, other: int) -> None:
        """Let one root hold what another one did."""

    def _hated(self, root: int) -> set[int]:
        return self.enemies.get(root, set())
