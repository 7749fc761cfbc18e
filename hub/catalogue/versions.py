"""What a change of a contract means to those who read by it, and which version it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: Parts of a field's contract that programs are written by, and what a change of each is called.
_PROMISED = {
    "logicalType": "has another type",
    "physicalType": "has another column type",
    "logicalTypeOptions": "allows other values",
    "items": "holds other items",
}
#: The classes of sharing and the levels, from the freest on: going up breaks what reads it.
_ORDER = ("unconditional", "conditional", "restricted")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two contracts."""

    field: str
    what: str
    breaking: bool


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Name what differs between two contracts of a record type, breaking changes first."""
    was, now = _properties(before), _properties(after)
    found = [Change(name, "is gone", True) for name in was.keys() - now.keys()]
    found += [Change(name, "is new", False) for name in now.keys() - was.keys()]
    for name in was.keys() & now.keys():
        found += _changed(name, was[name], now[name])
    return sorted(found, key=lambda one: (not one.breaking, one.field, one.what))


def next_version(version: str, found: list[Change]) -> str:
    """Return the version that changes ask for: a major one where any of them breaks readers."""
    major, minor, _ = map(int, version.split("."))
    if any(one.breaking for one in found):
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if found else version


def _changed(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    for part, what in _PROMISED.items():
        if was.get(part) != now.get(part):
            yield Change(name, what, True)
    if was.get("classification") != now.get("classification"):
        stricter = str(now.get("classification")) > str(was.get("classification"))
        yield Change(name, "is of another level", stricter)
    shared = [_custom(one).get("sharingClass") for one in (was, now)]
    if shared[0] != shared[1]:
        stricter = _ORDER.index(str(shared[1])) > _ORDER.index(str(shared[0]))
        yield Change(name, "is shared otherwise", stricter)
    if was.get("description") != now.get("description"):
        yield Change(name, "is described otherwise", False)


def _properties(contract: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    (table,) = contract["schema"]
    return {one["name"]: one for one in table["properties"]}


def _custom(said: Mapping[str, Any]) -> dict[str, Any]:
    return {one["property"]: one["value"] for one in said.get("customProperties", ())}
