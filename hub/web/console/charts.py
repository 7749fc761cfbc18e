"""Charts as the templates of `charts.html` draw them: small, in lines and bars, and they print.

Only where things lie is reckoned here. What a chart shows is also told in a table beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import floor

#: The drawing's size and margins, in units of its own: it is scaled to the page.
WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 14, 30
#: At most so many days are written below a chart.
_TICKS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: its stretches, each as SVG has points, and where it ends."""

    label: str
    stretches: Sequence[str]
    dots: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart."""

    x: float
    y: float
    width: float
    height: float
    label: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart to be drawn: what it is called, its axes, its lines and bars."""

    title: str
    #: Places and texts along the foot, and up the side.
    below: Sequence[tuple[float, str]]
    beside: Sequence[tuple[float, str]]
    lines: Sequence[Line] = ()
    bars: Sequence[Bar] = ()
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - BOTTOM


def shares_by_day(
    title: str, days: Sequence[date], series: Sequence[tuple[str, Sequence[float | None]]]
) -> Chart:
    """Draw shares over days as lines; a day without a figure is a gap."""
    known = [share for _, shares in series for share in shares if share is not None]
    # Shares near all of it would all lie in one line on a scale from nothing.
    lowest = min(0.9, floor(min(known, default=0.0) * 10) / 10)
    xs = _along(days)
    lines = [
        Line(label, [*_stretches(xs, shares, lowest)], _lone(xs, shares, lowest))
        for label, shares in series
    ]
    steps = [lowest + (1 - lowest) * part / 4 for part in range(5)]
    beside = [(_up(step, lowest), f"{step:.1%}".replace(".0%", "%")) for step in steps]
    every = max(1, -(-len(days) // _TICKS))
    below = [(x, f"{day:%m-%d}") for x, day in zip(xs, days, strict=True)][::every]
    return Chart(title, below, beside, lines)


def counts_by_turn(title: str, counts: Sequence[tuple[str, int, bool]]) -> Chart:
    """Draw counts, each with a label and whether it is marked, as bars in their order."""
    most = max((count for _, count, _ in counts), default=0) or 1
    step = (WIDTH - LEFT - RIGHT) / max(len(counts), 1)
    space = HEIGHT - TOP - BOTTOM
    bars = []
    for place, (label, count, marked) in enumerate(counts):
        high = round(space * count / most, 1)
        x = round(LEFT + step * (place + 0.15), 1)
        y = round(HEIGHT - BOTTOM - high, 1)
        bars.append(Bar(x, y, round(step * 0.7, 1), high, f"{label}: {count:,}", marked))
    beside = [
        (round(HEIGHT - BOTTOM - space * part / 2, 1), f"{round(most * part / 2):,}")
        for part in range(3)
    ]
    return Chart(title, (), beside, bars=bars)


def _along(days: Sequence[date]) -> list[float]:
    if len(days) < 2:
        return [float(LEFT)] * len(days)
    span = (days[-1] - days[0]).days or 1
    wide = WIDTH - LEFT - RIGHT
    return [round(LEFT + wide * (day - days[0]).days / span, 1) for day in days]


def _up(share: float, lowest: float) -> float:
    space = HEIGHT - TOP - BOTTOM
    return round(TOP + space * (1 - (share - lowest) / (1 - lowest)), 1)


def _runs(
    xs: Sequence[float], shares: Sequence[float | None], lowest: float
) -> Iterator[list[tuple[float, float]]]:
    pairs = zip(xs, shares, strict=True)
    for known, run in groupby(pairs, key=lambda pair: pair[1] is not None):
        if known:
            yield [(x, _up(share, lowest)) for x, share in run if share is not None]


def _stretches(xs: Sequence[float], shares: Sequence[float | None], lowest: float) -> Iterator[str]:
    for run in _runs(xs, shares, lowest):
        if len(run) > 1:
            yield " ".join(f"{x},{y}" for x, y in run)


def _lone(
    xs: Sequence[float], shares: Sequence[float | None], lowest: float
) -> list[tuple[float, float]]:
    """Return what a line cannot show: days whose neighbours have no figure."""
    return [run[0] for run in _runs(xs, shares, lowest) if len(run) == 1]
