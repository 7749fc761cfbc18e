"""Records of persons that come, change, go and are judged, written as keeping a batch does."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import insert as insert_into

from hub.database import engine
from hub.store import attachments, tables
from tests.jobs.history import Hub

BEGINNING = datetime(2026, 8, 1, tzinfo=UTC)
#: Whose records they are: a record's number chooses.
DATASETS = (
    ("public_security", "residents"),
    ("street_office", "residents"),
    ("urban_management", "reporters"),
    ("property", "owners"),
)

# Few values, so that records meet: kin, namesakes, twins, shared telephones, ruined numbers.
NAMES = ("马海明", "马海鸣", "马秀英", "马子轩", "马子涵", "李雪梅", "马女士", "马?明")
BIRTHS = ("1980-01-01", "1980-01-11", "2010-05-05", None)
# Their prefix is no county's: nobody bears these.
NUMBERS = ("990102198001010010", "990102198001010037", None, None)
PHONES = ("13997000001", "13997000002", None)
ROOMS = ("康乐|3|1|501", "康乐|3|1|502", None)
EVIDENCE = ('{"citizen_id_no":"990102********0010"}', None, None)
PARTS = (NAMES, BIRTHS, NUMBERS, PHONES, ROOMS, EVIDENCE)

Said = dict[str, str | None]


@dataclass(frozen=True)
class Says:
    """A record comes, or says something else now."""

    number: int
    parts: tuple[int, ...]


@dataclass(frozen=True)
class Goes:
    """A record is withdrawn."""

    number: int


@dataclass(frozen=True)
class Dwelling:
    """The dwelling that the property company's records are tied to is elsewhere, or gone."""

    room: int


@dataclass(frozen=True)
class Judges:
    """A steward says something of two records, or takes back what was said."""

    one: int
    other: int
    verdict: str | None


Event = Says | Goes | Dwelling | Judges


def events(records: int = 7) -> st.SearchStrategy[Event]:
    """Draw something that happens; most often a record says something."""
    number = st.integers(0, records - 1)
    says = st.builds(
        Says, number, st.tuples(*(st.integers(0, len(values) - 1) for values in PARTS))
    )
    verdict = st.sampled_from(("same", "different", "different", "unsure", None))
    judges = st.builds(Judges, number, number, verdict)
    dwelling = st.builds(Dwelling, st.integers(0, len(ROOMS) - 1))
    return st.one_of(says, says, says, st.builds(Goes, number), judges, judges, dwelling)


def person(parts: tuple[int, ...]) -> Said:
    """Say what a record says, by the places of its parts."""
    name, birth, number, phone, room, evidence = (
        values[at] for values, at in zip(PARTS, parts, strict=True)
    )
    return {
        "person_name": name,
        "birth_date": birth
        or (f"{number[6:10]}-{number[10:12]}-{number[12:14]}" if number else None),
        "citizen_id_no": number,
        "contact_phone": phone,
        "address_key": room,
        "compound_key": room and room.split("|")[0],
        "evidence": evidence,
    }


class Registry(Hub):
    """A hub whose records of persons a test writes itself."""

    def live(self, events: Iterable[Event], *, resolving: bool = True) -> None:
        """Let things happen, one after the other."""
        for event in events:
            self.happen(event)
            if resolving:
                self.resolve()

    def live_hastily(self, events: Iterable[Event], seed: int) -> None:
        """Let things happen; resolve of some only what they bring, of others nothing."""
        chance = random.Random(seed)
        for event in events:
            waiting = self.waiting()
            self.happen(event)
            if chance.random() < 0.6:
                self.resolve(only=sorted(self.waiting() - waiting))

    def happen(self, event: Event) -> None:
        """Let one thing happen, and queue what it concerns."""
        match event:
            case Says(number, parts):
                self.write(number, person(parts))
            case Goes(number):
                self.withdraw(number)
            case Dwelling(room):
                self._dwell(ROOMS[room])
            case Judges(one, other, verdict):
                self.judge(one, other, verdict)

    def write(self, number: int, said: Said) -> int:
        """Let a record say this and nothing else."""
        source, dataset = DATASETS[number % len(DATASETS)]
        key = f"K{number:04}"
        record_id = self._record("person", (source, dataset, key), said)
        if source == "property":
            tied = (record_id, "owner", "house", source, "rooms", "R1")
            self._run(tables.tie.delete().where(tables.tie.c.record_id == record_id))
            self._run(tables.tie.insert().values(tied))
        return record_id

    def enter(self, entity_id: str, said: Said) -> None:
        """Let a worker enter this on a person."""
        named = ("worker", "persons", entity_id)
        self._record("person", named, said)
        with engine(self.settings).begin() as connection:
            attachments.attach(connection, "person", *named[:2], [entity_id])

    def write_many(self, said: Iterable[Said]) -> None:
        """Let records numbered from zero say these."""
        for number, one in enumerate(said):
            self.write(number, one)

    def withdraw(self, number: int) -> None:
        table = tables.RECORD["person"]
        gone = table.update().where(table.c.key == f"K{number:04}", table.c.withdrawn_at.is_(None))
        for (record_id,) in self._run(
            gone.values(withdrawn_at=BEGINNING).returning(table.c.record_id)
        ):
            self._queue("person", record_id)

    def judge(self, one: int, other: int, verdict: str | None) -> None:
        """Say something of two records that were there at some time, or take it back (None)."""
        self.judge_records("person", f"K{one:04}", f"K{other:04}", verdict)

    def queue_again(self, number: int) -> None:
        """Have a record looked at again although it says what it said."""
        self._queue("person", self.number_of(number))

    def number_of(self, number: int) -> int:
        """Return a record's number in the hub; 0 where it never came."""
        found = self.ask(f"SELECT record_id FROM record_person WHERE key = 'K{number:04}'")
        return int(found[0][0]) if found else 0

    def judged(self) -> list[Judges]:
        """Return the judgements that count, as what happened."""
        said = sorted(self.words("person"))
        return [Judges(int(one[1:]), int(other[1:]), word) for one, other, word in said]

    def alive(self) -> set[str]:
        """Return the keys of the records that are not withdrawn."""
        return {
            row[0] for row in self.ask("SELECT key FROM record_person WHERE withdrawn_at IS NULL")
        }

    def people(self) -> set[frozenset[int]]:
        """Return who is one person, by the numbers that the test gave the records."""
        return {
            frozenset(int(key.split("/K")[1]) for key in keys)
            for keys in self.ids().values()
            if all(key.startswith("person/") for key in keys)
        }

    def person_of(self, number: int) -> str:
        """Return the id of the person that a record speaks of."""
        key = f"person/K{number:04}"
        (entity,) = (entity for entity, keys in self.ids().items() if key in keys)
        return entity

    def pairs(self) -> dict[tuple[str, str], tuple[float, str, str | None]]:
        """Return the scored pairs by the records' keys."""
        query = """SELECT l.key, r.key, weight, levels, review FROM match
            JOIN record_person l ON l.record_id = left_id
            JOIN record_person r ON r.record_id = right_id"""
        return {
            (min(row[0], row[1]), max(row[0], row[1])): (row[2], row[3], row[4])
            for row in self.ask(query)
        }

    def index(self) -> set[tuple[str, int]]:
        """Return the keys that records are looked up by."""
        query = "SELECT r.key, b.key FROM block_key b JOIN record_person r USING (record_id)"
        rows = self.ask(query)
        found = {(row[0], row[1]) for row in rows}
        assert len(found) == len(rows)
        return found

    def _dwell(self, room: str | None) -> None:
        said = {"address_key": room, "compound_key": room and room.split("|")[0]}
        self._record("house", ("property", "rooms", "R1"), said, gone=room is None)

    def _record(
        self, record_type: str, name: tuple[str, str, str], said: Said, *, gone: bool = False
    ) -> int:
        """Write what a record says in place of what it said; it is first said when it comes."""
        table = tables.RECORD[record_type]
        source, dataset, key = name
        known = {"source": source, "dataset": dataset, "key": key, "row_key": key, "batch_id": 1}
        blank = {"address_key": None, "compound_key": None, "evidence": None}
        values = blank | said | {"recorded_at": BEGINNING, "content_hash": uuid.uuid4()}
        values["withdrawn_at"] = BEGINNING if gone else None
        insert = insert_into(table).values(**known, **values, first_at=BEGINNING)
        upsert = insert.on_conflict_do_update(
            index_elements=["source", "dataset", "key"], set_=values
        )
        ((record_id,),) = self._run(upsert.returning(table.c.record_id))
        self._queue(record_type, record_id)
        return int(record_id)

    def _queue(self, record_type: str, record_id: int) -> None:
        said = {"record_type": record_type, "record_id": record_id}
        self._run(tables.resolve_queue.insert().values(said))

    def _run(self, statement: sa.Executable) -> list[sa.Row[Any]]:
        with engine(self.settings).begin() as connection:
            done = connection.execute(statement)
            return list(done) if done.returns_rows else []
