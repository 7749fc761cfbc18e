"""Sources are measured by what they say: complete, valid, timely, and agreeing with others."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import Engine

from hub.config import Settings
from hub.jobs.mending import first_to_mend
from hub.jobs.quality import measure_sources
from hub.store import tables
from hub.store.quality_figures import Asked, Counts, Figure, list_figures
from hub.store.quarantine import EVERY
from tests.web.build import Said, a_batch, a_golden

POLICE, STREET = "public_security", "street_office"
TODAY = date(2026, 9, 3)


def figures(engine: Engine, source: str, field: str = "") -> list[Figure]:
    with engine.connect() as connection:
        return list_figures(connection, EVERY, Asked(source, field=field))


def of(engine: Engine, source: str, field: str) -> Counts:
    (one,) = figures(engine, source, field)
    return one.counts


def test_values_are_compared_where_two_sources_speak(settings: Settings, engine: Engine) -> None:
    with engine.begin() as connection:
        police = Said(POLICE, "residents", "R1", {"person_name": "马", "sex_code": "1"})
        street = Said(STREET, "residents", "S1", {"person_name": "馬", "birth_date": "1980-01-01"})
        a_golden(connection, said=(police, street), person_name="马", sex_code="1")
        a_golden(connection, said=(Said(POLICE, "residents", "R2"),), person_name="")
    measure_sources(settings, TODAY)
    name = of(engine, STREET, "person_name")
    assert (name.records, name.filled, name.compared, name.agreed) == (1, 1, 1, 0)
    name = of(engine, POLICE, "person_name")
    assert (name.completeness, name.validity, name.agreement) == (0.5, 1.0, 1.0)
    # Nobody else says what sex they are.
    assert of(engine, POLICE, "sex_code").agreement is None


def test_changes_are_timely_that_came_within_a_day(settings: Settings, engine: Engine) -> None:
    with engine.begin() as connection:
        for number, hours in enumerate((2, 30)):
            a_golden(connection, said=(Said(POLICE, "residents", f"R{number}"),))
            connection.execute(
                sa.text(
                    """UPDATE record_person r SET recorded_at = now() - interval '3 days'
                    WHERE key = :key"""
                ),
                {"key": f"R{number}"},
            )
            connection.execute(
                sa.text(
                    """UPDATE batch SET received_at = now() - interval '3 days'
                        + make_interval(hours => :hours)
                    WHERE batch_id = (SELECT batch_id FROM record_person WHERE key = :key)"""
                ),
                {"key": f"R{number}", "hours": hours},
            )
    measure_sources(settings, TODAY)
    whole = of(engine, POLICE, "")
    assert (whole.recent, whole.timely, whole.timeliness) == (2, 1, 0.5)


def test_measuring_again_takes_the_place_of_the_day(settings: Settings, engine: Engine) -> None:
    with engine.begin() as connection:
        a_golden(connection, said=(Said(POLICE, "residents", "R1"),))
    measure_sources(settings, TODAY)
    with engine.begin() as connection:
        a_golden(connection, said=(Said(POLICE, "residents", "R2"),))
    measure_sources(settings, TODAY)
    assert of(engine, POLICE, "").records == 2


def test_what_costs_most_is_mended_first(engine: Engine) -> None:
    with engine.begin() as connection:
        batch = a_batch(connection, POLICE, "residents")
        about = {"source": POLICE, "dataset": "residents", "batch_id": batch}
        broken = [
            *(("phone.unreadable", "contact_phone", "blank", f"A{number}") for number in range(5)),
            *(("person.no_name", None, "quarantine", f"B{number}") for number in range(2)),
            *(("date.future", "residence_start_date", "warn", f"C{number}") for number in range(6)),
        ]
        for rule, field, fate, key in broken:
            said = {**about, "rule": rule, "field": field, "fate": fate, "key": key}
            connection.execute(tables.quarantine.insert().values(said | {"record_type": "person"}))
        found = first_to_mend(connection, EVERY, POLICE, 10)
    # Two records withheld weigh more than five telephones that the street office answers for.
    assert [(one.rule, one.rows) for one in found] == [
        ("person.no_name", 2),
        ("phone.unreadable", 5),
        ("date.future", 6),
    ]
