"""Dates and times as departments write them."""

from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.kinds import Date, Verdict, excel_serial, read_times
from schemas.kinds.dates import today

TOMORROW = (today() + timedelta(days=1)).isoformat()


def texts(series: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in series]


@pytest.mark.parametrize(
    "said",
    [
        "2021-03-05", "2021.3.5", "2021/03/05", "2021/3/5", "20210305", "2021年3月5日",
        "2021年03月05号", "２０２１．３．５", " 2021-3-5 ", "2021-03-05 00:00:00",
        "2021-03-05T08:30:00+08:00",
        "2021-03-04T16:00:00Z", "20210305101500", "2021/3/5 9:05", "二〇二一年三月五日",
        "2021. 3. 5",
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_usual_form(said: str) -> None:
    assert Date().verdict(said) == Verdict("2021-03-05")


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("1956年8月", "date.incomplete"),
        ("1956年", "date.incomplete"),
        ("1956", "date.incomplete"),
        ("1956.8", "date.incomplete"),
        ("195608", "date.incomplete"),
        ("19560800", "date.incomplete"),
        ("19900000", "date.unreadable"),
        ("1990-13-01", "date.unreadable"),
        ("1990-02-30", "date.unreadable"),
        ("44260", "date.unreadable"),
        ("21.3.5", "date.unreadable"),
        ("去年", "date.unreadable"),
        ("2021-W01-1", "date.unreadable"),
        (TOMORROW, "date.future"),
        ("1879-12-31", "date.before_1880"),
        ("1900-01-01", "date.placeholder"),
        ("19000101", "date.placeholder"),
        ("0001-01-01", "date.placeholder"),
        ("9999-12-31", "date.placeholder"),
    ],
)
def test_a_date_that_is_none_is_blanked(said: str, rule: str) -> None:
    assert Date().verdict(said) == Verdict(None, rule)


def test_the_end_of_a_permit_may_be_to_come_but_not_never() -> None:
    assert Date(future=True).verdict(TOMORROW) == Verdict(TOMORROW)
    assert Date(future=True).verdict("2999-01-01") == Verdict(None, "date.placeholder")


def test_today_and_the_first_day_of_1880_are_dates() -> None:
    for day in (today().isoformat(), "1880-01-01"):
        assert Date().verdict(day) == Verdict(day)


@given(st.dates(max_value=today(), min_value=today().replace(year=1900, month=2, day=1)))
def test_every_form_of_a_day_gives_the_same_day(day: object) -> None:
    iso = str(day)
    year, month, number = (int(part) for part in iso.split("-"))
    for said in (f"{year}.{month}.{number}", iso.replace("-", ""), f"{year}年{month}月{number}日"):
        assert Date().verdict(said).value == iso


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("20260901023000", "2026-09-01 02:30:00"),
        ("2026-09-01 02:30:00", "2026-09-01 02:30:00"),
        ("2026-09-01 02:30", "2026-09-01 02:30:00"),
        ("2026-09-01T02:30:00", "2026-09-01 02:30:00"),
        ("2026-09-01T02:30:00.123Z", "2026-09-01 10:30:00"),
        ("2026-08-31T18:30:00+00:00", "2026-09-01 02:30:00"),
        ("2026-09-01T02:30:00+0800", "2026-09-01 02:30:00"),
        ("2026-08-31T18:30:00+00", "2026-09-01 02:30:00"),
        ("20260831T183000Z", "2026-09-01 02:30:00"),
        ("20260901T023000+08:00", "2026-09-01 02:30:00"),
        ("20260901-08", None),
        ("2026-09-01-08", None),
        ("2026/9/1", "2026-09-01 00:00:00"),
        ("20260901", "2026-09-01 00:00:00"),
        ("20261301000000", None),
        ("2026-09-01 25:00:00", None),
        ("昨天", None),
        ("", None),
    ],
)
def test_times_are_local_times_of_one_form(said: str, time: str | None) -> None:
    assert texts(read_times(pd.Series([said, None], dtype="str"))) == [time, None]


@given(
    st.sampled_from(["", "-"]),
    st.lists(st.tuples(*(st.integers(0, most) for most in (9999, 13, 32, 25, 61, 61)))),
)
def test_a_column_of_times_is_read_as_each_of_them_alone(
    dash: str, numbers: list[tuple[int, ...]]
) -> None:
    form = "{:04}-{:02}-{:02} {:02}:{:02}:{:02}" if dash else "{:04}{:02}{:02}{:02}{:02}{:02}"
    said = [form.format(*one) for one in numbers]
    # Beside what nobody can read a column is not of one form, and is looked at one by one.
    alone = [texts(read_times(pd.Series([one, "昨天"], dtype="str")))[0] for one in said]
    assert texts(read_times(pd.Series([*said, None], dtype="str"))) == [*alone, None]


def test_no_times_are_read_from_no_rows() -> None:
    assert texts(read_times(pd.Series([], dtype="str"))) == []
    assert texts(read_times(pd.Series([None]))) == [None]


def test_only_five_digits_are_a_day_number_of_a_spreadsheet() -> None:
    said = pd.Series(["44260", "20525.0", "1956", "20210305", "2021.3.5", None], dtype="str")
    expected = ["2021-03-05", "1956-03-11", "1956", "20210305", "2021.3.5", None]
    assert texts(excel_serial(said)) == expected
