"""Codes that are recognised by their form: divisions, grids, components, devices."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from schemas.chinese import folded, settled
from schemas.codes import communities, is_known_division
from schemas.kinds.kind import SILENT, Kind, Verdict

_SPREADSHEET_NUMBER = re.compile(r"([0-9]+)\.0+")


@dataclass(frozen=True)
class Identifier(Kind):
    """An identifier of one pattern, kept as issued; upper case where the pattern knows no other."""

    pattern: str

    def verdict(self, said: str) -> Verdict:
        """Fold width and drop spaces; blank what has another form."""
        text = settled(said, "NFKC", spaces=False)
        if re.search("[a-z]", self.pattern) is None:
            text = text.upper()
        if text == "0":
            return SILENT
        fits = re.fullmatch(self.pattern, text)
        return Verdict(text) if fits else Verdict(None, "identifier.unreadable")

    def json_schema(self) -> dict[str, Any]:
        """Describe the identifier."""
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


@dataclass(frozen=True)
class _Code(Kind):
    """A code of fixed form: digits, seldom letters."""

    family: ClassVar[str]
    pattern: ClassVar[str]

    def verdict(self, said: str) -> Verdict:
        """Fold width and case, drop spaces; blank other forms, note what is unusual."""
        text = folded(said)
        if text == "0":
            return SILENT
        whole = _SPREADSHEET_NUMBER.fullmatch(text)
        text = self._shortened(whole.group(1) if whole else text)
        if re.fullmatch(self.pattern, text) is None:
            return Verdict(None, f"{self.family}.unreadable")
        return Verdict(text, note=self._note(text))

    def json_schema(self) -> dict[str, Any]:
        """Describe the code."""
        return {"type": "string", "pattern": f"^{self.pattern}$"}

    def _shortened(self, text: str) -> str:
        return text

    def _note(self, code: str) -> str | None:  # noqa: ARG002 - most codes need no note
        return None


class _AreaCode(_Code):
    """A code that begins with a county's."""

    def _note(self, code: str) -> str | None:
        return None if is_known_division(code[:6]) else "division.unknown"


def _without_zeros(text: str, width: int) -> str:
    """Cut the zeros that fill an area's code up to the twelve digits of statistics."""
    filled = len(text) == 12 and text.isdecimal() and not text[width:].strip("0")
    return text[:width] if filled else text


class DivisionCode(_AreaCode):
    """The six digits of a county or district, current or abolished."""

    family: ClassVar[str] = "division"
    pattern: ClassVar[str] = "[0-9]{6}"

    def _shortened(self, text: str) -> str:
        return _without_zeros(text, 6)


class SubdistrictCode(_AreaCode):
    """The nine digits of a street office, town or township."""

    family: ClassVar[str] = "subdistrict"
    pattern: ClassVar[str] = "[0-9]{9}"

    def _shortened(self, text: str) -> str:
        return _without_zeros(text, 9)

    def _note(self, code: str) -> str | None:
        usual = code in communities() or "001" <= code[6:] <= "599"
        return super()._note(code) or (None if usual else "subdistrict.unusual")


class CommunityCode(_AreaCode):
    """The twelve digits of a residents' or villagers' committee."""

    family: ClassVar[str] = "community"
    pattern: ClassVar[str] = "[0-9]{12}"

    def _note(self, code: str) -> str | None:
        usual = code in communities() or "001" <= code[9:] <= "399"
        return super()._note(code) or (None if usual else "community.unusual")


class GridCode(_AreaCode):
    """The fifteen digits of a governance grid: its community's twelve and three of its own."""

    family: ClassVar[str] = "grid_code"
    pattern: ClassVar[str] = "[0-9]{15}"


class UnitGridCode(_AreaCode):
    """The fifteen digits of an urban-management unit grid, or the fourteen of the old standard."""

    family: ClassVar[str] = "unit_grid"
    pattern: ClassVar[str] = "[0-9]{14}[0-9]?"

    def _note(self, code: str) -> str | None:
        return super()._note(code) or ("unit_grid.legacy" if len(code) == 14 else None)


class PoliceOrganCode(_AreaCode):
    """The twelve characters of a police station or community police area."""

    family: ClassVar[str] = "police_organ"
    pattern: ClassVar[str] = "[0-9]{6}[0-9A-Z]{6}"


class ComponentId(_AreaCode):
    """The seventeen digits on a component's plate, or the sixteen of the old standard."""

    family: ClassVar[str] = "component_id"
    pattern: ClassVar[str] = "[0-9]{16,17}"


class ComponentClass(_Code):
    """Big and small class of a component: five digits, or four of the old standard."""

    family: ClassVar[str] = "component_class"
    pattern: ClassVar[str] = "[0-9]{4,5}"


class DeviceCode(_AreaCode):
    """The twenty digits of a video device, GB/T 28181."""

    family: ClassVar[str] = "device_code"
    pattern: ClassVar[str] = "[0-9]{20}"
