"""Figures that take long to find are kept for a moment; others are counted each time."""

from __future__ import annotations

import time

import pytest

from hub.web import recent
from hub.web.recent import Recent


def test_what_took_long_is_shown_again_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, counted = Recent(), list[int]()

    def slowly() -> int:
        time.sleep(recent.QUICK * 1.5)
        counted.append(1)
        return len(counted)

    assert [kept.figure("a", slowly), kept.figure("a", slowly)] == [1, 1]
    # Of something else, or of somebody who sees something else, it is another figure.
    assert kept.figure("b", slowly) == 2
    monkeypatch.setattr(recent, "KEPT", 0.0)
    assert kept.figure("c", slowly) == 3
    assert kept.figure("c", slowly) == 4


def test_what_is_counted_quickly_is_counted_again() -> None:
    kept, counted = Recent(), list[int]()

    def quickly() -> int:
        counted.append(1)
        return len(counted)

    assert [kept.figure("a", quickly), kept.figure("a", quickly)] == [1, 2]
