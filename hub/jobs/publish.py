"""Publishing: entities' live records become golden records, written where they differ."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from hub.golden.derive import Locate
from hub.jobs.making import Chosen, Made, Maker
from hub.store import golden as store
from hub.store.golden import Published
from schemas import Section

#: Looks at golden records that are staged; returns the ids of those that are otherwise by that.
Foresee = Callable[[Connection, type[Section]], Collection[str]]

#: So many new golden records change what the planner has to know.
MANY = 10_000


class Publisher:
    """Publishes entities of any type with one cause.

    ``feed_at_once``: the first golden records of a type are told of in the feed as they are
    written; who only looks what would become of a transaction asks the outbox instead.
    ``foresee``: called when golden records of a type are staged; what it does is in the way of
    how some of them are, and it returns which.
    """

    def __init__(
        self,
        connection: Connection,
        cause: dict[str, Any],
        maker: Maker,
        foresee: Foresee | None = None,
        *,
        feed_at_once: bool = False,
    ) -> None:
        self._connection = connection
        self._maker = maker
        self._foresee = foresee
        self._feed_at_once = feed_at_once
        self.cause = cause

    def publish(self, model: type[Section], chosen: Chosen, locate: Locate) -> Published:
        """Publish the chosen entities of a type."""
        if not chosen.entity_ids:
            chosen.settled()
            return Published()
        done, new = Published(), pd.Index(list(chosen.minted), dtype="str")
        with store.room(self._connection, model.record_type, len(new)) as first:
            numbered = first and self._feed_at_once
            for made in self._maker.made(model, chosen, locate):
                done += self._write(model, made, chosen.merged, new, locate, numbered=numbered)
        if done.created > MANY:
            store.renew_statistics(self._connection, model.record_type)
        return done

    def _write(
        self,
        model: type[Section],
        made: Made,
        merged: Sequence[str],
        minted: pd.Index,
        locate: Locate,
        *,
        numbered: bool,
    ) -> Published:
        new = minted.get_indexer(pd.Index(made.frame["entity_id"], dtype="str")) >= 0
        done = Published()
        if new.any():
            frame = made.frame[new]
            filled = store.filled_fields(model, frame) if made.filled is None else made.filled[new]
            done += store.create(
                self._connection, model, frame, filled, self.cause, numbered=numbered
            )
        old = made.frame[~new] if new.any() else made.frame
        if len(old) > store.MANY:
            old = old[store.unlike_served(self._connection, model, old)]
        if made.gone or len(old):
            self._stage(model, old, locate)
            done += store.publish(self._connection, model, made.gone, self.cause, merged)
        return done

    def _stage(self, model: type[Section], old: pd.DataFrame, locate: Locate) -> None:
        """Stage golden records that were published before, as they are by what they cause."""
        store.stage(self._connection, model, old)
        if self._foresee is None or old.empty:
            return
        if ids := sorted(self._foresee(self._connection, model)):
            again = self._maker.make_again(model, ids, locate).frame
            others = old[~old["entity_id"].isin(ids)]
            store.stage(self._connection, model, pd.concat([others, again], ignore_index=True))
