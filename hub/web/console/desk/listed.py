"""What the desk's lists have in common: filters as forms send them, the way to the next page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel, model_validator

from hub.web.asked import Limit
from hub.web.console.forms import Sent, form_sent

#: So many lines a page of a list has, unless told otherwise.
LINES = 25
Form = Annotated[Sent, Depends(form_sent)]


class Filters(BaseModel):
    """Parameters of a list as a form sends them: what is left empty filters nothing."""

    limit: Limit = LINES

    @model_validator(mode="before")
    @classmethod
    def _said(cls, sent: Any) -> Any:
        if not isinstance(sent, Mapping):
            return sent
        return {name: value for name, value in sent.items() if value not in ("", None)}


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
