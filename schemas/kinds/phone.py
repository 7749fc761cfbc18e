"""Telephone numbers, one or several in a cell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from schemas.chinese import folded, settled
from schemas.distinct import Said, read_parts
from schemas.kinds.kind import SILENT, Kind, Verdict

_PHONE = "1[3-9][0-9]{9}|0[0-9]{2,3}-[0-9]{7,8}"
_CANONICAL = re.compile(_PHONE)
_MOBILE = re.compile("0?(1[3-9][0-9]{9})")
# Beijing and the 02x cities have three digits before the local number, all others four.
_LANDLINE = re.compile("(010|02[0-9]|0[3-9][0-9]{2})([0-9]{7,8})")
# Seven digits are local, whatever they begin with: the agreement asks no more.
_LOCAL = re.compile("[0-9]{7}|[2-8][0-9]{7}")
_ABROAD = re.compile(r"(?:\+|00)86|86(?=1[3-9][0-9]{9}$)")
_EXTENSION = re.compile(r"(?<=[0-9]{7})(?:转|分机|EXT\.?|#|-)[0-9]{1,5}$")
_REMARK = re.compile(r"\([^()0-9]*\)|[^0-9+()\-\s.#*转EXT/]+")
_TYPED_BETWEEN = re.compile(r"[\s\-().·‐‑‒–—―−_]")
_SEPARATOR = re.compile(r"[/、;,，；|\\\n\r]|或|和")


def read_number(said: str, area_code: str | None = None) -> str | None:
    """Read one telephone number; with an area code, seven or eight digits are a local one."""
    if _CANONICAL.fullmatch(said):
        return said
    text = _EXTENSION.sub("", _REMARK.sub("", folded(said)))
    digits = _TYPED_BETWEEN.sub("", text)
    bare, abroad = _ABROAD.subn("", digits, count=1)
    if mobile := _MOBILE.fullmatch(bare):
        return mobile.group(1)
    if abroad and not bare.startswith("0"):
        bare = f"0{bare}"
    if landline := _LANDLINE.fullmatch(bare):
        return f"{landline.group(1)}-{landline.group(2)}"
    return f"{area_code}-{bare}" if area_code and _LOCAL.fullmatch(bare) else None


def _numbers(said: str, area_code: str | None = None) -> Iterator[str]:
    for part in _SEPARATOR.split(settled(said.replace("\n", ";"), "NFKC")):
        whole = read_number(part, area_code)
        # Spaces stand inside a number as often as between two.
        for piece in [part] if whole else part.split():
            if number := read_number(piece, area_code):
                yield number


@dataclass(frozen=True)
class Phone(Kind):
    """A mobile number, or a landline with its area code: 0971-8123456."""

    def verdict(self, said: str) -> Verdict:
        """Mend how the number is typed; of several the first that can be read counts."""
        if _CANONICAL.fullmatch(said):
            return Verdict(said)
        if folded(said) == "0":
            return SILENT
        found = list(dict.fromkeys(_numbers(said)))
        if not found:
            return Verdict(None, "phone.masked" if "*" in said else "phone.unreadable")
        return Verdict(found[0], note="phone.several" if len(found) > 1 else None)

    def json_schema(self) -> dict[str, Any]:
        """Describe the number."""
        return {"type": "string", "pattern": f"^({_PHONE})$"}


@dataclass(frozen=True)
class DutyPhone(Phone):
    """A published duty number: as `Phone`, or a short or local one of five to eight digits."""

    _short: ClassVar[re.Pattern[str]] = re.compile("[0-9]{5,8}")

    def verdict(self, said: str) -> Verdict:
        """Mend how the number is typed."""
        digits = _TYPED_BETWEEN.sub("", folded(said))
        return Verdict(digits) if self._short.fullmatch(digits) else super().verdict(said)

    def json_schema(self) -> dict[str, Any]:
        """Describe the number."""
        return {"type": "string", "pattern": f"^({_PHONE}|[0-9]{{5,8}})$"}


def split_phones(said: Said, area_code: str) -> tuple[Said, Said]:
    """Split cells with several numbers: the first that can be read, and the others.

    The others are JSON list text, missing where there is none. A cell without any readable
    number comes back as said, for `Phone` to judge.
    """
    first, others = read_parts(said, lambda cell: _first_and_others(cell, area_code), 2)
    return first, others


def _first_and_others(cell: str, area_code: str) -> tuple[str, str | None]:
    found = list(dict.fromkeys(_numbers(cell, area_code)))
    return found[0] if found else cell, json.dumps(found[1:]) if len(found) > 1 else None
