"""Statutory periods: working days with make-up Saturdays, long holidays and years to come."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.config import WorkingDays, load_settings
from hub.errors import ConfigError
from hub.workdays import is_workday, settled, workday_after, workdays_between

ASKED = date(2026, 9, 24)
SPRING_2027 = WorkingDays(
    working=frozenset({date(2027, 2, 20)}), off=frozenset({date(2027, 2, 8), date(2027, 2, 9)})
)
days = st.dates(date(2010, 1, 1), date(2028, 12, 31))


def test_a_conditional_request_of_24_september_2026_is_due_on_15_october() -> None:
    assert workday_after(ASKED, 10) == date(2026, 10, 15)


def test_an_unconditional_request_of_24_september_2026_is_due_on_28_september() -> None:
    assert workday_after(ASKED, 1) == date(2026, 9, 28)


def test_a_request_answered_in_time_is_delivered_within_twenty_days() -> None:
    assert workday_after(date(2026, 10, 15), 20) == date(2026, 11, 12)


def test_a_make_up_saturday_is_worked_and_national_day_is_not() -> None:
    assert date(2026, 10, 10).weekday() == 5
    assert is_workday(date(2026, 10, 10))
    assert not any(is_workday(date(2026, 10, day)) for day in range(1, 8))


def test_proclaimed_days_go_before_the_calendar() -> None:
    assert not is_workday(date(2027, 2, 8), SPRING_2027)
    assert is_workday(date(2027, 2, 20), SPRING_2027)
    assert workday_after(date(2027, 2, 5), 2, SPRING_2027) == date(2027, 2, 11)


def test_a_year_nobody_knows_has_weekends_and_the_fixed_holidays_off_and_says_so() -> None:
    assert not is_workday(date(2027, 1, 1))
    assert is_workday(date(2027, 1, 4))
    assert not is_workday(date(2027, 1, 9))
    assert settled(ASKED, date(2026, 12, 31))
    assert not settled(ASKED, date(2027, 1, 4))
    assert settled(ASKED, date(2027, 1, 4), SPRING_2027)


@given(days, st.integers(0, 60))
def test_a_period_counts_as_many_working_days_as_it_has(start: date, count: int) -> None:
    end = workday_after(start, count)
    assert workdays_between(start, end) == count
    assert workdays_between(end, start) == -count
    assert count == 0 or is_workday(end)


@given(days)
def test_a_later_start_is_never_due_earlier(start: date) -> None:
    assert workday_after(start, 10) <= workday_after(start + timedelta(days=1), 10)


def test_proclaimed_days_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_WORKING_DAYS__OFF", "2027-02-08, 2027-02-09")
    monkeypatch.setenv("HUB_WORKING_DAYS__WORKING", "2027-02-20")
    settings = load_settings()
    assert settings.working_days == SPRING_2027
    assert settings.environment()["HUB_WORKING_DAYS__OFF"] == "2027-02-08,2027-02-09"


def test_a_day_that_is_both_worked_and_off_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_WORKING_DAYS__OFF", "2027-02-08")
    monkeypatch.setenv("HUB_WORKING_DAYS__WORKING", "2027-02-08")
    with pytest.raises(ConfigError, match="both"):
        load_settings()
