"""The console's own files, and the libraries that were fetched: the only ones a page may use."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from importlib.resources import files
from mimetypes import guess_type
from pathlib import Path

from fastapi import Request
from starlette.responses import Response

from hub.web.console.libraries import HTMX, LIBRARIES, Library, find
from hub.web.problems import Problem
from hub.web.routes import router

routes = router("console")
_PATH = "/console/static"
# An address holds the file's digest, so what is behind it never changes.
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
#: Our own files by name.
OWN = ("console.css", "icon.svg", "keys.js", "map.js", "states.js")


@routes.get(
    f"{_PATH}/{{digest}}/{{name}}", operation_id="get_console_file", include_in_schema=False
)
def file(request: Request, digest: str, name: str) -> Response:
    """Answer with a file; it is the same for everybody."""
    content = _content(name, request.app.state.hub.settings.home)
    if content is None or _digest(content) != digest:
        raise Problem("not-found")
    kind = guess_type(name)[0] or "application/octet-stream"
    return Response(content, 200, _FOREVER, kind)


def address_of(name: str) -> str:
    """Return the address of one of our own files."""
    return f"{_PATH}/{_digest(_own(name))}/{name}"


def script(home: Path) -> str | None:
    """Return the address of htmx, or None where it was not fetched."""
    return library_address(HTMX, home)


def library_address(library: Library, home: Path) -> str | None:
    """Return the address of a library, or None where it was not fetched."""
    content = _library(library.name, home)
    return f"{_PATH}/{_digest(content)}/{library.name}" if content else None


def _content(name: str, home: Path) -> bytes | None:
    return _own(name) if name in OWN else _library(name, home)


@cache
def _own(name: str) -> bytes:
    return files("hub.web.console").joinpath("static", name).read_bytes()


_libraries: dict[str, bytes] = {}


def _library(name: str, home: Path) -> bytes | None:
    """Return a library; one that is not there yet may come while the hub runs."""
    if name not in _libraries:
        known = next((one for one in LIBRARIES if one.name == name), None)
        content = find(known, home) if known else None
        if content is None:
            return None
        _libraries[name] = content
    return _libraries[name]


@cache
def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=8).hexdigest()
