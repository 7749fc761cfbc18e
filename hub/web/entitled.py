"""What callers were granted, kept for a moment, so that a read need not ask each time.

A grant that runs out is seen at once, since its end is known; one that is revoked by this process
at once, by another process within `KEPT`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, Engine

from hub.store.callers import entitled
from hub.store.default_grants import Rights
from hub.store.grants import Places, own_places
from hub.store.visible import Caller

#: For so many seconds rights are used that another process may have changed meanwhile.
KEPT = 1.0
#: Where a company's rooms lie changes seldom, and takes a look at all of them.
PLACES_KEPT = 60.0
_MOST = 10_000

_Key = tuple[str, str | None, frozenset[str]]


@dataclass
class Entitlements:
    """The rights of callers, as the database has them or had them a moment ago."""

    engine: Engine
    _known: dict[_Key, tuple[Rights, float]] = field(default_factory=dict)
    #: How often all was forgotten: what was asked for before that is not what is so.
    forgotten: int = 0
    _places: dict[str, tuple[Places, float]] = field(default_factory=dict)

    def known(self, caller: Caller) -> Caller | None:
        """Return the caller with its rights if they are at hand, without asking the database."""
        rights, until = self._known.get(_key(caller), (None, 0.0))
        if rights is None or until <= time.monotonic():
            return None
        return replace(caller, rights=rights)

    def until(self, caller: Caller) -> float:
        """Return until when the rights are at hand; a time that is over if they are not."""
        return self._known.get(_key(caller), (None, 0.0))[1]

    def read(self, caller: Caller) -> Caller:
        """Return the caller with its rights, as they are now or were a moment ago."""
        return self.known(caller) or self.renewed(caller)

    def forget(self) -> None:
        """Have all rights read again: something was granted, revoked or moved."""
        self.forgotten += 1
        self._known.clear()

    def renewed(self, caller: Caller) -> Caller:
        """Return the caller with its rights as they are now."""
        asked, forgotten = time.monotonic(), self.forgotten
        with self.engine.connect() as connection:
            found = entitled(connection, caller, self._places_of)
        if len(self._known) >= _MOST:
            self._known.clear()
        if forgotten == self.forgotten:
            # Counted from before the question: a change during it is seen in time as well.
            self._known[_key(caller)] = (found.rights, asked + KEPT)
        return found

    def _places_of(self, connection: Connection, source: str) -> Places:
        places, until = self._places.get(source, (Places(), 0.0))
        if until <= time.monotonic():
            places = own_places(connection, source)
            self._places[source] = (places, time.monotonic() + PLACES_KEPT)
        return places


def _key(caller: Caller) -> _Key:
    return caller.client_id, caller.source, caller.areas
