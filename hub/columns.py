"""Reading a batch in the source's own words: every agreed column is taken or ignored on purpose.

What a translation asks for *is* the agreement with the source: it is run once over a frame
without rows, and the columns it asked for are remembered (`agreement_of`). So a column is
declared once, where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hub.config import District
from hub.model import Fault, Flags, Places, Records, Signal, Tie
from hub.written import Written, as_said, as_word
from schemas import Section
from schemas.chinese import EDGES, folded
from schemas.codes import code_table
from schemas.distinct import (
    Rows,
    Said,
    Texts,
    arrow,
    is_said,
    like,
    nothing,
    read_each,
    size_of,
    stacked,
    text_array,
    unstacked,
)

#: Column that marks rows nobody could read; it says where in the file they stand.
UNREADABLE = "@unreadable"

# Columns the law keeps out of the hub, by any source: they are dropped before landing.
_FORBIDDEN = re.compile(
    r"刑满|刑释|重点人员|宗教|信访|上访|吸毒|戒毒|涉毒|精神障碍|精神病|社区矫正|艾滋"
    r"|fee_?coefficient|arrears?|sfxmsf|sfzdry|zjxy|sfxf|sfxd|sfjd|sqjz|jszay|jszab|azb|\bhiv\b",
    re.IGNORECASE,
)

# A word may be shown in a signal only if it cannot single out a person.
_SHOWN_FROM, _LONGEST_SHOWN = 3, 12
_DIGITS = re.compile(r"[0-9]{5}")


@dataclass(frozen=True)
class Agreement:
    """The columns agreed on for a dataset, and the other names they are known to come under."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    #: Columns that may come and are left out on purpose, without a word.
    ignored: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    forbidden: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that land, in the order they land in."""
        return self.required + self.optional

    @cached_property
    def headers(self) -> frozenset[str]:
        """Return all headers that are understood, folded: what a header row is found by."""
        return frozenset(map(folded, (*self.columns, *self.ignored, *self.aliases)))

    def column_of(self, header: str) -> str | None:
        """Return the agreed column that a header means, by its own name or by an alias."""
        return self.known.get(folded(header))

    @cached_property
    def own(self) -> dict[str, str]:
        """Return the columns by their own names, folded."""
        return {folded(name): name for name in (*self.columns, *self.ignored)}

    @cached_property
    def known(self) -> dict[str, str]:
        """Return the columns by all that they are known to come under, folded."""
        return {folded(alias): name for alias, name in self.aliases.items()} | self.own

    @cached_property
    def silent(self) -> frozenset[str]:
        """Return the headers, folded, of columns that may come without a word."""
        return frozenset(map(folded, (*self.ignored, UNREADABLE)))

    def forbids(self, header: str) -> bool:
        """Tell whether the hub may not store a column of this name."""
        word = folded(header)
        return word in self.forbidden or _FORBIDDEN.search(word) is not None


@dataclass(frozen=True)
class Admitted:
    """Rows let in: exactly the agreed columns, in the agreed order, under their agreed names."""

    rows: Rows
    signals: list[Signal]
    #: Agreed columns that did not come: the batch is to be held.
    missing: list[str]
    #: Where rows stand that nobody could read; their content is not kept.
    unreadable: Sequence[str]


def admit(agreement: Agreement, frame: pd.DataFrame) -> Admitted:
    """Let in the agreed columns of a page; say what else came and what did not.

    The content of other columns goes no further: their names and the number of filled cells do.
    """
    unreadable: list[str] = []
    if UNREADABLE in frame:
        bad = frame[UNREADABLE]
        unreadable, frame = bad.dropna().tolist(), frame[~is_said(bad)]
    size, headers = len(frame), [str(name) for name in frame.columns]
    places, others = _places(agreement, headers)
    columns = [arrow(column) for _, column in frame.items()]
    missing = [name for name in agreement.required if name not in places]
    signals = [Signal("column.missing", name, size) for name in missing]
    if not places:
        # Without a header row the first person's values would pass for column names.
        signals = [Signal("header.missing", "", size)]
    else:
        signals += [_report(agreement, headers[place], columns[place]) for place in others]
    unsaid = nothing(size)
    rows = {
        name: text_array(columns[places[name]]) if name in places else unsaid
        for name in agreement.columns
    }
    return Admitted(rows, signals, missing, unreadable)


def _places(agreement: Agreement, headers: Sequence[str]) -> tuple[dict[str, int], list[int]]:
    """Find the place of each agreed column, its own name before an alias; list other places."""
    places: dict[str, int] = {}
    words = list(map(folded, headers))
    for known in (agreement.own, agreement.known):
        for place, word in enumerate(words):
            name = known.get(word)
            if name is not None and name not in places and not agreement.forbids(headers[place]):
                places[name] = place
    taken = set(places.values())
    others = [
        place
        for place, word in enumerate(words)
        if place not in taken and word not in agreement.silent
    ]
    return {name: p for name, p in places.items() if name not in agreement.ignored}, others


def _report(agreement: Agreement, name: str, column: pa.Array) -> Signal:
    kind = "column.forbidden" if agreement.forbids(name) else "column.unexpected"
    said = _trimmed(column)
    return Signal(kind, name, len(said) - said.null_count)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a source spells what it is told: its dates, and codes as such or as words."""

    date_form: str = "%Y-%m-%d"
    words: bool = True


class Columns:
    """A batch in the source's own words: one column a field, all text.

    Every column has to be taken or ignored; decoding signals words that no table knows.
    """

    def __init__(
        self,
        rows: Rows,
        district: District,
        *,
        keys: Texts,
        recorded_at: Texts,
        withdrawn: Flags,
        spelling: Spelling | None = None,
    ) -> None:
        self.district = district
        self.keys, self.recorded_at, self.withdrawn = keys, recorded_at, withdrawn
        self.signals: list[Signal] = []
        self.required: dict[str, None] = {}
        self.may_come: dict[str, None] = {}
        self.ignored: set[str] = set()
        #: Where fields stand, by record type and name; only where it was asked for by a spelling.
        self.written: dict[tuple[str, str], Written] = {}
        self._spelling = spelling
        self._standing: list[tuple[Texts, Written]] = []
        self._rows, self._size = rows, size_of(rows)
        self._nothing = nothing(self._size)

    def take(self, name: str) -> Texts:
        """Return an agreed column, stripped of blanks; nothing said is a missing entry."""
        self.required.setdefault(name)
        column = self._column(name)
        if self._spelling:
            self.stands(column, as_said(name, self._spelling.date_form))
        return column

    def stands(self, values: Texts, written: Written) -> Texts:
        """Return values, saying how one is written back into the columns they were read from."""
        if self._spelling:
            self._standing.append((values, written))
        return values

    def optional(self, name: str) -> Texts:
        """Return a column that need not come."""
        self.may_come.setdefault(name)
        return self._column(name)

    def ignore(self, *names: str) -> None:
        """Leave columns out on purpose: they may come, are not landed and cause no signal."""
        self.ignored.update(names)

    def decode(
        self, name: str, codes: Mapping[str, str | None] | str, of: str | None = None
    ) -> Texts:
        """Return an agreed column with its words translated by a table, or a table's name.

        Words in a table stand for all ways to type them if they are folded: half width, upper
        case, no blanks; None means: nothing said. A word that the table lacks stays as said, so
        that the field's kind blanks it, and is signalled. Were it itself a code of the field (of
        the table ``of`` where ``codes`` are the source's own), it would pass for that code: then
        the column's name goes before it.
        """
        return self.decoded(name, self.take(name), codes, of)

    def decoded(
        self,
        name: str,
        said: Texts,
        codes: Mapping[str, str | None] | str,
        of: str | None = None,
    ) -> Texts:
        """Translate words taken from a column of this name; see `decode`."""
        known = code_table(codes).codes if isinstance(codes, str) else codes
        unknown: list[str] = []

        def translated(word: str) -> str | None:
            for form in (word, folded(word)):
                if form in known:
                    return known[form]
            unknown.append(word)
            passes = word in known.values() or (of and code_table(of).get(word))
            return f"{name}={word}" if passes else word

        decoded = read_each(said, translated)
        # What a row said that is gone leaves nothing to mend.
        living = arrow(said).filter(pa.array(~self.withdrawn))
        for word in unknown:
            count = pc.sum(pc.equal(living, word)).as_py()
            if not count:
                continue
            shown = word if _shareable(word, count) else None
            self.signals.append(Signal("code.unknown", name, count, shown))
        if self._spelling:
            self.stands(decoded, as_word(name, known, words=self._spelling.words))
        return decoded

    def records(
        self,
        model: type[Section],
        fields: Mapping[str, Texts | str],
        *,
        evidence: Mapping[str, Texts] | None = None,
        ties: Sequence[Tie] = (),
        faults: Sequence[Fault] = (),
        rows: Places | None = None,
        keys: Texts | None = None,
    ) -> Records:
        """Give records of one type: one a row, or those of ``rows`` (positions), in that order.

        A field given as a plain text has that value in every record.
        """
        whole = rows is None
        if rows is None:
            rows = np.arange(self._size)
        for values, written in self._standing:
            found = (name for name, said in fields.items() if said is values)
            self.written |= {(model.record_type, name): written for name in found}
        return Records(
            model=model,
            fields={
                name: text_array([said] * len(rows)) if isinstance(said, str) else said
                for name, said in fields.items()
            },
            rows=rows,
            keys=keys if keys is not None else self.keys if whole else self.keys.take(rows),
            recorded_at=self.recorded_at if whole else self.recorded_at.take(rows),
            withdrawn=self.withdrawn if whole else self.withdrawn[rows],
            evidence=evidence or {},
            ties=tuple(ties),
            faults=faults,
        )

    def _column(self, name: str) -> Texts:
        text = self._texts.get(name)
        return self._nothing if text is None else text_array(text)

    @cached_property
    def _texts(self) -> dict[str, pa.Array]:
        """Strip all columns at once: of a pushed row each takes longer to be asked than done."""
        text = _trimmed(stacked(self._rows.values()))
        return dict(zip(self._rows, unstacked(text, len(self._rows)), strict=True))


def stripped(said: Said) -> Said:
    """Strip blanks of any width off a column of text; what is empty then is missing."""
    return like(said, _trimmed(arrow(said)))


def _trimmed(said: pa.Array) -> pa.Array:
    # Arrow itself, as pushed rows come one at a time and pandas takes longer to be asked.
    text = pc.utf8_trim(said, EDGES)
    return pc.if_else(pc.equal(text, _EMPTY), None, text)


_EMPTY = pa.scalar("", pa.large_string())


def _shareable(word: str, count: int) -> bool:
    """Tell whether a word may be shown outside the audited tables: frequent, short, no number."""
    return count >= _SHOWN_FROM and len(word) <= _LONGEST_SHOWN and not _DIGITS.search(word)
