"""The nouns that travel between connectors, jobs and store: plain values that know no database.

What a dataset is and how a source is read: `hub.connector`; how its columns are read:
`hub.columns`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from schemas import Section
from schemas.distinct import Texts, arrow, is_said

Flags = npt.NDArray[np.bool_]
#: Positions of rows or records, counted from 0.
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Title:
    """A name people read, Chinese first."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Signal:
    """News about a source itself: a column came or went, a word is not in its code table.

    ``kind`` is one of `SIGNALS`; ``name`` is the column, sheet or file it speaks of, ``count``
    how many cells or rows, ``word`` the source's own word where it cannot be a personal value.
    """

    kind: str
    name: str
    count: int = 1
    word: str | None = None


#: What signals there are, and what each tells a steward.
SIGNALS: dict[str, Title] = {
    "header.missing": Title("没有表头", "No agreed column was found"),
    "column.missing": Title("缺少约定的列", "An agreed column is missing"),
    "column.unexpected": Title("出现约定之外的列", "A column outside the agreement came"),
    "column.forbidden": Title("禁止采集的列", "A column the hub may not store came"),
    "code.unknown": Title("代码表中没有的词", "A word is not in its code table"),
    "component.twice": Title("同一部件以两个编号登记", "One component is listed under two keys"),
    "sheet.unknown": Title("工作表名不是已知社区", "A sheet is named after no known community"),
    "rows.moving": Title("读取期间数据持续变动", "Rows kept moving between pages while being read"),
}


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of the rows of a batch, each row counted once."""

    received: int = 0
    accepted: int = 0
    unchanged: int = 0
    quarantined: int = 0
    withdrawn: int = 0
    repeated: int = 0
    #: Withdrawals inferred because a snapshot no longer holds the row: outside the sum.
    missing: int = 0

    @property
    def balanced(self) -> bool:
        """Tell whether every received row is accounted for."""
        kept = self.accepted + self.unchanged + self.repeated
        return self.received == kept + self.quarantined + self.withdrawn

    def __add__(self, other: Ledger) -> Ledger:
        return Ledger(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Ledger)}
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that a pushed row broke: in which field (or the whole row), in both languages."""

    field: str | None
    rule: str
    message: Title


@dataclass(frozen=True, slots=True)
class PushedRow:
    """What became of one pushed row: an outcome of the ledger, or ``held``."""

    index: int
    key: str | None
    outcome: str
    golden_id: str | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class PushResult:
    """What became of a push; without ``rows`` it was only landed and is gone on with later."""

    batch_id: int
    state: str
    ledger: Ledger
    rows: tuple[PushedRow, ...] | None
    #: Why the batch waits for a steward, if it does.
    flaw: str | None = None


@dataclass(frozen=True)
class Tie:
    """What records say about records of another dataset of their source: an owner and a room.

    ``keys`` holds, for each record, the key of the other one or nothing. The role ``same`` says
    that both speak of one thing.
    """

    role: str
    model: type[Section]
    dataset: str
    keys: Texts


class Fault(NamedTuple):
    """A rule that only the connector sees broken: by which record, in which field, saying what."""

    record: int
    field: str
    rule: str
    said: str


@dataclass(frozen=True)
class Records:
    """Records of one type that a batch of rows gives, whole columns, all text.

    ``rows`` holds for each record the position of its row; ``keys`` the record's own key, which
    differs from its row's where one row gives several records of a type. ``evidence`` are facts
    for matching that are never published. Fields themselves are judged later, by their kinds.
    """

    model: type[Section]
    fields: Mapping[str, Texts]
    rows: Places
    keys: Texts
    recorded_at: Texts
    withdrawn: Flags
    evidence: Mapping[str, Texts]
    ties: tuple[Tie, ...]
    faults: Sequence[Fault]
    #: Whether they only add to what others say of a thing: nothing is missed in them.
    partial: bool = False

    def __len__(self) -> int:
        return len(self.keys)


def faults(field: str, rules: Texts, *said: Texts) -> list[Fault]:
    """Return the faults of a field: one for each record in which a rule is named.

    What was said may come from several columns, such as those of a coordinate.
    """
    found = is_said(rules).nonzero()[0]
    names, *parts = (arrow(column.take(found)).to_pylist() for column in (rules, *said))
    texts = (",".join(part or "" for part in row) for row in zip(*parts, strict=True))
    return list(map(Fault, found.tolist(), [field] * len(found), names, texts))


def text_series(values: Sequence[str | None]) -> pd.Series:
    """Return a column of text; None is a missing entry."""
    return pd.Series(values, dtype="str")
