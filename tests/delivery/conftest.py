"""A town for every test of deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.config import Settings
from tests.delivery.town import Town, a_town


@pytest.fixture
def town(settings: Settings, tmp_path: Path) -> Iterator[Town]:
    with a_town(settings, tmp_path) as town:
        yield town
