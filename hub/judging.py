"""Judging records: every value by its kind, every record by the rules of its type.

One path for a batch of any size. What comes out is ready to be staged: canonical values, the
faults found, and the envelope that linking needs (folded address, evidence, fingerprint).
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson
import pandas as pd

from hub.hashes import row_hashes
from hub.model import Records
from schemas import fields
from schemas.rules import RULES
from schemas.settle import settle
from schemas.whereabouts import whereabouts

#: Columns of a frame of faults.
FAULTS = ["ordinal", "key", "record_type", "field", "rule", "fate", "said"]

_WARNINGS = [name for name, rule in RULES.items() if rule.fate == "warn"]


@dataclass(frozen=True)
class JudgedRecords:
    """Records ready to be staged, the rules their rows broke, and what they say of others."""

    records: pd.DataFrame
    faults: pd.DataFrame
    ties: pd.DataFrame


def judge(said: Records, ordinals: pd.Series, row_keys: pd.Series) -> JudgedRecords:
    """Judge records of one type.

    ``ordinals`` and ``row_keys`` name the native rows that ``said.rows`` counts in. A record that
    breaks a rule of fate *quarantine* is left out: its row is held, and the fault says why.
    """
    values, found, notes = _judge_values(said)
    settled = settle(said.model, values)
    found += [*map(_warnings, notes), _found(settled.faults, said.fields), _declared(said.faults)]
    notes += [settled.notes]
    faults = _faults(said, pd.concat(found, ignore_index=True), ordinals, row_keys)
    evidence = _evidence(said, faults)
    frame = _envelope(said, settled.values, ordinals, row_keys)
    frame["notes"] = _json_by_record(pd.concat(notes, ignore_index=True), len(said), "note")
    frame["evidence"] = evidence
    ties = _ties(said)
    frame["content_hash"] = row_hashes(
        pd.concat([frame.drop(columns=["ordinal", "recorded_at"]), _tie_words(ties, frame)], axis=1)
    )
    held = faults.loc[faults["fate"] == "quarantine", "record"]
    kept = ~frame.index.isin(held)
    spoken = ties[ties["record"].isin(frame.index[kept])].drop(columns="record")
    return JudgedRecords(frame[kept], faults[FAULTS], spoken)


def _judge_values(said: Records) -> tuple[pd.DataFrame, list[pd.DataFrame], list[pd.DataFrame]]:
    values: dict[str, pd.Series] = {}
    found, notes = [], []
    for spec in fields(said.model):
        if spec.name not in said.fields:
            continue
        column = said.fields[spec.name]
        if not column.notna().any():
            values[spec.name] = column
            continue
        judged = spec.kind.judge(column)
        values[spec.name] = judged.values
        broken, noted = judged.rules.notna(), judged.notes.notna()
        if broken.any():
            part = {"record": column.index[broken], "rule": judged.rules[broken]}
            found.append(pd.DataFrame(part | {"said": column[broken]}).assign(field=spec.name))
        if noted.any():
            part = {"record": column.index[noted], "note": judged.notes[noted]}
            notes.append(pd.DataFrame(part | {"said": column[noted]}).assign(field=spec.name))
    return pd.DataFrame(values, index=said.fields.index), found, notes


def _found(faults: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Add to faults of the record type's rules what was said."""
    said = pd.Series([None] * len(faults), index=faults.index, dtype="str")
    for field, part in faults.groupby("field"):
        if field in values:
            said[part.index] = values[field].reindex(part["record"]).array
    return faults.assign(said=said)


def _warnings(notes: pd.DataFrame) -> pd.DataFrame:
    """Return the notes that warn of a value, for a steward to look at; the value stays."""
    return notes[notes["note"].isin(_WARNINGS)].rename(columns={"note": "rule"})


def _declared(faults: pd.DataFrame) -> pd.DataFrame:
    return faults[["record", "field", "rule", "said"]]


def _faults(
    said: Records, found: pd.DataFrame, ordinals: pd.Series, row_keys: pd.Series
) -> pd.DataFrame:
    """Complete faults with their row and fate; withdrawn rows owe nothing."""
    owed = ~said.withdrawn.to_numpy()[found["record"].to_numpy(dtype="int64")]
    found = found[owed]
    record = found["record"].to_numpy(dtype="int64")
    rows = said.rows.to_numpy()[record]
    return found.assign(
        record=record,
        ordinal=ordinals.take(rows).to_numpy(),
        key=row_keys.take(rows).to_numpy(),
        record_type=said.model.record_type,
        fate=found["rule"].map({name: rule.fate for name, rule in RULES.items()}),
    )


def _evidence(said: Records, faults: pd.DataFrame) -> pd.Series:
    """Write as JSON what is kept for matching: the connector's facts and the blanked values."""
    blanked = faults[(faults["fate"] == "blank") & faults["said"].notna()]
    parts = [blanked[["record", "field", "said"]].rename(columns={"said": "note"})]
    for name in said.evidence:
        fact = said.evidence[name].dropna()
        if len(fact):
            parts.append(pd.DataFrame({"record": fact.index, "note": fact, "field": str(name)}))
    return _json_by_record(pd.concat(parts, ignore_index=True), len(said), "note")


def _json_by_record(facts: pd.DataFrame, size: int, column: str) -> pd.Series:
    """Gather ``field: value`` facts of each record into one JSON object, keys sorted."""
    objects: dict[int, dict[str, str]] = {}
    for record, name, value in zip(facts["record"], facts["field"], facts[column], strict=True):
        objects.setdefault(int(record), {})[str(name)] = str(value)
    texts: list[str | None] = [None] * size
    for record, said in objects.items():
        texts[record] = orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()
    return pd.Series(texts, dtype="str")


def _envelope(
    said: Records, values: pd.DataFrame, ordinals: pd.Series, row_keys: pd.Series
) -> pd.DataFrame:
    rows = said.rows.to_numpy()
    place = whereabouts(said.model, values)
    envelope = {
        "ordinal": ordinals.take(rows).astype("str").to_numpy(),
        "key": said.keys.to_numpy(),
        "row_key": row_keys.take(rows).to_numpy(),
        "withdrawn": said.withdrawn.map({True: "true", False: "false"}).to_numpy(),
        "recorded_at": said.recorded_at.to_numpy(),
        "address_key": place["address_key"],
        "compound_key": place["compound_key"],
    }
    return pd.concat([pd.DataFrame(envelope, index=values.index), values], axis=1).astype("str")


def _ties(said: Records) -> pd.DataFrame:
    columns = ["record", "record_type", "key", "role", "to_type", "to_dataset", "to_key"]
    parts = [pd.DataFrame(columns=columns)]
    for tie in said.ties:
        spoken = tie.keys.notna().to_numpy()
        part = pd.DataFrame(
            {
                "record": said.keys.index[spoken],
                "key": said.keys[spoken],
                "to_key": tie.keys[spoken],
            }
        )
        parts.append(
            part.assign(
                record_type=said.model.record_type,
                role=tie.role,
                to_type=tie.model.record_type,
                to_dataset=tie.dataset,
            )
        )
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)[columns]


def _tie_words(ties: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    """Write each record's ties as one text, so that a changed tie changes the fingerprint."""
    words = ties["role"] + "|" + ties["to_dataset"] + "|" + ties["to_key"]
    texts = words.groupby(ties["record"]).agg(lambda said: "||".join(sorted(said)))
    return texts.astype("str").reindex(frame.index).rename("ties")
