"""The property companies: rows pushed to the hub, and files for the first load."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import chain
from typing import ClassVar

import numpy as np
import pyarrow.compute as pc
from pydantic import AnyHttpUrl, SecretStr

from hub.columns import Columns
from hub.connector import Dataset
from hub.fetch import CsvFolder, CsvSettings
from hub.model import Places, Records, Tie, Title
from hub.written import as_one_phone, as_said
from schemas import House, Person
from schemas.addresses import dwelling_parts
from schemas.chinese import folded
from schemas.distinct import (
    Texts,
    arrow,
    cells,
    distinct,
    filled,
    is_said,
    joined,
    nothing,
    read_each,
    read_rows,
    text_array,
    where,
)
from schemas.kinds import CitizenId, Phone, is_credit_code, split_phones

_OCCUPANCY = {"2001": "5", "2002": "9", "2003": "4"}
_LIFT = {"1010": "true", "2020": "false"}
_SOLD = {"1": "1", "0": None}
_ROLE = {"1001": "owner", "1002": "family", "1003": "tenant"}

_MARKS, _BETWEEN = "、,，;；/ ", re.compile(r"\s*[、,，;；/]\s*")
_COMPANY_NAME = re.compile(".*(?:公司|集团|中心|银行|学校|委员会)")
#: The end of a company's name that was cut at the width of its column.
_CUT_COMPANY = re.compile("(?:有限|有限公|有限责|有限责任|股份有限?)$")
_COMPANY_NUMBER = re.compile(r"(?![0-9]{17}[0-9X])[0-9A-Z]{2}[0-9]{6}[0-9A-Z]{10}")
#: Columns of the property system are no wider: a name of this length may go on.
_NAME_WIDTH = 12


class PropertyDataset(Dataset):
    """What both datasets have in common: time of change, mark of withdrawal, encoding."""

    changed_at, withdrawal = "update_time", ("status_cd", "1")
    encoding, trust = "gb18030", 40


class Rooms(PropertyDataset):
    """Rooms as property companies keep them; their *floor* is the building."""

    name, location, key = "rooms", "rooms.csv", "room_id"
    model, title = House, Title("房屋", "Rooms")
    acts_for: ClassVar = {"surveying": frozenset({"house_use", "floor_area_m2", "tenure_type"})}
    # That a room was sold says how it was bought only in most cases.
    tentative = frozenset({"tenure_type"})

    def translate(self, said: Columns) -> list[Records]:
        place = (said.take(name) for name in ("floor_num", "unit_num", "layer", "room_num"))
        fields = {
            "compound_name": said.take("community_name"),
            **dwelling_parts(*place),
            "standard_address": said.take("location"),
            "floor_area_m2": said.take("built_up_area"),
            "house_use": said.decode("room_use", "HUB-HOUSE-USE"),
            "occupancy_status": said.decode("state", _OCCUPANCY, of="HUB-OCCUPANCY"),
            "has_elevator": said.decode("lift", _LIFT),
            "tenure_type": said.decode("is_sold", _SOLD, of="HUB-TENURE"),
            "property_company_code": said.take("company_uscc"),
            "completion_year": said.take("year"),
        }
        return [said.records(House, fields)]

    def sample(self) -> list[dict[str, str]]:
        return [_ROOM | other for other in _OTHER_ROOMS]


class Owners(PropertyDataset):
    """Who owns, shares or rents a room; one cell may name several people, or a company."""

    name, location, key = "owners", "owners.csv", "member_id"
    identity = ("id_card",)
    model, title = Person, Title("业主", "Owners")

    def translate(self, said: Columns) -> list[Records]:
        said.ignore("age", "sex")
        role = said.decode("owner_type_cd", _ROLE)
        return [self._people(said, role), self._homes(said, role)]

    def sample(self) -> list[dict[str, str]]:
        return [_OWNER | other for other in _OTHER_OWNERS]

    def _people(self, said: Columns, role: Texts) -> Records:
        cells = said.take("name")
        names = _Parts(cells)
        number = _dealt(said.take("id_card"), names)
        company = read_rows((names.values, number), _company, 1)[0]
        people = np.flatnonzero(~is_said(company))
        row = names.row[people]
        phone, others = self._phones(said, "link", names, people)
        second, more = self._phones(said, "link2", names, people)
        fields = {
            "person_name": names.values.take(people),
            "citizen_id_no": number.take(people),
            "contact_phone": said.stands(phone, as_one_phone("link")),
            "residence_start_date": said.stands(
                said.take("move_in_date").take(row),
                as_said("move_in_date", self.spelling.date_form),
            ),
        }
        evidence = {
            "other_phones": _one_list(others, _quoted(second), more),
            "name_cut": _is_cut(cells, names, people),
            "location": said.take("room_location").take(row),
        }
        rooms = read_rows(
            (role.take(row), said.take("room_id").take(row)), _room_by_role, len(_ROLE)
        )
        roles = zip(_ROLE.values(), rooms, strict=True)
        ties = [Tie(name, House, "rooms", room) for name, room in roles]
        keys = _keys(said.keys.take(row), names, people)
        return said.records(Person, fields, evidence=evidence, ties=ties, rows=row, keys=keys)

    def _phones(
        self, said: Columns, name: str, names: _Parts, people: Places
    ) -> tuple[Texts, Texts]:
        return split_phones(_dealt(said.take(name), names).take(people), said.district.area_code)

    def _homes(self, said: Columns, role: Texts) -> Records:
        row = np.flatnonzero(cells(role) == "owner")
        phone, _ = split_phones(said.take("link").take(row), said.district.area_code)
        numbers = _Parts(said.take("id_card").take(row))
        fields = {
            "owner_name": said.take("name").take(row),
            "owner_id_no": numbers.values.take(numbers.starts),
            "owner_phone": phone,
        }
        evidence = {"location": said.take("room_location").take(row)}
        tie = Tie("same", House, "rooms", said.take("room_id").take(row))
        return said.records(House, fields, evidence=evidence, ties=[tie], rows=row)


class PropertySettings(CsvSettings):
    """Where the first load lies, and where changes are sent; rows are pushed without either."""

    webhook_url: AnyHttpUrl | None = None
    webhook_secret: SecretStr | None = None


class Property(CsvFolder):
    """Takes in what the property companies push, and reads their files for the first load."""

    name, title = "property", Title("物业", "Property management")
    datasets = (Rooms(), Owners())
    settings = PropertySettings
    takes = "webhook"

    def connected(self, said: Mapping[str, str]) -> bool:
        return not PropertySettings.model_fields.keys().isdisjoint(said)


#: Takes the values of a cell apart.
Split = Callable[[str], list[str | None]]


class _Parts:
    """The values that cells hold, each with its row and its place in the cell.

    An empty cell holds one value, unsaid.
    """

    def __init__(self, cells: Texts, split_cell: Split | None = None) -> None:
        texts, codes = distinct(cells)
        split: list[list[str | None]] = [*map(split_cell or _split, texts), [None]]
        found = [split[code] for code in codes.fill_null(len(texts)).to_pylist()]
        self.values = text_array(list(chain.from_iterable(found)))
        self.counts = np.fromiter(map(len, found), "int64", len(found))
        self.starts = np.cumsum(self.counts) - self.counts
        self.row = np.repeat(np.arange(len(found)), self.counts)
        self.place = np.arange(len(self.row)) - self.starts[self.row]


def _split_by_place(cell: str) -> list[str | None]:
    """Split a cell in which a place may be empty: of two people only the second's number."""
    return [part or None for part in _BETWEEN.split(cell)]


def _split(cell: str) -> list[str | None]:
    return [*_BETWEEN.split(cell.strip(_MARKS))] if _BETWEEN.search(cell) else [cell]


def _dealt(cells: Texts, names: _Parts) -> Texts:
    """Deal a cell's values out to its row's names if there are as many; else the first has all."""
    left = np.ones(len(names.row), dtype=bool)
    said = nothing(len(left))
    for split in (_split, _split_by_place):
        if left.any():
            parts = _Parts(cells, split)
            match = left & (parts.counts == names.counts)[names.row]
            # Nothing is at place -1.
            at = np.where(match, parts.starts[names.row] + names.place, -1)
            said = filled(said, parts.values.take(at, allow_fill=True))
            left &= ~match
    whole = np.where(left & (names.place == 0), names.row, -1)
    return filled(said, cells.take(whole, allow_fill=True)) if left.any() else said


def _company(name: str | None, number: str | None) -> tuple[str | None]:
    """Say that it is a company: by its name, or by its number."""
    named = name is not None and (_COMPANY_NAME.fullmatch(name) or _is_cut_company(name))
    return ("true" if named or (number and _company_number(number)) else None,)


def _is_cut_company(name: str) -> bool:
    return len(name) >= _NAME_WIDTH and _CUT_COMPANY.search(name) is not None


def _company_number(said: str) -> str | None:
    """Return a company's credit code, also one mistyped; None for a person's number."""
    number = folded(said)
    if not is_credit_code(number) and not _COMPANY_NUMBER.fullmatch(number):
        return None
    return number if CitizenId().verdict(number).value is None else None


def _room_by_role(role: str | None, room: str | None) -> tuple[str | None, ...]:
    return tuple(room if role == name else None for name in _ROLE.values())


def _keys(own: Texts, names: _Parts, people: Places) -> Texts:
    """Give people of one cell keys of their own: `<key>#1`, `<key>#2`."""
    alone = names.counts[names.row[people]] == 1
    if alone.all():
        return own
    numbered = text_array([f"#{place + 1}" for place in names.place[people]])
    return where(alone, own, joined(own, numbered))


def _is_cut(cells: Texts, names: _Parts, people: Places) -> Texts:
    """Mark the last name of a cell so full that the name may go on."""
    row = names.row[people]
    lengths = pc.utf8_length(arrow(cells)).fill_null(0).to_numpy()
    cut = (lengths >= _NAME_WIDTH)[row] & (names.place[people] == names.counts[row] - 1)
    return text_array(np.where(cut, np.array("true", object), np.array(None)))


def _quoted(numbers: Texts) -> Texts:
    return read_each(Phone().judge(numbers).values, lambda number: f'["{number}"]')


def _one_list(*lists: Texts) -> Texts:
    """Join columns of JSON lists into one; missing where none says anything."""
    return read_rows(lists, _one, 1)[0]


def _one(*lists: str | None) -> tuple[str | None]:
    said = [inner[1:-1] for inner in lists if inner is not None]
    return (f"[{', '.join(said)}]" if said else None,)


# Made-up rows: the first of each kind as it should be, the others as they also come.
_ROOM = {
    "room_id": "RM0001",
    "community_name": "康乐小区",
    "floor_num": "3",
    "unit_num": "1",
    "layer": "5",
    "room_num": "501",
    "location": "城东区康乐小区3幢1单元501室",
    "built_up_area": "89.50",
    "room_use": "住宅",
    "state": "2002",
    "lift": "1010",
    "is_sold": "1",
    "company_uscc": "11630102MB0X00001M",
    "year": "1998",
    "status_cd": "0",
    "update_time": "2026-08-30 10:20:30",
}
_OTHER_ROOMS: list[dict[str, str]] = [
    {},
    {
        "room_id": "RM0002",
        "floor_num": "",
        "unit_num": "",
        "room_num": "3-1-0502",
        "built_up_area": "89.50㎡",
        "room_use": "商铺",
        "state": "2001",
        "lift": "2020",
        "is_sold": "0",
        "update_time": "2026-08-30T02:20:30Z",
    },
    {"room_id": "RM0003", "state": "5", "lift": "有", "year": "98", "status_cd": "1"},
]
_OWNER = {
    "member_id": "MB0001",
    "name": "马海燕",
    "id_card": "630102198001010019",
    "link": "13997000001",
    "link2": "8123456",
    "owner_type_cd": "1001",
    "room_id": "RM0001",
    "room_location": "康乐小区3-1-501",
    "move_in_date": "2015-06-01",
    "status_cd": "0",
    "update_time": "2026-08-30 10:20:30",
}
_OTHER_OWNERS: list[dict[str, str]] = [
    {},
    {
        "member_id": "MB0002",
        "name": "张三、李四",
        "id_card": "630102199303050037、620102198806170043",
        "link": "13997000005",
        "link2": "",
    },
    {
        "member_id": "MB0003",
        "name": "青海某某房地产开发有限公司",
        "id_card": "11630102MB0X00001M",
        "link": "8123456/13997000006",
    },
    {"member_id": "MB0004", "name": "王五", "owner_type_cd": "1003", "id_card": "", "link": "无"},
    {"member_id": "MB0005", "name": "城东区北关社区居民委员会", "owner_type_cd": "1002"},
    {"member_id": "MB0006", "name": "买买提·艾力、古丽仙·买", "owner_type_cd": "1002"},
    {"member_id": "MB0007", "name": "", "owner_type_cd": "1009", "status_cd": "1"},
]
