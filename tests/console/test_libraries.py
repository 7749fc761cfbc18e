"""Front-end libraries: only the file that is pinned counts, and the console works without any."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from httpx import Client

from hub.config import Settings
from hub.errors import SourceUnavailable
from hub.web.app import create_app
from hub.web.console import libraries, static
from hub.web.console.libraries import HTMX, fetch, find
from tests.web.served import served


def test_a_file_that_differs_is_as_good_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "BESIDE", tmp_path / "beside")
    (tmp_path / "libraries").mkdir()
    assert find(HTMX, tmp_path) is None
    (tmp_path / "libraries" / HTMX.name).write_text("alert(1)")
    assert find(HTMX, tmp_path) is None


def test_what_was_fetched_is_the_file_that_is_pinned(fetched: Path | None) -> None:
    if fetched is None:
        pytest.skip("htmx could not be fetched from npm")
    assert HTMX.read(fetched) is not None
    assert sorted(file.suffix for file in fetched.iterdir()) == [".js", ".js"]


def test_without_npm_nothing_is_fetched_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(SourceUnavailable, match="works without"):
        fetch(tmp_path / "libraries")


def test_the_console_works_without_libraries(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "BESIDE", tmp_path / "beside")
    monkeypatch.setattr(static, "_libraries", {})
    with served(create_app(settings)) as address, Client(base_url=address) as client:
        page = client.get("/login", headers={"Accept": "text/html"})
        assert page.status_code == 200
        # What is left is the hub's own and needs none of them.
        scripts = re.findall(r'<script src="([^"]+)"', page.text)
        assert [Path(script).name for script in scripts] == ["states.js"]
        assert client.get(scripts[0]).status_code == 200
        assert client.get(f"/console/static/00/{HTMX.name}").status_code == 404
