"""What records of persons say, in the form in which it is compared.

One row a record, text columns, missing where nothing is said. Nothing here depends on the order
of the records; only which telephones are crowded depends on other records at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.hashes import text_hash
from hub.matching.names import Words, read_names
from hub.matching.said import (
    Facts,
    above_room,
    compounds_of,
    each_word,
    fact_column,
    facts_of,
    first_said,
    grown_by,
    is_missing,
    legible_digits,
    listed_words,
    month_of,
    numbered_address,
    only_where,
    plain_sex,
    shared_words,
)

Ints = npt.NDArray[np.int32]
#: Telephones: the position of a record, and for each what is dialled.
Phones = tuple[npt.NDArray[np.int64], Words]

#: What `read_features` needs of a record; other columns are not looked at.
RECORD_COLUMNS = (
    "record_id", "source", "dataset", "key", "evidence", "address_key", "compound_key",
    "tied_address_key", "standard_address", "citizen_id_no", "id_document_no", "person_name",
    "former_name", "birth_date", "sex_code", "contact_phone", "household_no",
    "household_register_division_code", "household_register_address", "recorded_at",
)  # fmt: skip
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
    "latin", "former", "sex", "birth", "birth_month", "grown", *PHONES, *SHARED, *ROOMS,
    *BUILDINGS, *COMPOUNDS, *DOORS, "household", "registered", "register", "rank",
)  # fmt: skip


@dataclass(frozen=True)
class Features:
    """Records in comparable form; pairs refer to them by position."""

    record_ids: npt.NDArray[np.int64]
    #: What each record says, a column each of `COLUMNS`; None where it says nothing.
    columns: dict[str, Words] = field(repr=False)
    phones: Phones = field(repr=False)

    def __len__(self) -> int:
        return len(self.record_ids)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Return the columns as a frame of text."""
        return pd.DataFrame(self.columns, columns=list(COLUMNS)).astype("str")

    def only(self, at: npt.NDArray[np.int64]) -> Features:
        """Return some of the records, in the order of the positions given."""
        place = np.full(len(self), -1, dtype=np.int64)
        place[at] = np.arange(len(at))
        rows, said = place[self.phones[0]], self.phones[1]
        columns = {name: words[at] for name, words in self.columns.items()}
        return Features(self.record_ids[at], columns, (rows[rows >= 0], said[rows >= 0]))

    def crowd(self, crowded: Collection[str]) -> Features:
        """Tell telephones that too many records hold from the others."""
        rows, said = self.phones
        full = np.array([phone in crowded for phone in said], dtype=np.bool_)
        columns = {
            **self.columns,
            **_spread((rows[~full], said[~full]), len(self), PHONES),
            **_spread((rows[full], said[full]), len(self), SHARED),
        }
        return Features(self.record_ids, columns, self.phones)

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
        ranks[np.argsort(self.columns["rank"].astype("S32"), kind="stable")] = np.arange(len(self))
        return ranks

    def known(self, column: str) -> npt.NDArray[np.bool_]:
        """Tell which records say something in a column."""
        return np.asarray(self.codes((column,))[0] >= 0)

    def text(self, column: str) -> Words:
        """Return a column's words; what is missing is an empty string."""
        return first_said(self.columns[column], np.full(len(self), "", dtype=object))

    def numbered(self, column: str) -> tuple[Ints, Words]:
        """Number the words of a column; return the numbers, -1 for missing, and the words."""
        if column not in self._numbered:
            codes, words = pd.factorize(self.columns[column])
            self._numbered[column] = codes.astype(np.int32), words
        return self._numbered[column]

    def codes(self, columns: tuple[str, ...]) -> Ints:
        """Number the values of columns alike, one column of numbers each; -1 is missing."""
        if columns not in self._codes:
            if len(columns) == 1:
                numbers = self.numbered(columns[0])[0]
            else:
                whole = np.concatenate([self.columns[name] for name in columns])
                numbers = pd.factorize(whole)[0].astype(np.int32)
            self._codes[columns] = numbers.reshape(len(columns), len(self))
        return self._codes[columns]

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
            whole = self.text(column).astype(f"S{length}")
            self._signs[column] = whole.view(np.uint8).reshape(len(self), length)
        return self._signs[column]

    def words(self, columns: tuple[str, ...]) -> tuple[npt.NDArray[np.int64], list[str]]:
        """Number the first thing said in any of the columns; return the numbers and the words."""
        if columns not in self._words:
            said = self.columns[columns[0]]
            for name in columns[1:]:
                said = first_said(said, self.columns[name])
            numbers, distinct = pd.factorize(said)
            # A missing word has code -1 and so takes the nothing at the end.
            found = np.where(numbers < 0, len(distinct), numbers).astype(np.int64)
            self._words[columns] = found, [*map(str, distinct), ""]
        return self._words[columns]

    @cached_property
    def _numbered(self) -> dict[str, tuple[Ints, Words]]:
        return {}

    @cached_property
    def _signs(self) -> dict[str, npt.NDArray[np.uint8]]:
        return {}

    @cached_property
    def _words(self) -> dict[tuple[str, ...], tuple[npt.NDArray[np.int64], list[str]]]:
        return {}

    @cached_property
    def _codes(self) -> dict[tuple[str, ...], Ints]:
        return {}


def read_features(records: pd.DataFrame, crowded: Collection[str] | None = None) -> Features:
    """Read records (`RECORD_COLUMNS`, text) into comparable form.

    ``crowded``: the telephones that too many records hold; None takes the records given for all
    there are.
    """
    features = read_apart(records)
    full = crowded_phones(features.phones[1]) if crowded is None else crowded
    return features.crowd(full)


def read_apart(records: pd.DataFrame) -> Features:
    """Read records; which of their telephones are crowded `Features.crowd` is told later."""
    ids = np.asarray(records["record_id"].astype("int64"), dtype=np.int64)
    said = _cells(records)
    facts = facts_of(said["evidence"])
    parts = read_names(said["person_name"])
    named = zip(said["source"], said["dataset"], said["key"], strict=True)
    columns = {
        **_numbers(said, facts),
        **{name: words for name, words in parts.items() if name != "title_sex"},
        "former": read_names(said["former_name"])["name"],
        "sex": first_said(each_word(said["sex_code"], plain_sex)[0], parts["title_sex"]),
        **_births(said, facts),
        "grown": only_where(parts["title"] == "1", each_word(said["recorded_at"], grown_by)[0]),
        **_places(said),
        **_households(said),
        "register": only_where(np.isin(said["dataset"], list(REGISTERS)), said["source"]),
        # A fingerprint of what names the record at its source puts records in an order that
        # has nothing to do with when they came.
        "rank": np.array([text_hash("\x1f".join(name)) for name in named], dtype=object),
    }
    return Features(ids, columns, _phones(said, facts))


def joined(*parts: Features) -> Features:
    """Put records together that were read apart."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *map(len, parts[:-1])])
    columns = {
        name: np.concatenate([one.columns[name] for one in parts]) for name in parts[0].columns
    }
    rows = [one.phones[0] + start for one, start in zip(parts, starts, strict=True)]
    phones = (np.concatenate(rows), np.concatenate([one.phones[1] for one in parts]))
    return Features(np.concatenate([one.record_ids for one in parts]), columns, phones)


def crowded_phones(phones: Words) -> frozenset[str]:
    """Find, of all records' telephones, those that more than `CROWDED` records hold."""
    counts = Counter(phones.tolist())
    return frozenset(phone for phone, count in counts.items() if count > CROWDED)


def _cells(records: pd.DataFrame) -> dict[str, Words]:
    """Take the columns out of a frame; those it lacks are empty."""
    nothing: Words = np.full(len(records), None, dtype=object)
    return {
        name: shared_words(records[name]) if name in records else nothing for name in RECORD_COLUMNS
    }


def _phones(said: dict[str, Words], facts: Facts) -> Phones:
    """List the telephones of all records, each record's own and those among the facts, once."""
    own = said["contact_phone"]
    found = {int(row): [own[row]] for row in np.flatnonzero(~is_missing(own))}
    for name, told in facts.items():
        if "phone" in name and "emergency" not in name and name != "contact_phone":
            for row, text in told.items():
                found.setdefault(row, []).extend(listed_words(text))
    listed = [(row, phone) for row, phones in found.items() for phone in sorted(set(phones))]
    phones: Words = np.full(len(listed), None, dtype=object)
    phones[:] = [phone for _, phone in listed]
    return np.array([row for row, _ in listed], dtype=np.int64), phones


def _numbers(said: dict[str, Words], facts: Facts) -> dict[str, Words]:
    citizen = said["citizen_id_no"]
    raw = fact_column(facts, "citizen_id_no", len(citizen))
    digits, document = each_word(raw, legible_digits, 2)
    other = first_said(said["id_document_no"], document)
    return {"number": first_said(citizen, other), "digits": first_said(citizen, digits)}


def _births(said: dict[str, Words], facts: Facts) -> dict[str, Words]:
    birth = said["birth_date"]
    told = each_word(fact_column(facts, "birth_date", len(birth)), month_of)[0]
    return {
        "birth": birth,
        "birth_month": first_said(each_word(birth, lambda day: day[:7])[0], told),
    }


def _spread(phones: Phones, size: int, names: tuple[str, ...]) -> dict[str, Words]:
    """Write the first telephones of each record into columns of their own."""
    rows, said = phones
    table = np.full((len(names), size), None, dtype=object)
    # A record's telephones stand side by side.
    begins = np.flatnonzero(np.diff(rows, prepend=-1))
    place = np.arange(len(rows)) - np.repeat(begins, np.diff(begins, append=len(rows)))
    few = place < len(names)
    table[place[few], rows[few]] = said[few]
    return dict(zip(names, table, strict=True))


def _places(said: dict[str, Words]) -> dict[str, Words]:
    """Say where the person lives, and which dwelling a tie of the record names."""
    room, compound = said["address_key"], said["compound_key"]
    vague = only_where(is_missing(room) & is_missing(compound), said["standard_address"])
    compound = first_said(compound, compounds_of(vague))
    columns: dict[str, Words] = {}
    for nth, (key, own) in enumerate(
        ((room, compound), (said["tied_address_key"], np.full(len(room), None, dtype=object))), 1
    ):
        place, building, door = each_word(key, above_room, 3)
        columns |= {
            f"room_{nth}": key,
            f"building_{nth}": building,
            f"door_{nth}": door,
            f"compound_{nth}": first_said(own, place),
        }
    return columns


def _households(said: dict[str, Words]) -> dict[str, Words]:
    address = each_word(said["household_register_address"], numbered_address)[0]
    division = first_said(said["household_register_division_code"], np.full(len(address), ""))
    known = ~is_missing(address)
    registered: Words = np.full(len(address), None, dtype=object)
    registered[known] = division[known] + "|" + address[known]
    return {"household": said["household_no"], "registered": registered}
