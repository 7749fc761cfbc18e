"""JSON rows: an array of objects, or one object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from hub.parse.cells import Unreadable, cell_text, mark_unreadable, text_frame

# Escapes by which JSON can smuggle in what no database stores: a NUL, half a surrogate pair.
_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def read_json(body: bytes) -> pd.DataFrame:
    """Read rows pushed as a JSON array or as NDJSON.

    Raises Unreadable where the body is neither; in NDJSON a line that is no object is marked.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"[":
        return rows_frame(load_json(body), careful=may_be_unstorable(body))
    lines = [line for line in body.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    return rows_frame([_line(line) for line in lines], careful=may_be_unstorable(body))


def load_json(body: bytes) -> Any:
    """Load JSON with every number as the text it was written in; raise Unreadable if broken."""
    try:
        text = body.decode("utf-8-sig")
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unreadable("what came is not JSON in UTF-8") from None


def may_be_unstorable(body: bytes) -> bool:
    """Tell whether rows of a JSON body have to be looked at one by one."""
    return bool(_UNSTORABLE.search(body))


def rows_frame(rows: object, *, careful: bool = True) -> pd.DataFrame:
    """Make a frame of text from a list of JSON objects; what is no object is marked unreadable.

    Rows that no database can store are marked too, if care is asked for.
    """
    if not isinstance(rows, list):
        raise Unreadable("what came is not a list of rows")
    bad = [not isinstance(row, dict) or (careful and not _storable(row)) for row in rows]
    known = [{} if broken else row for broken, row in zip(bad, rows, strict=True)]
    headers = list(dict.fromkeys(name for row in known for name in row))
    frame = text_frame(headers, ([cell_text(row.get(name)) for row in known] for name in headers))
    if not headers:
        frame = pd.DataFrame(index=pd.RangeIndex(len(rows)))
    return mark_unreadable(frame, bad, _places(rows)) if any(bad) else frame


def _places(rows: Sequence[object]) -> list[str]:
    return [f"row {number}" for number in range(1, len(rows) + 1)]


def _line(text: bytes) -> object:
    try:
        return load_json(text)
    except Unreadable:
        return None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _storable(row: Mapping[str, object]) -> bool:
    text = json.dumps(row, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\\u0000" not in text
