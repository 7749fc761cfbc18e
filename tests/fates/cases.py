"""Dirt and its fate: what a row of a source says, and how it must end in the hub."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from hub.demo import shift
from tests.build import an_id_number

Row = dict[str, str]


@dataclass(frozen=True)
class Entry:
    """One open entry of the quarantine."""

    record_type: str | None
    field: str | None
    rule: str
    fate: str
    said: str | None


@dataclass(frozen=True)
class Record:
    """One record with what is served of its entity."""

    record_type: str
    fields: Mapping[str, str | None]
    evidence: Mapping[str, str]
    notes: Mapping[str, str]
    withdrawn: bool
    golden_id: str | None
    golden: Mapping[str, str | None]
    marks: Mapping[str, str]


@dataclass
class Found:
    """All that the hub holds of one native row."""

    state: str | None = None
    row: Mapping[str, str | None] = field(default_factory=dict)
    records: dict[tuple[str, str], Record] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    def record(self, record_type: str, part: str = "") -> Record:
        """Return the record of a type that the row gives; ``part`` is the end of its key."""
        matching = [one for (of, key), one in self.records.items()
                    if of == record_type and key.endswith(part)]  # fmt: skip
        assert len(matching) == 1, f"{len(matching)} records of type {record_type}"
        return matching[0]


class End(Protocol):
    """One thing that must be so in the end."""

    def check(self, found: Found, record_type: str) -> None: ...

    #: Field and rule of the quarantine entries that this end explains.
    faults: tuple[tuple[str | None, str], ...]


@dataclass(frozen=True)
class Serves:
    """The record says these values, and its golden record serves them."""

    values: Mapping[str, str | None]
    of: str | None = None
    part: str = ""
    faults: tuple[tuple[str | None, str], ...] = ()

    def check(self, found: Found, record_type: str) -> None:
        record = found.record(self.of or record_type, self.part)
        assert {name: record.fields[name] for name in self.values} == self.values
        assert {name: record.golden[name] for name in self.values} == self.values


@dataclass(frozen=True)
class Derives:
    """The golden record serves these values although the record does not say them."""

    values: Mapping[str, str | None]
    of: str | None = None
    faults: tuple[tuple[str | None, str], ...] = ()

    def check(self, found: Found, record_type: str) -> None:
        record = found.record(self.of or record_type)
        assert {name: record.golden[name] for name in self.values} == self.values
        assert {name: record.fields[name] for name in self.values} != self.values


@dataclass(frozen=True)
class Blanks:
    """A value is held for a rule: kept as it came and as evidence, the rest is served."""

    field: str
    rule: str
    said: str
    of: str | None = None
    #: What takes the value's place: what an id number says, say.
    instead: str | None = None

    @property
    def faults(self) -> tuple[tuple[str | None, str], ...]:
        return ((self.field, self.rule),)

    def check(self, found: Found, record_type: str) -> None:
        of = self.of or record_type
        record = found.record(of)
        assert record.fields[self.field] == self.instead
        assert record.golden[self.field] == self.instead
        assert Entry(of, self.field, self.rule, "blank", self.said) in found.entries
        assert record.evidence[self.field] == self.said
        assert found.state == "live"


@dataclass(frozen=True)
class Warns:
    """A value stays and is served; the quarantine says what is strange about it."""

    field: str
    rule: str
    value: str | None = None
    of: str | None = None

    @property
    def faults(self) -> tuple[tuple[str | None, str], ...]:
        return ((self.field, self.rule),)

    def check(self, found: Found, record_type: str) -> None:
        of = self.of or record_type
        record = found.record(of)
        entry = next(one for one in found.entries if one.rule == self.rule)
        assert (entry.record_type, entry.field, entry.fate) == (of, self.field, "warn")
        assert record.notes[self.field] == self.rule
        assert record.fields[self.field] is not None
        assert record.golden[self.field] == (self.value or record.fields[self.field])
        assert found.state == "live"


@dataclass(frozen=True)
class Holds:
    """The whole row is held: landed as it came, in the quarantine, and no record of it."""

    rule: str
    others: tuple[tuple[str | None, str], ...] = ()

    @property
    def faults(self) -> tuple[tuple[str | None, str], ...]:
        return ((None, self.rule), *self.others)

    def check(self, found: Found, record_type: str) -> None:
        assert record_type not in {of for of, _ in found.records}
        assert found.state == "quarantined"
        entry = next(one for one in found.entries if one.rule == self.rule)
        assert entry.fate == "quarantine"


@dataclass(frozen=True)
class Keeps:
    """Facts that are kept as evidence for matching."""

    facts: Mapping[str, str | None]
    of: str | None = None
    part: str = ""
    faults: tuple[tuple[str | None, str], ...] = ()

    def check(self, found: Found, record_type: str) -> None:
        evidence = found.record(self.of or record_type, self.part).evidence
        assert {name: evidence.get(name) for name in self.facts} == self.facts


@dataclass(frozen=True)
class Notes:
    """What was mended or derived is noted beside the value."""

    field: str
    rule: str
    faults: tuple[tuple[str | None, str], ...] = ()

    def check(self, found: Found, record_type: str) -> None:
        assert found.record(record_type).notes.get(self.field) == self.rule


@dataclass(frozen=True)
class Stands:
    """A point is served where it really is, whatever frame it came in: to half a metre."""

    field: str
    lon: float
    lat: float
    faults: tuple[tuple[str | None, str], ...] = ()

    def check(self, found: Found, record_type: str) -> None:
        served = found.record(record_type).golden[self.field]
        assert served is not None
        assert json.loads(served)["coordinates"] == pytest.approx([self.lon, self.lat], abs=5e-6)


@dataclass(frozen=True)
class Covers:
    """A shape is served that lies where it really is: around this point, and small."""

    field: str
    lon: float
    lat: float
    faults: tuple[tuple[str | None, str], ...] = ()

    def check(self, found: Found, record_type: str) -> None:
        served = found.record(record_type).golden[self.field]
        assert served is not None
        shape = shapely.from_geojson(served)
        assert shape.is_valid
        assert shape.centroid.distance(shapely.Point(self.lon, self.lat)) < 5e-6
        assert 0 < shape.area < 0.02**2


@dataclass(frozen=True)
class Marks:
    """How a served value is marked: provisional, disputed, or not at all."""

    marks: Mapping[str, str | None]
    of: str | None = None
    faults: tuple[tuple[str | None, str], ...] = ()

    def check(self, found: Found, record_type: str) -> None:
        marks = found.record(self.of or record_type).marks
        assert {name: marks.get(name) for name in self.marks} == self.marks


@dataclass(frozen=True)
class Gives:
    """The row gives just these records: record type and what their keys add to the row's."""

    records: frozenset[tuple[str, str]]
    faults: tuple[tuple[str | None, str], ...] = ()

    def check(self, found: Found, record_type: str) -> None:
        given = {(of, key.partition("#")[2]) for of, key in found.records}
        assert given == self.records


@dataclass(frozen=True)
class Withdrawn:
    """The row is landed and counted, and its record never belongs to anything."""

    faults: tuple[tuple[str | None, str], ...] = ()

    def check(self, found: Found, record_type: str) -> None:
        assert found.state == "withdrawn"
        assert found.records
        assert all(one.withdrawn and one.golden_id is None for one in found.records.values())


@dataclass(frozen=True)
class Case:
    """A dirt in a row of a dataset, and its fate."""

    dirt: str
    source: str
    dataset: str
    record_type: str
    row: Row
    key: str
    ends: tuple[End, ...]

    @property
    def faults(self) -> set[tuple[str | None, str]]:
        return {fault for end in self.ends for fault in end.faults}

    def __str__(self) -> str:
        return f"{self.source}.{self.dataset}: {self.dirt}"


@dataclass
class Table:
    """The cases of one dataset: clean rows, each with one dirt."""

    source: str
    dataset: str
    record_type: str
    key: str
    clean: Callable[[int], Row]
    first: int
    cases: list[Case] = field(default_factory=list)

    def add(self, dirt: str, said: Mapping[str, str], *ends: End) -> Row:
        """Add a case: what a row says otherwise than a clean one, and its ends."""
        row = self.clean(self.first + len(self.cases)) | said
        key = row[self.key].strip()
        case = Case(dirt, self.source, self.dataset, self.record_type, row, key, ends)
        self.cases.append(case)
        return row

    def words(self, column: str, name: str, words: Mapping[str, str | None], **also: str) -> None:
        """Add a case for each word of a column: the value of the field it gives."""
        for word, value in words.items():
            self.add(f"{column} says {word!r}", {column: word} | also, Serves({name: value}))

    def blanks(self, column: str, name: str, rule: str, *words: str, **also: str) -> None:
        """Add a case for each word of a column that its field's rule blanks."""
        for word in words:
            dirt = f"{column} says {word!r}, which breaks {rule}"
            self.add(dirt, {column: word} | also, Blanks(name, rule, word.strip()))

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)


_SURNAMES = "赵钱孙周吴郑冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛"
_GIVEN = "安邦昌德恩富光海建康林明宁平强荣胜泰伟祥永志忠芳桂惠静兰莉玲梅娜琴青如淑婷雯霞秀燕英玉珍"


def in_frame(frame: str, lon: float, lat: float) -> tuple[str, str]:
    """Say a position as a frame does; the offsets are not those of the hub's own program."""
    if frame in ("GCJ02", "BD09"):
        move = shift.gcj02 if frame == "GCJ02" else shift.bd09
        x, y = (float(part[0]) for part in move(np.array([lon]), np.array([lat])))
    elif frame == "metres":
        x, y = Transformer.from_crs("EPSG:4490", "EPSG:4543", always_xy=True).transform(lon, lat)
    else:
        x, y = lon, lat
    return f"{x:.7f}", f"{y:.7f}"


def a_square(frame: str, lon: float, lat: float, *, swapped: bool = False) -> str:
    """Return the WKT of a square of a hundred metres around a point, as a frame says it."""
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    said = (in_frame(frame, lon + 0.0005 * x, lat + 0.0005 * y) for x, y in corners)
    return f"POLYGON (({', '.join(' '.join(pair[::-1] if swapped else pair) for pair in said)}))"


def a_name(number: int) -> str:
    """Return a name unlike that of any other number nearby."""
    surname = _SURNAMES[number % len(_SURNAMES)]
    first = _GIVEN[number * 7 % len(_GIVEN)]
    return f"{surname}{first}{_GIVEN[(number * 11 + number // 40) % len(_GIVEN)]}"


def a_number(number: int) -> str:
    """Return a person's valid id number; it never ends as if a spreadsheet had ruined it."""
    born = date(1950, 1, 1) + timedelta(days=number // 90)
    return an_id_number(1 + number % 90, born=f"{born:%Y%m%d}")
