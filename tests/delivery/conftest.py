"""A town for every test of deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.config import Settings
from tests.conftest import a_hub_like
from tests.delivery.town import Town, a_town


@pytest.fixture
def town(settled: Settings, tmp_path: Path) -> Iterator[Town]:
    with a_hub_like(settled, tmp_path) as settings, a_town(settings, tmp_path) as town:
        yield town
