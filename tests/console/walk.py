"""Walking the console as somebody would: from its first page, by its own links, each page once.

So that what holds of every list holds of a list that nobody has thought of, too: the lists are
found, and a page that no link leads to is missed by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx import Client

HOME = "/console"
#: What the console shows lists in; `empty` is said where one has no line.
LISTS = frozenset({"hits", "lines", "todo", "figures", "tally", "keys"})


@dataclass
class Shown:
    """What a page holds: its links, its lists with the number of their lines, what it says."""

    path: str
    route: str
    status: int
    text: str
    links: list[str] = field(default_factory=list)
    #: By the kind of list: how many lines each one has.
    lists: list[tuple[str, int]] = field(default_factory=list)
    filters: bool = False
    empty: bool = False
    denied: bool = False

    @property
    def has_lists(self) -> bool:
        """Tell whether the page shows a list, be it without lines."""
        return bool(self.lists) or self.empty


class Reader(HTMLParser):
    """Reads off a page what is in it."""

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self.shown, self._open = shown, list[tuple[str, str, int]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        kinds = set(said.get("class", "").split())
        if tag == "a" and "href" in said:
            self.shown.links.append(said["href"])
        if tag == "form" and kinds & {"filters", "inline"}:
            self.shown.filters = True
        self.shown.empty |= "empty" in kinds
        if tag == "tbody" or (tag in ("ul", "dl") and kinds & LISTS):
            self._open.append((tag, (kinds & LISTS or {"table"}).copy().pop(), 0))
        elif self._open and tag == {"tbody": "tr", "ul": "li", "dl": "div"}[self._open[-1][0]]:
            outer, kind, count = self._open.pop()
            self._open.append((outer, kind, count + 1))

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag == self._open[-1][0]:
            _, kind, count = self._open.pop()
            self.shown.lists.append((kind, count))


def page_routes(app: FastAPI) -> dict[str, APIRoute]:
    """Return the routes that answer a browser with a page of the console, by name."""
    return {
        str(route.operation_id): route
        for route in app.routes
        if isinstance(route, APIRoute)
        and "GET" in route.methods
        and (route.path == HOME or route.path.startswith(HOME + "/"))
    }


def route_of(app: FastAPI, path: str) -> str | None:
    """Return the name of the page that an address is of."""
    return next(
        (name for name, one in page_routes(app).items() if one.path_regex.match(path)), None
    )


def shown(client: Client, path: str, route: str) -> Shown:
    """Ask for a page and read it."""
    answered = client.get(path)
    found = Shown(path, route, answered.status_code, answered.text)
    if "text/html" in answered.headers.get("Content-Type", ""):
        Reader(found).feed(answered.text)
    return found


def walk(app: FastAPI, client: Client, *more: str, each: int = 2) -> Iterator[Shown]:
    """Open what links lead to from the first page and from `more`, at most `each` of a kind."""
    waiting, asked, counts = [HOME, *more], set[str](), dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        route = route_of(app, urlsplit(path).path)
        if path in asked or route is None or counts.get(route, 0) >= each:
            continue
        asked.add(path)
        counts[route] = counts.get(route, 0) + 1
        found = shown(client, path, route)
        yield found
        for link in found.links:
            to = urlsplit(urljoin("http://hub" + path, link) if link[:1] != "/" else link)
            if to.netloc in ("", "hub") and re.match("/console(/|$)", to.path):
                waiting.append(to.path + (f"?{to.query}" if to.query else ""))
