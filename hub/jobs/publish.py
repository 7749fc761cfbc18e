"""Publishing: entities' live records become golden records, written where they differ."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from hub.golden.derive import Locate
from hub.jobs.making import Chosen, Made, Maker
from hub.store import golden as store
from hub.store.golden import Published
from schemas import Section
from schemas.distinct import Columns, chosen_rows

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
        done, minted = Published(), frozenset(chosen.minted)
        with store.room(self._connection, model.record_type, len(minted)) as first:
            numbered = first and self._feed_at_once
            for made in self._maker.made(model, chosen, locate):
                done += self._write(model, made, chosen.merged, minted, locate, numbered=numbered)
        if done.created > MANY:
            store.renew_statistics(self._connection, model.record_type)
        return done

    def _write(
        self,
        model: type[Section],
        made: Made,
        merged: Sequence[str],
        minted: frozenset[str],
        locate: Locate,
        *,
        numbered: bool,
    ) -> Published:
        ids = made.rows["entity_id"].tolist()
        new = np.fromiter(map(minted.__contains__, ids), np.bool_, len(ids))
        done, old = Published(), made.rows
        if new.any():
            rows, old = chosen_rows(old, new), chosen_rows(old, ~new)
            filled = store.filled_fields(model, rows) if made.filled is None else made.filled[new]
            done += store.create(
                self._connection, model, rows, filled, self.cause, numbered=numbered
            )
        if len(old["entity_id"]) > store.MANY:
            old = chosen_rows(old, store.unlike_served(self._connection, model, old))
        if made.gone or len(old["entity_id"]):
            self._stage(model, old, locate)
            done += store.publish(self._connection, model, made.gone, self.cause, merged)
        return done

    def _stage(self, model: type[Section], old: Columns, locate: Locate) -> None:
        """Stage golden records that were published before, as they are by what they cause."""
        store.stage(self._connection, model, old)
        if self._foresee is None or not len(old["entity_id"]):
            return
        if ids := sorted(self._foresee(self._connection, model)):
            again = self._maker.make_again(model, ids, locate).rows
            others = chosen_rows(old, ~np.isin(old["entity_id"], ids))
            store.stage(self._connection, model, others, again)
