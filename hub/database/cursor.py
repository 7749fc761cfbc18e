"""The cursor that every statement goes through: by plans that are kept, and discreet in errors."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, cast

import psycopg2
from psycopg2.extensions import cursor

from hub.database.plans import Keeping


class Discreet(cursor):
    """A cursor whose errors hold no value of a row, however far up they are printed."""

    def mogrify(self, statement: Any, values: Any = None) -> bytes:
        """Write a statement with its values in it, a long list as one constant."""
        return super().mogrify(statement, _with_long_lists(values))

    def execute(self, statement: Any, values: Any = None) -> None:
        """Execute a statement, by a plan where plans are kept."""
        driver = cast(Keeping, self.connection)
        with _silenced():
            if not (driver.keeps_plans and isinstance(values, Mapping)):
                super().execute(statement, _with_long_lists(values))
                return
            planned, new = driver.planned(self, statement, values)
            # All of it may have been done before.
            super().execute(planned or "SELECT")
            driver.keep(new)

    def executemany(self, *statement: Any, **named: Any) -> None:
        """Execute a statement once with each of some values."""
        with _silenced():
            super().executemany(*statement, **named)

    def copy_expert(self, *statement: Any, **named: Any) -> None:
        """Copy rows in or out."""
        if not isinstance(sys.excepthook, _Unprinted):
            sys.excepthook = _Unprinted(sys.excepthook)
        with _silenced():
            super().copy_expert(*statement, **named)


class _Unprinted:
    """Keeps to itself what the driver prints of a COPY whose connection broke.

    It prints the server's error with the row it quotes, by way of `sys.excepthook` though nothing
    is uncaught, and raises another. What really is uncaught comes with a traceback.
    """

    def __init__(self, others: Callable[..., object]) -> None:
        self._others = others

    def __call__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if trace is None and isinstance(error.__cause__ or error, psycopg2.Error):
            return
        self._others(kind, error, trace)


#: From so many items on a list is written as one constant.
LONG = 100


def _with_long_lists(values: Any) -> Any:
    """Write long lists as array text, which is a constant to PostgreSQL.

    The driver writes an array of constants, each of which PostgreSQL reads and looks at by
    itself: of a hundred thousand numbers that takes it as long as all that is done with them.
    """
    if not isinstance(values, Mapping):
        return values
    return {
        name: (_array_text(value) or value) if isinstance(value, list) else value
        for name, value in values.items()
    }


def _array_text(items: list[Any]) -> str | None:
    if len(items) < LONG:
        return None
    kinds = {*map(type, items)}
    if kinds == {int}:
        return "{" + ",".join(map(str, items)) + "}"
    if kinds != {str}:
        return None
    if any(map(_ARRAY_MARKS.search, items)):
        items = [_ARRAY_MARKS.sub(r"\\\g<0>", item) for item in items]
    return '{"' + '","'.join(items) + '"}'


_ARRAY_MARKS = re.compile(r'["\\]')


@contextmanager
def _silenced() -> Iterator[None]:
    try:
        yield
    except psycopg2.Error as error:
        spoken = error
    else:
        return
    # Details and context quote rows, and so does class 22 behind its colon.
    said = spoken.diag.message_primary or str(spoken).split("\n")[0]
    said = said.split(":")[0] if (spoken.pgcode or "").startswith("22") else said
    place = ".".join(filter(None, (spoken.diag.table_name, spoken.diag.column_name)))
    said = f"{said} ({place})" if place else said
    silent = type(spoken)(said)
    silent.__setstate__({"pgcode": spoken.pgcode, "pgerror": said})  # type: ignore[no-untyped-call]
    # Raised outside the handler: the error that quotes is not even its context.
    raise silent
