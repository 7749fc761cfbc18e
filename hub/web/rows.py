"""Rows that a source pushes: a JSON array or NDJSON, read in bounded memory."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, islice
from typing import IO

import pandas as pd
from fastapi import Request

from hub.parse import Unreadable, rows_frame
from hub.parse.rows import load_json
from hub.web.problems import Problem
from hub.web.routes import check_media_type

ARRAY, LINES = "application/json", "application/x-ndjson"
_TAKEN = frozenset({ARRAY, LINES, "application/ndjson"})
_IN_MEMORY = 1 << 20
_LONGEST_LINE = 1 << 20
_ROWS_AT_A_TIME = 1_000


@dataclass(frozen=True)
class Rows:
    """The body of a push, on disk where it is large."""

    file: IO[bytes]
    media_type: str
    digest: str

    def first(self, many: int) -> tuple[Iterator[pd.DataFrame], bool]:
        """Return all rows as frames of text, and whether there are no more than so many."""
        rows = self._array() if self.media_type == ARRAY else self._lines()
        ahead = list(islice(rows, many + 1))
        if not ahead:
            raise Problem("invalid", "there are no rows")
        return _frames(chain(ahead, rows)), len(ahead) <= many

    def _array(self) -> Iterator[object]:
        self.file.seek(0)
        try:
            rows = load_json(self.file.read())
        except Unreadable:
            raise Problem("malformed", "the body is not JSON") from None
        if not isinstance(rows, list):
            raise Problem("malformed", "the body is not an array of rows")
        return iter(rows)

    def _lines(self) -> Iterator[object]:
        self.file.seek(0)
        while line := self.file.readline(_LONGEST_LINE + 1):
            if len(line) > _LONGEST_LINE:
                raise Problem("too-large", f"a line has at most {_LONGEST_LINE} bytes")
            if line.strip():
                yield _object(line)


def _object(line: bytes) -> object:
    """Read a line; what nobody can read is a row that the ledger counts as such."""
    try:
        return load_json(line)
    except Unreadable:
        return None


def _frames(rows: Iterator[object]) -> Iterator[pd.DataFrame]:
    while page := list(islice(rows, _ROWS_AT_A_TIME)):
        yield rows_frame(page)


async def sent_rows(request: Request) -> AsyncIterator[Rows]:
    """Take in the body of a push without holding it in memory."""
    media_type = check_media_type(request, _TAKEN)
    digest = sha256()
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        async for chunk in request.stream():
            digest.update(chunk)
            file.write(chunk)
        yield Rows(file, ARRAY if media_type == ARRAY else LINES, digest.hexdigest())
