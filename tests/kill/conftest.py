"""Towns for all kills: what they go back to is made once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.postgres import release
from tests.kill.town import Town


@pytest.fixture(scope="session")
def new_town() -> Iterator[Town]:
    """Give a town that the hub knows nothing of yet."""
    with _town(known_before=False) as town:
        yield town


@pytest.fixture(scope="session")
def known_town() -> Iterator[Town]:
    """Give a town that the hub knows as it was two days ago."""
    with _town(known_before=True) as town:
        yield town


@contextmanager
def _town(*, known_before: bool) -> Iterator[Town]:
    folder = Path(tempfile.mkdtemp(prefix="hub-kill-"))
    # Under root the server's own account has to get in.
    folder.chmod(0o711)
    town = Town(folder, known_before=known_before)
    try:
        yield town
    finally:
        town.close()
        release(town.settings.home)
        shutil.rmtree(folder)
