"""Judging records: every value by its kind, every record by the rules of its type.

One path for a batch of any size. What comes out is ready to be staged: canonical values, the
faults found, and the envelope that linking needs (folded address, evidence, fingerprint).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

import numpy as np
import orjson

from hub.hashes import column_hashes
from hub.model import Places, Records
from schemas import fields
from schemas.distinct import (
    Columns,
    Rows,
    Texts,
    cells,
    chosen_rows,
    is_said,
    text_array,
    text_columns,
)
from schemas.rules import RULES
from schemas.settle import Found, settle
from schemas.whereabouts import whereabouts

#: Columns of faults, and of ties.
FAULTS = ["ordinal", "key", "record_type", "field", "rule", "fate", "said"]
TIES = ["record_type", "key", "role", "to_type", "to_dataset", "to_key"]

_NO_FAULTS, _NO_TIES = (text_columns({name: [] for name in names}) for names in (FAULTS, TIES))

_WARNINGS = frozenset(name for name, rule in RULES.items() if rule.fate == "warn")


@dataclass(frozen=True)
class JudgedRecords:
    """Records ready to be staged, the rules their rows broke, and what they say of others."""

    records: Columns
    faults: Rows
    ties: Rows
    #: Whether any row is withdrawn, or is held for what it says.
    turned: bool


@dataclass
class _Words:
    """Words about fields of records, column by column: rules broken, or what there is to note."""

    records: list[int] = field(default_factory=list)
    fields: list[str | None] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    said: list[str | None] = field(default_factory=list)

    def add(
        self,
        records: np.ndarray,
        name: str | None,
        words: Iterable[str],
        said: Iterable[str | None],
    ) -> None:
        self.records += records.tolist()
        self.fields += [name] * len(records)
        self.words.extend(words)
        self.said.extend(said)

    def add_found(self, found: Iterable[Found], values: Mapping[str, Texts]) -> None:
        """Add what the record type's rules found, with what was said."""
        for one in found:
            column = values.get(one.field or "")
            said = [None] * len(one.records) if column is None else cells(column)[one.records]
            self.add(one.records, one.field, [one.word] * len(one.records), said)

    def only(self, chosen: Iterable[bool]) -> _Words:
        """Return some of the words."""
        wanted = list(chosen)
        return _Words(
            list(compress(self.records, wanted)),
            list(compress(self.fields, wanted)),
            list(compress(self.words, wanted)),
            list(compress(self.said, wanted)),
        )

    def extend(self, other: _Words) -> None:
        """Add other words behind these."""
        for name in ("records", "fields", "words", "said"):
            getattr(self, name).extend(getattr(other, name))


def judge(said: Records, ordinals: Places, row_keys: Texts) -> JudgedRecords:
    """Judge records of one type.

    ``ordinals`` and ``row_keys`` name the native rows that ``said.rows`` counts in. A record that
    breaks a rule of fate *quarantine* is left out: its row is held, and the fault says why.
    """
    values, faults, notes = _judge_values(said)
    settled = settle(said.model, values, len(said))
    if said.partial:
        settled.faults = [found for found in settled.faults if found.field is not None]
    faults.extend(notes.only(map(_WARNINGS.__contains__, notes.words)))
    faults.add_found(settled.faults, said.fields)
    notes.add_found(settled.notes, said.fields)
    if said.faults:
        faults.extend(_Words(*map(list, zip(*said.faults, strict=True))))
    # Withdrawn rows owe nothing.
    owes = ~said.withdrawn
    if not owes.all():
        faults = faults.only(owes[faults.records])
    told = {
        "notes": _json_by_record(len(said), [(notes.records, notes.fields, notes.words)]),
        "evidence": _json_by_record(len(said), _evidence(said, faults)),
    }
    ties, tied = _ties(said)
    records = _envelope(
        said, settled.values, ordinals, row_keys, told, _tie_words(ties, tied, len(said))
    )
    kept = np.ones(len(said), dtype=bool)
    fates = [RULES[rule].fate for rule in faults.words]
    kept[[r for r, fate in zip(faults.records, fates, strict=True) if fate == "quarantine"]] = False
    if not kept.all():
        records, ties = chosen_rows(records, kept), chosen_rows(ties, kept[tied])
    turned = not (kept.all() and owes.all())
    return JudgedRecords(records, _faults(said, faults, fates, ordinals, row_keys), ties, turned)


def _judge_values(said: Records) -> tuple[dict[str, Texts], _Words, _Words]:
    values, faults, notes = {}, _Words(), _Words()
    for spec in fields(said.model):
        column = said.fields.get(spec.name)
        if column is None:
            continue
        if not is_said(column).any():
            values[spec.name] = column
            continue
        judged = spec.kind.judge(column)
        values[spec.name] = judged.values
        for words, told in ((judged.rules, faults), (judged.notes, notes)):
            records = is_said(words).nonzero()[0]
            if len(records):
                told.add(records, spec.name, cells(words)[records], cells(column)[records])
    return values, faults, notes


def _faults(
    said: Records, found: _Words, fates: Sequence[str], ordinals: Places, row_keys: Texts
) -> Rows:
    """Lay out faults with their row and fate."""
    if not found.records:
        return _NO_FAULTS
    rows = said.rows[found.records]
    columns: dict[str, Texts | Sequence[str | None] | np.ndarray] = {
        "ordinal": ordinals[rows].astype(str).astype(object),
        "key": row_keys.take(rows),
        "record_type": [said.model.record_type] * len(rows),
        "field": found.fields,
        "rule": found.words,
        "fate": fates,
        "said": found.said,
    }
    return text_columns(columns)


Facts = tuple[Iterable[int], Iterable[str | None], Iterable[str]]


def _evidence(said: Records, faults: _Words) -> list[Facts]:
    """Gather what is kept for matching: the connector's facts and the blanked values."""
    rows = zip(faults.records, faults.fields, faults.words, faults.said, strict=True)
    blanked = [
        (record, name, value)
        for record, name, rule, value in rows
        if value is not None and RULES[rule].fate == "blank"
    ]
    parts: list[Facts] = []
    if blanked:
        records, names, values = zip(*blanked, strict=True)
        parts.append((records, names, values))
    for name, fact in said.evidence.items():
        told = is_said(fact).nonzero()[0]
        if len(told):
            parts.append((told.tolist(), [name] * len(told), cells(fact)[told]))
    return parts


def _json_by_record(size: int, facts: Iterable[Facts]) -> Texts:
    """Gather ``field: value`` facts of each record into one JSON object, keys sorted."""
    objects: dict[int, dict[str, str]] = {}
    for part in facts:
        for record, name, value in zip(*part, strict=True):
            objects.setdefault(record, {})[str(name)] = str(value)
    texts: list[str | None] = [None] * size
    for record, said in objects.items():
        texts[record] = orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()
    return text_array(texts)


def _envelope(
    said: Records,
    values: Mapping[str, Texts],
    ordinals: Places,
    row_keys: Texts,
    told: Mapping[str, Texts],
    ties: Texts,
) -> Columns:
    """Lay out records with what linking needs, and a fingerprint of all that they say."""
    address, compound = whereabouts(said.model, values, len(said))
    columns: dict[str, Any] = {
        "key": said.keys,
        "row_key": row_keys.take(said.rows),
        "withdrawn": text_array(np.where(said.withdrawn, "true", "false").astype(object)),
        "address_key": address,
        "compound_key": compound,
        **values,
        **told,
    }
    hashes = column_hashes([*columns.values(), ties])
    columns["content_hash"] = text_array(hashes)
    columns["ordinal"] = ordinals[said.rows]
    columns["recorded_at"] = said.recorded_at
    return columns


def _ties(said: Records) -> tuple[Rows, Places]:
    """Return what records say of others, and which record each of these comes from."""
    columns: dict[str, list[str]] = {name: [] for name in TIES}
    keys, tied = cells(said.keys), []
    for tie in said.ties:
        records = is_said(tie.keys).nonzero()[0]
        tied += records.tolist()
        columns["key"] += keys[records].tolist()
        columns["to_key"] += cells(tie.keys)[records].tolist()
        for name, word in (
            ("record_type", said.model.record_type),
            ("role", tie.role),
            ("to_type", tie.model.record_type),
            ("to_dataset", tie.dataset),
        ):
            columns[name] += [word] * len(records)
    return text_columns(columns) if tied else _NO_TIES, np.array(tied, dtype="int64")


def _tie_words(ties: Rows, tied: Places, size: int) -> Texts:
    """Write each record's ties as one text, so that a changed tie changes the fingerprint."""
    said: dict[int, list[str]] = {}
    columns = (cells(ties[name]) for name in ("role", "to_dataset", "to_key"))
    for record, *words in zip(tied.tolist(), *columns, strict=True):
        said.setdefault(record, []).append("|".join(words))
    texts: list[str | None] = [None] * size
    for record, words in said.items():
        texts[record] = "||".join(sorted(words))
    return text_array(texts)
