"""What tests of the console have in common."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from hub.web.console.libraries import Library

AXE = Library(
    "axe-core",
    "4.11.1",
    "axe.min.js",
    "c1bdf382f2dc65e30549e734f1d93b83c2bcc83145017dae34a570394ba8c3073fc087c4dade975548d31203eb389092",
)
PASSWORD = "correct horse 电池"


def form_token(text: str) -> str:
    """Return the token that a page's forms carry."""
    return re.findall('name="form_token" value="([^"]+)"', text)[0]


def hidden(text: str, name: str) -> str:
    """Return what a hidden field of a page holds."""
    return re.findall(f'name="{name}" value="([^"]*)"', text)[0].replace("&#34;", '"')


def log_in(page: Page, role: str = "worker") -> None:
    """Log in by the form."""
    page.goto("/console")
    page.fill("#name", f"王{role}")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/console")


def kept(page: Page, name: str) -> None:
    """Keep a picture of the page in the folder SCREENSHOTS, where one is named: they take long."""
    if folder := os.environ.get("SCREENSHOTS"):
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


def axe(page: Page, fetched: Path | None) -> list[str]:
    """Return whatever axe-core finds wrong with a page."""
    if fetched is None:
        pytest.skip("axe-core could not be fetched from npm")
    page.evaluate((fetched / AXE.name).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url} {one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
