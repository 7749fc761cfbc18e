"""How Chinese text is written."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.chinese import arabic, fold_names, folded, numeral, settled, written_name


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("三", 3), ("十", 10), ("十二", 12), ("二十", 20), ("二十三", 23), ("一百零三", 103),
        ("一百二十", 120), ("五〇一", 501), ("五零一", 501), ("两", 2), ("廿一", 21), ("卅", 30),
        ("一千零一", 1001), ("〇", 0), ("三五十", None), ("3", None), ("", None), ("楼", None),
    ],
)  # fmt: skip
def test_chinese_numerals_are_read(said: str, number: int | None) -> None:
    assert numeral(said) == number


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("三号楼二单元五〇一", "3号楼2单元501"),
        ("两单元", "2单元"),
        ("第十二幢", "第12幢"),
        ("3号楼", "3号楼"),
        ("三五十", "三五十"),
    ],
)
def test_numerals_in_a_text_become_digits(said: str, written: str) -> None:
    assert arabic(said) == written


@given(st.integers(1, 99))
def test_every_small_number_is_read_back(number: int) -> None:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    said = (
        ("" if tens < 2 else digits[tens]) + ("十" if tens else "") + (digits[ones] if ones else "")
    )
    assert numeral(said) == number


@given(st.text(max_size=20))
def test_folding_and_settling_twice_is_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert settled(settled(text)) == settled(text)
    assert settled(settled(text, "NFKC", False), "NFKC", False) == settled(text, "NFKC", False)
    assert written_name(written_name(text)) == written_name(text)


def test_names_fold_to_match_keys_however_they_are_written() -> None:
    names = pd.Series(["張 三", "张三", "买买提•艾力", "买买提艾力", "Tom Lee", "TOM　LEE", None])
    keys = fold_names(names)
    assert keys[0] == keys[1]
    assert keys[2] == keys[3]
    assert keys[4] == keys[5]
    assert keys.isna().tolist() == [False] * 6 + [True]


def test_no_names_fold_to_no_keys() -> None:
    assert fold_names(pd.Series([], dtype="str")).tolist() == []
