"""Pages for people, written on the server: Chinese first, without scripts."""

from __future__ import annotations

import base64
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response


def page(template: str, status: int = 200, **words: object) -> Response:
    """Write a page; nothing in it is kept by a browser, or told to another site."""
    text = _templates().get_template(template).render(style=Markup(_style()), **words)
    return HTMLResponse(text, status, headers(_style()))


def headers(style: str = "") -> dict[str, str]:
    """Return what bounds a page: no scripts, no frames, no styles but the one that is in it."""
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("hub.web"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
    )


@cache
def _style() -> str:
    return files("hub.web").joinpath("templates", "page.css").read_text(encoding="utf-8")
