"""Numbers of citizens, documents, owners and bodies."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from schemas.kinds import (
    CitizenId,
    DocumentNo,
    OwnerId,
    Uscc,
    Verdict,
    birth_date_of,
    has_uscc_check,
    sex_of,
)
from schemas.kinds.dates import today


def citizen(body: str) -> str:
    """Complete seventeen digits by the check character of an independent implementation."""
    return body + ric.calc_check_digit(body + "0")


def judged(kind: CitizenId | DocumentNo | OwnerId | Uscc, said: str) -> Verdict:
    parts = kind.judge(pd.Series([said], dtype="str"))
    cells = [getattr(parts, name)[0] for name in ("values", "rules", "notes")]
    return Verdict(*(None if pd.isna(cell) else str(cell) for cell in cells))


KNOWN = citizen("63010219900307123")
UNKNOWN = citizen("99010119900307123")
WITH_X = next(
    number for tail in range(100, 200) if (number := citizen(f"99010119900307{tail}")).endswith("X")
)
TOMORROW = (today() + timedelta(days=1)).strftime("%Y%m%d")


@pytest.mark.parametrize(
    ("said", "value", "note"),
    [
        (KNOWN, KNOWN, None),
        (UNKNOWN, UNKNOWN, "division.unknown"),
        (WITH_X.lower(), WITH_X, "division.unknown"),
        (f" {KNOWN[:6]} {KNOWN[6:14]}　{KNOWN[14:]} ", KNOWN, None),
        (
            KNOWN.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}),
            KNOWN,
            None,
        ),
        (f"'{KNOWN}", KNOWN, None),
        (f"{KNOWN[:6]}-{KNOWN[6:14]}-{KNOWN[14:]}", KNOWN, None),
        ("630102900307123", KNOWN, "citizen_id.upgraded"),
        ("990101900307123", UNKNOWN, "division.unknown"),
    ],
)
def test_a_number_is_mended_however_it_is_typed(said: str, value: str, note: str | None) -> None:
    assert judged(CitizenId(), said) == Verdict(value, None, note)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        (KNOWN[:17] + ("1" if KNOWN[17] != "1" else "2"), "citizen_id.checksum"),
        (citizen("99010119900230123"), "citizen_id.birth_date"),
        (citizen("99010119901301123"), "citizen_id.birth_date"),
        (citizen("99010118791231123"), "citizen_id.birth_date"),
        (citizen(f"990101{TOMORROW}123"), "citizen_id.birth_date"),
        ("990101900230123", "citizen_id.birth_date"),
        ("111111111111111111", "citizen_id.placeholder"),
        ("000000000000000000", "citizen_id.placeholder"),
        ("11111111111111111X", "citizen_id.placeholder"),
        ("111111111111111", "citizen_id.placeholder"),
        ("123456789012345678", "citizen_id.placeholder"),
        ("6.30102E+17", "citizen_id.ruined"),
        ("6.30102199001011e+17", "citizen_id.ruined"),
        ("630102199003071000", "citizen_id.ruined"),
        ("630102199003071000.0", "citizen_id.ruined"),
        ("630102********1234", "citizen_id.masked"),
        ("630102********123X", "citizen_id.masked"),
        ("6301****1234", "citizen_id.masked"),
        ("６３０１０２＊＊＊＊＊＊＊＊１２３４", "citizen_id.masked"),
        ("63010219900307123", "citizen_id.unreadable"),
        ("张三", "citizen_id.unreadable"),
        ("13897012345", "citizen_id.unreadable"),
    ],
)
def test_a_number_that_cannot_be_one_is_blanked(said: str, rule: str) -> None:
    assert judged(CitizenId(), said) == Verdict(None, rule)


@pytest.mark.parametrize("said", ["0", "无", "　", "N/A"])
def test_a_number_not_given_is_nothing_said(said: str) -> None:
    assert judged(CitizenId(), said) == Verdict(None)


@given(
    birth=st.dates(date(1880, 1, 1), today()),
    sequence=st.integers(1, 999),
    check=st.sampled_from("0123456789X"),
)
def test_the_check_agrees_with_an_independent_implementation(
    birth: date, sequence: int, check: str
) -> None:
    number = f"990101{birth:%Y%m%d}{sequence:03d}{check}"
    if not number.endswith("000"):
        right = ric.calc_check_digit(number) == check
        assert (judged(CitizenId(), number).value == number) is right


def test_birth_date_and_sex_are_read_out_of_numbers() -> None:
    numbers = pd.Series([KNOWN, None, citizen("99010120001231124")], dtype="str")
    assert birth_date_of(numbers).fillna("").tolist() == ["1990-03-07", "", "2000-12-31"]
    assert sex_of(numbers).fillna("").tolist() == ["1", "", "2"]


def test_birth_date_and_sex_of_nobody_are_missing() -> None:
    for numbers in (pd.Series([], dtype="str"), pd.Series([None], dtype="str"), pd.Series([None])):
        assert birth_date_of(numbers).isna().all()
        assert sex_of(numbers).isna().all()


BODY = "91990100MA7580000"
CREDIT = BODY + uscc.calc_check_digit(BODY)
DIGITS_ONLY = next(
    code
    for number in range(1000)
    if (code := (body := f"91990100{number:09d}") + uscc.calc_check_digit(body)).isdigit()
)


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (CREDIT, Verdict(CREDIT)),
        (CREDIT.lower(), Verdict(CREDIT)),
        (f" {CREDIT[:8]} {CREDIT[8:]}", Verdict(CREDIT)),
        (BODY + ("0" if CREDIT[-1] != "0" else "1"), Verdict(None, "uscc.checksum")),
        ("000000000000000000", Verdict(None, "uscc.checksum")),
        ("0301", Verdict(None, "uscc.unreadable")),
        ("91990100IOZSV0000A", Verdict(None, "uscc.unreadable")),
    ],
)
def test_credit_codes_need_their_form_and_check(said: str, verdict: Verdict) -> None:
    assert judged(Uscc(), said) == verdict


@given(st.integers(0, 31**9 - 1), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_the_credit_check_agrees_with_an_independent_implementation(
    number: int, check: str
) -> None:
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    tail = "".join(letters[number // 31**place % 31] for place in range(9))
    assert has_uscc_check(f"91990100{tail}{check}") is uscc.is_valid(f"91990100{tail}{check}")


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (KNOWN, Verdict(KNOWN)),
        (UNKNOWN.lower(), Verdict(UNKNOWN, None, "division.unknown")),
        (KNOWN[:17] + ("1" if KNOWN[17] != "1" else "2"), Verdict(None, "citizen_id.checksum")),
        (CREDIT, Verdict(CREDIT)),
        (DIGITS_ONLY, Verdict(DIGITS_ONLY)),
        (BODY + ("0" if CREDIT[-1] != "0" else "1"), Verdict(None, "uscc.checksum")),
        ("e12345678", Verdict("E12345678")),
        ("630102********1234", Verdict(None, "citizen_id.masked")),
        ("6.30102E+17", Verdict(None, "citizen_id.ruined")),
        ("111111111111111111", Verdict(None, "citizen_id.placeholder")),
        ("12", Verdict(None, "owner_id.unreadable")),
        ("630102900307123", Verdict(KNOWN, None, "citizen_id.upgraded")),
    ],
)
def test_an_owner_is_a_citizen_a_body_or_holds_another_document(
    said: str, verdict: Verdict
) -> None:
    assert judged(OwnerId(), said) == verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("e 1234-5678", Verdict("E12345678")),
        ("Ｈ０８７６５４３２", Verdict("H08765432")),
        ("E12****78", Verdict(None, "document_no.masked")),
        ("1234", Verdict(None, "document_no.unreadable")),
        ("00000000", Verdict(None, "document_no.unreadable")),
        ("护照", Verdict(None, "document_no.unreadable")),
        ("无", Verdict(None)),
    ],
)
def test_document_numbers_are_five_to_twenty_two_characters(said: str, verdict: Verdict) -> None:
    assert judged(DocumentNo(), said) == verdict
