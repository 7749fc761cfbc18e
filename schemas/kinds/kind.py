"""What every kind of value has in common: judging a column.

A kind holds the behaviour of a family of values (a telephone number, a division
code); a field gives such a value its meaning. Kinds judge whole columns, each
distinct value once, and a batch of one takes the same path as a batch of a million.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple

import pyarrow as pa
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from schemas.chinese import EDGES
from schemas.distinct import Said, arrow, distinct, like, spread, text_array

# What departments write where they have nothing to say (standards: cleaning rule 4).
SILENCE = frozenset(
    {"", "无", "不详", "空", "/", "-", "--", "—", "null", "NULL", "None", "暂无", "未知", "N/A"}
)


class Verdict(NamedTuple):
    """What a kind says of one distinct value.

    ``value`` is canonical text, or None where the value is blanked or nothing was said;
    ``rule`` names the rule that blanked it; ``note`` names a mending or a warning worth keeping.
    """

    value: str | None
    rule: str | None = None
    note: str | None = None


SILENT = Verdict(None)


@dataclass(frozen=True, slots=True)
class Judged(Generic[Said]):
    """A judged column: canonical values, the rule each blanked value broke, and notes.

    All three are text in the shape of the column judged; a missing entry means: nothing said
    (values), no rule broken (rules), nothing to note (notes).
    """

    values: Said
    rules: Said
    notes: Said


@dataclass(frozen=True)
class Kind(ABC):
    """A family of values: how it is cleaned, checked, described and stored."""

    #: PostgreSQL type of the column: text, date, integer, numeric, boolean or jsonb.
    sql: ClassVar[str] = "text"
    #: Whether one field of this kind holds several values (stored as a JSON array).
    many: ClassVar[bool] = False
    #: Whether values are numbers that identify a person: raw rows keep them sealed.
    identifies: ClassVar[bool] = False

    @abstractmethod
    def verdict(self, said: str) -> Verdict:
        """Judge one distinct value, already stripped and not silent."""

    @abstractmethod
    def json_schema(self) -> dict[str, Any]:
        """Describe canonical values as JSON Schema."""

    def verdicts(self, said: Iterable[str]) -> Iterable[Verdict]:
        """Judge distinct values in turn; kinds that can work on all at once override this."""
        return map(self.verdict, said)

    def judge_one(self, said: str) -> Verdict:
        """Judge one value as it came, as a column of one would be."""
        text = said.strip(EDGES)
        return SILENT if is_silent(text) else _spoken(self.verdict(text))

    def judge(self, said: Said) -> Judged[Said]:
        """Judge a column of text, each distinct value once.

        Cleaning twice gives the same as cleaning once, and splitting a column changes nothing.
        """
        texts, codes = distinct(said)
        stripped = [text.strip(EDGES) for text in texts]
        places = [place for place, text in enumerate(stripped) if not is_silent(text)]
        parts = _Parts(len(texts))
        # One verdict at a time: a million of them kept would make the garbage collector count.
        answers = self.verdicts([stripped[place] for place in places])
        for place, verdict in zip(places, answers, strict=True):
            parts.put(place, verdict)
        columns = (parts.values, parts.rules, parts.notes)
        return Judged(*(_spread(part, codes, said) for part in columns))

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validate one value by handing the kind a column of one: same verdict as in a batch."""
        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Publish the kind's own JSON Schema."""
        return self.json_schema()

    def _validate(self, value: object) -> object:
        judged = self.judge(text_array([self.text(value)]))
        (clean,), (rule,) = (arrow(part).to_pylist() for part in (judged.values, judged.rules))
        if rule is not None:
            raise PydanticCustomError("rule", "breaks the rule {rule}", {"rule": rule})
        return None if clean is None else self.native(clean)

    def takes(self, value: object) -> bool:
        """Tell whether a JSON value has the shape of this kind's, whatever it says."""
        return not isinstance(value, list | dict)

    def text(self, value: object) -> str:
        """Write a Python value as the text that a column of this kind holds."""
        return str(value)

    def native(self, text: str) -> object:
        """Read canonical text as the Python (JSON) value that the API shows."""
        return text


def is_silent(text: str) -> bool:
    """Tell whether a text says nothing: empty, or a word departments write in place of nothing."""
    if len(text) > 4 or text in SILENCE:
        return len(text) <= 4
    return not text.isascii() and unicodedata.normalize("NFKC", text) in SILENCE


def _spoken(verdict: Verdict) -> Verdict:
    """Return a verdict, or silence: only cleaning shows that 无 between invisible signs is that."""
    value = verdict.value
    return SILENT if value is not None and len(value) < 5 and is_silent(value) else verdict


class _Parts:
    """Verdicts on distinct values, each part in a list of its own."""

    def __init__(self, count: int) -> None:
        self.values: list[str | None] = [None] * count
        self.rules: list[str | None] = [None] * count
        self.notes: list[str | None] = [None] * count

    def put(self, place: int, verdict: Verdict) -> None:
        value, rule, note = _spoken(verdict)
        self.values[place] = value
        if rule is not None:
            self.rules[place] = rule
        if note is not None:
            self.notes[place] = note


def _spread(part: Sequence[str | None], codes: pa.Array, said: Said) -> Said:
    if not any(part):
        return like(said, pa.nulls(len(codes), pa.large_string()))
    return spread(part, codes, said)
