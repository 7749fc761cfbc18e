"""Writing values as a form writes them: as its cells do, as its department does, in words."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from openpyxl.styles.numbers import is_date_format

from hub.jobs.forms.words import Meaning
from hub.parse.filled import Value
from hub.parse.form import Form
from hub.written import Wanted
from schemas import FieldSpec
from schemas.chinese import folded
from schemas.kinds import Boolean, Coded, Date, Integer, ListOf, Number

#: Writes canonical text as the column does; None where the form has no words for it.
Spell = Callable[[str], str | None]

#: How many filled cells of a column are looked at.
MOST_EXAMPLES = 50
_TEXT_FORMAT = "@"
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]+)?")
#: Ways to say yes and no.
_PAIRS = (("是", "否"), ("√", "×"), ("有", "无"), ("Y", "N"), ("1", "0"), ("YES", "NO"))
#: Ways to write a day: what it looks like, and how it is written.
_DAYS: tuple[tuple[re.Pattern[str], Callable[[date], str]], ...] = (
    (re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"), lambda day: f"{day:%Y-%m-%d}"),
    (re.compile("[0-9]{4}/[0-9]{2}/[0-9]{2}"), lambda day: f"{day:%Y/%m/%d}"),
    (re.compile("[0-9]{4}[.][0-9]{2}[.][0-9]{2}"), lambda day: f"{day:%Y.%m.%d}"),
    (re.compile("[0-9]{8}"), lambda day: f"{day:%Y%m%d}"),
    (re.compile("[0-9]{4}年[0-9]{2}月[0-9]{2}日"), lambda day: f"{day:%Y年%m月%d日}"),
    (re.compile("[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"), lambda day: f"{day.year}-{day.month}-{day.day}"),
    (re.compile("[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}"), lambda day: f"{day.year}/{day.month}/{day.day}"),
    (
        re.compile("[0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2}"),
        lambda day: f"{day.year}.{day.month}.{day.day}",
    ),
    (
        re.compile("[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日"),
        lambda day: f"{day.year}年{day.month}月{day.day}日",
    ),
)


@dataclass(frozen=True, slots=True)
class Speller:
    """Writes the values of one column."""

    spec: FieldSpec
    meaning: Meaning
    examples: Sequence[str]
    area_code: str

    def spell(self) -> Spell:
        """Return how the column's values are written."""
        kind = self.spec.kind
        if self.meaning.written is not None and len(self.meaning.written.columns) > 1:
            return self._flag()
        if isinstance(kind, Boolean):
            yes, no = self._pair()
            return lambda value: yes if value == "true" else no
        if isinstance(kind, Date):
            return self._day()
        if isinstance(kind, Coded):
            return self._code(kind)
        if isinstance(kind, ListOf):
            return lambda value: _listed(kind, value)
        return self._native() or (lambda value: value)

    def agrees(self, said: str, value: str) -> bool:
        """Tell whether a cell says a value already, in whatever way it says it."""
        spelt = self.spell()(value)
        if spelt is not None and folded(said) == folded(spelt):
            return True
        return self.spec.kind.judge_one(said).value == value

    def _day(self) -> Spell:
        for looks, write in _DAYS if self.examples else ():
            fitting = [one for one in self.examples if looks.fullmatch(one.strip())]
            if len(fitting) * 2 > len(self.examples):
                return lambda value: write(date.fromisoformat(value))
        return self._native() or (lambda value: value)

    def _code(self, kind: Coded) -> Spell:
        labels = kind.codes.labels
        # A word that a department has for one code only is no way to write all of them.
        native = self._native()
        words: dict[str, Counter[str]] = {}
        as_code = 0
        for said in self.examples:
            code = kind.judge_one(said).value
            if code is not None:
                words.setdefault(code, Counter())[said.strip()] += 1
                as_code += said.strip().lstrip("0") == code.lstrip("0")
        if not words:
            return native or labels.get
        short = any(said != code for code, all_ in words.items() for said in all_)
        usual = {code: counted.most_common(1)[0][0] for code, counted in words.items()}
        if as_code * 2 > sum(map(Counter.total, words.values())):
            return lambda value: usual.get(value, (value.lstrip("0") or "0") if short else value)
        return lambda value: usual.get(value) or labels.get(value)

    def _flag(self) -> Spell:
        """Write of a list of codes whether it holds the one that the column is about."""
        written = self.meaning.written
        kind = self.spec.kind
        assert written is not None
        assert isinstance(kind, ListOf)
        every = set(kind.item.codes.labels) if isinstance(kind.item, Coded) else set()
        yes, no = self._pair()

        def spell(value: str) -> str | None:
            others = json.dumps(sorted(every.difference(json.loads(value))))
            # Against a list of all the others each column has changed, and so says its word.
            spelt = written.spell(Wanted(value, others, {}, kind, self.area_code)) or {}
            word = spelt.get(self.meaning.column)
            return {"是": yes, "否": no}.get(word or "", word)

        return spell

    def _pair(self) -> tuple[str, str]:
        said = {folded(one) for one in self.examples}
        fitting = (pair for pair in _PAIRS if said and said <= {*map(folded, pair)})
        return next(fitting, _PAIRS[0])

    def _native(self) -> Spell | None:
        written = self.meaning.written
        if written is None:
            return None
        column, kind = self.meaning.column, self.spec.kind
        return lambda value: (
            written.spell(Wanted(value, None, {}, kind, self.area_code)) or {}
        ).get(column)


def _listed(kind: ListOf, value: str) -> str:
    labels = kind.item.codes.labels if isinstance(kind.item, Coded) else {}
    said: Iterable[object] = json.loads(value)
    return "、".join(labels.get(str(one), str(one)) for one in said)


def cell_value(form: Form, spec: FieldSpec, value: str, spelt: str, number_format: str) -> Value:
    """Return what is put into a cell: a number or a day where the cell is made for one."""
    if isinstance(spec.kind, Date) and is_date_format(number_format):
        return form.serial(date.fromisoformat(value))
    counts = isinstance(spec.kind, Integer | Number) and number_format != _TEXT_FORMAT
    if counts and _NUMBER.fullmatch(spelt):
        return float(spelt) if "." in spelt else int(spelt)
    return spelt
