"""Survivorship: one datum, one source (design §4)."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.golden import Authorities, merge, origin_of
from schemas import House, Person, Section, fields
from tests.build import Said, a_record, members, since

STREET_FIELDS = frozenset(
    spec.name
    for model in (Person, House)
    for spec in fields(model)
    if spec.authority == "street_office"
)
AUTHORITIES = Authorities(
    trust={
        "public_security|residents": 10,
        "street_office|residents": 20,
        "worker|entries": 20,
        "urban_management|reporters": 50,
        "property|owners": 40,
        "property|rooms": 40,
    },
    speaks_for={
        "worker|entries": {"street_office": STREET_FIELDS},
        "property|rooms": {"surveying": frozenset({"floor_area_m2"})},
    },
)
POLICE = {"source": "public_security", "dataset": "residents"}
STREET = {"source": "street_office", "dataset": "residents"}
WORKER = {"source": "worker", "dataset": "entries"}
CALLERS = {"source": "urban_management", "dataset": "reporters"}
OWNERS = {"source": "property", "dataset": "owners"}
ROOMS = {"source": "property", "dataset": "rooms"}

#: Fields of a person: of public security's word, the street office's and the hub's own.
POLICE_FIELD, STREET_FIELD = "person_name", "last_visit_date"


@dataclass(frozen=True)
class Served:
    """What a golden record says in one field."""

    value: str | None
    mark: str | None
    record: int | None
    rule: str | None


def served(model: type[Section], field: str, *records: Said) -> Served:
    """Merge the records of one entity and tell what it says in a field."""
    return everything(model, *records)["E1", field]


def everything(model: type[Section], *records: Said) -> dict[tuple[str, str], Served]:
    golden = merge(model, members(model, *records), AUTHORITIES)
    found = {}
    for row, entity in enumerate(golden.entity_ids):
        for spec in fields(model):
            origin = origin_of(int(golden.origins[spec.name][row]))
            value = golden.values[spec.name][row]
            disputed, provisional = (
                golden.disputed[spec.name][row],
                golden.provisional[spec.name][row],
            )
            found[str(entity), spec.name] = Served(
                None if pd.isna(value) else str(value),
                "disputed" if disputed else "provisional" if provisional else None,
                golden.members[row][origin[0]] if origin else None,
                origin[1] if origin else None,
            )
    return found


def test_the_authority_wins_whatever_the_time() -> None:
    said = served(
        Person,
        POLICE_FIELD,
        a_record(**POLICE, person_name="李四", first_at="2001-01-01T00:00:00+08:00", record_id=1),
        a_record(**STREET, person_name="李四", first_at="2026-09-01T00:00:00+08:00", record_id=2),
    )
    assert said == Served("李四", None, 1, "authority")


def test_a_different_value_elsewhere_never_overwrites_and_is_a_dispute() -> None:
    said = served(
        Person,
        POLICE_FIELD,
        a_record(**STREET, person_name="李泗", first_at="2026-09-01T00:00:00+08:00", record_id=2),
        a_record(**POLICE, person_name="李四", first_at="2001-01-01T00:00:00+08:00", record_id=1),
    )
    assert said == Served("李四", "disputed", 1, "authority")


def test_where_the_authority_is_silent_another_fills_in_for_now() -> None:
    said = served(
        Person,
        POLICE_FIELD,
        a_record(**POLICE, person_name=None, record_id=1),
        a_record(**STREET, person_name="李四", record_id=2),
    )
    assert said == Served("李四", "provisional", 2, "stand_in")


def test_of_stand_ins_the_more_trusted_counts_then_the_newer() -> None:
    old = a_record(**CALLERS, person_name="甲", first_at="2020-01-01T00:00:00+08:00", record_id=1)
    new = a_record(**CALLERS, person_name="乙", first_at="2021-01-01T00:00:00+08:00", record_id=2)
    owner = a_record(**OWNERS, person_name="丙", first_at="2019-01-01T00:00:00+08:00", record_id=3)
    assert served(Person, POLICE_FIELD, old, new).value == "乙"
    assert served(Person, POLICE_FIELD, old, new, owner).value == "丙"


def test_within_one_authority_the_newest_value_counts_without_a_dispute() -> None:
    said = served(
        Person,
        POLICE_FIELD,
        a_record(**POLICE, person_name="新", first_at="2026-01-02T00:00:00+08:00", record_id=1),
        a_record(**POLICE, person_name="旧", first_at="2026-01-01T00:00:00+08:00", record_id=2),
    )
    assert said == Served("新", None, 1, "authority")


def test_of_equally_new_values_the_higher_key_counts() -> None:
    said = served(
        Person,
        POLICE_FIELD,
        a_record(**POLICE, person_name="高", key="R2", record_id=1),
        a_record(**POLICE, person_name="低", key="R1", record_id=2),
    )
    assert said == Served("高", None, 1, "authority")


def test_a_values_date_is_when_it_first_appeared() -> None:
    # The second row is older, but this value appeared in it later.
    said = served(
        Person,
        POLICE_FIELD,
        a_record(**POLICE, person_name="先", first_at="2026-02-01T00:00:00+08:00", record_id=1),
        a_record(
            **POLICE,
            person_name="后",
            first_at="2020-01-01T00:00:00+08:00",
            since=since(
                person_name="2026-03-01T00:00:00+08:00", sex_code="2027-01-01T00:00:00+08:00"
            ),
            record_id=2,
        ),
    )
    assert said == Served("后", None, 2, "authority")


def test_a_worker_speaks_for_the_street_office_and_disputes_nothing_it_may_say() -> None:
    said = served(
        Person,
        STREET_FIELD,
        a_record(**STREET, last_visit_date="2026-01-01", record_id=1),
        a_record(
            **WORKER,
            last_visit_date="2026-02-01",
            first_at="2026-02-01T10:00:00+08:00",
            record_id=2,
        ),
    )
    assert said == Served("2026-02-01", None, 2, "authority")


def test_who_acts_for_an_authority_does_so_in_the_agreed_fields_only() -> None:
    room = a_record(**ROOMS, floor_area_m2="89.50", building_structure="04", record_id=1)
    assert served(House, "floor_area_m2", room).mark is None
    assert served(House, "building_structure", room).mark == "provisional"


def test_what_is_the_hubs_own_is_taken_from_whoever_is_trusted_most() -> None:
    said = served(
        House,
        "building_code",
        a_record(**OWNERS, building_code="B", first_at="2026-09-01T00:00:00+08:00", record_id=1),
        a_record(**POLICE, building_code="A", record_id=2),
    )
    assert (said.value, said.record) == ("A", 2)


def test_nothing_said_is_nothing_served() -> None:
    assert served(Person, POLICE_FIELD, a_record()) == Served(None, None, None, None)


def test_no_records_make_no_golden_records() -> None:
    golden = merge(Person, members(Person), AUTHORITIES)
    assert len(golden.entity_ids) == len(golden.members) == 0
    assert not any(map(len, golden.values.values()))


_TIMES = [f"2026-0{month}-01T00:00:00+08:00" for month in (1, 2, 3)]
_NAMES = (POLICE_FIELD, STREET_FIELD, "community_code", "person_id", "household_no")


@st.composite
def drawn_members(draw: st.DrawFn) -> list[Said]:
    """Draw records of a few entities that agree and differ in a few fields."""
    voices = st.sampled_from((POLICE, STREET, WORKER, CALLERS, OWNERS))
    records = []
    for number in range(draw(st.integers(0, 8))):
        times = draw(st.dictionaries(st.sampled_from(_NAMES), st.sampled_from(_TIMES)))
        said = {name: draw(st.sampled_from((None, "a", "b"))) for name in _NAMES}
        records.append(
            a_record(
                **draw(voices),
                **said,
                entity_id=draw(st.sampled_from(("E1", "E2"))),
                record_id=number + 1,
                key=f"K{number}",
                first_at=draw(st.sampled_from(_TIMES)),
                since=since(**times) if times else None,
            )
        )
    return records


def expected(field: str, records: list[Said]) -> Served:
    """Say what survives, record by record, in the words of the design."""
    spec = next(spec for spec in fields(Person) if spec.name == field)
    speakers = [one for one in records if one[field] is not None]
    if not speakers:
        return Served(None, None, None, None)

    def origin(one: Said) -> str:
        return f"{one['source']}|{one['dataset']}"

    def has_word(one: Said) -> bool:
        return AUTHORITIES.has_word(origin(one), spec)

    def date(one: Said) -> str:
        return json.loads(one["since"] or "{}").get(field) or str(one["first_at"])

    own = spec.authority == "hub"
    heard = [one for one in speakers if has_word(one)] or speakers
    by_trust = own or not has_word(heard[0])
    best = min(AUTHORITIES.trust[origin(one)] for one in heard) if by_trust else None
    heard = [one for one in heard if best is None or AUTHORITIES.trust[origin(one)] == best]
    winner = max(heard, key=lambda one: (date(one), origin(one), str(one["key"])))

    def voice(one: Said) -> str | None:
        return "the authority" if has_word(one) and not own else one["source"]

    differs = any(one[field] != winner[field] and voice(one) != voice(winner) for one in speakers)
    stands_in = not has_word(winner)
    return Served(
        winner[field],
        "disputed" if differs else "provisional" if stands_in else None,
        int(str(winner["record_id"])),
        "stand_in" if stands_in else "authority",
    )


@settings(max_examples=80)
@given(drawn_members())
def test_every_value_is_the_one_the_rules_choose_record_by_record(records: list[Said]) -> None:
    found = everything(Person, *records)
    entities = {str(one["entity_id"]) for one in records}
    assert {entity for entity, _ in found} == entities
    for entity in entities:
        mine = [one for one in records if one["entity_id"] == entity]
        for name in _NAMES:
            assert found[entity, name] == expected(name, mine)


@settings(max_examples=30)
@given(drawn_members(), st.integers())
def test_order_of_arrival_does_not_matter(records: list[Said], seed: int) -> None:
    shuffled = random.Random(seed).sample(records, len(records))
    assert everything(Person, *shuffled) == everything(Person, *records)


@settings(max_examples=30)
@given(drawn_members())
def test_every_value_is_one_that_its_origin_said(records: list[Said]) -> None:
    by_id = {int(str(one["record_id"])): one for one in records}
    for (entity, name), said in everything(Person, *records).items():
        assert (said.value is None) is (said.record is None)
        if said.record is not None:
            assert by_id[said.record].get(name) == said.value
            assert by_id[said.record]["entity_id"] == entity


@settings(max_examples=30)
@given(drawn_members())
def test_entities_do_not_influence_each_other(records: list[Said]) -> None:
    together = everything(Person, *records)
    for entity in ("E1", "E2"):
        alone = everything(Person, *(one for one in records if one["entity_id"] == entity))
        assert alone == {place: said for place, said in together.items() if place[0] == entity}


@pytest.mark.parametrize("members_said", [1, 2, 300])
def test_members_are_listed_by_source_and_key(members_said: int) -> None:
    records = [a_record(**POLICE, key=f"K{n:04}", record_id=1000 - n) for n in range(members_said)]
    golden = merge(Person, members(Person, *reversed(records)), AUTHORITIES)
    assert golden.members == [[1000 - n for n in range(members_said)]]


@pytest.mark.parametrize(
    ("theirs", "key", "disputed"),
    [
        ("清真巷12号1栋2-301", "K1", False),
        ("清真巷12号1栋2-302", "K2", True),
        ("清真巷12号1栋2-301", None, True),
        ("城东区清真巷12号1号楼2单元301室", None, False),
    ],
)
def test_one_home_spelt_in_two_ways_is_no_dispute(
    theirs: str, key: str | None, disputed: bool
) -> None:
    ours = "城东区清真巷12号1号楼2单元301室"
    found = served(
        Person,
        "standard_address",
        a_record(**STREET, standard_address=ours, address_key="K1"),
        a_record(**WORKER | {"source": "property"}, standard_address=theirs, address_key=key),
    )
    assert found.value == ours
    assert (found.mark == "disputed") is disputed
