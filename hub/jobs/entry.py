"""Entering: what a worker types once takes effect at once, and is on its way to all who hold it.

A worker's entry is a record of source `worker`, pushed like any source's rows and judged by the
same kinds. It speaks for the street office: of fields that are another's to say it fills what is
empty, provisionally, and asks the one whose word counts (design §4.5). All of it is one
transaction: what was answered is durable, what was not answered never happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Any, TypeVar

import pandas as pd
from sqlalchemy import Connection

from connectors.worker import STANDS_FOR, WORKER
from hub.config import Settings
from hub.connector import Delivery
from hub.database import advisory_lock, engine
from hub.errors import WrongUse
from hub.jobs import planning, steps
from hub.jobs.authorities import authorities
from hub.jobs.preview import begin_resolving
from hub.jobs.resolve import CHINA, resolve_queued
from hub.store import attachments, batches, corrections, entries, feed, records, staging
from hub.store.golden_reads import GoldenRecord, get_golden
from hub.store.visible import View
from schemas import FieldSpec, Section
from schemas import fields as fields_of
from schemas.field import field as field_named
from schemas.rules import RULES

T = TypeVar("T")

#: What the hub derives itself, nobody enters.
DERIVED = "hub"
MISSHAPEN = "a value of this field has another shape"


class Unfit(WrongUse):
    """Some of what was entered cannot be so: ``faults`` says of which fields, and why."""

    status = 422

    def __init__(self, faults: Mapping[str | None, str]) -> None:
        names = ", ".join(name or "the record" for name in faults)
        super().__init__(f"cannot be entered: {names}")
        self.faults = faults


class Stale(WrongUse):
    """The record has changed since whoever enters has read it."""

    status = 412


@dataclass(frozen=True, slots=True)
class Word:
    """What a worker says of an entity, as seen in a view; None takes a word back."""

    view: View
    said: Mapping[str, object]
    said_by: str
    reason: str | None = None
    #: None: the worker describes somebody nobody has told of.
    entity_id: str | None = None
    #: Tells whether the worker has seen the version that is served.
    fits: Callable[[int], bool] = lambda _: True

    @property
    def model(self) -> type[Section]:
        """Return the record type."""
        return self.view.model


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry that was made: the record as it is now, and what the entry has caused."""

    entry_id: int
    record: GoldenRecord
    applied: tuple[str, ...]
    deliveries: tuple[str, ...]
    corrections: tuple[int, ...]


@dataclass(slots=True)
class _Sorted:
    """What is to be done with each field: say it, take it back, ask about it."""

    said: dict[str, str] = field(default_factory=dict)
    taken_back: list[str] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)


@contextmanager
def entered(settings: Settings, word: Word) -> Iterator[tuple[Connection, Entered]]:
    """Enter a word, within a transaction that ends with the ``with`` block.

    What the caller writes over the connection is committed with it (an idempotency key).
    """
    with engine(settings).connect() as connection:
        with connection.begin():
            yield connection, _enter(connection, settings, word)
        with connection.begin():
            feed.number_changes(connection)


def _enter(connection: Connection, settings: Settings, word: Word) -> Entered:
    values = _judged(word)
    # The order in which pushes take these locks as well.
    advisory_lock(connection, "dataset", WORKER, word.model.collection)
    begin_resolving(connection, settings)
    named = (word.model.record_type, word.entity_id or "", STANDS_FOR, list(values))
    at = entries.not_before(connection, *named).astimezone(CHINA)
    if word.entity_id is None:
        return _Entering(connection, settings, word, at).describe(values)
    record = get_golden(connection, word.view, word.entity_id)
    if not word.fits(record.version):
        raise Stale(f"the {word.model.record_type} has changed since it was read")
    return _Entering(connection, settings, word, at).amend(record.id, values)


def take_back(connection: Connection, settings: Settings, word: Word) -> None:
    """Take back all that workers have said of these fields, also where nothing else is known.

    In the caller's transaction, behind which the feed has to be numbered.
    """
    assert word.entity_id is not None
    advisory_lock(connection, "dataset", WORKER, word.model.collection)
    begin_resolving(connection, settings)
    entering = _Entering(connection, settings, word, datetime.now(CHINA))
    entering.forget(word.entity_id, list(word.said))


class _Entering:
    """One entry on its way: a row is pushed, the entity resolved, what follows is planned."""

    def __init__(
        self, connection: Connection, settings: Settings, word: Word, at: datetime
    ) -> None:
        self._connection, self._settings, self._word, self._at = connection, settings, word, at
        self._model, self._dataset = word.model, word.model.collection

    def amend(self, entity_id: str, values: Mapping[str, str | None]) -> Entered:
        """Say something of an entity that is there."""
        before = self._served(entity_id, values)
        sorted_ = _sort(self._model, values, before)
        applied = [*sorted_.said, *sorted_.taken_back]
        entry_id = self._write_down(entity_id, values, applied)
        self._push(entry_id, self._rows(entity_id, sorted_), list(sorted_.said))
        after = {**before, **sorted_.said}
        if sorted_.taken_back:
            after = self._foreseen(entry_id, lambda: self._served(entity_id, values))
            named = (self._model.record_type, entity_id, sorted_.taken_back, self._word.said_by)
            corrections.withdraw_corrections(self._connection, *named)
        carried = {
            name: after[name]
            for name in applied
            if name in after and self._own(name) and after[name] != before.get(name)
        }
        return self._caused(entry_id, entity_id, applied, carried, sorted_.asked)

    def forget(self, entity_id: str, names: Sequence[str]) -> None:
        """Take words back; nobody is told of another value, and nothing more is asked."""
        entry_id = self._write_down(entity_id, dict.fromkeys(names), names)
        self._push(entry_id, self._rows(entity_id, _Sorted(taken_back=list(names))), [])
        named = (self._model.record_type, entity_id, names, self._word.said_by)
        corrections.withdraw_corrections(self._connection, *named)
        resolve_queued(self._connection, cause=_cause(entry_id), carrying=self._settings)

    def describe(self, values: Mapping[str, str | None]) -> Entered:
        """Describe an entity that nobody has told of, as far as the worker knows."""
        entity_id = self._model.letter + token_hex(16)
        said = {name: value for name, value in values.items() if value is not None}
        entry_id = self._write_down(entity_id, said, list(said))
        entries.begin_entity(self._connection, self._model.record_type, entity_id)
        row = {"id": entity_id, "withdrawn": None, "alone": "true", **said}
        self._push(entry_id, {entity_id: row}, [])

        def joined() -> tuple[str, dict[str, str], Mapping[str, str]]:
            """Tell whom it joins: others may speak of the same person."""
            types = (self._model.record_type,)
            named = (WORKER, self._dataset, types, [entity_id])
            home = records.golden_ids(self._connection, *named)[entity_id]
            marks = get_golden(self._connection, self._word.view, home).marks
            return home, self._served(home, said), marks

        home, after, marks = self._foreseen(entry_id, joined)
        asked = {
            name: value
            for name, value in said.items()
            if not self._own(name)
            and (after.get(name) != value or marks.get(name) == "provisional")
        }
        carried = {n: v for n, v in said.items() if self._own(n) and after.get(n) == v}
        return self._caused(entry_id, home, list(said), carried, asked)

    def _foreseen(self, entry_id: int, read: Callable[[], T]) -> T:
        """Read what will be, once all is resolved, and leave it as it is.

        What is planned has to be known before: a value that is on its way disputes nothing.
        """
        savepoint = self._connection.begin_nested()
        try:
            resolve_queued(self._connection, cause=_cause(entry_id))
            return read()
        finally:
            savepoint.rollback()

    def _served(self, entity_id: str, names: Mapping[str, object]) -> dict[str, str]:
        return entries.golden_texts(self._connection, self._model, entity_id, list(names))

    def _own(self, name: str) -> bool:
        return _own(self._model, field_named(self._model, name))

    def _write_down(
        self, entity_id: str, values: Mapping[str, str | None], applied: Sequence[str]
    ) -> int:
        return entries.open_entry(
            self._connection,
            self._model.record_type,
            entity_id,
            values,
            applied,
            said_by=self._word.said_by,
            reason=self._word.reason,
        )

    def _rows(self, entity_id: str, sorted_: _Sorted) -> dict[str, dict[str, str | None]]:
        """Return the worker's rows as they are to be: her word, and what she takes back."""
        keys = [entity_id, *attachments.attached_keys(self._connection, entity_id)]
        rows = entries.said_rows(self._connection, WORKER, self._dataset, keys)
        if sorted_.said:
            rows[entity_id] = {"alone": None, **rows.get(entity_id, {}), **sorted_.said}
        for key, row in rows.items():
            row |= {"id": key, **dict.fromkeys(sorted_.taken_back)}
            left = [value for name, value in row.items() if name not in _ENVELOPE and value]
            row["withdrawn"] = None if left else "true"
        return rows

    def _push(
        self, entry_id: int, rows: Mapping[str, Mapping[str, str | None]], said: Sequence[str]
    ) -> None:
        """Push rows as a source does; raise Unfit where one breaks a rule."""
        if not rows:
            return
        connection, dataset = self._connection, steps.dataset_of(WORKER, self._dataset)
        frame = pd.DataFrame([*rows.values()], columns=list(dataset.agreement.columns), dtype="str")
        delivery = Delivery(dataset, batches.PUSH, [frame], lambda: None)
        batch_id = steps.land(connection, WORKER, delivery)
        steps.translate(connection, batch_id, self._settings.district)
        staged = staging.staged_outcomes(connection, batch_id)
        found = {name: rule for one in staged for name, rule in one.faults}
        if found:
            raise Unfit({name: _message(rule) for name, rule in found.items()})
        steps.validate(connection, batch_id)
        steps.keep(connection, batch_id)
        self._place(rows)
        if said and self._word.entity_id:
            named = (self._model.record_type, WORKER, self._dataset, self._word.entity_id)
            entries.date_values(connection, *named, said, self._at)
        entries.name_batch(connection, entry_id, batch_id)

    def _place(self, rows: Mapping[str, Mapping[str, str | None]]) -> None:
        """Say to which entities the worker's records belong: those of their ids, or a new one."""
        named = (self._connection, self._model.record_type, WORKER, self._dataset)
        for key, row in rows.items():
            if row.get("alone"):
                entries.give_home(*named, key)
        attachments.attach(*named, [key for key, row in rows.items() if not row.get("alone")])

    def _caused(
        self,
        entry_id: int,
        entity_id: str,
        applied: Sequence[str],
        carried: Mapping[str, str],
        asked: Mapping[str, str],
    ) -> Entered:
        """Plan what follows, then let the entry take effect."""
        connection, settings = self._connection, self._settings

        def change(values: Mapping[str, str]) -> planning.Change:
            by, why = self._word.said_by, self._word.reason
            cause = _cause(entry_id)
            return planning.Change(self._model, entity_id, values, cause, by, self._at, why)

        sent = planning.plan_deliveries(connection, settings, change(carried)) if carried else []
        resolve_queued(connection, cause=_cause(entry_id), carrying=settings)
        served = self._served(entity_id, asked) if asked else {}
        opened = planning.plan_corrections(connection, settings, change(asked), served)
        record = get_golden(connection, self._word.view, entity_id)
        return Entered(entry_id, record, tuple(applied), tuple(sent), tuple(opened))


def _cause(entry_id: int) -> dict[str, Any]:
    return {"kind": "entry", "entry_id": entry_id}


_ENVELOPE = ("id", "withdrawn", "alone")


def _sort(
    model: type[Section], values: Mapping[str, str | None], served: Mapping[str, str]
) -> _Sorted:
    """Sort fields by what becomes of a word on them, given what is served (design §4.5)."""
    sorted_ = _Sorted()
    for name, value in values.items():
        if value is None:
            sorted_.taken_back.append(name)
            continue
        if _own(model, field_named(model, name)):
            sorted_.said[name] = value
        elif name not in served:
            sorted_.said[name] = sorted_.asked[name] = value
        elif served[name] != value:
            sorted_.asked[name] = value
    return sorted_


def _own(model: type[Section], spec: FieldSpec) -> bool:
    """Tell whether a worker's word counts on a field."""
    return authorities().has_word(f"{WORKER}|{model.collection}", spec)


def _judged(word: Word) -> dict[str, str | None]:
    """Return the values as the fields' kinds have them; raise Unfit where one breaks a rule."""
    values: dict[str, str | None] = {}
    faults: dict[str | None, str] = {}
    known = {spec.name: spec for spec in fields_of(word.model)}
    for name, said in word.said.items():
        spec = known.get(name)
        if spec is None or name not in word.view.names or name in word.view.masked:
            faults[name] = "there is no such field here"
        elif spec.authority == DERIVED:
            faults[name] = "the hub derives this itself"
        elif said is None:
            values[name] = None
        elif not spec.kind.takes(said):
            faults[name] = MISSHAPEN
        else:
            verdict = spec.kind.judge_one(spec.kind.text(said))
            values[name] = verdict.value
            if verdict.value is None:
                faults[name] = _message(verdict.rule) if verdict.rule else "nothing is said"
    if faults or not values:
        raise Unfit(faults or {None: "no field is said"})
    return values


def _message(rule: str) -> str:
    return f"{RULES[rule].zh} {RULES[rule].en}" if rule in RULES else rule
