"""A pair's weight as a picture: a bar for each step, one below the other (SVG)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from xml.etree.ElementTree import Element, SubElement, tostring

_WIDTH, _ROW, _HEAD = 980, 46, 64
#: Where the bars begin and end.
_FROM, _TO = 440, 920
_FOR, _AGAINST, _NEUTRAL, _INK, _FAINT = "#1d7a46", "#b3261e", "#8a8a8a", "#1f2328", "#6b7280"
_FONT = "'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
#: Signs that fit beside the bars.
_LONGEST = 34
# A picture is XML, which has no place for these.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Bar:
    """One step: what was compared, how far it agrees, both sides, and the bits it adds."""

    title: str
    level: str
    left: str
    right: str
    weight: float


@dataclass(frozen=True, slots=True)
class Labels:
    """What the picture itself says: the language it says it in, its title, the name of the sum."""

    language: str
    #: Which pair it is, and what it weighs.
    title: str
    summary: str
    total: str


def picture(labels: Labels, bars: Sequence[Bar], zones: Mapping[str, float]) -> bytes:
    """Draw the steps in their order; ``zones`` are the weights at which something is done."""
    totals = [0.0, *accumulate(bar.weight for bar in bars)]
    scale = _Scale([*totals, *zones.values()])
    height = _HEAD + _ROW * (len(bars) + 1) + 30
    drawing = _drawing(height, labels)
    for name, weight in zones.items():
        _mark(drawing, name, scale(weight), height)
    _line(drawing, scale(0.0), height, _FAINT)
    for nth, bar in enumerate(bars):
        _draw(drawing, bar, nth, scale(totals[nth]), scale(totals[nth + 1]))
    _total(drawing, len(bars), labels.total, totals[-1])
    drawn: bytes = tostring(drawing, encoding="utf-8", xml_declaration=True)
    return drawn


class _Scale:
    """Turns bits into places across the picture."""

    def __init__(self, weights: Sequence[float]) -> None:
        self._least = min(*weights, 0.0)
        self._wide = max(*weights, 1.0) - self._least

    def __call__(self, weight: float) -> float:
        return _FROM + (weight - self._least) / self._wide * (_TO - _FROM)


def _drawing(height: int, labels: Labels) -> Element:
    size = {"width": str(_WIDTH), "height": str(height), "viewBox": f"0 0 {_WIDTH} {height}"}
    about = {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "lang": labels.language}
    drawing = Element("svg", {**about, **size})
    SubElement(drawing, "title").text = _plain(labels.summary)
    background = {"width": "100%", "height": "100%", "fill": "#ffffff"}
    SubElement(drawing, "rect", background)
    _write(drawing, 20, 30, labels.title, size=15, bold=True)
    return drawing


def _mark(drawing: Element, name: str, x: float, height: int) -> None:
    _line(drawing, x, height, _INK, dashes="4 4")
    _write(drawing, x, height - 10, name, size=12, anchor="middle", ink=_FAINT)


def _line(drawing: Element, x: float, height: int, ink: str, dashes: str = "none") -> None:
    ends = {"x1": f"{x:.1f}", "x2": f"{x:.1f}", "y1": str(_HEAD - 12), "y2": str(height - 26)}
    SubElement(drawing, "line", {**ends, "stroke": ink, "stroke-dasharray": dashes})


def _draw(drawing: Element, bar: Bar, nth: int, begins: float, ends: float) -> None:
    top = _HEAD + nth * _ROW
    _write(drawing, 20, top + 16, f"{bar.title}: {bar.level}", size=14)
    if bar.left or bar.right:
        said = f"{_short(bar.left)} / {_short(bar.right)}"
        _write(drawing, 20, top + 34, said, size=12, ink=_FAINT)
    ink = _FOR if bar.weight > 0 else _AGAINST if bar.weight < 0 else _NEUTRAL
    place = {"x": f"{min(begins, ends):.1f}", "y": str(top + 4), "height": "24", "rx": "2"}
    width = {"width": f"{max(abs(ends - begins), 1.5):.1f}", "fill": ink}
    SubElement(drawing, "rect", {**place, **width})
    _write(drawing, max(begins, ends) + 6, top + 21, f"{bar.weight:+.1f}", size=12, ink=ink)


def _total(drawing: Element, rows: int, name: str, total: float) -> None:
    top = _HEAD + rows * _ROW
    _write(drawing, 20, top + 20, name, size=14, bold=True)
    _write(drawing, _FROM - 20, top + 20, f"{total:+.1f}", size=14, bold=True, anchor="end")


def _write(
    drawing: Element,
    x: float,
    y: float,
    said: str,
    *,
    size: int,
    bold: bool = False,
    anchor: str = "start",
    ink: str = _INK,
) -> None:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "fill": ink, "text-anchor": anchor}
    style = {
        "font-family": _FONT,
        "font-size": str(size),
        **({"font-weight": "600"} if bold else {}),
    }
    SubElement(drawing, "text", {**place, **style}).text = _plain(said)


def _short(said: str) -> str:
    half = _LONGEST // 2
    return said if len(said) <= half else f"{said[: half - 1]}…"


def _plain(said: str) -> str:
    return _NO_XML.sub("", said)
