"""The numbers on doors: plate, building, unit, room."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from schemas.chinese import arabic, folded
from schemas.kinds.kind import SILENT, Kind, Verdict

_DASHES = re.compile("[‐‑‒–—―−_~]|之")


@dataclass(frozen=True)
class _DoorNo(Kind):
    """A number on a door without the word behind it; leading zeros stay."""

    family: ClassVar[str]
    pattern: ClassVar[str]
    #: What is written around the number and says only what kind of number it is.
    before: ClassVar[str] = "第"
    behind: ClassVar[str]

    def verdict(self, said: str) -> Verdict:
        """Read Chinese numerals and drop the word behind: 三号楼 becomes 3."""
        text = self._bare(_DASHES.sub("-", arabic(folded(said))))
        if text == "0":
            return SILENT
        fits = re.fullmatch(self.pattern, text)
        return Verdict(text) if fits else Verdict(None, f"{self.family}.unreadable")

    def json_schema(self) -> dict[str, Any]:
        """Describe the number."""
        return {"type": "string", "pattern": f"^{self.pattern}$"}

    def _bare(self, text: str) -> str:
        text = re.sub(rf"^(?:{self.before})", "", text)
        text = re.sub(rf"(?:{self.behind})$", "", text)
        return re.sub(r"^([0-9]+)\.0+$", r"\1", text)


class Doorplate(_DoorNo):
    """The plate on a street, road or lane: 36, 36-2, 36附1, 36甲."""

    family: ClassVar[str] = "doorplate"
    pattern: ClassVar[str] = "[0-9]{1,5}(-[0-9]{1,4})?(附[0-9]{1,4}|[甲乙丙丁]|[A-Z])?"
    behind: ClassVar[str] = "号?(?:大?院|门)|号"

    def _bare(self, text: str) -> str:
        text = re.sub(r"^([甲乙丙丁])([0-9]{1,5})(?=号|$)", r"\2\1", text)
        return super()._bare(re.sub(r"(?<=[0-9])号(?=附|-)", "", text))


class BuildingNo(_DoorNo):
    """The building inside a compound: 3号楼, 3栋, 三幢, 3# and 3座 are 3."""

    family: ClassVar[str] = "building_no"
    pattern: ClassVar[str] = "[0-9A-Z]{1,6}(-[0-9]{1,3})?"
    behind: ClassVar[str] = "号?(?:住宅)?(?:楼|栋|幢|座|宅)|#(?:住宅)?(?:楼|栋|幢|座)?|号"


class UnitNo(_DoorNo):
    """The stairwell of a building: 2单元 and 二单元 are 2."""

    family: ClassVar[str] = "unit_no"
    pattern: ClassVar[str] = "[0-9A-Z]{1,4}"
    behind: ClassVar[str] = "号?(?:单元|门|梯|楼道)|#(?:单元)?|号"


class RoomNo(_DoorNo):
    """The room or flat: 501室, 501号 and 五〇一 are 501."""

    family: ClassVar[str] = "room_no"
    pattern: ClassVar[str] = "[0-9A-Z]{1,8}(-[0-9A-Z]{1,4})?"
    behind: ClassVar[str] = "号?(?:室|房间|房|户)|#|号"
