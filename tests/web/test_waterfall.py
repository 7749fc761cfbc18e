"""The picture of a pair's weight: always well-formed, whatever records say."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

from hypothesis import given
from hypothesis import strategies as st

from hub.web.waterfall import Bar, Labels, picture

SVG = "{http://www.w3.org/2000/svg}"
LABELS = Labels("zh-CN", "一条 / 另一条", "一条 / 另一条: +1.0 比特", "合计")


def drawn(*bars: Bar, **zones: float) -> Element:
    return fromstring(picture(LABELS, bars, zones))


def bars_of(drawing: Element) -> list[tuple[float, float]]:
    """Return where each bar begins and ends."""
    found = [bar for bar in drawing.iter(f"{SVG}rect") if bar.get("rx")]
    sides = [(float(str(bar.get("x"))), float(str(bar.get("width")))) for bar in found]
    return [(x, x + width) for x, width in sides]


def test_each_bar_begins_where_the_one_before_ended() -> None:
    first, second, third = bars_of(
        drawn(
            Bar("起点", "任意两条记录", "", "", -10.0),
            Bar("姓名", "相同", "甲", "甲", 15.0),
            Bar("性别", "不同", "1", "2", -5.0),
        )
    )
    # Nothing, minus ten, five, nothing: the second goes past where the first began.
    assert first[0] == second[0]
    assert third == (first[1], second[1])


def test_markup_in_a_value_stays_text() -> None:
    drawing = drawn(Bar("姓名", "相同", "<script>", '"&', 1.0), 归并=3.0)
    words = [text.text for text in drawing.iter(f"{SVG}text")]
    assert '<script> / "&' in words
    assert "归并" in words
    assert drawing.find(f".//{SVG}script") is None


@given(st.text(), st.floats(-60, 60))
def test_any_text_can_be_drawn(said: str, weight: float) -> None:
    drawing = drawn(Bar(said, said, said, said, weight), 归并=weight)
    assert drawing.get("role") == "img"
    assert f"{weight:+.1f}" in [text.text for text in drawing.iter(f"{SVG}text")]


def test_a_pair_without_steps_is_a_picture_too() -> None:
    assert bars_of(drawn()) == []
