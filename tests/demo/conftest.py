"""The demo district, made once for all tests of it."""

from __future__ import annotations

import pytest

from hub.demo import District, district


@pytest.fixture(scope="session")
def town() -> District:
    """Give a district large enough to count dirt in."""
    return district(20_000, seed=7)


@pytest.fixture(scope="session")
def town_later(town: District) -> District:
    """Give the same district two days later, when one row in twenty has changed."""
    return town.later(2, 0.05)


@pytest.fixture(scope="session")
def village() -> District:
    """Give a small district."""
    return district(1_000, seed=7)
