"""A hub with sources for every test of the jobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.config import Settings
from hub.database import engine
from tests.connectors.rest_server import RestServer
from tests.jobs.world import CITY, STREET, World, city_settings


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> Iterator[World]:
    """Give a test a hub, an inbox of the street office and a platform."""
    folder = tmp_path / "street"
    (folder / "inbox").mkdir(parents=True)
    with RestServer() as city:
        sources = {STREET: {"folder": str(folder)}, CITY: city_settings(city)}
        made = settings.model_copy(update={"sources": sources})
        yield World(made, folder, city)
        engine(made).dispose()
