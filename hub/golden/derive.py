"""Values nobody said, that follow from what was said: by position, by home, by age, by minting.

A derived value fills a field that survivorship left empty, and carries its own rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import orjson
import pandas as pd

from hub.golden.merge import Golden
from hub.golden.rules import NOBODY, encode_origin, member_of
from hub.hashes import text_hash
from schemas import Section
from schemas.distinct import Columns, cells
from schemas.kinds import PoliceOrganCode

#: The field that holds each record type's position.
POSITION = {
    "component": "component_point",
    "camera": "device_point",
    "address": "address_point",
    "geo_entity": "boundary_geometry",
}

#: Frames in which a position says too little to decide where it lies.
VAGUE_FRAMES = ("UNKNOWN", "LOCAL")

#: From this age on a resident is of care category 03 (高龄).
ADVANCED_AGE = 80

Locate = Callable[[pd.Series], pd.DataFrame]


@dataclass(frozen=True)
class Surroundings:
    """What deriving needs to know beside the records themselves.

    ``locate`` takes a column of GeoJSON and returns ``grid_code`` and ``community_code``;
    ``places`` gives by record id the words of the place it names (community and folded address),
    where it names one; ``homes`` has, in the order of ``record_id``, what is known of that
    dwelling: ``house_code``, ``address_code``, ``community_code``, ``grid_code``; ``census``
    counts by ``grid_code`` the ``police_organ_code`` that addresses say (``votes``).
    """

    locate: Locate
    places: Mapping[int, str]
    homes: Columns
    today: date
    census: pd.DataFrame | None = None


def derive(model: type[Section], golden: Golden, around: Surroundings) -> None:
    """Fill what follows from the golden values; changes ``golden`` in place."""
    if model.record_type == "house":
        _mint_codes(golden, around)
    if model.record_type in ("house", "person"):
        _take_from_home(golden, around)
    if model.record_type in POSITION:
        _take_from_position(golden, POSITION[model.record_type], around.locate)
    if model.record_type == "grid" and around.census is not None and len(around.census):
        _take_from_census(golden, around.census)
    if model.record_type == "person":
        _mint_person_ids(golden)
        _note_age(golden, around.today)


def _fill(golden: Golden, name: str, found: np.ndarray, member: np.ndarray, rule: str) -> None:
    """Fill the empty values of a field with what was found for each entity."""
    empty = pd.isna(golden.values[name]) & pd.notna(found)
    if empty.any():
        golden.values[name] = np.where(empty, found, golden.values[name])
        golden.origins[name] = np.where(empty, encode_origin(member, rule), golden.origins[name])


def _take_from_position(golden: Golden, field: str, locate: Locate) -> None:
    points = golden.values[field]
    if "source_crs" in golden.values:
        vague = np.isin(golden.values["source_crs"].astype(str), VAGUE_FRAMES)
        points = np.where(vague, np.array(None), points)
    if pd.isna(points).all():
        return
    found = locate(pd.Series(points, dtype="str"))
    member = member_of(golden.origins[field])
    for name in ("grid_code", "community_code"):
        _fill(golden, name, cells(found[name]), member, "position")


def _take_from_census(golden: Golden, census: pd.DataFrame) -> None:
    """Let most of a grid's addresses say whose police area it is; of equals the first by code."""
    organs = PoliceOrganCode().judge(census["police_organ_code"]).values
    sums = census.assign(police_organ_code=organs).groupby(["grid_code", "police_organ_code"])
    votes = sums["votes"].sum().reset_index()
    ranked = votes.sort_values(["votes", "police_organ_code"], ascending=[False, True])
    elected = ranked.drop_duplicates("grid_code").set_index("grid_code")["police_organ_code"]
    organ = cells(pd.Series(golden.values["grid_code"], dtype="str").map(elected).astype("str"))
    _fill(golden, "police_organ_code", organ, np.zeros(len(organ), dtype=np.int64), "census")


def _dwellings(golden: Golden, places: Mapping[int, str]) -> tuple[np.ndarray, np.ndarray]:
    """Choose for each entity the member record that says where it is; -1 where none does.

    That is the record whose address is served, else the first one that names a place. Returns
    record ids and the places of these among the members.
    """
    served = golden.origins["standard_address"]
    records = np.full(len(golden.members), -1, dtype=np.int64)
    member = np.zeros(len(golden.members), dtype=np.int64)
    for row, (members, first) in enumerate(zip(golden.members, member_of(served), strict=True)):
        spoken = [first] if served[row] != NOBODY else range(len(members))
        for place in spoken:
            if members[place] in places:
                records[row], member[row] = members[place], place
                break
    return records, member


def _take_from_home(golden: Golden, around: Surroundings) -> None:
    records, member = _dwellings(golden, around.places)
    for name, told in _homes_of(records, around.homes).items():
        _fill(golden, name, told, member, "home")
    words = map(around.places.get, records.tolist())
    community = [place and place.partition("|")[0] for place in words]
    _fill(golden, "community_code", np.array(community, dtype=object), member, "home")


def _homes_of(records: np.ndarray, homes: Columns) -> dict[str, np.ndarray]:
    """Return what is known of the dwellings that these records name, by column; None at none."""
    if not homes or not len(homes["record_id"]):
        return {}
    known = homes["record_id"]
    rows = np.minimum(np.searchsorted(known, records), len(known) - 1)
    rows = np.where(known[rows] == records, rows, -1)
    return {
        name: cells(told.take(rows, allow_fill=True))
        for name, told in homes.items()
        if name != "record_id"
    }


_CODE_CHARACTERS = re.compile(r"[0-9A-Z-]+")


def _mint_codes(golden: Golden, around: Surroundings) -> None:
    """Build house and building codes from where the house is, for as long as none is issued."""
    records, member = _dwellings(golden, around.places)
    codes = [_codes(around.places.get(record)) for record in records.tolist()]
    for place, name in enumerate(("house_code", "building_code")):
        minted = np.array([code[place] for code in codes], dtype=object)
        _fill(golden, name, minted, member, "minted")


def _codes(words: str | None) -> tuple[str | None, str | None]:
    if words is None:
        return None, None
    community, compound, *rest = words.split("|")
    stem = f"{community}-{text_hash(compound)[:8].upper()}"
    parts = [part or "0" for part in rest]
    tail = "-".join(parts)
    if not parts or not _CODE_CHARACTERS.fullmatch(tail) or len(tail) > 40:
        return f"{stem}-{text_hash('|'.join(rest))[:12].upper()}", None
    return f"{stem}-{tail}", f"{stem}-{parts[0]}" if len(parts) > 1 else None


def _mint_person_ids(golden: Golden) -> None:
    golden.values["person_id"] = golden.entity_ids
    nobody = np.zeros(len(golden.entity_ids), dtype=np.int64)
    golden.origins["person_id"] = encode_origin(nobody, "minted")


def _note_age(golden: Golden, today: date) -> None:
    """Add care category 03 to those of advanced age, unless they are dead or gone."""
    born = golden.values["birth_date"]
    # Compared as text, so that 29 February needs no calendar.
    latest = f"{today.year - ADVANCED_AGE:04}-{today:%m-%d}"
    known = np.flatnonzero(pd.notna(born))
    gone = np.isin(golden.values["person_status"].astype(str), ("2", "3", "4"))
    old = known[(born[known] <= latest) & ~gone[known]]
    said = golden.values["care_categories"].copy()
    origins = golden.origins["care_categories"].copy()
    by_age = encode_origin(member_of(golden.origins["birth_date"]), "age")
    for row in old:
        listed = orjson.loads(said[row]) if said[row] else []
        if "03" not in listed:
            said[row] = _listed(sorted([*listed, "03"]))
            origins[row] = by_age[row] if origins[row] == NOBODY else origins[row]
    golden.values["care_categories"] = said
    golden.origins["care_categories"] = origins


def _listed(words: list[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"
