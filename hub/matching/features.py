"""What records of persons say, in the form in which it is compared.

One row a record, text columns, missing where nothing is said. Nothing here depends on the order
of the records; only which telephones are crowded depends on other records at all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.hashes import text_digest
from hub.matching.coded import (
    Column,
    Ints,
    Words,
    behind,
    column_at,
    column_of,
    each_parts,
    each_word,
    first_said,
    nothing,
    only_where,
)
from hub.matching.names import read_names
from hub.matching.said import (
    Facts,
    above_room,
    compounds_of,
    fact_column,
    facts_of,
    grown_by,
    legible_digits,
    listed_words,
    month_of,
    numbered_address,
    plain_sex,
    unlike_birth,
)
from schemas.distinct import cells

#: Telephones: the position of a record, and for each what is dialled.
Phones = tuple[npt.NDArray[np.int64], Column]
#: Records as they are kept: columns of text.
Records = pd.DataFrame | Mapping[str, Sequence[str | None]]

#: What `read_features` needs of a record; other columns are not looked at.
RECORD_COLUMNS = (
    "record_id", "source", "dataset", "key", "evidence", "address_key", "compound_key",
    "tied_address_key", "standard_address", "citizen_id_no", "id_document_no", "person_name",
    "former_name", "birth_date", "sex_code", "contact_phone", "household_no",
    "household_register_division_code", "household_register_address", "recorded_at",
)  # fmt: skip
_COMPARED = tuple(name for name in RECORD_COLUMNS if name not in ("record_id", "key", "evidence"))
#: Datasets that list each person once, so that two of their records seldom speak of one.
REGISTERS = frozenset({"residents"})
#: A telephone on so many records is an agent's or an office's and tells nobody apart.
CROWDED = 16

PHONES = ("phone_1", "phone_2", "phone_3")
SHARED = ("shared_1", "shared_2", "shared_3")
ROOMS, BUILDINGS = ("room_1", "room_2"), ("building_1", "building_2")
COMPOUNDS, DOORS = ("compound_1", "compound_2"), ("door_1", "door_2")
COLUMNS = (
    "number", "digits", "name", "legible", "surname", "given", "title", "sound", "slips",
    "latin", "former", "sex", "birth", "birth_month", "belied", "grown", *PHONES, *SHARED, *ROOMS,
    *BUILDINGS, *COMPOUNDS, *DOORS, "household", "registered", "register",
)  # fmt: skip

_NUMBERED = ("record_ids", "names")


@dataclass(frozen=True)
class Features:
    """Records in comparable form; pairs refer to them by position."""

    record_ids: npt.NDArray[np.int64]
    #: What each record says, a column each of `COLUMNS`.
    columns: dict[str, Column] = field(repr=False)
    phones: Phones = field(repr=False)
    #: A fingerprint of what names each record at its source: an order of the records that has
    #: nothing to do with when they came.
    names: npt.NDArray[np.bytes_] = field(repr=False)

    def __len__(self) -> int:
        return len(self.record_ids)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Return the columns as a frame of text."""
        columns = {name: self.columns[name].said() for name in COLUMNS}
        return pd.DataFrame(columns, columns=list(COLUMNS)).astype("str")

    def only(self, at: npt.NDArray[np.int64]) -> Features:
        """Return some of the records, in the order of the positions given."""
        place = np.full(len(self), -1, dtype=np.int64)
        place[at] = np.arange(len(at))
        rows, said = place[self.phones[0]], self.phones[1]
        columns = {name: column.only(at) for name, column in self.columns.items()}
        phones = (rows[rows >= 0], said.only(rows >= 0))
        return Features(self.record_ids[at], columns, phones, self.names[at])

    def crowd(self, crowded: Collection[str]) -> Features:
        """Tell telephones that too many records hold from the others."""
        rows, said = self.phones
        known = [phone in crowded for phone in said.words]
        full = np.array(known, dtype=np.bool_)[said.codes]
        columns = {
            **self.columns,
            **_spread((rows[~full], only_where(~full, said).only(~full)), len(self), PHONES),
            **_spread((rows[full], only_where(full, said).only(full)), len(self), SHARED),
        }
        return Features(self.record_ids, columns, self.phones, self.names)

    def positions(self, record_ids: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Find where records stand."""
        ids, order = self._ordered
        at = np.searchsorted(ids, np.asarray(record_ids, dtype=np.int64))
        return np.asarray(order[at], dtype=np.int64)

    @cached_property
    def _ordered(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
        order = np.argsort(self.record_ids, kind="stable")
        return self.record_ids[order], order

    @cached_property
    def ranks(self) -> npt.NDArray[np.int64]:
        """Number the records in an order that depends on nothing but their names at the source."""
        ranks = np.empty(len(self), dtype=np.int64)
        ranks[np.argsort(self.names, kind="stable")] = np.arange(len(self))
        return ranks

    def known(self, column: str) -> npt.NDArray[np.bool_]:
        """Tell which records say something in a column."""
        return self.columns[column].known

    def text(self, column: str) -> Words:
        """Return a column's words; what is missing is an empty string."""
        return self.columns[column].said("")

    def numbered(self, column: str) -> Column:
        """Return a column as numbers, -1 for missing, and the words they stand for."""
        return self.columns[column]

    def codes(self, columns: tuple[str, ...]) -> Ints:
        """Number the values of columns alike, one column of numbers each; -1 is missing."""
        return self._alike(columns)[0]

    def _alike(self, columns: tuple[str, ...]) -> tuple[Ints, list[str]]:
        if columns not in self._known_alike:
            found = behind(*(self.columns[name] for name in columns))
            self._known_alike[columns] = found.codes.reshape(len(columns), -1), found.words
        return self._known_alike[columns]

    @cached_property
    def name_lengths(self) -> npt.NDArray[np.int64]:
        """Count the signs of the names; a missing one has none."""
        codes, names = self.numbered("name")
        return np.array([*map(len, names), 0], dtype=np.int64)[codes]

    def months(self, column: str) -> npt.NDArray[np.float64]:
        """Count the months of a column of YYYY-MM; what is missing compares with nothing."""
        codes, said = self.numbered(column)
        months = [int(year) * 12 + int(month) for year, month in (one.split("-") for one in said)]
        return np.array([*months, np.nan], dtype=np.float64)[codes]

    def signs(self, column: str, length: int) -> npt.NDArray[np.uint8]:
        """Return the signs of a column of ASCII text, a row each; zeros where it is missing."""
        if column not in self._signs:
            codes, words = self.columns[column]
            table = np.array([*words, ""], dtype=f"S{length}")
            self._signs[column] = table[codes].view(np.uint8).reshape(len(self), length)
        return self._signs[column]

    def words(self, columns: tuple[str, ...]) -> tuple[npt.NDArray[np.int64], list[str]]:
        """Number the first thing said in any of the columns; return the numbers and the words."""
        codes, words = self._alike(columns)
        found = codes[0].astype(np.int64)
        for other in codes[1:]:
            found = np.where(found < 0, other, found)
        # A missing word takes the nothing at the end.
        return np.where(found < 0, len(words), found), [*words, ""]

    @cached_property
    def _signs(self) -> dict[str, npt.NDArray[np.uint8]]:
        return {}

    @cached_property
    def _known_alike(self) -> dict[tuple[str, ...], tuple[Ints, list[str]]]:
        return {}


def read_features(records: Records, crowded: Collection[str] | None = None) -> Features:
    """Read records (`RECORD_COLUMNS`, text) into comparable form.

    ``crowded``: the telephones that too many records hold; None takes the records given for all
    there are.
    """
    features = read_apart(records)
    full = crowded_phones(features.phones[1]) if crowded is None else crowded
    return features.crowd(full)


def read_apart(records: Records) -> Features:
    """Read records; which of their telephones are crowded `Features.crowd` is told later."""
    ids = np.array([*map(int, records["record_id"])], dtype=np.int64)
    facts = facts_of(_cells(records, "evidence"))
    said = {
        name: column_of(records[name]) if name in records else nothing(len(ids))
        for name in _COMPARED
    }
    parts = read_names(said["person_name"])
    columns = {
        **_numbers(said, facts),
        **{name: column for name, column in parts.items() if name != "title_sex"},
        "former": read_names(said["former_name"], ["name"])["name"],
        "sex": first_said(each_word(said["sex_code"], plain_sex), parts["title_sex"]),
        **_births(said, facts),
        "belied": _belied(said, facts),
        "grown": each_word(only_where(parts["title"].known, said["recorded_at"]), grown_by),
        **_places(said),
        **_households(said),
        "register": _registers(said),
    }
    named = zip(*(_cells(records, name) for name in ("source", "dataset", "key")), strict=True)
    names = np.array([text_digest("\x1f".join(name)) for name in named], dtype="S16")
    return Features(ids, columns, _phones(said, facts), names)


def joined(*parts: Features) -> Features:
    """Put records together that were read apart."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *map(len, parts[:-1])])
    columns = {name: behind(*(one.columns[name] for one in parts)) for name in parts[0].columns}
    rows = [one.phones[0] + start for one, start in zip(parts, starts, strict=True)]
    phones = (np.concatenate(rows), behind(*(one.phones[1] for one in parts)))
    ids, names = (np.concatenate([getattr(one, of) for one in parts]) for of in _NUMBERED)
    return Features(ids, columns, phones, names)


def crowded_phones(phones: Column) -> frozenset[str]:
    """Find, of all records' telephones, those that more than `CROWDED` records hold."""
    counts = np.bincount(phones.codes, minlength=len(phones.words))
    return frozenset(phones.words[at] for at in np.flatnonzero(counts > CROWDED).tolist())


def _cells(records: Records, name: str) -> Words | Sequence[str | None]:
    """Take the words of a column as they are."""
    said = records[name] if name in records else [None] * len(records["record_id"])
    return cells(said) if isinstance(said, pd.Series) else said


def _phones(said: dict[str, Column], facts: Facts) -> Phones:
    """List the telephones of all records, each record's own and those among the facts, once."""
    own = said["contact_phone"]
    at = np.flatnonzero(own.known)
    found = {row: [phone] for row, phone in zip(at.tolist(), own.only(at).said(), strict=True)}
    for name, told in facts.items():
        if "phone" in name and "emergency" not in name and name != "contact_phone":
            for row, text in told.items():
                found.setdefault(row, []).extend(listed_words(text))
    listed = [(row, phone) for row, phones in found.items() for phone in sorted(set(phones))]
    rows = np.array([row for row, _ in listed], dtype=np.int64)
    return rows, column_of([phone for _, phone in listed])


def _numbers(said: dict[str, Column], facts: Facts) -> dict[str, Column]:
    citizen = said["citizen_id_no"]
    raw = fact_column(facts, "citizen_id_no", len(citizen.codes))
    digits, document = each_parts(raw, legible_digits, 2)
    other = first_said(said["id_document_no"], document)
    return {"number": first_said(citizen, other), "digits": first_said(citizen, digits)}


def _births(said: dict[str, Column], facts: Facts) -> dict[str, Column]:
    birth = said["birth_date"]
    told = each_word(fact_column(facts, "birth_date", len(birth.codes)), month_of)
    return {"birth": birth, "birth_month": first_said(each_word(birth, lambda day: day[:7]), told)}


def _belied(said: dict[str, Column], facts: Facts) -> Column:
    """Keep what a row tells of birth and sex where its number says another birth and sex.

    Where a number decides on these, what the row says itself is among the facts.
    """
    birth, sex = said["birth_date"], said["sex_code"]
    size = len(sex.codes)
    told = each_word(fact_column(facts, "sex_code", size), plain_sex)
    other = only_where(sex.known & (sex.said() != told.said()), told)
    return first_said(unlike_birth(birth, fact_column(facts, "birth_date", size)), other)


def _spread(phones: Phones, size: int, names: tuple[str, ...]) -> dict[str, Column]:
    """Write the first telephones of each record into columns of their own."""
    rows, said = phones
    if not len(rows):
        return dict.fromkeys(names, nothing(size))
    table = np.full((len(names), size), -1, dtype=np.int32)
    # A record's telephones stand side by side.
    begins = np.flatnonzero(np.diff(rows, prepend=-1))
    place = np.arange(len(rows)) - np.repeat(begins, np.diff(begins, append=len(rows)))
    few = place < len(names)
    table[place[few], rows[few]] = said.codes[few]
    return {name: Column(codes, said.words) for name, codes in zip(names, table, strict=True)}


def _places(said: dict[str, Column]) -> dict[str, Column]:
    """Say where the person lives, and which dwelling a tie of the record names."""
    room, compound = said["address_key"], said["compound_key"]
    vague = only_where(~(room.known | compound.known), said["standard_address"])
    compound = first_said(compound, compounds_of(vague))
    columns: dict[str, Column] = {}
    for nth, (key, own) in enumerate(
        ((room, compound), (said["tied_address_key"], nothing(len(room.codes)))), 1
    ):
        place, building, door = each_parts(key, above_room, 3)
        columns |= {
            f"room_{nth}": key,
            f"building_{nth}": building,
            f"door_{nth}": door,
            f"compound_{nth}": first_said(own, place),
        }
    return columns


def _households(said: dict[str, Column]) -> dict[str, Column]:
    address = each_word(said["household_register_address"], numbered_address)
    at = np.flatnonzero(address.known)
    division = said["household_register_division_code"].only(at).said("")
    words = (division + "|" + address.only(at).said()).tolist()
    registered = column_at(at, words, len(address.codes))
    return {"household": said["household_no"], "registered": registered}


def _registers(said: dict[str, Column]) -> Column:
    """Say which list names a record, where it lists each person once."""
    listed = each_word(said["dataset"], lambda name: name if name in REGISTERS else None)
    return only_where(listed.known, said["source"])
