"""Counts, measures, floors, yes and no."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, ClassVar

from schemas.chinese import arabic, folded
from schemas.kinds.kind import Kind, Verdict

_UNITS = "M2|㎡|M²|平方米|平方|平米|平|公尺|米|M|层|楼|人|口|户|间|栋|岁|年|天|日|度|°|个"
_NUMBER = re.compile(rf"([+-]?(?:[0-9]+|[0-9]{{1,3}}(?:,[0-9]{{3}})+)(?:\.[0-9]*)?)(?:{_UNITS})?")
_LIMIT = 15


def _measured(said: str) -> Decimal | None:
    found = _NUMBER.fullmatch(arabic(folded(said)))
    if found is None or len(found.group(1)) > _LIMIT:
        return None
    try:
        return Decimal(found.group(1).replace(",", ""))
    except InvalidOperation:
        return None


@dataclass(frozen=True)
class Integer(Kind):
    """A whole number within limits."""

    sql: ClassVar[str] = "integer"

    minimum: int
    maximum: int

    def verdict(self, said: str) -> Verdict:
        """Read digits or a Chinese numeral, with or without a unit behind."""
        return self._limited(_measured(said))

    def _limited(self, number: Decimal | None) -> Verdict:
        if number is None or number != int(number):
            return Verdict(None, "number.unreadable")
        if not self.minimum <= number <= self.maximum:
            return Verdict(None, "number.out_of_range")
        return Verdict(str(int(number)))

    def json_schema(self) -> dict[str, Any]:
        """Describe the number and its limits."""
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}

    def native(self, text: str) -> int:
        """Read the number."""
        return int(text)


@dataclass(frozen=True)
class Number(Kind):
    """A measure within limits, with a fixed number of decimals where one is given."""

    sql: ClassVar[str] = "numeric"

    minimum: float
    maximum: float
    decimals: int | None = None

    def verdict(self, said: str) -> Verdict:
        """Read a number with or without its unit and round it to the decimals."""
        number = _measured(said)
        if number is None:
            return Verdict(None, "number.unreadable")
        if self.decimals is not None:
            number = number.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)
        elif number == number.to_integral():
            number = number.to_integral()
        else:
            number = number.normalize()
        if not Decimal(str(self.minimum)) <= number <= Decimal(str(self.maximum)):
            return Verdict(None, "number.out_of_range")
        return Verdict(f"{abs(number) if number == 0 else number:f}")

    def json_schema(self) -> dict[str, Any]:
        """Describe the number and its limits."""
        return {"type": "number", "minimum": self.minimum, "maximum": self.maximum}

    def text(self, value: object) -> str:
        """Write a number without an exponent."""
        return f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)

    def native(self, text: str) -> float:
        """Read the number."""
        return float(text)


_BASEMENT = re.compile(r"(?:B|负|地下)-?([0-9]{1,2})(?:层|楼|F)?|-([0-9]{1,2})(?:层|楼|F)?")
_STOREY = re.compile(r"(?:第|F|L)?([0-9]{1,3})(?:层|楼|F)?")


@dataclass(frozen=True)
class Floor(Integer):
    """A real floor: below ground negative, never 0."""

    minimum: int = -20
    maximum: int = 200

    def verdict(self, said: str) -> Verdict:
        """Read 3层, 三楼, B1, 负一, 地下2层."""
        text = re.sub(r"\.0+$", "", arabic(folded(said)))
        below, above = _BASEMENT.fullmatch(text), _STOREY.fullmatch(text)
        if below:
            number = -int(below.group(1) or below.group(2))
        elif above:
            number = int(above.group(1))
        else:
            return Verdict(None, "number.unreadable")
        return self._limited(Decimal(number)) if number else Verdict(None, "number.out_of_range")

    def json_schema(self) -> dict[str, Any]:
        """Describe the floor and its limits."""
        return {**super().json_schema(), "not": {"const": 0}}


_YES = frozenset(
    {"是", "有", "对", "真", "已", "1", "1.0", "Y", "YES", "T", "TRUE", "√", "✓", "✔", "☑", "V"}
)
_NO = frozenset(
    {
        "否",
        "没有",
        "没",
        "非",
        "不是",
        "假",
        "0",
        "0.0",
        "N",
        "NO",
        "F",
        "FALSE",
        "×",
        "✗",
        "✘",
        "X",
    }
)


@dataclass(frozen=True)
class Boolean(Kind):
    """Yes or no."""

    sql: ClassVar[str] = "boolean"

    def verdict(self, said: str) -> Verdict:
        """Read 是/否, 1/0, Y/N, √, true/false."""
        word = folded(said)
        if word in _YES or word in _NO:
            return Verdict("true" if word in _YES else "false")
        return Verdict(None, "boolean.unreadable")

    def json_schema(self) -> dict[str, Any]:
        """Describe the value."""
        return {"type": "boolean"}

    def text(self, value: object) -> str:
        """Write true or false as PostgreSQL does."""
        return str(value).lower() if isinstance(value, bool) else str(value)

    def native(self, text: str) -> bool:
        """Read the value."""
        return text == "true"
