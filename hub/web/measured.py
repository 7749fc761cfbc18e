"""How good the values of record types are today, as the caller may know it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from hub.store import quality_figures as store
from hub.store.quality_figures import Asked, Counts
from hub.store.visible import Denied, visible_sources
from hub.web.access import Access


@dataclass(frozen=True, slots=True)
class Quality:
    """What was last measured of a record type: the day, and by field what was counted."""

    day: date | None = None
    #: `quality_figures.WHOLE` stands for the records as such.
    counts: Mapping[str, Counts] = field(default_factory=dict)

    def of(self, name: str) -> Counts:
        """Return what was counted of a field; nothing where it was not measured."""
        return self.counts.get(name, Counts())


def quality_today(
    access: Access, connection: Connection, record_type: str | None = None
) -> Mapping[str, Quality]:
    """Return by record type what was last measured, of the sources that the caller sees."""
    try:
        view = visible_sources(access.caller)
    except Denied:
        return {}
    day = store.last_day(connection)
    if day is None:
        return {}
    asked = Asked(record_type=record_type, since=day)
    by_type: dict[str, dict[str, Counts]] = defaultdict(dict)
    found = store.daily(connection, view, asked, by=("record_type", "field"))
    for (_, measured, name), counts in found.items():
        by_type[measured][name] = counts
    return {measured: Quality(day, counts) for measured, counts in by_type.items()}
