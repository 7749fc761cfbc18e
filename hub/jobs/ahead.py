"""What a resolve of everything has done on connections beside its own, meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import Connection

from hub import processes
from hub.config import Settings
from hub.jobs import persons
from hub.matching.weights import Weights
from hub.store.aside import Aside

#: From so many records of persons on, another process matches them sooner than it begins.
MANY = 50_000


@contextmanager
def second_connection(connection: Connection, *, wanted: bool) -> Iterator[Connection | None]:
    """Open another connection to the same database, where one is wanted."""
    if not wanted:
        yield None
        return
    # Each statement sees what is committed by then: nothing is held open for it.
    with connection.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as second:
        yield second


class Ahead:
    """All persons' records being matched by another process."""

    def __init__(self, token: str, result: Callable[[], persons.People]) -> None:
        self._aside = Aside(token)
        self._result = result

    def people(self, connection: Connection) -> persons.People:
        """Wait for who is who; what the records were compared by is in force from here on."""
        people = self._result()
        self._aside.take_over(connection, persons.PERSON)
        return people


@contextmanager
def people_ahead(settings: Settings, weights: Weights) -> Iterator[Ahead]:
    """Begin to match all persons' records as they are now."""
    token = uuid4().hex[:12]
    with processes.beside(persons.match_aside, settings, weights, token) as result:
        yield Ahead(token, result)
