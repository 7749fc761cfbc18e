"""What a department changes in its own system reaches the others who hold it, and stops there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.config import Carrying
from hub.jobs.resolve import resolve
from hub.store import superseding
from tests.build import an_id_number
from tests.delivery.town import CITY, OWNERS, POLICE, STREET, Town

PHONE, NEXT = "13997001234", "13997005678"
SOON = timedelta(minutes=1)
OTHERS = (POLICE, CITY, OWNERS)


def street_says(town: Town, phone: str, at: str = "2998-01-01 00:00:00") -> None:
    """Have the street office, whose word counts on telephones, change one in its own system."""
    town.people[0][STREET] |= {"联系电话": phone, "更新时间": at}
    town.push(STREET, town.people[0][STREET])


def planned(town: Town) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the newest deliveries by source: state, and what the source should say."""
    rows = town.ask(
        """SELECT d.source, d.state, jsonb_object_agg(f.field, f.value)
        FROM delivery d JOIN delivery_field f USING (delivery_id)
        GROUP BY d.delivery_id ORDER BY d.number"""
    )
    return {source: (state, values) for source, state, values in rows}


def versions(town: Town) -> list[tuple[Any, ...]]:
    return town.ask("SELECT entity_id, version FROM golden_person ORDER BY 1")


def test_what_is_published_for_the_first_time_plans_nothing(town: Town) -> None:
    assert planned(town) == {}


def test_an_authoritys_own_change_is_planned_for_all_others_who_hold_it(town: Town) -> None:
    before = town.phone()

    street_says(town, PHONE)

    told = planned(town)
    assert told == {source: ("queued", {"contact_phone": PHONE}) for source in OTHERS}
    value, mark, version = town.phone()
    # What the others still say disputes nothing while the new value is on its way to them.
    assert (value, mark, version) == (PHONE, None, before[2] + 1)
    ((cause, owner),) = set(town.ask("SELECT cause ->> 'kind', owner FROM delivery"))
    assert (cause, owner) == ("batch", "stewards")


def test_it_reaches_them_and_two_readings_afterwards_change_nothing(town: Town) -> None:
    street_says(town, PHONE)
    town.deliver()
    assert town.city.rows["reporters"]["RP00001"]["Phone"] == PHONE
    assert {town.effects(source) for source in OTHERS} == {1}
    assert town.effects(STREET) == 0
    for source in (POLICE, OWNERS):
        town.answer(source, town.delivery(source).delivery_id)
    town.deliver(later=SOON)
    before, changes = versions(town), town.ask("SELECT count(*) FROM change")

    for _ in range(2):
        town.sync(POLICE, CITY)
        town.push(STREET, town.people[0][STREET])
        town.deliver(later=SOON)

    assert {source: state for source, (state, _) in planned(town).items()} == dict.fromkeys(
        OTHERS, "confirmed"
    )
    assert len(town.ask("SELECT FROM delivery")) == len(OTHERS)
    assert (versions(town), town.ask("SELECT count(*) FROM change")) == (before, changes)
    assert resolve(town.settings, full=True).changed == 0
    assert len(town.ask("SELECT FROM delivery")) == len(OTHERS)


def test_what_another_than_the_authority_says_travels_nowhere(town: Town) -> None:
    row = town.people[0][OWNERS] | {"link": PHONE, "update_time": "2998-01-01 00:00:00"}
    town.push(OWNERS, row)
    assert planned(town) == {}
    assert town.phone()[:2] == ("13997000001", "disputed")


def test_departments_that_go_on_to_differ_play_no_ping_pong(town: Town) -> None:
    for turn in range(3):
        row = town.people[0][OWNERS] | {"link": f"1399700900{turn}"}
        town.push(OWNERS, row | {"update_time": f"299{turn}-01-01 00:00:00"})
        town.deliver(later=SOON)
    assert planned(town) == {}
    street_says(town, PHONE)
    town.deliver(later=SOON)
    again = town.people[0][OWNERS] | {"link": "13997009009"}
    town.push(OWNERS, again | {"update_time": "2999-01-01 00:00:00"})
    town.deliver(later=SOON)
    # It was told once, and has its own word again.
    assert planned(town)[OWNERS][0] == "differs"
    assert town.effects(OWNERS) == 1
    assert town.phone()[:2] == (PHONE, "disputed")


def test_a_newer_change_goes_in_the_place_of_one_that_has_not_left(town: Town) -> None:
    street_says(town, PHONE)
    street_says(town, NEXT, "2999-01-01 00:00:00")
    assert planned(town)[CITY] == ("queued", {"contact_phone": NEXT})
    town.deliver()
    assert town.effects(CITY) == 1
    assert town.city.rows["reporters"]["RP00001"]["Phone"] == NEXT


def test_a_change_back_before_it_has_left_tells_nobody_anything(town: Town) -> None:
    street_says(town, PHONE)
    street_says(town, "13997000001", "2999-01-01 00:00:00")
    town.deliver()
    assert {town.effects(source) for source in OTHERS} == {0}
    assert {state for state, _ in planned(town).values()} == {"confirmed"}
    assert town.phone()[:2] == ("13997000001", None)


def test_who_speaks_of_somebody_for_the_first_time_changes_no_others_system(town: Town) -> None:
    known = an_id_number(77)
    police = town.people[0][POLICE] | {
        "rybh": "R000000000077",
        "gmsfhm": known,
        "xm": "祁连山",
        "dh": PHONE,
    }
    street = town.people[0][STREET] | {"人员编号": "SQ001-000077", "身份证号": known, "姓名": "祁连山", "联系电话": NEXT}  # fmt: skip
    town.push(POLICE, police)
    town.push(STREET, street)
    served = town.ask("SELECT contact_phone FROM golden_person WHERE citizen_id_no = :id", id=known)
    assert served == [(NEXT,)]
    assert planned(town) == {}


def test_what_a_source_has_no_words_for_is_its_own_to_keep(town: Town) -> None:
    # Two owners in one cell: the telephone is the first one's.
    street_says(town, PHONE)
    row = town.people[0][OWNERS]
    town.ask_and_keep(
        "UPDATE landing SET row = replace(row, :was, :now) WHERE key = :key",
        was=row["name"],
        now="李四、" + row["name"],
        key=row["member_id"],
    )
    town.deliver()
    state, values = planned(town)[OWNERS]
    assert (state, values) == ("refused", {"contact_phone": PHONE})
    assert "no words" in str(town.delivery(OWNERS).reason)
    assert town.phone()[1] == "disputed"


@pytest.mark.parametrize(
    ("carrying", "told"),
    [
        (Carrying(changes=False), set()),
        (Carrying(not_to=frozenset({POLICE, OWNERS})), {CITY}),
    ],
)
def test_a_district_says_who_is_told(carrying: Carrying, told: set[str], town: Town) -> None:
    town.settings = town.settings.model_copy(update={"carrying": carrying})
    street_says(town, PHONE)
    assert set(planned(town)) == told


def test_who_is_not_connected_is_told_nothing(town: Town) -> None:
    said = {name: said for name, said in town.settings.sources.items() if name != CITY}
    town.settings = town.settings.model_copy(update={"sources": said})
    street_says(town, PHONE)
    assert set(planned(town)) == {POLICE, OWNERS}


def test_a_remark_behind_a_name_asks_the_police_once(town: Town) -> None:
    def remarked(remark: str, at: str) -> None:
        row = town.people[0][STREET]
        town.push(STREET, row | {"姓名": row["姓名"] + remark, "更新时间": at})

    remarked("(已故)", "2998-01-01 00:00:00")
    query = "SELECT field, source, proposed, state, raised_by, delivery_id FROM correction"
    ((*said, delivery_id),) = town.ask(query)
    assert said == ["person_status", POLICE, "3", "open", STREET]
    served = town.ask(
        "SELECT person_status FROM golden_person WHERE entity_id = :p", p=town.person()
    )
    assert served == [("1",)], "whether somebody has died is the police's to say"

    town.deliver()
    assert town.effects(POLICE) == 1
    town.police.refuses = 1.0
    town.police.answer()
    town.deliver(later=SOON)
    assert town.ask("SELECT state, delivery_id FROM correction") == [("refused", delivery_id)]

    remarked("(已故)", "2998-02-01 00:00:00")
    assert len(town.ask("SELECT FROM correction")) == 1, "what was answered is not asked again"
    remarked("（搬走）", "2998-03-01 00:00:00")
    assert town.ask("SELECT proposed FROM correction WHERE state = 'open'") == [("2",)]


def test_what_is_on_its_way_to_persons_does_not_disturb_a_resolve_of_everything(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    street_says(town, NEXT)
    before = versions(town)
    monkeypatch.setattr(superseding, "_FEW", 0)
    resolve(town.settings, full=True)
    assert versions(town) == before
