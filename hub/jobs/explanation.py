"""Explaining: how two records come to their weight, step by step."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast, get_args

import pandas as pd
from sqlalchemy import Connection

from hub.config import Settings
from hub.database import engine
from hub.errors import WrongUse
from hub.jobs import persons
from hub.jobs.likeness import COMPARED
from hub.matching import place_words
from hub.matching.declared import declared_weights
from hub.matching.weights import shipped_weights
from hub.store import likeness
from hub.store.match_reads import Asked, Match, Zone, get_match, list_matches, pair_type
from hub.store.visible import Caller, visible
from schemas import MODELS

#: The public fields that each aspect is read off, beside facts that are not public.
_FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    "person": {
        "register": (),
        "number": ("citizen_id_no", "id_document_no"),
        "name": ("person_name", "former_name"),
        "birth": ("birth_date",),
        "sex": ("sex_code",),
        "contact": (
            *("contact_phone", "standard_address", "household_no"),
            *("household_register_division_code", "household_register_address"),
        ),
    },
    "house": {
        "unit": ("standard_address",),
        "doors": ("standard_address",),
        "use": ("house_use",),
    },
    "geo_entity": {
        "name": ("geo_entity_name",),
        "place": ("source_crs",),
        "community": ("community_code",),
    },
}
#: Columns of an explanation, in the order of a step's.
_TOLD = ["field", "zh", "left", "right", "level", "level_zh", "weight", "total"]
_PAIR = re.compile("([1-9][0-9]{0,17})-([1-9][0-9]{0,17})")

#: Whom reads by command are made for.
CALLER = Caller("hub match", "admin")


@dataclass(frozen=True, slots=True)
class Step:
    """One aspect that was compared, and the bits that it adds to the weight."""

    aspect: str
    title: str
    #: The public fields that the aspect is read off; empty: it tells nothing of anybody, None: it
    #: is read off facts that are not public.
    fields: tuple[str, ...] | None
    #: What was compared of either side, facts that are not public included.
    left: str
    right: str
    level: str
    level_zh: str
    weight: float
    total: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The way to a weight, and the weights from which pairs are linked or asked about."""

    steps: tuple[Step, ...]
    link: float
    review: float


def link_weights() -> dict[str, float]:
    """Return by record type the weight from which a pair is linked."""
    others = {name: declared_weights(one.WEIGHTS).link for name, one in COMPARED.items()}
    return {persons.PERSON: shipped_weights().link, **others}


def explain_pair(connection: Connection, match: Match) -> Explanation | None:
    """Explain a pair; None where a record is withdrawn or its type is linked by keys alone."""
    name, pair = match.record_type, (match.left.record_id, match.right.record_id)
    if match.left.golden_id is None or match.right.golden_id is None:
        return None
    if name == persons.PERSON:
        weights = shipped_weights()
        told = persons.explain_pair(connection, *pair, weights)
        return _explained(name, told, weights.link, weights.review)
    if name in COMPARED:
        compared = COMPARED[name]
        declared = declared_weights(compared.WEIGHTS)
        records = likeness.records(connection, name, compared.COLUMNS, pair)
        told = compared.waterfall(_placed(records), *pair)
        return _explained(name, told, declared.link, declared.review)
    return None


def _placed(records: pd.DataFrame) -> pd.DataFrame:
    """Say of records where they were linked last."""
    community = records["placed_in"]
    place = place_words(community, records["address_key"]) if "address_key" in records else None
    return records.assign(community_code=community, place=place)


def _explained(record_type: str, told: pd.DataFrame, link: float, review: float) -> Explanation:
    known = {"prior": (), **_FIELDS[record_type]}
    rows = told[_TOLD].itertuples(index=False, name=None)
    steps = tuple(Step(row[0], row[1], known.get(row[0]), *row[2:]) for row in rows)
    return Explanation(steps, link, review)


def read_matches(settings: Settings, zone: str, types: Collection[str], limit: int) -> list[Match]:
    """List scored pairs, the heaviest first; no value is among what is shown."""
    if zone not in get_args(Zone):
        raise WrongUse(f"a zone is one of {', '.join(get_args(Zone))}")
    views = {name: visible(CALLER, MODELS[name], values=False) for name in types}
    asked = Asked(cast(Zone, zone))
    with engine(settings).connect() as connection:
        return list_matches(connection, views, asked, after=None, limit=limit)


def explain_match(settings: Settings, said: str) -> tuple[Match, Explanation | None]:
    """Return a pair, given as two numbers of records, with how it comes to its weight."""
    named = _PAIR.fullmatch(said)
    if named is None:
        raise WrongUse("a pair is named by two numbers of records, such as 17-42")
    pair = int(named[1]), int(named[2])
    with engine(settings).connect() as connection:
        model = MODELS[pair_type(connection, *pair)]
        found = get_match(connection, visible(CALLER, model, values=False), *pair)
        return found, explain_pair(connection, found)
