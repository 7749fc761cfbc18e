"""What a resolve of everything reads on connections beside its own, meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, Engine

from hub import matching
from hub.jobs import persons
from hub.matching.weights import Weights
from hub.store import linking


@contextmanager
def second_connection(connection: Connection, *, wanted: bool) -> Iterator[Connection | None]:
    """Open another connection to the same database, where one is wanted."""
    if not wanted:
        yield None
        return
    # Each statement sees what is committed by then: nothing is held open for it.
    with connection.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as second:
        yield second


@dataclass(frozen=True, slots=True)
class Ahead:
    """The records of persons, compared with one another and as they are to be linked."""

    weighed: persons.Weighed
    said: pd.DataFrame


def look_ahead(engine: Engine, weights: Weights) -> Ahead:
    """Compare all persons' records, and read them, as they are now."""
    with engine.connect() as connection:
        weighed = persons.weigh_all(connection, weights)
        columns = matching.KEY_FIELDS["person"]
        said = linking.all_records(connection, "person", columns)
    return Ahead(weighed, said[said["record_id"].astype("int64").isin(weighed.features.record_ids)])
