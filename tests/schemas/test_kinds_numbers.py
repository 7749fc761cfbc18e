"""Counts, measures, floors, yes and no."""

import pytest

from schemas.kinds import Boolean, Floor, Integer, Kind, Number, Verdict

AREA = Number(0, 100_000, 2)


@pytest.mark.parametrize(
    ("kind", "said", "value"),
    [
        (AREA, "89.50㎡", "89.50"),
        (AREA, "89.5", "89.50"),
        (AREA, "89", "89.00"),
        (AREA, "89.505", "89.51"),
        (AREA, "８９．５平方米", "89.50"),
        (AREA, "1,234.5", "1234.50"),
        (AREA, "-0", "0.00"),
        (Number(-200, 9000, 2), "-1.005", "-1.01"),
        (Number(0, 360), "45.0°", "45"),
        (Number(0, 360), "22.50", "22.5"),
        (Number(0, 360), "360", "360"),
        (Integer(0, 200), "3人", "3"),
        (Integer(0, 200), "12.0", "12"),
        (Integer(0, 200), "十二", "12"),
        (Integer(1900, 2100), "1998年", "1998"),
        (Integer(0, 3650), "30天", "30"),
        (Floor(), "3层", "3"),
        (Floor(), "三楼", "3"),
        (Floor(), "3F", "3"),
        (Floor(), "B1", "-1"),
        (Floor(), "负一", "-1"),
        (Floor(), "负2层", "-2"),
        (Floor(), "地下1层", "-1"),
        (Floor(), "-1", "-1"),
        (Floor(), "12.0", "12"),
        (Boolean(), "是", "true"),
        (Boolean(), "√", "true"),
        (Boolean(), "1", "true"),
        (Boolean(), "y", "true"),
        (Boolean(), "TRUE", "true"),
        (Boolean(), "否", "false"),
        (Boolean(), "0", "false"),
        (Boolean(), "Ｎ", "false"),
        (Boolean(), "False", "false"),
    ],
)
def test_a_number_is_read_with_its_unit(kind: Kind, said: str, value: str) -> None:
    assert kind.verdict(said) == Verdict(value)


@pytest.mark.parametrize(
    ("kind", "said", "rule"),
    [
        (AREA, "约90", "number.unreadable"),
        (AREA, "90-95", "number.unreadable"),
        (AREA, "9e3", "number.unreadable"),
        (AREA, "nan", "number.unreadable"),
        (AREA, "-1", "number.out_of_range"),
        (AREA, "100000.01", "number.out_of_range"),
        (AREA, "9" * 40, "number.unreadable"),
        (Integer(0, 20), "21", "number.out_of_range"),
        (Integer(0, 20), "1.5", "number.unreadable"),
        (Floor(), "0", "number.out_of_range"),
        (Floor(), "B21", "number.out_of_range"),
        (Floor(), "201", "number.out_of_range"),
        (Floor(), "3/18", "number.unreadable"),
        (Boolean(), "也许", "boolean.unreadable"),
        (Boolean(), "2", "boolean.unreadable"),
    ],
)
def test_what_is_no_such_number_is_blanked(kind: Kind, said: str, rule: str) -> None:
    assert kind.verdict(said) == Verdict(None, rule)


@pytest.mark.parametrize(
    ("kind", "text", "native"),
    [(AREA, "89.50", 89.5), (Integer(0, 9), "7", 7), (Boolean(), "true", True)],
)
def test_the_api_shows_numbers_as_numbers(kind: Kind, text: str, native: object) -> None:
    assert kind.native(text) == native
    assert kind.verdict(kind.text(native)) == Verdict(text)


def test_a_tiny_number_is_written_without_an_exponent() -> None:
    assert AREA.verdict(AREA.text(1e-7)) == Verdict("0.00")
