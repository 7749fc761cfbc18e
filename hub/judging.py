"""Judging records: every value by its kind, every record by the rules of its type.

One path for a batch of any size. What comes out is ready to be staged: canonical values, the
faults found, and the envelope that linking needs (folded address, evidence, fingerprint).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress

import numpy as np
import orjson
import pandas as pd
from pandas.api.extensions import ExtensionArray

from hub.hashes import cells, column_hashes
from hub.model import Records
from schemas import fields
from schemas.distinct import is_said, text_array
from schemas.rules import RULES
from schemas.settle import Found, settle
from schemas.whereabouts import whereabouts

#: Columns of a frame of faults.
FAULTS = ["ordinal", "key", "record_type", "field", "rule", "fate", "said"]
TIES = ["record_type", "key", "role", "to_type", "to_dataset", "to_key"]

_NO_FAULTS, _NO_TIES = (pd.DataFrame(columns=names, dtype="str") for names in (FAULTS, TIES))

_WARNINGS = frozenset(name for name, rule in RULES.items() if rule.fate == "warn")


@dataclass(frozen=True)
class JudgedRecords:
    """Records ready to be staged, the rules their rows broke, and what they say of others."""

    records: pd.DataFrame
    faults: pd.DataFrame
    ties: pd.DataFrame
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

    def add_found(self, found: Iterable[Found], values: pd.DataFrame) -> None:
        """Add what the record type's rules found, with what was said."""
        for one in found:
            column = values.get(one.field)
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


def judge(said: Records, ordinals: pd.Series, row_keys: pd.Series) -> JudgedRecords:
    """Judge records of one type.

    ``ordinals`` and ``row_keys`` name the native rows that ``said.rows`` counts in. A record that
    breaks a rule of fate *quarantine* is left out: its row is held, and the fault says why.
    """
    values, faults, notes = _judge_values(said)
    settled = settle(said.model, values)
    if said.partial:
        settled.faults = [found for found in settled.faults if found.field is not None]
    faults.extend(notes.only(map(_WARNINGS.__contains__, notes.words)))
    faults.add_found(settled.faults, said.fields)
    notes.add_found(settled.notes, said.fields)
    _declare(faults, said.faults)
    # Withdrawn rows owe nothing.
    owes = ~said.withdrawn.to_numpy()
    if not owes.all():
        faults = faults.only(owes[faults.records])
    told = {
        "notes": _json_by_record(len(said), [(notes.records, notes.fields, notes.words)]),
        "evidence": _json_by_record(len(said), _evidence(said, faults)),
    }
    ties, tied = _ties(said)
    frame = _envelope(
        said, settled.values, ordinals, row_keys, told, _tie_words(ties, tied, len(said))
    )
    kept = np.ones(len(said), dtype=bool)
    fates = [RULES[rule].fate for rule in faults.words]
    kept[[r for r, fate in zip(faults.records, fates, strict=True) if fate == "quarantine"]] = False
    if not kept.all():
        frame, ties = frame[kept], ties[kept[tied]]
    turned = not (kept.all() and owes.all())
    return JudgedRecords(frame, _faults(said, faults, fates, ordinals, row_keys), ties, turned)


def _judge_values(said: Records) -> tuple[pd.DataFrame, _Words, _Words]:
    values, faults, notes = {}, _Words(), _Words()
    for spec in fields(said.model):
        if spec.name not in said.fields:
            continue
        column = said.fields[spec.name]
        if not is_said(column).any():
            values[spec.name] = column.array
            continue
        judged = spec.kind.judge(column)
        values[spec.name] = judged.values.array
        for words, told in ((judged.rules, faults), (judged.notes, notes)):
            records = is_said(words).nonzero()[0]
            if len(records):
                told.add(records, spec.name, cells(words)[records], cells(column)[records])
    return pd.DataFrame(values, index=said.fields.index), faults, notes


def _declare(faults: _Words, declared: pd.DataFrame) -> None:
    """Add the faults that only the connector could see."""
    if len(declared):
        columns = (cells(declared[name]).tolist() for name in ("record", "field", "rule", "said"))
        faults.extend(_Words(*columns))


def _faults(
    said: Records, found: _Words, fates: Sequence[str], ordinals: pd.Series, row_keys: pd.Series
) -> pd.DataFrame:
    """Lay out faults with their row and fate."""
    if not found.records:
        return _NO_FAULTS
    rows = said.rows.to_numpy()[np.array(found.records, dtype="int64")]
    columns = {
        "ordinal": ordinals.to_numpy()[rows].astype(str).tolist(),
        "key": cells(row_keys)[rows],
        "record_type": [said.model.record_type] * len(rows),
        "field": found.fields,
        "rule": found.words,
        "fate": fates,
        "said": found.said,
    }
    return pd.DataFrame(columns, dtype="str")


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
    for name in said.evidence:
        fact = said.evidence[name]
        told = is_said(fact).nonzero()[0]
        if len(told):
            parts.append((told.tolist(), [str(name)] * len(told), cells(fact)[told]))
    return parts


def _json_by_record(size: int, facts: Iterable[Facts]) -> pd.Series:
    """Gather ``field: value`` facts of each record into one JSON object, keys sorted."""
    objects: dict[int, dict[str, str]] = {}
    for part in facts:
        for record, name, value in zip(*part, strict=True):
            objects.setdefault(record, {})[str(name)] = str(value)
    texts: list[str | None] = [None] * size
    for record, said in objects.items():
        texts[record] = orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()
    return pd.Series(text_array(texts), copy=False)


def _envelope(
    said: Records,
    values: pd.DataFrame,
    ordinals: pd.Series,
    row_keys: pd.Series,
    told: dict[str, pd.Series],
    ties: list[str | None],
) -> pd.DataFrame:
    """Lay out records with what linking needs, and a fingerprint of all that they say."""
    rows = said.rows.to_numpy()
    place = whereabouts(said.model, values)
    columns = {
        "key": said.keys.array,
        "row_key": row_keys.array.take(rows),
        "withdrawn": np.where(said.withdrawn.to_numpy(), "true", "false").astype(object),
        "address_key": place["address_key"].array,
        "compound_key": place["compound_key"].array,
        **{str(name): column.array for name, column in values.items()},
        **{name: column.array for name, column in told.items()},
    }
    texts = {
        name: column if isinstance(column, ExtensionArray) else text_array(column)
        for name, column in columns.items()
    }
    hashes = column_hashes([*texts.values(), text_array(ties)])
    texts["content_hash"] = text_array(hashes)
    texts["ordinal"] = text_array(ordinals.to_numpy()[rows].astype(str).astype(object))
    texts["recorded_at"] = said.recorded_at.array
    return pd.DataFrame(texts, index=values.index)


def _ties(said: Records) -> tuple[pd.DataFrame, np.ndarray]:
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
    ties = pd.DataFrame(columns, dtype="str") if tied else _NO_TIES
    return ties, np.array(tied, dtype="int64")


def _tie_words(ties: pd.DataFrame, tied: np.ndarray, size: int) -> list[str | None]:
    """Write each record's ties as one text, so that a changed tie changes the fingerprint."""
    said: dict[int, list[str]] = {}
    columns = (cells(ties[name]) for name in ("role", "to_dataset", "to_key"))
    for record, *words in zip(tied.tolist(), *columns, strict=True):
        said.setdefault(record, []).append("|".join(words))
    texts: list[str | None] = [None] * size
    for record, words in said.items():
        texts[record] = "||".join(sorted(words))
    return texts
