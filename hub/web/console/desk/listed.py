"""What the desk's lists have in common: filters as forms send them, the way to the next page.

What a list is narrowed to stands in its address; nothing personal is ever among it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from pydantic import BaseModel, Field, model_validator

from connectors import CONNECTORS
from hub.web.asked import Asked, CursorText, Limit, Words
from hub.web.console.forms import Sent, form_sent
from hub.web.console.shown import source_title
from hub.web.console.words import Words as Texts

#: So many lines a page of a list has, unless told otherwise.
LINES = 25
#: Entries on a page of a list that lets nobody ask for more or fewer.
LISTED = 50
Form = Annotated[Sent, Depends(form_sent)]


class Chosen(BaseModel):
    """Parameters of a list as a form sends them: what is left empty filters nothing."""

    @model_validator(mode="before")
    @classmethod
    def _said(cls, sent: Any) -> Any:
        if not isinstance(sent, Mapping):
            return sent
        return {name: value for name, value in sent.items() if value not in ("", None)}


class Filters(Chosen):
    """Filters that the API has too, where a page is longer."""

    limit: Limit = LINES


class Narrowed(Chosen, Asked):
    """Parameters that stay in the address of a list, so that they survive."""

    source: Words | None = Field(None, max_length=60)
    dataset: Words | None = Field(None, max_length=60)
    cursor: CursorText | None = None

    def chosen(self) -> dict[str, Any]:
        """Return what was chosen, besides the page of the list."""
        usual = type(self)().model_dump()
        said = self.model_dump(exclude={"cursor"})
        return {name: one for name, one in said.items() if one != usual[name]}

    def address(self, path: str, **more: object) -> str:
        """Return an address with what was chosen, and more; None takes something back."""
        said = {**self.chosen(), **more}
        query = urlencode({name: one for name, one in said.items() if one is not None})
        return f"{path}?{query}" if query else path


def ways(request: Request, cursor: str | None) -> dict[str, str | None]:
    """Return the ways from a page of a list to the first one and to the next."""
    first = request.url.remove_query_params("cursor")
    onward = request.url.include_query_params(cursor=cursor)
    return {
        "first": _path(first.path, first.query) if "cursor" in request.query_params else None,
        "next": _path(onward.path, onward.query) if cursor else None,
    }


def _path(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def source_options(t: Texts) -> list[tuple[str, str]]:
    """Return the sources to choose from."""
    return [(name, source_title(t, name)) for name in CONNECTORS]


def dataset_options(t: Texts, source: str | None) -> list[tuple[str, str]]:
    """Return the datasets of a source to choose from."""
    known = CONNECTORS.get(source or "")
    return [(one.name, t.title(one.title)) for one in known.datasets] if known else []
