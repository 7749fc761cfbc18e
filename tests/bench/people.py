"""Person records of a demo district, as linking sees them, and who they truly are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

import connectors
from hub.config import District as Settings
from hub.connector import Dataset
from hub.demo import District, district
from hub.judging import JudgedRecords, judge
from hub.model import text_series
from hub.parse import Page
from schemas.distinct import chosen_rows, is_said, size_of

#: Where a workbook's cell is a date, the district writes this before it.
DATE_CELL = "@"
DATASETS = (
    ("public_security", "residents"),
    ("street_office", "residents"),
    ("urban_management", "reporters"),
    ("property", "owners"),
)


def person_records(people: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make a district; return its person records, and what is true of each by ``record_id``.

    Truth: ``true_id`` and a flag for each hard class of people.
    """
    town = district(people, seed)
    records = pd.concat([_of(town, *names) for names in DATASETS], ignore_index=True)
    truth = town.truth[town.truth["entity"] == "person"]
    truth = truth.drop_duplicates(["source", "dataset", "key"])[
        ["source", "dataset", "key", "true_id"]
    ]
    records = records.merge(truth, on=["source", "dataset", "key"])
    records.insert(0, "record_id", np.arange(1, len(records) + 1))
    flags = _hard_classes(town).reindex(records["true_id"]).set_axis(records["record_id"])
    flags.insert(0, "true_id", records["true_id"].to_numpy())
    return records.drop(columns="true_id"), flags.astype({"true_id": "str"})


def without_numbers(records: pd.DataFrame) -> pd.DataFrame:
    """Take all numbers away, and what was derived from them."""
    nothing = text_series([None] * len(records)).set_axis(records.index)
    derived = records["source"] == "property"
    evidence = records["evidence"].str.replace(r'"citizen_id_no":"[^"]*",?', "", regex=True)
    return records.assign(
        citizen_id_no=nothing,
        id_document_no=nothing,
        birth_date=records["birth_date"].mask(derived),
        sex_code=records["sex_code"].mask(derived),
        evidence=evidence.str.replace(",}", "}", regex=False),
    )


def _of(town: District, source: str, name: str) -> pd.DataFrame:
    dataset = connectors.CONNECTORS[source].dataset(name)
    assert dataset is not None
    parts = [_judged(dataset, page) for page in _pages(town, dataset, source)]
    frame = pd.concat([pd.DataFrame(part.records) for part in parts], ignore_index=True)
    frame = frame[frame["withdrawn"] == "false"].drop_duplicates("key", keep="last")
    if source == "property":
        ties = (
            pd.concat([pd.DataFrame(part.ties) for part in parts])
            .drop_duplicates("key")
            .set_index("key")
        )
        keys = frame["key"].map(ties["to_key"]).map(_rooms(town))
        frame = frame.assign(tied_address_key=keys.astype("str"))
    return frame.assign(source=source, dataset=name)


def _pages(town: District, dataset: Dataset, source: str) -> list[pd.DataFrame]:
    rows = town.rows(source, dataset.name).replace("", pd.NA).astype("str")
    if source != "street_office":
        return [rows]
    view = town.views[source]
    assert view.layout is not None
    assert view.sheets is not None
    rows = rows.apply(lambda column: column.str.removeprefix(DATE_CELL))
    sheets = view.layout["cid"].to_numpy()
    pages = []
    for sheet in np.unique(sheets):
        style = view.sheets.iloc[sheet]
        title = "综治平台导出" if style["platform"] else ""
        pages.append(dataset.rows_of(Page(str(style["name"]), title, rows[sheets == sheet])))
    return pages


def _judged(dataset: Dataset, page: pd.DataFrame) -> JudgedRecords:
    rows = dataset.admit(page).rows
    rows = chosen_rows(rows, is_said(dataset.key_of(rows)))
    said = dataset.records(rows, Settings()).records[0]
    return judge(said, np.arange(size_of(rows)), dataset.key_of(rows))


def _rooms(town: District) -> pd.Series:
    """Return the folded address of each room of the property companies."""
    dataset = connectors.CONNECTORS["property"].dataset("rooms")
    assert dataset is not None
    page = town.rows("property", "rooms").replace("", pd.NA).astype("str")
    records = pd.DataFrame(_judged(dataset, page).records).drop_duplicates("key")
    return records.set_index("key")["address_key"]


def _hard_classes(town: District) -> pd.DataFrame:
    """Flag the people who are hard to tell apart or to recognise."""
    people = town.world.persons
    wife = people["relation"] == "12"
    flags = {
        "homonyms": people["name"].duplicated(keep=False),
        "twins": people["role"] == "twin",
        "married": wife & (people["register_hid"] != people["hid"]),
        "two homes": people["hid_second"] >= 0,
        "foreigners": people["abroad"] | people["border"],
    }
    frame = pd.DataFrame({name: flag.to_numpy(dtype=bool) for name, flag in flags.items()})
    return frame.set_axis([f"P{pid:08d}" for pid in range(len(people))])


def with_other_errors(records: pd.DataFrame, seed: int, rate: float = 0.03) -> pd.DataFrame:
    """Add errors that the district does not know, each to this share of the rows it can befall."""
    luck = np.random.default_rng(seed)
    spoilt = records.copy()

    def hit(column: str, spoil: Callable[[str], str | None], share: float = rate) -> None:
        said = spoilt[column].dropna()
        chosen = said[luck.random(len(said)) < share]
        spoilt.loc[chosen.index, column] = [spoil(word) for word in chosen]

    signs = [word for name in records["person_name"].dropna().head(5_000) for word in name[1:]]

    def any_other_sign(name: str) -> str:
        at = int(luck.integers(1, max(len(name), 2)))
        return name[:at] + str(luck.choice(signs)) + name[at + 1 :]

    def unlike_room(key: str) -> str:
        place, building, unit, room = key.split("|")
        return f"{place}|{building}||{room}" if unit else f"{place}|{building}|{unit}|{room}1"

    hit("person_name", any_other_sign, rate / 3)
    hit("person_name", lambda name: name[:1] + name[:0:-1], rate / 6)
    hit("birth_date", lambda day: f"{day[:5]}{day[8:]}-{day[5:7]}" if day[8:] < "13" else day)
    hit("birth_date", lambda day: f"{day[:5]}01-01", rate / 3)
    hit("birth_date", lambda day: f"{int(day[:4]) + int(luck.integers(-2, 3))}{day[4:]}", rate / 3)
    hit("contact_phone", lambda phone: phone[:-2] + phone[-1] + phone[-2])
    hit("contact_phone", lambda phone: None, 3 * rate)
    hit("sex_code", lambda sex: "2" if sex == "1" else "1", rate / 6)
    for column in ("address_key", "tied_address_key"):
        hit(column, unlike_room, 2 * rate)
    hit("household_no", lambda number: None, 5 * rate)
    hit("household_register_address", lambda address: None, 5 * rate)
    return _transposed(spoilt, luck, rate)


def _transposed(records: pd.DataFrame, luck: np.random.Generator, rate: float) -> pd.DataFrame:
    """Swap two neighbouring digits of numbers, which their check character then gives away."""
    numbers = records["citizen_id_no"].dropna()
    chosen = numbers[luck.random(len(numbers)) < rate]
    for row, number in chosen.items():
        at = int(luck.integers(6, 16))
        swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        if swapped != number:
            records.loc[row, ["citizen_id_no", "evidence"]] = [
                None,
                f'{{"citizen_id_no":"{swapped}"}}',
            ]
    return records
