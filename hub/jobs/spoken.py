"""Compounds that changed records speak of: those alone are counted and named again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from hub.store import aliases
from hub.store.compounds import compounds_spoken_of

#: Beyond so many changed records, counting all compounds costs less than picking them out.
MANY = 20_000


class Spoken:
    """The compounds that changed records name or named, by the records' type."""

    def __init__(self, connection: Connection, moved: Mapping[str, Sequence[int]]) -> None:
        self._connection = connection
        self._by_type = {
            name: compounds_spoken_of(connection, name, moved[name])
            for name in ("geo_entity", "address", "house", "person")
            if moved[name]
        }

    def by(self, *record_types: str) -> list[str]:
        """Return the compounds that changed records of these types name or named."""
        return sorted(set().union(*(self._by_type.get(name, set()) for name in record_types)))

    def add_names_of_places(self) -> None:
        """Add the names of the compounds that changed places are one with, or were."""
        names = aliases.affected_names(self._connection)
        self._by_type["geo_entity"] = self._by_type.get("geo_entity", set()) | names
