"""What records of persons say, in the form in which it is compared.

One row a record, text columns, missing where nothing is said. Nothing here depends on the order
of the records; only which telephones are crowded depends on other records at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd

from hub.hashes import row_hashes
from hub.matching.names import read_names
from schemas.addresses import compound_key, parse_addresses
from schemas.chinese import folded
from schemas.distinct import read_each, read_parts

Ints = npt.NDArray[np.int32]

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
    "latin", "former",
    "sex", "birth", "birth_month", "grown", *PHONES, *SHARED, *ROOMS, *BUILDINGS, *COMPOUNDS, *DOORS,
    "household", "registered", "register", "rank",
)  # fmt: skip

_MASK = "[*×XxＸ●○•?？_#]"
_MASKED = re.compile(rf"([0-9]{{1,14}}){_MASK}{{3,}}([0-9]{{0,6}}[0-9X]?)")
_POWER = re.compile(r"([0-9])\.([0-9]+)E\+?17")
_CUT_OFF = re.compile(r"([1-9][0-9]{14})000(?:\.0+)?")
_TYPED = re.compile("[1-9][0-9]{16}[0-9X]")
_OLD = re.compile("[1-9][0-9]{14}")
_DOCUMENT = re.compile("[A-Z]{1,2}[0-9]{6,10}")
_REPEATED = re.compile(r"(.)\1{9,}|.*123456789012345.*")
_MONTH = re.compile(r"([12][0-9]{3})\s*[年./-]\s*(1[0-2]|0?[1-9])\s*(?:月|$)")


@dataclass(frozen=True)
class Features:
    """Records in comparable form; position, not label, is how pairs refer to them."""

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
    said = records.reindex(columns=list(RECORD_COLUMNS)).reset_index(drop=True)
    ids = said.pop("record_id").astype("int64").to_numpy()
    said = said.astype("str")
    facts = _evidence(said["evidence"])
    parts = read_names(said["person_name"])
    phones = phones_of(said)
    full = _full_phones(phones) if crowded is None else frozenset(crowded)
    columns = {
        **_numbers(said, facts),
        **{name: parts[name] for name in parts if name != "title_sex"},
        "former": read_names(said["former_name"])["name"],
        "sex": said["sex_code"].where(said["sex_code"].isin(["1", "2"])).fillna(parts["title_sex"]),
        **_births(said, facts),
        "grown": _grown(said["recorded_at"], parts["title"]),
        **_spread(phones[~phones["phone"].isin(full)], "phone", PHONES, len(said)),
        **_spread(phones[phones["phone"].isin(full)], "phone", SHARED, len(said)),
        **_places(said),
        **_households(said),
        "register": said["source"].where(said["dataset"].isin(REGISTERS)),
        # A fingerprint of what names the record at its source puts records in an order that
        # has nothing to do with when they came.
        "rank": row_hashes(said[["source", "dataset", "key"]]),
    }
    frame = pd.DataFrame(columns, index=said.index, columns=list(COLUMNS)).astype("str")
    return Features(ids, frame)


def crowded_phones(records: pd.DataFrame) -> frozenset[str]:
    """Find the telephones that more than `CROWDED` records hold."""
    said = records.reindex(columns=["contact_phone", "evidence"]).reset_index(drop=True)
    return _full_phones(phones_of(said.astype("str")))


def phones_of(said: pd.DataFrame) -> pd.DataFrame:
    """List the telephones of records: ``row`` (position) and ``phone``, each once a record."""
    facts = _evidence(said["evidence"])
    own = pd.DataFrame({"row": np.arange(len(said)), "phone": said["contact_phone"].to_numpy()})
    parts = [own]
    for name, values in facts.items():
        if "phone" in name and "emergency" not in name and name != "contact_phone":
            listed = values.map(_listed)
            exploded = listed.explode()
            parts.append(
                pd.DataFrame({"row": exploded.index.to_numpy(), "phone": exploded.to_numpy()})
            )
    phones = pd.concat(parts, ignore_index=True).dropna()
    return phones.astype({"phone": "str"}).drop_duplicates(ignore_index=True)


def _full_phones(phones: pd.DataFrame) -> frozenset[str]:
    counts = phones["phone"].value_counts()
    return frozenset(str(phone) for phone in counts.index[counts > CROWDED])


def _evidence(said: pd.Series) -> dict[str, pd.Series]:
    """Take the facts apart: a column for each name, holding only the records that have it."""
    rows: dict[str, list[int]] = {}
    values: dict[str, list[str]] = {}
    told = said.dropna()
    for row, text in zip(told.index, told, strict=True):
        for name, value in orjson.loads(text).items():
            rows.setdefault(name, []).append(row)
            values.setdefault(name, []).append(str(value))
    return {name: pd.Series(values[name], index=rows[name], dtype="str") for name in rows}


def _listed(text: str) -> list[str]:
    if not text.startswith("["):
        return [text]
    return [str(one) for one in orjson.loads(text)]


def _numbers(said: pd.DataFrame, facts: dict[str, pd.Series]) -> dict[str, pd.Series]:
    raw = facts.get("citizen_id_no", pd.Series(dtype="str")).reindex(said.index)
    digits, document = read_parts(raw, _legible_digits, 2)
    other = said["id_document_no"].fillna(document)
    citizen = said["citizen_id_no"]
    return {"number": citizen.fillna(other), "digits": citizen.fillna(digits)}


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


def _births(said: pd.DataFrame, facts: dict[str, pd.Series]) -> dict[str, pd.Series]:
    raw = facts.get("birth_date", pd.Series(dtype="str")).reindex(said.index)
    month = read_each(raw, _month)
    birth = said["birth_date"]
    return {"birth": birth, "birth_month": birth.str[:7].fillna(month)}


def _grown(recorded_at: pd.Series, title: pd.Series) -> pd.Series:
    """Say by which month whoever is called Mr or Ms must have been born."""
    year = pd.to_numeric(recorded_at.str[:4].where(title.notna()), errors="coerce")
    written = (year - _GROWN_AT).astype("Int64").astype("str") + "-12"
    return written.where(year.notna())


def _month(said: str) -> str | None:
    found = _MONTH.match(folded(said))
    return f"{found[1]}-{int(found[2]):02d}" if found else None


def _spread(
    listed: pd.DataFrame, value: str, names: tuple[str, ...], size: int
) -> dict[str, pd.Series]:
    """Write the first values of each row, in the order of the values, into columns of their own."""
    listed = listed.sort_values(["row", value], ignore_index=True)
    nth = listed.groupby("row").cumcount()
    columns = {}
    for place, name in enumerate(names):
        part = listed[nth == place]
        column = pd.Series(part[value].to_numpy(), index=part["row"].to_numpy(), dtype="str")
        columns[name] = column.reindex(range(size))
    return columns


def _places(said: pd.DataFrame) -> dict[str, pd.Series]:
    """Say where the person lives, and which dwelling a tie of the record names."""
    vague = said["standard_address"].where(said["address_key"].isna() & said["compound_key"].isna())
    own = said["compound_key"].fillna(_compound_of(vague))
    columns: dict[str, pd.Series] = {}
    for nth, (room, compound) in enumerate(
        ((said["address_key"], own), (said["tied_address_key"], None)), start=1
    ):
        parts = room.str.extract(r"^([^|]*)\|([^|]*)\|([^|]*)\|(.*)$").astype("str")
        building = (parts[0] + "|" + parts[1]).where(parts[1] != "")
        door = (parts[1] + "|" + parts[2] + "|" + parts[3]).where(parts[1].str.len() > 0)
        columns |= {
            f"room_{nth}": room,
            f"building_{nth}": building,
            f"door_{nth}": door.where(parts[3] != ""),
            f"compound_{nth}": parts[0] if compound is None else compound.fillna(parts[0]),
        }
    return columns


def _compound_of(addresses: pd.Series) -> pd.Series:
    """Read the compound off addresses that go no further."""
    told = addresses.dropna()
    if told.empty:
        return addresses
    return compound_key(parse_addresses(told)["compound_name"]).reindex(addresses.index)


def _households(said: pd.DataFrame) -> dict[str, pd.Series]:
    address = read_each(said["household_register_address"], folded)
    # Without a number an address is a whole street or village.
    address = address.where(address.str.contains("[0-9]", regex=True, na=False))
    division = said["household_register_division_code"].fillna("")
    return {"household": said["household_no"], "registered": division + "|" + address}
