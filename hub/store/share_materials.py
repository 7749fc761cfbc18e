"""What a share request states (Decree 809, Art 20), and the clock that its periods run by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from hub.config import WorkingDays
from hub.errors import WrongUse
from hub.store.areas import EVERYWHERE, Area
from hub.store.default_grants import PURPOSES, Grant
from hub.store.masks import MASKABLE
from hub.workdays import PLAIN, workday_after
from schemas import COLLECTIONS, FieldSpec
from schemas import field as field_of

CHINA = ZoneInfo("Asia/Shanghai")

Mode = Literal["service", "batch", "file"]
#: The parts a request has to state (Art 20), besides what it is about.
PARTS = ("basis", "scene", "mode", "approver", "used_from", "used_until", "purposes")


class Impossible(WrongUse):
    """A request asks for what cannot be granted to anybody."""

    status = 422


@dataclass(frozen=True, slots=True)
class Clock:
    """What day it is, and which days are worked."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    days: WorkingDays = PLAIN

    @property
    def today(self) -> date:
        """Return the day in China, where the offices are."""
        return self.now.astimezone(CHINA).date()

    def after(self, count: int, start: date | None = None) -> date:
        """Return the last of so many working days after a day, today unless said."""
        return workday_after(start or self.today, count, self.days)


@dataclass(frozen=True, slots=True)
class Materials:
    """What a request states; what is empty is missing."""

    #: Fields by collection.
    wanted: Mapping[str, Sequence[str]]
    masked: Mapping[str, Sequence[str]] = field(default_factory=dict)
    area: Area = EVERYWHERE
    purposes: tuple[str, ...] = ()
    basis: str | None = None
    scene: str | None = None
    mode: Mode | None = None
    approver: str | None = None
    used_from: date | None = None
    used_until: date | None = None

    def missing(self) -> list[str]:
        """Return the parts that a complete request would state and this one does not."""
        return [name for name in PARTS if not getattr(self, name)]

    def specs(self) -> list[FieldSpec]:
        """Return the fields that are asked for; raise Impossible where one cannot be."""
        said = [*self.wanted.items(), *self.masked.items()]
        if unknown := {name for name, _ in said} - set(COLLECTIONS):
            raise Impossible(f"there are {len(unknown)} unknown collections in the request")
        try:
            specs = [
                field_of(COLLECTIONS[collection], name)
                for collection, names in said
                for name in names
            ]
        except KeyError:
            raise Impossible("a collection carries no field of a name that was sent") from None
        if closed := sorted(spec.name for spec in specs if spec.sharing == "restricted"):
            raise Impossible(f"{', '.join(closed)} is not shared (Decree 809, Art 14)")
        return specs

    def check(self) -> None:
        """Raise Impossible where the request contradicts itself."""
        if not self.specs():
            raise Impossible("a request names at least one field")
        if set(self.purposes) - set(PURPOSES):
            raise Impossible(f"purposes are {', '.join(PURPOSES)}")
        hidden = {name for names in self.masked.values() for name in names}
        if hidden - MASKABLE:
            raise Impossible(f"only these can be masked: {', '.join(sorted(MASKABLE))}")
        if self.used_from and self.used_until and self.used_until < self.used_from:
            raise Impossible("the period of use ends before it begins")

    @property
    def conditional(self) -> bool:
        """Tell whether any field asked for is shared on conditions only."""
        return any(spec.sharing != "unconditional" for spec in self.specs())

    def grants(self) -> list[Grant]:
        """Return what is granted when the request is approved: a grant a record type."""
        assert self.used_from is not None
        assert self.used_until is not None
        since, until = _midnight(self.used_from), _midnight(self.used_until + timedelta(days=1))
        return [
            Grant(
                COLLECTIONS[collection].record_type,
                frozenset(self.wanted.get(collection, ())) | frozenset(hidden),
                frozenset(self.purposes),
                frozenset(hidden) - frozenset(self.wanted.get(collection, ())),
                self.area,
                since,
                until,
            )
            for collection in dict.fromkeys((*self.wanted, *self.masked))
            for hidden in (self.masked.get(collection, ()),)
        ]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
