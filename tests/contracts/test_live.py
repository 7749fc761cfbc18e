"""The published contracts, held to the live database by `datacontract` in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sqlalchemy import make_url

from hub.catalogue import contract
from hub.config import Settings
from hub.database import engine
from hub.demo import Departments, district
from hub.jobs.resolve import resolve
from hub.jobs.sync import sync
from schemas import MODELS
from tests.demo.test_sealed import sources_of

REQUIREMENTS = Path(__file__).with_name("datacontract-requirements.txt")
every_type = pytest.mark.parametrize("record_type", MODELS)
pytestmark = [pytest.mark.long, pytest.mark.timeout(1_800)]


@pytest.fixture(scope="session")
def datacontract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the tool, once for all tests of a session."""
    if given := os.environ.get("HUB_TESTS_DATACONTRACT"):
        return Path(given)
    folder = tmp_path_factory.mktemp("datacontract")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--quiet", "install", "--require-hashes"]
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [*pip, "-r", str(REQUIREMENTS)],
    ):
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("datacontract-cli cannot be installed here: no package index is reached")
    return folder / "bin" / "datacontract"


def run(tool: Path, folder: Path, *arguments: str, **surroundings: str) -> None:
    ran = subprocess.run(
        [str(tool), *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-6_000:] + ran.stderr[-2_000:]


@every_type
def test_the_published_contract_is_valid(
    datacontract: Path, tmp_path: Path, record_type: str
) -> None:
    file = tmp_path / "contract.odcs.yaml"
    file.write_text(yaml.safe_dump(contract(MODELS[record_type]), allow_unicode=True))
    run(datacontract, tmp_path, "lint", str(file))


@pytest.fixture
def hub(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A hub that has read and published the demo district."""
    with Departments(tmp_path / "departments", district(500, seed=5)) as departments:
        made = settings.model_copy(update={"sources": sources_of(departments)})
        assert sync(made).failures == {}
        resolve(made)
        yield made
        engine(made).dispose()


def test_the_live_database_keeps_every_contract(
    datacontract: Path, hub: Settings, tmp_path: Path
) -> None:
    assert hub.database_url is not None
    url = make_url(hub.database_url.get_secret_value())
    server = {
        "server": "live",
        "type": "postgres",
        "host": url.host or url.query["host"],
        "port": url.port or 5432,
        "database": url.database,
        "schema": "public",
    }
    login = {
        "DATACONTRACT_POSTGRES_USERNAME": url.username or "postgres",
        "DATACONTRACT_POSTGRES_PASSWORD": url.password or "none",
    }
    for model in MODELS.values():
        file = tmp_path / f"{model.record_type}.odcs.yaml"
        said = contract(model) | {"servers": [server]}
        file.write_text(yaml.safe_dump(said, allow_unicode=True))
        run(datacontract, tmp_path, "test", str(file), **login)
