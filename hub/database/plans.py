"""Statements that PostgreSQL reads and plans once for each connection, as long as it is asked to.

Where a batch holds one row, reading and planning what is done with it takes PostgreSQL longer than
doing it. So such a batch is taken in on a connection that keeps plans: its statements are prepared
when they are first met and only executed from then on. For large batches that would not do: their
statements are planned by what the tables hold at the time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import psycopg2.extensions

#: So many statements are kept at most: those that differ by what they are asked are not worth it.
MOST = 400

#: What a statement begins with that has a plan.
_PLANNED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")
_PLACE = re.compile(r"%\((\w+)\)s|%%")


class Keeping(psycopg2.extensions.connection):
    """A connection of the driver's that can keep plans."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        #: Whether statements are prepared now.
        self.keeps_plans = False
        self._names: dict[tuple[str, tuple[str, ...]], str] = {}
        self._made = 0

    def planned(
        self, cursor: psycopg2.extensions.cursor, statement: str, values: Mapping[str, Any]
    ) -> tuple[bytes, Mapping[tuple[str, tuple[str, ...]], str]]:
        """Write statements as executions of prepared ones.

        What has to be prepared for that goes before; it is `keep`-ed once that has succeeded.
        """
        words: list[bytes] = []
        new: dict[tuple[str, tuple[str, ...]], str] = {}
        for part in _parts(statement):
            types = _types(part, values) if part.is_kept else None
            if types is None or len(self._names) >= MOST:
                words.append(cursor.mogrify(part.said, values))
                continue
            name = self._names.get((part.said, types)) or new.get((part.said, types))
            if name is None:
                self._made += 1
                name = new[part.said, types] = f"hub_{self._made}"
                words.append(part.first(name, types))
            if part.has_plan:
                words.append(cursor.mogrify(f"EXECUTE {name}{part.given}", values))
        return b"; ".join(words), new

    def keep(self, new: Mapping[tuple[str, tuple[str, ...]], str]) -> None:
        """Remember statements that have been prepared; a transaction's end does not undo that."""
        self._names |= new


class _Part:
    """One statement of those that are sent together."""

    def __init__(self, said: str) -> None:
        self.said = said
        self.names: list[str] = []
        self.has_plan = said.startswith(_PLANNED)
        # What tables held when a plan was made is what it is kept for.
        self.is_kept = self.has_plan or said.startswith("ANALYZE")
        self.numbered = _PLACE.sub(self._number, said)
        places = ", ".join(f"%({name})s" for name in self.names)
        self.given = f" ({places})" if places else ""

    def first(self, name: str, types: Sequence[str]) -> bytes:
        """Write what is done the first time, and then no more."""
        if not self.has_plan:
            return self.said.encode()
        listed = f" ({', '.join(types)})" if types else ""
        return f"PREPARE {name}{listed} AS {self.numbered}".encode()

    def _number(self, found: re.Match[str]) -> str:
        if found[1] is None:
            return "%"
        # A value may mean a text at one place and a time at the next: each has a number.
        self.names.append(found[1])
        return f"${len(self.names)}"


@lru_cache(maxsize=1_000)
def _parts(statement: str) -> Sequence[_Part]:
    parts = [part.strip() for part in statement.split(";")]
    if any(part.count("'") % 2 for part in parts):
        # It was a text that held the semicolon.
        parts = [statement.strip()]
    return [_Part(part) for part in parts if part]


def _types(part: _Part, values: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return how the driver would write a statement's values; None where it is not known."""
    types = tuple(_type(values[name]) for name in part.names)
    return cast("tuple[str, ...]", types) if all(types) else None


def _type(value: object) -> str | None:
    if isinstance(value, list):
        return f"{_type(value[0])}[]".replace("unknown", "text") if value else "unknown"
    return _TYPES.get(type(value))


#: A text is what its place says, as it would be if it stood there itself.
_TYPES: Mapping[type, str] = {
    str: "unknown",
    type(None): "unknown",
    bool: "boolean",
    int: "bigint",
    float: "double precision",
    datetime: "timestamptz",
}
