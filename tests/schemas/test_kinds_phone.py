"""Telephone numbers, one or several in a cell."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.kinds import DutyPhone, Phone, Verdict, split_phones

MOBILE, LANDLINE = "13800000001", "0971-8000001"


def split(*cells: str | None) -> list[tuple[str | None, list[str]]]:
    first, others = split_phones(pd.Series(cells, dtype="str"), "0971")
    return [
        (None if pd.isna(one) else str(one), [] if pd.isna(rest) else json.loads(rest))
        for one, rest in zip(first, others, strict=True)
    ]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (MOBILE, MOBILE),
        ("+86 138-0000-0001", MOBILE),
        ("0086 13800000001", MOBILE),
        ("8613800000001", MOBILE),
        ("138 0000 0001", MOBILE),
        ("１３８０００００００１", MOBILE),
        ("013800000001", MOBILE),
        ("13800000001(儿子)", MOBILE),
        ("手机：13800000001", MOBILE),
        (LANDLINE, LANDLINE),
        ("09718000001", LANDLINE),
        ("0971 8000001", LANDLINE),
        ("(0971)8000001", LANDLINE),
        ("0971－8000001", LANDLINE),
        ("+86 971 8000001", LANDLINE),
        ("0971-8000001转801", LANDLINE),
        ("0971-8000001-801", LANDLINE),
        ("01080000001", "010-80000001"),
        ("02180000001", "021-80000001"),
    ],
)
def test_a_number_is_mended_however_it_is_typed(said: str, value: str) -> None:
    assert Phone().verdict(said) == Verdict(value)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("8000001", "phone.unreadable"),
        ("12800000001", "phone.unreadable"),
        ("1380000000", "phone.unreadable"),
        ("138000000012", "phone.unreadable"),
        ("110", "phone.unreadable"),
        ("没有电话", "phone.unreadable"),
        ("138****0001", "phone.masked"),
    ],
)
def test_what_is_no_whole_number_is_blanked(said: str, rule: str) -> None:
    assert Phone().verdict(said) == Verdict(None, rule)


def test_of_several_numbers_the_first_counts() -> None:
    assert Phone().verdict(f"{MOBILE}/{LANDLINE}") == Verdict(MOBILE, None, "phone.several")


@pytest.mark.parametrize("separator", ["/", "、", ";", "；", ",", "，", " ", "　", " / ", "\n"])
def test_cells_with_several_numbers_are_split(separator: str) -> None:
    assert split(f"{MOBILE}{separator}8000001") == [(MOBILE, [LANDLINE])]


def test_the_first_number_that_can_be_read_counts() -> None:
    cell = f"123、{LANDLINE}、{MOBILE}、{MOBILE}"
    assert split(cell, None, "无电话", "8000001 13800000001") == [
        (LANDLINE, [MOBILE]),
        (None, []),
        ("无电话", []),
        (LANDLINE, [MOBILE]),
    ]


def test_a_space_inside_a_number_does_not_split_it() -> None:
    assert split("138 0000 0001", "0971 8000001") == [(MOBILE, []), (LANDLINE, [])]


def test_no_cells_give_no_numbers() -> None:
    assert split() == []
    assert split(None, None) == [(None, []), (None, [])]


@given(st.lists(st.from_regex(r"\A1[3-9][0-9]{9}\Z"), min_size=1, max_size=4, unique=True))
def test_no_number_of_a_cell_is_lost(numbers: list[str]) -> None:
    assert split("、".join(numbers)) == [(numbers[0], numbers[1:])]


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("8000001", Verdict("8000001")),
        ("800-0001", Verdict("8000001")),
        ("12345", Verdict("12345")),
        ("09718000001", Verdict(LANDLINE)),
        ("+86 13800000001", Verdict(MOBILE)),
        ("110", Verdict(None, "phone.unreadable")),
    ],
)
def test_a_duty_number_may_be_short_or_local(said: str, verdict: Verdict) -> None:
    assert DutyPhone().verdict(said) == verdict
