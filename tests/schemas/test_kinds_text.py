"""Running text, names, addresses of resources, lists."""

import pandas as pd
import pytest

from schemas.kinds import Coded, ListOf, PersonName, Text, Uri, Verdict, is_placeholder_name


def told(series: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in series]


@pytest.mark.parametrize(
    ("said", "value", "note"),
    [
        ("李　四", "李四", None),
        ("李 四", "李四", None),
        ("张三\u200b", "张三", None),
        ("欧阳娜娜", "欧阳娜娜", None),
        ("买买提•艾力", "买买提·艾力", None),
        ("买买提．艾力", "买买提·艾力", None),
        ("买买提.艾力", "买买提·艾力", None),
        ("买买提 ・ 艾力", "买买提·艾力", None),
        ("买买提··艾力", "买买提·艾力", None),
        ("Tom   LEE", "Tom LEE", None),
        ("ＴＯＭ　ＬＥＥ", "TOM LEE", None),
        ("王女士", "王女士", None),
        ("䶮", "䶮", None),
        ("𬱖", "𬱖", None),
        ("甯昇", "甯昇", None),
        ("王？", "王?", "person_name.lost_character"),
        ("王\ue863", "王\ue863", "person_name.private_character"),
        ("王 \ue863", "王\ue863", "person_name.private_character"),
        ("Jose\u0301", "José", None),
    ],
)
def test_a_name_is_written_in_one_way_and_keeps_its_characters(
    said: str, value: str, note: str | None
) -> None:
    assert PersonName().verdict(said) == Verdict(value, None, note)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("无名氏", "person_name.placeholder"),
        ("无 名 氏", "person_name.placeholder"),
        ("测试", "person_name.placeholder"),
        ("测试01", "person_name.placeholder"),
        ("test", "person_name.placeholder"),
        ("13897012345", "person_name.unreadable"),
        ("？？？", "person_name.unreadable"),
        ("***", "person_name.unreadable"),
        ("\U00057edc²", "person_name.unreadable"),
        ("甲" * 51, "person_name.too_long"),
    ],
)
def test_what_names_nobody_is_blanked(said: str, rule: str) -> None:
    assert PersonName().verdict(said) == Verdict(None, rule)


def test_placeholders_are_told_from_names() -> None:
    assert is_placeholder_name("测试用户2")
    assert not is_placeholder_name("测测")


@pytest.mark.parametrize(
    ("kind", "said", "verdict"),
    [
        (Text(5), " a  b\nc ", Verdict("a b c")),
        (Text(5), "abcdef", Verdict(None, "text.too_long")),
        (Text(9), "ｆｕｌｌ", Verdict("ｆｕｌｌ")),
        (Text(9, form="NFKC"), "ｆｕｌｌ", Verdict("full")),
        (Text(9, form="NFKC", spaces=False), "八一路 3 号", Verdict("八一路3号")),
        (Text(9, pattern="[a-z]+"), "abc", Verdict("abc")),
        (Text(9, pattern="[a-z]+"), "ab1", Verdict(None, "text.unreadable")),
        (Text(9), "0", Verdict(None)),
        (Text(9), "路\ue000", Verdict("路\ue000", None, "text.private_character")),
    ],
)
def test_text_is_normalised_and_limited(kind: Text, said: str, verdict: Verdict) -> None:
    assert kind.verdict(said) == verdict


@pytest.mark.parametrize(
    ("said", "value", "note"),
    [
        ("rtsp://10.0.0.1:554/live/1", "rtsp://10.0.0.1:554/live/1", None),
        ("rtsp://admin:12345@10.0.0.1:554/live", "rtsp://10.0.0.1:554/live", "removed"),
        ("rtsp://admin@10.0.0.1/live", "rtsp://10.0.0.1/live", "removed"),
        ("rtsp://admin:p@ss@10.0.0.1/live", "rtsp://10.0.0.1/live", "removed"),
        ("rtsp://admin:pa/ss@10.0.0.1:554/h", "rtsp://10.0.0.1:554/h", "removed"),
        ("http://h/x?user=a&password=b&id=3", "http://h/x?id=3", "removed"),
        ("rtsp://h/user=admin&password=&channel=1", "rtsp://h/channel=1", "removed"),
        ("http://h/楼 1", "http://h/%E6%A5%BC1", None),
        ("http://h/?mail=a@b", "http://h/?mail=a@b", None),
    ],
)
def test_accounts_are_cut_out_of_addresses(said: str, value: str, note: str | None) -> None:
    name = "uri.credentials_removed" if note else None
    assert Uri(500).verdict(said) == Verdict(value, None, name)


@pytest.mark.parametrize("said", ["live/1", "C:\\model", "://x", "http://", "rtsp:///x"])
def test_what_is_no_absolute_address_is_blanked(said: str) -> None:
    assert Uri(500).verdict(said) == Verdict(None, "uri.unreadable")


CARE = ListOf(Coded("HUB-CARE"), 3)


@pytest.mark.parametrize(
    ("kind", "said", "verdict"),
    [
        (CARE, '["02", "01"]', Verdict('["01", "02"]')),
        (CARE, "空巢、独居老人、空巢", Verdict('["01", "02"]')),
        (CARE, "01，02；08", Verdict('["01", "02", "08"]')),
        (CARE, "[]", Verdict("[]")),
        (CARE, "、", Verdict(None)),
        (CARE, "不存在", Verdict(None, "code.unknown")),
        (CARE, "01、不存在", Verdict('["01"]', None, "list.value_left_out")),
        (CARE, "01、02、03、08", Verdict(None, "list.too_long")),
        (ListOf(PersonName(), 3), "李 四、张三、李四", Verdict('["李四", "张三"]')),
        (ListOf(Text(20), 3), '["甲,乙", "丙"]', Verdict('["甲,乙", "丙"]')),
    ],
)
def test_a_list_holds_each_value_once(kind: ListOf, said: str, verdict: Verdict) -> None:
    assert kind.verdict(said) == verdict


def test_a_list_is_given_to_the_api_as_a_list() -> None:
    assert CARE.native('["01", "02"]') == ["01", "02"]
    assert CARE.text(["02", "01"]) == '["02", "01"]'


def test_each_distinct_value_is_judged_alike_wherever_it_stands() -> None:
    judged = PersonName().judge(pd.Series(["李 四", None, "李四", "李 四"], dtype="str"))
    assert told(judged.values) == ["李四", None, "李四", "李四"]
