"""The nouns that travel between connectors, jobs and store: plain values that know no database.

What a dataset is and how a source is read: `hub.connector`; how its columns are read:
`hub.columns`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache

import pandas as pd

from schemas import Section
from schemas.distinct import is_said

#: What a fault says: which record of the frame, which field (or none), which rule, what was said.
FAULT_COLUMNS = ("record", "field", "rule", "said")


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
    keys: pd.Series


@dataclass(frozen=True)
class Records:
    """Records of one type that a batch of rows gives, whole columns, all text.

    ``rows`` holds for each record the position of its row; ``keys`` the record's own key, which
    differs from its row's where one row gives several records of a type. ``evidence`` are facts
    for matching that are never published. ``faults`` are rules broken that only the connector
    can see (see `FAULT_COLUMNS`); fields themselves are judged later, by their kinds.
    """

    model: type[Section]
    fields: pd.DataFrame
    rows: pd.Series
    keys: pd.Series
    recorded_at: pd.Series
    withdrawn: pd.Series
    evidence: pd.DataFrame
    ties: tuple[Tie, ...]
    faults: pd.DataFrame
    #: Whether they only add to what others say of a thing: nothing is missed in them.
    partial: bool = False

    def __len__(self) -> int:
        return len(self.keys)


def no_faults() -> pd.DataFrame:
    """Return the table of faults of records that have none."""
    return _no_faults().copy(deep=False)


@cache
def _no_faults() -> pd.DataFrame:
    columns: dict[str, pd.Series] = {name: text_series([]) for name in FAULT_COLUMNS}
    return pd.DataFrame(columns | {"record": pd.Series([], dtype="int64")})


def faults(field: str, rules: pd.Series, *said: pd.Series) -> pd.DataFrame:
    """Return the faults of a field: one for each record in which a rule is named.

    What was said may come from several columns, such as those of a coordinate.
    """
    if not is_said(rules).any():
        return no_faults()
    text, *others = (part.fillna("").reset_index(drop=True) for part in said)
    for other in others:
        text = text + "," + other
    found = rules.reset_index(drop=True).dropna()
    return pd.DataFrame(
        {
            "record": pd.Series(found.index, dtype="int64"),
            "field": text_series([field] * len(found)),
            "rule": found.array,
            "said": text[found.index].array,
        }
    ).astype({"rule": "str", "said": "str"})


def text_series(values: Sequence[str | None]) -> pd.Series:
    """Return a column of text; None is a missing entry."""
    return pd.Series(values, dtype="str")
