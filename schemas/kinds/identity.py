"""Numbers that identify persons and bodies: citizens, documents, owners, credit codes.

GB 11643-1999: six digits of the county, eight of the birth date, three of sequence (odd: male),
a check character. GB 32100-2015: seventeen characters of a 31-letter alphabet and a check.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from schemas.chinese import folded
from schemas.codes import is_known_division
from schemas.distinct import Said, arrow, like, read_each
from schemas.kinds.dates import EARLIEST, today
from schemas.kinds.kind import SILENT, Kind, Verdict

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_DIGITS = re.compile("[0-9]+")
_NUMBER = "[1-9][0-9]{16}[0-9X]"
_TYPED_BETWEEN = re.compile("[-'`’‘\"·,]")
# A spreadsheet keeps fifteen digits of a number and shows the rest as zeros or as a power.
_RUINED = re.compile(r"[0-9](?:\.[0-9]+)?E\+?1[0-9]|[1-9][0-9]{14}000(?:\.0+)?")
_MASKED = re.compile(r"[0-9]{1,14}[*×X●○•?_#]{3,}[0-9]{0,6}X?")
_PLACEHOLDER = re.compile(
    r"([0-9])\1{14}|([0-9])\2{16}[0-9X]|0{6}[0-9]{11}[0-9X]|123456789012345.*"
)
#: How placeholders begin; looking at the whole number is slow.
_INVENTED = frozenset({"12345", *(str(digit) * 5 for digit in range(10))})


@dataclass(frozen=True)
class CitizenId(Kind):
    """The eighteen-character number of a citizen, or the old one of fifteen digits upgraded."""

    identifies: ClassVar[bool] = True

    def verdict(self, said: str) -> Verdict:
        """Judge one number."""
        return _Parts(today()).verdict(said)

    def verdicts(self, said: Iterable[str]) -> Iterable[Verdict]:
        """Judge numbers; counties, birth dates and sequences are each looked at once."""
        return map(_Parts(today()).verdict, said)

    def json_schema(self) -> dict[str, Any]:
        """Describe the number; its check character is beyond JSON Schema."""
        return {"type": "string", "pattern": f"^{_NUMBER}$"}


class _Weights(dict[str, int]):
    """Weighted sums of the digits at one place of the number; minus a thousand if not digits."""

    def __init__(self, start: int) -> None:
        super().__init__()
        self._start = start

    def __missing__(self, digits: str) -> int:
        fits = _DIGITS.fullmatch(digits) is not None
        pairs = zip(digits, _WEIGHTS[self._start :], strict=False)
        self[digits] = sum(int(sign) * weight for sign, weight in pairs) if fits else -1000
        return self[digits]


class _Births(dict[str, bool]):
    """Whether eight digits are a birth date that can be."""

    def __init__(self, latest: date) -> None:
        super().__init__()
        self._latest = latest

    def __missing__(self, digits: str) -> bool:
        try:
            birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            self[digits] = False
        else:
            self[digits] = EARLIEST <= birth <= self._latest
        return self[digits]


class _Parts:
    """The parts of numbers judged so far on one day."""

    def __init__(self, latest: date) -> None:
        self._counties, self._days, self._sequences = _Weights(0), _Weights(6), _Weights(14)
        self._births = _Births(latest)
        self._known: dict[str, bool] = {}

    def verdict(self, said: str) -> Verdict:
        if len(said) == 18 and self._check(said) == said[17]:
            return self._sound(said, None)
        return self._mended(_TYPED_BETWEEN.sub("", folded(said)))

    def _check(self, text: str) -> str:
        total = self._counties[text[:6]] + self._days[text[6:14]] + self._sequences[text[14:17]]
        return _CHECKS[total % 11] if total >= 0 else ""

    def _sound(self, number: str, note: str | None) -> Verdict:
        if number.endswith("000"):
            return Verdict(None, "citizen_id.ruined")
        if number[:5] in _INVENTED and _PLACEHOLDER.fullmatch(number):
            return Verdict(None, "citizen_id.placeholder")
        if number[0] == "0":
            return Verdict(None, "citizen_id.unreadable")
        if not self._births[number[6:14]]:
            return Verdict(None, "citizen_id.birth_date")
        county = number[:6]
        if county not in self._known:
            self._known[county] = is_known_division(county)
        return Verdict(number, None, note if self._known[county] else "division.unknown")

    def _mended(self, text: str) -> Verdict:
        if text == "0":
            return SILENT
        rule = _spoiled(text)
        if rule:
            return Verdict(None, rule)
        if len(text) == 15 and text[0] != "0" and _DIGITS.fullmatch(text):
            number = f"{text[:6]}19{text[6:]}"
            return self._sound(number + self._check(number), "citizen_id.upgraded")
        if re.fullmatch(_NUMBER, text) is None:
            return Verdict(None, "citizen_id.unreadable")
        if self._check(text) != text[17]:
            return Verdict(None, "citizen_id.checksum")
        return self._sound(text, None)


def _spoiled(text: str) -> str | None:
    if _PLACEHOLDER.fullmatch(text):
        return "citizen_id.placeholder"
    if _RUINED.fullmatch(text):
        return "citizen_id.ruined"
    return "citizen_id.masked" if _MASKED.fullmatch(text) else None


_DASH = pa.scalar("-", pa.large_string())
_SEXES = {str(digit): "1" if digit % 2 else "2" for digit in range(10)}


def birth_date_of(numbers: Said) -> Said:
    """Read the birth date, YYYY-MM-DD, out of canonical citizen numbers."""
    digits = arrow(numbers)
    parts = [pc.utf8_slice_codeunits(digits, *place) for place in ((6, 10), (10, 12), (12, 14))]
    return like(numbers, pc.binary_join_element_wise(*parts, _DASH))


def sex_of(numbers: Said) -> Said:
    """Read the sex code, 1 male or 2 female, out of canonical citizen numbers."""
    digits = like(numbers, pc.utf8_slice_codeunits(arrow(numbers), 16, 17))
    return read_each(digits, _SEXES.get)


@dataclass(frozen=True)
class DocumentNo(Kind):
    """The number of a document other than the citizen identity card."""

    identifies: ClassVar[bool] = True

    def verdict(self, said: str) -> Verdict:
        """Fold case and width; blank what is masked or has another form."""
        text = _TYPED_BETWEEN.sub("", folded(said))
        if text == "0":
            return SILENT
        if "*" in text:
            return Verdict(None, "document_no.masked")
        fits = re.fullmatch("[0-9A-Z]{5,22}", text) and len(set(text)) > 1
        return Verdict(text) if fits else Verdict(None, "document_no.unreadable")

    def json_schema(self) -> dict[str, Any]:
        """Describe the number."""
        return {"type": "string", "pattern": "^[0-9A-Z]{5,22}$"}


_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = f"[{_LETTERS}]{{2}}[0-9]{{6}}[{_LETTERS}]{{10}}"
_USCC_PATTERN = "[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"


#: How credit codes of companies, sole traders and farmers' cooperatives begin.
_COMPANIES = ("91", "92", "93")
#: Where a citizen's number has the birth date, a credit code has anything.
_BORN = re.compile("(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")


def has_uscc_check(text: str) -> bool:
    """Tell whether eighteen characters are a unified social credit code with its right check."""
    if re.fullmatch(_USCC, text) is None or len(set(text)) == 1:
        return False
    total = sum(_LETTERS.index(sign) * 3**place for place, sign in enumerate(text[:17]))
    return _LETTERS[-total % 31] == text[17]


def has_citizen_check(text: str) -> bool:
    """Tell whether a text is a citizen's number with the right check and a birth date in it."""
    if re.fullmatch(_NUMBER, text) is None or _BORN.fullmatch(text[6:14]) is None:
        return False
    total = sum(int(sign) * weight for sign, weight in zip(text, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == text[17]


def is_credit_code(text: str) -> bool:
    """Tell a credit code from a citizen's number: one in 31 of these passes its check too."""
    citizen = text[:17].isdecimal() and text[:2] not in _COMPANIES and _BORN.fullmatch(text[6:14])
    return has_uscc_check(text) and not citizen


@dataclass(frozen=True)
class Uscc(Kind):
    """The unified social credit code of a company, department or committee."""

    def verdict(self, said: str) -> Verdict:
        """Fold case and width; blank other forms and wrong checks."""
        text = _TYPED_BETWEEN.sub("", folded(said))
        if text == "0":
            return SILENT
        if re.fullmatch(_USCC, text) is None:
            return Verdict(None, "uscc.unreadable")
        return Verdict(text) if has_uscc_check(text) else Verdict(None, "uscc.checksum")

    def json_schema(self) -> dict[str, Any]:
        """Describe the code; its check character is beyond JSON Schema."""
        return {"type": "string", "pattern": f"^{_USCC_PATTERN}$"}


@dataclass(frozen=True)
class OwnerId(Kind):
    """The number of an owner: a citizen's, a company's credit code, or another document's."""

    identifies: ClassVar[bool] = True

    def verdict(self, said: str) -> Verdict:
        """Judge as what it looks like."""
        text = _TYPED_BETWEEN.sub("", folded(said))
        if is_credit_code(text):
            return Verdict(text)
        citizen = CitizenId().verdict(text)
        if citizen.value or citizen.rule in ("citizen_id.masked", "citizen_id.ruined"):
            return citizen
        if citizen.rule == "citizen_id.placeholder" or re.fullmatch(_NUMBER, text):
            return citizen
        if re.fullmatch(_USCC, text):
            return Verdict(None, "uscc.checksum")
        fits = re.fullmatch("[0-9A-Z]{6,22}", text) and len(set(text)) > 1
        return Verdict(text) if fits else Verdict(None, "owner_id.unreadable")

    def json_schema(self) -> dict[str, Any]:
        """Describe the number."""
        return {"type": "string", "pattern": "^([0-9]{17}[0-9X]|[0-9A-Z]{6,22})$"}
