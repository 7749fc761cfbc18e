"""What records of persons say, in the form in which it is compared.

One row a record, text columns, missing where nothing is said. Nothing here depends on the order
of the records; only which telephones are crowded depends on other records at all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd

from hub.hashes import cells, row_hashes
from hub.matching.names import Words, read_names
from schemas.addresses import compound_key, parse_addresses
from schemas.chinese import folded

Ints = npt.NDArray[np.int32]
#: name of a fact → position of a record → what it says
Facts = dict[str, dict[int, str]]

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

#: The age from which people are spoken of with a title.
_GROWN_AT = 16

PHONES = ("phone_1", "phone_2", "phone_3")
SHARED = ("shared_1", "shared_2", "shared_3")
ROOMS, BUILDINGS = ("room_1", "room_2"), ("building_1", "building_2")
COMPOUNDS, DOORS = ("compound_1", "compound_2"), ("door_1", "door_2")
COLUMNS = (
    "number", "digits", "name", "legible", "surname", "given", "title", "sound", "slips",
    "latin", "former", "sex", "birth", "birth_month", "grown", *PHONES, *SHARED, *ROOMS,
    *BUILDINGS, *COMPOUNDS, *DOORS, "household", "registered", "register", "rank",
)  # fmt: skip

_MASK = "[*×XxＸ●○•?？_#]"
_MASKED = re.compile(rf"([0-9]{{1,14}}){_MASK}{{3,}}([0-9]{{0,6}}[0-9X]?)")
_POWER = re.compile(r"([0-9])\.([0-9]+)E\+?17")
_CUT_OFF = re.compile(r"([1-9][0-9]{14})000(?:\.0+)?")
_TYPED = re.compile("[1-9][0-9]{16}[0-9X]")
_OLD = re.compile("[1-9][0-9]{14}")
_DOCUMENT = re.compile("[A-Z]{1,2}[0-9]{6,10}")
_REPEATED = re.compile(r"(.)\1{9,}|.*123456789012345.*")
_DIGIT = re.compile("[0-9０-９]")
_MONTH = re.compile(r"([12][0-9]{3})\s*[年./-]\s*(1[0-2]|0?[1-9])\s*(?:月|$)")


@dataclass(frozen=True)
class Features:
    """Records in comparable form; pairs refer to them by position."""

    record_ids: npt.NDArray[np.int64]
    frame: pd.DataFrame = field(repr=False)

    def __len__(self) -> int:
        return len(self.record_ids)

    def positions(self, record_ids: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Find where records stand."""
        order = np.argsort(self.record_ids, kind="stable")
        at = np.searchsorted(self.record_ids[order], np.asarray(record_ids))
        return np.asarray(order[at], dtype=np.int64)

    @cached_property
    def ranks(self) -> npt.NDArray[np.int64]:
        """Number the records in an order that depends on nothing but their names at the source."""
        ranks = np.empty(len(self), dtype=np.int64)
        ranks[np.argsort(self.text("rank").astype(str), kind="stable")] = np.arange(len(self))
        return ranks

    def text(self, column: str) -> npt.NDArray[np.object_]:
        """Return a column's words; what is missing is an empty string."""
        return np.asarray(self.frame[column].fillna("").to_numpy(dtype=object))

    def codes(self, columns: tuple[str, ...]) -> Ints:
        """Number the values of columns alike, one column of numbers each; -1 is missing."""
        if columns not in self._codes:
            whole = pd.concat([self.frame[name] for name in columns], ignore_index=True)
            numbers, _ = pd.factorize(whole)
            shape = (len(columns), len(self))
            self._codes[columns] = np.ascontiguousarray(numbers.astype(np.int32).reshape(shape))
        return self._codes[columns]

    def months(self, column: str) -> npt.NDArray[np.float64]:
        """Count the months of a column of YYYY-MM; what is missing compares with nothing."""
        said = self.frame[column]
        year, month = (pd.to_numeric(part) for part in (said.str[:4], said.str[5:7]))
        return np.asarray((year * 12 + month).to_numpy(dtype=np.float64, na_value=np.nan))

    def signs(self, column: str, length: int) -> npt.NDArray[np.uint8]:
        """Return the signs of a column of ASCII text, a row each; zeros where it is missing."""
        if column not in self._signs:
            whole = self.text(column).astype(f"S{length}")
            self._signs[column] = whole.view(np.uint8).reshape(len(self), length)
        return self._signs[column]

    def words(self, columns: tuple[str, ...]) -> tuple[npt.NDArray[np.int64], list[str]]:
        """Number the first thing said in any of the columns; return the numbers and the words."""
        if columns not in self._words:
            said = self.frame[columns[0]]
            for name in columns[1:]:
                said = said.fillna(self.frame[name])
            numbers, distinct = pd.factorize(said.fillna(""))
            self._words[columns] = numbers.astype(np.int64), [str(word) for word in distinct]
        return self._words[columns]

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

    ``crowded``: the telephones that too many records hold (`crowded_phones` of all records);
    None takes the records given for all there are.
    """
    ids = np.asarray(records["record_id"].astype("int64"), dtype=np.int64)
    said = _cells(records)
    facts = _evidence(said["evidence"])
    parts = read_names(said["person_name"])
    phones = _phones(said, facts)
    full = _full_phones(phones) if crowded is None else frozenset(crowded)
    columns = {
        **_numbers(said, facts),
        **{name: words for name, words in parts.items() if name != "title_sex"},
        "former": read_names(said["former_name"])["name"],
        "sex": _first(_each(said["sex_code"], _sex)[0], parts["title_sex"]),
        **_births(said, facts),
        "grown": _only(parts["title"] == "1", _each(said["recorded_at"], _grown)[0]),
        **_spread(phones, len(ids), PHONES, lambda phone: phone not in full),
        **_spread(phones, len(ids), SHARED, lambda phone: phone in full),
        **_places(said),
        **_households(said),
        "register": _only(np.isin(said["dataset"], list(REGISTERS)), said["source"]),
        # A fingerprint of what names the record at its source puts records in an order that
        # has nothing to do with when they came.
        "rank": cells(row_hashes(records[["source", "dataset", "key"]].astype("str"))),
    }
    return Features(ids, pd.DataFrame(columns, columns=list(COLUMNS)).astype("str"))


def crowded_phones(records: pd.DataFrame) -> frozenset[str]:
    """Find the telephones that more than `CROWDED` records hold."""
    said = _cells(records)
    return _full_phones(_phones(said, _evidence(said["evidence"])))


def phones_of(records: pd.DataFrame) -> pd.DataFrame:
    """List the telephones of records, each once a record: ``record_id`` and ``phone``."""
    said = _cells(records)
    rows = _phones(said, _evidence(said["evidence"]))
    ids = np.asarray(records["record_id"].astype("int64"), dtype=np.int64)
    listed = [(ids[row], phone) for row, phones in rows.items() for phone in phones]
    return pd.DataFrame(listed, columns=["record_id", "phone"])


def _cells(records: pd.DataFrame) -> dict[str, Words]:
    """Take the columns out of a frame; those it lacks are empty."""
    nothing: Words = np.full(len(records), None, dtype=object)
    return {name: cells(records[name]) if name in records else nothing for name in RECORD_COLUMNS}


def _each(
    said: Words, read: Callable[[str], Words | str | tuple[str | None, ...] | None], count: int = 1
) -> list[Words]:
    """Read each distinct word once, into so many columns."""
    codes, distinct = pd.factorize(said)
    # A missing word has code -1 and so takes the nothing at the end.
    table = np.full((len(distinct) + 1, count), None, dtype=object)
    for at, word in enumerate(distinct):
        table[at] = read(word)
    return list(table[codes].T)


def _first(said: Words, otherwise: Words) -> Words:
    """Fill what is missing from another column."""
    return np.where(_missing(said), otherwise, said)


def _only(where: npt.NDArray[np.bool_], said: Words) -> Words:
    """Keep a column's words in some places only."""
    kept = said.copy()
    kept[~np.asarray(where, dtype=np.bool_)] = None
    return kept


def _missing(said: Words) -> npt.NDArray[np.bool_]:
    return np.asarray(pd.isna(said), dtype=np.bool_)


def _phones(said: dict[str, Words], facts: Facts) -> dict[int, list[str]]:
    """Give the telephones of each record that has any, its own and those among the facts."""
    own = said["contact_phone"]
    found = {int(row): [own[row]] for row in np.flatnonzero(~_missing(own))}
    for name, told in facts.items():
        if "phone" in name and "emergency" not in name and name != "contact_phone":
            for row, text in told.items():
                found.setdefault(row, []).extend(_listed(text))
    return {row: sorted(set(phones)) for row, phones in found.items()}


def _full_phones(phones: dict[int, list[str]]) -> frozenset[str]:
    counts = Counter(phone for listed in phones.values() for phone in listed)
    return frozenset(phone for phone, count in counts.items() if count > CROWDED)


def _evidence(said: Words) -> Facts:
    """Take the facts apart: for each name the records that have it, by position."""
    facts: Facts = {}
    for row in np.flatnonzero(~_missing(said)).tolist():
        for name, value in orjson.loads(said[row]).items():
            facts.setdefault(name, {})[row] = str(value)
    return facts


def _fact(facts: Facts, name: str, size: int) -> Words:
    column: Words = np.full(size, None, dtype=object)
    for row, value in facts.get(name, {}).items():
        column[row] = value
    return column


def _listed(text: str) -> list[str]:
    if not text.startswith("["):
        return [text]
    return [str(one) for one in orjson.loads(text)]


def _numbers(said: dict[str, Words], facts: Facts) -> dict[str, Words]:
    citizen = said["citizen_id_no"]
    raw = _fact(facts, "citizen_id_no", len(citizen))
    digits, document = _each(raw, _legible_digits, 2)
    other = _first(said["id_document_no"], document)
    return {"number": _first(citizen, other), "digits": _first(citizen, digits)}


def _legible_digits(said: str) -> tuple[str | None, str | None]:
    """Read what is left of an id number: eighteen places, ``?`` for each unknown; or a document."""
    text = folded(said)
    if _REPEATED.fullmatch(text):
        return None, None
    if _TYPED.fullmatch(text):
        cut = _CUT_OFF.fullmatch(text)
        return (cut[1] + "???" if cut else text), None
    if power := _POWER.fullmatch(text):
        # The last digit shown has been rounded.
        return (power[1] + power[2])[:-1][:17].ljust(18, "?"), None
    if masked := _MASKED.fullmatch(text):
        return masked[1] + masked[2].rjust(18 - len(masked[1]), "?"), None
    if _OLD.fullmatch(text):
        return f"{text[:6]}19{text[6:]}?", None
    return None, text if _DOCUMENT.fullmatch(text) else None


def _births(said: dict[str, Words], facts: Facts) -> dict[str, Words]:
    birth = said["birth_date"]
    told = _each(_fact(facts, "birth_date", len(birth)), _month)[0]
    return {"birth": birth, "birth_month": _first(_each(birth, lambda day: day[:7])[0], told)}


def _sex(code: str) -> str | None:
    return code if code in ("1", "2") else None


def _grown(recorded_at: str) -> str | None:
    """Say by which month whoever is called Mr or Ms at that time must have been born."""
    year = recorded_at[:4]
    return f"{int(year) - _GROWN_AT}-12" if year.isdecimal() else None


def _month(said: str) -> str | None:
    found = _MONTH.match(folded(said))
    return f"{found[1]}-{int(found[2]):02d}" if found else None


def _spread(
    phones: dict[int, list[str]], size: int, names: tuple[str, ...], wanted: Callable[[str], bool]
) -> dict[str, Words]:
    """Write the first wanted telephones of each record into columns of their own."""
    table = np.full((len(names), size), None, dtype=object)
    for row, listed in phones.items():
        for place, phone in enumerate(filter(wanted, listed)):
            if place < len(names):
                table[place, row] = phone
    return dict(zip(names, table, strict=True))


def _places(said: dict[str, Words]) -> dict[str, Words]:
    """Say where the person lives, and which dwelling a tie of the record names."""
    room, compound = said["address_key"], said["compound_key"]
    vague = _only(_missing(room) & _missing(compound), said["standard_address"])
    compound = _first(compound, _compound_of(vague))
    columns: dict[str, Words] = {}
    for nth, (key, own) in enumerate(
        ((room, compound), (said["tied_address_key"], np.full(len(room), None, dtype=object))), 1
    ):
        place, building, door = _each(key, _above_room, 3)
        columns |= {
            f"room_{nth}": key,
            f"building_{nth}": building,
            f"door_{nth}": door,
            f"compound_{nth}": _first(own, place),
        }
    return columns


def _above_room(key: str) -> tuple[str | None, ...]:
    """Give of an address key its place, its building there, and its door wherever that is."""
    place, building, below = [*key.split("|", 2), "", ""][:3]
    if not building:
        return place, None, None
    door = None if below.endswith("|") else f"{building}|{below}"
    return place, f"{place}|{building}", door


def _compound_of(addresses: Words) -> Words:
    """Read the compound off addresses that go no further."""
    codes, distinct = pd.factorize(addresses)
    if not len(distinct):
        return addresses
    told = compound_key(parse_addresses(pd.Series(distinct, dtype="str"))["compound_name"])
    return np.array([*cells(told), None], dtype=object)[codes]


def _households(said: dict[str, Words]) -> dict[str, Words]:
    address = _each(said["household_register_address"], _numbered)[0]
    division = _first(said["household_register_division_code"], np.full(len(address), ""))
    known = ~_missing(address)
    registered: Words = np.full(len(address), None, dtype=object)
    registered[known] = division[known] + "|" + address[known]
    return {"household": said["household_no"], "registered": registered}


def _numbered(address: str) -> str | None:
    """Fold an address; without a number it is a whole street or village and tells nobody apart."""
    return folded(address) if _DIGIT.search(address) else None
