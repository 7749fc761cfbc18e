"""What each role and department may read without having asked for it, as data.

The starting point of the catalogue; whatever goes beyond it needs a share request (Decree 809,
Art 20). What is not in the table is not granted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from hub.model import Title
from hub.store.areas import EVERYWHERE, Area
from hub.store.masks import MASKABLE
from schemas import MODELS, FieldSpec, fields

#: What L3 and L4 fields may be read for; every such read names one of these.
PURPOSES: Mapping[str, Title] = {
    "visit": Title("走访", "Visiting residents"),
    "care": Title("关爱服务", "Caring for those in need"),
    "emergency": Title("应急处置", "Answering an emergency"),
    "verification": Title("核验", "Checking what somebody has stated"),
    "household": Title("户籍与住房事务", "Matters of household and home"),
    "statistics": Title("统计", "Counting, without interest in the individual"),
    "steward": Title("数据治理", "Keeping the data right"),
    "delivery": Title("数据回流", "Carrying changes to the departments"),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """Fields of a record type that somebody may read: where, for which purposes, until when."""

    record_type: str
    fields: frozenset[str]
    purposes: frozenset[str]
    masked: frozenset[str] = frozenset()
    area: Area = EVERYWHERE
    #: None: from ever, for good.
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Tell whether the grant is in its period."""
        return (self.since is None or self.since <= now) and (
            self.until is None or now < self.until
        )


@dataclass(frozen=True, slots=True)
class Rights:
    """What is known of one caller besides its role: its own area, and what it was granted."""

    #: Where a worker or a street office works.
    area: Area = EVERYWHERE
    #: The compounds of a property company and their grids; nowhere until its rooms say where.
    compounds: tuple[tuple[str, str], ...] = ()
    grids: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = field(default=())


Chosen = Callable[[FieldSpec], bool]
Where = Callable[[str | None, Rights], Area]


def _everywhere(_: str | None, __: Rights) -> Area:
    return EVERYWHERE


def _own_area(_: str | None, rights: Rights) -> Area:
    return rights.area


def _own_compound(source: str | None, rights: Rights) -> Area:
    # What it has itself just told of is its own, before anybody knows where that lies.
    return Area(compounds_of=source, compounds=rights.compounds, records_of=source)


def _own_grids(source: str | None, rights: Rights) -> Area:
    return Area(grids_of=source, grids=rights.grids)


def _own_records(source: str | None, _: Rights) -> Area:
    return Area(records_of=source)


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the table: fields of some record types that a role or department may read."""

    record_types: tuple[str, ...]
    chosen: Chosen
    where: Where = _everywhere
    masked: frozenset[str] = frozenset()


def _any(_: FieldSpec) -> bool:
    return True


def _shared(spec: FieldSpec) -> bool:
    """Choose all but what is not shared (Decree 809, Art 14)."""
    return spec.sharing != "restricted"


def _unconditional(spec: FieldSpec) -> bool:
    return spec.sharing == "unconditional"


def _coded(*codes: str) -> Chosen:
    return lambda spec: spec.code in codes


def _but(*codes: str) -> Chosen:
    return lambda spec: spec.code not in codes and _shared(spec)


def _police(spec: FieldSpec) -> bool:
    """Choose what is personal as duty has it; of L4 only what the police itself answers for."""
    return spec.level != "L4" or spec.authority == "public_security"


def _plain_places(spec: FieldSpec) -> bool:
    """Choose L1 and L2 except three-dimensional models and boundaries."""
    return not spec.personal and spec.code not in ("G3D-008", "GEO-006", "GRD-005")


_PLACES = ("geo_entity", "building", "address", "grid")
_ALL = tuple(MODELS)
_HOUSES_OF_THE_CITY = _coded(
    *(f"HOU-{number:03}" for number in (1, 2, 3, 4, 5, 12, 14, 15, 16)),
    *(f"ADR-{number:03}" for number in (1, 2, 6, 7, 8, 9, 10)),
    *("GEO-005", "GRD-001"),
)
_STREET = (
    Standing(_PLACES, _shared),
    Standing(("house", "person"), _shared, _own_area),
    Standing(("component",), _shared),
)

#: By role; of a department by its source, "" being one that sends nothing itself.
DEFAULTS: Mapping[tuple[str, str], tuple[Standing, ...]] = {
    ("department", "public_security"): (
        Standing((*_PLACES, "component"), _shared),
        Standing(("house",), _but("HOU-009", "HOU-010", "HOU-011")),
        Standing(("person",), _police),
        Standing(("camera",), _any),
    ),
    ("department", "street_office"): _STREET,
    ("department", "urban_management"): (
        Standing((*_PLACES, "component"), _shared),
        Standing(("house",), _HOUSES_OF_THE_CITY),
    ),
    ("department", "property"): (
        Standing(("geo_entity", "building", "address"), _plain_places, _own_compound),
        Standing(("grid",), _plain_places, _own_grids),
        Standing(("house",), _but("HOU-003", "HOU-010"), _own_compound),
        Standing(("component",), _shared, _own_grids),
        Standing(("camera",), _any, _own_records),
    ),
    ("department", ""): (Standing((*_PLACES, "house", "component"), _unconditional),),
    ("worker", ""): _STREET,
    ("steward", ""): (Standing(_ALL, _shared),),
    ("auditor", ""): (Standing(_ALL, _shared, masked=MASKABLE),),
    ("admin", ""): (Standing(_ALL, _shared),),
}

#: Sources that see what lies in the compounds of their own rooms.
OWN_COMPOUND = frozenset(
    source
    for (_, source), standings in DEFAULTS.items()
    if any(standing.where in (_own_compound, _own_grids) for standing in standings)
)

_DUTIES = frozenset({"emergency", "verification", "household", "delivery"})
#: What each of them may read personal fields for.
DEFAULT_PURPOSES: Mapping[tuple[str, str], frozenset[str]] = {
    ("department", "public_security"): _DUTIES,
    ("department", "street_office"): _DUTIES | {"visit", "care", "statistics"},
    ("department", "urban_management"): _DUTIES - {"household"},
    ("department", "property"): _DUTIES,
    ("department", ""): frozenset(),
    ("worker", ""): _DUTIES - {"delivery"} | {"visit", "care"},
    ("steward", ""): frozenset(PURPOSES),
    ("auditor", ""): frozenset({"steward", "verification", "statistics"}),
    ("admin", ""): frozenset(PURPOSES),
}


def default_grants(role: str, source: str | None, rights: Rights) -> tuple[Grant, ...]:
    """Return what a caller of a role may read without having asked for it."""
    return _defaults(role, source, Rights(rights.area, rights.compounds, rights.grids))


@lru_cache(1_000)
def _defaults(role: str, source: str | None, rights: Rights) -> tuple[Grant, ...]:
    who = (role, source or "")
    line = who if who in DEFAULTS else (role, "")
    purposes = DEFAULT_PURPOSES[line]
    return tuple(_grants(DEFAULTS[line], source, rights, purposes))


def _grants(
    standings: Iterable[Standing], source: str | None, rights: Rights, purposes: frozenset[str]
) -> Iterator[Grant]:
    for standing in standings:
        area = standing.where(source, rights)
        for record_type in standing.record_types:
            specs = fields(MODELS[record_type])
            names = frozenset(spec.name for spec in specs if standing.chosen(spec))
            masked = names & standing.masked
            yield Grant(record_type, names, purposes, masked, area)
