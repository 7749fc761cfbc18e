"""What lists of the desk are narrowed to: parameters of the address, so that they survive.

Nothing personal is ever among them.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from pydantic import Field, model_validator

from connectors import CONNECTORS
from hub.web.asked import Asked, CursorText, Words
from hub.web.console.shown import source_title
from hub.web.console.words import Words as Texts

#: Entries on a page of a list.
LISTED = 50


class Narrowed(Asked):
    """Parameters of a list; a form sends those that nothing was chosen for as nothing."""

    source: Words | None = Field(None, max_length=60)
    dataset: Words | None = Field(None, max_length=60)
    cursor: CursorText | None = None

    @model_validator(mode="before")
    @classmethod
    def _chosen(cls, said: Any) -> Any:
        return {name: one for name, one in said.items() if one} if isinstance(said, dict) else said

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


def source_options(t: Texts) -> list[tuple[str, str]]:
    """Return the sources to choose from."""
    return [(name, source_title(t, name)) for name in CONNECTORS]


def dataset_options(t: Texts, source: str | None) -> list[tuple[str, str]]:
    """Return the datasets of a source to choose from."""
    known = CONNECTORS.get(source or "")
    return [(one.name, t.title(one.title)) for one in known.datasets] if known else []
