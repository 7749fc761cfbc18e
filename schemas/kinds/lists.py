"""Several values in one field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from schemas.chinese import EDGES
from schemas.kinds.coded import Coded
from schemas.kinds.kind import Kind, Verdict, is_silent


@dataclass(frozen=True)
class ListOf(Kind):
    """Values of one kind, each once, as JSON list text.

    Said as a JSON list or with ``、`` (also ``,`` ``;`` and new lines) between the values. Codes
    are a set and come in the order of the table; other values keep the order they are said in.
    An empty list is a value: looked, and found none.
    """

    sql: ClassVar[str] = "jsonb"
    many: ClassVar[bool] = True

    item: Kind
    max_items: int

    def verdict(self, said: str) -> Verdict:
        """Judge each value; those that break their rule are left out with a note."""
        items = list(_items(said))
        judged = [self.item.verdict(text) for text in items]
        sound = [each for each in judged if each.value is not None and not is_silent(each.value)]
        rules = [each.rule for each in judged if each.rule]
        if rules and not sound:
            return Verdict(None, rules[0])
        if not sound and not said.startswith("["):
            return Verdict(None)
        values = list(dict.fromkeys(str(each.value) for each in sound))
        if len(values) > self.max_items:
            return Verdict(None, "list.too_long")
        notes = ["list.value_left_out"] * bool(rules) + [each.note for each in sound if each.note]
        ordered = sorted(values) if isinstance(self.item, Coded) else values
        return Verdict(_written(ordered), note=notes[0] if notes else None)

    def json_schema(self) -> dict[str, Any]:
        """Describe the list and its values."""
        return {
            "type": "array",
            "items": self.item.json_schema(),
            "maxItems": self.max_items,
            "uniqueItems": True,
        }

    def takes(self, value: object) -> bool:
        """Tell whether a JSON value is a list of what its items may be, or one of them."""
        return all(map(self.item.takes, value if isinstance(value, list) else [value]))

    def text(self, value: object) -> str:
        """Write a Python list as JSON list text."""
        if isinstance(value, str):
            return value
        values = value if isinstance(value, list | tuple | set | frozenset) else [value]
        return _written([self.item.text(each) for each in values])

    def native(self, text: str) -> list[object]:
        """Read the list."""
        return [self.item.native(each) for each in json.loads(text)]


_BETWEEN = re.compile("[、,，;；\n\r]")


def _items(said: str) -> Iterator[str]:
    for part in _parts(said):
        text = part.strip(EDGES)
        if not is_silent(text):
            yield text


def _parts(said: str) -> list[str]:
    if not said.startswith("["):
        return _BETWEEN.split(said)
    try:
        parts = json.loads(said)
    except ValueError:
        return _BETWEEN.split(said)
    return [part if isinstance(part, str) else json.dumps(part) for part in parts]


def _written(values: list[str]) -> str:
    # As PostgreSQL writes jsonb: Chinese characters as they are, a space after each comma.
    return json.dumps(values, ensure_ascii=False)
