"""Figures that take long to find are kept for a moment; others are counted each time."""

from __future__ import annotations

from hub.web.recent import KEPT, QUICK, Recent


def test_what_took_long_is_shown_again_for_a_while() -> None:
    now, counted = [100.0], list[int]()
    kept = Recent(clock=lambda: now[0])

    def slowly() -> int:
        now[0] += QUICK * 1.5
        counted.append(1)
        return len(counted)

    assert [kept.figure("a", slowly), kept.figure("a", slowly)] == [1, 1]
    # Of something else, or of somebody who sees something else, it is another figure.
    assert kept.figure("b", slowly) == 2
    now[0] += KEPT
    assert kept.figure("a", slowly) == 3


def test_what_is_counted_quickly_is_counted_again() -> None:
    kept, counted = Recent(clock=lambda: 100.0), list[int]()

    def quickly() -> int:
        counted.append(1)
        return len(counted)

    assert [kept.figure("a", quickly), kept.figure("a", quickly)] == [1, 2]


def test_what_may_not_be_old_is_counted_again_however_long_that_takes() -> None:
    now = [100.0]
    kept = Recent(clock=lambda: now[0])

    def slowly() -> float:
        now[0] += QUICK * 2
        return now[0]

    first, again = (kept.figure("a", slowly, lambda found: found > 101) for _ in range(2))
    assert again > first
    now[0] = 101.0
    first, again = (kept.figure("a", slowly, lambda found: found > 101) for _ in range(2))
    assert again == first
