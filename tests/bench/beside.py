"""What the hub is measured beside: raw COPY, and dlt merging, of the same rows."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import make_url

from hub.database import copy_in, engine
from hub.demo import KEYS, District, changed_rows
from hub.errors import ConfigError
from tests.bench.fresh import fresh_database
from tests.bench.watched import Watched, watched

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "dlt-requirements.txt"

Tables = dict[str, pd.DataFrame]


def native(state: District, before: District | None = None) -> Tables:
    """Return the rows of all departments, or those that are new since; columns numbered.

    The names are Chinese, which dlt would fold into one another.
    """
    found = {}
    for (source, dataset), key in KEYS.items():
        rows = state.rows(source, dataset)
        if before is not None:
            rows = changed_rows(before.rows(source, dataset), rows)
        others = [name for name in rows.columns if name != key]
        names = {key: "key"} | {name: f"c{place}" for place, name in enumerate(others)}
        found[f"{source}__{dataset}"] = rows.rename(columns=names).astype("str")
    return found


def copy(home: Path, tables: Tables) -> dict[str, Any]:
    """COPY rows into bare tables of text."""
    settings = fresh_database(home, "copied")
    with engine(settings).begin() as connection:
        for name, rows in tables.items():
            columns = ", ".join(f"{column} text" for column in rows.columns)
            connection.execute(sa.text(f'CREATE TABLE "{name}" ({columns})'))
    began = perf_counter()
    with engine(settings).begin() as connection:
        for name, rows in tables.items():
            copy_in(connection, name, list(rows.columns), rows)
    seconds = perf_counter() - began
    engine(settings).dispose()
    return {"seconds": seconds, "rows": sum(map(len, tables.values()))}


class Dlt:
    """dlt in an environment of its own, with a database of its own.

    ``handed``: rows are given to it as ``arrow`` tables or as ``rows``, one by one.
    """

    def __init__(self, folder: Path, handed: str = "arrow") -> None:
        self._folder = folder
        self._handed = handed
        self._python = folder / "dlt" / "bin" / "python"
        self._install()
        self._state = folder / f"dlt_state_{handed}"
        shutil.rmtree(self._state, ignore_errors=True)
        settings = fresh_database(folder, f"merged_{handed}")
        assert settings.database_url is not None
        url = make_url(settings.database_url.get_secret_value())
        # dlt insists on a host, and on a password that the local server does not ask for.
        named = url.set(drivername="postgresql", host="localhost", password="none", port=5432)
        self._url = named.render_as_string(hide_password=False)

    def merge(self, tables: Tables) -> Watched:
        """Merge rows into the tables that are there."""
        rows = self._folder / "rows"
        shutil.rmtree(rows, ignore_errors=True)
        rows.mkdir()
        for name, table in tables.items():
            if len(table):
                table.to_parquet(rows / f"{name}.parquet", index=False)
        script = str(HERE / "dlt_merge.py")
        command = [str(self._python), script, self._url, str(self._state), str(rows)]
        command.append(self._handed)
        quiet = {"RUNTIME__LOG_LEVEL": "ERROR", "RUNTIME__DLTHUB_TELEMETRY": "false"}
        return watched("dlt", command, quiet, self._folder)

    def _install(self) -> None:
        wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
        mark = self._python.parents[1] / "installed"
        if mark.exists() and mark.read_text() == wanted:
            return
        pip = [str(self._python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(mark.parent)],
            [*pip, "--require-hashes", "-r", str(REQUIREMENTS)],
        ):
            if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
                raise ConfigError("dlt, to be measured beside, cannot be installed")
        mark.write_text(wanted)
