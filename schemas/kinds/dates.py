"""Dates and times as departments write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from schemas.chinese import arabic, settled
from schemas.distinct import Said, arrow, like, read_each
from schemas.kinds.kind import Kind, Verdict

#: No date of a living register is older.
EARLIEST = date(1880, 1, 1)
_ZONE = timezone(timedelta(hours=8))
_EPOCH = date(1899, 12, 30)
_ENDLESS = 2100
_CANONICAL = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2}:[0-9]{2})?")
_CLOCK = r"(?:[T ]*([0-9]{1,2})[:时]([0-9]{1,2})(?:[:分]([0-9]{1,2}))?(?:[.,][0-9]+)?[分秒]?)?"
_WRITTEN = re.compile(
    r"([0-9]{4}) ?[-./年] ?([0-9]{1,2}) ?[-./月] ?([0-9]{1,2}) ?[日号]?"
    + _CLOCK
    # An hour alone is a zone only behind a clock: behind a day it is something else.
    + r" ?(Z|[+-][0-9]{2}:?[0-9]{2}|(?(4)[+-][0-9]{2}|(?!)))?",
    re.IGNORECASE,
)
_PACKED = re.compile(
    "([0-9]{4})([0-9]{2})([0-9]{2})"
    "(?:T?([0-9]{2})([0-9]{2})([0-9]{2})?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_PACKED_ENDS = ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))
_PACKED_TIME = "^[0-9]{14}$"
_CANONICAL_TIME = "^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"
_DASH, _COLON, _SPACE = (pa.scalar(sign, pa.large_string()) for sign in "-: ")
_MONTH = re.compile(r"([0-9]{4}) ?[-./年]? ?(0?[1-9]|1[0-2]) ?月?(?: ?[-./]? ?0{1,2}日?)?")
_YEAR = re.compile("[0-9]{4} ?年?")
_LIKELY_SERIAL = r"^\s*[1-5][0-9]{4}(\.[0-9]+)?\s*$"
_SERIAL = re.compile(r"([1-5][0-9]{4})(\.[0-9]+)?")
_PACKED_MONTH = re.compile("[0-9]{4}(?:0[1-9]|1[0-2])(?:00)?")


def today() -> date:
    """Return today's date where the hub runs its business: China has one time zone."""
    return datetime.now(_ZONE).date()


@dataclass(frozen=True)
class Date(Kind):
    """A day. Days to come are kept only where ``future``, as for the end of a permit."""

    sql: ClassVar[str] = "date"

    future: bool = False

    def verdict(self, said: str) -> Verdict:
        """Judge one date."""
        return self._judged(said, today())

    def verdicts(self, said: Iterable[str]) -> Iterable[Verdict]:
        """Judge dates, all against the same today."""
        latest = today()
        return (self._judged(text, latest) for text in said)

    def json_schema(self) -> dict[str, Any]:
        """Describe the date: ISO 8601, ten characters."""
        pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
        return {"type": "string", "format": "date", "pattern": pattern}

    def _judged(self, said: str, latest: date) -> Verdict:
        found = _moment(said)
        if found is None:
            incomplete = _is_incomplete(said)
            return Verdict(None, "date.incomplete" if incomplete else "date.unreadable")
        day = found.date()
        if day == date(1900, 1, 1) or day.year >= _ENDLESS or day.year < 100:
            return Verdict(None, "date.placeholder")
        if day < EARLIEST:
            return Verdict(None, "date.before_1880")
        if day > latest and not self.future:
            return Verdict(None, "date.future")
        return Verdict(day.isoformat())


def read_times(said: Said) -> Said:
    """Read times as departments write them, as local ``YYYY-MM-DD HH:MM:SS``.

    Understood: yyyymmddhh24miss, ISO 8601 (a zone is converted to +08:00), yyyy-MM-dd HH:mm:ss
    and days alone, in any form `Date` reads. What cannot be read is missing.
    """
    # A system writes all its times alike: columns in either usual form are looked at as wholes.
    texts = arrow(said)
    packed = pc.match_substring_regex(texts, _PACKED_TIME)
    if pc.all(packed, min_count=0).as_py():
        parts = [pc.utf8_slice_codeunits(texts, *ends) for ends in _PACKED_ENDS]
        day = pc.binary_join_element_wise(*parts[:3], _DASH)
        texts = pc.binary_join_element_wise(
            day, pc.binary_join_element_wise(*parts[3:], _COLON), _SPACE
        )
    if _are_times(texts):
        return like(said, texts)
    return read_each(said, _time)


def _are_times(texts: pa.Array) -> bool:
    """Tell whether all are times of the calendar as PostgreSQL writes them, or missing."""
    if not pc.all(pc.match_substring_regex(texts, _CANONICAL_TIME), min_count=0).as_py():
        return False
    try:
        texts.cast(pa.timestamp("s"))
    except pa.ArrowInvalid:
        return False
    return True


def _time(text: str) -> str | None:
    moment = _moment(text)
    return None if moment is None else moment.isoformat(" ", "seconds")


def excel_serial(said: Said) -> Said:
    """Turn the day numbers of a spreadsheet (44260) into dates; leave all else as said.

    Only five digits are taken for such a number: fewer may be a year, more a packed date.
    """
    likely = pc.match_substring_regex(arrow(said), _LIKELY_SERIAL)
    return read_each(said, _from_serial) if pc.any(likely).as_py() else said


def _from_serial(text: str) -> str:
    found = _SERIAL.fullmatch(text.strip())
    return (_EPOCH + timedelta(days=int(found.group(1)))).isoformat() if found else text


def _moment(said: str) -> datetime | None:
    try:
        if _CANONICAL.fullmatch(said):  # Departments write local time.
            return datetime.fromisoformat(said)
        return _read(_tidy(said))
    except (ValueError, OverflowError):
        return None


def _read(text: str) -> datetime | None:
    found = _PACKED.fullmatch(text) or _WRITTEN.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    # Departments write local time.
    moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
    zone = next(filter(None, found.groups()[6:]), None)
    if zone is None:
        return moment
    aware = datetime.fromisoformat(f"{moment.isoformat()}{zone}")
    return aware.astimezone(_ZONE).replace(tzinfo=None)


def _is_incomplete(said: str) -> bool:
    text = _tidy(said)
    if text.isdecimal():
        return _PACKED_MONTH.fullmatch(text) is not None or _YEAR.fullmatch(text) is not None
    return _MONTH.fullmatch(text) is not None or _YEAR.fullmatch(text) is not None


def _tidy(said: str) -> str:
    return arabic(settled(said, "NFKC")).upper()
