"""Taking a step from a request's page: lead back to it, or show it again with what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from hub.errors import Conflict
from hub.store.grants import Stale
from hub.store.share_materials import Impossible
from hub.web.console.words import Words

#: The status of a page whose request is in another state than the form knew.
CHANGED = 409


@dataclass(frozen=True, slots=True)
class Page:
    """A request's page: its address, where it tells of its state, and its words for what is wrong.

    ``again`` shows it with errors by place and a status; what was typed stays unless the request
    has changed meanwhile.
    """

    path: str
    state: str
    incomplete: str
    changed: str
    again: Callable[[Mapping[str, str], int], Response]


def taken(t: Words, page: Page, step: str, take: Callable[[], object]) -> Response:
    """Take a step once; ``take`` reads the form and calls the API's own function."""
    try:
        take()
    except (ValidationError, Impossible):
        return page.again({step: t(page.incomplete)}, 422)
    except (Conflict, Stale):
        return page.again({page.state: t(page.changed)}, CHANGED)
    return RedirectResponse(page.path, 303)
