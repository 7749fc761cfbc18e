"""Figures that take a look at everything: kept for a moment, and shown as they were then."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Figure = TypeVar("Figure")
#: For so many seconds a figure is shown again.
KEPT = 60.0
#: What is counted within so many seconds is counted again each time.
QUICK = 0.05
_MOST = 1_000


@dataclass
class Recent:
    """Figures by what they are of; whatever differs for callers belongs to that."""

    #: Seconds that only ever grow.
    clock: Callable[[], float] = time.monotonic
    _known: dict[Hashable, tuple[Any, float]] = field(default_factory=dict)

    def figure(
        self,
        of: Hashable,
        count: Callable[[], Figure],
        may_be_old: Callable[[Figure], bool] = lambda _: True,
    ) -> Figure:
        """Return a figure as it is, or was within the last minute where that took long to find."""
        found, until = self._known.get(of, (None, 0.0))
        began = self.clock()
        if until > began:
            known: Figure = found
            return known
        made, ended = count(), self.clock()
        if len(self._known) >= _MOST:
            self._known.clear()
        if ended - began > QUICK and may_be_old(made):
            self._known[of] = (made, ended + KEPT)
        return made
