"""What a resolve of everything has done on connections beside its own, meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import Connection

from hub import processes
from hub.config import Settings
from hub.database import engine
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

    def __init__(
        self, settings: Settings, token: str, result: Callable[[], persons.People], beside: Executor
    ) -> None:
        self._settings, self._aside = settings, Aside(token)
        self._result, self._beside = result, beside
        self._indexed: Future[None] | None = None

    def people(self, connection: Connection) -> persons.People:
        """Wait for who is who; the pairs that were scored are in force from here on."""
        people = self._result()
        self._aside.take_pairs(connection, persons.PERSON)
        # Only later resolves look keys up: they are indexed while this one publishes.
        self._indexed = self._beside.submit(self._index_keys)
        return people

    def settle(self, connection: Connection) -> None:
        """Let what the people's records were compared by be in force, too."""
        if self._indexed is not None:
            self._indexed.result()
            self._aside.take_keys(connection)

    def _index_keys(self) -> None:
        with engine(self._settings).begin() as connection:
            self._aside.index_keys(connection)


@contextmanager
def people_ahead(settings: Settings, weights: Weights) -> Iterator[Ahead]:
    """Begin to match all persons' records as they are now."""
    token = uuid4().hex[:12]
    with (
        ThreadPoolExecutor(1) as beside,
        processes.beside(persons.match_aside, settings, weights, token) as result,
    ):
        yield Ahead(settings, token, result, beside)
