"""Writing pages: one layout, one style, the catalogue's words, and what bounds a page.

Nothing of a page is kept by a browser or told to another site; scripts and styles come from the
hub's own files only, and none stand in the page itself.
"""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import quote

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from hub.store.default_grants import PURPOSES
from hub.web.console.navigation import places_for
from hub.web.console.static import address_of, script
from hub.web.console.words import LANGUAGES, Words, words_of
from hub.web.sessions import logged_in

LANGUAGE = "hub_language"
PURPOSE = "hub_purpose"
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2})?")

_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("style", "script", "worker", "connect", "img")),
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    # Not "no-referrer", under which browsers send forms without saying where they come from.
    "Referrer-Policy": "same-origin",
}


def words(request: Request) -> Words:
    """Return the texts of the language that a browser has chosen."""
    return words_of(request.cookies.get(LANGUAGE))


def page(request: Request, template: str, status: int = 200, **said: object) -> Response:
    """Write a page; ``back`` says where choosing a language leads, if not to the page itself."""
    return HTMLResponse(rendered(request, template, **said), status, HEADERS)


def rendered(request: Request, template: str, **said: object) -> str:
    """Write a template as text: a page, or a part of one that htmx puts into it."""
    texts, who = words(request), logged_in(request)
    given: dict[str, object] = {
        "t": texts,
        "languages": LANGUAGES,
        "who": who,
        "places": places_for(who.account.role, request.url.path) if who else [],
        "purpose": PURPOSES.get(who.purpose or "") if who else None,
        "back": request.url.path if request.method == "GET" else "/console",
        "style": address_of("console.css"),
        "icon": address_of("icon.svg"),
        "script": script(request.app.state.hub.settings.home),
        "states_script": address_of("states.js"),
    }
    return _templates().get_template(template).render(**{**given, **said})


def dated(text: str) -> Markup:
    """Keep days and times whole where a line is narrow: browsers break them after a hyphen."""
    return Markup(_DAY.sub(r'<span class="unbroken">\g<0></span>', str(escape(text))))


def is_part(request: Request) -> bool:
    """Tell whether htmx asks for a part of a page, not a browser for the whole of it."""
    return request.headers.get("hx-request") == "true"


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("hub.web.console"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["dated"] = dated
    made.filters["path"] = lambda text: quote(str(text), safe="")
    return made
